// SPDX-License-Identifier: MIT
// Four lanes of SSE2; also for the short ends in the wider x86 units. Internal linkage: see loops.hpp.
#pragma once

#include "loops.hpp"

#include <immintrin.h>

namespace soundwarden::dsp {
namespace {

struct Four {
    using F = __m128;
    using I = __m128i;
    using AtMostFour = Four;
    static constexpr std::uint32_t width = 4;

    static F load(const float *from) noexcept { return _mm_loadu_ps(from); }
    static void store(float *to, F value) noexcept { _mm_storeu_ps(to, value); }
    static F set(float value) noexcept { return _mm_set1_ps(value); }
    static F add(F a, F b) noexcept { return _mm_add_ps(a, b); }
    static F sub(F a, F b) noexcept { return _mm_sub_ps(a, b); }
    static F mul(F a, F b) noexcept { return _mm_mul_ps(a, b); }
    static F div(F a, F b) noexcept { return _mm_div_ps(a, b); }
    static F max(F a, F b) noexcept { return _mm_max_ps(a, b); }
    static F min(F a, F b) noexcept { return _mm_min_ps(a, b); }
    static F abs(F a) noexcept { return _mm_andnot_ps(_mm_set1_ps(-0.0F), a); }
    static float largest(F a) noexcept {
        const F two = _mm_max_ps(a, _mm_movehl_ps(a, a));
        return _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps(two, two, 1)));
    }
    static float smallest(F a) noexcept {
        const F two = _mm_min_ps(a, _mm_movehl_ps(a, a));
        return _mm_cvtss_f32(_mm_min_ss(two, _mm_shuffle_ps(two, two, 1)));
    }
    // The largest lane of a, that of b, of c, of d.
    static F largest_of_each(F a, F b, F c, F d) noexcept {
        const F ab = _mm_max_ps(_mm_unpacklo_ps(a, b), _mm_unpackhi_ps(a, b));
        const F cd = _mm_max_ps(_mm_unpacklo_ps(c, d), _mm_unpackhi_ps(c, d));
        return _mm_max_ps(_mm_movelh_ps(ab, cd), _mm_movehl_ps(cd, ab));
    }
    // x, or 0 where |x| < faintest and gain < one.
    static F audible(F x, F faintest, F gain, F one) noexcept {
        return _mm_andnot_ps(_mm_and_ps(_mm_cmplt_ps(abs(x), faintest), _mm_cmplt_ps(gain, one)), x);
    }
    static F if_greater(F a, F b, F yes, F no) noexcept {
        const F mask = _mm_cmpgt_ps(a, b);
        return _mm_or_ps(_mm_and_ps(mask, yes), _mm_andnot_ps(mask, no));
    }
    static void store_need(std::int32_t *to, F peak, F limit, F need) noexcept {
        const I mask = _mm_castps_si128(_mm_cmpgt_ps(peak, limit));
        const I value = _mm_or_si128(_mm_and_si128(mask, _mm_cvttps_epi32(need)), _mm_andnot_si128(mask, _mm_set1_epi32(unity_q30)));
        _mm_storeu_si128(reinterpret_cast<__m128i *>(to), value);
    }

    static F as_float(I bits) noexcept { return _mm_castsi128_ps(bits); }
    static I zero_bits() noexcept { return _mm_setzero_si128(); }
    static I load_bits(const float *from) noexcept { return _mm_loadu_si128(reinterpret_cast<const __m128i *>(from)); }
    static void store_bits(float *to, I bits) noexcept { _mm_storeu_si128(reinterpret_cast<__m128i *>(to), bits); }
    static I larger_magnitude(I most, I bits) noexcept {
        const I magnitude = _mm_and_si128(bits, _mm_set1_epi32(0x7fffffff));
        const I mask = _mm_cmpgt_epi32(magnitude, most);
        return _mm_or_si128(_mm_and_si128(mask, magnitude), _mm_andnot_si128(mask, most));
    }
    static std::uint32_t largest_bits(I most) noexcept {
        std::uint32_t lanes[4];
        _mm_storeu_si128(reinterpret_cast<__m128i *>(lanes), most);
        return larger_bits(larger_bits(lanes[0], lanes[1]), larger_bits(lanes[2], lanes[3]));
    }
};

} // namespace
} // namespace soundwarden::dsp
