// SPDX-License-Identifier: MIT
#include "render/log_lines.hpp"

#include "render/json_parts.hpp"
#include "render/sheet.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace soundwarden::cli {
namespace {

Tone tone_of_level(const std::string &level) {
    if (level == "error") return Tone::alarm;
    if (level == "warning") return Tone::attention;
    return level == "debug" ? Tone::dim : Tone::plain;
}

struct Clock {
    std::tm parts{};
    int ms = 0;
};
Clock clock_of(std::int64_t unix_ms, bool local) {
    Clock clock;
    clock.ms = static_cast<int>((unix_ms % 1000 + 1000) % 1000); // also before 1970
    const auto time = static_cast<std::time_t>((unix_ms - clock.ms) / 1000);
    if (local) localtime_r(&time, &clock.parts);
    else gmtime_r(&time, &clock.parts);
    return clock;
}

std::string local_time(std::int64_t unix_ms) {
    std::array<char, 64> text{};
    const Clock clock = clock_of(unix_ms, true);
    std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &clock.parts);
    return text.data();
}

/// RFC 3339, UTC.
std::string utc_time(std::int64_t unix_ms) {
    std::array<char, 64> text{};
    const Clock clock = clock_of(unix_ms, false);
    const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &clock.parts);
    std::snprintf(text.data() + length, text.size() - length, ".%03dZ", clock.ms);
    return text.data();
}

void add_entry(Json &json, const LogEntry &entry) {
    json["id"] = entry.id;
    json["time"] = utc_time(entry.unix_ms);
    json["unix_ms"] = entry.unix_ms;
    json["level"] = entry.level;
    json["what"] = entry.what;
    json["subject"] = entry.subject;
    json["text"] = entry.text;
}

} // namespace

std::string log_text(const std::vector<LogEntry> &entries, const Style &style) {
    std::size_t what_width = 0;
    for (const LogEntry &entry : entries) what_width = std::max(what_width, columns_of(printable(entry.what)));
    std::string text;
    for (const LogEntry &entry : entries) {
        const std::string time = local_time(entry.unix_ms), what = printable(entry.what), said = printable(entry.text);
        text += painted(time, Tone::dim, style) + std::string(column_gap, ' ') + what + std::string(what_width - columns_of(what) + column_gap, ' ') +
                painted(said, tone_of_level(entry.level), style);
        // The sink's name is long, and the text mostly says which output it is about: only where there is room.
        const std::string subject = "  (" + printable(entry.subject) + ")";
        const std::size_t columns = columns_of(time) + column_gap + what_width + column_gap + columns_of(said) + columns_of(subject);
        if (!entry.subject.empty() && columns <= style.width.value_or(columns)) text += painted(subject, Tone::dim, style);
        text += "\n";
    }
    return text;
}

std::string log_json(const std::vector<LogEntry> &entries, JsonLayout layout) {
    if (layout == JsonLayout::one_line) {
        std::string lines;
        for (const LogEntry &entry : entries) {
            Json json;
            json["schema"] = json_schema;
            add_entry(json, entry);
            lines += text_of(json, layout);
        }
        return lines;
    }
    Json json;
    json["schema"] = json_schema;
    json["entries"] = Json::array();
    for (const LogEntry &entry : entries) add_entry(json["entries"].emplace_back(Json::object()), entry);
    return text_of(json, layout);
}

} // namespace soundwarden::cli
