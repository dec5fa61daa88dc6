// SPDX-License-Identifier: MIT
// soundwarden-hold: options, run.
#include "hold/service.hpp"
#include "version.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

int main(int argc, char **argv) {
    using namespace soundwarden::hold;
    Options options;
    options.config = "/etc/soundwarden/hold.toml";
    bool only_check = false;
    CLI::App app{"Holds the volumes inside sound cards under a cap, locked against everybody. See soundwarden-hold(8).", "soundwarden-hold"};
    app.set_version_flag("--version", SOUNDWARDEN_VERSION);
    app.add_option("--config", options.config, "Read FILE (default: /etc/soundwarden/hold.toml)")->option_text("FILE");
    app.add_flag("--check", only_check, "Say what is wrong with the file, and hold nothing");
    app.add_option("--dev", options.dev, "Look for sound cards in DIR/snd (for tests)")->option_text("DIR");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return static_cast<int>(app.exit(error) == 0 ? ExitCode::ok : ExitCode::usage);
    }
    try {
        return static_cast<int>(only_check ? check(options) : run(options));
    } catch (const std::exception &error) {
        std::fprintf(stderr, "soundwarden-hold: %s\n", error.what());
        return static_cast<int>(ExitCode::bad_installation);
    }
}
