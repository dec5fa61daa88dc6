// SPDX-License-Identifier: MIT
#include "table.hpp"

namespace soundwarden::dsp {
namespace {

// nullptr: not in this build, or not in this processor.
const Kernels *present(InstructionSet set) noexcept {
    switch (set) {
    case InstructionSet::automatic: return nullptr;
    case InstructionSet::scalar: return &scalar_kernels;
#if defined(SOUNDWARDEN_X86_KERNELS)
    case InstructionSet::sse2: return __builtin_cpu_supports("sse2") != 0 ? &sse2_kernels : nullptr;
    case InstructionSet::avx2: return __builtin_cpu_supports("avx2") != 0 ? &avx2_kernels : nullptr;
    case InstructionSet::avx512: return __builtin_cpu_supports("avx512f") != 0 ? &avx512_kernels : nullptr;
    case InstructionSet::neon: return nullptr;
#elif defined(SOUNDWARDEN_NEON_KERNELS)
    case InstructionSet::neon: return &neon_kernels;
    case InstructionSet::sse2:
    case InstructionSet::avx2:
    case InstructionSet::avx512: return nullptr;
#else
    case InstructionSet::sse2:
    case InstructionSet::avx2:
    case InstructionSet::avx512:
    case InstructionSet::neon: return nullptr;
#endif
    }
    return nullptr;
}

constexpr InstructionSet widening[] = {InstructionSet::scalar, InstructionSet::sse2, InstructionSet::neon,
                                       InstructionSet::avx2, InstructionSet::avx512};

} // namespace

std::string_view name_of(InstructionSet set) noexcept {
    switch (set) {
    case InstructionSet::automatic: return "auto";
    case InstructionSet::scalar: return "scalar";
    case InstructionSet::sse2: return "sse2";
    case InstructionSet::avx2: return "avx2";
    case InstructionSet::avx512: return "avx512";
    case InstructionSet::neon: return "neon";
    }
    return "auto";
}

std::vector<InstructionSet> instruction_sets() {
    std::vector<InstructionSet> sets;
    for (const InstructionSet set : widening)
        if (present(set) != nullptr) sets.push_back(set);
    return sets;
}

const Kernels &kernels_for(InstructionSet set) noexcept {
    if (const Kernels *kernels = present(set)) return *kernels;
    const Kernels *widest = &scalar_kernels;
    for (const InstructionSet candidate : widening)
        if (const Kernels *kernels = present(candidate)) widest = kernels;
    return *widest;
}

} // namespace soundwarden::dsp
