// SPDX-License-Identifier: MIT
// The loads behind a socket: hard facts first, then the table of weights over the priors of its kind (reference/sensing.md §6.2).
// How the sums are read, and what is done where nobody can know: docs/decisions/009-what-the-classifier-counts.md.
#include "classify/classify.hpp"

#include "evidence.hpp"
#include "weights.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace soundwarden::classify {
namespace {

using Loads = std::vector<WeightedLoad>;

/// Measured ohms agree with told ones within this factor: the one is of a direct current or a tone, the other a maker's round figure.
constexpr double same_ohms_factor = 1.5;

/// Ohms of a loudspeaker or a short circuit, which have rules of their own (product.md, the matrix: "measured 2-8 ohm").
constexpr double loudspeaker_up_to = 8.0;

/// An answer of before, and how much it moves.
struct Told {
    Load load = Load::unknown;
    Row row = Row::answer_same;
};

bool is_for_ears(Load load) { return class_of(load) == LoadClass::ears; }

double sum_of(const Loads &loads) {
    return std::accumulate(loads.begin(), loads.end(), 0.0, [](double sum, const WeightedLoad &each) { return sum + each.probability; });
}

WeightedLoad &entry(Loads &loads, Load load) {
    const auto found = std::find_if(loads.begin(), loads.end(), [&](const WeightedLoad &each) { return each.load == load; });
    if (found != loads.end()) return *found;
    loads.push_back({load, 0.0});
    return loads.back();
}

Loads normalised(Loads loads) {
    const double sum = sum_of(loads);
    for (WeightedLoad &each : loads) each.probability /= sum;
    return loads;
}

/// Most probable first, without what is next to impossible.
Loads presentable(Loads loads) {
    loads = normalised(std::move(loads));
    std::erase_if(loads, [](const WeightedLoad &each) { return each.probability < least_probability; });
    std::sort(loads.begin(), loads.end(), [](const WeightedLoad &a, const WeightedLoad &b) {
        return a.probability != b.probability ? a.probability > b.probability : a.load < b.load;
    });
    return normalised(std::move(loads));
}

/// Nothing here tells in-ears from other headphones but a measurement or a name. Without one their share is the headphones': else
/// evidence of "something for the ears" would make the in-ear cap plausible, and be stricter than knowing nothing.
bool tells_in_ears(const Evidence &evidence, const std::optional<Told> &told) {
    return evidence.has(Row::ohms_of_a_speaker) || evidence.has(Row::ohms_of_an_in_ear) || evidence.has(Row::name_in_ear) ||
           (told && told->load == Load::in_ear);
}

Loads priors(OutputKind kind, bool with_in_ears) {
    Loads loads = plausible_loads(kind);
    if (with_in_ears) return loads;
    const double in_ears = entry(loads, Load::in_ear).probability;
    std::erase_if(loads, [](const WeightedLoad &each) { return each.load == Load::in_ear; });
    if (in_ears > 0.0) entry(loads, Load::headphones).probability += in_ears;
    return loads;
}

/// Headphones at least as probable as `floor`, the others in proportion.
Loads with_headphones(Loads loads, double floor) {
    loads = normalised(std::move(loads));
    WeightedLoad &headphones = entry(loads, Load::headphones);
    if (headphones.probability >= floor) return loads;
    const double rest = (1.0 - floor) / (1.0 - headphones.probability);
    for (WeightedLoad &each : loads) each.probability = each.load == Load::headphones ? floor : each.probability * rest;
    return loads;
}

double odds(double decibans) { return std::pow(10.0, decibans / 10.0); }

Loads weighed(OutputKind kind, const Evidence &evidence, const std::optional<Told> &told) {
    Loads loads = priors(kind, tells_in_ears(evidence, told));
    // A display is certain (H2), but what hangs on its own socket is not.
    if (evidence.has(Row::display)) loads = {{Load::display, 1.0}};
    if (told && told->row == Row::answer_same) {
        WeightedLoad &named = entry(loads, told->load);
        named.probability = std::max(named.probability, named_load_prior);
    }
    for (const Row row : evidence.rows)
        for (WeightedLoad &each : loads) each.probability *= odds(weight_of(row).adds.of(each.load));
    if (told) entry(loads, told->load).probability *= odds(told->row == Row::answer_same ? answer_same_decibans : answer_other_decibans);
    if (evidence.has(Row::measured_line) || evidence.has(Row::ohms_of_a_line))
        loads = with_headphones(std::move(loads), told && told->row == Row::answer_same ? told_cable_floor : open_cable_floor);
    return presentable(std::move(loads));
}

/// Of several sockets on one signal, each with its own loads: a set. What is for the ears keeps what it has at the socket where it is
/// most probable; the others share the rest, in the proportion of what each has at its best.
Loads together(const std::vector<Loads> &sockets) {
    Loads best;
    for (const Loads &loads : sockets)
        for (const WeightedLoad &each : loads) {
            WeightedLoad &most = entry(best, each.load);
            most.probability = std::max(most.probability, each.probability);
        }
    double ears = 0.0;
    double others = 0.0;
    for (const WeightedLoad &each : best) (is_for_ears(each.load) ? ears : others) += each.probability;
    if (ears >= 1.0 || others <= 0.0) {
        std::erase_if(best, [](const WeightedLoad &each) { return !is_for_ears(each.load); });
        return presentable(std::move(best));
    }
    for (WeightedLoad &each : best)
        if (!is_for_ears(each.load)) each.probability *= (1.0 - ears) / others;
    return presentable(std::move(best));
}

/// Headphones and headsets are one column of the matrix.
bool same_column(Load a, Load b) {
    const auto column = [](Load load) { return load == Load::headset ? Load::headphones : load; };
    return column(a) == column(b);
}

/// Being sure of the column is being sure.
Confidence confidence_in(const Loads &loads) {
    const Load first = loads.front().load;
    if (first == Load::unknown) return Confidence::low;
    double sure = 0.0;
    for (const WeightedLoad &each : loads)
        if (same_column(each.load, first)) sure += each.probability;
    if (sure >= high_from) return Confidence::high;
    return sure >= medium_from ? Confidence::medium : Confidence::low;
}

struct Judged {
    Loads loads;
    Confidence confidence = Confidence::low;
};

/// The weakest of all rows bounds the confidence; Confidence counts from certain downwards.
Confidence bounded(Confidence confidence, const Evidence &evidence) {
    for (const Row row : evidence.rows) confidence = std::max(confidence, weight_of(row).at_most);
    return confidence;
}

std::optional<Load> decided(const Evidence &evidence) {
    if (evidence.has(Row::unplugged)) return Load::nothing;
    if (evidence.has(Row::shorted)) return Load::passive_speakers; // what a short looks like to the matrix
    if (evidence.has(Row::built_in)) return Load::internal_speaker;
    if (evidence.has(Row::display)) return Load::display;
    return std::nullopt;
}

Judged judged(OutputKind kind, const Evidence &evidence, const std::optional<Told> &told) {
    const bool told_the_same = told && told->row == Row::answer_same;
    const std::optional<Load> load = decided(evidence);
    // What was said of a display is of what hangs behind it.
    if (load && !(*load == Load::display && told_the_same)) return {{{*load, 1.0}}, Confidence::certain};
    if (!evidence.speaks() && !told_the_same) return {{{Load::unknown, 1.0}}, Confidence::low};
    Loads loads = weighed(kind, evidence, told);
    // Whatever speaks does so of one plug; what hangs on the other sockets, nobody knows.
    if (evidence.plugs > 1) loads = together({std::move(loads), {{Load::unknown, 1.0}}});
    const Confidence confidence = told_the_same ? confidence_in(loads) : bounded(confidence_in(loads), evidence);
    return {std::move(loads), confidence};
}

/// Of several plugs on one signal, only one was measured or named: what is known of it must not raise the cap of the others. A short
/// circuit or a loudspeaker only lowers it.
bool facts_count(const Evidence &evidence) { return evidence.plugs <= 1 || (evidence.ohms && evidence.ohms->value <= loudspeaker_up_to); }

LoadFacts measured_facts(const Evidence &evidence) {
    LoadFacts facts;
    if (!evidence.ohms || !facts_count(evidence)) return facts;
    facts.impedance = evidence.ohms;
    facts.model_from = ModelFrom::measured;
    return facts;
}

/// Numbers that no load can have are not told.
LoadFacts possible(LoadFacts facts) {
    if (facts.impedance && !(std::isfinite(facts.impedance->value) && facts.impedance->value > 0.0)) facts.impedance.reset();
    if (facts.sensitivity && !std::isfinite(facts.sensitivity->value)) facts.sensitivity.reset();
    if (facts.rating_watts && !(std::isfinite(*facts.rating_watts) && *facts.rating_watts > 0.0)) facts.rating_watts.reset();
    return facts;
}

/// Measured ohms win. Where they agree with the told ones the model is believed as if it had been measured; where they do not, it is
/// not what hangs there, and nothing of it counts. Below 8 ohm what was told never hides what was measured.
LoadFacts told_facts(const LoadFacts &said, const Evidence &evidence) {
    if (!facts_count(evidence)) return {};
    const LoadFacts told = possible(said);
    LoadFacts facts = told;
    const bool says_something = !told.model.empty() || told.sensitivity || told.impedance || told.rating_watts;
    facts.model_from = says_something ? ModelFrom::user : ModelFrom::nobody;
    if (!evidence.ohms) return facts;
    const double measured = evidence.ohms->value;
    if (!says_something || measured <= loudspeaker_up_to) return measured_facts(evidence);
    if (told.impedance) {
        const double factor = told.impedance->value / measured;
        if (!(factor <= same_ohms_factor && factor >= 1.0 / same_ohms_factor)) return measured_facts(evidence);
        facts.model_from = ModelFrom::measured;
    }
    facts.impedance = evidence.ohms;
    return facts;
}

Classification without_answer(OutputKind kind, const Evidence &evidence) {
    Judged alone = judged(kind, evidence, std::nullopt);
    Classification result{std::move(alone.loads), alone.confidence, evidence.seen};
    if (class_of(result.loads.front().load) != LoadClass::unknown) result.facts = measured_facts(evidence);
    return result;
}

/// The answer is of what hangs there now: only a plug that is not there, or a short circuit, is more certain.
Classification with_fresh(Classification alone, const Answer &answer, const Evidence &evidence) {
    if (evidence.has(Row::unplugged) || evidence.has(Row::shorted)) return alone;
    alone.loads = {{answer.load, 1.0}};
    alone.confidence = Confidence::certain;
    alone.answered = true;
    alone.facts = told_facts(answer.facts, evidence);
    return alone;
}

Classification with_stored(Classification alone, OutputKind kind, const Answer &answer, const Evidence &evidence, Row row) {
    Judged both = judged(kind, evidence, Told{answer.load, row});
    const std::optional<Load> fact = decided(evidence);
    const bool counts = row == Row::answer_same ? !fact || *fact == Load::display : !fact && evidence.speaks();
    if (!counts) return alone;
    alone.loads = std::move(both.loads);
    alone.confidence = both.confidence;
    alone.answered = true;
    if (row == Row::answer_same && same_column(alone.loads.front().load, answer.load)) alone.facts = told_facts(answer.facts, evidence);
    return alone;
}

std::optional<Row> row_of_model(Load kind) {
    switch (kind) {
    case Load::in_ear: return Row::name_in_ear;
    case Load::headset: return Row::name_headset;
    case Load::headphones: return Row::name_headphones;
    case Load::active_speakers: return Row::name_speaker;
    default: return std::nullopt;
    }
}

/// The model that the device's name looks like, where the device is the load. A pattern alone never raises a cap: the policy sees to that.
const Called *model_of(OutputKind kind, const Given &given) {
    return kind == OutputKind::bluetooth || kind == OutputKind::usb_fixed ? given.called : nullptr;
}

void read_model(Evidence &evidence, const Called &called) {
    if (const auto row = row_of_model(called.kind)) evidence.add(*row, "policy", "model " + called.facts.model);
}

Row row_of(const Given &given, bool same) {
    if (given.fresh) return Row::answer_now;
    return same ? Row::answer_same : Row::answer_other;
}

} // namespace

Classification classify(const SocketFacts &socket, OutputKind kind, const Given &given) {
    Evidence evidence = evidence_of(socket, kind, given.card);
    const Called *called = model_of(kind, given);
    if (called != nullptr) read_model(evidence, *called);
    Classification alone = without_answer(kind, evidence);
    if (called != nullptr && alone.facts == LoadFacts{} && same_column(alone.loads.front().load, called->kind)) alone.facts = called->facts;
    if (given.answer == nullptr) return alone;
    const Answer &answer = *given.answer;
    const bool same = given.fresh || fingerprint(socket, given.card) == answer.fingerprint;
    const Row row = row_of(given, same);
    alone.unanswered = alone.loads;
    alone.ask_again = !same && !evidence.has(Row::unplugged);
    const bool says_something = answer.load != Load::unknown && answerable(answer.load);
    alone.evidence.push_back(
        {"user", "said " + std::string(name_of(answer.load)), says_something ? std::string(weight_of(row).id) : std::string()});
    if (!says_something) return alone;
    if (row == Row::answer_now) return with_fresh(std::move(alone), answer, evidence);
    return with_stored(std::move(alone), kind, answer, evidence, row);
}

std::vector<WeightedLoad> plausible_loads(OutputKind kind) {
    switch (kind) {
    case OutputKind::headphone_out:
    case OutputKind::unknown:
        return {{Load::headphones, 0.45},      {Load::headset, 0.20},     {Load::in_ear, 0.20},
                {Load::active_speakers, 0.12}, {Load::line_input, 0.025}, {Load::passive_speakers, 0.005}};
    case OutputKind::line_out:
        return {{Load::active_speakers, 0.60}, {Load::headphones, 0.15},       {Load::line_input, 0.12},
                {Load::headset, 0.05},         {Load::passive_speakers, 0.05}, {Load::in_ear, 0.03}};
    // The source's {headphones} 40 and {both} 30 mean "something for the ears": shared out as at a headphone socket.
    case OutputKind::shared_out:
        return {{Load::headphones, 0.37}, {Load::active_speakers, 0.25}, {Load::in_ear, 0.17},
                {Load::headset, 0.16},    {Load::line_input, 0.04},      {Load::passive_speakers, 0.01}};
    case OutputKind::speaker_out: return {{Load::passive_speakers, 0.93}, {Load::line_input, 0.04}, {Load::headphones, 0.03}};
    case OutputKind::internal_speaker: return {{Load::internal_speaker, 1.0}};
    case OutputKind::hdmi:
    case OutputKind::spdif: return {{Load::display, 0.6}, {Load::unknown, 0.4}};
    case OutputKind::usb_fixed:
        return {{Load::headset, 0.45}, {Load::headphones, 0.25}, {Load::active_speakers, 0.25}, {Load::in_ear, 0.05}};
    // Earbuds are a common load here, and nothing tells them from other headphones.
    case OutputKind::bluetooth:
        return {{Load::headphones, 0.35}, {Load::active_speakers, 0.25}, {Load::in_ear, 0.20}, {Load::headset, 0.20}};
    case OutputKind::virtual_output: return {{Load::unknown, 1.0}};
    }
    return {{Load::unknown, 1.0}};
}

} // namespace soundwarden::classify
