// SPDX-License-Identifier: MIT
// Strings for the bus.
#pragma once

#include <string>
#include <string_view>

namespace soundwarden::dbus {

/// The text as D-Bus takes it: every byte that is not part of valid UTF-8, and NUL, becomes '?'. Names of devices come
/// from firmware; one bad byte would make the whole answer fail, for all outputs.
std::string valid_utf8(std::string_view text);

/// For the body of a notification, in which & < and > are markup.
std::string escaped(std::string_view text);

} // namespace soundwarden::dbus
