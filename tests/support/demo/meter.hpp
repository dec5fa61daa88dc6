// SPDX-License-Identifier: MIT
// Levels for the display while the story goes on. It judges nothing: that is soundwarden-check's business.
#pragma once

#include "bench/recording.hpp"

#include <optional>
#include <string>

namespace soundwarden::demo {

class Meter {
public:
    /// Path prefixes of the recordings of what was played and of what the sink handed out.
    Meter(std::string played, std::string heard);

    /// dBFS of the loudest sample at the sink in [from, to); −infinity for silence.
    double peak_db(std::int64_t from_ns, std::int64_t to_ns);
    /// Milliseconds from `from_ns` until the sink was handed the first cycle from which on, up to `to_ns`, nothing was louder
    /// than `db`.
    double quiet_after_ms(std::int64_t from_ns, std::int64_t to_ns, double db);
    /// The same as peak_db for the last `seconds` of the recording.
    double last_peak_db(double seconds);
    /// Sample at the sink / sample played, the largest of the last `seconds`: the gain while nothing is limited; the limiter's
    /// is in it where it works. Nothing where nothing was played.
    std::optional<double> last_gain(double seconds);

    bench::Recording &heard();
    bench::Recording &played();

private:
    std::uint64_t last_frames(double seconds);

    std::string played_path_;
    std::string heard_path_;
    std::optional<bench::Recording> played_;
    std::optional<bench::Recording> heard_;
};

/// The sample played at a graph position, frame by frame: `played` on the time axis of `heard`; silence where nothing was.
std::vector<float> aligned(const bench::Recording &played, const bench::Recording &heard, std::uint64_t from_frame = 0);

} // namespace soundwarden::demo
