// SPDX-License-Identifier: MIT
// Which fields a trace holds of each effect, and what the effect is called there.
#pragma once

#include "engine/effect.hpp"
#include "model_fields.hpp"

namespace soundwarden::trace {

template <> struct Fields<engine::GuardOrder> {
    using T = engine::GuardOrder;
    static constexpr auto list = fields(field("generation", &T::generation), field("gain", &T::gain), field("ceiling", &T::ceiling),
                                        field("rise-db-per-s", &T::rise_db_per_s), field("rescale", &T::rescale), field("governor", &T::governor),
                                        field("mode", &T::mode), field("release-seconds", &T::release_seconds));
};
template <> struct Fields<engine::DeclareSink> {
    using T = engine::DeclareSink;
    static constexpr std::string_view name = "declare-sink";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("guarded", &T::guarded), field("hidden", &T::hidden));
};
template <> struct Fields<engine::MakeGuard> {
    using T = engine::MakeGuard;
    static constexpr std::string_view name = "make-guard";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("order", &T::order), field("volume", &T::volume), field("mute", &T::mute),
                                        field("description", &T::description), field("icon", &T::icon), field("channels", &T::channels),
                                        field("hold-device", &T::hold_device));
};
template <> struct Fields<engine::DropGuard> {
    using T = engine::DropGuard;
    static constexpr std::string_view name = "drop-guard";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("released", &T::released));
};
template <> struct Fields<engine::OrderGuard> {
    using T = engine::OrderGuard;
    static constexpr std::string_view name = "order-guard";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("order", &T::order));
};
template <> struct Fields<engine::SetGuardVolume> {
    using T = engine::SetGuardVolume;
    static constexpr std::string_view name = "set-guard-volume";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("volume", &T::volume), field("mute", &T::mute));
};
template <> struct Fields<engine::NameGuard> {
    using T = engine::NameGuard;
    static constexpr std::string_view name = "name-guard";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("description", &T::description), field("icon", &T::icon));
};
template <> struct Fields<engine::PublishCeiling> {
    using T = engine::PublishCeiling;
    static constexpr std::string_view name = "publish-ceiling";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("ceiling", &T::ceiling), field("blocked", &T::blocked));
};
template <> struct Fields<engine::WriteRoute> {
    using T = engine::WriteRoute;
    static constexpr std::string_view name = "write-route";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("route", &T::route), field("volume", &T::volume), field("mute", &T::mute),
                                        field("save", &T::save));
};
template <> struct Fields<engine::LowerSink> {
    using T = engine::LowerSink;
    static constexpr std::string_view name = "lower-sink";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("volume", &T::volume));
};
template <> struct Fields<engine::MuteSink> {
    using T = engine::MuteSink;
    static constexpr std::string_view name = "mute-sink";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("mute", &T::mute));
};
template <> struct Fields<engine::RememberMute> {
    using T = engine::RememberMute;
    static constexpr std::string_view name = "remember-mute";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("mute", &T::mute));
};
template <> struct Fields<engine::LimitSink> {
    using T = engine::LimitSink;
    static constexpr std::string_view name = "limit-sink";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("level", &T::level));
};
template <> struct Fields<engine::ClampSink> {
    using T = engine::ClampSink;
    static constexpr std::string_view name = "clamp-sink";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("ceiling", &T::ceiling), field("channels", &T::channels));
};
template <> struct Fields<engine::RememberVolume> {
    using T = engine::RememberVolume;
    static constexpr std::string_view name = "remember-volume";
    static constexpr auto list = fields(output_field("output", &T::output), field("load-class", &T::load_class), field("volume", &T::volume));
};
template <> struct Fields<engine::RememberMark> {
    using T = engine::RememberMark;
    static constexpr std::string_view name = "remember-mark";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("route", &T::route), field("volume", &T::volume));
};
template <> struct Fields<engine::RememberLeftAlone> {
    using T = engine::RememberLeftAlone;
    static constexpr std::string_view name = "remember-left-alone";
    static constexpr auto list = fields(output_field("output", &T::output), field("left-alone", &T::left_alone));
};
template <> struct Fields<engine::RememberAnswer> {
    using T = engine::RememberAnswer;
    static constexpr std::string_view name = "remember-answer";
    static constexpr auto list = fields(output_field("output", &T::output), field("answer", &T::answer), field("age", &T::age), field("plugs", &T::plugs));
};
template <> struct Fields<engine::RememberPanic> {
    using T = engine::RememberPanic;
    static constexpr std::string_view name = "remember-panic";
    static constexpr auto list = fields(field("on", &T::on));
};
template <> struct Fields<engine::RememberPanicMute> {
    using T = engine::RememberPanicMute;
    static constexpr std::string_view name = "remember-panic-mute";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("mute", &T::mute));
};
template <> struct Fields<engine::OrphanRules> {
    using T = engine::OrphanRules;
    static constexpr std::string_view name = "orphan-rules";
    static constexpr auto list = fields(field("silence", &T::silence), field("level", &T::level));
};
template <> struct Fields<engine::AdmitEncoded> {
    using T = engine::AdmitEncoded;
    static constexpr std::string_view name = "admit-encoded";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("admitted", &T::admitted));
};
template <> struct Fields<engine::ReleaseFailed> {
    using T = engine::ReleaseFailed;
    static constexpr std::string_view name = "release-failed";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("sentence", &T::sentence));
};
template <> struct Fields<engine::PlayCue> {
    using T = engine::PlayCue;
    static constexpr std::string_view name = "play-cue";
    static constexpr auto list = fields(sink_field("sink", &T::sink), field("peak", &T::peak));
};
template <> struct Fields<engine::Report> {
    using T = engine::Report;
    static constexpr std::string_view name = "report";
    static constexpr auto list = fields(field("level", &T::level), field("what", &T::what), sink_field("sink", &T::sink), field("text", &T::text));
};
template <> struct Fields<engine::Finish> {
    using T = engine::Finish;
    static constexpr std::string_view name = "finish";
    static constexpr auto list = fields(field("exit-code", &T::exit_code));
};

} // namespace soundwarden::trace
