// SPDX-License-Identifier: MIT
// What the engine costs on a large machine: 64 cards with 16 jacks each, every one of them an output. An edge is one step; the state as
// others see it is worked out once in each round of the loop.
#include "engine/engine.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace soundwarden;
using namespace soundwarden::engine;

constexpr std::uint32_t cards = 64;
constexpr std::uint32_t jacks = 16;

CardFacts card(std::uint32_t number) {
    CardFacts facts;
    facts.card = number;
    facts.driver = "HDA-Intel";
    facts.name = "Card " + std::to_string(number);
    for (std::uint32_t jack = 0; jack < jacks; ++jack)
        facts.jacks.push_back({.name = "Headphone", .index = jack, .use = JackUse::headphones, .plugged = false});
    return facts;
}

SinkFacts sink(std::uint32_t number) {
    SinkFacts facts;
    facts.key = "alsa_output.card" + std::to_string(number) + ".analog-stereo";
    facts.serial = 100 + number;
    facts.bus_path = "pci-0000:" + std::to_string(number) + ":1f.3";
    facts.api = "alsa";
    facts.bus = "pci";
    facts.positions = {"FL", "FR"};
    facts.pcm = PcmAddress{number, 0};
    for (std::uint32_t route = 0; route < jacks; ++route)
        facts.routes.push_back({route, "[Out] Headphones" + std::to_string(route + 1), "Headphones " + std::to_string(route + 1), "headphones", {},
                                Availability::unknown});
    facts.active = RouteState{0, 0.5, false, false};
    return facts;
}

struct Machine {
    Machine() : engine(Settings{}) {
        for (std::uint32_t i = 0; i < cards; ++i) {
            all.push_back(card(i));
            engine.step(CardSensed{all.back()}, now);
            engine.step(SinkSeen{sink(i)}, now);
        }
    }
    void edge(std::uint64_t n) {
        CardFacts &facts = all[n % cards];
        Jack &jack = facts.jacks[n / cards % jacks];
        jack.plugged = !*jack.plugged;
        now += std::chrono::microseconds(100);
        benchmark::DoNotOptimize(engine.step(CardSensed{facts}, now));
    }
    std::vector<CardFacts> all;
    Time now{std::chrono::hours(1)};
    Engine engine;
};

void edge_of_a_jack(benchmark::State &state) {
    Machine machine;
    std::uint64_t n = 0;
    for (auto _ : state) machine.edge(n++);
}
BENCHMARK(edge_of_a_jack)->Unit(benchmark::kMicrosecond);

/// The worst round: every card has an edge, and then the state is published.
void round_with_an_edge_on_every_card(benchmark::State &state) {
    Machine machine;
    std::uint64_t n = 0;
    for (auto _ : state) {
        for (std::uint32_t i = 0; i < cards; ++i) machine.edge(n++);
        benchmark::DoNotOptimize(machine.engine.revision());
    }
}
BENCHMARK(round_with_an_edge_on_every_card)->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
