// SPDX-License-Identifier: MIT
#include "trace_test_life.hpp"

#include <iterator>

namespace soundwarden::trace::testing {
namespace {

using policy::Layer;

const OutputId scarlett_line = "focusrite_scarlett_2i2_usb_y8k3zx90c41a7b_analog_output_speaker";
const OutputId scarlett_phones = "focusrite_scarlett_2i2_usb_y8k3zx90c41a7b_analog_output_headphones";
const OutputId bluetooth_id = "4c_87_5d_0a_b1_f2_headset_output";

Remembered remembered() {
    Remembered event;
    event.volumes = {{scarlett_phones, LoadClass::ears, 0.31},
                     {bluetooth_id, LoadClass::ears, 0.22},
                     {engine::testing::speaker_id, LoadClass::speakers, 0.5},
                     {"generic_usb_audio_20200316ab_analog_output_headphones", LoadClass::unknown, 0.11},
                     {"never_here_20200316ab_output", LoadClass::ears, 0.5}};
    event.marks = {{scarlett().key, "analog-output-speaker", 0.4}, {engine::testing::laptop().key, "analog-output-speaker", 0.6}};
    event.mutes = {{bluetooth().key, true}};
    event.left_alone = {bluetooth_id};
    event.answers = {{scarlett_line, {Load::active_speakers, {}, {}}, 2h, 3}};
    return event;
}

/// The one that is known only by its card.
CardSensed card() {
    CardFacts facts;
    facts.card = 2;
    facts.name = "Headset";
    facts.usb_serial = headset_serial;
    return {facts};
}

std::string rule_for_scarlett() {
    return "schema = 1\n[[rule]]\nname = \"desk\"\nwhen = { output = \"*scarlett*y8k3zx90c41a7b*\" }\nverdict = \"limit\"\ncap = \"-33 dB\"\nreason = \"desk\"\n";
}
std::string facts_by_bus_path() {
    return "schema = 1\n[[output]]\nname = \"mine\"\nmatch = { bus-path = \"" + scarlett().bus_path +
           "\" }\nkind = \"shared-out\"\nfull-scale = \"3.3 V\"\n[[output]]\nname = \"ears\"\nmatch = { node = \"" + bluetooth().key +
           "\" }\nkind = \"headphone-out\"\n";
}

} // namespace

RecordedLife::RecordedLife(std::uint64_t seed, bool hashed)
    : random_(seed), for_pseudonyms_(static_cast<std::uint32_t>(seed + 1)),
      recorder_(hashed ? std::optional(Pseudonyms([this] { return static_cast<std::uint32_t>(for_pseudonyms_()); })) : std::nullopt) {
    const Settings settings{below(6) == 0 ? std::optional(Posture::strict) : std::nullopt};
    world.engine = Engine(settings);
    trace = recorder_.header("0.1.0", settings);
    world.watch = [this](const Event &event, const Effects &effects) { trace += recorder_.step(world.engine, event, world.now, effects); };
    world.send(remembered());
    send_policy();
    world.send(card());
    for (SinkFacts facts : {engine::testing::laptop(), bluetooth(), scarlett(), headset(), dongle(""), dongle(".2")}) {
        if (below(4) == 0) away_.push_back(std::move(facts));
        else world.add(std::move(facts));
    }
}

void RecordedLife::run(int events) {
    for (int i = 0; i < events; ++i) {
        happen();
        if (below(3) != 0) world.answer();
        if (below(3) == 0) world.run(std::chrono::milliseconds(below(900)));
    }
    if (below(2) == 0) world.send(ShutDown{});
    world.run(3s);
}

/// As the daemon does: sound files hold, broken ones leave what holds in force, with what root locks.
void RecordedLife::send_policy() {
    std::vector<policy::SourceText> texts;
    switch (below(6)) {
    case 0: break;
    case 1: texts = {text_in("/etc/a.toml", Layer::etc, rule_for_scarlett())}; break;
    case 2: texts = {text_in("/home/me/b.toml", Layer::user, facts_by_bus_path())}; break;
    case 3:
        texts = {text_in("/home/me/c.toml", Layer::user, "no policy"),
                 text_in("/etc/d.toml", Layer::etc, "schema = 1\n[[rule]]\nname = \"low\"\nwhen = { kind = \"headphone-out\" }\nverdict = \"limit\"\n"
                                                    "cap = \"-27 dB\"\nreason = \"low\"\nlocked = true\n")};
        break;
    case 4: texts = {text_in("/home/me/e.toml", Layer::user, "no policy"), text_in("/etc/f.toml", Layer::etc, "schema = 1\n")}; break;
    default: texts = {text_in("/etc/g.toml", Layer::etc, "schema = 1\n[settings]\nsettle = \"400 ms\"\n")}; break;
    }
    auto read = policy::load(texts);
    const bool fail_safe = !read.set && below(2) == 0;
    auto set = read.set ? read.set : fail_safe ? policy::fail_safe(texts) : policy::with_roots_locks(*held_, texts);
    if (set == nullptr) return;
    held_ = set;
    world.send(PolicyLoaded{std::move(set), fail_safe});
}

Event RecordedLife::wish() {
    const std::vector<OutputView> outputs = world.engine.snapshot().outputs;
    const OutputId id = outputs.empty() || below(8) == 0 ? OutputId("nobody_has_this_12345678") : outputs[static_cast<std::size_t>(below(static_cast<int>(outputs.size())))].id;
    switch (below(7)) {
    case 0: return GuardWish{id, below(2) == 0};
    case 1: return ReleaseWish{below(3) == 0 ? "" : id};
    case 2: return OverrideWish{id, Decibels{-static_cast<double>(below(40))}, std::chrono::seconds(below(3000))};
    case 3: return OverrideWish{id, std::nullopt, {}};
    case 4: return AnswerWish{id, Names<Load>::table[static_cast<std::size_t>(below(11))].first, {}};
    case 6: return DoseLimit{below(2) == 0 ? std::nullopt : std::optional(Decibels{55.0 + static_cast<double>(below(50))})};
    case 5: return ForgetWish{below(2) == 0 ? "" : id};
    default: return PanicWish{below(2) == 0};
    }
}

void RecordedLife::happen() {
    if (!away_.empty() && below(5) == 0) {
        const auto back = static_cast<std::size_t>(below(static_cast<int>(away_.size())));
        SinkFacts facts = std::exchange(away_[back], away_.back());
        away_.pop_back();
        facts.serial += 11;
        world.add(std::move(facts));
        return;
    }
    switch (below(14)) {
    case 0: send_policy(); return;
    case 1:
    case 2: world.send(wish()); return;
    case 3: world.send(Degraded{"no-bus", below(2) == 0 ? "" : "there is none at usb-Maker_Headset_0007-00"}); return;
    case 4: world.send(PartPresent{below(2) == 0}); return;
    case 5: world.send(DirectUse{{1, 0}, below(2) == 0 ? "" : "player"}); return;
    case 6: world.send(below(8) == 0 ? Event{PipeWireLost{}} : Event{PipeWireBack{}}); return;
    case 7: world.send(card()); return;
    default: break;
    }
    if (world.sinks.empty()) return;
    auto sink = world.sinks.begin();
    std::advance(sink, below(static_cast<int>(world.sinks.size())));
    happen_to(SinkKey(sink->first));
}


void RecordedLife::happen_to(const SinkKey &key) {
    engine::testing::SimSink &sink = world.sinks[key];
    SinkFacts &facts = sink.facts;
    RouteFacts &route = facts.routes[static_cast<std::size_t>(below(static_cast<int>(facts.routes.size())))];
    switch (below(10)) {
    case 0: route.availability = Names<Availability>::table[static_cast<std::size_t>(below(3))].first; break;
    case 1: facts.active = RouteState{route.index, volume(), below(5) == 0, false}; break;
    case 2: facts.active->volume = volume(); break;
    case 3: facts.foreign_links = static_cast<std::uint32_t>(below(3)); break;
    case 4: ++facts.serial; break;
    case 5: world.send(ForeignLink{key, "alsa_input.usb-Focusrite_Scarlett_2i2_USB_" + scarlett_serial + "-00.analog", 2}); return;
    case 6: world.send(SinkTampered{key, Tamper::limit}); return;
    case 7:
        if (!sink.guard) return;
        sink.guard->volume = volume();
        world.send(GuardVolume{key, sink.guard->volume, below(4) == 0});
        return;
    case 8:
        if (!sink.guard) return;
        sink.guard.reset();
        world.send(GuardFailed{key, "no node for " + key});
        return;
    default:
        away_.push_back(facts);
        world.sinks.erase(key);
        world.send(SinkGone{key});
        return;
    }
    world.change(key);
}

} // namespace soundwarden::trace::testing
