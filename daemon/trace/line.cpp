// SPDX-License-Identifier: MIT
#include "trace/line.hpp"

#include "json.hpp"

#include <set>
#include <type_traits>
#include <utility>

namespace soundwarden::trace {

template <> struct Fields<Header> {
    using T = Header;
    static constexpr auto list = fields(field("version", &T::version), field("settings", &T::settings), field("hashed", &T::hashed));
};
template <> struct Fields<Alias> {
    using T = Alias;
    static constexpr auto list = fields(field("alias", &T::alias), field("name", &T::name));
};

namespace {

constexpr std::string_view format_key = "soundwarden-trace";
// Nothing in a trace is nested deeper than this.
constexpr int most_nested = 16;

template <class T> Json named(const char *kind, const T &value) {
    Json json = Json::object();
    json.emplace(kind, Fields<T>::name);
    for_each_field<T>([&](const auto &each) { json.emplace(each.name, json_of(value.*each.member)); });
    return json;
}
Json json_of_effect(const engine::Effect &effect) {
    return std::visit([](const auto &known) { return named("effect", known); }, effect);
}

Json json_of_line(const Header &header) {
    Json json = Json::object();
    json[std::string(format_key)] = format_version;
    json.update(json_of(header));
    return json;
}
Json timed(Time time) { return Json{{"t", time.time_since_epoch().count()}}; }
Json json_of_line(const EventLine &line) {
    Json json = timed(line.time);
    json.update(std::visit([](const auto &known) { return named("event", known); }, line.event));
    return json;
}
Json json_of_line(const KnownLine &line) {
    Json json = timed(line.time);
    json["known"] = json_of(line.known);
    return json;
}
Json json_of_line(const OutputsLine &line) {
    Json json = timed(line.time);
    json["sink"] = json_of(line.sink);
    json["outputs"] = json_of(line.outputs);
    return json;
}
Json json_of_line(const EffectsLine &line) {
    Json json = timed(line.time);
    Json effects = Json::array();
    for (const auto &effect : line.effects) effects.push_back(json_of_effect(effect));
    json["effects"] = std::move(effects);
    return json;
}

/// The alternative of the variant that has this name, read out of the object.
template <class Variant, std::size_t index = 0>
Variant alternative(const Json &json, std::string_view name, const std::vector<std::string_view> &besides, Reading &reading) {
    if constexpr (index == std::variant_size_v<Variant>) {
        reading.fail("has no name that is known here");
        return {};
    } else {
        using T = std::variant_alternative_t<index, Variant>;
        if (Fields<T>::name == name) return reading.object<T>(json, besides);
        return alternative<Variant, index + 1>(json, name, besides, reading);
    }
}

template <class Variant>
Variant named_value(const Json &json, const char *kind, const std::vector<std::string_view> &besides, Reading &reading) {
    if (!json.is_object() || !json.contains(kind) || !json[kind].is_string()) {
        reading.fail(std::string("has no \"") + kind + "\" with a name");
        return {};
    }
    return alternative<Variant>(json, json[kind].get_ref<const std::string &>(), besides, reading);
}

engine::Effects effects_of(const Json &json, Reading &reading) {
    engine::Effects effects;
    if (!json.is_array()) reading.fail("is no array");
    for (std::size_t i = 0; i < json.size() && !reading.failed(); ++i)
        effects.push_back(reading.inside("[" + std::to_string(i) + "]", [&] { return named_value<engine::Effect>(json[i], "effect", {"effect"}, reading); }));
    return effects;
}

Time time_of(const Json &json, Reading &reading) {
    if (!json.contains("t")) {
        reading.fail("has no time \"t\"");
        return {};
    }
    return Time{reading.within<Duration>("t", json["t"])};
}

Line header_of(const Json &json, Reading &reading) {
    const auto version = reading.within<std::int64_t>(format_key, json[std::string(format_key)]);
    if (reading.failed()) return Header{};
    if (version != format_version) {
        reading.fail("is a trace of format " + std::to_string(version) + "; this version reads format " + std::to_string(format_version));
        return Header{};
    }
    return reading.object<Header>(json, {format_key});
}

/// Whether the line has exactly these keys.
void require_keys(const Json &json, const std::vector<std::string_view> &keys, Reading &reading) {
    for (const auto &[key, ignored] : json.items())
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) reading.fail("has a field \"" + key + "\" that this version does not know");
}

Line line_of(const Json &json, Reading &reading) {
    if (!json.is_object()) {
        reading.fail("is no object");
        return Header{};
    }
    if (json.contains(format_key)) return header_of(json, reading);
    const Time time = time_of(json, reading);
    if (reading.failed()) return Header{};
    if (json.contains("event")) return EventLine{time, named_value<engine::Event>(json, "event", {"t", "event"}, reading)};
    if (json.contains("effects")) {
        require_keys(json, {"t", "effects"}, reading);
        return EffectsLine{time, reading.inside("effects", [&] { return effects_of(json["effects"], reading); })};
    }
    if (json.contains("outputs")) {
        require_keys(json, {"t", "sink", "outputs"}, reading);
        return OutputsLine{time, reading.within<std::string>("sink", json.value("sink", Json())),
                           reading.within<std::vector<std::string>>("outputs", json["outputs"])};
    }
    if (json.contains("known")) {
        require_keys(json, {"t", "known"}, reading);
        return KnownLine{time, reading.within<std::vector<Alias>>("known", json["known"])};
    }
    reading.fail("is neither an event nor effects");
    return Header{};
}

/// Watches the parser: what is nested without end, and keys that are there twice.
class Strictness {
  public:
    bool operator()(int depth, Json::parse_event_t event, const Json &parsed) {
        if (depth > most_nested) what = "is nested too deep";
        if (event == Json::parse_event_t::object_start) keys_.emplace_back();
        if (event == Json::parse_event_t::object_end && !keys_.empty()) keys_.pop_back();
        if (event == Json::parse_event_t::key && !keys_.empty() && parsed.is_string() &&
            !keys_.back().insert(parsed.get_ref<const std::string &>()).second)
            what = "has \"" + parsed.get_ref<const std::string &>() + "\" twice";
        return what.empty(); // what is wrong already need not be kept
    }
    std::string what{};

  private:
    std::vector<std::set<std::string>> keys_{};
};

} // namespace

std::string text_of(const Line &line) {
    return std::visit([](const auto &known) { return json_of_line(known); }, line).dump() + "\n";
}
std::string text_of(const engine::Event &event) {
    return std::visit([](const auto &known) { return named("event", known); }, event).dump();
}
std::string text_of(const engine::Effect &effect) { return json_of_effect(effect).dump(); }

std::variant<Line, Problem> parse_line(std::string_view text) {
    Strictness strictness;
    Json json;
    try {
        json = Json::parse(text, [&](int depth, Json::parse_event_t event, const Json &parsed) { return strictness(depth, event, parsed); });
    } catch (const Json::parse_error &error) {
        return Problem{{}, "is no JSON from column " + std::to_string(error.byte) + " on"};
    } catch (const Json::exception &) {
        return Problem{{}, "has a number that is out of range"};
    }
    if (!strictness.what.empty()) return Problem{{}, strictness.what};
    Reading reading;
    Line line = line_of(json, reading);
    if (reading.failed()) return Problem{reading.field(), reading.what()};
    return line;
}

} // namespace soundwarden::trace
