// SPDX-License-Identifier: MIT
// soundwarden-source: plays an exact test signal. Tells what happens as JSON lines ("state", "format", "clock",
// "done"). Commands on standard input, one a line:
//   level DB · mute · unmute · pause · resume · stop (as does the end of the input)
#include "events.hpp"
#include "player.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <sndfile.h>
#include <sstream>
#include <stdexcept>
#include <unistd.h>

namespace soundwarden::bench {
namespace {

/// What was recorded in PREFIX.raw as a WAV file of floats.
void write_wav(const std::string &prefix, const std::string &path, std::uint32_t channels, std::uint32_t rate) {
    std::ifstream raw(prefix + ".raw", std::ios::binary);
    SF_INFO info{};
    info.samplerate = static_cast<int>(rate);
    info.channels = static_cast<int>(channels);
    info.format = SF_FORMAT_WAV | SF_FORMAT_FLOAT;
    SNDFILE *file = sf_open(path.c_str(), SFM_WRITE, &info);
    if (file == nullptr) throw std::runtime_error(path + ": " + sf_strerror(nullptr));
    std::vector<float> block(std::size_t{4096} * channels);
    while (raw) {
        raw.read(reinterpret_cast<char *>(block.data()), static_cast<std::streamsize>(block.size() * sizeof(float)));
        const auto frames = static_cast<sf_count_t>(static_cast<std::size_t>(raw.gcount()) / sizeof(float) / channels);
        if (sf_writef_float(file, block.data(), frames) != frames) break;
    }
    sf_close(file);
}

/// The rate of the samples in PREFIX: the stream's, which is only known once it has played.
std::uint32_t recorded_rate(const std::string &prefix) {
    std::ifstream index(prefix + ".idx", std::ios::binary);
    RecordingHeader header;
    RecordingCycle cycle;
    index.read(reinterpret_cast<char *>(&header), sizeof header);
    index.read(reinterpret_cast<char *>(&cycle), sizeof cycle);
    return index && cycle.sink_rate != 0 ? cycle.sink_rate : 48'000;
}

/// Reads commands as they come; owns nothing.
class Console {
  public:
    Console(pw_main_loop *loop, Player &player) : loop_(loop), player_(player) {
        pw_loop_add_io(
            pw_main_loop_get_loop(loop), STDIN_FILENO, SPA_IO_IN | SPA_IO_HUP, false,
            [](void *self, int, std::uint32_t) { static_cast<Console *>(self)->read_commands(); }, this);
    }

  private:
    void read_commands() {
        std::array<char, 1024> chunk;
        const ssize_t count = read(STDIN_FILENO, chunk.data(), chunk.size());
        if (count <= 0) {
            pw_main_loop_quit(loop_);
            return;
        }
        input_.append(chunk.data(), static_cast<std::size_t>(count));
        for (std::size_t end; (end = input_.find('\n')) != std::string::npos;) {
            execute(input_.substr(0, end));
            input_.erase(0, end + 1);
        }
    }

    void execute(const std::string &line) {
        std::istringstream words(line);
        std::string verb;
        std::string argument;
        words >> verb >> argument;
        bool known = true;
        try {
            if (verb == "level")
                player_.set_level(std::stod(argument));
            else if (verb == "mute")
                player_.set_muted(true);
            else if (verb == "unmute")
                player_.set_muted(false);
            else if (verb == "pause")
                player_.set_active(false);
            else if (verb == "resume")
                player_.set_active(true);
            else if (verb == "stop" || verb == "quit")
                pw_main_loop_quit(loop_);
            else
                known = false;
        } catch (const std::exception &) {
            known = false;
        }
        print_event({{"event", known ? "ok" : "error"}, {"command", line}});
    }

    pw_main_loop *loop_;
    Player &player_;
    std::string input_;
};

int run(int argc, char **argv) {
    CLI::App cli{"Plays an exact test signal; commands on standard input"};
    PlayerOptions options;
    std::vector<std::string> words;
    std::vector<std::string> properties;
    std::string tee;
    std::string record;
    std::string level = "0";
    std::string channels;
    cli.add_option("--signal", words,
                   "tone [HZ [DBFS]], square [HZ [DBFS]], dc LEVEL, counter, impulse PERIOD, noise SEED, ramp SECONDS, "
                   "file PATH, silence")
        ->expected(1, 3);
    cli.add_option("--level", level, "dB on top of the signal's own level; may be above 0 or -inf");
    cli.add_option("--target", options.target, "node name or serial");
    cli.add_option("--channels", channels, "1 to 8 (default: 2, or the file's)");
    cli.add_option("--rate", options.rate, "0: the graph's (default; a file has its own)");
    cli.add_option("--seconds", options.seconds, "stop after this much of the stream's time");
    cli.add_option("--name", options.name, "node and application name");
    cli.add_option("--property", properties, "KEY=VALUE, repeatable");
    cli.add_option("--record", record, "PREFIX: what was played as .raw and .idx, as a simulated sink does");
    cli.add_option("--tee", tee, "what was played as a WAV file of floats, written at the end");
    bool no_autoconnect = false;
    cli.add_flag("--no-autoconnect", no_autoconnect, "the session manager is not asked to link it");
    CLI11_PARSE(cli, argc, argv);
    options.autoconnect = !no_autoconnect;
    for (const std::string &property : properties) {
        const auto equals = property.find('=');
        if (equals == std::string::npos) throw std::invalid_argument("--property needs KEY=VALUE");
        options.properties[property.substr(0, equals)] = property.substr(equals + 1);
    }
    std::unique_ptr<Signal> signal = make_signal(words);
    if (options.rate == 0) options.rate = signal->rate();
    if (signal->channels() != 0) options.channels = std::min(signal->channels(), 8U);
    if (!channels.empty()) options.channels = static_cast<std::uint32_t>(std::stoul(channels));
    if (options.channels < 1 || options.channels > 8) throw std::invalid_argument("1 to 8 channels");

    pw_main_loop *loop = pw_main_loop_new(nullptr);
    // Before any context: they block the signals for the threads that it makes.
    for (const int number : {SIGTERM, SIGINT})
        pw_loop_add_signal(
            pw_main_loop_get_loop(loop), number,
            [](void *data, int) { pw_main_loop_quit(static_cast<pw_main_loop *>(data)); }, loop);
    const std::string prefix = record.empty() && !tee.empty() ? tee + ".part" : record;
    {
        RecorderWriter writer;
        std::unique_ptr<Recorder> recorder;
        if (!prefix.empty()) recorder = std::make_unique<Recorder>(writer, prefix, options.channels);
        Player player(loop, options, std::move(signal), recorder.get());
        player.set_level(std::stod(level));
        const Console console(loop, player);
        pw_main_loop_run(loop);
    }
    if (!tee.empty()) write_wav(prefix, tee, options.channels, recorded_rate(prefix));
    if (record.empty() && !prefix.empty())
        for (const char *suffix : {".raw", ".idx"}) std::remove((prefix + suffix).c_str());
    print_event({{"event", "done"}});
    pw_main_loop_destroy(loop);
    return 0;
}

} // namespace
} // namespace soundwarden::bench

int main(int argc, char **argv) {
    pw_init(&argc, &argv);
    int result = 1;
    try {
        result = soundwarden::bench::run(argc, argv);
    } catch (const std::exception &error) {
        soundwarden::bench::print_event({{"event", "fatal"}, {"message", error.what()}});
    }
    pw_deinit();
    return result;
}
