// SPDX-License-Identifier: MIT
// soundwarden: the command. Reads the command line and hands over to a verb.
#include "failure.hpp"
#include "policy_options.hpp"
#include "terminal.hpp"
#include "verbs/verbs.hpp"
#include "version.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <clocale>
#include <cmath>
#include <csignal>
#include <exception>
#include <map>
#include <string>
#include <utility>

namespace {

using namespace soundwarden::cli;

constexpr double longest_timeout_s = 86400.0;

/// What -o may name. Only `dose` has rows for a spreadsheet, only `status` numbers for a fleet.
struct Printed {
    Format format = Format::text;
    bool csv = false;
    bool openmetrics = false;
};

struct CommandLine {
    Global global;
    Printed printed;
    bool exit_code = false;
    bool wait = false;
    bool dot = false;
    std::string output;
    std::string file;
    bool on = true;
    AnswerRequest answer;
    bool all = false;
    OverrideRequest wish;
    LogRequest log;
    DoseRequest dose;
    MeterRequest meter;
};

/// Turns a word into one of the values, with a message that names them all.
template <class Value>
CLI::Option *add_choice(CLI::App &app, const std::string &names, Value &target, std::map<std::string, Value> choices,
                        const std::string &what, const std::string &metavar) {
    return app
        .add_option_function<std::string>(
            names,
            [&target, choices = std::move(choices), names](const std::string &word) {
                const auto found = choices.find(word);
                if (found != choices.end()) {
                    target = found->second;
                    return;
                }
                std::string known;
                for (const auto &[name, value] : choices) known += (known.empty() ? "" : ", ") + name;
                throw CLI::ValidationError(names, "'" + word + "' is not one of: " + known);
            },
            what)
        ->type_name(metavar);
}

void add_options(CLI::App &app, CommandLine &line) {
    add_choice<Printed>(app, "-o,--output", line.printed,
                        {{"text", {}}, {"json", {Format::json}}, {"jsonl", {Format::jsonl}}, {"csv", {Format::text, true}}, {"openmetrics", {Format::text, false, true}}},
                        "how to print: text (default), json, jsonl (one object a line), openmetrics (only status), or csv (only dose)",
                        "text|json|jsonl|openmetrics|csv");
    add_choice<ColourChoice>(
        app, "--color", line.global.colour,
        {{"auto", ColourChoice::automatic}, {"always", ColourChoice::always}, {"never", ColourChoice::never}},
        "colours: auto (default; not with NO_COLOR), always or never", "auto|always|never");
    app.add_flag("--system", line.global.system, "ask the daemon of the whole machine, on the system bus (soundwardend --system)");
    app.add_option_function<double>(
           "--timeout",
           [&line](double seconds) {
               if (!(seconds > 0.0 && seconds <= longest_timeout_s))
                   throw CLI::ValidationError("--timeout", "give seconds above 0 and at most 86400");
               line.global.timeout = std::chrono::milliseconds{std::max(1L, std::lround(seconds * 1000.0))};
           },
           "how long to wait for the daemon's answer (default 5)")
        ->type_name("SECONDS");
}

struct WishVerbs {
    CLI::App *guard;
    CLI::App *release;
    CLI::App *override_for;
    CLI::App *panic;
    CLI::App *resume;
};

struct Verbs {
    CLI::App *answer;
    CLI::App *forget;
    CLI::App *log;
    CLI::App *dose;
};

/// `take` gets milliseconds since 1970.
template <class Take>
void add_since(CLI::App &verb, Take take) {
    verb.add_option_function<std::string>(
            "--since",
            [take = std::move(take)](const std::string &text) {
                const auto now = std::chrono::system_clock::now().time_since_epoch();
                take(parse_since(text, std::chrono::duration_cast<std::chrono::milliseconds>(now).count()));
            },
            "only from then on: 30min, 2h, 3d, today, yesterday, 14:30, 2026-11-29, \"2026-11-29 14:30\"")
        ->type_name("TIME|AGO");
}

CLI::App *add_dose(CLI::App &app, DoseRequest &request) {
    auto *dose = app.add_subcommand("dose", "how much of the week's sound allowance is used, by day; -o csv: by hour and output");
    add_since(*dose, [&request](std::int64_t unix_ms) { request.since_s = unix_ms / 1000; });
    dose->add_option("--svg", request.svg, "draw the days into this file instead; '-' is standard output")->type_name("FILE");
    dose->add_option("--html", request.html, "write a report into this file instead; '-' is standard output")->type_name("FILE");
    return dose;
}

CLI::App *add_meter(CLI::App &app, MeterRequest &request) {
    auto *meter = app.add_subcommand("meter", "live bars: levels, ceilings, what is taken away, the dose; lines where stdout is no terminal; q quits");
    meter->add_option("OUTPUT", request.output, "only this one: any part of its name or id that fits only one; default: all active ones");
    meter->add_option("--interval", request.interval_s, "from one look to the next, seconds (default 0.05 on a terminal, else 1)")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.02, 3600.0));
    meter->add_option("-n", request.ticks, "end after so many looks")->type_name("N")->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000}));
    return meter;
}

/// How much protection people want.
WishVerbs add_wish_verbs(CLI::App &app, CommandLine &line) {
    constexpr const char *one_output = "any part of its name or id that fits only one";
    auto *guard = app.add_subcommand("guard", "off: leave this output alone for good; on: guard it again");
    guard->add_option("OUTPUT", line.output, one_output)->required();
    add_choice<bool>(*guard, "SWITCH", line.on, {{"on", true}, {"off", false}}, "on or off", "on|off")->required();
    auto *release = app.add_subcommand("release", "end protection cleanly: of one output's sink, or of all");
    release->add_option("OUTPUT", line.output, std::string{one_output} + "; default: all");
    auto *override_for = app.add_subcommand("override", "another ceiling for a while, within what the policy permits; logged");
    override_for->add_option("OUTPUT", line.wish.output, one_output)->required();
    override_for->add_option("--ceiling", line.wish.ceiling, "how loud at most, dBFS: -6")->type_name("DB");
    override_for->add_option("--for", line.wish.how_long, "for how long: 10min, 1h")->type_name("TIME");
    override_for->add_flag("--cancel", line.wish.cancel, "end it now");
    auto *panic = app.add_subcommand("panic", "everything to silence now, also what is not guarded, until resume");
    auto *resume = app.add_subcommand("resume", "take panic back");
    return {guard, release, override_for, panic, resume};
}

/// What people tell it, and what it remembers.
Verbs add_memory_verbs(CLI::App &app, CommandLine &line) {
    constexpr const char *one_output = "any part of its name or id that fits only one";
    auto *answer = app.add_subcommand("answer", "say what is plugged in");
    answer->add_option("OUTPUT", line.answer.output, one_output)->required();
    answer->add_option("LOAD", line.answer.load,
                       "headphones, headset, in-ear, active-speakers, passive-speakers, line-input, headphone-amplifier, or unknown: not sure")
        ->required();
    answer->add_option("--model", line.answer.model, "what it is called")->type_name("NAME");
    answer->add_option("--impedance", line.answer.impedance, "of it, in ohms: 32")->type_name("OHM");
    answer->add_option("--sensitivity", line.answer.sensitivity, "of it: \"116.5 dB/V\", or with the impedance \"97 dB/mW\"")->type_name("DB");
    auto *forget = app.add_subcommand("forget", "take an answer back, or all of them");
    forget->add_option("OUTPUT", line.output, one_output);
    forget->add_flag("--all", line.all, "all answers, also for outputs that are not there now");
    auto *log = app.add_subcommand("log", "what has happened: edges, decisions, overrides, faults");
    log->add_option("OUTPUT", line.log.output, "only of its sink; for one that has gone, a part of the sink's name");
    add_since(*log, [&line](std::int64_t unix_ms) { line.log.since_unix_ms = unix_ms; });
    log->add_option("-n", line.log.most, "the newest so many (default 100; 0: the newest 10,000)")->type_name("N")->check(CLI::Range(0U, 10'000U));
    log->add_option("--what", line.log.what, "only this kind: edge, decision, guard, …")->type_name("KIND");
    return {answer, forget, log, add_dose(app, line.dose)};
}

int run(int argc, char **argv) {
    CLI::App app{"Shows what keeps the wrong load off the wrong output. Without a verb: status.", "soundwarden"};
    CommandLine line;
    app.set_version_flag("--version", "soundwarden " SOUNDWARDEN_VERSION);
    app.fallthrough(); // global options may stand after the verb too
    app.require_subcommand(0, 1);
    app.footer("Exit codes: 0 ok, 1 failed, 2 usage, 3 daemon not reachable, 4 no such output, 5 not allowed, 6 policy invalid; see soundwarden(1).");
    add_options(app, line);

    auto *status =
        app.add_subcommand("status", "one line per output: what it is, what is attached, its cap, what it does now");
    status->add_flag("--exit-code", line.exit_code,
                     "tell by the exit code: 12 blocked, else 11 degraded or unprotected, else 10 limiting, else 0");
    auto *show = app.add_subcommand("show", "everything about one output, with its evidence");
    show->add_option("OUTPUT", line.output, "any part of its name or id that fits only one")->required();
    auto *explain = app.add_subcommand("explain", "why it may get what it gets: every rule with its place, and the numbers behind the cap");
    explain->add_option("OUTPUT", line.output, "any part of its name or id that fits only one")->required();
    auto *doctor = app.add_subcommand("doctor", "what weakens protection on this machine, and the command that mends each");
    auto *graph = app.add_subcommand("graph", "the guarded part of PipeWire's graph");
    graph->add_flag("--dot", line.dot, "in the DOT language: soundwarden graph --dot | dot -Tsvg");
    const WishVerbs wishes = add_wish_verbs(app, line);
    auto *monitor = app.add_subcommand("monitor", "the state now, and then a line per change, until interrupted");
    monitor->add_flag("--wait", line.wait, "wait for the daemon where it is not running yet");
    auto *meter = add_meter(app, line.meter);
    const Verbs memory = add_memory_verbs(app, line);
    auto *replay = app.add_subcommand("replay", "a trace of soundwardend --trace through an engine of its own; needs no daemon");
    replay->add_option("FILE", line.file, "the trace; '-' is standard input")->required();
    const PolicyOptions policy{app};

    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp &) {
        write_out(app.help());
        return exit_ok;
    } catch (const CLI::CallForVersion &version) {
        write_out(std::string{version.what()} + "\n");
        return exit_ok;
    } catch (const CLI::ParseError &error) {
        throw Failure{exit_usage, std::string{error.what()} + "\nTry: soundwarden --help"};
    }
    line.global.format = line.printed.format;
    line.dose.csv = line.printed.csv;
    if (line.printed.csv && !memory.dose->parsed()) throw Failure{exit_usage, "-o csv: only dose can be printed so; give text, json or jsonl"};
    if (line.printed.openmetrics && !(status->parsed() || app.get_subcommands().empty()))
        throw Failure{exit_usage, "-o openmetrics: only status can be printed so; give text, json or jsonl"};
    if (line.printed.openmetrics && line.exit_code) throw Failure{exit_usage, "-o openmetrics goes without --exit-code: the numbers tell"};
    if (line.printed.openmetrics) return run_metrics(line.global);
    if (policy.given()) return policy.run(line.global);
    if (explain->parsed()) return run_explain(line.global, line.output);
    if (doctor->parsed()) return run_doctor(line.global);
    if (graph->parsed()) return run_graph(line.global, line.dot);
    if (show->parsed()) return run_show(line.global, line.output);
    if (wishes.guard->parsed()) return run_guard(line.global, line.output, line.on);
    if (wishes.release->parsed()) return run_release(line.global, line.output);
    if (wishes.override_for->parsed()) return run_override(line.global, line.wish);
    if (wishes.panic->parsed()) return run_panic(line.global, true);
    if (wishes.resume->parsed()) return run_panic(line.global, false);
    if (memory.answer->parsed()) return run_answer(line.global, line.answer);
    if (memory.forget->parsed()) return run_forget(line.global, line.output, line.all);
    if (memory.log->parsed()) return run_log(line.global, line.log);
    if (memory.dose->parsed()) return run_dose(line.global, line.dose);
    if (monitor->parsed()) return run_monitor(line.global, line.wait);
    if (meter->parsed()) return run_meter(line.global, line.meter);
    if (replay->parsed()) return run_replay(line.global, line.file);
    return run_status(line.global, line.exit_code);
}

} // namespace

int main(int argc, char **argv) {
    fill_closed_descriptors();
    std::signal(SIGPIPE, SIG_IGN);
    std::setlocale(LC_CTYPE, ""); // for the width of characters
    try {
        return run(argc, argv);
    } catch (const Failure &failure) {
        write_error(failure.what());
        return failure.code;
    } catch (const std::exception &error) {
        write_error(error.what());
        return exit_failed;
    }
}
