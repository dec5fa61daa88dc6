// SPDX-License-Identifier: MIT
// Lines for the journal and texts for the desktop.
#pragma once

#include "sink.hpp"

#include <string>

namespace soundwarden::engine {

/// "-9.4 dB"; "none" for +infinity, "silence" for −infinity.
std::string db_text(double db);

/// "Headphones: limit -9.4 dB (unknown load, assumed full-scale 1.4 V)".
std::string decision_text(const Output &output);

/// What people see as the guard's name and picture: those of the active output.
std::string guard_description(const Sink &sink);
std::string guard_icon(const Sink &sink);

} // namespace soundwarden::engine
