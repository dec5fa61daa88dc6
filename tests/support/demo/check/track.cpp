// SPDX-License-Identifier: MIT
#include "track.hpp"

#include "sound.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace soundwarden::check {

namespace {

constexpr float no_ceiling = std::numeric_limits<float>::infinity();
constexpr Nanoseconds gain_window = 200 * millisecond;   // before an edge: what the gain was
constexpr Nanoseconds cause_window = 200 * millisecond;  // a ceiling published so soon after an edge is lowered because of it
constexpr Nanoseconds state_window = 2'000 * millisecond; // a state is published that soon after the decision
constexpr Nanoseconds known_for = 60'000 * millisecond;
constexpr Nanoseconds user_move = 300 * millisecond;     // until a moved slider has arrived
constexpr Nanoseconds program_move = 700 * millisecond;  // until a card's volume that was moved is back
constexpr Nanoseconds relink_time = 3'000 * millisecond; // a lockstep card waits for a lost cycle for up to 2 s
// A heard sample so close to a ceiling may have been limited: 1.5 dB. (The limiter rests at most 0.13 dB under its ceiling; the
// rest is for a ceiling that rises, which is known to within reading_delay: 1.5 dB at 30 dB/s, looked at from both ends.)
constexpr double near_ceiling = 0.8414;
constexpr float not_idle = -1.0F;
const std::set<std::string> limited_phases{"over-volume", "too-loud"};
// Values are published with four decimals.
constexpr double half_a_digit_db = 0.00005;

std::optional<double> optional_number(const Event &event, const char *key) {
    const auto found = event.fields.find(key);
    if (found == event.fields.end() || !found->is_number()) return std::nullopt;
    return found->get<double>();
}

std::string text_of(const Event &event, const char *key) {
    const auto found = event.fields.find(key);
    return found != event.fields.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool flag_of(const Event &event, const char *key) {
    const auto found = event.fields.find(key);
    return found != event.fields.end() && found->is_boolean() && found->get<bool>();
}

/// A "ceiling" event as an amplitude.
float published(const Event &event) {
    if (const auto dbfs = optional_number(event, "dbfs")) return static_cast<float>(from_db(*dbfs + half_a_digit_db));
    return text_of(event, "dbfs") == "block" ? 0.0F : no_ceiling;
}

/// Reads the timeline once for each thing it says; small, and each function stands for itself.
class Reader {
public:
    explicit Reader(const Take &take) : take_(take) {}

    Track read() {
        read_guarded();
        read_phases();
        read_volume_moves();
        read_edges();
        read_rises();
        read_stop();
        fill_ceilings();
        read_steady();
        find_idle();
        measure_edges();
        fill_ceilings(); // again: a lowered ceiling counts from the edge's own reaction on
        find_idle();
        read_limited();
        return std::move(track_);
    }

private:
    void read_guarded();
    void read_phases();
    void read_volume_moves();
    void read_edges();
    void read_rises();
    void read_stop();
    void fill_ceilings();
    void find_idle();
    bool near(const Span &block) const;
    void find_idle_in(const Steady &part);
    void measure_edges();
    void measure(Edge &edge);
    void read_steady();
    void read_limited();

    Steady part_of(const std::string &phase, Nanoseconds t_ns, const Span &span) const;
    double rate_after(Nanoseconds decided) const;
    Frame effective(Nanoseconds published_ns) const;
    void fill(Frame from, float value);
    std::string route_at(Nanoseconds t_ns) const;
    std::optional<double> wanted_volume(Nanoseconds t_ns, const std::string &route, std::optional<double> start_db) const;
    const Event *output_decided(Nanoseconds decided) const;
    const Event *output_at(Nanoseconds t_ns) const;

    const Take &take_;
    Track track_;
};

void Reader::read_guarded() {
    std::optional<Nanoseconds> since;
    const auto end = [&](Nanoseconds t_ns) {
        // What the observer saw is in force from the cycle after next at the latest.
        if (since) track_.guarded.push_back({take_.frame_at(*since + take_.quantum_ns()), take_.frame_at(t_ns)});
        since.reset();
    };
    for (const Event &event : take_.events) {
        if (event.kind == "path" || event.kind == "daemon-stop") track_.relinked.emplace_back(event.t_ns, event.t_ns + relink_time);
        const bool guarded = event.kind == "path" && flag_of(event, "guarded");
        if (guarded && !since) since = event.t_ns;
        else if ((event.kind == "path" && !guarded) || event.kind == "daemon-stop") end(event.t_ns);
    }
    end(std::numeric_limits<Nanoseconds>::max());
}

void Reader::read_phases() {
    for (const Event &event : take_.events) {
        if (event.kind != "phase") continue;
        const Frame at = take_.frame_at(event.t_ns);
        if (!track_.phases.empty()) track_.phases.back().span.to = at;
        track_.phases.push_back({text_of(event, "name"), {at, take_.frames()}});
    }
}

void Reader::read_volume_moves() {
    for (const Event &event : take_.events) {
        if (event.kind != "volume") continue;
        const Nanoseconds length = text_of(event, "by") == "program" ? program_move : user_move;
        track_.volume_moves.push_back({take_.frame_at(event.t_ns), take_.frame_at(event.t_ns + length)});
    }
}

void Reader::read_edges() {
    bool settled = false;
    for (const Event &event : take_.events) {
        if (event.kind == "decided") {
            settled = true;
            if (!track_.edges.empty() && track_.edges.back().settled_at == take_.frames()) {
                track_.edges.back().decided = event.t_ns;
                track_.edges.back().settled_at = take_.frame_at(event.t_ns - reading_delay);
            }
        }
        const bool any_edge = event.kind == "edge";
        if (!any_edge || !track_.is_guarded(take_.frame_at(event.t_ns))) continue;
        Edge edge;
        edge.t_ns = event.t_ns;
        edge.frame = take_.frame_at(event.t_ns);
        edge.in = flag_of(event, "in");
        edge.settled_before = settled;
        edge.settled_at = take_.frames();
        if (!track_.edges.empty() && !track_.edges.back().decided) track_.edges.back().settled_at = edge.frame;
        track_.edges.push_back(edge);
        settled = false;
    }
}

/// The output that the daemon said to be active when it had decided: as of the first word about it that is not "settling".
const Event *Reader::output_decided(Nanoseconds decided) const {
    for (const Event &event : take_.events) {
        if (event.kind != "output" || !flag_of(event, "active") || event.t_ns < decided - reading_delay) continue;
        if (event.t_ns > decided + state_window) break;
        if (text_of(event, "state") != "settling") return &event;
    }
    return nullptr;
}

/// The output that the daemon had last said to be active.
const Event *Reader::output_at(Nanoseconds t_ns) const {
    const Event *last = nullptr;
    for (const Event &event : take_.events) {
        if (event.t_ns > t_ns) break;
        if (event.kind == "output" && flag_of(event, "active")) last = &event;
    }
    return last;
}

/// "The same certain identity back within 60 s: 30 dB/s."
double Reader::rate_after(Nanoseconds decided) const {
    const Event *now = output_decided(decided);
    if (now == nullptr || text_of(*now, "confidence") != "certain") return slow_rise_db_per_s;
    const std::string id = text_of(*now, "id");
    bool playing = false; // settled with this output
    Nanoseconds left = decided - 2 * known_for;
    for (const Event &event : take_.events) {
        if (event.t_ns >= decided - reading_delay) break;
        if (event.kind == "daemon-start") {
            playing = false;
            left = decided - 2 * known_for;
        }
        if (event.kind != "output" || (text_of(event, "id") != id && !flag_of(event, "active"))) continue;
        const bool here = text_of(event, "id") == id && flag_of(event, "active") && text_of(event, "state") != "settling";
        if (playing && !here) left = event.t_ns;
        playing = here;
    }
    const bool known = playing || decided - left <= known_for;
    return known ? known_rise_db_per_s : slow_rise_db_per_s;
}

void Reader::read_rises() {
    for (const Event &event : take_.events) {
        if (event.kind == "decided") track_.rises.push_back({event.t_ns, rate_after(event.t_ns)});
        else if (event.kind == "edge" || event.kind == "guard-made") track_.settlings.push_back(event.t_ns);
    }
}

void Reader::read_stop() {
    for (const Event &event : take_.events) {
        if (event.kind == "ceiling") track_.last_ceiling = static_cast<double>(published(event));
        if (event.kind != "daemon-stop") continue;
        track_.stopped = take_.frame_at(event.t_ns);
        return;
    }
}

/// From when on a lowered ceiling counts: the promised reaction after what caused it.
Frame Reader::effective(Nanoseconds published_ns) const {
    Nanoseconds from = published_ns + promised_reaction + take_.quantum_ns();
    for (const Edge &edge : track_.edges) {
        if (edge.t_ns > published_ns || published_ns - edge.t_ns > cause_window) continue;
        from = edge.judged_from_ns != 0 ? edge.judged_from_ns : edge.t_ns + promised_reaction + take_.quantum_ns();
    }
    return take_.frame_at(from);
}

void Reader::fill(Frame from, float value) {
    std::fill(track_.ceiling.begin() + static_cast<std::ptrdiff_t>(std::min(from, take_.frames())), track_.ceiling.end(), value);
}

/// What was published last is in force. Lowered: from the reaction on. Raised: it is published when it is reached; before, it
/// rises by the ramp that began when the daemon had decided.
void Reader::fill_ceilings() {
    track_.ceiling.assign(take_.frames(), no_ceiling);
    for (const Event &event : take_.events) {
        const Frame at = take_.frame_at(event.t_ns);
        if (event.kind == "ceiling") {
            const float value = published(event);
            const bool first = at >= take_.frames() || track_.ceiling[at] == no_ceiling;
            const bool raised = !first && value >= track_.ceiling[at];
            fill(raised || value == no_ceiling ? at : effective(event.t_ns), value);
        } else if (event.kind == "decided") {
            const Frame begin = take_.frame_at(event.t_ns - reading_delay);
            if (begin >= take_.frames() || std::isinf(track_.ceiling[begin])) continue;
            const double ratio = from_db(rate_after(event.t_ns) / take_.rate_hz);
            auto value = static_cast<double>(track_.ceiling[begin]);
            Frame end = take_.frames();
            for (const Edge &edge : track_.edges)
                if (edge.frame > begin) end = std::min(end, edge.frame);
            for (Frame frame = begin; frame < end; ++frame) track_.ceiling[frame] = static_cast<float>(value *= ratio);
            if (end < take_.frames()) fill(end, static_cast<float>(value));
        } else if (event.kind == "guard-gone") {
            fill(at, no_ceiling);
        }
    }
}

/// Whether something was heard so close to the ceiling that the limiter may have been at work. Which ceiling is in force is
/// known to within a reaction: a lowered one may have been there earlier, a rising one may lag behind.
bool Reader::near(const Span &block) const {
    const Frame ahead = take_.rate_hz * longest_reaction / 1'000'000'000 + take_.quantum;
    const Frame behind = take_.rate_hz * reading_delay / 1'000'000'000;
    const Frame last = block.to - 1;
    const float least = std::min({track_.ceiling[block.from - std::min(block.from, behind)], track_.ceiling[block.from],
                                  track_.ceiling[last], track_.ceiling[std::min(last + ahead, take_.frames() - 1)]});
    if (std::isinf(least)) return false;
    return peak(take_.heard, take_.channels, block.from, block.to) >= near_ceiling * static_cast<double>(least);
}

void Reader::find_idle() {
    const Frame rest = take_.rate_hz * limiter_rest / 1'000'000'000;
    track_.idle = track_.ceiling;
    Frame busy_until = 0;
    for (Frame from = 0; from < take_.frames(); from += block_frames) {
        const Span block{from, std::min(from + block_frames, take_.frames())};
        if (near(block)) busy_until = block.to + rest;
        for (Frame frame = block.from; frame < std::min(block.to, busy_until); ++frame) track_.idle[frame] = not_idle;
    }
    for (const Steady &part : track_.steady) find_idle_in(part);
}

/// Where the level stands still it can also be told from what was played: at the gain that the user should have, nothing came
/// above the ceiling. So full scale at 100 %, which comes up to the ceiling and needs no limiter, is measured too.
void Reader::find_idle_in(const Steady &part) {
    if (!part.volume) return;
    const Frame rest = take_.rate_hz * limiter_rest / 1'000'000'000;
    const Frame end = std::min(part.span.to, take_.frames());
    Frame busy_until = part.span.from + rest;
    for (Frame from = part.span.from; from < end; from += block_frames) {
        const Span block{from, std::min(from + block_frames, end)};
        const float ceiling = std::min(track_.ceiling[block.from], track_.ceiling[block.to - 1]);
        const double asked = peak(take_.played, take_.channels, block.from, block.to) * part.wanted_gain(ceiling);
        if (asked > static_cast<double>(ceiling)) busy_until = block.to + rest;
        for (Frame frame = std::max(block.from, busy_until); frame < block.to; ++frame)
            track_.idle[frame] = track_.ceiling[frame];
    }
}

void Reader::measure_edges() {
    for (Edge &edge : track_.edges) measure(edge);
}

/// The first frame that was turned down, seen in samples which the ceiling before the edge would have left alone, and only
/// while the limiter has not begun to work under that ceiling.
void Reader::measure(Edge &edge) {
    const Frame before = take_.frame_at(edge.t_ns - gain_window);
    edge.gain_before = gain_in(take_, track_.idle, before, edge.frame).value_or(0.0);
    const double ceiling_before = edge.frame > 0 ? static_cast<double>(track_.ceiling[edge.frame - 1]) : 0.0;
    const double untouched = 0.5 * ceiling_before;
    for (Frame frame = edge.frame; frame < edge.settled_at && !edge.clamped; ++frame) {
        if (peak(take_.heard, take_.channels, frame, frame + 1) >= near_ceiling * ceiling_before) break;
        for (std::uint32_t channel = 0; channel < take_.channels; ++channel) {
            const std::size_t i = frame * take_.channels + channel;
            const double full = edge.gain_before * std::fabs(static_cast<double>(take_.played[i]));
            if (std::fabs(static_cast<double>(take_.played[i])) < least_played || full > untouched) continue;
            if (std::fabs(static_cast<double>(take_.heard[i])) <= 0.98 * full) edge.clamped = frame;
        }
    }
    Nanoseconds reaction = promised_reaction;
    if (edge.clamped) reaction = std::clamp(take_.t_ns_of(*edge.clamped) - edge.t_ns, promised_reaction, longest_reaction);
    edge.judged_from_ns = edge.t_ns + reaction + take_.quantum_ns();
}

std::string Reader::route_at(Nanoseconds t_ns) const {
    std::string route;
    for (const Event &event : take_.events) {
        if (event.t_ns > t_ns) break;
        if (event.kind == "card" && text_of(event, "card_event") == "set-route") route = text_of(event, "route");
    }
    return route;
}

/// What the user chose last for this route; after a plug of something for the ears at most the start level. Another program
/// that lowers the card's own volume counts as the user's wish.
std::optional<double> Reader::wanted_volume(Nanoseconds t_ns, const std::string &route, std::optional<double> start_db) const {
    std::optional<double> volume;
    for (const Event &event : take_.events) {
        if (event.t_ns > t_ns) break;
        const bool plug = event.kind == "edge" || event.kind == "guard-made";
        if (plug && volume && start_db) volume = std::min(*volume, from_db(*start_db));
        if (event.kind != "volume" || route_at(event.t_ns) != route) continue;
        const double value = optional_number(event, "volume").value_or(1.0);
        if (text_of(event, "by") == "user" || value <= 1.0) volume = value;
    }
    return volume;
}

void Reader::read_steady() {
    const std::set<std::string> ends{"edge", "volume", "daemon-stop", "source-level"};
    std::string phase;
    for (std::size_t i = 0; i < take_.events.size(); ++i) {
        const Event &event = take_.events[i];
        if (event.kind == "phase") phase = text_of(event, "name");
        if (event.kind != "steady") continue;
        Span span{take_.frame_at(event.t_ns), take_.frames()};
        for (std::size_t next = i + 1; next < take_.events.size(); ++next) {
            const Event &later = take_.events[next];
            if (!ends.contains(later.kind) && !(later.kind == "phase" && text_of(later, "name") == "end")) continue;
            span.to = take_.frame_at(later.t_ns);
            break;
        }
        track_.steady.push_back(part_of(phase, event.t_ns, span));
    }
}

/// A part of the story with what was to be heard in it at this time.
Steady Reader::part_of(const std::string &phase, Nanoseconds t_ns, const Span &span) const {
    Steady part;
    part.phase = phase;
    part.span = span;
    part.route = route_at(t_ns);
    std::optional<double> start_db;
    if (const Event *output = output_at(t_ns); output != nullptr) start_db = optional_number(*output, "start_level_db");
    part.for_ears = start_db.has_value();
    part.volume = wanted_volume(t_ns, part.route, start_db);
    return part;
}

/// From when the moved slider or the music's new level has arrived, to the end of the phase.
void Reader::read_limited() {
    for (const Event &event : take_.events) {
        if (event.kind != "phase" || !limited_phases.contains(text_of(event, "name"))) continue;
        const Nanoseconds arrived = event.t_ns + user_move;
        const Phase *phase = track_.phase(text_of(event, "name"));
        track_.limited.push_back(part_of(phase->name, arrived, {take_.frame_at(arrived), phase->span.to}));
    }
}

} // namespace

const Phase *Track::phase(const std::string &name) const {
    for (const Phase &candidate : phases)
        if (candidate.name == name) return &candidate;
    return nullptr;
}

bool Track::is_guarded(Frame frame) const {
    return std::any_of(guarded.begin(), guarded.end(), [frame](const Span &span) { return span.contains(frame); });
}

Track make_track(const Take &take) { return Reader(take).read(); }

} // namespace soundwarden::check
