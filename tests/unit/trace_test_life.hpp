// SPDX-License-Identifier: MIT
// Random lives of a machine with a laptop's card, a Bluetooth headset and three USB devices, two of them with the same serial number:
// recorded as the daemon records them.
#pragma once

#include "engine_test_world.hpp"
#include "policy/policy_set.hpp"
#include "trace/recorder.hpp"

#include <random>
#include <string>
#include <vector>

namespace soundwarden::trace::testing {

using namespace engine; // NOLINT: the vocabulary of these tests
using namespace std::chrono_literals;

inline const std::string address = "4C:87:5D:0A:B1:F2";
inline const std::string scarlett_serial = "Y8K3ZX90C41A7B";
inline const std::string headset_serial = "0007"; // too short to be looked for on its own, known by its card
inline const std::string dongle_serial = "20200316AB";

/// Everything secret in these lives, in the forms it can stand in.
inline std::vector<std::string> secrets() {
    return {address,          "4C_87_5D_0A_B1_F2", "4c:87:5d:0a:b1:f2", "4c_87_5d_0a_b1_f2", "4C875D0AB1F2", "4c875d0ab1f2", scarlett_serial,
            "y8k3zx90c41a7b", "Y8K3",              dongle_serial,       "20200316ab",        "Headset_0007", "headset_0007", "\"0007\""};
}

inline SinkFacts usb_sink(const std::string &id_serial, const std::string &description, const std::string &suffix = "") {
    SinkFacts facts;
    facts.key = "alsa_output.usb-" + id_serial + "-00" + suffix + ".analog-stereo";
    facts.serial = 80;
    facts.description = description + " Analog Stereo";
    facts.device_name = "alsa_card.usb-" + id_serial + "-00" + suffix;
    facts.device_description = description;
    facts.bus_path = id_serial;
    facts.api = "alsa";
    facts.bus = "usb";
    facts.vendor_id = "1235";
    facts.product_id = "8210";
    facts.card_name = description;
    facts.positions = {"FL", "FR"};
    facts.rate_hz = 48000;
    facts.routes = {engine::testing::route(0, "analog-output-speaker", "Line Out", "line", Availability::unknown),
                    engine::testing::route(1, "analog-output-headphones", "Headphones", "headphones", Availability::yes)};
    facts.active = RouteState{0, 0.4, false, false};
    facts.pcm = PcmAddress{1, 0};
    return facts;
}
inline SinkFacts scarlett() { return usb_sink("Focusrite_Scarlett_2i2_USB_" + scarlett_serial, "Scarlett 2i2 USB"); }
inline SinkFacts headset() { return usb_sink("Maker_Headset_" + headset_serial, "Headset"); }
inline SinkFacts dongle(const std::string &suffix) { return usb_sink("Generic_USB_Audio_" + dongle_serial, "USB Audio", suffix); }

inline SinkFacts bluetooth() {
    SinkFacts facts;
    facts.key = "bluez_output.4C_87_5D_0A_B1_F2.1";
    facts.serial = 70;
    facts.description = "WH-1000XM4";
    facts.device_name = "bluez_card.4C_87_5D_0A_B1_F2";
    facts.device_description = "WH-1000XM4";
    facts.bus_path = address;
    facts.api = "bluez5";
    facts.bus = "bluetooth";
    facts.form_factor = "headset";
    facts.positions = {"FL", "FR"};
    facts.rate_hz = 48000;
    facts.routes = {engine::testing::route(0, "headset-output", "Headset", "headset", Availability::yes)};
    facts.active = RouteState{0, 0.3, false, true};
    return facts;
}

inline policy::SourceText text_in(const std::string &path, policy::Layer layer, const std::string &content) {
    return {path, layer, content, {}, false};
}

class RecordedLife {
  public:
    RecordedLife(std::uint64_t seed, bool hashed);
    RecordedLife(const RecordedLife &) = delete;
    RecordedLife &operator=(const RecordedLife &) = delete;

    /// So many things happen, and sometimes it ends.
    void run(int events);

    engine::testing::World world;
    std::string trace;

  private:
    int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
    double volume() { return static_cast<double>(random_() % 10001) / 7000.0; }
    void send_policy();
    void happen();
    void happen_to(const SinkKey &key);
    Event wish();

    std::mt19937_64 random_;
    std::mt19937 for_pseudonyms_;
    Recorder recorder_;
    std::vector<SinkFacts> away_;
    std::shared_ptr<const policy::PolicySet> held_ = policy::builtin();
};

} // namespace soundwarden::trace::testing
