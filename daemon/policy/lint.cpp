// SPDX-License-Identifier: MIT
#include "lint.hpp"

#include "utf8.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace soundwarden::policy {
namespace {

constexpr unsigned kinds = Names<OutputKind>::table.size();
constexpr unsigned loads = Names<Load>::table.size();
constexpr unsigned confidences = Names<Confidence>::table.size();
static_assert(kinds + loads + confidences <= 32);

/// The three sets of a `when` in one number: whether one covers the other is one operation.
std::uint32_t packed(const When &when) {
    return when.kinds.bits | static_cast<std::uint32_t>(when.loads.bits) << kinds |
           static_cast<std::uint32_t>(when.confidences.bits) << (kinds + loads);
}

bool is_any(const Glob &glob) { return glob.pattern() == "*"; }
bool is_negated(const Glob &glob) { return glob.negated(); }

/// Whether a list of patterns fits every output there can be.
bool fit_all(const std::vector<Glob> &outputs) {
    return outputs.empty() || (std::any_of(outputs.begin(), outputs.end(), is_any) && std::none_of(outputs.begin(), outputs.end(), is_negated));
}

/// Whether a list of patterns fits every output that the other fits; by their texts only.
bool outputs_cover(const std::vector<Glob> &wide, const std::vector<Glob> &narrow) {
    if (fit_all(wide)) return true;
    if (std::any_of(wide.begin(), wide.end(), is_negated)) return wide == narrow;
    const bool bounded = std::any_of(narrow.begin(), narrow.end(), [](const Glob &glob) { return !glob.negated(); });
    return bounded && std::all_of(narrow.begin(), narrow.end(), [&](const Glob &glob) {
               return glob.negated() || std::find(wide.begin(), wide.end(), glob) != wide.end();
           });
}

/// Whether `wide` speaks wherever `narrow` does.
bool covers(const When &wide, const When &narrow) {
    if (!wide.kinds.covers(narrow.kinds) || !wide.loads.covers(narrow.loads) ||
        !wide.confidences.covers(narrow.confidences))
        return false;
    if (wide.least_channels > narrow.least_channels || wide.most_channels < narrow.most_channels) return false;
    if (wide.most_impedance && (!narrow.most_impedance || *wide.most_impedance < *narrow.most_impedance)) return false;
    return outputs_cover(wide.outputs, narrow.outputs);
}

/// Rules to be asked whether any of them covers another. Those with patterns are looked up by each of their patterns;
/// the others are gone through, thirty-two bits each.
class Covering {
  public:
    void add(const Rule &rule) {
        const auto &outputs = rule.when.outputs;
        if (fit_all(outputs)) return everywhere_.add(rule);
        for (const Glob &glob : outputs) by_pattern_[glob.pattern()].add(rule);
    }
    /// The first one added that covers it and that `fits`.
    template <class Fits>
    const Rule *find(const Rule &rule, Fits fits) const {
        if (const Rule *found = everywhere_.find(rule, fits)) return found;
        if (rule.when.outputs.empty()) return nullptr;
        const auto bucket = by_pattern_.find(rule.when.outputs.front().pattern());
        return bucket == by_pattern_.end() ? nullptr : bucket->second.find(rule, fits);
    }

  private:
    struct Bucket {
        std::vector<std::uint32_t> bits{};
        std::vector<const Rule *> rules{};
        void add(const Rule &rule) {
            bits.push_back(packed(rule.when));
            rules.push_back(&rule);
        }
        template <class Fits>
        const Rule *find(const Rule &rule, Fits fits) const {
            const std::uint32_t wanted = packed(rule.when);
            for (std::size_t i = 0; i < bits.size(); ++i)
                if ((wanted & ~bits[i]) == 0 && covers(rules[i]->when, rule.when) && fits(*rules[i])) return rules[i];
            return nullptr;
        }
    };
    Bucket everywhere_{};
    std::unordered_map<std::string, Bucket> by_pattern_{};
};

Spot spot_of(const Rule &rule) { return {rule.place.line, rule.place.column}; }
std::string rule_in_quotes(const Rule &rule) { return "\"" + visible(rule.name) + "\""; }

class Lint {
  public:
    Lint(const PolicySet &set, const std::vector<Layer> &layers, std::vector<Report> &reports)
        : set_(set), layers_(layers), reports_(reports) {}

    void run() {
        unreachable();
        contradictions();
        relaxing_in_vain();
    }

  private:
    void warn(const Rule &rule, std::string message) {
        reports_[rule.place.file].warning(spot_of(rule), std::move(message));
    }
    Layer layer(const Rule &rule) const { return layers_[rule.place.file]; }
    bool warned(const Rule &rule) const { return warned_[static_cast<std::size_t>(&rule - set_.rules.data())]; }
    void mark(const Rule &rule) { warned_[static_cast<std::size_t>(&rule - set_.rules.data())] = true; }

    /// Rules of one file, from its last to its first: one that a later rule covers decides nothing. A locked one still
    /// binds.
    void unreachable() {
        warned_.assign(set_.rules.size(), false);
        std::size_t end = set_.rules.size();
        while (end > 0) {
            std::size_t begin = end;
            while (begin > 0 && set_.rules[begin - 1].place.file == set_.rules[end - 1].place.file) --begin;
            Covering later;
            for (std::size_t i = end; i-- > begin;) {
                const Rule &rule = set_.rules[i];
                if (!rule.locked)
                    if (const Rule *found = later.find(rule, [](const Rule &) { return true; })) {
                        warn(rule, "never decides: " + rule_in_quotes(*found) + " at line " +
                                       std::to_string(found->place.line) +
                                       ", read later, matches whatever this one does");
                        mark(rule);
                        continue; // what it covers, the later one covers too
                    }
                later.add(rule);
            }
            end = begin;
        }
    }

    /// Rules of one layer that speak of the same, in different files.
    void contradictions() {
        std::unordered_map<std::string, const Rule *> last;
        for (std::size_t i = set_.rules.size(); i-- > 0;) {
            const Rule &rule = set_.rules[i];
            const auto [at, fresh] = last.try_emplace(key_of(rule), &rule);
            if (fresh) continue;
            const Rule &later = *at->second;
            const bool differs = later.place.file != rule.place.file && !(later.gives == rule.gives);
            if (differs && !rule.locked && !warned(rule)) {
                warn(rule, "contradicts " + rule_in_quotes(later) + " at " + visible(set_.where(later.place), 200) +
                               "; this one, read earlier, never decides");
                mark(rule);
            }
            at->second = &rule;
        }
    }

    std::string key_of(const Rule &rule) const {
        const When &when = rule.when;
        std::string key = std::to_string(static_cast<unsigned>(layer(rule))) + "/" + std::to_string(packed(when)) +
                          "/" + std::to_string(when.least_channels) + "/" + std::to_string(when.most_channels) + "/" +
                          (when.most_impedance ? std::to_string(when.most_impedance->value) : "");
        for (const Glob &glob : when.outputs) key += "\n" + glob.pattern();
        return key;
    }

    /// Whether whatever `rule` gives, `bound` takes away again: nothing that is asked of physics, only what stands
    /// there.
    static bool takes_all(const Gives &bound, const Gives &rule) {
        if (bound.verdict != rule.verdict) return bound.verdict > rule.verdict;
        if (bound.verdict != Verdict::limit) return false; // the same, or `start-low` and the like
        const bool cap = !bound.target && bound.cap && rule.cap && !rule.target && bound.cap < rule.cap;
        const bool target = !bound.cap && bound.target && rule.target && !rule.cap &&
                            *bound.target - bound.below < *rule.target - rule.below && *bound.target <= *rule.target &&
                            (bound.governor || !rule.governor);
        return cap || target;
    }

    /// Rules read after a locked one that covers them, and those of others than root: they were meant to relax it.
    void relaxing_in_vain() {
        Covering locked;
        for (const Rule &rule : set_.locked) locked.add(rule);
        for (const Rule &rule : set_.rules) {
            if (rule.locked || warned(rule)) continue;
            const Rule *found = locked.find(rule, [&](const Rule &bound) {
                const bool earlier =
                    std::pair(bound.place.file, bound.place.line) < std::pair(rule.place.file, rule.place.line);
                return (earlier || !is_root_owned(layer(rule))) && takes_all(bound.gives, rule.gives);
            });
            if (found != nullptr)
                warn(rule, "has no effect: locked rule " + rule_in_quotes(*found) + " at " +
                               visible(set_.where(found->place), 200) + " is stricter");
        }
    }

    const PolicySet &set_;
    const std::vector<Layer> &layers_;
    std::vector<Report> &reports_;
    std::vector<bool> warned_{};
};

} // namespace

void lint(const PolicySet &set, const std::vector<Layer> &layers, std::vector<Report> &reports) {
    Lint(set, layers, reports).run();
}

} // namespace soundwarden::policy
