// SPDX-License-Identifier: MIT
// What people are asked and told on the desktop: the service on a private bus, and a server of notifications in the same loop.
#include "dbus/service.hpp"
#include "desktop_bench.hpp"
#include "desktop_words.hpp"
#include "output_notices.hpp"
#include "poll_loop.hpp"
#include "private_bus.hpp"
#include "scenes.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace soundwarden {
namespace {

using namespace dbus;
using std::chrono::milliseconds;
using test::Desktop;
using test::laptop_headphones;
using test::Peer;
using test::PollLoop;
using test::scaled;
using test::Shown;

engine::Snapshot asking(std::uint32_t number = 1) {
    auto machine = *test::scene("laptop");
    machine.outputs.front().question = number;
    return machine;
}

engine::Snapshot blocked() {
    auto machine = *test::scene("laptop");
    machine.outputs.front().state = engine::OutputState::blocked;
    machine.outputs.front().decision.verdict = Verdict::block;
    machine.outputs.front().decision.message = "Passive speakers need an amplifier & <b>more</b>.";
    return machine;
}

engine::Snapshot limited() {
    auto machine = *test::scene("laptop");
    machine.outputs.front().limited = true;
    return machine;
}

std::vector<std::string> keys(const Shown &shown) {
    std::vector<std::string> found;
    for (std::size_t n = 0; n < shown.actions.size(); n += 2) found.push_back(shown.actions[n]);
    return found;
}
using Keys = std::vector<std::string>;

class DesktopBus : public testing::Test {
  protected:
    DesktopBus() {
        bus.start();
        peer.emplace(loop, bus.address());
        its_peer.emplace(loop, bus.address());
    }
    Service &start(milliseconds headset_dialog = milliseconds{150}) {
        Service::Options options;
        options.version = "1";
        options.address = bus.address();
        options.between_signals = milliseconds{0};
        options.headset_dialog = headset_dialog;
        Service::Commands commands;
        commands.answer = [this](const OutputId &output, Load load, const LoadFacts &facts) -> std::optional<Service::Refused> {
            EXPECT_EQ(facts, LoadFacts{});
            answers.emplace_back(output, load);
            if (refuses) return Service::Refused{true, "this output has gone"};
            if (after_answer) service->publish(*after_answer, Posture::protect);
            return std::nullopt;
        };
        commands.greeted = [this] { ++greeted; };
        service.emplace(loop, options, nullptr, nullptr, commands);
        EXPECT_EQ(service->start().result, Started::ok);
        return *service;
    }
    void publish(const engine::Snapshot &snapshot) { service->publish(snapshot, Posture::protect); }
    bool run_until(const std::function<bool()> &done) { return loop.run_until(done, scaled(test::patience)); }
    /// All that is under way has come, both ways.
    void settle() {
        for (int n = 0; n < 4; ++n) peer->settle();
    }
    const Shown &next(std::size_t count) {
        EXPECT_TRUE(run_until([&] { return desktop->shown.size() >= count; })) << count;
        settle();
        EXPECT_EQ(desktop->shown.size(), count);
        static const Shown nothing{};
        return desktop->shown.empty() ? nothing : desktop->shown.back();
    }

    PollLoop loop;
    test::PrivateBus bus;
    std::optional<Peer> peer;
    std::optional<Peer> its_peer;
    std::optional<Desktop> desktop;
    std::vector<std::pair<OutputId, Load>> answers;
    std::optional<engine::Snapshot> after_answer;
    bool refuses = false;
    int greeted = 0;
    std::optional<Service> service;
};
using Answers = std::vector<std::pair<OutputId, Load>>;

engine::Snapshot guarding() {
    auto machine = *test::scene("laptop");
    machine.outputs.front().active = true;
    machine.outputs.front().state = engine::OutputState::guarded;
    return machine;
}

TEST_F(DesktopBus, PeopleAreGreetedOnceAsSoonAsSomethingIsGuarded) {
    desktop.emplace(*its_peer);
    start();
    service->greet();
    engine::Snapshot nothing_yet = guarding();
    for (auto &output : nothing_yet.outputs) output.state = engine::OutputState::free;
    publish(nothing_yet);
    settle();
    EXPECT_TRUE(desktop->shown.empty());
    publish(guarding());
    const Shown shown = next(1);
    EXPECT_EQ(shown.summary, "Sound is kept at safe levels from now on");
    EXPECT_NE(shown.body.find("run soundwarden in a terminal"), std::string::npos) << shown.body;
    EXPECT_TRUE(shown.actions.empty());
    EXPECT_EQ(shown.expires, -1) << "it goes by itself";
    EXPECT_EQ(greeted, 1);
    publish(nothing_yet);
    publish(guarding());
    settle();
    EXPECT_EQ(desktop->shown.size(), 1U);
    EXPECT_TRUE(desktop->closed.empty()) << "nor is it taken away";
    EXPECT_EQ(greeted, 1);
}

TEST_F(DesktopBus, WhoeverWasGreetedBeforeIsNot) {
    desktop.emplace(*its_peer);
    start();
    publish(guarding());
    settle();
    EXPECT_TRUE(desktop->shown.empty());
}

TEST_F(DesktopBus, AGreetingThatNobodyShowsWaitsForOneWhoDoes) {
    start();
    service->greet();
    publish(guarding());
    settle();
    EXPECT_EQ(greeted, 0) << "nobody has seen it";
    desktop.emplace(*its_peer);
    next(1);
    EXPECT_EQ(greeted, 1);
}

TEST_F(DesktopBus, AQuestionIsAskedOnceAndAnsweredByAButton) {
    desktop.emplace(*its_peer);
    start();
    publish(asking());
    const Shown shown = next(1);
    EXPECT_EQ(shown.app_name, "Soundwarden");
    EXPECT_EQ(shown.replaces_id, 0U);
    EXPECT_EQ(shown.summary, "What is connected to Headphones?");
    EXPECT_EQ(shown.body, "Sound plays on at a safe level meanwhile. From the keyboard: soundwarden answer Headphones headphones.");
    EXPECT_EQ(shown.actions, (Keys{"headphones", "Headphones", "active-speakers", "Speakers", "more", "Other…"}));
    EXPECT_EQ(shown.urgency(), 1);
    EXPECT_EQ(shown.expires, 0) << "nobody is hurried";
    auto other_volume = asking();
    other_volume.outputs.front().volume = 0.5;
    publish(other_volume);
    settle();
    EXPECT_EQ(desktop->shown.size(), 1U) << "once";
    after_answer = *test::scene("laptop");
    desktop->press(41, "active-speakers");
    EXPECT_TRUE(run_until([&] { return !answers.empty(); }));
    settle();
    EXPECT_EQ(answers, (Answers{{laptop_headphones, Load::active_speakers}})) << "what the server closes after it is no second answer";
    EXPECT_EQ(desktop->closed, (std::vector<std::uint32_t>{41}));
    EXPECT_EQ(desktop->shown.size(), 1U);
}

TEST_F(DesktopBus, OtherLeadsToTheNextStep) {
    desktop.emplace(*its_peer);
    start();
    publish(asking());
    next(1);
    desktop->press(41, "more");
    EXPECT_EQ(next(2).replaces_id, 41U);
    EXPECT_EQ(keys(desktop->shown.back()), (Keys{"in-ear", "line-input", "more"}));
    EXPECT_TRUE(answers.empty()) << "that the server closed it for the button is no answer";
    desktop->emitActionInvoked(41, "headphones");
    settle();
    EXPECT_TRUE(answers.empty()) << "not offered any more";
}

TEST_F(DesktopBus, TheLastStepHasTheRest) {
    desktop.emplace(*its_peer);
    start();
    publish(asking());
    next(1);
    desktop->press(41, "more");
    next(2);
    desktop->press(41, "more");
    EXPECT_EQ(keys(next(3)), (Keys{"headphone-amplifier", "passive-speakers", "unknown"}));
    desktop->press(41, "passive-speakers");
    EXPECT_TRUE(run_until([&] { return !answers.empty(); }));
    settle();
    EXPECT_EQ(answers, (Answers{{laptop_headphones, Load::passive_speakers}}));
}

TEST_F(DesktopBus, ClosingItMeansNotSureAndExpiringMeansNothing) {
    desktop.emplace(*its_peer);
    start();
    publish(asking());
    next(1);
    desktop->expire(41);
    settle();
    EXPECT_TRUE(answers.empty());
    publish(asking());
    settle();
    EXPECT_EQ(desktop->shown.size(), 1U) << "once";
    publish(asking(2));
    EXPECT_EQ(next(2).replaces_id, 0U) << "another question, and 41 is gone";
    desktop->dismiss(42);
    EXPECT_TRUE(run_until([&] { return !answers.empty(); }));
    EXPECT_EQ(answers, (Answers{{laptop_headphones, Load::unknown}}));
    publish(asking(2));
    settle();
    EXPECT_EQ(desktop->shown.size(), 2U);
}

TEST_F(DesktopBus, ItIsClosedWhenAnsweredElsewhereUnpluggedGoneOrNotWanted) {
    desktop.emplace(*its_peer);
    start();
    const std::vector<std::function<void()>> ends{
        [&] { publish(*test::scene("laptop")); },
        [&] { publish(*test::scene("unplugged")); },
        [&] { publish(*test::scene("empty")); },
        [&] { service->allow_notices(false); },
        [&] {
            service->allow_notices(true);
            next(5);
            service.reset(); // the daemon ends
        },
    };
    for (std::size_t n = 0; n < ends.size(); ++n) {
        if (n < 4) publish(asking(static_cast<std::uint32_t>(n + 1)));
        if (n < 4) next(n + 1);
        ends[n]();
        EXPECT_TRUE(run_until([&] { return desktop->closed.size() == n + 1; })) << n;
        EXPECT_EQ(desktop->closed.back(), 41U + n);
    }
    EXPECT_TRUE(answers.empty());
}

TEST_F(DesktopBus, OnlyWhoShowsItMayAnswer) {
    desktop.emplace(*its_peer);
    start();
    publish(asking());
    next(1);
    Peer stranger{loop, bus.address()};
    // As the true one would say it, from the same path: to all, and to the daemon itself.
    for (const char *member : {"ActionInvoked", "NotificationClosed"}) {
        const auto object = sdbus::createObject(*stranger.connection, sdbus::ObjectPath{"/org/freedesktop/Notifications"});
        auto signal = object->createSignal(bus::InterfaceName{"org.freedesktop.Notifications"}, bus::SignalName{member});
        if (std::string{member} == "ActionInvoked") signal << std::uint32_t{41} << std::string{"active-speakers"};
        else signal << std::uint32_t{41} << std::uint32_t{2};
        object->emitSignal(signal);
        auto direct = object->createSignal(bus::InterfaceName{"org.freedesktop.Notifications"}, bus::SignalName{member});
        if (std::string{member} == "ActionInvoked") direct << std::uint32_t{41} << std::string{"active-speakers"};
        else direct << std::uint32_t{41} << std::uint32_t{2};
        direct.setDestination(bus::service_name);
        object->emitSignal(direct);
    }
    settle();
    loop.run_until([] { return false; }, milliseconds{100});
    EXPECT_TRUE(answers.empty());
    desktop->press(41, "headphones");
    EXPECT_TRUE(run_until([&] { return !answers.empty(); })) << "the true one still may";
}

TEST_F(DesktopBus, WhatWasNeverOfferedAndWhatIsNoSignalOfItsAreIgnored) {
    desktop.emplace(*its_peer);
    start();
    publish(asking());
    next(1);
    for (const std::string key : {"", "default", "nothing", "unknown", "display"}) desktop->emitActionInvoked(41, key);
    desktop->emitActionInvoked(0, "headphones");
    desktop->emitActionInvoked(40, "headphones");
    desktop->emitNotificationClosed(0, 2);
    desktop->emitNotificationClosed(99, 2);
    // Of another shape than they have.
    const auto object = sdbus::createObject(*its_peer->connection, sdbus::ObjectPath{"/org/freedesktop/Notifications/x"});
    auto wrong = object->createSignal(bus::InterfaceName{"org.freedesktop.Notifications"}, bus::SignalName{"ActionInvoked"});
    wrong << std::string{"41"};
    wrong.setDestination(bus::service_name);
    object->emitSignal(wrong);
    settle();
    EXPECT_TRUE(answers.empty());
    desktop->press(41, "headphones");
    EXPECT_TRUE(run_until([&] { return answers.size() == 1; }));
}

TEST_F(DesktopBus, AfterARestartOfTheServerItIsAskedAnew) {
    desktop.emplace(*its_peer);
    start();
    publish(asking());
    next(1);
    desktop.reset();
    settle();
    desktop.emplace(*its_peer);
    desktop->next_id = 7;
    EXPECT_EQ(next(1).replaces_id, 0U) << "41 may be somebody else's by now";
    desktop->press(41, "headphones");
    settle();
    EXPECT_TRUE(answers.empty());
    desktop->press(7, "headphones");
    EXPECT_TRUE(run_until([&] { return answers.size() == 1; }));
}

TEST_F(DesktopBus, AServerThatComesLaterIsAskedThen) {
    start();
    const auto begin = std::chrono::steady_clock::now();
    publish(asking());
    settle();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, scaled(milliseconds{1000})) << "nobody waits";
    desktop.emplace(*its_peer);
    next(1);
    service.reset();
}

TEST_F(DesktopBus, AServerThatDoesNotAnswerKeepsNobody) {
    desktop.emplace(*its_peer);
    its_peer->deaf = true;
    start();
    const auto begin = std::chrono::steady_clock::now();
    for (std::uint32_t n = 1; n < 50; ++n) publish(asking(n));
    EXPECT_EQ(peer->number("Allowance"), 1.6);
    publish(*test::scene("laptop"));
    service.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, scaled(milliseconds{1000}));
}

TEST_F(DesktopBus, OneThatRefusesIsNotAskedForEver) {
    desktop.emplace(*its_peer);
    desktop->refuses = true;
    start();
    publish(asking());
    next(1);
    for (int n = 0; n < 5; ++n) publish(asking());
    settle();
    EXPECT_EQ(desktop->shown.size(), 1U);
}

TEST_F(DesktopBus, WithoutButtonsTheBodyNamesEveryAnswer) {
    desktop.emplace(*its_peer);
    desktop->capabilities = {"body"};
    start();
    publish(asking());
    const Shown &shown = next(1);
    EXPECT_TRUE(shown.actions.empty());
    EXPECT_EQ(shown.body, "Sound plays on at a safe level meanwhile. From the keyboard: soundwarden answer Headphones headphones (or in-ear, "
                          "active-speakers, passive-speakers, line-input, headphone-amplifier, unknown).");
}

TEST_F(DesktopBus, NamesAreNoMarkup) {
    desktop.emplace(*its_peer);
    start();
    auto machine = blocked();
    machine.outputs.front().name = "Mum & Dad's <b>best</b>\nones \xff" + std::string(200, 'x');
    publish(machine);
    const Shown &shown = next(1);
    EXPECT_EQ(shown.body.find('<'), std::string::npos) << shown.body;
    EXPECT_NE(shown.body.find("an amplifier &amp; &lt;b&gt;more&lt;/b&gt;."), std::string::npos) << shown.body;
    EXPECT_EQ(shown.summary.find('\n'), std::string::npos);
    EXPECT_LT(shown.summary.size(), 120U);
    EXPECT_NE(shown.body.find(std::string("soundwarden explain ") + laptop_headphones), std::string::npos) << "such a name is no word: " << shown.body;
}

TEST_F(DesktopBus, ABlockIsToldAndClosedWhenItIsOver) {
    desktop.emplace(*its_peer);
    start();
    publish(limited());
    EXPECT_EQ(next(1).summary, "Sound is limited on Headphones");
    EXPECT_EQ(desktop->shown[0].expires, -1);
    EXPECT_TRUE(desktop->shown[0].actions.empty());
    publish(blocked());
    EXPECT_EQ(next(2).summary, "Sound is off on Headphones");
    EXPECT_EQ(desktop->shown[1].replaces_id, 41U) << "one for each output";
    EXPECT_EQ(desktop->shown[1].body, "Passive speakers need an amplifier &amp; &lt;b&gt;more&lt;/b&gt;. All about it: soundwarden explain Headphones. "
                                      "For a while all the same, quietly: soundwarden override Headphones --ceiling DB --for TIME.");
    publish(*test::scene("laptop"));
    EXPECT_TRUE(run_until([&] { return !desktop->closed.empty(); }));
    EXPECT_EQ(desktop->closed, (std::vector<std::uint32_t>{41}));
    publish(blocked());
    next(3);
    desktop->dismiss(41);
    desktop->dismiss(42);
    settle();
    EXPECT_TRUE(answers.empty()) << "closing what only tells answers nothing";
    publish(blocked());
    settle();
    EXPECT_EQ(desktop->shown.size(), 3U);
}

TEST_F(DesktopBus, AnAnswerThatIsRecalledMayBeChanged) {
    auto recalled = *test::scene("laptop");
    recalled.outputs.front().recalled = 3;
    recalled.outputs.front().classification.loads = {{Load::active_speakers, 1.0}};
    desktop.emplace(*its_peer);
    start();
    publish(recalled);
    const Shown first = next(1);
    EXPECT_EQ(first.summary, "Headphones: Speakers, as you said");
    EXPECT_NE(first.body.find("soundwarden forget"), std::string::npos) << first.body;
    EXPECT_EQ(keys(first), Keys{"change"});
    EXPECT_NE(first.expires, 0) << "it goes by itself";
    desktop->press(41, "change");
    const Shown second = next(2);
    EXPECT_EQ(second.replaces_id, 41U);
    EXPECT_EQ(second.summary, "What is connected to Headphones?");
    EXPECT_EQ(keys(second), (Keys{"headphones", "active-speakers", "more"}));
    EXPECT_EQ(second.expires, 0);
    desktop->press(41, "headphones");
    EXPECT_TRUE(run_until([&] { return !answers.empty(); }));
    EXPECT_EQ(answers.back().second, Load::headphones);
}

TEST_F(DesktopBus, ClosingARecalledAnswerLeavesItAsItIs) {
    auto recalled = *test::scene("laptop");
    recalled.outputs.front().recalled = 3;
    recalled.outputs.front().classification.loads = {{Load::headset, 1.0}};
    desktop.emplace(*its_peer);
    start();
    publish(recalled);
    EXPECT_EQ(next(1).summary, "Headphones: headset, as you said") << "one that has no button";
    desktop->dismiss(41);
    settle();
    EXPECT_TRUE(answers.empty());
    publish(recalled);
    settle();
    EXPECT_EQ(desktop->shown.size(), 1U);
    recalled.outputs.front().recalled = 4; // the next plug
    publish(recalled);
    next(2);
}

TEST_F(DesktopBus, AnAnswerThatIsRefusedEndsTheQuestionAllTheSame) {
    desktop.emplace(*its_peer);
    refuses = true;
    start();
    publish(asking());
    next(1);
    desktop->press(41, "headphones");
    EXPECT_TRUE(run_until([&] { return answers.size() == 1; }));
    settle();
    EXPECT_EQ(desktop->shown.size(), 1U);
}

/// GNOME's shell, as far as its headset dialog goes.
struct Shell {
    Shell(PollLoop &loop, const std::string &address) : peer(loop, address) {
        object = sdbus::createObject(*peer.connection, sdbus::ObjectPath{"/org/gnome/Shell/AudioDeviceSelection"});
        peer.connection->requestName(bus::ServiceName{"org.gnome.Shell"});
    }
    void select() {
        auto signal = object->createSignal(bus::InterfaceName{"org.gnome.Shell.AudioDeviceSelection"}, bus::SignalName{"DeviceSelected"});
        signal << std::string{"headphones"};
        object->emitSignal(signal);
    }
    Peer peer;
    std::unique_ptr<sdbus::IObject> object;
};

TEST_F(DesktopBus, TheDesktopsOwnHeadsetDialogComesFirst) {
    desktop.emplace(*its_peer);
    Shell shell{loop, bus.address()};
    start(scaled(milliseconds{60'000}));
    settle();
    auto machine = asking();
    publish(machine);
    next(1); // nothing is unsure there
    machine = asking(2);
    machine.outputs.front().jack_unsure = true;
    publish(machine);
    settle();
    EXPECT_EQ(desktop->shown.size(), 1U) << "the dialog may be up";
    EXPECT_EQ(desktop->closed.size(), 1U) << "the question before is over";
    shell.select();
    EXPECT_EQ(next(2).replaces_id, 0U);
}

TEST_F(DesktopBus, ADialogThatNobodyAnswersHoldsTheQuestionForAWhileOnly) {
    desktop.emplace(*its_peer);
    Shell shell{loop, bus.address()};
    start(milliseconds{200});
    settle();
    auto machine = asking();
    machine.outputs.front().jack_unsure = true;
    const auto begin = std::chrono::steady_clock::now();
    publish(machine);
    next(1);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds{190});
}

// ---- words

TEST(DesktopWords, EveryAnswerCanBeGivenAndNoStepHasMoreThanThreeButtons) {
    for (const auto &[kind, name] : Names<OutputKind>::table) {
        std::vector<Load> offered;
        std::size_t step = 0;
        for (auto shown = choices(kind, step); !shown.empty(); shown = choices(kind, ++step)) {
            EXPECT_LE(shown.size(), 3U) << name;
            for (const Choice &choice : shown) {
                if (choice.load) offered.push_back(*choice.load);
                EXPECT_EQ(!choice.load, &choice == &shown.back() && !choices(kind, step + 1).empty()) << name << " " << choice.key;
            }
            if (shown.back().load) break;
        }
        for (const auto &[load, load_name] : Names<Load>::table) {
            const auto count = std::count(offered.begin(), offered.end(), load);
            EXPECT_EQ(count, answerable(load) && load != Load::headset ? 1 : 0) << name << " " << load_name; // a headset is limited like headphones
        }
    }
}

TEST(DesktopWords, TheLikeliestComesFirst) {
    EXPECT_EQ(choices(OutputKind::headphone_out, 0).front().load, Load::headphones);
    EXPECT_EQ(choices(OutputKind::line_out, 0).front().load, Load::active_speakers);
    EXPECT_EQ(choices(OutputKind::speaker_out, 0).front(), (Choice{Load::passive_speakers, "passive-speakers", "Speakers"}));
}

TEST(DesktopWords, AQuestionComesBeforeABlockAndABlockBeforeALimit) {
    auto machine = blocked();
    machine.outputs.front().limited = true;
    ASSERT_EQ(notices_of(machine).size(), 1U);
    EXPECT_EQ(notices_of(machine)[0].kind, OutputNotice::Kind::blocked);
    machine.outputs.front().question = 3;
    EXPECT_EQ(notices_of(machine)[0].kind, OutputNotice::Kind::question);
    EXPECT_EQ(text_of(notices_of(machine)[0], true).body,
              "Passive speakers need an amplifier & <b>more</b>. Sound is off meanwhile. From the keyboard: soundwarden answer Headphones headphones.");
    machine.outputs.front().question = 0;
    machine.reasons.push_back({"panic", "everything is silent"});
    EXPECT_TRUE(notices_of(machine).empty()) << "who asked for silence knows";
}

TEST(DesktopWords, ALimitSaysWhatItIs) {
    EXPECT_EQ(text_of(notices_of(limited()).at(0), true).body, "It gets no louder than -9.4 dB. Why: soundwarden explain Headphones. Louder for a while: "
                                                               "soundwarden override Headphones --ceiling DB --for TIME.");
}

TEST(DesktopWords, AnOutputThatAnotherMightBeIsCalledByItsId) {
    auto machine = asking();
    machine.outputs[2].name = "Headphones 2";
    EXPECT_EQ(notices_of(machine).at(0).called, laptop_headphones);
}

} // namespace
} // namespace soundwarden
