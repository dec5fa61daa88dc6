// SPDX-License-Identifier: MIT
#include "judge.hpp"

#include <algorithm>
#include <cmath>
#include <fcntl.h>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace soundwarden::fault {
namespace {

using bench::RecordingCycle;
using bench::RecordingHeader;

constexpr std::size_t most_named = 10;
constexpr std::uint64_t punched_at_once = 8U << 20U;

std::string recording_of(const bench::SimCard &card, const std::string &name) {
    for (const auto &event : card.events("sink-bound"))
        if ((name.empty() || event.value("card", "") == name) && !event.value("recording", "").empty()) return event.value("recording", "");
    throw std::runtime_error("nothing is recorded of " + name);
}

bool read_all(int file, void *into, std::size_t size, std::uint64_t offset) {
    return pread(file, into, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
}

} // namespace

Judge::Judge(const bench::SimCard &card, float ceiling, const std::string &name) : ceilings_{{0, ceiling}} {
    const std::string path = recording_of(card, name);
    RecordingHeader header;
    const bool opened = bench::poll_until([&] {
        if (index_ < 0) index_ = open((path + ".idx").c_str(), O_RDONLY | O_CLOEXEC);
        if (raw_ < 0) raw_ = open((path + ".raw").c_str(), O_RDWR | O_CLOEXEC);
        return index_ >= 0 && raw_ >= 0 && read_all(index_, &header, sizeof header, 0);
    });
    if (!opened || header.magic != RecordingHeader{}.magic || header.cycle_size != sizeof(RecordingCycle) || header.channels == 0)
        throw std::runtime_error(path + " is no recording");
    channels_ = header.channels;
}

Judge::~Judge() {
    if (index_ >= 0) close(index_);
    if (raw_ >= 0) close(raw_);
}

void Judge::ceiling(float amplitude, std::int64_t from_ns) { ceilings_.emplace_back(std::max(from_ns, ceilings_.back().first), amplitude); }

/// Moments only go forward.
float Judge::ceiling_at(std::int64_t t_ns) {
    while (ceilings_.size() > 1 && ceilings_[1].first <= t_ns) ceilings_.pop_front();
    return ceilings_.front().second;
}

void Judge::look() {
    struct stat status {};
    if (fstat(index_, &status) != 0) throw std::runtime_error("the recording's index cannot be looked at");
    const auto total = (static_cast<std::uint64_t>(status.st_size) - sizeof(RecordingHeader)) / sizeof(RecordingCycle);
    if (total <= cycles_) return;
    std::vector<RecordingCycle> more(total - cycles_);
    if (!read_all(index_, more.data(), more.size() * sizeof(RecordingCycle), sizeof(RecordingHeader) + cycles_ * sizeof(RecordingCycle)))
        throw std::runtime_error("the recording's index cannot be read");
    const auto first = more.front().file_frame;
    const auto frames = more.back().file_frame + more.back().frames - first;
    samples_.resize(frames * channels_);
    const auto frame_bytes = sizeof(float) * channels_;
    if (!read_all(raw_, samples_.data(), frames * frame_bytes, first * frame_bytes)) throw std::runtime_error("the recording is shorter than its index");
    for (const RecordingCycle &cycle : more) judge(cycle, samples_.data() + (cycle.file_frame - first) * channels_);
    cycles_ = total;
    frames_ += frames;
    const auto judged = (first + frames) * frame_bytes;
    if (judged - punched_ < punched_at_once) return;
    // Where the file system cannot do it, the recording stays as long as the session.
    fallocate(raw_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(punched_), static_cast<off_t>(judged - punched_));
    punched_ = judged;
}

void Judge::judge(const RecordingCycle &cycle, const float *samples) {
    if ((cycle.flags & bench::cycle_flag::overflow) != 0) ++overflows_;
    if ((cycle.flags & bench::cycle_flag::run_start) != 0) waiting_gaps_ = 0;
    if ((cycle.flags & bench::cycle_flag::gap) != 0) ++waiting_gaps_;
    else if (cycle.frames > 0) gaps_ += std::exchange(waiting_gaps_, 0);
    const float ceiling = ceiling_at(cycle.wall_ns);
    float highest = 0.0F;
    for (std::size_t at = 0; at < std::size_t{cycle.frames} * channels_; ++at) {
        const float magnitude = std::isnan(samples[at]) ? std::numeric_limits<float>::infinity() : std::fabs(samples[at]);
        highest = std::max(highest, magnitude);
        if (magnitude <= ceiling) continue;
        ++above_;
        if (first_above_.size() < most_named) first_above_.push_back({cycle.wall_ns, samples[at], ceiling});
    }
    peak_ = std::max(peak_, highest);
    if (highest < audible) return;
    heard_ns_ = cycle.wall_ns;
    if (heard_again_ns_ == 0 && cycle.wall_ns >= listening_from_ns_) heard_again_ns_ = cycle.wall_ns;
}

} // namespace soundwarden::fault
