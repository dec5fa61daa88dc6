// SPDX-License-Identifier: MIT
#include "dsp/guard_processor.hpp"

#include "dsp/a_weighting.hpp"
#include "dsp/governor.hpp"
#include "dsp/true_peak_meter.hpp"
#include "level_ramps.hpp"
#include "model/fault.hpp"
#include "model/units.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

namespace soundwarden::dsp {
namespace {

// 4.5 dB, rounded down: a clipped tone came out of the converter from 48 to 44.1 kHz 3.4 dB higher than it went in.
constexpr double resampling_margin = 0.5956;

// Frames for which gains are worked out at a time.
constexpr std::uint32_t slice_frames = 256;
static_assert(slice_frames <= Cue::longest_slice);

// So that a made-up sample stays finite: limiters hand out no more than largest_sample.
constexpr float largest_makeup = 128.0F;

} // namespace

struct GuardProcessor::Path {
    explicit Path(const LimiterFormat &wanted)
        : limiter(wanted, {}), governor(wanted.channels, wanted.rate_hz, {}), meter(wanted.channels, wanted.rate_hz),
          true_peaks(limiter.format().channels, limiter.format().rate_hz, limiter.format().instructions), seconds_per_frame(1.0 / static_cast<double>(limiter.format().rate_hz)),
          fade_frames(std::max(1U, static_cast<std::uint32_t>(std::lround(fade_seconds / seconds_per_frame)))),
          other(static_cast<std::size_t>(limiter.format().channels) * slice_frames, 0.0F) {}

    Limiter limiter;
    Governor governor;
    AWeightedMeter meter;
    TruePeakMeter true_peaks;
    bool follows = false;      // true_peaks has heard the block before
    double seconds_per_frame;
    std::uint32_t fade_frames;
    std::uint32_t age = 0;     // frames since it came into use, until the fade is over
    std::vector<float> other;  // what this limiter gives while the next one is faded in, by channel
    Path *next = nullptr;      // the mailbox's
};

struct GuardProcessor::Control {
    explicit Control(const GuardTargets &initial) : targets(initial), ramps(initial) { limiter.release_seconds = initial.release_seconds; }

    GuardTargets targets;      // in force
    LevelRamps ramps;
    LimiterTargets limiter{.generation = 1}; // the generation counts what was told
    float margin_ceiling = no_ceiling; // ramps' ceiling with the margin in front of a converter
    double margin = 1.0;
    double rescale_db = 0.0;   // done
    std::uint32_t rate_hz = 0;
    std::uint64_t heard_at = 0; // frame from which on only sound under these targets comes out
    std::uint32_t position = 0; // in the limiter's sub-block, for the line of gain
    alignas(64) std::array<float, slice_frames> gains{};
    float gains_are = -1.0F;   // all of them; negative: not all alike
    // Of limiters and meters that are gone.
    std::uint64_t faults = 0;
    std::array<double, max_channels> energy{};
    double seconds = 0.0;
    // Of this block.
    float peak_in = 0.0F;
    float peak_out = 0.0F;
    float true_peak_out = 0.0F;
    float reduction = 1.0F;
};

GuardProcessor::GuardProcessor(const LimiterFormat &format, const GuardTargets &initial, double governor_gain)
    : control_(std::make_unique<Control>(initial)), path_(std::make_unique<Path>(format).release()) {
    format_ = path_->limiter.format();
    latency_frames_ = fault(Fault::latency_untold) ? 0 : path_->limiter.latency_frames();
    path_->governor.set_target({initial.governor_dbfs});
    path_->governor.start_at(governor_gain);
    meter_.generation = initial.generation;
    meter_.gain = initial.gain;
    meter_.ceiling = initial.ceiling;
    meter_.governor = toward_zero(path_->governor.gain());
    meter_.latency_frames = latency_frames_;
}

GuardProcessor::~GuardProcessor() {
    delete path_;
    delete leaving_;
    delete cue_;
}

void GuardProcessor::play_cue(std::vector<float> peaks) {
    peaks.resize(format_.channels, 0.0F);
    cues_.offer(std::make_unique<Cue>(std::move(peaks), format_.rate_hz));
}

void GuardProcessor::collect() noexcept {
    paths_.collect();
    cues_.collect();
}

void GuardProcessor::rebuild(const LimiterFormat &format) {
    LimiterFormat wanted = format;
    wanted.channels = format_.channels;
    auto path = std::make_unique<Path>(wanted);
    format_ = path->limiter.format();
    latency_frames_ = path->limiter.latency_frames();
    paths_.offer(std::move(path));
}

// The new limiter hears everything from here on; until its delay line is full and the fade is over the old one is heard as well.
void GuardProcessor::use(Path *next) noexcept {
    Control &control = *control_;
    control.faults += path_->limiter.meter().faults;
    path_->meter.close();
    for (std::uint32_t c = 0; c < path_->meter.channels(); ++c)
        control.energy[c] += path_->meter.energy(c) * path_->seconds_per_frame;
    control.seconds += static_cast<double>(path_->meter.frames()) * path_->seconds_per_frame;
    control.heard_at = std::max(control.heard_at, meter_.frames + next->limiter.latency_frames() + next->fade_frames +
                                                      path_->limiter.latency_frames());
    next->governor.take_over(path_->governor);
    next->age = 0;
    leaving_ = path_;
    path_ = next;
    ++control.limiter.generation;
    control.position = 0;
    control.rate_hz = 0;
}

void GuardProcessor::at_once(const GuardTargets &targets) noexcept {
    Control &control = *control_;
    if (targets.rescale_db < control.rescale_db) {
        control.ramps.rescale(targets.rescale_db - control.rescale_db);
        control.gains_are = -1.0F;
    }
    control.rescale_db = std::min(control.rescale_db, targets.rescale_db);
    control.targets.makeup = std::min(targets.makeup, largest_makeup);
}

bool GuardProcessor::due(const GuardTargets &targets) const noexcept {
    return targets.generation != control_->targets.generation && targets.from_frame <= meter_.frames;
}

void GuardProcessor::at_boundary(const GuardTargets &targets) noexcept {
    Control &control = *control_;
    const double step = static_cast<double>(path_->limiter.block_frames()) / static_cast<double>(control.rate_hz);
    control.targets = targets;
    control.targets.makeup = std::min(targets.makeup, largest_makeup);
    control.ramps.take(targets, step);
    control.limiter.release_seconds = targets.release_seconds;
    ++control.limiter.generation;
    path_->governor.set_target({targets.governor_dbfs});
    control.heard_at = meter_.frames + path_->limiter.latency_frames();
    if (leaving_ != nullptr) control.heard_at += path_->fade_frames + leaving_->limiter.latency_frames();
}

/// How many of the next frames one line of gain and one ceiling serve; at a boundary these are worked out.
std::uint32_t GuardProcessor::slice(const GuardTargets &targets, std::uint32_t frames) noexcept {
    Control &control = *control_;
    frames = std::min(frames, slice_frames);
    const std::uint64_t now = meter_.frames;
    const std::uint32_t to_boundary = path_->limiter.frames_to_boundary();
    if (to_boundary > 0) return std::min(frames, to_boundary);
    if (due(targets)) at_boundary(targets);
    else if (targets.generation != control.targets.generation && targets.from_frame < now + frames) frames = static_cast<std::uint32_t>(targets.from_frame - now);

    control.position = 0;
    const bool resting = control.ramps.resting();
    if (!resting) control.ramps.advance();
    const double ceiling = control.ramps.ceiling();
    const float bound = std::isinf(ceiling) ? no_ceiling : toward_zero(ceiling * control.margin);
    if (bound != control.margin_ceiling) {
        control.margin_ceiling = bound;
        ++control.limiter.generation;
    }
    return resting ? frames : std::min(frames, path_->limiter.block_frames());
}

/// The factors of the next frames; nullptr: 1 throughout.
const float *GuardProcessor::gains(std::uint32_t frames) noexcept {
    Control &control = *control_;
    const double from = control.ramps.gain_from();
    const double to = control.ramps.gain_to();
    float *gains = control.gains.data();
    if (from == to) {
        const float gain = fault(Fault::gain_below_one) ? toward_zero(0.9999 * to) : toward_zero(to);
        if (gain != control.gains_are) control.gains.fill(gain);
        control.gains_are = gain;
    } else {
        const double step = (to - from) / static_cast<double>(path_->limiter.block_frames());
        for (std::uint32_t i = 0; i < frames; ++i)
            gains[i] = toward_zero(from + step * static_cast<double>(control.position + i + 1));
        control.gains_are = -1.0F;
        control.position += frames;
    }
    if (path_->governor.multiply(gains, frames, path_->meter)) control.gains_are = -1.0F;
    return control.gains_are == 1.0F ? nullptr : gains;
}

void GuardProcessor::process(const float *const *in, float *const *out, std::uint32_t frames, std::uint32_t rate_hz,
                             const GuardTargets &targets, double idle_seconds, bool true_peaks) noexcept {
    Control &control = *control_;
    if (fault(Fault::allocation_on_the_data_thread)) path_->other.reserve(path_->other.capacity() + 1);
    if (rate_hz == 0) rate_hz = path_->limiter.format().rate_hz;
    if (leaving_ == nullptr)
        if (Path *next = paths_.take()) use(next);
    if (cue_ == nullptr) cue_ = cues_.take();
    if (rate_hz != control.rate_hz) {
        control.rate_hz = rate_hz;
        control.ramps.retime(static_cast<double>(path_->limiter.block_frames()) / static_cast<double>(rate_hz));
    }
    at_once(targets);
    if (idle_seconds > 0.0) {
        // What was due to rise is what these targets let rise.
        if (due(targets)) at_boundary(targets);
        control.ramps.idle(idle_seconds);
        path_->governor.idle(idle_seconds);
        drain();
    }
    const bool resampled = targets.sink_rate_hz != 0 && targets.sink_rate_hz != rate_hz;
    control.margin = resampled ? resampling_margin : 1.0;
    control.peak_in = control.peak_out = 0.0F;
    control.reduction = 1.0F;

    // Nothing comes out of such a cycle, and nobody shall wait for what it brought.
    if (frames == 0 && due(targets) && path_->limiter.frames_to_boundary() == 0) at_boundary(targets);
    for (std::uint32_t done = 0; done < frames;) {
        const std::uint32_t count = slice(targets, frames - done);
        limit(in, out, done, count);
        meter_.frames += count;
        done += count;
    }
    if (cue_ != nullptr && cue_->over()) cues_.give_back(std::exchange(cue_, nullptr));
    path_->meter.process(out, frames);
    measure_true_peaks(out, frames, true_peaks);
    make_up(out, frames);
    tell(frames, rate_hz);
}

// What waited in the delay line through a pause belongs to a sound that is over.
void GuardProcessor::drain() noexcept {
    if (leaving_ != nullptr) {
        paths_.give_back(leaving_);
        leaving_ = nullptr;
    }
    if (cue_ != nullptr) cues_.give_back(std::exchange(cue_, nullptr));
    const std::array<const float *, max_channels> silence{};
    const std::array<float *, max_channels> nowhere{};
    path_->limiter.process(silence.data(), nowhere.data(), path_->limiter.latency_frames(), control_->limiter);
}

void GuardProcessor::limit(const float *const *in, float *const *out, std::uint32_t offset, std::uint32_t frames) noexcept {
    Control &control = *control_;
    const std::uint32_t channels = path_->limiter.format().channels;
    std::array<const float *, max_channels> from{};
    std::array<float *, max_channels> to{};
    for (std::uint32_t c = 0; c < channels; ++c) {
        if (in[c] != nullptr) from[c] = in[c] + offset;
        if (out[c] != nullptr) to[c] = out[c] + offset;
    }
    if (cue_ != nullptr) cue_->mix(from, frames);
    control.limiter.ceiling = control.margin_ceiling;
    const float *factors = gains(frames);
    if (leaving_ != nullptr) {
        std::array<float *, max_channels> other{};
        for (std::uint32_t c = 0; c < channels; ++c) other[c] = leaving_->other.data() + static_cast<std::size_t>(c) * slice_frames;
        leaving_->limiter.process(from.data(), other.data(), frames, control.limiter, factors);
    }
    path_->limiter.process(from.data(), to.data(), frames, control.limiter, factors);
    const LimiterMeter &meter = path_->limiter.meter();
    control.peak_in = std::max(control.peak_in, meter.peak_in);
    control.peak_out = std::max(control.peak_out, meter.peak_out);
    control.reduction = std::min(control.reduction, meter.reduction);
    if (leaving_ != nullptr) blend(to.data(), frames);
}

// A sum of two shares of what is within the ceiling is within it, but for rounding.
void GuardProcessor::blend(float *const *out, std::uint32_t frames) noexcept {
    const float ceiling = control_->limiter.ceiling >= 0.0F ? std::min(control_->limiter.ceiling, largest_sample) : 0.0F;
    const float per_frame = 1.0F / static_cast<float>(path_->fade_frames);
    const std::uint32_t silent = path_->limiter.latency_frames();
    const std::uint32_t over = silent + path_->fade_frames;
    const std::uint32_t blended = std::min(frames, over - path_->age);
    for (std::uint32_t c = 0; c < path_->limiter.format().channels; ++c) {
        if (out[c] == nullptr) continue;
        const float *old = leaving_->other.data() + static_cast<std::size_t>(c) * slice_frames;
        for (std::uint32_t i = 0; i < blended; ++i) {
            const std::uint32_t age = path_->age + i + 1;
            const float share = age <= silent ? 0.0F : std::min(1.0F, static_cast<float>(age - silent) * per_frame);
            float &sample = out[c][i];
            const float sum = sample * share + old[i] * (1.0F - share);
            sample = std::clamp(sum, -ceiling, ceiling);
            control_->peak_out = std::max(control_->peak_out, std::fabs(sample));
        }
    }
    control_->reduction = std::min(control_->reduction, leaving_->limiter.meter().reduction);
    path_->age += frames;
    if (path_->age < over) return;
    paths_.give_back(leaving_);
    leaving_ = nullptr;
}

void GuardProcessor::measure_true_peaks(float *const *out, std::uint32_t frames, bool wanted) noexcept {
    control_->true_peak_out = 0.0F;
    if (wanted && !path_->follows) path_->true_peaks.restart();
    path_->follows = wanted;
    if (wanted) control_->true_peak_out = path_->true_peaks.process(out, frames);
}

void GuardProcessor::make_up(float *const *out, std::uint32_t frames) noexcept {
    const float factor = control_->targets.makeup;
    if (factor == 1.0F) return;
    for (std::uint32_t c = 0; c < path_->limiter.format().channels; ++c)
        if (out[c] != nullptr)
            for (std::uint32_t i = 0; i < frames; ++i) out[c][i] *= factor;
}

void GuardProcessor::forget_peaks() noexcept {
    meter_.peak_in = meter_.peak_out = meter_.true_peak_out = 0.0F;
    meter_.reduction = 1.0F;
}

void GuardProcessor::tell(std::uint32_t frames, std::uint32_t rate_hz) noexcept {
    const Control &control = *control_;
    if (meter_.frames >= control.heard_at) meter_.generation = control.targets.generation;
    meter_.gain = toward_zero(control.ramps.gain_to());
    meter_.ceiling = control.margin_ceiling;
    meter_.governor = toward_zero(path_->governor.gain());
    meter_.level_dbfs = static_cast<float>(path_->governor.level().value);
    meter_.peak_in = std::max(meter_.peak_in, control.peak_in);
    meter_.peak_out = std::max(meter_.peak_out, control.peak_out);
    meter_.true_peak_out = std::max(meter_.true_peak_out, control.true_peak_out);
    meter_.reduction = std::min(meter_.reduction, control.reduction);
    meter_.faults = control.faults + path_->limiter.meter().faults;
    for (std::uint32_t c = 0; c < path_->meter.channels(); ++c)
        meter_.weighted_energy[c] = control.energy[c] + path_->meter.energy(c) * path_->seconds_per_frame;
    meter_.weighted_seconds = control.seconds + static_cast<double>(path_->meter.frames()) * path_->seconds_per_frame;
    meter_.graph_rate_hz = rate_hz;
    meter_.quantum = frames;
    meter_.latency_frames = path_->limiter.latency_frames();
}

} // namespace soundwarden::dsp
