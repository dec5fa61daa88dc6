// SPDX-License-Identifier: MIT
// soundwardend: options, construct, run.
#include "daemon.hpp"
#include "host/logging.hpp"
#include "version.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <map>
#include <new>
#include <string>

namespace {

// A library that opens a file must never be handed 0, 1 or 2: what is closed becomes /dev/null.
void open_standard_descriptors() {
    int descriptor = -1;
    do descriptor = open("/dev/null", O_RDWR);
    while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    if (descriptor > STDERR_FILENO) close(descriptor);
}

template <class E> std::map<std::string, E> by_name() {
    std::map<std::string, E> known;
    for (const auto &[value, name] : soundwarden::Names<E>::table) known.emplace(name, value);
    return known;
}

} // namespace

int main(int argc, char **argv) {
    using soundwarden::ExitCode;
    open_standard_descriptors();
    std::signal(SIGPIPE, SIG_IGN);
    umask(0077); // what it keeps is its user's own

    soundwarden::Options options;
    bool observe = false;
    bool verbose = false;
    CLI::App app{"Keeps what reaches headphones and speakers within safe limits. See soundwardend(8).", "soundwardend"};
    app.set_version_flag("--version", SOUNDWARDEN_VERSION);
    app.add_option("--policy-dir", options.policy_dir, "Read policies from DIR instead of the machine's layers")
        ->option_text("DIR")
        ->check(CLI::ExistingDirectory);
    app.add_option("--state-dir", options.state_dir, "Keep state in DIR (default: $XDG_STATE_HOME/soundwarden)")->option_text("DIR");
    app.add_option("--kernel-root", options.kernel_root, "Look for sound cards in DIR/sys, DIR/proc and DIR/dev (for tests)")->option_text("DIR");
    auto *posture = app.add_option_function<soundwarden::Posture>(
                           "--posture", [&](const soundwarden::Posture &wish) { options.engine.posture = wish; },
                           "How strictly, instead of what the policy says: observe, protect or strict")
                        ->option_text("NAME")
                        ->transform(CLI::CheckedTransformer(by_name<soundwarden::Posture>()));
    app.add_flag("--observe", observe, "Watch and report, change nothing: --posture observe")->excludes(posture);
    app.add_flag("--system", options.system, "On the system bus, for a PipeWire that runs for the whole machine; polkit says who may change something");
    app.add_flag("--hold-devices", options.engine.hold_devices, "Keep guarded cards open, so that no program can open them past PipeWire");
    app.add_option_function<double>(
           "--ear-target", [&](double level) { options.engine.ear_target = soundwarden::Decibels{level}; },
           "Highest level at the ear over 30 s, where known or assumed (default: as the policy says)")
        ->option_text("DB(A)")
        ->check(CLI::Range(40.0, 140.0));
    app.add_option_function<soundwarden::LimiterMode>(
           "--limiter-mode", [&](const soundwarden::LimiterMode &mode) { options.engine.limiter_mode = mode; }, "How far limiters look ahead: guard (0 ms, default), low (0.5), default (1.5) or smooth (5)")
        ->option_text("NAME")
        ->transform(CLI::CheckedTransformer(by_name<soundwarden::LimiterMode>()));
    app.add_option_function<double>("--release", [&](double time) { options.engine.release_ms = time; }, "Time constant of the limiters' return (default: 50)")
        ->option_text("MS")
        ->check(CLI::Range(1.0, 10000.0));
    app.add_option("--trace", options.trace, "Record what the engine is told and answers in FILE, which must not exist yet (for soundwarden replay)")
        ->option_text("FILE");
    app.add_flag("--verbose", verbose, "Log what happens in detail");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? static_cast<int>(ExitCode::ok) : static_cast<int>(ExitCode::usage);
    }
    if (observe) options.engine.posture = soundwarden::Posture::observe;

    soundwarden::host::set_up_logging(verbose);
    try {
        return static_cast<int>(soundwarden::Daemon(soundwarden::pipewire_adapter::make_main_loop(), options).run());
    } catch (const std::bad_alloc &) {
        return static_cast<int>(ExitCode::failed); // there may be memory for another try
    } catch (const std::exception &error) { // descriptors, or something else that the next start may have
        spdlog::error("{}", error.what());
        return static_cast<int>(ExitCode::failed);
    }
}
