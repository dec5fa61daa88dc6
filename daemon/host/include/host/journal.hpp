// SPDX-License-Identifier: MIT
// What happened, as lines of the log with fields that programs can look for.
#pragma once

#include "engine/effect.hpp"
#include "engine/snapshot.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::host {

/// Of each kind of event ("edge", "decision", …): the MESSAGE_ID by which `journalctl -x` finds its explanation in
/// systemd/soundwarden.catalog. 32 hexadecimal digits; empty for an unknown kind.
std::string_view message_id(std::string_view what);

/// The fields of one line as journald takes them, "NAME=value": MESSAGE, PRIORITY, MESSAGE_ID, SYSLOG_IDENTIFIER, SOUNDWARDEN_EVENT and, where
/// known, SOUNDWARDEN_SINK. With an output (nullptr: none is concerned) SOUNDWARDEN_OUTPUT, _LOAD, _VERDICT, _RULE ("FILE:LINE NAME"), _REASON
/// and, where there is one, _CAP_DB (dBFS). Control characters become '?': names of devices are not trusted.
std::vector<std::string> journal_fields(const engine::Report &report, const engine::OutputView *output);

/// To the journal with its fields, where stderr leads there; else, and where journald does not take it, to spdlog's default logger. Debug
/// lines always go to the latter.
void log_event(const engine::Report &report, const engine::OutputView *output);

} // namespace soundwarden::host
