// SPDX-License-Identifier: MIT
// `soundwarden policy`: what is asked becomes, and how the answers read. The programs end to end:
// tests/integration/policy_cli_test.cpp.
#include "failure.hpp"
#include "golden.hpp"
#include "policy/policy_set.hpp"
#include "render/policy_json.hpp"
#include "render/policy_text.hpp"
#include "suggest.hpp"
#include "trial.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace soundwarden {
namespace {

using namespace cli;
using ParsedJson = nlohmann::json;

// Not the shipped rules: those change more often than how answers read.
constexpr const char *rules_file = R"toml(schema = 1
[[rule]]
name = "headphone-out"
when = { kind = "headphone-out" }
verdict = "limit"
target = "100 dB(A)"
ask = true
reason = "headphone-cap"
message = "Nobody knows what is plugged in."
[[rule]]
name = "headphone-out/ears"
when = { kind = "headphone-out", load = ["headphones", "headset", "in-ear"] }
verdict = "limit"
target = "100 dB(A)"
reason = "headphone-cap"
message = "Headphones get at most 100 dB(A)."
[[rule]]
name = "headphone-out/passive-speakers"
when = { kind = "headphone-out", load = "passive-speakers" }
verdict = "limit"
target = "100 dB(A)"
below = "12 dB"
governor = false
ask = true
reason = "passive-speakers"
[[rule]]
name = "line-out"
when = { kind = "line-out" }
verdict = "limit"
cap = "-10 dB"
ask = true
[[rule]]
name = "line-out/active-speakers"
when = { kind = "line-out", load = "active-speakers" }
verdict = "allow"
start-low = true
reason = "start-low"
[[rule]]
name = "line-out/line-input"
when = { kind = "line-out", load = "line-input" }
verdict = "allow"
[[rule]]
name = "speaker-out/ears"
when = { kind = "speaker-out", load = "headphones" }
verdict = "block"
override-max = "-20 dBFS"
reason = "speaker-level"
message = "Speaker-level signals burn out headphones."
[[rule]]
name = "speaker-out/speakers"
when = { kind = "speaker-out", load = "passive-speakers" }
verdict = "allow"
to-rating = true
[[rule]]
name = "bluetooth/in-ear"
when = { kind = "bluetooth", load = "in-ear" }
verdict = "limit"
cap = "-8 dB"
target = "100 dB(A)"
reason = "governor-in-ear"
)toml";
constexpr const char *locked_file = R"toml(schema = 1
[[rule]]
name = "nobody-louder"
when = { kind = "headphone-out", load = "headset" }
verdict = "limit"
target = "85 dB(A)"
override-max = "-150 dBFS"
override-for-max = "1 s"
locked = true
)toml";
constexpr const char *own_file = R"toml(schema = 1
[settings]
posture = "protect"
release = "80 ms"

[[output]]
name = "Desk interface"
match = { usb = "1235:8210", route = "*headphones*" }
kind = "headphone-out"
channels = [9, 10]
full-scale = "4.9 V"
output-impedance = "50 ohm"
gain-after-dac = "6 dB"
mode = "low"
hold-device = true
source = "measured, 2026-11-29"

[[output]]
name = "Kindless"
match = { card = "*" }
full-scale = "1 V"

[[load]]
name = "Example 600"
kind = "headphones"
impedance = "300 ohm"
sensitivity = "97 dB SPL/mW"
source = "its sheet"

[[load]]
name = "Example 650"
kind = "headphones"

[[rule]]
name = "quiet-evenings"
when = { kind = "line-out", load = "active-speakers", output = "*Evening*" }
verdict = "limit"
cap = "-20 dB"
message = "The neighbours are asleep."
)toml";

std::shared_ptr<const policy::PolicySet> some_policy() {
    static const auto set = [] {
        policy::Loaded loaded = policy::check({
            {"/usr/share/soundwarden/policy.d/10-rules.toml", policy::Layer::vendor, rules_file, {}, false},
            {"/etc/soundwarden/policy.d/50-locked.toml", policy::Layer::etc, locked_file, {}, false},
            {"/home/me/.config/soundwarden/policy.d/60-mine.toml", policy::Layer::user, own_file, {}, false},
        });
        for (const auto &diagnostic : loaded.diagnostics) ADD_FAILURE() << policy::text_of(diagnostic);
        return loaded.set;
    }();
    return set;
}

TrialResult asked(TrialRequest request) { return try_out(some_policy(), request); }
TrialRequest about(const std::string &output, const std::string &load, std::vector<std::string> facts = {}) {
    TrialRequest request;
    request.output = output;
    request.load = load;
    request.facts = std::move(facts);
    return request;
}

/// The message of a usage error; empty: there was none.
std::string refusal(const TrialRequest &request) {
    try {
        make_trial(*some_policy(), request);
    } catch (const Failure &failure) {
        EXPECT_EQ(failure.code, exit_usage);
        return failure.what();
    }
    return {};
}
bool says(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

// ---- what was asked

TEST(PolicyTrial, FactsBecomeWhatTheyAre) {
    const auto trial = make_trial(
        *some_policy(), about("headphone-out", "in-ear",
                              {"full-scale=1.4 V", "output-impedance=10 ohm", "gain-after-dac=-6 dB", "channels=4",
                               "impedance=16 ohm", "sensitivity=120 dB SPL/V", "rating=500 mW"}));
    EXPECT_EQ(trial.output.kind, OutputKind::headphone_out);
    EXPECT_EQ(trial.output.full_scale, Volts{1.4});
    EXPECT_EQ(trial.output.output_impedance, Ohms{10});
    EXPECT_EQ(trial.output.gain_after_dac, Decibels{-6});
    EXPECT_EQ(trial.output.channels, 4U);
    const LoadFacts &load = trial.classification.facts;
    EXPECT_EQ(load.impedance, Ohms{16});
    EXPECT_EQ(load.sensitivity, Decibels{120});
    EXPECT_EQ(load.rating_watts, 0.5);
    EXPECT_EQ(load.model_from, ModelFrom::measured);
}

TEST(PolicyTrial, TheLoadIsCertainUnlessSaidOtherwise) {
    auto request = about("line-out", "headphones");
    auto trial = make_trial(*some_policy(), request);
    EXPECT_EQ(trial.classification.loads, (std::vector<WeightedLoad>{{Load::headphones, 1.0}}));
    EXPECT_EQ(trial.classification.confidence, Confidence::certain);
    EXPECT_EQ(trial.classification.facts, LoadFacts{});
    request.confidence = "low";
    EXPECT_EQ(make_trial(*some_policy(), request).classification.confidence, Confidence::low);
}

TEST(PolicyTrial, TheClassIsTheKindsUnlessSaid) {
    EXPECT_EQ(make_trial(*some_policy(), about("headphone-out", "headphones")).class_full_scale, Volts{2.0});
    EXPECT_EQ(make_trial(*some_policy(), about("shared-out", "headphones")).class_full_scale, Volts{4.0});
    auto request = about("headphone-out", "headphones");
    request.socket_class = "dongle";
    EXPECT_EQ(make_trial(*some_policy(), request).class_full_scale, Volts{1.0});
    request.socket_class = "laptop";
    EXPECT_EQ(make_trial(*some_policy(), request).class_full_scale, Volts{1.4});
}

TEST(PolicyTrial, AModelIsNamedByTheUserAndMeasuredWhereOhmsAreGiven) {
    auto trial = make_trial(*some_policy(), about("headphone-out", "example 600"));
    EXPECT_EQ(trial.classification.loads.front().load, Load::headphones);
    EXPECT_EQ(trial.classification.facts.model, "Example 600");
    EXPECT_EQ(trial.classification.facts.model_from, ModelFrom::user);
    EXPECT_EQ(trial.classification.facts.impedance, Ohms{300});
    EXPECT_NEAR(trial.classification.facts.sensitivity.value_or(Decibels{}).value, 102.23, 0.01);
    trial = make_trial(*some_policy(), about("headphone-out", "Example 600", {"impedance=305 ohm"}));
    EXPECT_EQ(trial.classification.facts.model_from, ModelFrom::measured);
    EXPECT_EQ(trial.classification.facts.impedance, Ohms{305});
}

TEST(PolicyTrial, AnEntryOfThePolicyStandsForItsKindAndFacts) {
    const auto trial = make_trial(*some_policy(), about("desk INTERFACE", "headphones", {"gain-after-dac=0 dB"}));
    EXPECT_EQ(trial.entry, "Desk interface");
    EXPECT_EQ(trial.output.kind, OutputKind::headphone_out);
    EXPECT_EQ(trial.output.channels, 2U);
    EXPECT_EQ(trial.output.full_scale, Volts{4.9});
    EXPECT_EQ(trial.output.gain_after_dac, Decibels{0}) << "what is said goes over the file";
}

TEST(PolicyTrial, WhatIsNotUnderstoodSaysWhatWouldBe) {
    const auto with = [](auto change) {
        TrialRequest request = about("headphone-out", "headphones");
        change(request);
        return refusal(request);
    };
    EXPECT_TRUE(says(refusal(about("headphone-ot", "headphones")), "did you mean 'headphone-out'?"));
    EXPECT_TRUE(says(refusal(about("", "headphones")), "The kinds are headphone-out, line-out"));
    EXPECT_TRUE(says(refusal(about("Kindless", "headphones")), "does not say its kind"));
    EXPECT_TRUE(says(refusal(about("headphone-out", "headfones")), "did you mean 'headphones'?"));
    EXPECT_TRUE(says(refusal(about("headphone-out", "example")), "did you mean 'Example 600', 'Example 650'?"))
        << refusal(about("headphone-out", "example"));
    EXPECT_TRUE(says(refusal(about("headphone-out", "headphones", {"ful-scale=1 V"})),
                     "there is no fact 'ful-scale'; did you mean 'full-scale'?"));
    EXPECT_TRUE(says(refusal(about("headphone-out", "headphones", {"1.4 V"})), "is not KEY=VALUE"));
    EXPECT_TRUE(says(refusal(about("headphone-out", "headphones", {"full-scale=1.4"})), "has no unit"));
    EXPECT_TRUE(
        says(refusal(about("headphone-out", "headphones", {"full-scale=1000 V"})), "is not between 0.01 V and 200 V"));
    EXPECT_TRUE(
        says(refusal(about("headphone-out", "headphones", {"full-scale=1 V", "full-scale=2 V"})), "given twice"));
    EXPECT_TRUE(says(refusal(about("headphone-out", "headphones", {"sensitivity=97 dB/mW"})), "needs the impedance"));
    for (const char *bad : {"0", "65", "-1", "2.0", "two", ""})
        EXPECT_TRUE(says(refusal(about("headphone-out", "headphones", {std::string{"channels="} + bad})),
                         "whole number from 1 to 64"))
            << bad;
    EXPECT_TRUE(says(with([](auto &r) { r.socket_class = "labtop"; }), "did you mean 'laptop'?"));
    EXPECT_TRUE(says(with([](auto &r) { r.confidence = "sure"; }), "certain, high, medium, low"));
    EXPECT_TRUE(says(with([](auto &r) { r.posture = "stricd"; }), "did you mean 'strict'?"));
    EXPECT_FALSE(says(refusal(about("evil\x1b[2J", "headphones")), "\x1b")) << "nor does it get at the terminal";
}

TEST(PolicyTrial, SuggestionsAreNearOnes) {
    EXPECT_EQ(did_you_mean("headpones", {"headphones", "headset"}), "; did you mean 'headphones'?");
    EXPECT_EQ(did_you_mean("HEADSET", {"headphones", "headset"}), "; did you mean 'headset'?");
    EXPECT_EQ(did_you_mean("x", {"headphones", "ms"}), "") << "every word is near one of two letters";
    EXPECT_EQ(did_you_mean("", {"headphones"}), "");
    EXPECT_EQ(did_you_mean(std::string(1'000'000, 'a'), {"headphones"}), "");
}

// ---- what is answered

struct Asked {
    const char *golden;
    TrialRequest request;
};
std::vector<Asked> questions() {
    auto evening = about("line-out", "active-speakers");
    evening.name = "Evening speakers";
    auto unsure = about("speaker-out", "headphones");
    unsure.confidence = "low";
    auto laptop = about("headphone-out", "in-ear");
    laptop.socket_class = "laptop";
    laptop.posture = "strict";
    return {{"headphones", about("headphone-out", "headphones", {"full-scale=1.4 V"})},
            {"measured",
             about("headphone-out", "headphones",
                   {"full-scale=1.4 V", "output-impedance=10 ohm", "impedance=32 ohm", "sensitivity=97 dB SPL/mW"})},
            {"model", about("Desk interface", "Example 600")},
            {"laptop", laptop},
            {"low", about("line-out", "active-speakers")},
            {"cap", evening},
            {"block", about("speaker-out", "headphones")},
            {"unsure", unsure},
            {"rating", about("speaker-out", "passive-speakers", {"rating=20 W", "impedance=8 ohm"})},
            {"passive", about("headphone-out", "passive-speakers")},
            {"locked", about("headphone-out", "headset")},
            {"governor", about("bluetooth", "in-ear")}};
}

TEST(PolicyRendering, TrialsAreAsKept) {
    for (const Asked &each : questions()) {
        const std::string text = trial_text(asked(each.request), {});
        EXPECT_EQ(text, test::golden(std::string{"policy-test."} + each.golden + ".txt", text)) << each.golden;
    }
}

TEST(PolicyRendering, TrialsAsJsonAreAsPromised) {
    for (const Asked &each : questions()) {
        const std::string json = trial_json(asked(each.request), JsonLayout::indented);
        EXPECT_EQ(json, test::golden(std::string{"policy-test."} + each.golden + ".json", json)) << each.golden;
        const std::string line = trial_json(asked(each.request), JsonLayout::one_line);
        EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
        EXPECT_EQ(ParsedJson::parse(line), ParsedJson::parse(json));
    }
}

TEST(PolicyRendering, TheCeilingIsThatOfALimitAlone) {
    EXPECT_TRUE(ParsedJson::parse(trial_json(asked(about("speaker-out", "headphones")), JsonLayout::one_line))
                    .at("ceiling_dbfs")
                    .is_null());
    EXPECT_TRUE(ParsedJson::parse(trial_json(asked(about("line-out", "line-input")), JsonLayout::one_line))
                    .at("ceiling_dbfs")
                    .is_null());
    EXPECT_NEAR(ParsedJson::parse(
                    trial_json(asked(about("headphone-out", "headphones", {"full-scale=1.4 V"})), JsonLayout::one_line))
                    .at("ceiling_dbfs"),
                -9.4, 0.05);
}

/// The last number of the text's lines that end so.
double number_before(const std::string &text, const std::string &end) {
    const std::size_t at = text.find("dB  " + end + "\n");
    if (at == std::string::npos) return 1000.0;
    return std::stod(text.substr(text.rfind('=', at) + 1));
}

TEST(PolicyRendering, TheSumAddsUpToTheCap) {
    for (const Asked &each : questions()) {
        const TrialResult result = asked(each.request);
        if (result.explanation.sum.empty() || !result.explanation.decision.cap) continue;
        const std::string text = trial_text(result, {});
        EXPECT_NEAR(number_before(text, "cap"), result.explanation.decision.cap->value, 0.051) << text;
        // As a reader with a pencil would.
        double total = 0.0;
        const std::size_t from = text.find("\nThe cap\n");
        ASSERT_NE(from, std::string::npos) << text;
        std::size_t at = from + 9;
        while (at < text.size() && text[at] == ' ') {
            const double number = std::stod(text.substr(at + 3));
            if (text[at + 2] == '=')
                EXPECT_NEAR(number, total, 0.16) << text;
            else
                total += text[at + 2] == '-' ? -number : number;
            at = text.find('\n', at) + 1;
        }
    }
}

TEST(PolicyRendering, ColourIsAsKept) {
    const Style colour{.colour = true, .width = {}};
    std::string text;
    for (const Asked &each : questions())
        if (std::string{each.golden} == "headphones" || std::string{each.golden} == "block")
            text += trial_text(asked(each.request), colour);
    text += check_text(policy::check({{"x.toml", policy::Layer::etc, rules_file, {}, false}}), colour) +
            check_text(policy::check({{"x.toml", policy::Layer::etc, "schema = 2", {}, false}}), colour);
    EXPECT_EQ(text, test::golden("policy.colours.txt", text));
}

TEST(PolicyRendering, AMergedPolicyAsJsonIsAsPromised) {
    const policy::Loaded alone = policy::check({{"60-mine.toml", policy::Layer::etc, own_file, {}, false}});
    ASSERT_TRUE(alone.set);
    const std::string json = policy_json(*alone.set, JsonLayout::indented);
    EXPECT_EQ(json, test::golden("policy-show.json", json));
}

TEST(PolicyRendering, DiagnosticsAreAsKept) {
    policy::Loaded loaded =
        policy::check({{"60-mine.toml",
                        policy::Layer::etc,
                        R"toml(schema = 1
[[rule]]
name = "a"
verdict = "limmit"
cap = -12
[[rule]]
name = "b"
verdict = "limit"
cap = "12 dB"
colour = "red"
)toml",
                        {},
                        false},
                       {"70-fifo.toml", policy::Layer::etc, "", "a FIFO, not a file; remove it", false}});
    const std::string text = diagnostics_text(loaded.diagnostics, {}) + check_text(loaded, {});
    EXPECT_EQ(text, test::golden("policy-check.txt", text));
    const std::string json = check_json(loaded, JsonLayout::indented);
    EXPECT_EQ(json, test::golden("policy-check.json", json));
    const auto parsed = ParsedJson::parse(json);
    EXPECT_EQ(parsed.at("valid"), false);
    EXPECT_EQ(parsed.at("errors"), parsed.at("diagnostics").size());
}

} // namespace
} // namespace soundwarden
