// SPDX-License-Identifier: MIT
// Watches the sound cards of this machine as the daemon does, and prints each event of Sense as a JSON line. For the tests in the virtual
// machine, and for people who want to see what their hardware says.
//
//   soundwarden-sensewatch          until SIGINT or SIGTERM
//   soundwarden-sensewatch --once   what is there now
//
// {"event":"card",…}, {"event":"gone","card":1}, {"event":"degraded","token":…,"sentence":…}
#include "poll_loop.hpp"
#include "sense/sense.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>

namespace soundwarden {
namespace {

using Json = nlohmann::ordered_json;

/// With its names as they stand in CardFacts.
Json json_of(const Jack &jack) {
    Json json{{"name", jack.name}, {"index", jack.index}, {"use", name_of(jack.use)}, {"place", name_of(jack.place)},
              {"input", jack.input}, {"phantom", jack.phantom}};
    if (!jack.channels.empty()) json["channels"] = jack.channels;
    if (jack.pcm) json["pcm"] = *jack.pcm;
    json["plugged"] = jack.plugged ? Json(*jack.plugged) : Json();
    return json;
}

Json json_of(const JackBits &bits) {
    Json json = Json::array();
    if (bits.headphone) json.push_back("headphone");
    if (bits.microphone) json.push_back("microphone");
    if (bits.line_out) json.push_back("line-out");
    if (bits.line_in) json.push_back("line-in");
    if (bits.physical) json.push_back("physical");
    if (bits.video_out) json.push_back("video-out");
    return json;
}

Json json_of(const JackSwitches &switches) {
    return {{"name", switches.name}, {"able", json_of(switches.able)}, {"on", json_of(switches.on)}, {"buttons", switches.buttons}};
}

Json json_of(const Eld &eld) {
    return {{"pcm", eld.pcm}, {"valid", eld.valid}, {"monitor", eld.monitor}, {"maker", eld.maker}, {"channels", eld.channels}};
}

Json json_of(const HdaPin &pin) {
    return {{"codec", pin.codec}, {"node", pin.node}, {"use", name_of(pin.use)}, {"place", name_of(pin.place)}, {"jack", pin.jack},
            {"headphone_driver", pin.headphone_driver}, {"detects", pin.detects}};
}

Json json_of(const UsbTerminal &terminal) { return {{"type", terminal.type}, {"id", terminal.id}, {"output", terminal.output}}; }
Json json_of(const SidePath &path) { return {{"kind", name_of(path.kind)}, {"control", path.control}, {"on", path.on}}; }
Json json_of(const SenseTrouble &trouble) { return {{"source", trouble.source}, {"path", trouble.path}, {"why", trouble.why}}; }

template <class T> Json list_of(const std::vector<T> &all) {
    Json json = Json::array();
    for (const T &one : all) json.push_back(json_of(one));
    return json;
}

Json json_of(const CardFacts &facts) {
    Json json{{"event", "card"},
              {"card", facts.card},
              {"id", facts.id},
              {"name", facts.name},
              {"driver", facts.driver},
              {"components", facts.components},
              {"bus_path", facts.bus_path},
              {"usb_serial", facts.usb_serial},
              {"vendor_id", facts.vendor_id},
              {"product_id", facts.product_id},
              {"jacks", list_of(facts.jacks)},
              {"switches", list_of(facts.switches)},
              {"elds", list_of(facts.elds)},
              {"measures_impedance", facts.measures_impedance},
              {"selected_mode", facts.selected_mode},
              {"declared_output", facts.declared_output},
              {"pins", list_of(facts.pins)},
              {"terminals", list_of(facts.terminals)},
              {"analog_accessory", facts.analog_accessory},
              {"portable_machine", facts.portable_machine},
              {"side_paths", list_of(facts.side_paths)},
              {"troubles", list_of(facts.troubles)}};
    if (facts.left_impedance) json["left_impedance_ohms"] = facts.left_impedance->value;
    if (facts.right_impedance) json["right_impedance_ohms"] = facts.right_impedance->value;
    return json;
}

void print(const engine::Event &event) {
    Json json;
    if (const auto *sensed = std::get_if<engine::CardSensed>(&event)) json = json_of(sensed->facts);
    if (const auto *gone = std::get_if<engine::CardGone>(&event)) json = {{"event", "gone"}, {"card", gone->card}};
    if (const auto *state = std::get_if<engine::Degraded>(&event))
        json = {{"event", "degraded"}, {"token", state->token}, {"sentence", state->sentence}};
    std::printf("%s\n", json.dump().c_str());
    std::fflush(stdout);
}

} // namespace
} // namespace soundwarden

int main(int count, char **arguments) {
    soundwarden::test::PollLoop loop;
    const auto stop = [&] { loop.quit(0); };
    const auto interrupted = loop.signal(SIGINT, stop);
    const auto terminated = loop.signal(SIGTERM, stop);
    soundwarden::sense::Sense sense(loop, soundwarden::print);
    sense.start();
    if (count > 1 && std::string_view(arguments[1]) == "--once") return 0;
    loop.run();
    return 0;
}
