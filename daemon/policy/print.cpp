// SPDX-License-Identifier: MIT
#include "keys.hpp"
#include "number_text.hpp"
#include "policy/policy_set.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <cstdio>

namespace soundwarden::policy {
namespace {

/// A basic string of TOML. Texts in a set have no control characters but for marks of direction.
std::string toml_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

std::string toml_list(const std::vector<std::string> &items) {
    std::string out = "[";
    for (const std::string &item : items) out += (out.size() > 1 ? ", " : "") + item;
    return out + "]";
}

/// One text, or a list of several.
std::string one_or_list(const std::vector<std::string> &items) {
    return items.size() == 1 ? items.front() : toml_list(items);
}

std::string toml_globs(const std::vector<Glob> &globs) {
    std::vector<std::string> items;
    for (const Glob &glob : globs) items.push_back(toml_text(glob.pattern()));
    return one_or_list(items);
}

/// A name as a pattern that fits nothing else; names of enumerators need no escape.
template <class E>
std::string toml_set(SetOf<E> set) {
    std::vector<std::string> in;
    std::vector<std::string> out;
    for (const auto &[value, name] : Names<E>::table)
        (set.contains(value) ? in : out).push_back(toml_text((set.contains(value) ? "" : "!") + std::string(name)));
    return one_or_list(out.size() < in.size() && !out.empty() ? out : in);
}

/// The lines of one table.
class Lines {
  public:
    explicit Lines(std::string lead = {}) : lead_(std::move(lead)) {}
    void raw(const std::string &line) { text_ += lead_ + line + "\n"; }
    void text(std::string_view key, std::string_view value) { raw(std::string(key) + " = " + toml_text(value)); }
    void flag(std::string_view key, bool value) { raw(std::string(key) + " = " + (value ? "true" : "false")); }
    void quantity(const QuantityKey &key, double value, bool per_milliwatt = false) {
        text(key.key, quantity_text(key.what, value, per_milliwatt));
    }
    void dbfs(const QuantityKey &key, Decibels value) { text(key.key, number_text(value.value) + " dBFS"); }
    void duration(const QuantityKey &key, Duration value) { quantity(key, static_cast<double>(value.count()) / 1e9); }
    const std::string &str() const { return text_; }

  private:
    std::string lead_;
    std::string text_{};
};

std::string channels_text(const When &when) {
    const std::string most = std::to_string(when.most_channels);
    if (when.least_channels == when.most_channels) return most;
    if (when.least_channels == 0) return toml_text("<= " + most);
    if (when.most_channels == When{}.most_channels) return toml_text("> " + std::to_string(when.least_channels - 1));
    return toml_text(std::to_string(when.least_channels) + "-" + most);
}

std::string when_text(const When &when) {
    const When any;
    std::vector<std::string> parts;
    if (!(when.kinds == any.kinds)) parts.push_back("kind = " + toml_set(when.kinds));
    if (!(when.loads == any.loads)) parts.push_back("load = " + toml_set(when.loads));
    if (!(when.confidences == any.confidences)) parts.push_back("confidence = " + toml_set(when.confidences));
    if (!when.outputs.empty()) parts.push_back("output = " + toml_globs(when.outputs));
    if (when.least_channels != any.least_channels || when.most_channels != any.most_channels)
        parts.push_back("channels = " + channels_text(when));
    if (when.most_impedance)
        parts.push_back("impedance = " + toml_text("<= " + quantity_text(Quantity::ohms, when.most_impedance->value)));
    std::string out;
    for (const std::string &part : parts) out += (out.empty() ? "" : ", ") + part;
    return out.empty() ? "" : "{ " + out + " }";
}

void print_rule(Lines &lines, const Rule &rule) {
    const Gives &gives = rule.gives;
    lines.raw("[[rule]]");
    lines.text("name", rule.name);
    if (const std::string when = when_text(rule.when); !when.empty()) lines.raw("when = " + when);
    lines.text("verdict", name_of(gives.verdict));
    if (gives.cap) lines.quantity(keys::cap, gives.cap->value);
    if (gives.target) lines.quantity(keys::target, gives.target->value);
    if (gives.below.value != 0.0) lines.quantity(keys::below, gives.below.value);
    if (gives.governor != gives.target.has_value()) lines.flag("governor", gives.governor);
    if (gives.to_rating) lines.flag("to-rating", true);
    if (gives.start_low) lines.flag("start-low", true);
    if (gives.start_level) lines.quantity(keys::start_level, gives.start_level->value);
    if (gives.ask) lines.flag("ask", true);
    lines.text("reason", gives.reason);
    if (!gives.message.empty()) lines.text("message", gives.message);
    if (gives.override_max) lines.dbfs(keys::override_max, *gives.override_max);
    if (gives.override_for_max) lines.duration(keys::override_for_max, *gives.override_for_max);
    if (rule.locked) lines.flag("locked", true);
}

std::string match_text(const Match &match) {
    std::string out;
    const auto add = [&out](std::string_view key, std::string_view value) {
        out += (out.empty() ? "" : ", ") + std::string(key) + " = " + toml_text(value);
    };
    const auto add_glob = [&add](std::string_view key, const std::optional<Glob> &glob) {
        if (glob) add(key, glob->pattern());
    };
    add_glob("node", match.node);
    add_glob("device", match.device);
    add_glob("description", match.description);
    add_glob("api", match.api);
    add_glob("bus", match.bus);
    add_glob("bus-path", match.bus_path);
    add_glob("card", match.card);
    add_glob("driver", match.driver);
    add_glob("form-factor", match.form_factor);
    add_glob("route", match.route);
    add_glob("route-description", match.route_description);
    add_glob("port-type", match.port_type);
    add_glob("product", match.product);
    if (!match.vendor_id.empty()) add("vendor-id", match.vendor_id);
    if (!match.product_id.empty()) add("product-id", match.product_id);
    return "{ " + out + " }";
}

void print_output(Lines &lines, const OutputEntry &output) {
    lines.raw("[[output]]");
    lines.text("name", output.name);
    lines.raw("match = " + match_text(output.match));
    if (output.kind) lines.text("kind", name_of(output.kind->value));
    if (output.channels) {
        std::vector<std::string> items;
        for (const std::uint32_t channel : output.channels->value) items.push_back(std::to_string(channel));
        lines.raw("channels = " + toml_list(items));
    }
    if (output.full_scale) lines.quantity(keys::full_scale, output.full_scale->value.value);
    if (output.output_impedance) lines.quantity(keys::output_impedance, output.output_impedance->value.value);
    if (output.gain_after_dac) lines.quantity(keys::gain_after_dac, output.gain_after_dac->value.value);
    if (output.shares) {
        std::vector<std::string> items;
        for (const std::string &name : output.shares->value) items.push_back(toml_text(name));
        lines.raw("shares = " + toml_list(items));
    }
    if (output.mode) lines.text("mode", name_of(output.mode->value));
    if (output.release_ms) lines.raw("release-ms = " + number_text(output.release_ms->value));
    if (output.hold_device) lines.flag("hold-device", output.hold_device->value);
    if (output.passthrough) lines.text("passthrough", name_of(output.passthrough->value));
    if (!output.source.empty()) lines.text("source", output.source);
}

void print_load(Lines &lines, const LoadModel &load) {
    lines.raw("[[load]]");
    lines.text("name", load.name);
    lines.text("kind", name_of(load.kind));
    if (!load.match.empty()) lines.raw("match = " + toml_globs(load.match));
    if (load.impedance) lines.quantity(keys::impedance, load.impedance->value);
    if (load.sensitivity)
        lines.quantity(keys::sensitivity, load.sensitivity->value.value, load.sensitivity->per_milliwatt);
    if (load.rating_watts) lines.quantity(keys::rating, *load.rating_watts);
    if (!load.source.empty()) lines.text("source", load.source);
}

/// Each value with the place that it comes from, as a comment behind it.
class SettingLines {
  public:
    explicit SettingLines(const PolicySet &set) : set_(set) {}
    template <class T>
    void add(std::string_view key, const Maybe<T> &value, const std::string &text) {
        if (value) text_ += std::string(key) + " = " + text + " # " + visible(set_.where(value->place), 4096) + "\n";
    }
    void add(const SettingValues &s) {
        add("posture", s.posture, s.posture ? toml_text(name_of(s.posture->value)) : "");
        add_duration(keys::settle, s.settle);
        add_duration(keys::unplug_hold, s.unplug_hold);
        add_duration(keys::orphan_silence, s.orphan_silence);
        add("orphan-level", s.orphan_level,
            s.orphan_level ? toml_text(quantity_text(Quantity::gain, s.orphan_level->value.value)) : "");
        add("notifications", s.notifications, s.notifications && s.notifications->value ? "true" : "false");
        add("cue", s.cue, s.cue && s.cue->value ? "true" : "false");
        add("dose-allowance", s.dose_allowance,
            s.dose_allowance ? toml_text(quantity_text(Quantity::dose, s.dose_allowance->value)) : "");
        add("dose-notices", s.dose_notices, s.dose_notices ? percents_text(s.dose_notices->value) : "");
        add_percent(keys::dose_soft_landing, s.dose_soft_landing);
        add_percent(keys::dose_stop, s.dose_stop);
        add("dose-warn-above", s.dose_warn_above,
            s.dose_warn_above ? toml_text(quantity_text(Quantity::spl, s.dose_warn_above->value.value)) : "");
        add("mode", s.mode, s.mode ? toml_text(name_of(s.mode->value)) : "");
        add("release-ms", s.release_ms, s.release_ms ? number_text(s.release_ms->value) : "");
    }
    const std::string &str() const { return text_; }

  private:
    static std::string percents_text(const std::vector<double> &percents) {
        std::string text;
        for (const double each : percents) text += (text.empty() ? "[" : ", ") + toml_text(quantity_text(Quantity::percent, each));
        return text + "]";
    }
    void add_percent(const QuantityKey &key, const Maybe<double> &value) {
        if (value) add(key.key, value, toml_text(quantity_text(Quantity::percent, value->value)));
    }
    void add_duration(const QuantityKey &key, const Maybe<Duration> &value) {
        if (value)
            add(key.key, value,
                toml_text(quantity_text(Quantity::time, static_cast<double>(value->value.count()) / 1e9)));
    }
    const PolicySet &set_;
    std::string text_{};
};

std::string commented(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        out += "# " + std::string(text.substr(0, end)) + "\n";
        text.remove_prefix(std::min(end, text.size() - 1) + 1);
    }
    return out;
}

std::string print_settings(const PolicySet &set) {
    SettingLines values(set);
    SettingLines bounds(set);
    values.add(set.settings);
    bounds.add(set.locked_settings);
    std::string out;
    // A table is locked as a whole or not at all; where only some values are, the bounds can but be told.
    const bool all_locked = !bounds.str().empty() && bounds.str() == values.str();
    if (!bounds.str().empty() && !all_locked)
        out += "\n# Locked, so that nobody but root goes beyond:\n" + commented(bounds.str());
    if (!values.str().empty()) out += "\n[settings]\n" + values.str() + (all_locked ? "locked = true\n" : "");
    return out;
}

/// Where tables come from, each with its place; a new file begins a part of its own ("#: from"), in which names are
/// told apart.
class Parts {
  public:
    explicit Parts(const PolicySet &set) : set_(set) {}
    std::string lead(const Place &place) {
        std::string out = "\n";
        if (file_ != place.file) out += "#: from " + file(place) + "\n";
        file_ = place.file;
        return out + "# " + visible(set_.where(place), 4096) + "\n";
    }

  private:
    std::string file(const Place &place) const {
        return place.file < set_.files.size() ? visible(set_.files[place.file], 4096) : "builtin";
    }
    const PolicySet &set_;
    std::uint32_t file_ = UINT32_MAX;
};

/// Locked rules that are not among the others: root's, in a file that the user's of the same name stands in place of.
std::vector<const Rule *> replaced_locked(const PolicySet &set) {
    std::vector<const Rule *> out;
    for (const Rule &rule : set.locked)
        if (std::none_of(set.rules.begin(), set.rules.end(),
                         [&](const Rule &other) { return other.locked && other.place == rule.place; }))
            out.push_back(&rule);
    return out;
}

} // namespace

std::string print(const PolicySet &set) {
    std::string out = "# The policy in force, merged from " + std::to_string(set.files.size()) +
                      " files; what is read later decides.\nschema = 1\n";
    out += print_settings(set);
    Parts parts(set);
    const auto add = [&](const Place &place, auto print_one) {
        Lines lines;
        print_one(lines);
        out += parts.lead(place) + lines.str();
    };
    for (const OutputEntry &output : set.outputs) add(output.place, [&](Lines &lines) { print_output(lines, output); });
    for (const LoadModel &load : set.loads) add(load.place, [&](Lines &lines) { print_load(lines, load); });
    for (const Rule &rule : set.rules) add(rule.place, [&](Lines &lines) { print_rule(lines, rule); });
    for (const Rule *rule : replaced_locked(set)) {
        Lines lines("# ");
        lines.raw(visible(set.where(rule->place), 4096) +
                  ", a file that another one stands in place of; this binds all the same:");
        print_rule(lines, *rule);
        out += "\n" + lines.str();
    }
    return out;
}

} // namespace soundwarden::policy
