// SPDX-License-Identifier: MIT
#include "x86_four.hpp"

namespace soundwarden::dsp {

constinit const Kernels sse2_kernels = Loops<Four>::table(InstructionSet::sse2);

} // namespace soundwarden::dsp
