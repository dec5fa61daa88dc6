// SPDX-License-Identifier: MIT
// The inner loops, written once over a vector type V. Each unit that includes this is compiled for another instruction set, so
// everything here has internal linkage and nothing of the standard library is instantiated: the linker would keep one copy
// of a shared inline function, perhaps the one with instructions that the processor lacks. Lanes never meet in a sum and no
// product is fused into one, hence identical results at every width.
#pragma once

#include "table.hpp"

// The loops over taps stay loops: unrolled, compilers finish one sum after the other, and a processor's schedulers fill up with
// additions that wait for each other (docs/decisions/006-limiter-kernels.md).
#ifdef __clang__
#define SOUNDWARDEN_TAPS _Pragma("clang loop unroll(disable)")
#else
#define SOUNDWARDEN_TAPS _Pragma("GCC unroll 1")
#endif

namespace soundwarden::dsp {
namespace {

inline std::uint32_t bits_of(float value) noexcept {
    std::uint32_t bits = 0;
    __builtin_memcpy(&bits, &value, sizeof bits);
    return bits;
}

inline float absolute(float value) noexcept { return __builtin_fabsf(value); }
inline float larger(float a, float b) noexcept { return a > b ? a : b; }
inline float smaller(float a, float b) noexcept { return a < b ? a : b; }
inline float within(float value, float limit) noexcept { return larger(smaller(value, limit), -limit); }
inline std::uint32_t larger_bits(std::uint32_t a, std::uint32_t b) noexcept { return a > b ? a : b; }

constexpr float one_to_16[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

// A need is rounded to the safe side by more than all roundings between it and the product with a sample.
constexpr float need_scale = 0x1p30F * 0.9999995F;

template <class V> struct Loops {
    using F = typename V::F;
    using I = typename V::I;
    using Four = typename V::AtMostFour;
    static constexpr std::uint32_t width = V::width;

    static F within_vector(F value, F limit, F negative_limit) noexcept { return V::max(V::min(value, limit), negative_limit); }

    // Vectors that the detector works on at a time: they share each tap that is loaded.
    static constexpr std::uint32_t tile = 2;

    static void clear(F (&sums)[tile]) noexcept {
        for (F &sum : sums) sum = V::set(0.0F);
    }

    static void add_product(F (&sums)[tile], float tap, const F (&values)[tile]) noexcept {
        const F factor = V::set(tap);
        for (std::uint32_t v = 0; v < tile; ++v) sums[v] = V::add(sums[v], V::mul(factor, values[v]));
    }

    template <bool noting> static Extremes copied(float *to, const float *from, std::uint32_t n) noexcept {
        I first = V::zero_bits();
        I second = V::zero_bits();
        F least = V::set(largest_sample);
        std::uint32_t i = 0;
        for (; i + 2 * width <= n; i += 2 * width) {
            const I a = V::load_bits(from + i);
            const I b = V::load_bits(from + i + width);
            V::store_bits(to + i, a);
            V::store_bits(to + i + width, b);
            first = V::larger_magnitude(first, a);
            second = V::larger_magnitude(second, b);
            if constexpr (noting) least = V::min(V::abs(V::as_float(a)), V::min(V::abs(V::as_float(b)), least));
        }
        Extremes extremes = {V::largest_bits(V::larger_magnitude(first, second)), noting ? V::smallest(least) : 0.0F};
        for (; i < n; ++i) {
            std::uint32_t bits = 0;
            __builtin_memcpy(&bits, from + i, sizeof bits);
            __builtin_memcpy(to + i, &bits, sizeof bits);
            extremes.most = larger_bits(extremes.most, bits & magnitude_mask);
            if constexpr (noting) extremes.least = smaller(absolute(from[i]), extremes.least);
        }
        return extremes;
    }

    static std::uint32_t copy(float *to, const float *from, std::uint32_t n) noexcept { return copied<false>(to, from, n).most; }
    static Extremes copy_noting(float *to, const float *from, std::uint32_t n) noexcept { return copied<true>(to, from, n); }

    template <bool noting>
    static Extremes multiplied(float *to, const float *x, const float *gains, std::uint32_t n, float ceiling) noexcept {
        const F limit = V::set(ceiling);
        const F negative_limit = V::set(-ceiling);
        const F faintest = V::set(faintest_sample);
        const F one = V::set(1.0F);
        F most = V::set(0.0F);
        F least = V::set(largest_sample);
        std::uint32_t i = 0;
        for (; i + width <= n; i += width) {
            const F gain = V::load(gains + i);
            const F value = within_vector(V::mul(V::audible(V::load(x + i), faintest, gain, one), gain), limit, negative_limit);
            V::store(to + i, value);
            most = V::max(most, V::abs(value));
            if constexpr (noting) least = V::min(V::abs(value), least);
        }
        float peak = V::largest(most);
        float smallest = noting ? V::smallest(least) : 0.0F;
        for (; i < n; ++i) {
            const float value = within((absolute(x[i]) < faintest_sample && gains[i] < 1.0F ? 0.0F : x[i]) * gains[i], ceiling);
            to[i] = value;
            peak = larger(peak, absolute(value));
            if constexpr (noting) smallest = smaller(absolute(value), smallest);
        }
        return {bits_of(peak), smallest};
    }

    static std::uint32_t apply(float *to, const float *x, const float *gains, std::uint32_t n, float ceiling) noexcept {
        return multiplied<false>(to, x, gains, n, ceiling).most;
    }
    static Extremes scale(float *x, const float *gains, std::uint32_t n) noexcept {
        return multiplied<true>(x, x, gains, n, largest_sample);
    }

    static void lines(float *values, const GainLine *lines, std::uint32_t n, std::uint32_t length) noexcept {
        const F lanes = V::load(one_to_16);
        for (std::uint32_t j = 0; j < n; ++j, values += length) {
            const F from = V::set(lines[j].base);
            const F slope = V::set(lines[j].step);
            for (std::uint32_t i = 0; i < length; i += width)
                V::store(values + i, V::add(from, V::mul(slope, V::add(V::set(static_cast<float>(i)), lanes))));
        }
    }

    static void audible(float *to, const float *x, std::uint32_t n) noexcept {
        const F faintest = V::set(faintest_sample);
        const F none = V::set(0.0F);
        const F one = V::set(1.0F);
        for (std::uint32_t i = 0; i < n; i += width) V::store(to + i, V::audible(V::load(x + i), faintest, none, one));
    }

    static void sample_peak(float *peaks, const float *x, std::uint32_t n, bool first) noexcept {
        if (first)
            for (std::uint32_t i = 0; i < n; i += width) V::store(peaks + i, V::abs(V::load(x + i)));
        else
            for (std::uint32_t i = 0; i < n; i += width) V::store(peaks + i, V::max(V::load(peaks + i), V::abs(V::load(x + i))));
    }

    // Place 1/2, for as many frames as `vectors` of W have lanes; where `metered`, also the peaks of the samples and of the meter's
    // places, which are made of the same sums.
    template <class W, std::uint32_t vectors, bool metered>
    static void halves_at(float *halves, float *peaks, const float *x, const TruePeakTaps8 &taps) noexcept {
        using G = typename W::F;
        G half[vectors];
        G meter_even[vectors];
        G meter_odd[vectors];
        G meter_half[vectors];
        for (std::uint32_t v = 0; v < vectors; ++v) half[v] = meter_even[v] = meter_odd[v] = meter_half[v] = W::set(0.0F);
        const auto add_outer = [&](std::uint32_t k) {
            const G tap = W::set(taps.half[k]);
            for (std::uint32_t v = 0; v < vectors; ++v) {
                const float *at = x + v * W::width;
                half[v] = W::add(half[v], W::mul(tap, W::add(W::load(at - k), W::load(at + k - 15))));
            }
        };
        const auto add_inner = [&](std::uint32_t k) {
            const G tap = W::set(taps.half[k]);
            const G even = W::set(taps.meter_even[k]);
            const G odd = W::set(taps.meter_odd[k]);
            const G middle = W::set(taps.meter_half[k]);
            for (std::uint32_t v = 0; v < vectors; ++v) {
                const float *at = x + v * W::width;
                const G newer = W::load(at - k);
                const G older = W::load(at + k - 15);
                const G sum = W::add(newer, older);
                half[v] = W::add(half[v], W::mul(tap, sum));
                meter_even[v] = W::add(meter_even[v], W::mul(even, sum));
                meter_half[v] = W::add(meter_half[v], W::mul(middle, sum));
                meter_odd[v] = W::add(meter_odd[v], W::mul(odd, W::sub(newer, older)));
            }
        };
        constexpr std::uint32_t outer = metered ? half_folded_taps - meter_folded_taps : half_folded_taps;
        SOUNDWARDEN_TAPS
        for (std::uint32_t k = 0; k < outer; ++k) add_outer(k);
        SOUNDWARDEN_TAPS
        for (std::uint32_t k = outer; k < half_folded_taps; ++k) add_inner(k);
        for (std::uint32_t v = 0; v < vectors; ++v) {
            W::store(halves + v * W::width, half[v]);
            if constexpr (metered) {
                float *to = peaks + v * W::width;
                const G near = W::max(W::abs(W::load(x + v * W::width)), W::abs(meter_half[v]));
                W::store(to, W::max(W::load(to), W::max(near, W::add(W::abs(meter_even[v]), W::abs(meter_odd[v])))));
            }
        }
    }

    // The value in the middle of six that are equally far apart, and of four.
    static F midway(const F (&taps)[3], F a, F b, F c, F d, F e, F f) noexcept {
        return V::add(V::add(V::mul(taps[0], V::add(c, d)), V::mul(taps[1], V::add(b, e))), V::mul(taps[2], V::add(a, f)));
    }
    static F midway(const F (&taps)[2], F a, F b, F c, F d) noexcept {
        return V::add(V::mul(taps[0], V::add(b, c)), V::mul(taps[1], V::add(a, d)));
    }

    // The value between a quarter and a sample, from the halves beyond them too.
    static F beside(const F (&taps)[4], F half, F quarter, F sample, F far_half) noexcept {
        return V::add(V::add(V::mul(taps[0], half), V::mul(taps[1], quarter)), V::add(V::mul(taps[2], sample), V::mul(taps[3], far_half)));
    }

    static void true_peak_8(float *peaks, const float *x, std::uint32_t n, const TruePeakTaps &all_taps) noexcept {
        const TruePeakTaps8 &taps = all_taps.eight;
        constexpr std::uint32_t before = 4; // the first frame looks at 2 halves of earlier ones
        float all_halves[before + most_detected_frames + kernel_padding];
        float *halves = all_halves + before;
        for (std::uint32_t i = before; i > 0; i -= Four::width) halves_at<Four, 1, false>(halves - i, nullptr, x - i, taps);
        for (std::uint32_t i = 0; i < n; i += tile * width) halves_at<V, tile, true>(halves + i, peaks + i, x + i, taps);

        const F quarter[3] = {V::set(taps.quarter[0]), V::set(taps.quarter[1]), V::set(taps.quarter[2])};
        const F inner[2] = {V::set(taps.inner[0]), V::set(taps.inner[1])};
        const F outer[4] = {V::set(taps.outer[0]), V::set(taps.outer[1]), V::set(taps.outer[2]), V::set(taps.outer[3])};
        for (std::uint32_t i = 0; i < n; i += width) {
            // In the order of time: x_0 h_0 x_1 h_1 x_2 h_2 x_3.
            const F x_0 = V::load(x + i - 10);
            const F h_0 = V::load(halves + i - 2);
            const F x_1 = V::load(x + i - 9);
            const F h_1 = V::load(halves + i - 1);
            const F x_2 = V::load(x + i - 8);
            const F h_2 = V::load(halves + i);
            const F x_3 = V::load(x + i - 7);
            const F first = midway(quarter, x_0, h_0, x_1, h_1, x_2, h_2);
            const F third = midway(quarter, h_0, x_1, h_1, x_2, h_2, x_3);
            const F coarse = V::max(V::abs(h_1), V::max(V::abs(first), V::abs(third)));
            const F near = V::max(V::abs(midway(inner, x_1, first, h_1, third)), V::abs(midway(inner, first, h_1, third, x_2)));
            const F far = V::max(V::abs(beside(outer, h_1, first, x_1, h_0)), V::abs(beside(outer, h_1, third, x_2, h_2)));
            V::store(peaks + i, V::max(V::load(peaks + i), V::max(coarse, V::max(near, far))));
        }
    }

    static void true_peak_4(float *peaks, const float *x, std::uint32_t n, const TruePeakTaps &all_taps) noexcept {
        const TruePeakTaps4 &taps = all_taps.four;
        for (std::uint32_t i = 0; i < n; i += tile * width) {
            F half[tile];
            clear(half);
            F even[tile];
            clear(even);
            F odd[tile];
            clear(odd);
            SOUNDWARDEN_TAPS
            for (std::uint32_t k = 0; k < 12; ++k) {
                F sum[tile];
                F difference[tile];
                for (std::uint32_t v = 0; v < tile; ++v) {
                    const F newer = V::load(x + i + v * width - k);
                    const F older = V::load(x + i + v * width + k - 23);
                    sum[v] = V::add(newer, older);
                    difference[v] = V::sub(newer, older);
                }
                add_product(half, taps.half[k], sum);
                add_product(even, taps.even[k], sum);
                add_product(odd, taps.odd[k], difference);
            }
            for (std::uint32_t v = 0; v < tile; ++v) {
                float *to = peaks + i + v * width;
                const F near = V::max(V::abs(half[v]), V::abs(V::load(x + i + v * width)));
                V::store(to, V::max(V::load(to), V::max(near, V::add(V::abs(even[v]), V::abs(odd[v])))));
            }
        }
    }

    static typename Four::F block_lanes(const float *peaks, std::uint32_t length) noexcept {
        auto most = Four::load(peaks);
        for (std::uint32_t i = Four::width; i < length; i += Four::width) most = Four::max(most, Four::load(peaks + i));
        return most;
    }

    // The largest of as many sub-blocks as Four has lanes.
    static typename Four::F largest_of_blocks(const float *peaks, std::uint32_t length) noexcept {
        if constexpr (Four::width == 4)
            return Four::largest_of_each(block_lanes(peaks, length), block_lanes(peaks + length, length),
                                         block_lanes(peaks + 2 * length, length), block_lanes(peaks + 3 * length, length));
        else return block_lanes(peaks, length);
    }

    // The largest of n sub-blocks, fewer than Four has lanes; 0 in the other lanes.
    static typename Four::F largest_of_few(const float *peaks, std::uint32_t n, std::uint32_t length) noexcept {
        float few[4] = {};
        for (std::uint32_t j = 0; j < n; ++j) few[j] = Four::largest(block_lanes(peaks + j * length, length));
        return Four::load(few);
    }

    static void block_peak(float *blocks, const float *peaks, std::uint32_t n, std::uint32_t length, float threshold) noexcept {
        const auto limit = Four::set(threshold);
        const auto none = Four::set(0.0F);
        std::uint32_t j = 0;
        for (; j + Four::width <= n; j += Four::width, peaks += Four::width * length) {
            const auto most = largest_of_blocks(peaks, length);
            Four::store(blocks + j, Four::if_greater(most, limit, most, none));
        }
        if (j == n) return;
        const auto most = largest_of_few(peaks, n - j, length);
        Four::store(blocks + j, Four::if_greater(most, limit, most, none));
    }

    static void sliding_peak(float *largest, const float *blocks, std::uint32_t n, std::uint32_t window) noexcept {
        for (std::uint32_t j = 0; j < n; j += width) {
            F most = V::load(blocks + j);
            for (std::uint32_t k = 1; k < window; ++k) most = V::max(most, V::load(blocks + j - k));
            V::store(largest + j, most);
        }
    }

    template <class Vector>
    static void store_needs(std::int32_t *needs, typename Vector::F peak, typename Vector::F limit) noexcept {
        // Where there is no need 1/1 is divided: neither 0/0 nor a quotient beyond the range of an integer.
        const auto one = Vector::set(1.0F);
        const auto quotient = Vector::div(Vector::if_greater(peak, limit, limit, one), Vector::if_greater(peak, limit, peak, one));
        Vector::store_need(needs, peak, limit, Vector::mul(quotient, Vector::set(need_scale)));
    }

    static void need(std::int32_t *needs, const float *peaks, std::uint32_t n, float ceiling) noexcept {
        const F limit = V::set(ceiling);
        for (std::uint32_t j = 0; j < n; j += width) store_needs<V>(needs + j, V::load(peaks + j), limit);
    }

    static void block_need(std::int32_t *needs, const float *peaks, std::uint32_t n, std::uint32_t length, float ceiling) noexcept {
        const auto limit = Four::set(ceiling);
        std::uint32_t j = 0;
        for (; j + Four::width <= n; j += Four::width, peaks += Four::width * length)
            store_needs<Four>(needs + j, largest_of_blocks(peaks, length), limit);
        if (j < n) store_needs<Four>(needs + j, largest_of_few(peaks, n - j, length), limit);
    }

    static constexpr Kernels table(InstructionSet set) noexcept {
        return {set,          &copy,        &copy_noting, &scale,        &lines, &audible,    &sample_peak,
                &true_peak_8, &true_peak_4, &block_peak,  &sliding_peak, &need,  &block_need, &apply};
    }
};

} // namespace
} // namespace soundwarden::dsp
