// SPDX-License-Identifier: MIT
// The verbs: each asks the daemon, prints, and returns the exit code. All throw Failure.
#pragma once

#include "access.hpp"
#include "log.hpp"
#include "terminal.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace soundwarden::cli {

enum class Format : std::uint8_t { text, json, jsonl };

/// What holds for every verb.
struct Global : Access {
    Format format = Format::text;
    ColourChoice colour = ColourChoice::automatic;
};

int run_status(const Global &global, bool tell_by_exit_code);
/// `status -o openmetrics`: exit_unreachable where the daemon cannot be reached, which is printed too.
int run_metrics(const Global &global);
int run_explain(const Global &global, const std::string &output);
int run_doctor(const Global &global);
int run_graph(const Global &global, bool dot);
int run_show(const Global &global, const std::string &output);
int run_guard(const Global &global, const std::string &output, bool on);
/// `output` empty: all. Also without a daemon, where Soundwarden's part in WirePlumber holds what one left.
int run_release(const Global &global, const std::string &output);

/// Facts as they were typed; empty: not given.
struct AnswerRequest {
    std::string output;
    std::string load;
    std::string model;
    std::string impedance;
    std::string sensitivity;
};
int run_answer(const Global &global, const AnswerRequest &request);
/// Exactly one of the two.
int run_forget(const Global &global, const std::string &output, bool all);
/// As they were typed; empty: not given.
struct OverrideRequest {
    std::string output;
    std::string ceiling;
    std::string how_long;
    bool cancel = false;
};
int run_override(const Global &global, const OverrideRequest &request);
/// `panic`, or `resume`.
int run_panic(const Global &global, bool on);
int run_log(const Global &global, const LogRequest &request);

struct DoseRequest {
    std::optional<std::int64_t> since_s;  ///< Unix seconds; nothing: today and the six days before
    bool csv = false;                     ///< in place of Global::format
    std::optional<std::string> svg, html; ///< files to write; "-": standard output
};
int run_dose(const Global &global, const DoseRequest &request);
struct MeterRequest {
    std::string output;                  ///< empty: all active ones
    std::optional<double> interval_s;    ///< 0.02 to 3600; nothing: 0.05 on a terminal, else 1
    std::optional<std::uint64_t> ticks;  ///< nothing: until the user has seen enough
};
int run_meter(const Global &global, const MeterRequest &request);
int run_monitor(const Global &global, bool wait);
/// `file`: of `soundwardend --trace`; "-": standard input. Without the daemon.
int run_replay(const Global &global, const std::string &file);

/// `complete outputs|loads`: for the completions of shells; a word a line, with what it is behind a tab. Without a daemon: nothing.
int run_complete(const Global &global, const std::string &what);

} // namespace soundwarden::cli
