// SPDX-License-Identifier: MIT
#include "figures.hpp"

#include <algorithm>
#include <cstdio>

namespace soundwarden::fault {
namespace {

constexpr double warm_up_part = 1.0 / 3.0;
constexpr double longest_warm_up_s = 600.0;
constexpr double allowed_kib_per_minute = 1.0;
constexpr double shortest_slope_minutes = 20.0;
constexpr long sway = 16; // descriptors: of a short run, what has not ended yet

template <class... Values> std::string format(const char *text, Values... values) {
    char line[256];
    std::snprintf(line, sizeof line, text, values...); // NOLINT: the formats are this file's
    return line;
}

std::string row(const std::string &figure, const std::string &value, const std::string &promised, const std::string &met) {
    return "| " + figure + " | " + value + " | " + promised + " | " + met + " |\n";
}

std::string met(bool is) { return is ? "met" : "**not met**"; }

/// "median 12, 90 % below 20, at most 31 ms".
std::string spread(std::vector<double> values) {
    if (values.empty()) return "none";
    std::sort(values.begin(), values.end());
    const auto at = [&](double part) { return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))]; };
    return format("median %.0f, 90 %% below %.0f, at most %.0f ms (%zu)", at(0.5), at(0.9), values.back(), values.size());
}

} // namespace

double Figures::warm_up_s() const { return std::min(calm_s * warm_up_part, longest_warm_up_s); }

double Figures::slope_minutes() const { return (calm_s - warm_up_s()) / 60.0; }

double Figures::resident_slope() const {
    std::map<int, std::uint64_t> least; // by minute
    for (const Sampled &each : calm) {
        if (each.at_s < warm_up_s()) continue;
        auto &known = least.try_emplace(static_cast<int>(each.at_s / 60.0), each.resident_kib).first->second;
        known = std::min(known, each.resident_kib);
    }
    double count = 0.0, t_sum = 0.0, y_sum = 0.0, tt_sum = 0.0, ty_sum = 0.0;
    for (const auto &[minute, kib] : least) {
        const double t = minute;
        const auto y = static_cast<double>(kib);
        count += 1.0, t_sum += t, y_sum += y, tt_sum += t * t, ty_sum += t * y;
    }
    const double spread_of_t = count * tt_sum - t_sum * t_sum;
    return spread_of_t > 0.0 ? (count * ty_sum - t_sum * y_sum) / spread_of_t : 0.0;
}

std::string Figures::resident_tenths() const {
    std::map<int, std::uint64_t> least;
    for (const Sampled &each : calm) {
        auto &known = least.try_emplace(static_cast<int>(10.0 * each.at_s / std::max(calm_s, 1.0)), each.resident_kib).first->second;
        known = std::min(known, each.resident_kib);
    }
    std::string text;
    for (const auto &[tenth, kib] : least) text += (text.empty() ? "" : " ") + std::to_string(kib);
    return text;
}

bool Figures::slope_counts() const { return slope_minutes() >= shortest_slope_minutes; }

void Figures::judge() {
    if (above > 0) violations.push_back(format("%llu samples above the ceiling", static_cast<unsigned long long>(above)));
    if (overflows > 0) violations.push_back("the recorder lost cycles: the samples prove nothing");
    if (frames == 0) violations.push_back("nothing was played");
    if (unprovoked_ends > 0) violations.push_back(format("%u ends of the daemon that nobody ordered", unprovoked_ends));
    if (slope_counts() && resident_slope() >= allowed_kib_per_minute) violations.push_back(format("resident memory grows by %.1f KiB a minute", resident_slope()));
    if (descriptors_grown() > (slope_counts() ? 0 : sway)) violations.push_back(format("%ld descriptors more than after the warm-up", descriptors_grown()));
}

std::string Figures::text() const {
    std::string what;
    for (const auto &[name, times] : done) what += (what.empty() ? "" : ", ") + name + " " + std::to_string(times);
    std::string text = format("seed %llu, %.1f minutes\n", static_cast<unsigned long long>(seed), minutes) + "what happened: " + what + "\n\n";
    text += "| figure | value | promised | |\n|---|---|---|---|\n";
    text += row("samples above the ceiling in force", format("%llu of %llu frames", static_cast<unsigned long long>(above), static_cast<unsigned long long>(frames)),
                "0", met(above == 0 && frames > 0 && overflows == 0));
    text += row("ends of the daemon that were not ordered", std::to_string(unprovoked_ends), "0", met(unprovoked_ends == 0));
    text += row("ends that were: signals, faults that may end it", format("%u, %u", ordered_ends, provoked_ends), "", "");
    text += row("calls that were made to fail", std::to_string(failed_calls), "", "");
    text += row("resident memory, slope after the warm-up", format("%.2f KiB/min over %.1f min", resident_slope(), slope_minutes()),
                format("< %.0f", allowed_kib_per_minute),
                slope_counts() ? met(resident_slope() < allowed_kib_per_minute) : "too short to tell");
    if (!calm.empty()) text += row("least resident memory in each tenth of the calm, KiB", resident_tenths(), "", "");
    if (!calm.empty())
        text += row("resident memory at the end", format("%llu KiB", static_cast<unsigned long long>(calm.back().resident_kib)), "", "");
    text += row("descriptors, grown after the warm-up", format("%ld, %zu at the end", descriptors_grown(), descriptors_after), "0",
                slope_counts() || descriptors_grown() > sway ? met(descriptors_grown() <= 0) : "too short to tell");
    text += row("wake-ups of all threads in the calm", format("%.0f a second", calm_s > 0.0 ? static_cast<double>(calm_wake_ups) / calm_s : 0.0), "", "");
    if (rest_wake_ups >= 0)
        text += row("wake-ups at rest, without the watchdog's", format("%lld in %.0f s", static_cast<long long>(rest_wake_ups), rest_s), "", "");
    text += row("cycles without data in the calm", format("%llu of %llu", static_cast<unsigned long long>(calm_gaps), static_cast<unsigned long long>(calm_cycles)), "",
                "");
    text += row("from the jack's flip to the decision", spread(decided_ms), "", "");
    text += row("from a fault to sound", spread(heard_ms), "", "");
    for (const std::string &each : violations) text += "\nbroken: " + each;
    return text + (violations.empty() ? "\nall promises kept\n" : "\n");
}

} // namespace soundwarden::fault
