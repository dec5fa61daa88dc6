// SPDX-License-Identifier: MIT
// What `doctor` is told: each thing that weakens protection, graded, with what mends it.
#include "engine/checks.hpp"

#include <gtest/gtest.h>

namespace soundwarden::engine {
namespace {

const Machine sound{"1.4.2", true, true, 1, 1, true, 0};

const Check *find(const std::vector<Check> &checks, std::string_view token) {
    for (const Check &check : checks)
        if (check.token == token) return &check;
    return nullptr;
}

OutputView output(OutputState state, const std::string &reason = {}) {
    OutputView view;
    view.id = "card_headphones";
    view.name = "Headphones";
    view.state = state;
    view.decision.reason = reason;
    return view;
}

TEST(Checks, of_a_machine_in_order_are_all_ok) {
    for (const Check &check : checks_of({}, Posture::protect, sound)) {
        EXPECT_EQ(check.grade, Grade::ok) << check.token;
        EXPECT_TRUE(check.command.empty()) << check.token;
        EXPECT_FALSE(check.found.empty()) << check.token;
    }
}

TEST(Checks, put_the_gravest_first_and_each_has_a_meaning) {
    Snapshot snapshot;
    snapshot.reasons = {{"panic", "everything is silent"}, {"no-wireplumber-part", "WirePlumber does not run it"}, {"no-realtime", "no priority"}};
    snapshot.outputs = {output(OutputState::guarded)};
    snapshot.outputs[0].decision.ask = true;
    const auto checks = checks_of(snapshot, Posture::protect, {"0.3.65", false, false, 2, 1, false, 3});
    for (std::size_t at = 1; at < checks.size(); ++at) EXPECT_LE(checks[at - 1].grade, checks[at].grade);
    for (const Check &check : checks) EXPECT_EQ(check.means.empty(), check.grade == Grade::ok) << check.token;
    EXPECT_EQ(checks.front().token, "no-wireplumber-part");
    EXPECT_EQ(find(checks, "no-realtime-data")->grade, Grade::warning);
    EXPECT_EQ(find(checks, "not-supervised")->grade, Grade::warning);
    EXPECT_EQ(find(checks, "inside-sink")->grade, Grade::note);
    EXPECT_EQ(find(checks, "policy-warnings")->grade, Grade::note);
    EXPECT_EQ(find(checks, "question")->command, "soundwarden answer card_headphones LOAD");
    EXPECT_EQ(find(checks, "panic")->command, "soundwarden resume");
}

TEST(Checks, name_a_reason_that_they_know_nothing_of_by_its_own_sentence) {
    Snapshot snapshot;
    snapshot.reasons = {{"brand-new", "something is odd; do this"}};
    const auto checks = checks_of(snapshot, Posture::protect, sound);
    ASSERT_NE(find(checks, "brand-new"), nullptr);
    EXPECT_EQ(find(checks, "brand-new")->grade, Grade::warning);
    EXPECT_EQ(find(checks, "brand-new")->found, "something is odd; do this");
}

TEST(Checks, tell_what_nothing_guards_and_what_somebody_wished) {
    Snapshot snapshot;
    snapshot.outputs = {output(OutputState::unprotected), output(OutputState::free, "guard-off"), output(OutputState::guarded, "override")};
    const auto checks = checks_of(snapshot, Posture::observe, sound);
    EXPECT_EQ(find(checks, "unprotected")->grade, Grade::fault);
    EXPECT_EQ(find(checks, "observe")->grade, Grade::fault);
    EXPECT_EQ(find(checks, "guard-off")->command, "soundwarden guard card_headphones on");
    EXPECT_EQ(find(checks, "override")->command, "soundwarden override card_headphones --cancel");
    snapshot.outputs[0].active = false; // it does not play: nothing to be said yet
    EXPECT_EQ(find(checks_of(snapshot, Posture::protect, sound), "unprotected"), nullptr);
}

TEST(Checks, name_each_side_path_that_is_on_with_a_command_a_shell_takes) {
    Snapshot snapshot;
    snapshot.side_paths = {{"Headset", 2, {SidePathKind::sidetone, "Bob's Sidetone", true}}, {"Headset", 2, {SidePathKind::beep, "Beep", false}}};
    const auto checks = checks_of(snapshot, Posture::protect, sound);
    const Check *path = find(checks, "side-path");
    ASSERT_NE(path, nullptr);
    EXPECT_EQ(path->grade, Grade::warning);
    EXPECT_EQ(path->command, R"(amixer -c 2 cset name='Bob'\''s Sidetone' off)");
    snapshot.side_paths.erase(snapshot.side_paths.begin());
    EXPECT_EQ(find(checks_of(snapshot, Posture::protect, sound), "side-path")->grade, Grade::ok);
}

TEST(Checks, without_pipewire_say_nothing_of_what_it_could_do) {
    Snapshot snapshot;
    snapshot.reasons = {{"no-pipewire", "no connection to PipeWire"}};
    const auto checks = checks_of(snapshot, Posture::protect, {});
    EXPECT_EQ(checks.front().token, "no-pipewire");
    EXPECT_EQ(find(checks, "inside-sink"), nullptr);
    EXPECT_EQ(find(checks, "no-realtime-data"), nullptr);
}

} // namespace
} // namespace soundwarden::engine
