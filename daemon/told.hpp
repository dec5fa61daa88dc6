// SPDX-License-Identifier: MIT
// What the parts of the daemon know, in the words of the bus. Pure.
#pragma once

#include "dbus/answers.hpp"
#include "engine/checks.hpp"
#include "pipewire_adapter/graph_view.hpp"
#include "policy/decide.hpp"

#include <vector>

namespace soundwarden {

dbus::Explained told(const policy::Explanation &explanation);
std::vector<dbus::CheckLine> told(const std::vector<engine::Check> &checks);
dbus::GraphPicture told(const pipewire_adapter::GraphView &view);

} // namespace soundwarden
