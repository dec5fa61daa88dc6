// SPDX-License-Identifier: MIT
// Which instruction set the limiter's inner loops use. Every variant makes the same gain decisions, bit for bit.
#pragma once

#include <string_view>
#include <vector>

namespace soundwarden::dsp {

/// Samples beyond this (2^120, +722 dBFS) are brought to it, so that sums in the detector stay finite.
inline constexpr float largest_sample = 0x1p120F;

/// Instruction sets for which the inner loops are written. `automatic` is the widest one that this processor has.
enum class InstructionSet { automatic, scalar, sse2, avx2, avx512, neon };

/// "auto", "scalar", "sse2", "avx2", "avx512", "neon".
std::string_view name_of(InstructionSet set) noexcept;

/// Those that this build contains and this processor has, narrowest first; never empty (`scalar` is always there), without
/// `automatic`. Main thread (allocates).
std::vector<InstructionSet> instruction_sets();

} // namespace soundwarden::dsp
