// SPDX-License-Identifier: MIT
// For every processor: one lane.
#include "loops.hpp"

namespace soundwarden::dsp {
namespace {

struct Scalar {
    using F = float;
    using I = std::uint32_t;
    using AtMostFour = Scalar;
    static constexpr std::uint32_t width = 1;

    static F load(const float *from) noexcept { return *from; }
    static void store(float *to, F value) noexcept { *to = value; }
    static F set(float value) noexcept { return value; }
    static F add(F a, F b) noexcept { return a + b; }
    static F sub(F a, F b) noexcept { return a - b; }
    static F mul(F a, F b) noexcept { return a * b; }
    static F div(F a, F b) noexcept { return a / b; }
    static F max(F a, F b) noexcept { return larger(a, b); }
    static F min(F a, F b) noexcept { return smaller(a, b); }
    static F abs(F a) noexcept { return absolute(a); }
    static float largest(F a) noexcept { return a; }
    static float smallest(F a) noexcept { return a; }
    static F audible(F x, F faintest, F gain, F one) noexcept { return absolute(x) < faintest && gain < one ? 0.0F : x; }
    static F if_greater(F a, F b, F yes, F no) noexcept { return a > b ? yes : no; }
    static void store_need(std::int32_t *to, F peak, F limit, F need) noexcept {
        *to = peak > limit ? static_cast<std::int32_t>(need) : unity_q30;
    }

    static F as_float(I bits) noexcept {
        F value = 0.0F;
        __builtin_memcpy(&value, &bits, sizeof value);
        return value;
    }
    static I zero_bits() noexcept { return 0; }
    static I load_bits(const float *from) noexcept {
        I bits = 0;
        __builtin_memcpy(&bits, from, sizeof bits);
        return bits;
    }
    static void store_bits(float *to, I bits) noexcept { __builtin_memcpy(to, &bits, sizeof bits); }
    static I larger_magnitude(I most, I bits) noexcept { return larger_bits(most, bits & magnitude_mask); }
    static std::uint32_t largest_bits(I most) noexcept { return most; }
};

} // namespace

constinit const Kernels scalar_kernels = Loops<Scalar>::table(InstructionSet::scalar);

} // namespace soundwarden::dsp
