// SPDX-License-Identifier: MIT
// Sinks that a daemon left guarded when it went, as Soundwarden's part in WirePlumber holds them. For when no daemon runs.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::cli {

/// What the part says of each sink: node.name -> "held", "guarded", "free", "silent" or "quiet". From the output of
/// `pw-metadata -n soundwarden 0`; lines that are something else are left out.
std::map<std::string, std::string> phases_in(std::string_view listing);

/// One line for each sink that lost its guard, for people; empty where there is none or nobody answers in time.
std::string orphans_text(std::chrono::milliseconds timeout);

/// Asks the part to release every orphan whose node.name contains `text` (empty: all; else exactly one has to fit), and
/// waits until it has. The sinks that were released. Throws Failure: exit_no_such where none or several fit,
/// exit_unreachable where PipeWire does not answer or a daemon guards the sink after all, exit_failed otherwise.
std::vector<std::string> release_orphans(const std::string &text, std::chrono::milliseconds timeout);

} // namespace soundwarden::cli
