// SPDX-License-Identifier: MIT
// Foundation instructions (AVX512F) only.
#include "x86_four.hpp"

namespace soundwarden::dsp {
namespace {

struct Sixteen {
    using F = __m512;
    using I = __m512i;
    using AtMostFour = Four;
    static constexpr std::uint32_t width = 16;

    static F load(const float *from) noexcept { return _mm512_loadu_ps(from); }
    static void store(float *to, F value) noexcept { _mm512_storeu_ps(to, value); }
    static F set(float value) noexcept { return _mm512_set1_ps(value); }
    static F add(F a, F b) noexcept { return _mm512_add_ps(a, b); }
    static F sub(F a, F b) noexcept { return _mm512_sub_ps(a, b); }
    static F mul(F a, F b) noexcept { return _mm512_mul_ps(a, b); }
    static F div(F a, F b) noexcept { return _mm512_div_ps(a, b); }
    // max(a, b) as the mask moves of all ones: the unmasked forms of g++ 12 warn of an uninitialised operand of their own.
    static F max(F a, F b) noexcept { return _mm512_maskz_max_ps(0xffff, a, b); }
    static F min(F a, F b) noexcept { return _mm512_maskz_min_ps(0xffff, a, b); }
    static F abs(F a) noexcept { return _mm512_castsi512_ps(_mm512_and_si512(_mm512_castps_si512(a), _mm512_set1_epi32(0x7fffffff))); }
    static float largest(F a) noexcept {
        float lanes[16];
        store(lanes, a);
        Four::F most = Four::max(Four::load(lanes), Four::load(lanes + 4));
        most = Four::max(most, Four::max(Four::load(lanes + 8), Four::load(lanes + 12)));
        return Four::largest(most);
    }
    static float smallest(F a) noexcept {
        float lanes[16];
        store(lanes, a);
        Four::F least = Four::min(Four::load(lanes), Four::load(lanes + 4));
        least = Four::min(least, Four::min(Four::load(lanes + 8), Four::load(lanes + 12)));
        return Four::smallest(least);
    }
    static F audible(F x, F faintest, F gain, F one) noexcept {
        const __mmask16 faint = _mm512_mask_cmp_ps_mask(_mm512_cmp_ps_mask(abs(x), faintest, _CMP_LT_OQ), gain, one, _CMP_LT_OQ);
        return _mm512_mask_blend_ps(faint, x, _mm512_setzero_ps());
    }
    static F if_greater(F a, F b, F yes, F no) noexcept {
        return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ), no, yes);
    }
    static void store_need(std::int32_t *to, F peak, F limit, F need) noexcept {
        const __mmask16 mask = _mm512_cmp_ps_mask(peak, limit, _CMP_GT_OQ);
        _mm512_storeu_si512(to, _mm512_mask_cvttps_epi32(_mm512_set1_epi32(unity_q30), mask, need));
    }

    static F as_float(I bits) noexcept { return _mm512_castsi512_ps(bits); }
    static I zero_bits() noexcept { return _mm512_setzero_si512(); }
    static I load_bits(const float *from) noexcept { return _mm512_loadu_si512(from); }
    static void store_bits(float *to, I bits) noexcept { _mm512_storeu_si512(to, bits); }
    static I larger_magnitude(I most, I bits) noexcept {
        return _mm512_maskz_max_epi32(0xffff, most, _mm512_and_si512(bits, _mm512_set1_epi32(0x7fffffff)));
    }
    static std::uint32_t largest_bits(I most) noexcept {
        std::uint32_t lanes[16];
        _mm512_storeu_si512(lanes, most);
        std::uint32_t largest = 0;
        for (const std::uint32_t lane : lanes) largest = larger_bits(largest, lane);
        return largest;
    }
};

} // namespace

constinit const Kernels avx512_kernels = Loops<Sixteen>::table(InstructionSet::avx512);

} // namespace soundwarden::dsp
