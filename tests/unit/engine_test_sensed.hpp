// SPDX-License-Identifier: MIT
// The usual laptop (engine_test_world.hpp) with what the kernel says of its card: a headphone jack with a microphone beside it.
#pragma once

#include "engine_test_world.hpp"

#include <cmath>
#include <string>
#include <utility>

namespace soundwarden::engine::testing {

/// 150 mV programme at 1.4 V (product.md, "Default caps").
inline const double headphone_cap = 20.0 * std::log10(0.150 / 1.4) + 10.0;

struct SensedLaptop {
    explicit SensedLaptop(const std::string &driver = "HDA-Intel", const Remembered &remembered = {}) {
        card.card = 0;
        card.name = "HDA Intel PCH";
        card.driver = driver;
        card.bus_path = "pci-0000:00:1f.3";
        card.jacks = {{.name = "Headphone", .use = JackUse::headphones, .plugged = false},
                      {.name = "Headset Mic", .use = JackUse::headset, .input = true, .plugged = false}};
        world.send(remembered);
        world.send(CardSensed{card});
        SinkFacts facts = laptop();
        facts.pcm = PcmAddress{0, 0};
        world.add(facts);
    }
    explicit SensedLaptop(const Remembered &remembered) : SensedLaptop("HDA-Intel", remembered) {}

    void sense() { world.send(CardSensed{card}); }
    void rest() { world.run(40s); }
    /// The kernel's jack first, PipeWire's route a moment later.
    void plug() {
        card.jacks[0].plugged = true;
        sense();
        world.pass(1ms);
        world.plug(0.5);
    }
    void unplug() {
        card.jacks[0].plugged = false;
        card.jacks[1].plugged = false;
        sense();
        world.pass(1ms);
        world.unplug(0.8);
    }

    World world;
    CardFacts card;
};

} // namespace soundwarden::engine::testing
