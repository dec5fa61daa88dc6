// SPDX-License-Identifier: MIT
// Puts a WAV file through the limiter, so that anyone can judge it with tools of their own; or through one of the
// distribution's limiters (peers.hpp), to judge both alike.
#include "dsp/limiter.hpp"
#include "float_wav.hpp"
#include "peers.hpp"
#include "true_peak_reference.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace soundwarden::bench {
namespace {

using dsp::LimiterMode;
using dsp::PeakDetector;

constexpr std::uint32_t longest_block = longest_peer_block;

struct Options {
    std::string in;
    std::string out;
    LimiterMode mode = LimiterMode::standard;
    PeakDetector detector = PeakDetector::true_peak;
    double ceiling_db = -1.0;
    double release_ms = 50.0;
    std::string block = "1024";
    std::uint32_t seed = 1;
    std::string isa = "auto";
    std::string peer;
    bool compensate = false;
    bool report = false;
};

// Wrong words on the command line; the message says what to write instead.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

dsp::InstructionSet instructions_named(const std::string &name) {
    if (name == dsp::name_of(dsp::InstructionSet::automatic)) return dsp::InstructionSet::automatic;
    std::string names = "auto";
    for (const dsp::InstructionSet set : dsp::instruction_sets()) {
        if (dsp::name_of(set) == name) return set;
        names += ", " + std::string(dsp::name_of(set));
    }
    throw UsageError("--isa " + name + ": not on this machine; choose one of " + names);
}

// Lengths of blocks, one after the other.
class Partition {
  public:
    Partition(const std::string &block, std::uint32_t seed) : engine_(seed) {
        if (block == "random") return;
        std::size_t used = 0;
        unsigned long length = 0;
        try {
            length = std::stoul(block, &used);
        } catch (const std::exception &) {
            used = 0;
        }
        if (used == 0 || used != block.size() || length < 1 || length > longest_block)
            throw UsageError("--block " + block + ": write a number of frames from 1 to 8192, or random");
        length_ = static_cast<std::uint32_t>(length);
    }
    // Random ones are short as often as long.
    std::uint32_t next() {
        if (length_ != 0) return length_;
        const std::uint32_t most = 1U << (engine_() % 14U);
        return 1U + static_cast<std::uint32_t>(engine_() % most);
    }

  private:
    std::mt19937 engine_;
    std::uint32_t length_ = 0; // 0: random
};

struct Result {
    FloatWav wav;
    std::uint32_t latency_frames = 0;
    std::uint64_t faults = 0;
};

// `process` is called for one block after the other; the first block begins where `partition` stands.
template <class Process>
void run_blocks(const FloatWav &in, FloatWav &out, Partition &partition, Process process) {
    std::vector<const float *> from(in.channels.size());
    std::vector<float *> to(in.channels.size());
    for (std::size_t done = 0; done < in.frames();) {
        const auto frames = static_cast<std::uint32_t>(std::min<std::size_t>(partition.next(), in.frames() - done));
        for (std::size_t c = 0; c < in.channels.size(); ++c) {
            from[c] = in.channels[c].data() + done;
            to[c] = out.channels[c].data() + done;
        }
        process(from.data(), to.data(), frames);
        done += frames;
    }
}

// The whole file; to compensate, silence follows it until its last frame has come out, and what came before its first
// is dropped.
template <class Process, class Latency>
Result run_whole(const Options &options, const FloatWav &in, Process process, Latency latency) {
    Partition partition(options.block, options.seed);
    Result result{in, 0, 0};
    run_blocks(in, result.wav, partition, process);
    result.latency_frames = latency();
    if (!options.compensate) return result;
    FloatWav silence = in;
    for (std::vector<float> &channel : silence.channels) channel.assign(result.latency_frames, 0.0F);
    FloatWav rest = silence;
    run_blocks(silence, rest, partition, process);
    for (std::size_t c = 0; c < in.channels.size(); ++c) {
        std::vector<float> &channel = result.wav.channels[c];
        channel.insert(channel.end(), rest.channels[c].begin(), rest.channels[c].end());
        channel.erase(channel.begin(), channel.begin() + static_cast<std::ptrdiff_t>(result.latency_frames));
    }
    return result;
}

Result through_ours(const Options &options, const FloatWav &in) {
    dsp::LimiterFormat format;
    format.channels = static_cast<std::uint32_t>(in.channels.size());
    format.rate_hz = in.rate_hz;
    format.mode = options.mode;
    format.detector = options.detector;
    format.instructions = instructions_named(options.isa);
    dsp::LimiterTargets targets;
    // Toward zero, so that the ceiling in force is never above the one asked for.
    const double ceiling = std::pow(10.0, options.ceiling_db / 20.0);
    targets.ceiling = static_cast<float>(ceiling);
    if (static_cast<double>(targets.ceiling) > ceiling) targets.ceiling = std::nextafter(targets.ceiling, 0.0F);
    targets.release_seconds = static_cast<float>(options.release_ms / 1000.0);
    dsp::Limiter limiter(format, targets);
    Result result = run_whole(
        options, in,
        [&](const float *const *from, float *const *to, std::uint32_t frames) {
            limiter.process(from, to, frames, targets);
        },
        [&] { return limiter.latency_frames(); });
    result.faults = limiter.meter().faults;
    return result;
}

Result through_peer(const Options &options, const FloatWav &in) {
    const PeerKind *kind = find_peer(options.peer);
    if (kind == nullptr) {
        std::string names;
        for (const PeerKind &known : peer_kinds()) names += (names.empty() ? "" : ", ") + std::string(known.name);
        throw UsageError("--peer " + options.peer + ": not known; choose one of " + names);
    }
    if (in.channels.size() != 2)
        throw WavError(options.in + ": it has " + std::to_string(in.channels.size()) + " channels; --peer wants 2");
    const LoadedPeer loaded = load_peer(*kind, in.rate_hz);
    if (!loaded.peer) throw std::runtime_error("missing: " + loaded.missing + "; tools/bench installs what is missing");
    return run_whole(
        options, in,
        [&](const float *const *from, float *const *to, std::uint32_t frames) {
            loaded.peer->process(from, to, frames);
        },
        [&] { return loaded.peer->latency_frames(); });
}

// Null stands for silence, which has no level.
nlohmann::json dbfs(double amplitude) {
    return amplitude > 0.0 ? nlohmann::json(20.0 * std::log10(amplitude)) : nlohmann::json();
}

nlohmann::json report(const Result &result) {
    double sample_peak = 0.0;
    double true_peak = 0.0;
    for (const std::vector<float> &channel : result.wav.channels) {
        for (const float sample : channel) sample_peak = std::max(sample_peak, std::fabs(static_cast<double>(sample)));
        true_peak = std::max(true_peak, test::true_peak_16(channel));
    }
    return {{"frames", result.wav.frames()},    {"channels", result.wav.channels.size()},
            {"rate_hz", result.wav.rate_hz},    {"latency_frames", result.latency_frames},
            {"faults", result.faults},          {"sample_peak_dbfs", dbfs(sample_peak)},
            {"true_peak_dbfs", dbfs(true_peak)}};
}

void describe(CLI::App &app, Options &options) {
    const std::map<std::string, LimiterMode> modes = {{"guard", LimiterMode::guard},
                                                      {"low", LimiterMode::low},
                                                      {"default", LimiterMode::standard},
                                                      {"smooth", LimiterMode::smooth}};
    const std::map<std::string, PeakDetector> detectors = {{"sample", PeakDetector::sample_peak},
                                                           {"true", PeakDetector::true_peak}};
    app.add_option("IN.wav", options.in, "32-bit float WAV, 1 to 64 channels, 8 to 384 kHz")->required();
    app.add_option("OUT.wav", options.out, "written: as long as IN.wav, of the same format")->required();
    app.add_option("--mode", options.mode, "guard, low, default or smooth (default)")
        ->transform(CLI::CheckedTransformer(modes).description("NAME"));
    app.add_option("--detector", options.detector, "sample or true: peaks of samples, or between them too (true)")
        ->transform(CLI::CheckedTransformer(detectors).description("NAME"));
    app.add_option("--ceiling", options.ceiling_db, "largest sample that may come out (-1)")
        ->check(CLI::Range(-200.0, 200.0).description("DB"));
    app.add_option("--release", options.release_ms, "time constant of the gain's return (50)")
        ->check(CLI::Range(1.0, 10000.0).description("MS"));
    app.add_option("--block", options.block, "frames handed over at a time, 1 to 8192 or random (1024)")
        ->type_name("N");
    app.add_option("--seed", options.seed, "for --block random (1)")->type_name("N");
    app.add_option("--isa", options.isa, "instruction set: auto, scalar, sse2, avx2, avx512, neon (auto)")
        ->type_name("NAME");
    app.add_option("--peer", options.peer, "one of the distribution's limiters instead of ours, stereo, set to -1 dBFS")
        ->type_name("NAME");
    app.add_flag("--compensate", options.compensate, "take the latency out: what goes in at a frame comes out there");
    app.add_flag("--report", options.report, "print latency, faults, and the output's peaks (true: 16x) as JSON");
    app.footer("The latency is kept, unless --compensate is given: the output begins with silence.\n"
               "Exit code: 0 done; 1 a file or plugin cannot be used; 2 the command line is wrong.");
}

void run(const Options &options) {
    const FloatWav in = read_float_wav(options.in);
    const Result result = options.peer.empty() ? through_ours(options, in) : through_peer(options, in);
    write_float_wav(options.out, result.wav);
    if (options.report) std::printf("%s\n", report(result).dump().c_str());
}

int main(int argc, char **argv) {
    CLI::App app("Puts a WAV file through Soundwarden's limiter.", "limiter_run");
    Options options;
    describe(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    try {
        run(options);
    } catch (const UsageError &error) {
        std::fprintf(stderr, "limiter_run: %s\n", error.what());
        return 2;
    } catch (const std::exception &error) {
        std::fprintf(stderr, "limiter_run: %s\n", error.what());
        return 1;
    }
    return 0;
}

} // namespace
} // namespace soundwarden::bench

int main(int argc, char **argv) { return soundwarden::bench::main(argc, argv); }
