// SPDX-License-Identifier: MIT
// The daemon's words as people read them. Machines, and people who type them, have the tokens themselves.
#pragma once

#include <string>
#include <string_view>

namespace soundwarden::cli {

/// Each is fit for a terminal, and is the token itself where English is spoken or the token is not known.
std::string socket_word(std::string_view token);       ///< the kind of an output
std::string load_word(std::string_view token);
std::string confidence_word(std::string_view token);
std::string verdict_word(std::string_view token);
std::string state_word(std::string_view token);        ///< of an output
std::string daemon_state_word(std::string_view token);

} // namespace soundwarden::cli
