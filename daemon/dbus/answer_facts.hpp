// SPDX-License-Identifier: MIT
// What a client says is plugged in: read strictly, for it may make an output louder.
#pragma once

#include "bus/sdbus_compat.hpp"
#include "model/load.hpp"

#include <map>
#include <string>

namespace soundwarden::dbus {

/// Both throw sdbus::Error (InvalidArgument), with a sentence for people that says what would be right.
Load answered_load(const std::string &name);
/// Bounds as in the XML, which are those of policy files. A fact that is not known is an error: it may have been meant to restrict.
LoadFacts answered_facts(const std::map<std::string, sdbus::Variant> &facts);

} // namespace soundwarden::dbus
