// SPDX-License-Identifier: MIT
// What the limiter costs: every mode, detector and instruction set beside the limiters of this distribution
// (peers.hpp), with the same input, limiting all the time and not at all; many channels; denormal input. Prints a table
// at the end;
// `--summary FILE` writes it as JSON too. Everything else is Google Benchmark's: `--benchmark_filter=/active/64/2`.
#include "bench_table.hpp"
#include "dsp/limiter.hpp"
#include "peers.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <numbers>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace soundwarden::bench {
namespace {

using dsp::Limiter;
using dsp::LimiterFormat;
using dsp::LimiterMode;
using dsp::PeakDetector;

constexpr std::size_t signal_frames = 32768;
constexpr std::uint32_t rate_hz = 48000;

using Samples = std::vector<float>;

Samples noise(float deviation, std::uint32_t seed) {
    std::mt19937 engine(seed);
    std::normal_distribution<float> normal(0.0F, deviation);
    Samples samples(signal_frames);
    for (float &value : samples) value = normal(engine);
    return samples;
}

Samples sine(float amplitude, int periods) {
    Samples samples(signal_frames);
    const double step = 2.0 * std::numbers::pi * periods / static_cast<double>(signal_frames);
    for (std::size_t i = 0; i < signal_frames; ++i)
        samples[i] = amplitude * static_cast<float>(std::sin(step * static_cast<double>(i)));
    return samples;
}

Samples alternating_denormals() {
    Samples samples(signal_frames);
    for (std::size_t i = 0; i < signal_frames; ++i) samples[i] = i % 2 == 0 ? 1e-39F : -1e-39F;
    return samples;
}

// "active" and "quiet": normal noise with peaks 15 dB above full scale, or 11 dB under it (reference/limiter.md §0).
// The other signals are said channel by channel, a sine 6 dB above full scale for "loud"; further channels repeat the
// last.
Samples one_channel(const std::string &signal, std::uint32_t channel) {
    if (signal == "active") return noise(1.2F, channel + 1);
    if (signal == "quiet") return noise(0.06F, channel + 1);
    const bool has_loud = signal.starts_with("loud + ");
    if (has_loud && channel == 0) return sine(2.0F, 683);
    const std::string rest = has_loud ? signal.substr(7) : signal;
    if (rest == "denormal 1e-39") return alternating_denormals();
    if (rest == "denormal noise") return noise(3e-39F, channel + 1);
    return sine(0.1F, 683);
}

const std::vector<Samples> &signal_of(const Subject &subject) {
    static std::map<std::pair<std::string, std::uint32_t>, std::vector<Samples>> made;
    std::vector<Samples> &samples = made[{subject.signal, subject.channels}];
    if (samples.empty())
        for (std::uint32_t c = 0; c < subject.channels; ++c) samples.push_back(one_channel(subject.signal, c));
    return samples;
}

// Straight out of the signal into one block of output, round and round; the first round is not timed.
template <class Process>
void measure(benchmark::State &state, const Subject &subject, Process process) {
    const std::vector<Samples> &in = signal_of(subject);
    std::vector<Samples> out(subject.channels, Samples(subject.block));
    std::vector<const float *> from(subject.channels);
    std::vector<float *> to(subject.channels);
    for (std::size_t c = 0; c < out.size(); ++c) to[c] = out[c].data();
    std::size_t at = 0;
    const auto block = [&] {
        for (std::size_t c = 0; c < in.size(); ++c) from[c] = in[c].data() + at;
        process(from.data(), to.data(), subject.block);
        benchmark::ClobberMemory();
        at += subject.block;
        if (at + subject.block > signal_frames) at = 0;
    };
    do block();
    while (at != 0);
    for ([[maybe_unused]] auto turn : state) block();
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * subject.block);
}

struct Case {
    Subject subject;
    std::function<void(benchmark::State &)> run;
};

struct Mode {
    const char *name;
    LimiterMode mode;
    PeakDetector detector;
};

constexpr Mode modes[] = {{"guard", LimiterMode::guard, PeakDetector::sample_peak},
                          {"low-sample-peak", LimiterMode::low, PeakDetector::sample_peak},
                          {"low-true-peak", LimiterMode::low, PeakDetector::true_peak},
                          {"default-sample-peak", LimiterMode::standard, PeakDetector::sample_peak},
                          {"default-true-peak", LimiterMode::standard, PeakDetector::true_peak},
                          {"smooth-sample-peak", LimiterMode::smooth, PeakDetector::sample_peak},
                          {"smooth-true-peak", LimiterMode::smooth, PeakDetector::true_peak}};
constexpr const char *sample_peak_mode = "default-sample-peak";
constexpr const char *true_peak_mode = "default-true-peak";
constexpr std::uint32_t blocks[] = {32, 64, 128, 256, 1024};

Case our_case(const Mode &mode, dsp::InstructionSet set, const std::string &signal, std::uint32_t block,
              std::uint32_t channels) {
    const Subject subject{"soundwarden", mode.name, std::string(dsp::name_of(set)), signal, block, channels, {}};
    const LimiterFormat format{channels, rate_hz, mode.mode, mode.detector, set};
    return {subject, [subject, format](benchmark::State &state) {
                dsp::LimiterTargets targets;
                targets.ceiling = peer_ceiling;
                Limiter limiter(format, targets);
                measure(state, subject, [&](const float *const *in, float *const *out, std::uint32_t frames) {
                    limiter.process(in, out, frames, targets);
                });
            }};
}

Case peer_case(const PeerKind &kind, const std::string &signal, std::uint32_t block) {
    const Subject subject{std::string(kind.who),
                          std::string(kind.mode),
                          "packaged",
                          signal,
                          block,
                          2,
                          kind.looks_between_samples ? true_peak_mode : sample_peak_mode};
    return {subject, [subject, &kind](benchmark::State &state) {
                const LoadedPeer loaded = load_peer(kind, rate_hz);
                if (!loaded.peer) return state.SkipWithError(loaded.missing.c_str());
                measure(state, subject, [&](const float *const *in, float *const *out, std::uint32_t frames) {
                    loaded.peer->process(in, out, frames);
                });
            }};
}

const std::vector<std::string> denormal_signals = {"sine",        "denormal 1e-39",        "denormal noise",
                                                   "loud + sine", "loud + denormal 1e-39", "loud + denormal noise"};

void add_ours(std::vector<Case> &cases, const Mode &mode, dsp::InstructionSet set, dsp::InstructionSet best) {
    const bool is_default =
        mode.name == std::string_view(true_peak_mode) || mode.name == std::string_view(sample_peak_mode);
    for (const char *signal : {"active", "quiet"}) {
        for (const std::uint32_t block : blocks) {
            cases.push_back(our_case(mode, set, signal, block, 2));
            if (set == best && is_default && block != 256) cases.push_back(our_case(mode, set, signal, block, 64));
        }
        if (!is_default) continue;
        for (const std::uint32_t channels : {1U, 4U, 8U, 16U, 32U, 64U})
            cases.push_back(our_case(mode, set, signal, 256, channels));
    }
    for (const std::string &signal : denormal_signals) cases.push_back(our_case(mode, set, signal, 256, 2));
}

// Those that are not there are named, and left out.
std::vector<Case> all_cases() {
    std::vector<Case> cases;
    std::set<std::string> missing;
    const std::vector<dsp::InstructionSet> sets = dsp::instruction_sets();
    for (const Mode &mode : modes)
        for (const dsp::InstructionSet set : sets) add_ours(cases, mode, set, sets.back());
    for (const PeerKind &kind : peer_kinds()) {
        if (const LoadedPeer probe = load_peer(kind, rate_hz); !probe.peer) {
            if (missing.insert(probe.missing).second) std::fprintf(stderr, "missing: %s\n", probe.missing.c_str());
            continue;
        }
        for (const char *signal : {"active", "quiet"})
            for (const std::uint32_t block : blocks) cases.push_back(peer_case(kind, signal, block));
        for (const std::string &signal : denormal_signals) cases.push_back(peer_case(kind, signal, 256));
    }
    return cases;
}

// Remembers every repetition: on a shared machine, what is above the least is somebody else's. One line for each case.
class Memory : public benchmark::ConsoleReporter {
  public:
    Memory() : ConsoleReporter(OO_None) {}
    void ReportRuns(const std::vector<Run> &runs) override {
        double least = 0.0;
        for (const Run &run : runs) {
            if (run.run_type != Run::RT_Iteration) continue;
            const auto rate = run.counters.find("items_per_second");
            if (rate == run.counters.end()) continue;
            const double ns = 1e9 / rate->second.value;
            ns_[run.run_name.function_name].push_back(ns);
            least = least == 0.0 ? ns : std::min(least, ns);
        }
        if (least > 0.0) std::printf("%10.2f ns  %s\n", least, runs.front().run_name.function_name.c_str());
        std::fflush(stdout);
    }
    std::vector<Time> of(const std::vector<Case> &cases) const {
        std::vector<Time> times;
        for (const Case &what : cases)
            if (const auto found = ns_.find(what.subject.name()); found != ns_.end())
                times.push_back({what.subject, found->second});
        return times;
    }

  private:
    std::map<std::string, std::vector<double>> ns_;
};

// Takes `--summary FILE` (or `--summary=FILE`) out of the arguments that Google Benchmark gets to see. False: no FILE.
bool take_summary(std::vector<char *> &arguments, std::string &file) {
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const std::string_view argument = arguments[i];
        if (argument != "--summary" && !argument.starts_with("--summary=")) continue;
        const auto at = arguments.begin() + static_cast<std::ptrdiff_t>(i);
        if (argument != "--summary") {
            file = argument.substr(std::strlen("--summary="));
            arguments.erase(at);
        } else if (i + 1 < arguments.size()) {
            file = arguments[i + 1];
            arguments.erase(at, at + 2);
        }
        return !file.empty();
    }
    return true;
}

int write_summary(const std::string &file, const std::vector<Time> &times) {
    std::ofstream out(file);
    out << summary(times).dump(1) << '\n';
    out.close();
    if (out) return 0;
    std::fprintf(stderr, "limiter_bench: cannot write %s: %s\n", file.c_str(), std::strerror(errno));
    return 1;
}

int run(int argc, char **argv) {
    std::vector<char *> arguments(argv, argv + argc);
    std::string file;
    if (!take_summary(arguments, file)) {
        std::fputs("limiter_bench: --summary wants the name of a file\n", stderr);
        return 2;
    }
    // Many short repetitions, those of each case spread over the whole run: the least of them is what nobody disturbed.
    // First, so that what people say overrides it; as arguments, because otherwise it becomes a part of the names.
    std::string defaults[] = {"--benchmark_min_time=" SOUNDWARDEN_SHORT_TIME, "--benchmark_repetitions=12",
                              "--benchmark_enable_random_interleaving=true"};
    for (std::string &option : defaults) arguments.insert(arguments.begin() + 1, option.data());
    int count = static_cast<int>(arguments.size());
    arguments.push_back(nullptr);
    benchmark::Initialize(&count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;

    const std::vector<Case> cases = all_cases();
    for (const Case &what : cases) benchmark::RegisterBenchmark(what.subject.name().c_str(), what.run);
    std::printf("%zu cases, spread over the run: figures come towards its end\n", cases.size());
    Memory reporter;
    benchmark::RunSpecifiedBenchmarks(&reporter);
    benchmark::Shutdown();

    const std::vector<Time> times = reporter.of(cases);
    std::fputs(table(times, std::string(dsp::name_of(dsp::instruction_sets().back()))).c_str(), stdout);
    return file.empty() ? 0 : write_summary(file, times);
}

} // namespace
} // namespace soundwarden::bench

int main(int argc, char **argv) { return soundwarden::bench::run(argc, argv); }
