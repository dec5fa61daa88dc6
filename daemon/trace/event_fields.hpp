// SPDX-License-Identifier: MIT
// Which fields a trace holds of each event, and what the event is called there.
#pragma once

#include "engine/event.hpp"
#include "model_fields.hpp"

namespace soundwarden::trace {

template <> struct Fields<engine::RouteFacts> {
    using T = engine::RouteFacts;
    static constexpr auto list = fields(field("index", &T::index), field("name", &T::name), field("description", &T::description),
                                        field("port-type", &T::port_type), field("product", &T::product), field("availability", &T::availability),
                                        field("availability-group", &T::availability_group));
};
template <> struct Fields<engine::RouteState> {
    using T = engine::RouteState;
    static constexpr auto list = fields(field("index", &T::index), field("volume", &T::volume), field("mute", &T::mute),
                                        field("hardware-volume", &T::hardware_volume));
};
template <> struct Fields<engine::PcmAddress> {
    using T = engine::PcmAddress;
    static constexpr auto list = fields(field("card", &T::card), field("device", &T::device));
};
template <> struct Fields<engine::SinkFacts> {
    using T = engine::SinkFacts;
    static constexpr auto list = fields(
        sink_field("key", &T::key), field("serial", &T::serial), field("description", &T::description), field("device-name", &T::device_name),
        field("device-description", &T::device_description), field("bus-path", &T::bus_path), field("api", &T::api), field("bus", &T::bus),
        field("form-factor", &T::form_factor), field("vendor-id", &T::vendor_id), field("product-id", &T::product_id),
        field("card-name", &T::card_name), field("driver", &T::driver), field("bluetooth-class", &T::bluetooth_class), field("codec", &T::codec),
        field("pro-audio", &T::pro_audio), field("own-dsp", &T::own_dsp), field("positions", &T::positions), field("rate-hz", &T::rate_hz),
        field("routes", &T::routes), field("active", &T::active), field("software-gain", &T::software_gain), field("left-limit", &T::left_limit),
        field("node-mute", &T::node_mute), field("pcm", &T::pcm), field("foreign-links", &T::foreign_links));
};
template <> struct Fields<engine::RememberedVolume> {
    using T = engine::RememberedVolume;
    static constexpr auto list = fields(output_field("output", &T::output), field("load-class", &T::load_class), field("volume", &T::volume));
};
template <> struct Fields<engine::RememberedMark> {
    using T = engine::RememberedMark;
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("route", &T::route), field("volume", &T::volume));
};
template <> struct Fields<engine::RememberedMute> {
    using T = engine::RememberedMute;
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("mute", &T::mute));
};
template <> struct Fields<engine::RememberedAnswer> {
    using T = engine::RememberedAnswer;
    static constexpr auto list = fields(output_field("output", &T::output), field("answer", &T::answer), field("age", &T::age), field("plugs", &T::plugs));
};

template <> struct Fields<engine::SinkSeen> {
    using T = engine::SinkSeen;
    static constexpr std::string_view name = "sink-seen";
    static constexpr auto list = fields(field("facts", &T::facts));
};
template <> struct Fields<engine::SinkGone> {
    using T = engine::SinkGone;
    static constexpr std::string_view name = "sink-gone";
    static constexpr auto list = fields(sink_field("sink", &T::sink));
};
template <> struct Fields<engine::CardSensed> {
    using T = engine::CardSensed;
    static constexpr std::string_view name = "card-sensed";
    static constexpr auto list = fields(field("facts", &T::facts));
};
template <> struct Fields<engine::CardGone> {
    using T = engine::CardGone;
    static constexpr std::string_view name = "card-gone";
    static constexpr auto list = fields(field("card", &T::card));
};
template <> struct Fields<engine::GuardLinked> {
    using T = engine::GuardLinked;
    static constexpr std::string_view name = "guard-linked";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("linked", &T::linked));
};
template <> struct Fields<engine::GuardFailed> {
    using T = engine::GuardFailed;
    static constexpr std::string_view name = "guard-failed";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("reason", &T::reason));
};
template <> struct Fields<engine::GuardTook> {
    using T = engine::GuardTook;
    static constexpr std::string_view name = "guard-took";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("generation", &T::generation));
};
template <> struct Fields<engine::GuardVolume> {
    using T = engine::GuardVolume;
    static constexpr std::string_view name = "guard-volume";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("volume", &T::volume), field("mute", &T::mute));
};
template <> struct Fields<engine::SinkTampered> {
    using T = engine::SinkTampered;
    static constexpr std::string_view name = "sink-tampered";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("what", &T::what));
};
template <> struct Fields<engine::ForeignLink> {
    using T = engine::ForeignLink;
    static constexpr std::string_view name = "foreign-link";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("offender", &T::offender), field("times", &T::times));
};
template <> struct Fields<engine::DirectUse> {
    using T = engine::DirectUse;
    static constexpr std::string_view name = "direct-use";
    static constexpr auto list = fields(field("pcm", &T::pcm), field("program", &T::program));
};
template <> struct Fields<engine::Remembered> {
    using T = engine::Remembered;
    static constexpr std::string_view name = "remembered";
    static constexpr auto list = fields(field("volumes", &T::volumes), field("marks", &T::marks), output_field("left-alone", &T::left_alone),
                                        field("mutes", &T::mutes), field("panic", &T::panic), field("answers", &T::answers),
                                        field("panicked", &T::panicked));
};
template <> struct Fields<engine::PipeWireLost> {
    static constexpr std::string_view name = "pipewire-lost";
    static constexpr auto list = fields();
};
template <> struct Fields<engine::PipeWireBack> {
    static constexpr std::string_view name = "pipewire-back";
    static constexpr auto list = fields();
};
template <> struct Fields<engine::Tick> {
    static constexpr std::string_view name = "tick";
    static constexpr auto list = fields();
};
template <> struct Fields<engine::ShutDown> {
    static constexpr std::string_view name = "shut-down";
    static constexpr auto list = fields();
};
template <> struct Fields<engine::Degraded> {
    using T = engine::Degraded;
    static constexpr std::string_view name = "degraded";
    static constexpr auto list = fields(field("token", &T::token), field("sentence", &T::sentence));
};
template <> struct Fields<engine::GuardWish> {
    using T = engine::GuardWish;
    static constexpr std::string_view name = "guard-wish";
    static constexpr auto list = fields(output_field("output", &T::output), field("on", &T::on));
};
template <> struct Fields<engine::ReleaseWish> {
    using T = engine::ReleaseWish;
    static constexpr std::string_view name = "release-wish";
    static constexpr auto list = fields(output_field("output", &T::output));
};
template <> struct Fields<engine::PartPresent> {
    using T = engine::PartPresent;
    static constexpr std::string_view name = "part-present";
    static constexpr auto list = fields(field("present", &T::present));
};
template <> struct Fields<engine::OverrideWish> {
    using T = engine::OverrideWish;
    static constexpr std::string_view name = "override-wish";
    static constexpr auto list = fields(output_field("output", &T::output), field("ceiling", &T::ceiling), field("how-long", &T::how_long));
};
template <> struct Fields<engine::AnswerWish> {
    using T = engine::AnswerWish;
    static constexpr std::string_view name = "answer-wish";
    static constexpr auto list = fields(output_field("output", &T::output), field("load", &T::load), field("facts", &T::facts));
};
template <> struct Fields<engine::DoseLimit> {
    using T = engine::DoseLimit;
    static constexpr std::string_view name = "dose-limit";
    static constexpr auto list = fields(field("level", &T::level));
};
template <> struct Fields<engine::LimiterActs> {
    using T = engine::LimiterActs;
    static constexpr std::string_view name = "limiter-acts";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("acts", &T::acts));
};
template <> struct Fields<engine::ForgetWish> {
    using T = engine::ForgetWish;
    static constexpr std::string_view name = "forget-wish";
    static constexpr auto list = fields(output_field("output", &T::output));
};
template <> struct Fields<engine::PanicWish> {
    using T = engine::PanicWish;
    static constexpr std::string_view name = "panic-wish";
    static constexpr auto list = fields(field("on", &T::on));
};
template <> struct Fields<engine::PolicyLoaded> {
    using T = engine::PolicyLoaded;
    static constexpr std::string_view name = "policy-loaded";
    static constexpr auto list = fields(field("set", &T::set), field("fail-safe", &T::fail_safe));
};

} // namespace soundwarden::trace
