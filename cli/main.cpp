// SPDX-License-Identifier: MIT
// soundwarden: the command. Reads the command line and hands over to a verb.
#include "failure.hpp"
#include "terminal.hpp"
#include "verbs/verbs.hpp"
#include "version.hpp"

#include <CLI/CLI.hpp>

#include <clocale>
#include <cmath>
#include <csignal>
#include <exception>
#include <map>
#include <string>

namespace {

using namespace soundwarden::cli;

constexpr double longest_timeout_s = 86400.0;

struct CommandLine {
    Global global;
    bool exit_code = false;
    bool wait = false;
    std::string output;
    bool on = true;
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
    add_choice<Format>(app, "-o,--output", line.global.format,
                       {{"text", Format::text}, {"json", Format::json}, {"jsonl", Format::jsonl}},
                       "how to print: text (default), json, or jsonl (one object a line)", "text|json|jsonl");
    add_choice<ColourChoice>(
        app, "--color", line.global.colour,
        {{"auto", ColourChoice::automatic}, {"always", ColourChoice::always}, {"never", ColourChoice::never}},
        "colours: auto (default; not with NO_COLOR), always or never", "auto|always|never");
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

int run(int argc, char **argv) {
    CLI::App app{"Shows what keeps the wrong load off the wrong output. Without a verb: status.", "soundwarden"};
    CommandLine line;
    app.set_version_flag("--version", "soundwarden " SOUNDWARDEN_VERSION);
    app.fallthrough(); // global options may stand after the verb too
    app.require_subcommand(0, 1);
    app.footer("Exit codes: 0 ok, 1 failed, 2 usage, 3 daemon not reachable, 4 no such output, 5 not allowed; see soundwarden(1).");
    add_options(app, line);

    auto *status =
        app.add_subcommand("status", "one line per output: what it is, what is attached, its cap, what it does now");
    status->add_flag("--exit-code", line.exit_code,
                     "tell by the exit code: 12 blocked, else 11 degraded or unprotected, else 10 limiting, else 0");
    auto *show = app.add_subcommand("show", "everything about one output, with its evidence");
    show->add_option("OUTPUT", line.output, "any part of its name or id that fits only one")->required();
    auto *guard = app.add_subcommand("guard", "off: leave this output alone for good; on: guard it again");
    guard->add_option("OUTPUT", line.output, "any part of its name or id that fits only one")->required();
    add_choice<bool>(*guard, "SWITCH", line.on, {{"on", true}, {"off", false}}, "on or off", "on|off")->required();
    auto *release = app.add_subcommand("release", "end protection cleanly: of one output's sink, or of all");
    release->add_option("OUTPUT", line.output, "any part of its name or id that fits only one; default: all");
    auto *monitor = app.add_subcommand("monitor", "the state now, and then a line per change, until interrupted");
    monitor->add_flag("--wait", line.wait, "wait for the daemon where it is not running yet");

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
    if (show->parsed()) return run_show(line.global, line.output);
    if (guard->parsed()) return run_guard(line.global, line.output, line.on);
    if (release->parsed()) return run_release(line.global, line.output);
    if (monitor->parsed()) return run_monitor(line.global, line.wait);
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
