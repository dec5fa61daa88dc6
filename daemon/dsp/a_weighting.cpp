// SPDX-License-Identifier: MIT
// The filter on the data thread. Built without contraction (daemon/dsp/meson.build), so that every frame goes through the
// same roundings wherever a block begins.
#include "dsp/a_weighting.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace soundwarden::dsp {
namespace {

// 2000 dB below full scale: what rings on below that is taken away before it could become denormal.
constexpr double nothing = 1e-100;

using Bits = std::uint32_t __attribute__((vector_size(16)));

constexpr std::uint32_t exponent = 0x7f800000;
constexpr std::uint32_t smallest_normal = 0x00800000;

// 0 for what has no exponent of its own (zero, denormal) or the highest one (NaN, infinite). In integers: no flag of the
// compiler can take it away, and no processor takes long over a denormal that it never computes with.
float clean(float sample) noexcept {
    const auto bits = std::bit_cast<std::uint32_t>(sample);
    return (bits & exponent) - smallest_normal < exponent - smallest_normal ? sample : 0.0F;
}

void clean_four(const float *from, float *to) noexcept {
    Bits bits;
    std::memcpy(&bits, from, sizeof bits);
    bits &= reinterpret_cast<Bits>((bits & exponent) - smallest_normal < exponent - smallest_normal);
    std::memcpy(to, &bits, sizeof bits);
}

void clean_plane(const float *from, float *to, std::uint32_t frames) noexcept {
    std::uint32_t i = 0;
    for (; i + 4 <= frames; i += 4) clean_four(from + i, to + i);
    for (; i < frames; ++i) to[i] = clean(from[i]);
}

constexpr std::array<float, ear_sub_block> silent_plane{};

} // namespace

AWeightedChannels::AWeightedChannels(std::uint32_t channels, std::uint32_t rate_hz)
    : channels_(std::clamp(channels, 1U, ear_max_channels)), filter_(a_weighting_filter(rate_hz)) {}

void AWeightedChannels::add(const float *const *in, std::uint32_t offset, std::uint32_t frames) noexcept {
    alignas(16) std::array<float, ear_sub_block> left;
    alignas(16) std::array<float, ear_sub_block> right;
    for (std::uint32_t c = 0; c < channels_; c += 2) {
        const bool both = c + 1 < channels_;
        clean_plane(in[c] == nullptr ? silent_plane.data() : in[c] + offset, left.data(), frames);
        clean_plane(!both || in[c + 1] == nullptr ? silent_plane.data() : in[c + 1] + offset, right.data(), frames);
        run(pairs_[c / 2], filter_, left.data(), right.data(), frames);
    }
}

void AWeightedChannels::run(Pair &pair, const AWeightingFilter &filter, const float *left, const float *right, std::uint32_t frames) noexcept {
    const auto both = [](double value) { return Two{value, value}; };
    const Two low1_y1 = both(filter.low1_y1), low1_y2 = both(filter.low1_y2);
    const Two low2_y1 = both(filter.low2_y1), low2_y2 = both(filter.low2_y2);
    const Two high_x1 = both(filter.high_x1), high_x2 = both(filter.high_x2);
    const Two high_y1 = both(filter.high_y1), high_y2 = both(filter.high_y2);
    Two x1 = pair.x1, dx = pair.dx, u1 = pair.u1, u2 = pair.u2, du = pair.du;
    Two v1 = pair.v1, v2 = pair.v2, w1 = pair.w1, w2 = pair.w2, energy = pair.energy;
    for (std::uint32_t i = 0; i < frames; ++i) {
        // Differences of differences, because double zeros at 0 Hz want no rounded coefficient; and the newest value last in
        // every sum, because the next frame waits for it.
        const Two x = {static_cast<double>(left[i]), static_cast<double>(right[i])};
        const Two step_x = x - x1;
        const Two u = ((step_x - dx) + low1_y2 * u2) + low1_y1 * u1;
        const Two step_u = u - u1;
        const Two v = ((step_u - du) + low2_y2 * v2) + low2_y1 * v1;
        const Two w = (((v + high_x1 * v1) + high_x2 * v2) + high_y2 * w2) + high_y1 * w1;
        energy += w * w;
        x1 = x;
        dx = step_x;
        u2 = u1;
        u1 = u;
        du = step_u;
        v2 = v1;
        v1 = v;
        w2 = w1;
        w1 = w;
    }
    pair = {x1, dx, u1, u2, du, v1, v2, w1, w2, energy};
}

void AWeightedChannels::finish(double *sums) noexcept {
    const auto settle = [](Two &state) {
        for (int lane = 0; lane < 2; ++lane) state[lane] = std::fabs(state[lane]) < nothing ? 0.0 : state[lane];
    };
    for (std::uint32_t c = 0; c < channels_; c += 2) {
        Pair &pair = pairs_[c / 2];
        sums[c] += pair.energy[0] * filter_.energy_scale;
        if (c + 1 < channels_) sums[c + 1] += pair.energy[1] * filter_.energy_scale;
        pair.energy = Two{};
        for (Two *state : {&pair.x1, &pair.dx, &pair.u1, &pair.u2, &pair.du, &pair.v1, &pair.v2, &pair.w1, &pair.w2}) settle(*state);
    }
}

AWeightedMeter::AWeightedMeter(std::uint32_t channels, std::uint32_t rate_hz)
    : filter_(channels, rate_hz),
      second_frames_(ear_second_frames(std::clamp(rate_hz, ear_lowest_rate_hz, ear_highest_rate_hz))),
      second_sub_blocks_(static_cast<std::uint32_t>(second_frames_) / ear_sub_block) {}

void AWeightedMeter::process(const float *const *in, std::uint32_t frames) noexcept {
    for (std::uint32_t done = 0; done < frames;) {
        const std::uint32_t count = std::min(frames - done, ear_sub_block - position_);
        filter_.add(in, done, count);
        done += count;
        position_ += count;
        if (position_ == ear_sub_block) finish_sub_block();
    }
}

void AWeightedMeter::close() noexcept {
    filter_.finish(totals_.data());
    closed_ += position_;
    position_ = 0;
}

void AWeightedMeter::finish_sub_block() noexcept {
    position_ = 0;
    Sums sums{};
    filter_.finish(sums.data());
    for (std::uint32_t c = 0; c < channels(); ++c) {
        totals_[c] += sums[c];
        second_[c] += sums[c];
    }
    ++sub_blocks_;
    if (++in_second_ < second_sub_blocks_) return;
    in_second_ = 0;
    kept_[seconds_ % kept_seconds] = second_;
    second_ = Sums{};
    ++seconds_;
}

} // namespace soundwarden::dsp
