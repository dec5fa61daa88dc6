// SPDX-License-Identifier: MIT
// Any floats, block lengths, stamped parameter changes, pauses and changes of mode through the guard's path. Asserted: nothing above the ceiling (must
// hold 1), the same bits however the frames are cut (2), a fault is a zero and nothing else (5). For libFuzzer; without it
// random_inputs.cpp makes the inputs.
#include "dsp/guard_processor.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <vector>

namespace {

using namespace soundwarden::dsp;

constexpr std::uint32_t channels = 2;
constexpr std::size_t most_frames = 4096;

/// Reads values off the input; zeros when it is used up.
class Bytes {
  public:
    Bytes(const std::uint8_t *data, std::size_t size) : data_(data), size_(size) {}
    bool left() const { return at_ < size_; }
    template <class T> T take() {
        T value{};
        const std::size_t count = std::min(sizeof value, size_ - at_);
        std::memcpy(&value, data_ + at_, count);
        at_ += count;
        return value;
    }

  private:
    const std::uint8_t *data_;
    std::size_t size_;
    std::size_t at_ = 0;
};

/// In the input: 6 bytes of head, then stretches of 12 bytes (two floats, two numbers) and two floats a frame: whole floats
/// from byte 6 on.
/// A stretch of sound under targets of its own, which are handed over with its first frame and act there or, by their stamp, later.
struct Stretch {
    std::size_t begin = 0;
    GuardTargets targets;
    double idle_seconds = 0.0;           // before its first frame
    std::optional<LimiterMode> mode{}; // from then on
};

struct Play {
    LimiterFormat format;
    std::uint32_t seed = 0; // of the cuts
    std::vector<Stretch> stretches;
    std::array<std::vector<float>, channels> sound;
    std::size_t frames() const { return sound[0].size(); }
};

Stretch take_stretch(Bytes &bytes, std::uint64_t generation) {
    Stretch stretch;
    GuardTargets &to = stretch.targets;
    to.generation = generation;
    to.gain = std::abs(std::remainder(bytes.take<float>(), 4.0F));
    if (!std::isfinite(to.gain)) to.gain = 1.0F;
    to.ceiling = std::abs(bytes.take<float>());
    if (std::isnan(to.ceiling)) to.ceiling = 0.25F;
    const auto bits = bytes.take<std::uint16_t>();
    to.rise_db_per_s = (bits & 1) != 0 ? 0.0F : 6.0F * static_cast<float>(bits >> 4 & 15);
    to.release_seconds = (bits & 2) != 0 ? 0.05F : 0.001F;
    to.governor_dbfs = (bits & 4) != 0 ? -60.0 : 0.0;
    to.makeup = (bits & 8) != 0 ? 8.0F : 1.0F;
    stretch.idle_seconds = (bits >> 8 & 7) == 7 ? 1.5 : 0.0;
    if ((bits >> 11 & 7) == 7) stretch.mode = static_cast<LimiterMode>(bits >> 14);
    return stretch;
}

Play take_play(Bytes bytes) {
    constexpr std::uint32_t rates[] = {8000, 44100, 48000, 96000, 192000, 384000};
    Play play;
    const auto head = bytes.take<std::uint16_t>();
    play.format.channels = channels;
    play.format.mode = static_cast<LimiterMode>(head & 3);
    play.format.rate_hz = rates[(head >> 2) % std::size(rates)];
    play.format.detector = (head & 64) != 0 ? PeakDetector::sample_peak : PeakDetector::true_peak;
    const auto sets = instruction_sets();
    play.format.instructions = sets[(head >> 8) % sets.size()];
    play.seed = bytes.take<std::uint32_t>();
    std::uint64_t generation = 1;
    bool changed = false;
    while (bytes.left() && play.frames() < most_frames) {
        Stretch stretch = take_stretch(bytes, generation++);
        // A change that comes while another fades waits for the end of the fade and of a block: one only.
        if (changed) stretch.mode.reset();
        changed = changed || stretch.mode.has_value();
        play.stretches.push_back(stretch);
        play.stretches.back().begin = play.frames();
        const auto lengths = bytes.take<std::uint16_t>();
        const std::size_t count = std::min<std::size_t>(1 + lengths % 256, most_frames - play.frames());
        if (play.stretches.size() > 1) play.stretches.back().targets.from_frame = play.frames() + lengths / 256;
        for (std::size_t i = 0; i < count; ++i)
            for (auto &channel : play.sound) channel.push_back(bytes.take<float>());
    }
    return play;
}

std::array<std::vector<float>, channels> heard(const Play &play, std::uint32_t seed) {
    std::array<std::vector<float>, channels> out;
    for (auto &channel : out) channel.assign(play.frames(), 7.0F);
    if (play.stretches.empty()) return out;
    GuardProcessor guard(play.format, play.stretches.front().targets);
    for (std::size_t s = 0; s < play.stretches.size(); ++s) {
        const std::size_t end = s + 1 < play.stretches.size() ? play.stretches[s + 1].begin : play.frames();
        double idle = play.stretches[s].idle_seconds;
        if (play.stretches[s].mode) {
            LimiterFormat format = play.format;
            format.mode = *play.stretches[s].mode;
            guard.rebuild(format);
        }
        for (std::size_t at = play.stretches[s].begin; at < end;) {
            seed = seed * 1664525U + 1013904223U;
            const std::size_t count = std::min<std::size_t>(end - at, 1 + (seed >> 24));
            const float *from[] = {play.sound[0].data() + at, play.sound[1].data() + at};
            float *to[] = {out[0].data() + at, out[1].data() + at};
            guard.process(from, to, static_cast<std::uint32_t>(count), play.format.rate_hz, play.stretches[s].targets, idle);
            idle = 0.0;
            at += count;
        }
    }
    return out;
}

void require(bool holds, const char *what) {
    if (holds) return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

bool same(const std::array<std::vector<float>, channels> &a, const std::array<std::vector<float>, channels> &b) {
    for (std::uint32_t c = 0; c < channels; ++c)
        if (std::memcmp(a[c].data(), b[c].data(), a[c].size() * sizeof(float)) != 0) return false;
    return true;
}

/// A stretch's ceiling acts at the first boundary (64 frames at most) behind its stamp; until then, and never after, the one before
/// may.
void require_ceilings(const Play &play, const std::array<std::vector<float>, channels> &out) {
    float ceiling = no_ceiling;
    for (std::size_t s = 0; s < play.stretches.size(); ++s) {
        const std::size_t begin = play.stretches[s].begin;
        const std::size_t end = s + 1 < play.stretches.size() ? play.stretches[s + 1].begin : play.frames();
        const bool first = s == 0;
        const float now = play.stretches[s].targets.ceiling;
        const std::size_t acts = std::max<std::size_t>(begin, play.stretches[s].targets.from_frame) + 64;
        const float highest = first ? now : std::max(ceiling, now); // raised slowly, or not at all
        for (std::size_t i = begin; i < end; ++i)
            for (const auto &channel : out) {
                require(std::isfinite(channel[i]), "every sample is finite");
                const float made_up = channel[i] / play.stretches[s].targets.makeup;
                require(std::fabs(made_up) <= (first || i >= acts ? now : highest), "no sample above the ceiling");
            }
        ceiling = end > acts ? now : highest;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const Play play = take_play(Bytes(data, size));
    if (play.frames() == 0) return 0;
    const auto out = heard(play, play.seed);
    require_ceilings(play, out);
    require(same(out, heard(play, play.seed + 1)), "the same bits for every partition");
    Play clean = play;
    for (auto &channel : clean.sound)
        for (float &sample : channel)
            if (!std::isfinite(sample)) sample = 0.0F;
    require(same(out, heard(clean, play.seed)), "a fault is a zero and nothing else");
    return 0;
}
