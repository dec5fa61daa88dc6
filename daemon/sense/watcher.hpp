// SPDX-License-Identifier: MIT
// Sense behind its public face, with the ports as a seam: cards and input devices come and go, each source tells what it knows, and
// each card whose picture differs is told once for each time the loop wakes.
#pragma once

#include "card_controls.hpp"
#include "codec_reader.hpp"
#include "engine/event.hpp"
#include "loop/loop.hpp"
#include "node_watch.hpp"
#include "place.hpp"
#include "ports.hpp"
#include "switch_device.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::sense {

/// Main thread only. With udev, a card is read when udev says "change" of it: that follows when all its nodes are there with their
/// permissions (sensing.md §6.3); an input device when udev has added it. Without udev, when its node appears.
class Watcher {
  public:
    Watcher(loop::Loop &loop, Sense::Tell tell, Places places, Ports ports);
    ~Watcher();
    Watcher(const Watcher &) = delete;
    Watcher &operator=(const Watcher &) = delete;

    void start();
    void look(std::uint32_t card);

  private:
    struct Card {
        CardPlace place;
        CardFacts standing;
        std::unique_ptr<CardControls> controls; ///< none: they cannot be read
        int controls_error = 0;
        std::unique_ptr<loop::Io> controls_io;
        std::uint64_t codec_request = 0;
        CodecReader::Found codecs;
        std::optional<CardFacts> told;
        bool changed = false;
    };
    struct Input {
        std::uint32_t card = 0;
        std::unique_ptr<SwitchDevice> device; ///< none: it cannot be read
        int error = 0;
        std::unique_ptr<loop::Io> io;
    };

    void heed_udev();
    void heed_device(const DeviceEvent &event);
    void heed_node(NodeWatch::Change change, const std::string &node);
    void heed_card_node(NodeWatch::Change change, std::uint32_t card);
    void heed_input_node(NodeWatch::Change change, std::uint32_t event);
    void heed_codecs(CodecReader::Found found);
    void heed_type_c();

    void scan();
    void retry();
    void arrive(std::uint32_t number);
    void leave(std::uint32_t number);
    void open_card(std::uint32_t number, Card &card);
    void scan_inputs();
    void consider(std::uint32_t event);
    void open_input(std::uint32_t event, Input &input);
    void drop_input(std::uint32_t event);
    std::optional<std::uint32_t> owner_of(std::uint32_t event) const;
    void changed(std::uint32_t card);

    void tell_changes();
    void drop_gone();
    void drop_gone_cards();
    CardFacts facts_of(std::uint32_t number, const Card &card) const;
    void add_switches(std::uint32_t number, CardFacts &facts) const;
    void weigh_permissions();

    std::filesystem::path control_node(std::uint32_t card) const;
    std::filesystem::path input_node(std::uint32_t event) const;

    loop::Loop &loop_;
    Sense::Tell tell_;
    Places places_;
    Ports ports_;
    bool portable_ = false;
    bool analog_accessory_ = false;
    std::map<std::uint32_t, Card> cards_;
    std::map<std::uint32_t, Input> inputs_; ///< by the number of their event node
    std::vector<engine::Event> waiting_;    ///< told at the end of a round, when nothing is being changed
    std::uint64_t last_request_ = 0;
    bool unreadable_ = false;
    std::unique_ptr<DeviceMonitor> monitor_;
    std::unique_ptr<loop::Io> monitor_io_;
    std::optional<NodeWatch> nodes_;
    std::optional<CodecReader> codecs_;
    std::unique_ptr<loop::Source> end_of_round_;
};

} // namespace soundwarden::sense
