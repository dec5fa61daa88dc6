// SPDX-License-Identifier: MIT
// A machine in a temporary directory, with fakes behind its device nodes, and what Sense says of it.
#pragma once

#include "engine/event.hpp"
#include "poll_loop.hpp"
#include "sense_fakes.hpp"
#include "watcher.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::test {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class SenseTest : public testing::Test {
  protected:
    SenseTest() {
        std::string pattern = (fs::temp_directory_path() / "soundwarden-sense-XXXXXX").string();
        root = mkdtemp(pattern.data());
        places = {root / "sys", root / "proc", root / "dev"};
        for (const char *directory : {"sys/class/sound", "sys/class/input", "proc/asound", "dev/snd", "dev/input"})
            fs::create_directories(root / directory);
    }
    ~SenseTest() override {
        watcher.reset();
        fs::remove_all(root);
    }

    static void write(const fs::path &file, const std::string &text) {
        fs::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
    }

    /// A card on the bus, with its node.
    std::shared_ptr<FakeCard> add_card(std::uint32_t number, const std::string &parent = "devices/pci0000:00/0000:00:1f.3") {
        const std::string name = "card" + std::to_string(number);
        const fs::path device = places.sys / parent / "sound" / name;
        write(device / "id", "PCH\n");
        fs::create_symlink(device, places.sys / "class/sound" / name);
        write(places.dev / "snd" / ("controlC" + std::to_string(number)), "");
        return cards[number] = std::make_shared<FakeCard>();
    }
    void remove_card(std::uint32_t number) {
        const fs::path link = places.sys / "class/sound" / ("card" + std::to_string(number));
        fs::remove_all(fs::canonical(link));
        fs::remove(link);
        fs::remove(places.dev / "snd" / ("controlC" + std::to_string(number)));
        cards.erase(number);
    }
    /// An input device below `parent` of sysfs ("…/sound/card0": that card's).
    std::shared_ptr<FakeInput> add_input(std::uint32_t event, const fs::path &parent, const std::string &phys = "ALSA",
                                         const std::string &switches = "4") {
        const std::string name = "event" + std::to_string(event);
        const fs::path device = parent / ("input" + std::to_string(event));
        write(device / "phys", phys + "\n");
        write(device / "name", "HDA Intel PCH Headphone\n");
        write(device / "capabilities/sw", switches + "\n");
        fs::create_directories(device / name);
        fs::create_symlink(device, device / name / "device");
        fs::create_symlink(device / name, places.sys / "class/input" / name);
        write(places.dev / "input" / name, "");
        return inputs[event] = std::make_shared<FakeInput>();
    }
    fs::path card_device(std::uint32_t number) const {
        return fs::canonical(places.sys / "class/sound" / ("card" + std::to_string(number)));
    }

    Ports ports() {
        return {[this](const fs::path &node, std::uint32_t number) {
                    using Port = Reply<std::unique_ptr<ControlPort>>;
                    control_nodes.push_back(node.string());
                    const auto card = cards.find(number);
                    if (card == cards.end() || !fs::exists(node)) return Port::failed(ENOENT);
                    if (card->second->open_error != 0) return Port::failed(card->second->open_error);
                    return reply<std::unique_ptr<ControlPort>>(std::make_unique<FakeControls>(card->second));
                },
                [this](const fs::path &node) {
                    using Port = Reply<std::unique_ptr<SwitchPort>>;
                    input_nodes.push_back(node.filename().string());
                    const auto input = inputs.find(static_cast<std::uint32_t>(std::stoul(node.filename().string().substr(5))));
                    if (input == inputs.end()) return Port::failed(ENOENT);
                    ++input->second->opened;
                    if (input->second->open_error != 0) return Port::failed(input->second->open_error);
                    return reply<std::unique_ptr<SwitchPort>>(std::make_unique<FakeSwitches>(input->second));
                },
                [this]() -> std::unique_ptr<DeviceMonitor> { return udev ? std::make_unique<FakeMonitor>(udev) : nullptr; }};
    }

    void start() {
        ears = loop.watch(heard.descriptor(), loop::Ready::in, [this](loop::Ready) { heard.lower(); });
        watcher.emplace(loop, [this](engine::Event event) { hear(std::move(event)); }, places, ports());
        watcher->start();
    }
    void hear(engine::Event event) {
        heard.raise(); // the loop tells before it sleeps: whoever waits for it must be asked again
        if (const auto *sensed = std::get_if<engine::CardSensed>(&event)) {
            known[sensed->facts.card] = sensed->facts;
            ++told[sensed->facts.card];
        }
        if (const auto *left = std::get_if<engine::CardGone>(&event)) {
            known.erase(left->card);
            gone.push_back(left->card);
        }
        if (const auto *state = std::get_if<engine::Degraded>(&event)) degraded[state->token] = state->sentence;
    }
    /// Until it is so; false after 5 s.
    template <class Done> bool until(Done done) { return loop.run_until(done, 5s); }
    /// All that is ready now is taken, and told: a flag that is raised last is heard after it.
    void settle(int rounds = 2) {
        int rung = 0;
        Flag last;
        const auto io = loop.watch(last.descriptor(), loop::Ready::in, [&](loop::Ready) { ++rung; });
        last.raise();
        ASSERT_TRUE(until([&] { return rung > rounds; }));
    }
    const CardFacts &facts(std::uint32_t card = 0) const { return known.at(card); }
    std::optional<bool> plugged(const std::string &jack, std::uint32_t card = 0) const {
        for (const Jack &one : known.at(card).jacks)
            if (one.name == jack) return one.plugged;
        throw std::runtime_error("no jack " + jack);
    }

    fs::path root;
    Places places;
    PollLoop loop;
    Flag heard;
    std::unique_ptr<loop::Io> ears;
    std::map<std::uint32_t, std::shared_ptr<FakeCard>> cards;
    std::map<std::uint32_t, std::shared_ptr<FakeInput>> inputs;
    std::shared_ptr<FakeUdev> udev;
    std::vector<std::string> control_nodes;
    std::vector<std::string> input_nodes;
    std::map<std::uint32_t, CardFacts> known;
    std::map<std::uint32_t, int> told;
    std::vector<std::uint32_t> gone;
    std::map<std::string, std::string> degraded;
    std::optional<Watcher> watcher;
};

} // namespace soundwarden::test
