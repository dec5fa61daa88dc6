// SPDX-License-Identifier: MIT
#include "meter.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace soundwarden::demo {

namespace {

double decibels(double amplitude) { return 20.0 * std::log10(amplitude); }

// Two clocks that tell the same position mean the same cycle only when they tell the same time.
constexpr std::int64_t same_cycle_ns = 100'000'000;
constexpr float audible = 0.001F; // of a sample played: below it a ratio means little

} // namespace

Meter::Meter(std::string played, std::string heard) : played_path_(std::move(played)), heard_path_(std::move(heard)) {}

bench::Recording &Meter::heard() {
    if (!heard_) heard_.emplace(heard_path_);
    heard_->refresh();
    return *heard_;
}

bench::Recording &Meter::played() {
    if (!played_) played_.emplace(played_path_);
    played_->refresh();
    return *played_;
}

double Meter::peak_db(std::int64_t from_ns, std::int64_t to_ns) {
    const bench::Recording &sink = heard();
    return decibels(static_cast<double>(sink.peak(sink.frame_at(from_ns), sink.frame_at(to_ns))));
}

double Meter::quiet_after_ms(std::int64_t from_ns, std::int64_t to_ns, double db) {
    const bench::Recording &sink = heard();
    const auto level = static_cast<float>(std::pow(10.0, db / 20.0));
    std::int64_t quiet_ns = from_ns;
    const auto &cycles = sink.cycles();
    for (std::size_t i = 0; i + 1 < cycles.size(); ++i) {
        const auto &cycle = cycles[i];
        if (cycle.wall_ns < from_ns || cycle.wall_ns > to_ns) continue;
        if (sink.peak(cycle.file_frame, cycle.file_frame + cycle.frames) > level) quiet_ns = cycles[i + 1].wall_ns;
    }
    return static_cast<double>(quiet_ns - from_ns) * 1e-6;
}

std::uint64_t Meter::last_frames(double seconds) {
    const bench::Recording &sink = heard();
    if (sink.cycles().empty()) return 0;
    const auto count = static_cast<std::uint64_t>(seconds * static_cast<double>(sink.cycles().back().sink_rate));
    return std::min(sink.frames(), count);
}

double Meter::last_peak_db(double seconds) {
    const std::uint64_t count = last_frames(seconds);
    return decibels(static_cast<double>(heard_->peak(heard_->frames() - count)));
}

std::optional<double> Meter::last_gain(double seconds) {
    const std::uint64_t count = last_frames(seconds);
    const std::uint64_t from = heard_->frames() - count;
    const std::uint64_t end = heard_->frames();
    const std::vector<float> source = aligned(played(), *heard_, from);
    std::optional<double> gain;
    const std::uint32_t channels = heard_->channels();
    for (std::uint64_t i = 0; i < (end - from) * channels && i < source.size(); ++i) {
        if (std::fabs(source[i]) < audible) continue;
        const double ratio = std::fabs(static_cast<double>(heard_->samples()[from * channels + i]) / static_cast<double>(source[i]));
        gain = std::max(gain.value_or(0.0), ratio);
    }
    return gain;
}

// Cycle by cycle: while links are remade another driver may run the player for a moment, with a clock of its own.
std::vector<float> aligned(const bench::Recording &played, const bench::Recording &heard, std::uint64_t from_frame) {
    const std::uint32_t channels = heard.channels();
    const std::uint64_t first_frame = std::min(from_frame, heard.frames());
    std::vector<float> result((heard.frames() - first_frame) * channels, 0.0F);
    const auto &cycles = heard.cycles();
    if (cycles.empty()) return result;
    const auto ends_before = [](const bench::RecordingCycle &cycle, std::uint64_t position) {
        return cycle.position + cycle.frames <= position;
    };
    const std::int64_t earliest = first_frame < heard.frames() ? heard.cycle_of(first_frame).clock_ns - same_cycle_ns : 0;
    for (const bench::RecordingCycle &source : played.cycles()) {
        if (source.clock_ns < earliest) continue;
        auto sink = std::lower_bound(cycles.begin(), cycles.end(), source.position, ends_before);
        for (std::uint32_t i = 0; i < source.frames; ++i) {
            const std::uint64_t position = source.position + i;
            while (sink != cycles.end() && ends_before(*sink, position)) ++sink;
            if (sink == cycles.end() || position < sink->position) continue;
            if (std::abs(sink->clock_ns - source.clock_ns) > same_cycle_ns) continue;
            const std::uint64_t frame = sink->file_frame + (position - sink->position);
            if (frame < first_frame || frame >= heard.frames()) continue;
            for (std::uint32_t channel = 0; channel < channels && channel < played.channels(); ++channel)
                result[(frame - first_frame) * channels + channel] = played.at(source.file_frame + i, channel);
        }
    }
    return result;
}

} // namespace soundwarden::demo
