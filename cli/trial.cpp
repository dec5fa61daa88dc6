// SPDX-License-Identifier: MIT
#include "trial.hpp"

#include "classify/classify.hpp"
#include "failure.hpp"
#include "lower.hpp"
#include "policy/quantity.hpp"
#include "suggest.hpp"
#include "terminal.hpp"
#include "translate.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace soundwarden::cli {
namespace {

using policy::Quantity;

template <class E>
std::vector<std::string> names() {
    std::vector<std::string> words;
    for (const auto &[value, name] : Names<E>::table) words.emplace_back(name);
    return words;
}

std::string listed(const std::vector<std::string> &words) {
    std::string text;
    for (const std::string &word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string in_quotes(std::string_view word) { return filled(tr("'{0}'"), printable(word)); }

template <class E>
E chosen(const std::string &option, const std::string &word) {
    if (const auto value = from_name<E>(word)) return *value;
    usage(option + ": " + filled(tr("{0} is not one of {1}"), in_quotes(word), listed(names<E>())) + did_you_mean(word, names<E>()));
}

// ---- the socket's class

struct SocketClass {
    std::string_view name;
    Volts full_scale;
};
constexpr std::array<SocketClass, 4> socket_classes{{{"dongle", classify::dongle_full_scale},
                                                     {"laptop", classify::laptop_full_scale},
                                                     {"desktop", classify::desktop_full_scale},
                                                     {"interface", classify::interface_full_scale}}};

const SocketClass &class_named(std::string_view word) {
    std::vector<std::string> known;
    for (const SocketClass &each : socket_classes) {
        if (each.name == word) return each;
        known.emplace_back(each.name);
    }
    usage("--class: " + filled(tr("{0} is not one of {1}"), in_quotes(word), listed(known)) + did_you_mean(word, known));
}

/// Headphones and line from one signal are what interfaces have.
std::string_view class_of_kind(OutputKind kind) { return kind == OutputKind::shared_out ? "interface" : "desktop"; }

// ---- facts

/// What may be said of the output and of the load, with the bounds that policy files have.
struct FactKey {
    std::string_view name;
    Quantity quantity;
    double least;
    double most;
};
constexpr std::array<FactKey, 6> fact_keys{{{"full-scale", Quantity::volts, 0.01, 200.0},
                                            {"output-impedance", Quantity::ohms, 0.0, 10'000.0},
                                            {"gain-after-dac", Quantity::gain, -100.0, 100.0},
                                            {"impedance", Quantity::ohms, 0.1, 1e6},
                                            {"sensitivity", Quantity::sensitivity, 60.0, 150.0},
                                            {"rating", Quantity::watts, 0.1, 10'000.0}}};
constexpr std::string_view channels_key = "channels";
constexpr std::uint32_t most_channels = 64;

std::vector<std::string> known_facts() {
    std::vector<std::string> known;
    for (const FactKey &key : fact_keys) known.emplace_back(key.name);
    known.emplace_back(channels_key);
    return known;
}

std::string the_facts() { return filled(tr("The facts are {0}"), listed(known_facts())); }

policy::Parsed parsed_fact(const FactKey &key, std::string_view value) {
    const policy::Parsed parsed = policy::parse_quantity(key.quantity, value);
    const std::string name = "--facts " + std::string{key.name};
    if (!parsed) usage(said(name + ": " + parsed.error));
    if (parsed.value < key.least || parsed.value > key.most)
        usage(name + ": " + filled(tr("{0} is not between {1} and {2}"), in_quotes(value), policy::quantity_text(key.quantity, key.least, parsed.per_milliwatt),
                                   policy::quantity_text(key.quantity, key.most, parsed.per_milliwatt)));
    return parsed;
}

std::uint32_t parsed_channels(std::string_view value) {
    std::uint32_t channels = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), channels);
    if (error != std::errc{} || end != value.data() + value.size() || channels < 1 || channels > most_channels)
        usage("--facts channels: " + filled(tr("{0} is not a whole number from 1 to 64"), in_quotes(value)));
    return channels;
}

/// What was said, and of a sensitivity whether it still needs an impedance.
struct Said {
    std::optional<policy::Parsed> sensitivity;
    bool of_the_load = false;
};

void take_fact(Trial &trial, Said &said, std::string_view key, std::string_view value) {
    LoadFacts &load = trial.classification.facts;
    if (key == channels_key) {
        trial.output.channels = parsed_channels(value);
        return;
    }
    const auto *const found =
        std::find_if(fact_keys.begin(), fact_keys.end(), [&](const FactKey &each) { return each.name == key; });
    if (found == fact_keys.end())
        usage("--facts: " + filled(tr("there is no fact {0}"), in_quotes(key)) + did_you_mean(key, known_facts()) + "\n" + the_facts());
    const policy::Parsed parsed = parsed_fact(*found, value);
    if (key == "full-scale") trial.output.full_scale = Volts{parsed.value};
    if (key == "output-impedance") trial.output.output_impedance = Ohms{parsed.value};
    if (key == "gain-after-dac") trial.output.gain_after_dac = Decibels{parsed.value};
    if (key == "impedance") load.impedance = Ohms{parsed.value};
    if (key == "rating") load.rating_watts = parsed.value;
    if (key == "sensitivity") said.sensitivity = parsed;
    said.of_the_load = said.of_the_load || key == "impedance" || key == "rating" || key == "sensitivity";
}

void take_facts(Trial &trial, const std::vector<std::string> &facts) {
    Said said;
    std::vector<std::string_view> seen;
    for (const std::string &fact : facts) {
        const std::size_t equals = fact.find('=');
        if (equals == std::string::npos)
            usage("--facts: " + filled(tr("{0} is not KEY=VALUE, for example full-scale=\"1.4 V\""), in_quotes(fact)) + "\n" + the_facts());
        const std::string_view key = std::string_view{fact}.substr(0, equals);
        if (std::find(seen.begin(), seen.end(), key) != seen.end())
            usage(filled(tr("--facts {0} was given twice"), printable(key)));
        seen.push_back(key);
        take_fact(trial, said, key, std::string_view{fact}.substr(equals + 1));
    }
    LoadFacts &load = trial.classification.facts;
    if (said.sensitivity) {
        Decibels value{said.sensitivity->value};
        if (said.sensitivity->per_milliwatt) {
            if (!load.impedance)
                usage(tr("--facts sensitivity: a sensitivity per milliwatt needs the impedance too, for example impedance=\"32 ohm\""));
            value = policy::per_volt(value, *load.impedance);
        }
        load.sensitivity = value;
    }
    if (said.of_the_load) load.model_from = ModelFrom::measured;
}

// ---- what OUTPUT and LOAD may be

std::vector<std::string> with_part(const std::vector<std::string> &words, std::string_view part) {
    constexpr std::size_t most = 8;
    std::vector<std::string> found;
    for (const std::string &word : words)
        if (found.size() < most && !part.empty() && lower(word).find(lower(part)) != std::string::npos)
            found.push_back(in_quotes(word));
    return found;
}

/// `sentence`: that the word is neither … nor …; with what may have been meant.
[[noreturn]] void unknown_word(const std::string &sentence, const std::string &word, std::vector<std::string> kinds,
                               const std::vector<std::string> &others) {
    std::string message = filled(sentence, in_quotes(word));
    const std::vector<std::string> candidates = with_part(others, word);
    const std::string known = listed(kinds);
    kinds.insert(kinds.end(), others.begin(), others.end());
    message += candidates.empty() ? did_you_mean(word, kinds) : filled(tr("; did you mean {0}?"), listed(candidates));
    usage(message + "\n" + filled(tr("The kinds are {0}"), known));
}

/// The `[[output]]`s of that name laid over one another, the last to say something having it.
void take_output(Trial &trial, const policy::PolicySet &set, const std::string &word) {
    if (const auto kind = from_name<OutputKind>(word)) {
        trial.output.kind = *kind;
        return;
    }
    policy::Profile profile;
    std::vector<std::string> known;
    for (const policy::OutputEntry &entry : set.outputs) {
        known.push_back(entry.name);
        if (lower(entry.name) != lower(word)) continue;
        trial.entry = entry.name;
        if (entry.kind) profile.kind = entry.kind->value;
        if (entry.channels) profile.channels = entry.channels->value;
        if (entry.full_scale) profile.full_scale = entry.full_scale->value;
        if (entry.output_impedance) profile.output_impedance = entry.output_impedance->value;
        if (entry.gain_after_dac) profile.gain_after_dac = entry.gain_after_dac->value;
    }
    if (trial.entry.empty())
        unknown_word(tr("{0} is neither a kind of output nor the name of an [[output]] of the policy"), word, names<OutputKind>(), known);
    if (!profile.kind)
        usage(filled(tr("the [[output]] {0} does not say its kind, so name a kind: {1}"), in_quotes(trial.entry), listed(names<OutputKind>())));
    trial.output = policy::with_profile(trial.output, profile);
}

void take_load(Trial &trial, const policy::PolicySet &set, const std::string &word) {
    if (const auto kind = from_name<Load>(word)) {
        trial.classification.loads = {{*kind, 1.0}};
        return;
    }
    const policy::LoadModel *model = set.find_load(word);
    if (model == nullptr) {
        std::vector<std::string> known;
        for (const policy::LoadModel &each : set.loads) known.push_back(each.name);
        unknown_word(tr("{0} is neither a kind of load nor a model that the policy knows"), word, names<Load>(), known);
    }
    trial.classification.loads = {{model->kind, 1.0}};
    trial.classification.facts = {model->impedance, model->sensitivity_per_volt(), model->rating_watts, model->name,
                                  ModelFrom::user};
}

} // namespace

Trial make_trial(const policy::PolicySet &set, const TrialRequest &request) {
    Trial trial;
    trial.classification.confidence =
        request.confidence.empty() ? Confidence::certain : chosen<Confidence>("--confidence", request.confidence);
    if (!request.posture.empty()) trial.posture = chosen<Posture>("--posture", request.posture);
    trial.name = request.name;
    take_output(trial, set, request.output);
    take_load(trial, set, request.load);
    take_facts(trial, request.facts);
    const SocketClass &socket_class = class_named(
        request.socket_class.empty() ? class_of_kind(trial.output.kind) : std::string_view{request.socket_class});
    trial.socket_class = socket_class.name;
    trial.class_full_scale = socket_class.full_scale;
    return trial;
}

TrialResult try_out(const std::shared_ptr<const policy::PolicySet> &set, const TrialRequest &request) {
    TrialResult result{make_trial(*set, request), {}, {}};
    const Trial &trial = result.trial;
    result.posture = policy::effective_posture(*set, trial.posture);
    const policy::Subject subject{set, trial.output, trial.output, trial.class_full_scale, {trial.name, {}, {}, {}}};
    result.explanation = policy::explain(subject, trial.classification, result.posture);
    return result;
}

} // namespace soundwarden::cli
