// SPDX-License-Identifier: MIT
// Values of listed structs as JSON, and back.
#pragma once

#include "bytes.hpp"
#include "values.hpp"

#include <nlohmann/json.hpp>

#include <bit>
#include <cmath>
#include <limits>

namespace soundwarden::trace {

/// Keys keep their order: a trace is read by people too.
using Json = nlohmann::ordered_json;

/// What JSON has no number for: "inf", "-inf", "nan", and "nan:" with its bits where they are not the usual ones.
std::string name_of_unusual(double value);
std::string name_of_unusual(float value);
std::optional<double> unusual_double(std::string_view name);
std::optional<float> unusual_float(std::string_view name);

template <class T> Json json_of(const T &value) {
    if constexpr (std::is_same_v<T, bool> || std::integral<T>) {
        return value;
    } else if constexpr (std::floating_point<T>) {
        // The shortest decimal number that is this double and no other; a float is a double too.
        return std::isfinite(value) ? Json(static_cast<double>(value)) : Json(name_of_unusual(value));
    } else if constexpr (std::is_same_v<T, std::string>) {
        return utf8_of(value);
    } else if constexpr (std::is_same_v<T, Duration>) {
        return value.count();
    } else if constexpr (Unit<T>) {
        return json_of(value.value);
    } else if constexpr (Enumeration<T>) {
        return name_of(value);
    } else if constexpr (std::is_same_v<T, PolicyPointer>) {
        if (value == nullptr) return nullptr;
        return value->origin == nullptr ? Json::object() : json_of(*value->origin);
    } else if constexpr (detail::is_optional<T>) {
        return value ? json_of(*value) : Json(nullptr);
    } else if constexpr (detail::is_list<T>) {
        Json list = Json::array();
        for (const auto &each : value) list.push_back(json_of(each));
        return list;
    } else {
        static_assert(Listed<T>, "this type has no list of fields");
        Json object = Json::object();
        for_each_field<T>([&](const auto &each) { object.emplace(each.name, json_of(value.*each.member)); });
        return object;
    }
}

/// Reads values out of JSON. The first thing that is wrong is kept, with the path of its field; what is read after it means nothing.
class Reading {
  public:
    bool failed() const { return !what_.empty(); }
    const std::string &field() const { return field_; } ///< "facts.routes[1].volume"; empty: the line as a whole
    const std::string &what() const { return what_; }

    template <class T> T value(const Json &json) {
        if constexpr (std::is_same_v<T, bool>) return boolean(json);
        else if constexpr (std::integral<T>) return integer<T>(json);
        else if constexpr (std::is_same_v<T, double>) return real(json);
        else if constexpr (std::is_same_v<T, float>) return single(json);
        else if constexpr (std::is_same_v<T, std::string>) return text(json);
        else if constexpr (std::is_same_v<T, Duration>) return Duration{integer<Duration::rep>(json)};
        else if constexpr (Unit<T>) return T{real(json)};
        else if constexpr (Enumeration<T>) return enumerator<T>(json);
        else if constexpr (std::is_same_v<T, PolicyPointer>) return policy(json);
        else if constexpr (detail::is_optional<T>) return json.is_null() ? T{} : T{value<typename T::value_type>(json)};
        else if constexpr (detail::is_list<T>) return list<T>(json);
        else return object<T>(json, {});
    }

    /// A field that is missing was not there yet when this was recorded: it has its default. One that is neither listed nor among
    /// `besides` is an error: it was made by a newer version, and would decide otherwise.
    template <class T> T object(const Json &json, const std::vector<std::string_view> &besides) {
        T made{};
        if (!json.is_object()) return fail("is no object"), made;
        std::size_t known = 0;
        for_each_field<T>([&](const auto &each) {
            const auto found = json.find(each.name);
            if (failed() || found == json.end()) return;
            ++known;
            made.*each.member = within<std::decay_t<decltype(made.*each.member)>>(each.name, *found);
        });
        for (const std::string_view name : besides) known += json.contains(name) ? 1 : 0;
        if (!failed() && known != json.size()) fail_unknown<T>(json, besides);
        return made;
    }

    template <class T> T within(std::string_view name, const Json &json) {
        return inside(name, [&] { return value<T>(json); });
    }
    /// What `read` gives, with the field's name in the path of what it finds wrong.
    template <class Read> auto inside(std::string_view name, Read read) {
        if (failed()) return decltype(read()){};
        const std::size_t length = field_.size();
        field_ += (field_.empty() || name.starts_with('[') ? "" : ".") + std::string(name);
        auto made = read();
        if (!failed()) field_.resize(length);
        return made;
    }

    void fail(std::string what);

  private:
    bool boolean(const Json &json);
    double real(const Json &json);
    float single(const Json &json);
    std::string text(const Json &json);
    PolicyPointer policy(const Json &json);

    template <class T> T integer(const Json &json) {
        if (json.is_number_unsigned()) {
            const auto number = json.get<std::uint64_t>();
            if (std::in_range<T>(number)) return static_cast<T>(number);
        } else if (json.is_number_integer()) {
            const auto number = json.get<std::int64_t>();
            if (std::in_range<T>(number)) return static_cast<T>(number);
        } else {
            fail("is no whole number");
            return {};
        }
        fail("is out of range");
        return {};
    }
    template <class T> T enumerator(const Json &json) {
        if (!json.is_string()) return fail("is no name"), T{};
        const auto found = from_name<T>(json.get_ref<const std::string &>());
        if (!found) fail("has no name that is known here");
        return found.value_or(T{});
    }
    template <class T> T list(const Json &json) {
        T made;
        if (!json.is_array()) return fail("is no array"), made;
        for (std::size_t i = 0; i < json.size() && !failed(); ++i)
            made.push_back(within<typename T::value_type>("[" + std::to_string(i) + "]", json[i]));
        return made;
    }
    template <class T> void fail_unknown(const Json &json, const std::vector<std::string_view> &besides) {
        for (auto item = json.begin(); item != json.end(); ++item) {
            const std::string &key = item.key();
            bool listed = std::find(besides.begin(), besides.end(), key) != besides.end();
            for_each_field<T>([&](const auto &each) { listed = listed || each.name == key; });
            if (listed) continue;
            field_ += (field_.empty() ? "" : ".") + key;
            return fail("is a field that this version does not know");
        }
    }

    std::string field_;
    std::string what_;
};

} // namespace soundwarden::trace
