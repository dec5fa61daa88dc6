// SPDX-License-Identifier: MIT
#include "client.hpp"
#include "deadline.hpp"
#include "failure.hpp"
#include "model/answer.hpp"
#include "policy/quantity.hpp"
#include "render/text.hpp"
#include "suggest.hpp"
#include "translate.hpp"
#include "verbs/done.hpp"
#include "verbs/verbs.hpp"

#include <algorithm>
#include <optional>

namespace soundwarden::cli {
namespace {

using policy::Quantity;

// Bounds as on the bus, which are those of policy files.
constexpr double least_ohms = 0.1, most_ohms = 1e6;
constexpr double least_sensitivity = 60.0, most_sensitivity = 150.0;

std::string in_quotes(const std::string &word) { return filled(tr("'{0}'"), printable(word)); }

void check_load(const std::string &word) {
    if (const auto load = from_name<Load>(word); load && answerable(*load)) return;
    std::vector<std::string> known;
    std::string list, like;
    for (const auto &[load, name] : Names<Load>::table) {
        if (!answerable(load)) continue;
        known.emplace_back(name);
        list += (list.empty() ? "" : ", ") + known.back();
        if (!word.empty() && known.back().find(word) != std::string::npos) like = like.empty() ? in_quotes(known.back()) : filled(tr("{0} or {1}"), like, in_quotes(known.back()));
    }
    usage("LOAD: " + filled(tr("{0} is not one of {1}"), in_quotes(word), list) + (like.empty() ? did_you_mean(word, known) : filled(tr("; did you mean {0}?"), like)));
}

policy::Parsed parsed(const std::string &option, Quantity what, const std::string &text) {
    policy::Parsed value = policy::parse_quantity(what, text);
    if (!value) usage(said(option + ": " + value.error));
    return value;
}

void check_bounds(const std::string &option, Quantity what, double value, double least, double most) {
    if (value < least || value > most)
        usage(option + ": " + filled(tr("{0} is not between {1} and {2}"), policy::quantity_text(what, value), policy::quantity_text(what, least),
                                     policy::quantity_text(what, most)));
}

AnswerFacts facts_of(const AnswerRequest &request) {
    AnswerFacts facts;
    facts.model = request.model;
    if (!request.impedance.empty()) {
        // Nobody means anything but ohms. Of a sensitivity the unit is needed: per volt and per milliwatt are 15 dB apart.
        const bool bare = request.impedance.find_first_not_of("0123456789.") == std::string::npos;
        facts.impedance_ohm = parsed("--impedance", Quantity::ohms, request.impedance + (bare ? " ohm" : "")).value;
        check_bounds("--impedance", Quantity::ohms, *facts.impedance_ohm, least_ohms, most_ohms);
    }
    if (!request.sensitivity.empty()) {
        const auto stated = parsed("--sensitivity", Quantity::sensitivity, request.sensitivity);
        if (stated.per_milliwatt && !facts.impedance_ohm)
            usage(tr("--sensitivity: one per milliwatt needs the impedance too, for example --impedance 32"));
        facts.sensitivity_db_per_volt =
            stated.per_milliwatt ? policy::per_volt(Decibels{stated.value}, Ohms{*facts.impedance_ohm}).value : stated.value;
        check_bounds("--sensitivity", Quantity::sensitivity, *facts.sensitivity_db_per_volt, least_sensitivity, most_sensitivity);
    }
    return facts;
}

} // namespace

int run_answer(const Global &global, const AnswerRequest &request) {
    check_load(request.load);
    const AnswerFacts facts = facts_of(request);
    const Deadline deadline{2 * global.timeout + change_timeout(global)};
    BusClient client{global};
    const std::string id = find_output(client.fetch(), request.output).id;
    client.answer(id, request.load, facts);
    const Status status = client.fetch();
    const Output &now = find_output(status, id);
    print_done(global, answer_text(now, request.load), status, &now);
    return exit_ok;
}

int run_forget(const Global &global, const std::string &output, bool all) {
    if (all != output.empty()) usage(all ? tr("give either an output or --all, not both") : tr("say which output, or --all"));
    const Deadline deadline{2 * global.timeout + change_timeout(global)};
    BusClient client{global};
    if (all) {
        client.forget({});
        print_done(global, tr("All answers are forgotten.") + "\n", client.fetch(), nullptr);
        return exit_ok;
    }
    const std::string id = find_output(client.fetch(), output).id;
    client.forget(id);
    const Status status = client.fetch();
    const Output &now = find_output(status, id);
    print_done(global, forget_text(now), status, &now);
    return exit_ok;
}

} // namespace soundwarden::cli
