// SPDX-License-Identifier: MIT
#include "render/metrics.hpp"

#include "engine/snapshot.hpp"
#include "model/decision.hpp"
#include "terminal.hpp"

#include <array>
#include <cstdio>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace soundwarden::cli {
namespace {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

/// As it stands between the quotes of a label; without control characters, for whoever looks at it in a terminal.
std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : printable(text)) {
        if (c == '\\' || c == '"') result += '\\';
        result += c;
    }
    return result;
}

std::string number_text(double number) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.10g", number);
    return text.data();
}

class Metrics {
  public:
    /// Of the samples that follow. `name` without the prefix.
    void family(std::string_view name, std::string_view type, std::string_view help) {
        name_ = "soundwarden_" + std::string{name};
        text_ += "# HELP " + name_ + " " + std::string{help} + "\n# TYPE " + name_ + " " + std::string{type} + "\n";
        if (type == "counter") name_ += "_total";
    }
    void sample(const Labels &labels, double value) {
        text_ += name_;
        for (std::size_t at = 0; at < labels.size(); ++at)
            text_ += (at == 0 ? "{" : ",") + std::string{labels[at].first} + "=\"" + escaped(labels[at].second) + "\"";
        text_ += (labels.empty() ? " " : "} ") + number_text(value) + "\n";
    }
    void gauge(std::string_view name, std::string_view help, double value) {
        family(name, "gauge", help);
        sample({}, value);
    }
    std::string take() { return std::move(text_) + "# EOF\n"; }

  private:
    std::string name_;
    std::string text_;
};

Labels of(const Output &output) { return {{"output", output.id}, {"name", output.name}, {"sink", output.sink}}; }

Labels with(Labels labels, std::string_view key, std::string value) {
    labels.emplace_back(key, std::move(value));
    return labels;
}

/// One sample for each word, 1 for the one that holds; a word that is not known stands for itself.
template <class E>
void add_states(Metrics &metrics, const Labels &labels, std::string_view key, const std::string &now) {
    bool known = false;
    for (const auto &[value, name] : Names<E>::table) {
        known = known || now == name;
        metrics.sample(with(labels, key, std::string{name}), now == name ? 1.0 : 0.0);
    }
    if (!known) metrics.sample(with(labels, key, now), 1.0);
}

void add_outputs(Metrics &metrics, const std::vector<Output> &outputs) {
    const auto each = [&](std::string_view name, std::string_view help, const std::function<std::optional<double>(const Output &)> &value) {
        metrics.family(name, "gauge", help);
        for (const Output &output : outputs)
            if (const auto number = value(output)) metrics.sample(of(output), *number);
    };
    metrics.family("output_state", "gauge", "What is in force at this output: 1 for the state that holds.");
    for (const Output &output : outputs) add_states<engine::OutputState>(metrics, of(output), "state", output.state);
    metrics.family("output_verdict", "gauge", "What the policy says of this output: 1 for the verdict that holds.");
    for (const Output &output : outputs) add_states<Verdict>(metrics, of(output), "verdict", output.verdict);
    metrics.family("output_load_probability", "gauge", "What may be attached, 0 to 1.");
    for (const Output &output : outputs)
        for (const LoadShare &share : output.loads) metrics.sample(with(of(output), "load", share.load), share.probability);
    each("output_active", "Whether its sink plays to this output now.", [](const Output &output) { return output.active ? 1.0 : 0.0; });
    each("output_question", "Whether somebody should say what is attached.", [](const Output &output) { return output.ask ? 1.0 : 0.0; });
    each("output_ceiling_dbfs", "The highest sample that the sink may be handed now; left out where there is no ceiling.",
         [](const Output &output) { return output.ceiling_dbfs; });
    each("output_cap_dbfs", "What the slider gives at 100 % once everything has settled; left out where there is no cap.",
         [](const Output &output) { return output.cap_dbfs; });
    each("output_peak_dbfs", "The highest sample handed to the sink of late; left out where nothing plays.",
         [](const Output &output) { return output.peak_dbfs; });
    each("output_gain_reduction_db", "What the limiter takes away; left out where nothing plays.",
         [](const Output &output) { return output.gain_reduction_db; });
    each("output_volume_ratio", "The user's volume, an amplitude.", [](const Output &output) { return output.volume; });
    each("output_muted", "Whether the user muted it.", [](const Output &output) { return output.mute ? 1.0 : 0.0; });
    metrics.family("output_links_removed", "counter", "Links past the guard that were removed.");
    for (const Output &output : outputs) {
        if (!output.active) continue; // they are told of a sink
        double times = 0.0;
        for (const Offender &offender : output.offenders) times += offender.times;
        metrics.sample(of(output), times);
    }
}

void add_dose(Metrics &metrics, const Dose &dose) {
    metrics.gauge("dose_week_pascal_squared_hours", "Sound exposure of the last seven days at the ears (ITU-T H.870).", dose.week_pa2h);
    metrics.gauge("dose_allowance_pascal_squared_hours", "What a week allows.", dose.allowance_pa2h);
    if (dose.level_dba) metrics.gauge("dose_level_dba", "Level at the ears now, dB(A).", *dose.level_dba);
    if (dose.limit_dba) metrics.gauge("dose_limit_dba", "The level that ears are held to because of their dose, dB(A).", *dose.limit_dba);
}

} // namespace

std::string metrics_text(const std::optional<Status> &status, const std::optional<Dose> &dose) {
    Metrics metrics;
    metrics.gauge("up", "Whether the daemon answers.", status ? 1.0 : 0.0);
    if (!status) return metrics.take();
    metrics.family("build_info", "gauge", "Version of the daemon.");
    metrics.sample({{"version", status->version}}, 1.0);
    metrics.family("state", "gauge", "How well the machine is protected: 1 for the state that holds.");
    add_states<engine::RunState>(metrics, {}, "state", status->state);
    metrics.family("posture", "gauge", "1 for the posture in force.");
    add_states<Posture>(metrics, {}, "posture", status->posture);
    metrics.family("reason", "gauge", "Why the state is not \"running\".");
    for (const Reason &reason : status->reasons) metrics.sample({{"reason", reason.token}}, 1.0);
    add_outputs(metrics, status->outputs);
    if (dose) add_dose(metrics, *dose);
    return metrics.take();
}

} // namespace soundwarden::cli
