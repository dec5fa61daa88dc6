// SPDX-License-Identifier: MIT
// Judges what a simulated sink plays while it plays: every sample against the ceiling that was in force when the sink was handed it.
// What has been judged is taken off the disk, so that it can go on for hours.
#pragma once

#include "bench/programs.hpp"

#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <vector>

namespace soundwarden::fault {

class Judge {
  public:
    /// The first sink of that card. Amplitude of the ceiling; infinite: none. Throws std::runtime_error where nothing is recorded.
    Judge(const bench::SimCard &card, float ceiling, const std::string &name = {});
    ~Judge();
    Judge(const Judge &) = delete;
    Judge &operator=(const Judge &) = delete;

    /// Another ceiling for what the sink is handed from that moment on (CLOCK_MONOTONIC ns; not before an earlier one).
    void ceiling(float amplitude, std::int64_t from_ns);
    /// Takes in what has been played since. To be called at least every few seconds.
    void look();

    struct Above {
        std::int64_t t_ns = 0;
        float sample = 0.0F;
        float ceiling = 0.0F;
    };
    std::uint64_t above() const { return above_; } ///< samples
    const std::vector<Above> &first_above() const { return first_above_; } ///< the first few
    std::uint64_t frames() const { return frames_; }
    std::uint64_t gaps() const { return gaps_; } ///< cycles without data between two with some, no stop of the sink between them
    std::uint64_t overflows() const { return overflows_; } ///< must be 0 for all of this to mean anything
    float peak() const { return peak_; } ///< since reset_peak()
    void reset_peak() { peak_ = 0.0F; }
    /// When the sink was last handed a sample of at least this amplitude; 0: never.
    std::int64_t heard_ns() const { return heard_ns_; }
    /// The first time at or after the last listen() that it was; 0: not yet.
    std::int64_t heard_again_ns() const { return heard_again_ns_; }
    void listen(std::int64_t from_ns) { listening_from_ns_ = from_ns, heard_again_ns_ = 0; }

    /// −60 dBFS: what counts as sound.
    static constexpr float audible = 1e-3F;

  private:
    void judge(const bench::RecordingCycle &cycle, const float *samples);
    float ceiling_at(std::int64_t t_ns);

    int index_ = -1, raw_ = -1;
    std::uint32_t channels_ = 0;
    std::uint64_t cycles_ = 0;
    std::uint64_t punched_ = 0; ///< bytes of the samples that are off the disk
    std::deque<std::pair<std::int64_t, float>> ceilings_;
    std::vector<float> samples_;
    std::uint64_t above_ = 0, frames_ = 0, gaps_ = 0, waiting_gaps_ = 0, overflows_ = 0;
    std::vector<Above> first_above_;
    float peak_ = 0.0F;
    std::int64_t heard_ns_ = 0, heard_again_ns_ = 0, listening_from_ns_ = std::numeric_limits<std::int64_t>::max();
};

} // namespace soundwarden::fault
