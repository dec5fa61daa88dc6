// SPDX-License-Identifier: MIT
// What an output may get: from the merged policy, what is known of the output, and what may be attached. Pure; any thread;
// throws nothing but std::bad_alloc.
#pragma once

#include "model/classification.hpp"
#include "model/decision.hpp"
#include "model/output.hpp"
#include "model/socket.hpp"
#include "policy/physics.hpp"
#include "policy/policy_set.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::policy {

/// The user's volume after each plug of an ear-worn or unknown load (product.md, "Start level").
inline constexpr Decibels start_level{-15.0};
/// How far the guard's gain is held below the settling ceiling while facts come in.
inline constexpr Decibels settling_margin{15.0};
/// Where the hidden ramp of `low` begins.
inline constexpr Decibels low_start{-20.0};
/// How far above its cap an output may be overridden, where its rule does not say (speaker-out: to −20 dBFS at most).
inline constexpr Decibels override_room{10.0};
inline constexpr Decibels speaker_override_max{-20.0};

/// How an output is called; what a rule's `output` is matched with.
struct OutputNames {
    std::string name; ///< "Headphones"
    std::string id;
    std::string sink; ///< node.name
    std::string device; ///< description of its card
};

/// What `[[output]]` entries say of one socket, the last to name a value having it.
struct Profile {
    std::optional<OutputKind> kind{};
    std::optional<std::vector<std::uint32_t>> channels{}; ///< from 1
    std::optional<Volts> full_scale{};
    std::optional<Ohms> output_impedance{};
    std::optional<Decibels> gain_after_dac{};
    std::vector<std::string> shares{};
    std::optional<LimiterMode> mode{};
    std::optional<double> release_ms{};
    std::optional<bool> hold_device{};
    std::optional<Passthrough> passthrough{};
    std::vector<Place> places{}; ///< of the entries that matched, as they were read
    bool operator==(const Profile &) const = default;
};

/// All entries that match; `only_root`: without the user's own ones. One profile for each channel group that is named, or a single one
/// without `channels`. Entries without `channels` count for every group.
std::vector<Profile> profiles_for(const PolicySet &set, const SocketFacts &socket, bool only_root = false);

/// The facts with what the profile says laid over them. An entry that names a channel group makes pro-audio channels an output.
OutputFacts with_profile(OutputFacts facts, const Profile &profile);

/// One output made ready to be decided about: the rules that can speak for it. Made once for each output, policy and facts.
/// Keeps the set alive.
class Subject {
  public:
    /// `trusted`: the facts without what the user's own entries say; locked rules are measured by both.
    Subject(std::shared_ptr<const PolicySet> set, OutputFacts facts, OutputFacts trusted, Volts class_full_scale, OutputNames names);

    const OutputFacts &facts() const { return facts_; }
    Volts class_full_scale() const { return class_full_scale_; }
    /// A locked rule may bound this output, with one load or another: it is not left alone, and not released.
    bool locked() const;

  private:
    friend struct Deciding;
    std::shared_ptr<const PolicySet> set_;
    OutputFacts facts_;
    OutputFacts trusted_;
    Volts class_full_scale_;
    OutputNames names_;
    std::vector<const Rule *> rules_;          // that may speak for facts_, in order
    std::vector<const Rule *> locked_;         // that may bound facts_
    std::vector<const Rule *> trusted_locked_; // that may bound trusted_
    bool heeds_confidence_;                    // some of them ask for it
};

/// Probability from which a load counts as plausible.
double plausible_from(Posture posture);

/// The verdict over all plausible loads of the classification: the most restrictive. `ear_target`: what the governor holds instead
/// of a rule's own target, where no locked rule asks for less.
Decision decide(const Subject &subject, const Classification &classification, Posture posture,
                std::optional<Decibels> ear_target = std::nullopt);

/// The lowest ceiling over every load that may turn up here (priors, and `unknown`), for any confidence; block counts as the 65 dB(A) cap.
/// Nothing: no load asks for a ceiling.
std::optional<Decibels> settling_ceiling(const Subject &subject, const std::vector<WeightedLoad> &priors, Posture posture);

/// Whether a sink with this output needs a guard: any load that may turn up here has a rule other than plain allow.
bool needs_guard(const Subject &subject, const std::vector<WeightedLoad> &priors, Posture posture);

/// Whether it matters what hangs there: the caps of the loads that may be meant differ by more than 6 dB. An unknown load stands for
/// every load of `priors`. Never for pro-audio channels, which no answer makes an output.
bool answer_matters(const Subject &subject, const Classification &classification, const std::vector<WeightedLoad> &priors, Posture posture);

/// The cap for 65 dB(A): 75 dB − SPL at full scale (product.md, "Confidence").
Decibels quiet_cap(const OutputFacts &facts, Volts class_full_scale, Load load);

/// One rule as it was considered for a load.
struct Considered {
    RuleRef rule;
    bool matched = false;
    bool decided = false; ///< this one's word holds
    bool locked = false;
    std::string why;      ///< "load is in-ear, not headphones", "a later rule decides"
};

/// How a decision came about, for `explain` and `policy test`.
struct Explanation {
    Decision decision;
    Load load = Load::unknown; ///< the plausible load whose rule decided
    std::vector<Considered> rules; ///< for that load, in order; only those for its output's kind
    std::vector<Addend> sum;       ///< of the SPL at full scale, where the cap came from a target
    std::optional<Decibels> target{};
    std::optional<Decibels> spl{};
    std::string bounded_by{}; ///< "class + 15 dB", "class": a model that was only named raises it no further
    Decibels below{0.0};      ///< the rule's own
};
Explanation explain(const Subject &subject, const Classification &classification, Posture posture,
                    std::optional<Decibels> ear_target = std::nullopt);

} // namespace soundwarden::policy
