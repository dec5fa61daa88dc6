// SPDX-License-Identifier: MIT
// What a large policy costs: 10,000 rules and facts about 1,000 outputs are to be loaded in 100 ms, and a decision is to take 20 µs. What an
// output's rules are is worked out once, when the output or the policy changes (prepare_output).
#include "policy/decide.hpp"
#include "policy/policy_set.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace soundwarden;
using namespace soundwarden::policy;

/// A site's policy as a script would write it: each rule for an output of its own, each output a USB device.
std::string large_policy(int rules, int outputs) {
    static const char *const kinds[] = {"headphone-out", "line-out", "shared-out", "usb-fixed"};
    std::string out = "# SPDX-License-Identifier: MIT\nschema = 1\n";
    for (int i = 0; i < outputs; ++i) {
        const std::string n = std::to_string(i);
        const std::string id = std::to_string(1000 + i % 9000);
        out += "\n[[output]]\nname = \"Interface " + n + "\"\nmatch = { usb = \"" + id +
               ":8210\", route = \"analog-output-" + n + "*\" }\nkind = \"" + kinds[i % 4] + "\"\nfull-scale = \"" +
               std::to_string(1 + i % 4) + ".5 V\"\noutput-impedance = \"" + std::to_string(i % 100) +
               " ohm\"\nsource = \"https://example.org/" + n + " (2026-11-01)\"\n";
    }
    for (int i = 0; i < rules; ++i) {
        const std::string n = std::to_string(i);
        out += "\n[[rule]]\nname = \"rule " + n + "\"\nwhen = { kind = \"" + kinds[i % 4] +
               "\", load = [\"headphones\", \"headset\"], output = \"Device " + n +
               " *\" }\nverdict = \"limit\"\ntarget = \"" + std::to_string(80 + i % 20) +
               " dB(A)\"\nreason = \"headphone-cap\"\nmessage = \"Rule number " + n + " of this site.\"\n";
    }
    return out;
}

void load_large_policy(benchmark::State &state) {
    const std::string text = large_policy(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
    for (auto _ : state) {
        Loaded loaded =
            load({{.path = "/etc/soundwarden/policy.d/60-site.toml", .layer = Layer::etc, .content = text}});
        if (!loaded.set) state.SkipWithError("the policy has errors");
        benchmark::DoNotOptimize(loaded);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(load_large_policy)->Args({10'000, 1'000})->Args({100, 10})->Unit(benchmark::kMillisecond);

void load_shipped_policy(benchmark::State &state) {
    for (auto _ : state) benchmark::DoNotOptimize(load({}));
}
BENCHMARK(load_shipped_policy)->Unit(benchmark::kMillisecond);

const std::shared_ptr<const PolicySet> &large_set() {
    static const auto set =
        load({{.path = "/etc/soundwarden/policy.d/60-site.toml", .layer = Layer::etc, .content = large_policy(10'000, 1'000)}}).set;
    return set;
}

/// "Device 4242 Headphones": one rule of its own, and those of the matrix.
Subject large_subject() {
    OutputFacts facts;
    facts.kind = OutputKind::line_out;
    return {large_set(), facts, facts, Volts{2.0}, {"Device 4242 Headphones", "device_4242", "alsa_output.device_4242", "Device 4242"}};
}

const Classification unsure{{{Load::headphones, 0.45}, {Load::in_ear, 0.2}, {Load::headset, 0.2}, {Load::active_speakers, 0.15}},
                            Confidence::low,
                            {}};

void prepare_output(benchmark::State &state) {
    SocketFacts socket;
    socket.node_name = "alsa_output.device_4242";
    socket.vendor_id = "1042";
    socket.product_id = "8210";
    socket.route_name = "analog-output-4242";
    if (large_set() == nullptr) state.SkipWithError("the policy has errors");
    for (auto _ : state) {
        benchmark::DoNotOptimize(profiles_for(*large_set(), socket));
        benchmark::DoNotOptimize(large_subject());
    }
}
BENCHMARK(prepare_output)->Unit(benchmark::kMicrosecond);

void decide_output(benchmark::State &state) {
    const Subject subject = large_subject();
    for (auto _ : state) benchmark::DoNotOptimize(decide(subject, unsure, Posture::protect));
}
BENCHMARK(decide_output)->Unit(benchmark::kMicrosecond);

} // namespace

BENCHMARK_MAIN();
