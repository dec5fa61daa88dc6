// SPDX-License-Identifier: MIT
#include "engine_test_world.hpp"

#include <utility>
#include <variant>

namespace soundwarden::engine::testing {

RouteFacts route(std::uint32_t index, std::string name, std::string description, std::string port,
                        Availability available) {
    return {index, std::move(name), std::move(description), std::move(port), {}, available};
}

SinkFacts laptop(double speaker_volume) {
    SinkFacts facts;
    facts.key = "alsa_output.pci-0000_00_1f.3.analog-stereo";
    facts.serial = 50;
    facts.description = "Built-in Audio Analog Stereo";
    facts.device_name = "alsa_card.pci-0000_00_1f.3";
    facts.device_description = "Built-in Audio";
    facts.bus_path = "pci-0000:00:1f.3";
    facts.api = "alsa";
    facts.bus = "pci";
    facts.form_factor = "internal";
    facts.positions = {"FL", "FR"};
    facts.rate_hz = 48000;
    facts.routes = {route(0, "analog-output-speaker", "Speaker", "speaker", Availability::unknown),
                    route(1, "analog-output-headphones", "Headphones", "headphones", Availability::no)};
    facts.active = RouteState{0, speaker_volume, false, false};
    return facts;
}

/// What the effects do to this world.
struct World::Carrier {
    World &world;

    void operator()(const MakeGuard &effect) {
        SimGuard made;
        made.gain = to_db(static_cast<double>(effect.order.gain));
        made.ceiling = to_db(static_cast<double>(effect.order.ceiling));
        made.order = effect.order;
        made.volume = effect.volume;
        made.mute = effect.mute;
        world.sinks[effect.sink].guard = made;
        world.reply(GuardTook{effect.sink, effect.order.generation});
        world.made_guards.push_back(effect.sink);
        if (world.answering) world.link(effect.sink, true);
    }
    void operator()(const DropGuard &effect) {
        if (world.sinks.contains(effect.sink)) world.sinks[effect.sink].guard.reset();
    }
    void operator()(const OrderGuard &effect) {
        if (!world.sinks[effect.sink].guard) return;
        world.sinks[effect.sink].guard->take(effect.order);
        world.reply(GuardTook{effect.sink, effect.order.generation});
    }
    void operator()(const SetGuardVolume &effect) {
        if (!world.sinks[effect.sink].guard) return;
        world.sinks[effect.sink].guard->volume = effect.volume;
        world.sinks[effect.sink].guard->mute = effect.mute;
        world.reply(GuardVolume{effect.sink, effect.volume, effect.mute});
    }
    void operator()(const WriteRoute &effect) {
        SimSink &sink = world.sinks[effect.sink];
        if (!world.answering || !sink.facts.active || sink.facts.active->index != effect.route) return;
        sink.facts.active->volume = effect.volume;
        if (effect.mute) sink.facts.active->mute = *effect.mute;
        world.reply(SinkSeen{sink.facts});
    }
    void operator()(const MuteSink &effect) {
        SimSink &sink = world.sinks[effect.sink];
        if (sink.facts.active) sink.facts.active->mute = effect.mute;
        else sink.facts.node_mute = effect.mute;
        world.reply(SinkSeen{sink.facts});
    }
    void operator()(const LowerSink &effect) {
        if (!world.answering) return;
        world.sinks[effect.sink].facts.software_gain = effect.volume;
        world.reply(SinkSeen{world.sinks[effect.sink].facts});
    }
    void operator()(const LimitSink &effect) {
        if (!world.answering) return;
        SimSink &sink = world.sinks[effect.sink];
        sink.facts.left_limit.reset();
        if (effect.level < 1.0) sink.facts.left_limit = effect.level;
        world.reply(SinkSeen{sink.facts});
    }
    void operator()(const PublishCeiling &effect) {
        SimSink &sink = world.sinks[effect.sink];
        if (!sink.guard) return;
        sink.guard->published_block = effect.blocked;
        sink.guard->published.reset();
        if (effect.ceiling) sink.guard->published = effect.ceiling->value;
    }
    void operator()(const Finish &effect) { world.exit_code = effect.exit_code; }
    template <class Other>
    void operator()(const Other &) {}
};

void World::reply(Event event) {
    if (answering) answers.push_back(std::move(event));
}

const Effects &World::send(const Event &event) {
    last = engine.step(event, now);
    if (watch) watch(event, last);
    for (const Effect &effect : last) {
        all.push_back(effect);
        std::visit(Carrier{*this}, effect);
    }
    return last;
}

void World::answer() {
    for (int i = 0; i < 200 && !answers.empty(); ++i) {
        const Event event = answers.front();
        answers.pop_front();
        if (const auto *seen = std::get_if<SinkSeen>(&event)) {
            if (sinks.contains(seen->facts.key)) send(SinkSeen{sinks[seen->facts.key].facts});
        } else {
            send(event);
        }
    }
}

void World::run(Duration time) {
    const Time end = now + time;
    answer();
    while (engine.deadline() && *engine.deadline() <= end) {
        pass(std::max(*engine.deadline() - now, Duration{0}));
        send(Tick{});
        answer();
    }
    pass(end - now);
}

void World::pass(Duration time) {
    now += time;
    for (auto &[key, sink] : sinks)
        if (sink.guard) sink.guard->run(time);
}

void World::add(SinkFacts facts) {
    const SinkKey key = facts.key;
    if (facts.active) sinks[key].route_volumes[facts.active->index] = facts.active->volume;
    sinks[key].facts = std::move(facts);
    send(SinkSeen{sinks[key].facts});
}

void World::change(const SinkKey &key) { send(SinkSeen{sinks[key].facts}); }

void World::plug(double stored) {
    SinkFacts &facts = only().facts;
    facts.routes[1].availability = Availability::yes;
    facts.routes[0].availability = Availability::no;
    change(facts.key);
    pass(2ms);
    answer();
    facts.active = RouteState{1, stored, false, false};
    change(facts.key);
}

void World::unplug(double stored) {
    SinkFacts &facts = only().facts;
    facts.routes[1].availability = Availability::no;
    facts.routes[0].availability = Availability::unknown;
    change(facts.key);
    pass(2ms);
    answer();
    facts.active = RouteState{0, stored, false, false};
    change(facts.key);
}

void World::write_route_from_outside(double volume) {
    only().facts.active->volume = volume;
    change(only().facts.key);
}

void World::move_slider(double volume, bool mute) {
    only().guard->volume = volume;
    only().guard->mute = mute;
    send(GuardVolume{only().facts.key, volume, mute});
}

double World::product(const SinkKey &key) {
    const SimSink &sink = sinks[key];
    if (!sink.guard) return dead;
    const double route_volume = sink.facts.active ? sink.facts.active->volume : 1.0;
    return to_db(sink.guard->volume) + sink.guard->gain + to_db(route_volume);
}

OutputView World::view(const OutputId &id) const {
    for (const OutputView &output : engine.snapshot().outputs)
        if (output.id == id) return output;
    return {};
}

void World::link(const SinkKey &key, bool linked) {
    if (sinks[key].guard) sinks[key].guard->linked = linked;
    answers.push_back(GuardLinked{key, linked});
}

std::string text_of(const Effect &effect) {
    const auto number = [](double value) { return std::to_string(value); };
    struct Writer {
        decltype(number) &n;
        std::string order(const GuardOrder &o) const {
            return " #" + std::to_string(o.generation) + " gain " + n(to_db(static_cast<double>(o.gain))) +
                   " ceiling " + n(to_db(static_cast<double>(o.ceiling))) + " rise " +
                   n(static_cast<double>(o.rise_db_per_s)) + " rescale " + n(o.rescale.value);
        }
        std::string operator()(const MakeGuard &e) const {
            return "MakeGuard " + e.sink + order(e.order) + " volume " + n(e.volume) + (e.mute ? " muted " : " ") +
                   e.description;
        }
        std::string operator()(const DropGuard &e) const { return "DropGuard " + e.sink + (e.released ? " released" : ""); }
        std::string operator()(const LowerSink &e) const { return "LowerSink " + e.sink + " " + n(e.volume); }
        std::string operator()(const MuteSink &e) const { return "MuteSink " + e.sink + (e.mute ? " mute" : " unmute"); }
        std::string operator()(const RememberMute &e) const {
            return "RememberMute " + e.sink + (!e.mute ? " forget" : *e.mute ? " muted" : " unmuted");
        }
        std::string operator()(const RememberPanic &e) const { return std::string("RememberPanic ") + (e.on ? "on" : "off"); }
        std::string operator()(const RememberPanicMute &e) const {
            return "RememberPanicMute " + e.sink + (!e.mute ? " forget" : *e.mute ? " muted" : " unmuted");
        }
        std::string operator()(const OrphanRules &e) const {
            return "OrphanRules " + std::to_string(e.silence.count()) + " " + n(e.level.value);
        }
        std::string operator()(const AdmitEncoded &e) const { return "AdmitEncoded " + e.sink + (e.admitted ? " yes" : " no"); }
        std::string operator()(const RememberLeftAlone &e) const {
            return "RememberLeftAlone " + e.output + (e.left_alone ? " yes" : " no");
        }
        std::string operator()(const RememberAnswer &e) const {
            const std::string load = e.answer ? std::string(name_of(e.answer->load)) : "forget";
            return "RememberAnswer " + e.output + " " + load + " " + std::to_string(e.age.count()) + " " + std::to_string(e.plugs);
        }
        std::string operator()(const ReleaseFailed &e) const { return "ReleaseFailed " + e.sink + " " + e.sentence; }
        std::string operator()(const PlayCue &e) const { return "PlayCue " + e.sink + " " + n(to_db(static_cast<double>(e.peak))); }
        std::string operator()(const OrderGuard &e) const { return "OrderGuard " + e.sink + order(e.order); }
        std::string operator()(const SetGuardVolume &e) const {
            return "SetGuardVolume " + e.sink + " " + n(e.volume) + (e.mute ? " muted" : "");
        }
        std::string operator()(const NameGuard &e) const {
            return "NameGuard " + e.sink + " " + e.description + " " + e.icon;
        }
        std::string operator()(const PublishCeiling &e) const {
            return "PublishCeiling " + e.sink + " " + (e.blocked ? "block" : e.ceiling ? n(e.ceiling->value) : "none");
        }
        std::string operator()(const WriteRoute &e) const {
            return "WriteRoute " + e.sink + " " + std::to_string(e.route) + " " + n(e.volume) +
                   (e.mute ? (*e.mute ? " mute" : " unmute") : "");
        }
        std::string operator()(const DeclareSink &e) const { return "DeclareSink " + e.sink + (e.guarded ? " guarded" : " free"); }
        std::string operator()(const LimitSink &e) const { return "LimitSink " + e.sink + " " + n(e.level); }
        std::string operator()(const ClampSink &e) const {
            return "ClampSink " + e.sink + " " + n(static_cast<double>(e.ceiling));
        }
        std::string operator()(const RememberVolume &e) const {
            return "RememberVolume " + e.output + " " + std::string(name_of(e.load_class)) + " " + n(e.volume);
        }
        std::string operator()(const RememberMark &e) const {
            return "RememberMark " + e.sink + " " + e.route + " " + (e.volume ? n(*e.volume) : "forget");
        }
        std::string operator()(const Report &e) const { return "Report " + e.what + " " + e.sink + " " + e.text; }
        std::string operator()(const Finish &e) const { return "Finish " + std::to_string(e.exit_code); }
    };
    return std::visit(Writer{number}, effect);
}

} // namespace soundwarden::engine::testing
