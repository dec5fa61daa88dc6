// SPDX-License-Identifier: MIT
#include "command_line.hpp"

#include "examples.hpp"
#include "failure.hpp"
#include "terminal.hpp"
#include "translate.hpp"
#include "version.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>

namespace soundwarden::cli {
namespace {

constexpr double longest_timeout_s = 86400.0;
std::string one_output() { return tr("any part of its name or id that fits only one"); }

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
                throw CLI::ValidationError(names, filled(tr("'{0}' is not one of: {1}"), word, known));
            },
            what)
        ->type_name(metavar);
}

/// `take` gets milliseconds since 1970.
template <class Take>
void add_since(CLI::App &verb, Take take) {
    verb.add_option_function<std::string>(
            "--since",
            [take = std::move(take)](const std::string &text) {
                const auto now = std::chrono::system_clock::now().time_since_epoch();
                take(parse_since(text, std::chrono::duration_cast<std::chrono::milliseconds>(now).count()));
            },
            tr("only from then on: 30min, 2h, 3d, today, yesterday, 14:30, 2026-11-29, \"2026-11-29 14:30\""))
        ->type_name("TIME|AGO");
}

/// CLI11 heads the lists of its help with the names of groups, and has two of its own.
void translate_headings(CLI::App &app) {
    for (CLI::Option *option : app.get_options())
        if (option->get_group() == "Options") option->group(tr("Options"));
    for (CLI::App *verb : app.get_subcommands([](const CLI::App *) { return true; })) {
        if (verb->get_group() == "Subcommands") verb->group(tr("Subcommands"));
        translate_headings(*verb);
    }
}

} // namespace

CommandLine::CommandLine() : app_{tr("Shows what keeps the wrong load off the wrong output. Without a verb: status."), "soundwarden"} {
    app_.set_help_flag("-h,--help", tr("Print this help message and exit"));
    app_.set_version_flag("--version", "soundwarden " SOUNDWARDEN_VERSION, tr("Display program version information and exit"));
    for (const char *label : {N_("Usage"), N_("OPTIONS"), N_("SUBCOMMAND"), N_("SUBCOMMANDS"), N_("Positionals"), N_("REQUIRED"), N_("TEXT")})
        app_.get_formatter()->label(label, tr(label));
    app_.fallthrough(); // global options may stand after the verb too
    app_.require_subcommand(0, 1);
    app_.footer(tr("Exit codes: 0 ok, 1 failed, 2 usage, 3 daemon not reachable, 4 no such output, 5 not allowed, 6 policy invalid; see soundwarden(1)."));
    add_options();
    add_looking();
    add_watching();
    add_telling();
    add_wishing();
    add_history();
    policy_.emplace(app_);
    // Asked by the completions of shells.
    add("complete", tr("words for a shell's completion, each with what it is"), [this] { return run_complete(global_, what_); })
        ->group("")
        ->add_option("WHAT", what_, tr("outputs or loads"))
        ->required();
    for (const auto *verb : app_.get_subcommands([](const CLI::App *) { return true; }))
        app_.get_subcommand(verb->get_name())->footer(examples_of(verb->get_name()));
    translate_headings(app_);
}

CLI::App *CommandLine::add(const char *name, const std::string &what, std::function<int()> run) {
    CLI::App *verb = app_.add_subcommand(name, what);
    verbs_.push_back({verb, std::move(run)});
    return verb;
}

CLI::App *CommandLine::add_with_output(const char *name, const std::string &what, std::function<int()> run) {
    CLI::App *verb = add(name, what, std::move(run));
    verb->add_option("OUTPUT", output_, one_output())->required();
    return verb;
}

void CommandLine::add_options() {
    add_choice<Printed>(app_, "-o,--output", printed_,
                        {{"text", {}}, {"json", {Format::json}}, {"jsonl", {Format::jsonl}}, {"csv", {Format::text, true}}, {"openmetrics", {Format::text, false, true}}},
                        tr("how to print: text (default), json, jsonl (one object a line), openmetrics (only status), or csv (only dose)"),
                        "text|json|jsonl|openmetrics|csv");
    add_choice<ColourChoice>(
        app_, "--color", global_.colour,
        {{"auto", ColourChoice::automatic}, {"always", ColourChoice::always}, {"never", ColourChoice::never}},
        tr("colours: auto (default; not with NO_COLOR), always or never"), "auto|always|never");
    app_.add_flag("--system", global_.system, tr("ask the daemon of the whole machine, on the system bus (soundwardend --system)"));
    app_.add_option_function<double>(
           "--timeout",
           [this](double seconds) {
               if (!(seconds > 0.0 && seconds <= longest_timeout_s))
                   throw CLI::ValidationError("--timeout", tr("give seconds above 0 and at most 86400"));
               global_.timeout = std::chrono::milliseconds{std::max(1L, std::lround(seconds * 1000.0))};
           },
           tr("how long to wait for the daemon's answer (default 5)"))
        ->type_name("SECONDS");
}

void CommandLine::add_looking() {
    status_ = add("status", tr("one line per output: what it is, what is attached, its cap, what it does now"),
                  [this] { return printed_.openmetrics ? run_metrics(global_) : run_status(global_, exit_code_); });
    status_->add_flag("--exit-code", exit_code_,
                      tr("tell by the exit code: 12 blocked, else 11 degraded or unprotected, else 10 limiting, else 0"));
    add_with_output("show", tr("everything about one output, with its evidence"), [this] { return run_show(global_, output_); });
    add_with_output("explain", tr("why it may get what it gets: every rule with its place, and the numbers behind the cap"),
                    [this] { return run_explain(global_, output_); });
    add("doctor", tr("what weakens protection on this machine, and the command that mends each"), [this] { return run_doctor(global_); });
    add("graph", tr("the guarded part of PipeWire's graph"), [this] { return run_graph(global_, dot_); })
        ->add_flag("--dot", dot_, tr("in the DOT language: soundwarden graph --dot | dot -Tsvg"));
}

void CommandLine::add_watching() {
    add("monitor", tr("the state now, and then a line per change, until interrupted"), [this] { return run_monitor(global_, wait_); })
        ->add_flag("--wait", wait_, tr("wait for the daemon where it is not running yet"));
    auto *meter = add("meter", tr("live bars: levels, ceilings, what is taken away, the dose; lines where stdout is no terminal; q quits"),
                      [this] { return run_meter(global_, meter_); });
    meter->add_option("OUTPUT", meter_.output, tr("only this one: any part of its name or id that fits only one; default: all active ones"));
    meter->add_option("--interval", meter_.interval_s, tr("from one look to the next, seconds (default 0.05 on a terminal, else 1)"))
        ->type_name("SECONDS")
        ->check(CLI::Range(0.02, 3600.0));
    meter->add_option("-n", meter_.ticks, tr("end after so many looks"))->type_name("N")->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000}));
}

void CommandLine::add_telling() {
    auto *answer = add("answer", tr("say what is plugged in"), [this] { return run_answer(global_, answer_); });
    answer->add_option("OUTPUT", answer_.output, one_output())->required();
    answer->add_option("LOAD", answer_.load,
                       tr("headphones, headset, in-ear, active-speakers, passive-speakers, line-input, headphone-amplifier, or unknown: not sure"))
        ->required();
    answer->add_option("--model", answer_.model, tr("what it is called"))->type_name("NAME");
    answer->add_option("--impedance", answer_.impedance, tr("of it, in ohms: 32"))->type_name("OHM");
    answer->add_option("--sensitivity", answer_.sensitivity, tr("of it: \"116.5 dB/V\", or with the impedance \"97 dB/mW\""))->type_name("DB");
    auto *forget = add("forget", tr("take an answer back, or all of them"), [this] { return run_forget(global_, output_, all_); });
    forget->add_option("OUTPUT", output_, one_output());
    forget->add_flag("--all", all_, tr("all answers, also for outputs that are not there now"));
}

/// How much protection people want.
void CommandLine::add_wishing() {
    auto *guard = add_with_output("guard", tr("off: leave this output alone for good; on: guard it again"), [this] { return run_guard(global_, output_, on_); });
    add_choice<bool>(*guard, "SWITCH", on_, {{"on", true}, {"off", false}}, tr("on or off"), "on|off")->required();
    add("release", tr("end protection cleanly: of one output's sink, or of all"), [this] { return run_release(global_, output_); })
        ->add_option("OUTPUT", output_, tr("any part of its name or id that fits only one; default: all"));
    auto *louder = add("override", tr("another ceiling for a while, within what the policy permits; logged"), [this] { return run_override(global_, override_); });
    louder->add_option("OUTPUT", override_.output, one_output())->required();
    louder->add_option("--ceiling", override_.ceiling, tr("how loud at most, dBFS: -6"))->type_name("DB");
    louder->add_option("--for", override_.how_long, tr("for how long: 10min, 1h"))->type_name("TIME");
    louder->add_flag("--cancel", override_.cancel, tr("end it now"));
    add("panic", tr("everything to silence now, also what is not guarded, until resume"), [this] { return run_panic(global_, true); });
    add("resume", tr("take panic back"), [this] { return run_panic(global_, false); });
}

void CommandLine::add_history() {
    dose_ = add("dose", tr("how much of the week's sound allowance is used, by day; -o csv: by hour and output"),
                [this] { return run_dose(global_, dose_request_); });
    add_since(*dose_, [this](std::int64_t unix_ms) { dose_request_.since_s = unix_ms / 1000; });
    dose_->add_option("--svg", dose_request_.svg, tr("draw the days into this file instead; '-' is standard output"))->type_name("FILE");
    dose_->add_option("--html", dose_request_.html, tr("write a report into this file instead; '-' is standard output"))->type_name("FILE");
    auto *log = add("log", tr("what has happened: edges, decisions, overrides, faults"), [this] { return run_log(global_, log_); });
    log->add_option("OUTPUT", log_.output, tr("only of its sink; for one that has gone, a part of the sink's name"));
    add_since(*log, [this](std::int64_t unix_ms) { log_.since_unix_ms = unix_ms; });
    log->add_option("-n", log_.most, tr("the newest so many (default 100; 0: the newest 10,000)"))->type_name("N")->check(CLI::Range(0U, 10'000U));
    log->add_option("--what", log_.what, tr("only this kind: edge, decision, guard, …"))->type_name("KIND");
    add("replay", tr("a trace of soundwardend --trace through an engine of its own; needs no daemon"), [this] { return run_replay(global_, file_); })
        ->add_option("FILE", file_, tr("the trace; '-' is standard input"))
        ->required();
}

/// What goes only with some verb.
void CommandLine::check_printing() const {
    if (printed_.csv && !dose_->parsed()) throw Failure{exit_usage, tr("-o csv: only dose can be printed so; give text, json or jsonl")};
    if (!printed_.openmetrics) return;
    if (!status_->parsed() && !app_.get_subcommands().empty())
        throw Failure{exit_usage, tr("-o openmetrics: only status can be printed so; give text, json or jsonl")};
    if (exit_code_) throw Failure{exit_usage, tr("-o openmetrics goes without --exit-code: the numbers tell")};
}

/// What a program reads is the same in all languages, sentences in it too. A picture or a report beside it is still for people, and the
/// dose's numbers have no words.
void CommandLine::speak_to_a_program() const {
    if (!dose_request_.svg && !dose_request_.html) speak_english();
}

int CommandLine::run_given() const {
    if (policy_->given()) return policy_->run(global_);
    const auto given = std::find_if(verbs_.begin(), verbs_.end(), [](const Verb &verb) { return verb.app->parsed(); });
    return given == verbs_.end() ? verbs_.front().run() : given->run(); // status
}

int CommandLine::run(int argc, char **argv) {
    try {
        app_.parse(argc, argv);
    } catch (const CLI::CallForHelp &) {
        write_out(app_.help());
        return exit_ok;
    } catch (const CLI::CallForVersion &version) {
        write_out(std::string{version.what()} + "\n");
        return exit_ok;
    } catch (const CLI::ParseError &error) {
        throw Failure{exit_usage, said(error.what()) + "\n" + tr("Try: soundwarden --help")};
    }
    global_.format = printed_.format;
    dose_request_.csv = printed_.csv;
    check_printing();
    if (printed_.format != Format::text || printed_.csv || printed_.openmetrics || dot_) speak_to_a_program();
    return run_given();
}

} // namespace soundwarden::cli
