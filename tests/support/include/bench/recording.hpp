// SPDX-License-Identifier: MIT
// Reads what a simulated sink played: exact samples, and for each cycle when and under which clock.
#pragma once

#include "bench/recording_format.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace soundwarden::bench {

/// A snapshot of a recording; refresh() takes in what has been written since. Frames count from the first one recorded,
/// without the gaps. Copyable.
class Recording {
  public:
    using Frame = std::uint64_t;
    static constexpr Frame end_of_file = std::numeric_limits<Frame>::max();
    static constexpr int all_channels = -1;

    /// `path_prefix`.raw and .idx. Throws std::runtime_error.
    explicit Recording(std::string path_prefix);
    void refresh();

    /// How many frames the files hold right now, without reading them.
    static Frame frames_in(const std::string &path_prefix);

    std::uint32_t channels() const { return channels_; }
    Frame frames() const { return samples_.size() / channels_; }
    float at(Frame frame, std::uint32_t channel) const { return samples_.at(frame * channels_ + channel); }
    /// Interleaved.
    const std::vector<float> &samples() const { return samples_; }
    std::vector<float> channel(std::uint32_t index, Frame from = 0, Frame to = end_of_file) const;

    const std::vector<RecordingCycle> &cycles() const { return cycles_; }
    /// The cycle that brought this frame. Throws std::out_of_range.
    const RecordingCycle &cycle_of(Frame frame) const;
    /// The first frame of the first cycle handed to the sink at or after `t_ns`: nothing that was decided at `t_ns` can
    /// show before it. frames() when there is none yet.
    Frame frame_at(std::int64_t t_ns) const;
    /// When the sink was handed this frame (its whole cycle at once), CLOCK_MONOTONIC ns.
    std::int64_t t_ns_of(Frame frame) const;
    /// Graph position of a frame; exact where the sink does not resample.
    std::uint64_t position_of(Frame frame) const;

    /// Largest magnitude in [from, to). 0 for nothing. A NaN counts as infinite.
    float peak(Frame from = 0, Frame to = end_of_file, int channel = all_channels) const;
    double rms(Frame from = 0, Frame to = end_of_file, int channel = all_channels) const;
    /// The first frame in [from, to) with a sample of magnitude > level, or NaN.
    std::optional<Frame> first_above(float level, Frame from = 0, Frame to = end_of_file,
                                     int channel = all_channels) const;
    std::optional<Frame> first_sound(Frame from = 0, Frame to = end_of_file) const {
        return first_above(0.0F, from, to);
    }
    /// One past the last frame that is not silent; `from` when all are.
    Frame end_of_sound(Frame from = 0, Frame to = end_of_file) const;
    /// Number of samples (not frames) of magnitude > level, or NaN.
    std::uint64_t count_above(float level, Frame from = 0, Frame to = end_of_file, int channel = all_channels) const;

    /// How many cycles there were with each (quantum, graph rate).
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> clocks() const;
    /// Cycles without data after frame `from` and before frame `to`. A run may begin with some: its links are still
    /// made.
    std::uint64_t gaps(Frame from = 0, Frame to = end_of_file) const;
    std::uint64_t overflows() const; ///< must be 0 for the recording to mean anything
    std::uint64_t runs() const;      ///< starts and resumes

  private:
    std::pair<std::size_t, std::size_t> sample_range(Frame from, Frame to) const;
    template <class Visit>
    void visit(Frame from, Frame to, int channel, Visit visit_sample) const;

    std::string path_;
    std::uint32_t channels_ = 0;
    std::vector<float> samples_;
    std::vector<RecordingCycle> cycles_;
};

/// What a recording of the counter signal (bench/counter.hpp) proves.
struct CounterReport {
    std::uint64_t counted = 0; ///< frames that carry the counter on every channel
    std::uint64_t silent = 0;  ///< frames of zeros on every channel
    std::uint64_t wrong = 0;   ///< frames with a sample that is not exactly the counter × gain, or of another channel
    std::uint64_t linking = 0; ///< frames behind silence of which some channels carry it exactly and the others are silent: the
                               ///< links of a stream are made one after the other, and a cycle may come between
    std::uint64_t breaks = 0;  ///< places where the position does not go on by one: frames lost or repeated
    std::uint64_t pauses = 0;  ///< places where silence follows the counter; its end is one
    std::optional<Recording::Frame> first_frame; ///< of the counter
    /// Frames between the graph position at which a sample was made and the one at which the sink played it: -> frames.
    std::map<std::uint32_t, std::uint64_t> latencies;
};

/// Checks every frame in [from, to).
CounterReport check_counter(const Recording &recording, float gain = 1.0F, Recording::Frame from = 0,
                            Recording::Frame to = Recording::end_of_file);

} // namespace soundwarden::bench
