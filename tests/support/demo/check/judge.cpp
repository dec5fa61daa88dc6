// SPDX-License-Identifier: MIT
#include "judge.hpp"

#include "sound.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace soundwarden::check {

namespace {

constexpr double rise_tolerance = 1.0116;       // 0.1 dB: a block may be measured at either end
constexpr double steady_within_db = 0.1;
constexpr double rise_floor = 0.001;            // a rise from silence begins at −60 dB
constexpr Nanoseconds unplug_hold = 500 * millisecond;
constexpr double one_db = 1.122;
constexpr double blast_above_ceiling_db = 20.0; // the control: what the guard keeps away
constexpr std::size_t most_relinked = 6;        // cycles that may stay empty because links are remade, over the whole story
constexpr std::size_t most_missed = 8;           // cycles that a busy machine may miss, over the whole story
constexpr Nanoseconds pause_ns = 500 * millisecond; // between two cycles: nothing played
constexpr std::size_t least_blocks = 10;        // measured blocks without which a steady part proves nothing
constexpr double reached = 0.8913;              // −1 dB: so close to the ceiling what is limited has to come
// So often it has to: with 20 ms of hold and a release of 50 ms the limiter lets no louder sample than that pass unlimited later.
constexpr Nanoseconds reached_within = 200 * millisecond;
constexpr std::size_t limited_parts = 2;        // at 150 %, and 20 dB above full scale

/// Each phase of the story, and the share of its blocks in which sound must be heard.
constexpr std::array<std::pair<const char *, double>, 18> required_phases{{
    {"unprotected-speakers", 0.95},
    {"unprotected-headphones", 0.95},
    {"start", 0.3},
    {"speakers", 0.99},
    {"plug", 0.5},
    {"headphones", 0.99},
    {"other-program", 0.95},
    {"full-volume", 0.99},
    {"over-volume", 0.99},
    {"too-loud", 0.99},
    {"quiet-passage", 0.99},
    {"unplug", 0.5},
    {"speakers-again", 0.99},
    {"chatter", 0.5},
    {"headphones-again", 0.99},
    {"full-scale", 0.99},
    {"terminated", 0.3},
    {"restarted", 0.5},
}};

template <class... Values> std::string format(const char *pattern, Values... values) {
    std::array<char, 512> text{};
    std::snprintf(text.data(), text.size(), pattern, values...);
    return text.data();
}

double ms(Nanoseconds ns) { return static_cast<double>(ns) * 1e-6; }

std::string seconds_at(const Take &take, Frame frame) { return format("%.3f s", static_cast<double>(frame) / take.rate_hz); }

// --- (a) ----------------------------------------------------------------------------------------------------------

Judgement judge_ceiling(const Take &take, const Track &track) {
    std::uint64_t judged = 0;
    std::uint64_t above = 0;
    double closest = 0.0;
    Frame first_above = 0;
    for (const Span &span : track.guarded)
        for (Frame frame = span.from; frame < span.to; ++frame) {
            const auto limit = static_cast<double>(track.ceiling[frame]);
            if (std::isinf(limit)) continue;
            for (std::uint32_t channel = 0; channel < take.channels; ++channel) {
                const double heard = magnitude(take.heard[frame * take.channels + channel]);
                ++judged;
                if (heard > 0.0) closest = std::max(closest, heard / limit);
                if (heard <= limit) continue;
                if (above++ == 0) first_above = frame;
            }
        }
    Judgement result{"ceiling", above == 0 && judged > 0, "not one sample above the ceiling in force", ""};
    result.figures = format("%llu of %llu samples above it", static_cast<unsigned long long>(above), static_cast<unsigned long long>(judged));
    if (above > 0) result.figures += format(", by up to %.3f dB, the first at ", to_db(closest)) + seconds_at(take, first_above);
    else if (judged > 0) result.figures += format("; the closest is %.4f dB from it", std::fabs(std::min(0.0, to_db(closest))));
    return result;
}

/// The limiter takes away what is above the ceiling and no more: wherever the music asks for more than the ceiling, what is
/// heard came right up to it just before.
Judgement judge_limited(const Take &take, const Track &track) {
    Judgement result{"limited", track.limited.size() == limited_parts, "what is limited comes right up to the ceiling", ""};
    const Frame reach = take.rate_hz * reached_within / 1'000'000'000;
    std::size_t asking = 0;
    double lowest = 1.0;
    double most_asked = 0.0;
    Frame lowest_at = 0;
    for (const Steady &part : track.limited) {
        std::size_t asking_here = 0;
        for (Frame block = part.span.from; block + block_frames <= part.span.to; block += block_frames) {
            const auto ceiling = static_cast<double>(track.ceiling[block]);
            const Frame end = block + block_frames;
            const double asked = peak(take.played, take.channels, block, end) * part.wanted_gain(track.ceiling[block]) / ceiling;
            if (!(asked > 1.0)) continue;
            ++asking_here;
            most_asked = std::max(most_asked, asked);
            const double came = peak(take.heard, take.channels, end - std::min(end, reach), end) / ceiling;
            if (came < lowest) lowest_at = block;
            lowest = std::min(lowest, came);
        }
        if (asking_here < least_blocks) result.held = false;
        asking += asking_here;
    }
    result.held = result.held && lowest >= reached;
    result.figures = format("asked for up to %.1f dB too much; in %zu blocks ", to_db(most_asked), asking);
    result.figures += format("never further than %.3f dB below the ceiling for 0.2 s", std::fabs(to_db(lowest)));
    if (lowest < reached) result.figures += ", the first time that far at " + seconds_at(take, lowest_at);
    return result;
}

// --- (b) ----------------------------------------------------------------------------------------------------------

/// What is wrong with the settling after one edge; empty: nothing.
std::string settling_fault(const Take &take, const Track &track, const Edge &edge, double &loudest) {
    const Frame from = take.frame_at(edge.judged_from_ns);
    if (from >= edge.settled_at) return ""; // the next edge came first
    for (Frame frame = from; frame < edge.settled_at; ++frame)
        for (std::uint32_t channel = 0; channel < take.channels; ++channel) {
            const std::size_t i = frame * take.channels + channel;
            const double heard = magnitude(take.heard[i]);
            const double before = edge.gain_before * magnitude(take.played[i]);
            loudest = std::max(loudest, heard);
            if (heard > static_cast<double>(track.ceiling[frame])) return "above the settling ceiling at " + seconds_at(take, frame);
            if (heard > before * rise_tolerance + 1e-9) return "louder than before the edge at " + seconds_at(take, frame);
        }
    return "";
}

Judgement judge_settling(const Take &take, const Track &track) {
    Judgement result{"settling", !track.edges.empty(), "after each plug or unplug: low until everything is known", ""};
    double loudest = 0.0;
    std::size_t undecided = 0;
    for (const Edge &edge : track.edges) {
        const std::string fault = settling_fault(take, track, edge, loudest);
        if (!edge.decided) ++undecided;
        if (fault.empty()) continue;
        result.held = false;
        result.figures = fault;
        return result;
    }
    if (!track.edges.empty() && !track.edges.back().decided) result.held = false;
    result.figures = format("%zu edges, the loudest sample meanwhile %.1f dBFS", track.edges.size(), to_db(loudest));
    if (undecided > 0) result.figures += format(" (%zu followed by another before the end)", undecided);
    return result;
}

// --- (c) ----------------------------------------------------------------------------------------------------------

/// Watches the gain of one guarded stretch: it never grows faster than it may. While a settling goes on, what other programs
/// do to volumes may make it dip, and a dip is no level to rise from; but it never gets above where the settling began.
/// Nor is what the limiter leaves a level to rise from. But it never adds: also where it works, no ratio may be too large.
class RiseWatch {
public:
    RiseWatch(const Take &take, const Track &track) : take_(take), track_(track) {
        for (const Cycle &cycle : take.cycles)
            if ((cycle.flags & flag_gap) != 0) gaps_.push_back(cycle.frame);
    }

    void watch(const Span &span) {
        const Frame before = span.from - std::min<Frame>(span.from, take_.rate_hz / 2);
        bound_ = gain_in(take_, track_.idle, before, span.from).value_or(rise_floor);
        settling_.clear();
        Nanoseconds last = take_.t_ns_of(span.from);
        for (Frame block = span.from; block + block_frames <= span.to; block += block_frames) {
            const Nanoseconds now = take_.t_ns_of(block);
            const auto rate = rate_at(now);
            const double seconds = rising_seconds(std::exchange(last, now), now);
            const double gain = gain_in(take_, track_.ceiling, block, block + block_frames).value_or(0.0);
            const bool idle = track_.idle[block] >= 0.0F && track_.idle[block + block_frames - 1] >= 0.0F;
            if (gain > 0.0 && idle) ++measured; // a lost cycle is no level to rise from either
            if (!rate) {
                if (gain > 0.0) settling_.push_back({block, now, gain, idle});
                continue;
            }
            if (!settling_.empty()) end_settling();
            bound_ = std::max(bound_, rise_floor) * from_db(*rate * seconds);
            allow_moves(block);
            if (gain <= 0.0 || beside_gap(block)) continue;
            if (gain > bound_ * rise_tolerance) note(block, gain);
            if (idle && !beginning(now)) bound_ = std::min(bound_, gain);
        }
    }

    std::size_t measured = 0;
    double worst_db = 0.0;
    Frame first_at = 0;

private:
    struct Measured {
        Frame frame;
        Nanoseconds t_ns;
        double gain;
        bool idle; ///< the limiter was not at work
    };

    void note(Frame frame, double gain) {
        if (worst_db <= 0.0) first_at = frame;
        worst_db = std::max(worst_db, to_db(gain / bound_));
    }

    /// The largest gain of the settling between two times, where it could be measured.
    double highest(Nanoseconds from, Nanoseconds to) const {
        double result = 0.0;
        for (const Measured &block : settling_)
            if (block.idle && block.t_ns >= from && block.t_ns < to) result = std::max(result, block.gain);
        return result;
    }

    /// Nothing above where it began, once the answer was due; from that level it rises.
    void end_settling() {
        const Nanoseconds due = settling_.front().t_ns + longest_reaction;
        if (const double low = highest(due, due + longest_reaction); low > 0.0) bound_ = std::min(bound_, low);
        for (const Measured &block : settling_)
            if (block.t_ns >= due && block.gain > bound_ * rise_tolerance) note(block.frame, block.gain);
        settling_.clear();
    }

    /// A block long; after a pause as long as that, for what is due while nothing plays is taken at once.
    double rising_seconds(Nanoseconds last, Nanoseconds now) const {
        const double block = static_cast<double>(block_frames) / take_.rate_hz;
        return now - last > pause_ns ? static_cast<double>(now - last) * 1e-9 : block;
    }

    /// About the moment of a decision, when the last dip of the settling may still be on its way out.
    bool beginning(Nanoseconds now) const {
        return std::any_of(track_.rises.begin(), track_.rises.end(), [&](const Rise &rise) {
            return now >= rise.t_ns - reading_delay - take_.quantum_ns() && now <= rise.t_ns + promised_reaction + take_.quantum_ns();
        });
    }

    /// dB/s; nothing while it settles.
    std::optional<double> rate_at(Nanoseconds now) const {
        std::optional<double> rate;
        Nanoseconds latest = std::numeric_limits<Nanoseconds>::min();
        for (const Rise &rise : track_.rises)
            if (rise.t_ns - reading_delay - take_.quantum_ns() <= now) {
                rate = rise.db_per_s;
                latest = rise.t_ns;
            }
        for (const Nanoseconds begun : track_.settlings)
            if (begun <= now && begun > latest) rate.reset();
        return rate;
    }

    /// What the user moves follows at once: up to what it gives in the steady part that comes next.
    void allow_moves(Frame frame) {
        for (const Span &move : track_.volume_moves) {
            if (!move.contains(frame)) continue;
            for (const Steady &part : track_.steady) {
                if (part.span.to <= frame || !part.volume) continue;
                const float ceiling = track_.ceiling[std::min(part.span.from, take_.frames() - 1)];
                bound_ = std::max(bound_, part.wanted_gain(ceiling) * rise_tolerance);
                return;
            }
        }
    }

    /// What was played and what was heard do not belong together around a cycle that was missed.
    bool beside_gap(Frame block) const {
        const Frame reach = 2 * Frame{take_.quantum};
        const auto next = std::lower_bound(gaps_.begin(), gaps_.end(), block > reach ? block - reach : 0);
        return next != gaps_.end() && *next <= block + block_frames + reach;
    }

    const Take &take_;
    const Track &track_;
    std::vector<Frame> gaps_; ///< where cycles were missed
    double bound_ = rise_floor;
    std::vector<Measured> settling_; ///< the blocks of the settling that goes on
};

Judgement judge_rises(const Take &take, const Track &track) {
    RiseWatch watch(take, track);
    for (const Span &span : track.guarded) watch.watch(span);
    Judgement result{"rise", watch.worst_db <= 0.0 && watch.measured > least_blocks, "rises are slow", ""};
    std::size_t known = 0;
    for (const Rise &rise : track.rises)
        if (rise.db_per_s > slow_rise_db_per_s) ++known;
    result.figures = format("%zu rises: %zu at 6 dB/s, %zu at 30 dB/s (known again within a minute)", track.rises.size(),
                            track.rises.size() - known, known);
    if (watch.worst_db > 0.0) result.figures += format("; %.2f dB too much, the first time at ", watch.worst_db) + seconds_at(take, watch.first_at);
    return result;
}

// --- (d) ----------------------------------------------------------------------------------------------------------

Judgement judge_reaction(const Take &take, const Track &track) {
    std::vector<double> reactions;
    Judgement result{"reaction", false, "a plug is answered within 10 ms and a cycle", ""};
    std::size_t unanswered = 0;
    for (const Edge &edge : track.edges) {
        if (edge.clamped) reactions.push_back(ms(take.t_ns_of(*edge.clamped) - edge.t_ns));
        else if (edge.settled_before) ++unanswered;
    }
    const double cycle = ms(take.quantum_ns());
    if (reactions.empty()) {
        result.figures = "no edge whose answer could be measured";
        return result;
    }
    std::sort(reactions.begin(), reactions.end());
    const double slowest = reactions.back();
    result.held = unanswered == 0 && slowest <= ms(longest_reaction) + cycle;
    result.figures = format("%zu edges measured: %.1f / %.1f / %.1f ms (least, median, most), a cycle is %.1f ms", reactions.size(),
                            reactions.front(), reactions[reactions.size() / 2], slowest, cycle);
    if (slowest > ms(longest_reaction) + cycle) result.figures += "; too late";
    else if (slowest > ms(promised_reaction) + cycle) result.figures += "; late, as on a busy machine (it fails from 50 ms on)";
    if (unanswered > 0) result.figures += format("; %zu not answered", unanswered);
    return result;
}

// --- (e) ----------------------------------------------------------------------------------------------------------

Judgement judge_volumes(const Take &take, const Track &track) {
    Judgement result{"volumes", true, "speakers and headphones keep a volume of their own each", ""};
    std::size_t parts[2] = {0, 0};
    double worst = 0.0;
    std::string unmeasured; // the first part in which nothing could be measured
    for (const Steady &part : track.steady) {
        if (!part.volume) continue;
        std::size_t measured = 0;
        for (Frame block = part.span.from; block + block_frames <= part.span.to; block += block_frames) {
            const auto gain = gain_in(take, track.idle, block, block + block_frames);
            if (!gain) continue;
            ++measured;
            const double wanted = part.wanted_gain(track.ceiling[block]);
            const double off = std::fabs(to_db(*gain / wanted));
            worst = std::max(worst, off);
            if (off <= steady_within_db || !result.held) continue;
            result.held = false;
            result.figures = part.phase + ": " + format("%.1f dB instead of %.1f dB at ", to_db(*gain), to_db(wanted)) + seconds_at(take, block);
        }
        if (measured >= least_blocks) ++parts[part.for_ears ? 1 : 0];
        else if (unmeasured.empty()) unmeasured = part.phase;
    }
    if (!result.held) return result;
    result.held = parts[0] > 0 && parts[1] > 0 && unmeasured.empty();
    result.figures = format("%zu steady parts on speakers, %zu on headphones, each within %.3f dB of what the user chose there",
                            parts[0], parts[1], worst);
    if (!unmeasured.empty()) result.figures += "; nothing could be measured in " + unmeasured;
    return result;
}

/// Where nothing is limited, what comes out is the sample times the user's volume, to the last bit or the one before.
Judgement judge_transparency(const Take &take, const Track &track) {
    std::uint64_t judged = 0;
    std::uint64_t exact = 0;
    std::uint64_t wrong = 0;
    for (const Steady &part : track.steady) {
        if (!part.volume || part.for_ears) continue;
        const auto volume = static_cast<float>(*part.volume);
        for (Frame frame = part.span.from; frame < part.span.to; ++frame)
            for (std::uint32_t channel = 0; channel < take.channels; ++channel) {
                const std::size_t i = frame * take.channels + channel;
                const float wanted = take.played[i] * volume;
                const float heard = take.heard[i];
                ++judged;
                if (heard == wanted) ++exact;
                else if (heard != std::nextafterf(wanted, heard)) ++wrong;
            }
    }
    Judgement result{"transparent", judged > 0 && wrong == 0, "the speakers play untouched, without a frame of delay", ""};
    result.figures = format("%llu samples: %.2f %% bit for bit, %llu off by more than the last bit", static_cast<unsigned long long>(judged),
                            judged == 0 ? 0.0 : 100.0 * static_cast<double>(exact) / static_cast<double>(judged),
                            static_cast<unsigned long long>(wrong));
    return result;
}

/// When the speakers began to rise after an unplug: 1 dB above the highest level of a while after the answer was due. What the
/// limiter made low in that while is not measured; later on a ratio that is too large is one, whether it works or not.
std::optional<Nanoseconds> risen_after(const Take &take, const Track &track, const Edge &edge) {
    const Nanoseconds due = edge.t_ns + longest_reaction;
    double low = 0.0;
    for (Frame block = take.frame_at(due); block + block_frames <= take.frames(); block += block_frames) {
        const Nanoseconds now = take.t_ns_of(block);
        const bool is_low = now < due + longest_reaction;
        const auto gain = gain_in(take, is_low ? track.idle : track.ceiling, block, block + block_frames);
        if (!gain) continue;
        if (is_low) low = std::max(low, *gain);
        else if (*gain > low * one_db) return now - edge.t_ns;
    }
    return std::nullopt;
}

Judgement judge_unplug(const Take &take, const Track &track) {
    Judgement result{"unplug", false, "after an unplug the speakers stay low for 500 ms", ""};
    std::optional<Nanoseconds> shortest;
    for (const Edge &edge : track.edges) {
        if (edge.in || !edge.settled_before) continue;
        if (const auto risen = risen_after(take, track, edge)) shortest = std::min(shortest.value_or(*risen), *risen);
    }
    if (!shortest) {
        result.figures = "no unplug that was followed by a rise";
        return result;
    }
    result.held = *shortest >= unplug_hold;
    result.figures = format("they began to rise after %.0f ms", ms(*shortest));
    return result;
}

// --- (f) ----------------------------------------------------------------------------------------------------------

Judgement judge_leaving(const Take &take, const Track &track) {
    Judgement result{"leaving", false, "never louder than the last ceiling after SIGTERM and restart", ""};
    if (!track.stopped || !track.last_ceiling || std::isinf(*track.last_ceiling)) {
        result.figures = "the timeline has no SIGTERM under a ceiling";
        return result;
    }
    const double loudest = peak(take.heard, take.channels, *track.stopped, take.frames());
    result.held = loudest <= *track.last_ceiling && loudest > 0.0;
    result.figures = format("last ceiling %.1f dBFS, the loudest sample from then on %.1f dBFS", to_db(*track.last_ceiling), to_db(loudest));
    return result;
}

// --- (g) ----------------------------------------------------------------------------------------------------------

Judgement judge_liveness(const Take &take, const Track &track) {
    Judgement result{"sound", true, "there is sound wherever there should be some", ""};
    double least = 1.0;
    for (const auto &[name, share] : required_phases) {
        const Phase *phase = track.phase(name);
        const double heard = phase == nullptr ? 0.0 : sounding_share(take, phase->span.from, phase->span.to);
        if (phase == nullptr || heard < share) {
            result.held = false;
            result.figures = std::string(name) + (phase == nullptr ? " is missing" : format(": sound in %.0f %% of it", 100.0 * heard));
            return result;
        }
        if (share > 0.9) least = std::min(least, heard);
    }
    result.figures = format("%zu phases; in the steady ones %.1f %% of the blocks or more", required_phases.size(), 100.0 * least);
    return result;
}

/// Without the daemon the blast is there: the recorder is not blind.
Judgement judge_control(const Take &take, const Track &track) {
    Judgement result{"control", false, "the recorder hears the blast where no guard is", ""};
    const Phase *blast = track.phase("unprotected-headphones");
    const Phase *speakers = track.phase("speakers");
    if (blast == nullptr || speakers == nullptr || !track.last_ceiling) {
        result.figures = "the phases for it are missing";
        return result;
    }
    const std::vector<float> open(take.frames(), std::numeric_limits<float>::infinity());
    const double loudest = peak(take.heard, take.channels, blast->span.from, blast->span.to);
    const double gain = gain_in(take, open, (blast->span.from + blast->span.to) / 2, blast->span.to).value_or(0.0);
    const int delay = best_delay(take, speakers->span.from, std::min(speakers->span.to, speakers->span.from + take.rate_hz / 4), 64);
    result.held = loudest >= *track.last_ceiling * from_db(blast_above_ceiling_db) && std::fabs(to_db(gain)) < steady_within_db && delay == 0;
    result.figures = format("%.1f dBFS unguarded, %.1f dB above the headphones' ceiling; the recordings are %d frames apart", to_db(loudest),
                            to_db(loudest / *track.last_ceiling), delay);
    return result;
}

// --- (h) ----------------------------------------------------------------------------------------------------------

constexpr Frame dropout_frames = 32;

/// How many blocks were silent where the level had come to rest and something loud was played.
std::size_t dropouts(const Take &take, const Track &track, Frame &first) {
    std::size_t count = 0;
    for (const Steady &part : track.steady)
        for (Frame block = part.span.from; block + dropout_frames <= part.span.to; block += dropout_frames) {
            if (peak(take.played, take.channels, block, block + dropout_frames) < least_played) continue;
            if (peak(take.heard, take.channels, block, block + dropout_frames) > 0.0) continue;
            if (count++ == 0) first = block;
        }
    return count;
}

/// The cycles, counted by what is wrong with them. One in which links are made or go may stay empty: PipeWire lets the sink
/// play silence then.
struct CycleFaults {
    std::size_t gaps = 0;
    std::size_t while_relinked = 0;
    std::size_t lost = 0;
    std::size_t jumps = 0;
};

CycleFaults cycle_faults(const Take &take, const Track &track) {
    CycleFaults faults;
    for (std::size_t i = 0; i < take.cycles.size(); ++i) {
        const Cycle &cycle = take.cycles[i];
        const bool gap = (cycle.flags & flag_gap) != 0;
        const bool relinked = std::any_of(track.relinked.begin(), track.relinked.end(), [&](const auto &time) {
            return cycle.t_ns >= time.first && cycle.t_ns <= time.second;
        });
        if (gap) ++(relinked ? faults.while_relinked : faults.gaps);
        if ((cycle.flags & flag_overflow) != 0) ++faults.lost;
        if (i == 0 || (cycle.flags & flag_run_start) != 0) continue;
        const Cycle &before = take.cycles[i - 1];
        // A gap took its time, but brought no frames.
        const std::uint64_t duration = (before.flags & flag_gap) != 0 && before.frames == 0 ? take.quantum : before.frames;
        if (cycle.position != before.position + duration || cycle.frame != before.frame + before.frames) ++faults.jumps;
    }
    return faults;
}

Judgement judge_gaps(const Take &take, const Track &track) {
    Judgement result{"gaps", false, "the sound is whole", ""};
    const CycleFaults faults = cycle_faults(take, track);
    Frame first = 0;
    const std::size_t holes = dropouts(take, track, first);
    const std::size_t missed = faults.gaps + (holes * dropout_frames + take.quantum - 1) / std::max(take.quantum, 1U);
    result.held = take.misfit.empty() && missed <= most_missed && faults.while_relinked <= most_relinked && faults.lost == 0 && faults.jumps == 0;
    result.figures = format("%.1f s in %zu cycles: %zu gaps, %zu lost, %zu jumps, %zu dropouts", take.seconds(), take.cycles.size(),
                            faults.gaps, faults.lost, faults.jumps, holes);
    if (holes > 0) result.figures += " (the first at " + seconds_at(take, first) + ")";
    if (faults.while_relinked > 0) result.figures += format("; %zu cycles of silence as links were remade", faults.while_relinked);
    if (!take.misfit.empty()) result.figures += "; " + take.misfit;
    return result;
}

} // namespace

std::vector<Judgement> judge(const Take &take) {
    const Track track = make_track(take);
    return {judge_ceiling(take, track),  judge_limited(take, track), judge_reaction(take, track),     judge_settling(take, track),
            judge_rises(take, track),    judge_unplug(take, track),  judge_volumes(take, track),      judge_transparency(take, track),
            judge_leaving(take, track),  judge_liveness(take, track), judge_control(take, track),     judge_gaps(take, track)};
}

} // namespace soundwarden::check
