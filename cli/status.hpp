// SPDX-License-Identifier: MIT
// What the daemon says, as the CLI holds it. Tokens stay strings: a newer daemon may have some that this CLI does not
// know.
#pragma once

#include "exit_codes.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::cli {

struct Reason {
    std::string token;
    std::string sentence;
    bool operator==(const Reason &) const = default;
};

struct LoadShare {
    std::string load;
    double probability = 0.0; ///< 0 to 1
    bool operator==(const LoadShare &) const = default;
};

struct Fact {
    std::string source;
    std::string text;
    bool operator==(const Fact &) const = default;
};

struct Offender {
    std::string name;
    std::uint32_t times = 0;
    bool operator==(const Offender &) const = default;
};

struct Rule {
    std::string name;
    std::string file;
    std::uint32_t line = 0;
    bool operator==(const Rule &) const = default;
};

/// One output; units and meanings as in dbus/org.soundwarden.SoundWarden1.Output.xml, "none" and "not known" as
/// nullopt.
struct Output {
    std::string id;
    std::string name;
    std::string sink;
    std::string kind;
    bool active = false;
    std::string availability;
    std::vector<LoadShare> loads;
    std::string confidence;
    std::vector<Fact> evidence;
    std::string verdict;
    std::optional<double> ceiling_dbfs;
    std::optional<double> cap_dbfs;
    std::string state;
    std::string reason;
    Rule rule;
    std::vector<std::string> assumed;
    bool ask = false;
    bool governor = false;
    std::optional<double> start_level_db;
    std::optional<double> full_scale_volts;
    std::map<std::string, double> facts; ///< Output.Facts, the numbers
    std::string model;                   ///< Output.Facts, "load_model"
    double volume = 1.0; ///< amplitude
    bool mute = false;
    std::vector<Offender> offenders; ///< links past the guard that were removed
    std::optional<double> peak_dbfs; ///< nothing where nothing plays, and for digital silence
    std::optional<double> gain_reduction_db;
    bool operator==(const Output &) const = default;
};

struct Status {
    std::string version;
    std::string state;
    std::vector<Reason> reasons;
    std::string posture;
    std::vector<Output> outputs; ///< by sink; within a sink the active ones first
    bool operator==(const Status &) const = default;
};

/// The order of `Status::outputs`.
void sort_outputs(std::vector<Output> &outputs);

/// The JSON keys of all in which the two differ, but the meters.
std::vector<std::string_view> changes(const Output &before, const Output &after);

/// Whether the limiter takes away more than 0.1 dB now.
bool limiting(const Output &output);

/// `status --exit-code`: exit_blocked, else exit_degraded, else exit_limiting, else exit_ok.
ExitCode exit_code_of(const Status &status);

/// The output that `text` means: an id, a name, or any part of either that fits only one (case does not matter in
/// ASCII). Throws Failure (exit_no_such) that lists the candidates.
const Output &find_output(const Status &status, std::string_view text);

} // namespace soundwarden::cli
