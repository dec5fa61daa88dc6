// SPDX-License-Identifier: MIT
// The test signals. fill() runs on the data thread: no allocation, no lock.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace soundwarden::bench {

class Signal {
  public:
    Signal() = default;
    Signal(const Signal &) = delete;
    Signal &operator=(const Signal &) = delete;
    virtual ~Signal() = default;

    /// Writes the samples of `channel` for the graph positions from `position` on; `rate` is the stream's. Called for
    /// each channel in turn with the same position, then advance().
    virtual void fill(std::span<float> samples, std::uint32_t channel, std::uint64_t position, std::uint32_t rate) = 0;
    /// The block of `frames` is complete.
    virtual void advance(std::size_t frames) { played_ += frames; }
    /// False for signals whose exact values are their point.
    virtual bool has_level() const { return true; }
    /// What the signal wants of the stream; 0: no wish.
    virtual std::uint32_t channels() const { return 0; }
    virtual std::uint32_t rate() const { return 0; }

  protected:
    std::uint64_t played_ = 0;
};

/// tone [HZ [DBFS]] · square [HZ [DBFS]] · dc LEVEL · counter · impulse PERIOD · noise [SEED] · ramp SECONDS ·
/// file PATH · silence. Levels above 0 dBFS are fine. Throws std::invalid_argument, std::runtime_error (file).
std::unique_ptr<Signal> make_signal(const std::vector<std::string> &words);

} // namespace soundwarden::bench
