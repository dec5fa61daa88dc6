// SPDX-License-Identifier: MIT
#include "bench/recording.hpp"

#include "bench/counter.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace soundwarden::bench {

namespace {

float magnitude(float sample) {
    return std::isnan(sample) ? std::numeric_limits<float>::infinity() : std::fabs(sample);
}

std::uint64_t complete_cycles(const std::string &path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error || size < sizeof(RecordingHeader)) return 0;
    return (size - sizeof(RecordingHeader)) / sizeof(RecordingCycle);
}

} // namespace

Recording::Recording(std::string path_prefix) : path_(std::move(path_prefix)) {
    std::ifstream index(path_ + ".idx", std::ios::binary);
    RecordingHeader header;
    if (!index.read(reinterpret_cast<char *>(&header), sizeof header) || header.magic != RecordingHeader{}.magic ||
        header.cycle_size != sizeof(RecordingCycle) || header.channels == 0)
        throw std::runtime_error(path_ + ".idx is no recording");
    channels_ = header.channels;
    refresh();
}

void Recording::refresh() {
    const std::uint64_t total = complete_cycles(path_ + ".idx");
    if (total <= cycles_.size()) return;
    std::ifstream index(path_ + ".idx", std::ios::binary);
    std::vector<RecordingCycle> more(total - cycles_.size());
    index.seekg(static_cast<std::streamoff>(sizeof(RecordingHeader) + cycles_.size() * sizeof(RecordingCycle)));
    if (!index.read(reinterpret_cast<char *>(more.data()),
                    static_cast<std::streamsize>(more.size() * sizeof(RecordingCycle))))
        throw std::runtime_error(path_ + ".idx cannot be read");
    cycles_.insert(cycles_.end(), more.begin(), more.end());

    const std::size_t before = samples_.size();
    samples_.resize((cycles_.back().file_frame + cycles_.back().frames) * channels_);
    std::ifstream raw(path_ + ".raw", std::ios::binary);
    raw.seekg(static_cast<std::streamoff>(before * sizeof(float)));
    if (samples_.size() > before && !raw.read(reinterpret_cast<char *>(samples_.data() + before),
                                              static_cast<std::streamsize>((samples_.size() - before) * sizeof(float))))
        throw std::runtime_error(path_ + ".raw is shorter than its index says");
}

Recording::Frame Recording::frames_in(const std::string &path_prefix) {
    const std::uint64_t total = complete_cycles(path_prefix + ".idx");
    if (total == 0) return 0;
    std::ifstream index(path_prefix + ".idx", std::ios::binary);
    RecordingCycle last;
    index.seekg(static_cast<std::streamoff>(sizeof(RecordingHeader) + (total - 1) * sizeof last));
    if (!index.read(reinterpret_cast<char *>(&last), sizeof last)) return 0;
    return last.file_frame + last.frames;
}

std::vector<float> Recording::channel(std::uint32_t index, Frame from, Frame to) const {
    std::vector<float> result;
    visit(from, to, static_cast<int>(index), [&](std::size_t, float sample) {
        result.push_back(sample);
        return true;
    });
    return result;
}

const RecordingCycle &Recording::cycle_of(Frame frame) const {
    // Gaps have no frames: the last cycle that begins at or before the frame is the one that brought it.
    const auto after =
        std::upper_bound(cycles_.begin(), cycles_.end(), frame,
                         [](Frame value, const RecordingCycle &cycle) { return value < cycle.file_frame; });
    for (auto cycle = after; cycle != cycles_.begin();) {
        --cycle;
        if (frame < cycle->file_frame + cycle->frames) return *cycle;
        if (cycle->frames > 0) break;
    }
    throw std::out_of_range("no such frame in " + path_);
}

Recording::Frame Recording::frame_at(std::int64_t t_ns) const {
    const auto cycle = std::lower_bound(cycles_.begin(), cycles_.end(), t_ns,
                                        [](const RecordingCycle &entry, auto value) { return entry.wall_ns < value; });
    return cycle == cycles_.end() ? frames() : cycle->file_frame;
}

std::int64_t Recording::t_ns_of(Frame frame) const { return cycle_of(frame).wall_ns; }

std::uint64_t Recording::position_of(Frame frame) const {
    const RecordingCycle &cycle = cycle_of(frame);
    return cycle.position + (frame - cycle.file_frame);
}

std::pair<std::size_t, std::size_t> Recording::sample_range(Frame from, Frame to) const {
    const Frame end = std::min(to, frames());
    return {std::min(from, end) * channels_, end * channels_};
}

/// Calls visit_sample(index in samples_, sample) until it returns false.
template <class Visit>
void Recording::visit(Frame from, Frame to, int channel, Visit visit_sample) const {
    const auto [begin, end] = sample_range(from, to);
    const std::size_t step = channel == all_channels ? 1 : channels_;
    const std::size_t offset = channel == all_channels ? 0 : static_cast<std::size_t>(channel);
    if (offset >= channels_) throw std::out_of_range("no such channel in " + path_);
    for (std::size_t i = begin + offset; i < end; i += step)
        if (!visit_sample(i, samples_[i])) return;
}

float Recording::peak(Frame from, Frame to, int channel) const {
    float result = 0.0F;
    visit(from, to, channel, [&](std::size_t, float sample) {
        result = std::max(result, magnitude(sample));
        return true;
    });
    return result;
}

double Recording::rms(Frame from, Frame to, int channel) const {
    double sum = 0.0;
    std::uint64_t count = 0;
    visit(from, to, channel, [&](std::size_t, float sample) {
        sum += static_cast<double>(sample) * static_cast<double>(sample);
        ++count;
        return true;
    });
    return count == 0 ? 0.0 : std::sqrt(sum / static_cast<double>(count));
}

std::optional<Recording::Frame> Recording::first_above(float level, Frame from, Frame to, int channel) const {
    std::optional<Frame> result;
    visit(from, to, channel, [&](std::size_t index, float sample) {
        if (magnitude(sample) > level) result = index / channels_;
        return !result;
    });
    return result;
}

Recording::Frame Recording::end_of_sound(Frame from, Frame to) const {
    const auto [begin, end] = sample_range(from, to);
    for (std::size_t i = end; i > begin; --i)
        if (samples_[i - 1] != 0.0F) return (i - 1) / channels_ + 1;
    return from;
}

std::uint64_t Recording::count_above(float level, Frame from, Frame to, int channel) const {
    std::uint64_t result = 0;
    visit(from, to, channel, [&](std::size_t, float sample) {
        if (magnitude(sample) > level) ++result;
        return true;
    });
    return result;
}

std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> Recording::clocks() const {
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> result;
    for (const RecordingCycle &cycle : cycles_) ++result[{cycle.quantum, cycle.graph_rate}];
    return result;
}

namespace {

std::uint64_t count_flag(const std::vector<RecordingCycle> &cycles, std::uint32_t flag) {
    return static_cast<std::uint64_t>(std::count_if(
        cycles.begin(), cycles.end(), [flag](const RecordingCycle &cycle) { return (cycle.flags & flag) != 0; }));
}

} // namespace

std::uint64_t Recording::gaps(Frame from, Frame to) const {
    std::vector<RecordingCycle> inside;
    for (const RecordingCycle &cycle : cycles_)
        if (cycle.file_frame > from && cycle.file_frame < std::min(to, frames())) inside.push_back(cycle);
    return count_flag(inside, cycle_flag::gap);
}

std::uint64_t Recording::overflows() const { return count_flag(cycles_, cycle_flag::overflow); }
std::uint64_t Recording::runs() const { return count_flag(cycles_, cycle_flag::run_start); }

namespace {

bool is_silent(const float *samples, std::uint32_t channels) {
    return std::all_of(samples, samples + channels, [](float sample) { return sample == 0.0F; });
}

/// Some channels carry their counter exactly, the others nothing.
bool is_half_linked(const float *samples, std::uint32_t channels, float gain) {
    std::uint32_t silent = 0;
    for (std::uint32_t channel = 0; channel < channels; ++channel) {
        const auto value = decode_counter(samples[channel], gain);
        if (samples[channel] == 0.0F) ++silent;
        else if (!value || !value->exact || value->channel != channel) return false;
    }
    return silent > 0 && silent < channels;
}

/// The position that all channels of a frame agree on; -1 when one of them is wrong.
std::int64_t counter_position(const float *samples, std::uint32_t channels, float gain) {
    std::int64_t position = -1;
    for (std::uint32_t channel = 0; channel < channels; ++channel) {
        const auto value = decode_counter(samples[channel], gain);
        if (!value || !value->exact || value->channel != channel) return -1;
        if (channel > 0 && value->position != position) return -1;
        position = value->position;
    }
    return position;
}

} // namespace

CounterReport check_counter(const Recording &recording, float gain, Recording::Frame from, Recording::Frame to) {
    CounterReport report;
    const std::uint32_t channels = recording.channels();
    const Recording::Frame end = std::min(to, recording.frames());
    std::int64_t expected = -1; // the next position; -1: any
    for (const RecordingCycle &cycle : recording.cycles()) {
        const Recording::Frame first = std::max<Recording::Frame>(cycle.file_frame, from);
        const Recording::Frame last = std::min<Recording::Frame>(cycle.file_frame + cycle.frames, end);
        for (Recording::Frame frame = first; frame < last; ++frame) {
            const float *samples = &recording.samples()[frame * channels];
            if (is_silent(samples, channels)) {
                ++report.silent;
                if (expected >= 0) ++report.pauses;
                expected = -1;
                continue;
            }
            const std::int64_t position = counter_position(samples, channels, gain);
            if (position < 0) {
                ++(expected < 0 && is_half_linked(samples, channels, gain) ? report.linking : report.wrong);
                continue;
            }
            if (!report.first_frame) report.first_frame = frame;
            ++report.counted;
            if (expected >= 0 && expected != position) ++report.breaks;
            expected = (position + 1) % counter_period;
            const std::uint64_t played = cycle.position + (frame - cycle.file_frame);
            const auto late = (played + counter_period - static_cast<std::uint64_t>(position)) % counter_period;
            ++report.latencies[static_cast<std::uint32_t>(late)];
        }
    }
    return report;
}

} // namespace soundwarden::bench
