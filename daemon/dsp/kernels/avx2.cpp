// SPDX-License-Identifier: MIT
#include "x86_four.hpp"

namespace soundwarden::dsp {
namespace {

struct Eight {
    using F = __m256;
    using I = __m256i;
    using AtMostFour = Four;
    static constexpr std::uint32_t width = 8;

    static F load(const float *from) noexcept { return _mm256_loadu_ps(from); }
    static void store(float *to, F value) noexcept { _mm256_storeu_ps(to, value); }
    static F set(float value) noexcept { return _mm256_set1_ps(value); }
    static F add(F a, F b) noexcept { return _mm256_add_ps(a, b); }
    static F sub(F a, F b) noexcept { return _mm256_sub_ps(a, b); }
    static F mul(F a, F b) noexcept { return _mm256_mul_ps(a, b); }
    static F div(F a, F b) noexcept { return _mm256_div_ps(a, b); }
    static F max(F a, F b) noexcept { return _mm256_max_ps(a, b); }
    static F min(F a, F b) noexcept { return _mm256_min_ps(a, b); }
    static F abs(F a) noexcept { return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), a); }
    static float largest(F a) noexcept {
        return Four::largest(Four::max(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1)));
    }
    static float smallest(F a) noexcept {
        return Four::smallest(Four::min(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1)));
    }
    static F audible(F x, F faintest, F gain, F one) noexcept {
        return _mm256_andnot_ps(_mm256_and_ps(_mm256_cmp_ps(abs(x), faintest, _CMP_LT_OQ), _mm256_cmp_ps(gain, one, _CMP_LT_OQ)), x);
    }
    static F if_greater(F a, F b, F yes, F no) noexcept {
        return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(a, b, _CMP_GT_OQ));
    }
    static void store_need(std::int32_t *to, F peak, F limit, F need) noexcept {
        const I mask = _mm256_castps_si256(_mm256_cmp_ps(peak, limit, _CMP_GT_OQ));
        const I value = _mm256_blendv_epi8(_mm256_set1_epi32(unity_q30), _mm256_cvttps_epi32(need), mask);
        _mm256_storeu_si256(reinterpret_cast<__m256i *>(to), value);
    }

    static F as_float(I bits) noexcept { return _mm256_castsi256_ps(bits); }
    static I zero_bits() noexcept { return _mm256_setzero_si256(); }
    static I load_bits(const float *from) noexcept { return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from)); }
    static void store_bits(float *to, I bits) noexcept { _mm256_storeu_si256(reinterpret_cast<__m256i *>(to), bits); }
    static I larger_magnitude(I most, I bits) noexcept {
        return _mm256_max_epi32(most, _mm256_and_si256(bits, _mm256_set1_epi32(0x7fffffff)));
    }
    static std::uint32_t largest_bits(I most) noexcept {
        const __m128i four = _mm_max_epi32(_mm256_castsi256_si128(most), _mm256_extracti128_si256(most, 1));
        const __m128i two = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0x4e));
        return static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_max_epi32(two, _mm_shuffle_epi32(two, 0xb1))));
    }
};

} // namespace

constinit const Kernels avx2_kernels = Loops<Eight>::table(InstructionSet::avx2);

} // namespace soundwarden::dsp
