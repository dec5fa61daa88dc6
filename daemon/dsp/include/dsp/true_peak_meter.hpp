// SPDX-License-Identifier: MIT
// How high samples go, and what lies between them. Real-time safe, no I/O.
#pragma once

#include "dsp/kernels.hpp"

#include <cstdint>
#include <memory>

namespace soundwarden::dsp {

/// The limiter's true-peak detector as a meter: the samples themselves, libebur128's places between them, and 7 places of its own
/// (3 from 96 kHz on). It only reads.
class TruePeakMeter {
  public:
    /// Main thread: all memory is allocated here. `channels` 1 to 64, `rate_hz` 8000 to 384000.
    TruePeakMeter(std::uint32_t channels, std::uint32_t rate_hz, InstructionSet instructions = InstructionSet::automatic);
    ~TruePeakMeter();
    TruePeakMeter(TruePeakMeter &&) noexcept;
    TruePeakMeter &operator=(TruePeakMeter &&) noexcept;

    /// Data thread. The largest magnitude over all channels in these frames, which follow on those before; a place between two
    /// samples is told up to 12 frames late. x[c] == nullptr is silence; samples are finite and within ±largest_sample. No
    /// allocation, lock, exception or system call.
    float process(const float *const *x, std::uint32_t frames) noexcept;

    /// Data thread. What comes next does not follow on what came before.
    void restart() noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace soundwarden::dsp
