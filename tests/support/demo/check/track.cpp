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
        measure_edges();
        fill_ceilings(); // again: a lowered ceiling counts from the edge's own reaction on
        read_steady();
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
    void measure_edges();
    void measure(Edge &edge);
    void read_steady();

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

void Reader::measure_edges() {
    for (Edge &edge : track_.edges) measure(edge);
}

/// The first frame that was turned down, seen in samples which the ceiling before the edge would have left alone.
void Reader::measure(Edge &edge) {
    const Frame before = take_.frame_at(edge.t_ns - gain_window);
    edge.gain_before = gain_in(take_, track_.ceiling, before, edge.frame).value_or(0.0);
    const double untouched = edge.frame > 0 ? 0.5 * static_cast<double>(track_.ceiling[edge.frame - 1]) : 0.0;
    for (Frame frame = edge.frame; frame < edge.settled_at && !edge.clamped; ++frame)
        for (std::uint32_t channel = 0; channel < take_.channels; ++channel) {
            const std::size_t i = frame * take_.channels + channel;
            const double full = edge.gain_before * std::fabs(static_cast<double>(take_.played[i]));
            if (std::fabs(static_cast<double>(take_.played[i])) < least_played || full > untouched) continue;
            if (std::fabs(static_cast<double>(take_.heard[i])) <= 0.98 * full) edge.clamped = frame;
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
        Steady part;
        part.phase = phase;
        part.span = {take_.frame_at(event.t_ns), take_.frames()};
        for (std::size_t next = i + 1; next < take_.events.size(); ++next) {
            const Event &later = take_.events[next];
            if (!ends.contains(later.kind) && !(later.kind == "phase" && text_of(later, "name") == "end")) continue;
            part.span.to = take_.frame_at(later.t_ns);
            break;
        }
        part.route = route_at(event.t_ns);
        std::optional<double> start_db;
        if (const Event *output = output_at(event.t_ns); output != nullptr) start_db = optional_number(*output, "start_level_db");
        part.for_ears = start_db.has_value();
        part.volume = wanted_volume(event.t_ns, part.route, start_db);
        track_.steady.push_back(part);
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
