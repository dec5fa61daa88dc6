// SPDX-License-Identifier: MIT
// Which fields a trace holds of the model's and the policy's structs.
#pragma once

#include "engine/engine.hpp"
#include "fields.hpp"
#include "model/answer.hpp"
#include "model/card.hpp"
#include "policy/policy_set.hpp"

namespace soundwarden::trace {

template <> struct Fields<Fingerprint> {
    using T = Fingerprint;
    static constexpr auto list = fields(field("microphone", &T::microphone), field("line", &T::line), field("ohms-bucket", &T::ohms_bucket),
                                        field("product", &T::product));
};
template <> struct Fields<LoadFacts> {
    using T = LoadFacts;
    static constexpr auto list = fields(field("impedance", &T::impedance), field("sensitivity", &T::sensitivity),
                                        field("rating-watts", &T::rating_watts), field("model", &T::model), field("model-from", &T::model_from));
};
template <> struct Fields<Answer> {
    using T = Answer;
    static constexpr auto list = fields(field("load", &T::load), field("facts", &T::facts), field("fingerprint", &T::fingerprint));
};

template <> struct Fields<Jack> {
    using T = Jack;
    static constexpr auto list = fields(field("name", &T::name), field("index", &T::index), field("use", &T::use), field("place", &T::place),
                                        field("channels", &T::channels), field("pcm", &T::pcm), field("input", &T::input),
                                        field("phantom", &T::phantom), field("plugged", &T::plugged));
};
template <> struct Fields<JackBits> {
    using T = JackBits;
    static constexpr auto list = fields(field("headphone", &T::headphone), field("microphone", &T::microphone), field("line-out", &T::line_out),
                                        field("line-in", &T::line_in), field("physical", &T::physical), field("video-out", &T::video_out));
};
template <> struct Fields<JackSwitches> {
    using T = JackSwitches;
    static constexpr auto list = fields(field("name", &T::name), field("able", &T::able), field("on", &T::on), field("buttons", &T::buttons));
};
template <> struct Fields<Eld> {
    using T = Eld;
    static constexpr auto list = fields(field("pcm", &T::pcm), field("index", &T::index), field("valid", &T::valid), field("monitor", &T::monitor),
                                        field("maker", &T::maker), field("product", &T::product), field("display-port", &T::display_port),
                                        field("channels", &T::channels));
};
template <> struct Fields<HdaPin> {
    using T = HdaPin;
    static constexpr auto list = fields(field("codec", &T::codec), field("node", &T::node), field("use", &T::use), field("place", &T::place),
                                        field("jack", &T::jack), field("headphone-driver", &T::headphone_driver), field("detects", &T::detects));
};
template <> struct Fields<UsbTerminal> {
    using T = UsbTerminal;
    static constexpr auto list = fields(field("type", &T::type), field("id", &T::id), field("output", &T::output));
};
template <> struct Fields<SidePath> {
    using T = SidePath;
    static constexpr auto list = fields(field("kind", &T::kind), field("control", &T::control), field("on", &T::on));
};
template <> struct Fields<SenseTrouble> {
    using T = SenseTrouble;
    static constexpr auto list = fields(field("source", &T::source), field("path", &T::path), field("why", &T::why));
};
template <> struct Fields<CardFacts> {
    using T = CardFacts;
    static constexpr auto list = fields(
        field("card", &T::card), field("id", &T::id), field("name", &T::name), field("driver", &T::driver), field("components", &T::components),
        field("bus-path", &T::bus_path), serial_field("usb-serial", &T::usb_serial), field("vendor-id", &T::vendor_id),
        field("product-id", &T::product_id), field("jacks", &T::jacks), field("switches", &T::switches), field("elds", &T::elds),
        field("left-impedance", &T::left_impedance), field("right-impedance", &T::right_impedance),
        field("measures-impedance", &T::measures_impedance), field("selected-mode", &T::selected_mode),
        field("declared-output", &T::declared_output), field("pins", &T::pins), field("terminals", &T::terminals),
        field("analog-accessory", &T::analog_accessory), field("portable-machine", &T::portable_machine), field("side-paths", &T::side_paths),
        field("troubles", &T::troubles));
};

template <> struct Fields<policy::SourceText> {
    using T = policy::SourceText;
    static constexpr auto list = fields(field("path", &T::path), field("layer", &T::layer), field("content", &T::content),
                                        field("problem", &T::problem), field("replaced-by-user", &T::replaced_by_user));
};
template <> struct Fields<policy::Origin> {
    using T = policy::Origin;
    static constexpr auto list = fields(field("making", &T::making), field("texts", &T::texts));
};

template <> struct Fields<engine::Settings> {
    using T = engine::Settings;
    static constexpr auto list = fields(field("posture", &T::posture), field("hold-devices", &T::hold_devices), field("ear-target", &T::ear_target),
                                        field("limiter-mode", &T::limiter_mode), field("release-ms", &T::release_ms));
};

} // namespace soundwarden::trace
