// SPDX-License-Identifier: MIT
// Text: for people; it may change from one version to the next (programs read JSON).
#pragma once

#include "status.hpp"
#include "terminal.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::cli {

std::string status_text(const Status &status, const Style &style);
std::string show_text(const Output &output, const Style &style);

/// What was done: `guard OUTPUT on|off`, `release`.
std::string guard_text(const Output &output, bool on);
/// `answer OUTPUT LOAD`, `forget OUTPUT`: `output` is how it is now.
std::string answer_text(const Output &output, std::string_view load);
std::string forget_text(const Output &output);
/// `override OUTPUT`, likewise; `panic` and `resume`.
std::string override_text(const Output &output, double ceiling_dbfs, std::uint32_t seconds);
std::string cancel_text(const Output &output);
std::string panic_text(bool on);
std::string release_text(const std::vector<std::string> &sinks, bool by_daemon);

// Lines of `monitor`; `time` stands in front.
std::string added_text(const Output &output, std::string_view time, const Style &style);
std::string removed_text(const Output &output, std::string_view time, const Style &style);
std::string changed_text(const Output &before, const Output &after, const std::vector<std::string_view> &changed,
                         std::string_view time, const Style &style);
std::string state_text(const Status &status, std::string_view time, const Style &style);
std::string note_text(std::string_view note, std::string_view time, const Style &style);

} // namespace soundwarden::cli
