// SPDX-License-Identifier: MIT
// soundwardend: options, construct, run.
#include "daemon.hpp"
#include "host/logging.hpp"
#include "version.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <map>
#include <string>

namespace {

// A library that opens a file must never be handed 0, 1 or 2: what is closed becomes /dev/null.
void open_standard_descriptors() {
    int descriptor = -1;
    do descriptor = open("/dev/null", O_RDWR);
    while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    if (descriptor > STDERR_FILENO) close(descriptor);
}

std::map<std::string, soundwarden::Posture> postures() {
    std::map<std::string, soundwarden::Posture> known;
    for (const auto &[posture, name] : soundwarden::Names<soundwarden::Posture>::table) known.emplace(name, posture);
    return known;
}

} // namespace

int main(int argc, char **argv) {
    using soundwarden::ExitCode;
    open_standard_descriptors();
    std::signal(SIGPIPE, SIG_IGN);

    soundwarden::Options options;
    bool observe = false;
    bool verbose = false;
    CLI::App app{"Keeps what reaches headphones and speakers within safe limits. See soundwardend(8).", "soundwardend"};
    app.set_version_flag("--version", SOUNDWARDEN_VERSION);
    app.add_option("--policy-dir", options.policy_dir, "Read policies from DIR instead of the machine's layers")
        ->option_text("DIR")
        ->check(CLI::ExistingDirectory);
    app.add_option("--state-dir", options.state_dir, "Keep state in DIR (default: $XDG_STATE_HOME/soundwarden)")->option_text("DIR");
    auto *posture = app.add_option("--posture", options.posture, "How strictly: observe, protect (default) or strict")
                        ->option_text("NAME")
                        ->transform(CLI::CheckedTransformer(postures()));
    app.add_flag("--observe", observe, "Watch and report, change nothing: --posture observe")->excludes(posture);
    app.add_flag("--hold-devices", options.hold_devices, "Keep guarded cards open, so that no program can open them past PipeWire");
    app.add_flag("--verbose", verbose, "Log what happens in detail");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? static_cast<int>(ExitCode::ok) : static_cast<int>(ExitCode::usage);
    }
    if (observe) options.posture = soundwarden::Posture::observe;

    soundwarden::host::set_up_logging(verbose);
    try {
        return static_cast<int>(soundwarden::Daemon(soundwarden::pipewire_adapter::make_main_loop(), options).run());
    } catch (const std::exception &error) {
        spdlog::error("{}", error.what());
        return static_cast<int>(ExitCode::bad_installation);
    }
}
