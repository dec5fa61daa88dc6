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

constexpr float iota_16[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// A need is rounded to the safe side by more than all roundings between it and the product with a sample.
constexpr float need_scale = 0x1p30F * 0.9999995F;

template <class V> struct Loops {
    using F = typename V::F;
    using I = typename V::I;
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

    static std::uint32_t copy(float *to, const float *from, std::uint32_t n) noexcept {
        I first = V::zero_bits();
        I second = V::zero_bits();
        std::uint32_t i = 0;
        for (; i + 2 * width <= n; i += 2 * width) {
            const I a = V::load_bits(from + i);
            const I b = V::load_bits(from + i + width);
            V::store_bits(to + i, a);
            V::store_bits(to + i + width, b);
            first = V::larger_magnitude(first, a);
            second = V::larger_magnitude(second, b);
        }
        std::uint32_t most = V::largest_bits(V::larger_magnitude(first, second));
        for (; i < n; ++i) {
            std::uint32_t bits = 0;
            __builtin_memcpy(&bits, from + i, sizeof bits);
            __builtin_memcpy(to + i, &bits, sizeof bits);
            most = larger_bits(most, bits & magnitude_mask);
        }
        return most;
    }

    static std::uint32_t apply(float *to, const float *x, const float *gains, std::uint32_t n, float ceiling) noexcept {
        const F limit = V::set(ceiling);
        const F negative_limit = V::set(-ceiling);
        F most = V::set(0.0F);
        std::uint32_t i = 0;
        for (; i + width <= n; i += width) {
            const F value = within_vector(V::mul(V::load(x + i), V::load(gains + i)), limit, negative_limit);
            V::store(to + i, value);
            most = V::max(most, V::abs(value));
        }
        float peak = V::largest(most);
        for (; i < n; ++i) {
            const float value = within(x[i] * gains[i], ceiling);
            to[i] = value;
            peak = larger(peak, absolute(value));
        }
        return bits_of(peak);
    }

    static std::uint32_t scale(float *x, const float *gains, std::uint32_t n) noexcept {
        return apply(x, x, gains, n, largest_sample);
    }

    static void ramp(float *values, std::uint32_t n, float base, float step, float first) noexcept {
        const F from = V::set(base);
        const F slope = V::set(step);
        const F lanes = V::load(iota_16);
        for (std::uint32_t i = 0; i < n; i += width) {
            const F index = V::add(V::set(first + static_cast<float>(i)), lanes);
            V::store(values + i, V::add(from, V::mul(slope, index)));
        }
    }

    static void sample_peak(float *peaks, const float *x, std::uint32_t n) noexcept {
        for (std::uint32_t i = 0; i < n; i += width)
            V::store(peaks + i, V::max(V::load(peaks + i), V::abs(V::load(x + i))));
    }

    // The even halves first, then the odd ones, so that all sums of a pass stay in registers.
    static void true_peak_8(float *peaks, const float *x, std::uint32_t n, const TruePeakTaps &taps) noexcept {
        for (std::uint32_t i = 0; i < n; i += tile * width) {
            F half[tile];
            clear(half);
            F first[tile];
            clear(first);
            F second[tile];
            clear(second);
            F third[tile];
            clear(third);
            SOUNDWARDEN_TAPS
            for (std::uint32_t k = 0; k < 8; ++k) {
                F sum[tile];
                for (std::uint32_t v = 0; v < tile; ++v) sum[v] = V::add(V::load(x + i + v * width - k), V::load(x + i + v * width + k - 15));
                add_product(half, taps.half[k], sum);
                add_product(first, taps.even[0][k], sum);
                add_product(second, taps.even[1][k], sum);
                add_product(third, taps.even[2][k], sum);
            }
            F odd_first[tile];
            clear(odd_first);
            F odd_second[tile];
            clear(odd_second);
            F odd_third[tile];
            clear(odd_third);
            SOUNDWARDEN_TAPS
            for (std::uint32_t k = 0; k < 8; ++k) {
                F difference[tile];
                for (std::uint32_t v = 0; v < tile; ++v)
                    difference[v] = V::sub(V::load(x + i + v * width - k), V::load(x + i + v * width + k - 15));
                add_product(odd_first, taps.odd[0][k], difference);
                add_product(odd_second, taps.odd[1][k], difference);
                add_product(odd_third, taps.odd[2][k], difference);
            }
            for (std::uint32_t v = 0; v < tile; ++v) {
                float *to = peaks + i + v * width;
                const F near = V::max(V::abs(half[v]), V::abs(V::load(x + i + v * width)));
                const F low = V::max(near, V::add(V::abs(first[v]), V::abs(odd_first[v])));
                const F high = V::max(V::add(V::abs(second[v]), V::abs(odd_second[v])), V::add(V::abs(third[v]), V::abs(odd_third[v])));
                V::store(to, V::max(V::load(to), V::max(low, high)));
            }
        }
    }

    static void true_peak_4(float *peaks, const float *x, std::uint32_t n, const TruePeakTaps &taps) noexcept {
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
                add_product(even, taps.even[0][k], sum);
                add_product(odd, taps.odd[0][k], difference);
            }
            for (std::uint32_t v = 0; v < tile; ++v) {
                float *to = peaks + i + v * width;
                const F near = V::max(V::abs(half[v]), V::abs(V::load(x + i + v * width)));
                V::store(to, V::max(V::load(to), V::max(near, V::add(V::abs(even[v]), V::abs(odd[v])))));
            }
        }
    }

    static void block_peak(float *blocks, const float *peaks, std::uint32_t n, std::uint32_t length, float threshold) noexcept {
        using Four = typename V::AtMostFour;
        for (std::uint32_t j = 0; j < n; ++j) {
            const float *at = peaks + static_cast<std::uint64_t>(j) * length;
            auto most = Four::load(at);
            for (std::uint32_t i = Four::width; i < length; i += Four::width) most = Four::max(most, Four::load(at + i));
            const float peak = Four::largest(most);
            blocks[j] = peak > threshold ? peak : 0.0F;
        }
    }

    static void sliding_peak(float *largest, const float *blocks, std::uint32_t n, std::uint32_t window) noexcept {
        for (std::uint32_t j = 0; j < n; j += width) {
            F most = V::load(blocks + j);
            for (std::uint32_t k = 1; k < window; ++k) most = V::max(most, V::load(blocks + j - k));
            V::store(largest + j, most);
        }
    }

    static void need(std::int32_t *needs, const float *peaks, std::uint32_t n, float ceiling) noexcept {
        const F limit = V::set(ceiling);
        const F one = V::set(1.0F);
        const F scale_up = V::set(need_scale);
        for (std::uint32_t j = 0; j < n; j += width) {
            const F peak = V::load(peaks + j);
            // Where there is no need 1/1 is divided: neither 0/0 nor a quotient beyond the range of an integer.
            const F quotient = V::div(V::if_greater(peak, limit, limit, one), V::if_greater(peak, limit, peak, one));
            V::store_need(needs + j, peak, limit, V::mul(quotient, scale_up));
        }
    }

    static constexpr Kernels table(InstructionSet set) noexcept {
        return {set,          &copy,        &scale,      &ramp,         &sample_peak,
                &true_peak_8, &true_peak_4, &block_peak, &sliding_peak, &need,        &apply};
    }
};

} // namespace
} // namespace soundwarden::dsp
