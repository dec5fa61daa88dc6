// SPDX-License-Identifier: MIT
// 64-bit Arm only: the vectors of 32-bit Arm flush denormals and cannot divide.
#include "loops.hpp"

#include <arm_neon.h>

namespace soundwarden::dsp {
namespace {

struct Neon {
    using F = float32x4_t;
    using I = uint32x4_t;
    using AtMostFour = Neon;
    static constexpr std::uint32_t width = 4;

    static F load(const float *from) noexcept { return vld1q_f32(from); }
    static void store(float *to, F value) noexcept { vst1q_f32(to, value); }
    static F set(float value) noexcept { return vdupq_n_f32(value); }
    static F add(F a, F b) noexcept { return vaddq_f32(a, b); }
    static F sub(F a, F b) noexcept { return vsubq_f32(a, b); }
    static F mul(F a, F b) noexcept { return vmulq_f32(a, b); }
    static F div(F a, F b) noexcept { return vdivq_f32(a, b); }
    // Compared and selected: vmaxq and vminq treat the sign of zero otherwise than the rest of the world.
    static F max(F a, F b) noexcept { return vbslq_f32(vcgtq_f32(a, b), a, b); }
    static F min(F a, F b) noexcept { return vbslq_f32(vcltq_f32(a, b), a, b); }
    static F abs(F a) noexcept { return vabsq_f32(a); }
    static float largest(F a) noexcept { return vmaxvq_f32(a); }
    static F largest_of_each(F a, F b, F c, F d) noexcept { return vpmaxq_f32(vpmaxq_f32(a, b), vpmaxq_f32(c, d)); }
    static float smallest(F a) noexcept { return vminvq_f32(a); }
    static F audible(F x, F faintest, F gain, F one) noexcept {
        const I faint = vandq_u32(vcltq_f32(abs(x), faintest), vcltq_f32(gain, one));
        return vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(x), faint));
    }
    static F if_greater(F a, F b, F yes, F no) noexcept { return vbslq_f32(vcgtq_f32(a, b), yes, no); }
    static void store_need(std::int32_t *to, F peak, F limit, F need) noexcept {
        vst1q_s32(to, vbslq_s32(vcgtq_f32(peak, limit), vcvtq_s32_f32(need), vdupq_n_s32(unity_q30)));
    }

    static F as_float(I bits) noexcept { return vreinterpretq_f32_u32(bits); }
    static I zero_bits() noexcept { return vdupq_n_u32(0); }
    static I load_bits(const float *from) noexcept { return vreinterpretq_u32_f32(vld1q_f32(from)); }
    static void store_bits(float *to, I bits) noexcept { vst1q_f32(to, vreinterpretq_f32_u32(bits)); }
    static I larger_magnitude(I most, I bits) noexcept { return vmaxq_u32(most, vandq_u32(bits, vdupq_n_u32(magnitude_mask))); }
    static std::uint32_t largest_bits(I most) noexcept { return vmaxvq_u32(most); }
};

} // namespace

constinit const Kernels neon_kernels = Loops<Neon>::table(InstructionSet::neon);

} // namespace soundwarden::dsp
