// SPDX-License-Identifier: MIT
#include "bench_table.hpp"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <tuple>
#include <utility>

namespace soundwarden::bench {
namespace {

template <class... Values>
std::string text(const char *format, Values... values) {
    char line[160];
    std::snprintf(line, sizeof line, format, values...);
    return line;
}

const Time *find(const std::vector<Time> &times, const Subject &wanted) {
    const auto found = std::find_if(times.begin(), times.end(), [&](const Time &time) {
        const Subject &is = time.subject;
        return std::tie(is.who, is.mode, is.isa, is.signal, is.block, is.channels) ==
               std::tie(wanted.who, wanted.mode, wanted.isa, wanted.signal, wanted.block, wanted.channels);
    });
    return found == times.end() ? nullptr : &*found;
}

template <class Value, class Get>
std::vector<Value> distinct(const std::vector<Time> &times, Get get) {
    std::vector<Value> values;
    for (const Time &time : times)
        if (std::find(values.begin(), values.end(), get(time.subject)) == values.end())
            values.push_back(get(time.subject));
    return values;
}

std::string row_name(const Subject &subject) {
    return subject.who + " " + subject.mode + (subject.ours.empty() ? " " + subject.isa : "");
}

std::string cell(const Time *time, const Time *ours) {
    if (time == nullptr) return text("%25s", "");
    const std::string ns = text("%.2f (%.2f)", time->least(), time->median());
    return text("%17s %7s", ns.c_str(), ours == nullptr ? "" : text("%.1fx", time->least() / ours->least()).c_str());
}

// A column for each value of `column`, a member of Subject; rows that differ in nothing else.
std::string part(const std::vector<Time> &times, const std::string &title, const std::string &best_isa,
                 const char *heading, std::uint32_t Subject::*column) {
    auto columns = distinct<std::uint32_t>(times, [column](const Subject &is) { return is.*column; });
    std::sort(columns.begin(), columns.end());
    std::string lines = "\n" + title + "\n" + text("%-39s", heading);
    for (const std::uint32_t value : columns) lines += text("%17u%8s", value, "");
    lines += '\n';
    const auto rows = distinct<Subject>(times, [column](Subject is) {
        is.*column = 0;
        return is;
    });
    for (Subject row : rows) {
        lines += text("%-39s", row_name(row).c_str());
        for (const std::uint32_t value : columns) {
            row.*column = value;
            Subject ours = row;
            ours.who = "soundwarden";
            ours.mode = row.ours;
            ours.isa = best_isa;
            lines += cell(find(times, row), row.ours.empty() ? nullptr : find(times, ours));
        }
        while (lines.back() == ' ') lines.pop_back();
        lines += '\n';
    }
    return lines;
}

// Pairs "loud + denormals" with "loud + sine", and what begins with "denormals" with "sine".
std::string denormals(const std::vector<Time> &times) {
    std::string lines;
    for (const Time &time : times) {
        const std::size_t at = time.subject.signal.find("denormal");
        if (at == std::string::npos) continue;
        Subject sine = time.subject;
        sine.signal = sine.signal.substr(0, at) + "sine";
        const Time *beside = find(times, sine);
        if (beside == nullptr) continue;
        lines += text("%-39s %-26s %8.2f %8.2f %6.2fx\n", row_name(sine).c_str(), time.subject.signal.c_str(),
                      time.least(), beside->least(), time.least() / beside->least());
    }
    if (lines.empty()) return {};
    return text("\n%-39s %-26s %8s %8s %7s\n", "denormal input beside a sine", "signal", "ns", "sine ns", "ratio") +
           lines;
}

} // namespace

std::string Subject::name() const {
    std::string all =
        who + "/" + mode + "/" + isa + "/" + signal + "/" + std::to_string(block) + "/" + std::to_string(channels);
    std::replace(all.begin(), all.end(), ' ', '-');
    return all;
}

double Time::least() const { return *std::min_element(ns_per_frame.begin(), ns_per_frame.end()); }

double Time::median() const {
    std::vector<double> sorted = ns_per_frame;
    std::sort(sorted.begin(), sorted.end());
    const std::size_t half = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2.0;
}

std::string table(const std::vector<Time> &times, const std::string &best_isa) {
    const auto those = [&times](const std::string &signal, std::uint32_t channels, std::uint32_t block) {
        std::vector<Time> chosen;
        for (const Time &time : times)
            if (time.subject.signal == signal && (channels == 0 || time.subject.channels == channels) &&
                (block == 0 || time.subject.block == block))
                chosen.push_back(time);
        return chosen;
    };
    // What is compared with a sine has a list of its own.
    const std::string what = " ns a frame of all channels, least (median)";
    std::string all;
    for (const std::string signal : {"active", "quiet"}) {
        for (const std::uint32_t channels : {2U, 64U})
            if (const auto chosen = those(signal, channels, 0); !chosen.empty())
                all += part(chosen,
                            signal + ", " + std::to_string(channels) + " channels:" + what +
                                (channels == 2 ? ", and how many times ours in the mode beside it" : ""),
                            best_isa, "block", &Subject::block);
        auto wide = those(signal, 0, 256);
        std::erase_if(wide, [](const Time &time) { return !time.subject.mode.starts_with("default-"); });
        if (distinct<std::uint32_t>(wide, [](const Subject &is) { return is.channels; }).size() > 1)
            all += part(wide, signal + ", blocks of 256:" + what, best_isa, "channels", &Subject::channels);
    }
    return all + denormals(times);
}

nlohmann::json summary(const std::vector<Time> &times) {
    nlohmann::json list = nlohmann::json::array();
    for (const Time &time : times)
        list.push_back({{"who", time.subject.who},
                        {"mode", time.subject.mode},
                        {"isa", time.subject.isa},
                        {"signal", time.subject.signal},
                        {"block", time.subject.block},
                        {"channels", time.subject.channels},
                        {"ns_per_frame", time.least()}});
    return list;
}

} // namespace soundwarden::bench
