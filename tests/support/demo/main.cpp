// SPDX-License-Identifier: MIT
// soundwarden-demo: tells the story, keeps what was heard, and has it judged by soundwarden-check. Started by tools/demo.
#include "bench/process.hpp"
#include "programme.hpp"
#include "screen.hpp"
#include "story.hpp"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace soundwarden::demo {
namespace {

/// Throws std::runtime_error.
void make_directory(const std::filesystem::path &path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (!std::filesystem::is_directory(path)) throw std::runtime_error(path.string() + ": no directory can be made there");
}

void introduce(Screen &screen, const Programme &programme) {
    screen.title("Soundwarden on a simulated laptop");
    screen.paragraph("A private audio session of its own (PipeWire, WirePlumber, D-Bus) with a sound card that exists only in "
                     "software: speakers and a headphone socket. Nothing of yours is touched, and you will hear nothing.");
    screen.paragraph("What plays, without end: " + programme.title + ", first 20 dB above full scale, to show what is to be kept "
                     "away; from chapter 2 on at full scale, and too loud again in chapter 5. The level at the sink is the "
                     "loudest sample handed to the sound card; 0 dBFS is the most a real card can play.");
}

void show_status(Screen &screen, const std::string &status) {
    screen.chapter("$ soundwarden status");
    std::fputs(status.c_str(), stdout);
    if (!status.ends_with('\n')) std::fputc('\n', stdout);
}

/// The checker's exit code; its lines go to our output.
int judge(Screen &screen, const std::string &directory) {
    screen.chapter("The promises, recomputed by soundwarden-check from the recordings alone");
    std::fflush(stdout);
    bench::Process check({SOUNDWARDEN_CHECK, "--color", screen.colour() ? "always" : "never", directory});
    const auto status = check.wait_exit();
    std::fputs(check.output().c_str(), stdout);
    return status ? status->code : -1;
}

int run(int argc, char **argv) {
    CLI::App cli{"Shows on a simulated laptop what Soundwarden does, and checks what was promised", "soundwarden-demo"};
    std::string play;
    std::string out;
    std::string colour = "auto";
    cli.add_option("--play", play, "play this recording")->option_text("FILE");
    cli.add_option("--out", out, "keep source.wav, sink.wav and timeline.jsonl in DIR")->option_text("DIR");
    cli.add_option("--color", colour, "colours: auto, always or never")->check(CLI::IsMember({"auto", "always", "never"}))->option_text("WHEN");
    CLI11_PARSE(cli, argc, argv);

    const char *no_colour = std::getenv("NO_COLOR");
    const bool terminal = isatty(STDOUT_FILENO) != 0 && (no_colour == nullptr || *no_colour == '\0');
    Screen screen(colour == "always" || (colour == "auto" && terminal));
    const Programme programme = play.empty() ? shipped_programme() : programme_from(play);
    if (!out.empty()) make_directory(out);
    introduce(screen, programme);

    Story story({SOUNDWARDEN_DAEMON, SOUNDWARDEN_CLI}, programme, screen);
    try {
        story.tell();
    } catch (...) {
        if (!out.empty()) story.write(out); // as far as it came
        throw;
    }
    show_status(screen, story.status());
    // The session's own directory goes with it, in whatever way this program ends.
    const std::filesystem::path directory = out.empty() ? story.directory() / "take" : std::filesystem::path(out);
    make_directory(directory);
    story.write(directory);
    const int judged = judge(screen, directory);
    screen.chapter("Not shown");
    screen.paragraph("soundwardend killed outright (kill -9): the part in WirePlumber then keeps the output shut. tests/integration "
                     "(enforcement-test) judges that, with a control that leaks.");
    screen.paragraph("The governor, which turns loud programme down by 1 dB/s until 100 dB(A) over 30 s are kept: it is off here (--ear-target 140), so "
                     "that levels stand still. limiter-test judges it.");
    screen.paragraph("The cue that tells of the first limit: it is off here (cue = false), for it is not in the music. cue-test judges it.");
    if (!out.empty()) {
        screen.chapter("Kept in " + out);
        screen.paragraph("source.wav, sink.wav and timeline.jsonl; docs/demo.md says what is in them.");
    }
    return judged == 0 ? 0 : 1;
}

} // namespace
} // namespace soundwarden::demo

int main(int argc, char **argv) {
    try {
        return soundwarden::demo::run(argc, argv);
    } catch (const std::exception &error) {
        std::fflush(stdout);
        std::fprintf(stderr, "demo: %s\n", error.what());
        return 1;
    }
}
