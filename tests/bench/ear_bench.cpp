// SPDX-License-Identifier: MIT
// What the ear costs: time per frame (of all channels) of the meter, and of meter and governor together.
#include "dsp/governor.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <vector>

namespace {

using namespace soundwarden::dsp;

constexpr std::uint32_t rate = 48000;

void run(benchmark::State &state, bool governed, double target_dbfs) {
    const auto channels = static_cast<std::uint32_t>(state.range(0));
    const auto block = static_cast<std::uint32_t>(state.range(1));
    std::mt19937 engine(1);
    std::vector<std::vector<float>> planes(channels, std::vector<float>(block));
    std::vector<float> gains(block, 1.0F);
    std::vector<const float *> planes_in;
    for (std::uint32_t c = 0; c < channels; ++c) {
        for (float &sample : planes[c]) sample = static_cast<float>(engine()) * 0x1p-31F - 1.0F;
        planes_in.push_back(planes[c].data());
    }
    AWeightedMeter meter(channels, rate);
    Governor governor(channels, rate, {target_dbfs});
    for (auto step : state) {
        if (governed) {
            // As in the guard: the gains are there anyway, and the limiter multiplies by them.
            std::fill(gains.begin(), gains.end(), 1.0F);
            benchmark::DoNotOptimize(governor.multiply(gains.data(), block, meter));
        }
        meter.process(planes_in.data(), block);
        benchmark::ClobberMemory();
    }
    state.counters["per_frame"] = benchmark::Counter(static_cast<double>(block), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void meter(benchmark::State &state) { run(state, false, 0.0); }
void meter_and_governor_below_the_target(benchmark::State &state) { run(state, true, 20.0); }
void meter_and_governor_turning_down(benchmark::State &state) { run(state, true, -90.0); }

void sizes(benchmark::internal::Benchmark *bench) {
    for (const int channels : {2, 8, 64})
        for (const int block : {64, 1024}) bench->Args({channels, block});
    bench->ArgNames({"channels", "block"});
}
BENCHMARK(meter)->Apply(sizes);
BENCHMARK(meter_and_governor_below_the_target)->Apply(sizes);
BENCHMARK(meter_and_governor_turning_down)->Apply(sizes);

} // namespace

BENCHMARK_MAIN();
