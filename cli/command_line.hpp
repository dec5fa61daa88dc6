// SPDX-License-Identifier: MIT
// The command line of `soundwarden`: its verbs, their options and help.
#pragma once

#include "policy_options.hpp"
#include "verbs/verbs.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::cli {

/// One run. Outlives the parsing.
class CommandLine {
  public:
    CommandLine();
    CommandLine(const CommandLine &) = delete;
    CommandLine &operator=(const CommandLine &) = delete;

    /// Parses, and runs the verb that was given; its exit code. Throws Failure.
    int run(int argc, char **argv);

  private:
    /// What -o may name. Only `dose` has rows for a spreadsheet, only `status` numbers for a fleet.
    struct Printed {
        Format format = Format::text;
        bool csv = false;
        bool openmetrics = false;
    };
    struct Verb {
        CLI::App *app;
        std::function<int()> run;
    };

    CLI::App *add(const char *name, const std::string &what, std::function<int()> run);
    CLI::App *add_with_output(const char *name, const std::string &what, std::function<int()> run);
    void add_options();
    void add_looking();
    void add_watching();
    void add_telling();
    void add_wishing();
    void add_history();
    void check_printing() const;
    void speak_to_a_program() const;
    int run_given() const;

    CLI::App app_;
    std::vector<Verb> verbs_;
    CLI::App *status_ = nullptr;
    CLI::App *dose_ = nullptr;

    Global global_;
    Printed printed_;
    bool exit_code_ = false;
    bool wait_ = false;
    bool dot_ = false;
    bool on_ = true;
    bool all_ = false;
    std::string output_;
    std::string file_;
    std::string what_;
    AnswerRequest answer_;
    OverrideRequest override_;
    LogRequest log_;
    DoseRequest dose_request_;
    MeterRequest meter_;
    std::optional<PolicyOptions> policy_;
};

} // namespace soundwarden::cli
