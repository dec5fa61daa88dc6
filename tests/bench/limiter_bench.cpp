// SPDX-License-Identifier: MIT
// What the limiter costs: every mode, detector, instruction set, block length and channel count, limiting all the time and not
// at all. Prints nanoseconds per frame; `--summary FILE` writes them as JSON too.
#include "dsp/limiter.hpp"

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::bench {
namespace {

using dsp::Limiter;
using dsp::LimiterFormat;
using dsp::LimiterMode;
using dsp::PeakDetector;

constexpr std::size_t signal_frames = 32768;
constexpr float ceiling = 0.8912509F; // -1 dBFS

// Normal noise: peaks 11 dB under full scale, or 15 dB above it (reference/limiter.md §0).
std::vector<std::vector<float>> noise(std::uint32_t channels, bool active) {
    std::mt19937 engine(1);
    std::normal_distribution<float> normal(0.0F, active ? 1.2F : 0.06F);
    std::vector<std::vector<float>> signal(channels, std::vector<float>(signal_frames));
    for (auto &channel : signal)
        for (float &value : channel) value = normal(engine);
    return signal;
}

struct Case {
    std::string mode;
    LimiterFormat format;
    bool active;
    std::uint32_t block;

    std::string name() const {
        return "soundwarden/" + mode + "/" + std::string(dsp::name_of(format.instructions)) + (active ? "/active/" : "/quiet/") +
               std::to_string(block) + "/" + std::to_string(format.channels);
    }
};

void measure(benchmark::State &state, const Case &what) {
    const auto in = noise(what.format.channels, what.active);
    std::vector<std::vector<float>> out(what.format.channels, std::vector<float>(what.block));
    dsp::LimiterTargets targets;
    targets.ceiling = ceiling;
    Limiter limiter(what.format, targets);
    std::vector<const float *> from(what.format.channels);
    std::vector<float *> to(what.format.channels);
    for (std::size_t c = 0; c < out.size(); ++c) to[c] = out[c].data();
    std::size_t at = 0;
    for ([[maybe_unused]] auto turn : state) {
        for (std::size_t c = 0; c < in.size(); ++c) from[c] = in[c].data() + at;
        limiter.process(from.data(), to.data(), what.block, targets);
        benchmark::ClobberMemory();
        at += what.block;
        if (at + what.block > signal_frames) at = 0;
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * what.block);
}

std::vector<Case> all_cases() {
    using enum PeakDetector;
    const struct {
        const char *name;
        LimiterMode mode;
        PeakDetector detector;
    } modes[] = {{"guard", LimiterMode::guard, sample_peak},
                 {"low-sample-peak", LimiterMode::low, sample_peak},
                 {"low-true-peak", LimiterMode::low, true_peak},
                 {"default-sample-peak", LimiterMode::standard, sample_peak},
                 {"default-true-peak", LimiterMode::standard, true_peak},
                 {"smooth-sample-peak", LimiterMode::smooth, sample_peak},
                 {"smooth-true-peak", LimiterMode::smooth, true_peak}};
    std::vector<Case> cases;
    for (const auto &[name, mode, detector] : modes)
        for (const dsp::InstructionSet set : dsp::instruction_sets())
            for (const bool active : {true, false})
                for (const std::uint32_t block : {32U, 64U, 128U, 256U, 512U, 1024U})
                    for (const std::uint32_t channels : {2U, 8U, 64U}) {
                        LimiterFormat format;
                        format.channels = channels;
                        format.mode = mode;
                        format.detector = detector;
                        format.instructions = set;
                        cases.push_back({name, format, active, block});
                    }
    return cases;
}

// Remembers the least time of each case: on a shared machine the rest is somebody else's.
class Least : public benchmark::ConsoleReporter {
  public:
    Least() : ConsoleReporter(OO_None) {}
    void ReportRuns(const std::vector<Run> &runs) override {
        ConsoleReporter::ReportRuns(runs);
        for (const Run &run : runs) {
            if (run.run_type != Run::RT_Iteration) continue;
            const auto rate = run.counters.find("items_per_second");
            if (rate == run.counters.end()) continue;
            const double ns = 1e9 / rate->second.value;
            const auto [entry, added] = ns_.try_emplace(run.run_name.function_name, ns);
            if (!added) entry->second = std::min(entry->second, ns);
        }
    }
    const std::map<std::string, double> &ns_per_frame() const { return ns_; }

  private:
    std::map<std::string, double> ns_;
};

nlohmann::json summary(const std::vector<Case> &cases, const std::map<std::string, double> &ns_per_frame) {
    nlohmann::json table = nlohmann::json::array();
    for (const Case &what : cases) {
        const auto found = ns_per_frame.find(what.name());
        if (found == ns_per_frame.end()) continue;
        table.push_back({{"who", "soundwarden"},
                         {"mode", what.mode},
                         {"isa", dsp::name_of(what.format.instructions)},
                         {"signal", what.active ? "active" : "quiet"},
                         {"block", what.block},
                         {"channels", what.format.channels},
                         {"ns_per_frame", found->second}});
    }
    return table;
}

// Takes `--summary FILE` (or `--summary=FILE`) out of the arguments that Google Benchmark gets to see.
std::string take_summary(std::vector<char *> &arguments) {
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const std::string_view argument = arguments[i];
        if (argument.starts_with("--summary=")) {
            std::string file(argument.substr(10));
            arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i));
            return file;
        }
        if (argument == "--summary" && i + 1 < arguments.size()) {
            std::string file = arguments[i + 1];
            arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 2);
            return file;
        }
    }
    return {};
}

int run(int argc, char **argv) {
    std::vector<char *> arguments(argv, argv + argc);
    const std::string file = take_summary(arguments);
    int count = static_cast<int>(arguments.size());
    arguments.push_back(nullptr);
    benchmark::Initialize(&count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;

    const std::vector<Case> cases = all_cases();
    for (const Case &what : cases)
        benchmark::RegisterBenchmark(what.name().c_str(), [&what](benchmark::State &state) { measure(state, what); });
    Least reporter;
    benchmark::RunSpecifiedBenchmarks(&reporter);
    benchmark::Shutdown();

    std::puts("\nns per frame (least)");
    for (const auto &[name, ns] : reporter.ns_per_frame()) std::printf("%8.2f  %s\n", ns, name.c_str());
    if (file.empty()) return 0;
    std::ofstream out(file);
    out << summary(cases, reporter.ns_per_frame()).dump(1) << '\n';
    out.close();
    if (out) return 0;
    std::fprintf(stderr, "limiter_bench: cannot write %s\n", file.c_str());
    return 1;
}

} // namespace
} // namespace soundwarden::bench

int main(int argc, char **argv) { return soundwarden::bench::run(argc, argv); }
