// SPDX-License-Identifier: MIT
// JSON: a promise to programs ("schema": 1; see soundwarden(1)). Keys may join; none changes its meaning or goes.
// Levels are rounded to 0.01 dB; what does not exist is null.
#pragma once

#include "status.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::cli {

enum class JsonLayout : std::uint8_t {
    indented,
    one_line, ///< jsonl: the document on one line
};

/// The document of `status` and, with one output, of `show`. Ends in a newline.
std::string status_json(const Status &status, JsonLayout layout);
std::string show_json(const Status &status, const Output &output, JsonLayout layout);

/// `release`: the sinks (node.name) that nothing guards now.
std::string release_json(const std::vector<std::string> &sinks, JsonLayout layout);

// Lines of `monitor`: one object each, with "event" and "time" (`time` is RFC 3339). End in a newline.

/// "snapshot", "state": the daemon as a whole; the former with its outputs.
std::string snapshot_line(const Status &status, std::string_view time);
std::string state_line(const Status &status, std::string_view time);
/// "added", "removed", "changed": a whole output; `changed` names the keys that differ from before.
std::string output_line(std::string_view event, const Output &output, const std::vector<std::string_view> &changed,
                        std::string_view time);
/// "waiting", "daemon-gone".
std::string bare_line(std::string_view event, std::string_view time);

} // namespace soundwarden::cli
