// SPDX-License-Identifier: MIT
// The hearing dose on the bus and on the desktop: a service on a private bus, and peers of it in the same loop.
#include "bus/names.hpp"
#include "desktop_bench.hpp"
#include "dbus/service.hpp"
#include "dose_notice.hpp"
#include "dose_object.hpp"
#include "poll_loop.hpp"
#include "private_bus.hpp"
#include "scenes.hpp"
#include "utf8.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <cmath>
#include <iostream>
#include <limits>
#include <sstream>

namespace soundwarden {
namespace {

using namespace dbus;
using dose::Notice;
using dose::Row;
using dose::Span;
using std::chrono::milliseconds;
using test::Answer;
using test::PollLoop;
using test::scaled;

using test::Desktop;
using test::Peer;
using test::Shown;
using test::Variants;
using Kind = Notice::Kind;

dose::Now listening() {
    dose::Now now;
    now.allowance_pa2h = 1.6;
    now.week = {0.8, 0.3, 7200.0, 91.5};
    now.level = Decibels{83.0};
    now.level_estimate = true;
    now.limit = Decibels{80.5};
    return now;
}

Notice half_used() { return {Kind::allowance, 50.0, Decibels{87.2}, test::laptop_headphones, true}; }

class DoseBus : public testing::Test {
  protected:
    DoseBus() {
        bus.start();
        peer.emplace(loop, bus.address());
    }

    Service &start(milliseconds between_signals = milliseconds{0}) {
        Service::Options options;
        options.version = "1";
        options.address = bus.address();
        options.between_signals = between_signals;
        options.first_retry = milliseconds{20};
        Service::Commands commands;
        commands.dose_history = [this](Span span, std::int64_t since_s) { return history(span, since_s); };
        if (week) commands.dose_week = [this] { return *week; };
        service.emplace(loop, options, nullptr, [this](const std::string &sentence) { said.push_back(sentence); }, commands);
        EXPECT_EQ(service->start().result, Started::ok);
        return *service;
    }
    /// Everything that the dose's object says from now on.
    void listen() {
        slot = bus::subscribe(*peer->connection, std::string{"type='signal',path='"} + bus::dose_path + "'", [this](sdbus::Message &message) {
            const std::string member = message.getMemberName();
            if (member == "Notice") {
                notices.emplace_back();
                auto &[kind, percent, level, output, text] = notices.back();
                message >> kind >> percent >> level >> output >> text;
            } else if (member == "PropertiesChanged") {
                std::string interface;
                changes.emplace_back();
                message >> interface >> changes.back();
            }
        });
    }
    bool run_until(const std::function<bool()> &done) { return loop.run_until(done, scaled(test::patience)); }

    PollLoop loop;
    test::PrivateBus bus;
    std::optional<Peer> peer;
    std::function<std::vector<Row>(Span, std::int64_t)> history = [](Span, std::int64_t) { return std::vector<Row>{}; };
    std::optional<dose::Exposure> week;
    std::vector<std::string> said;
    std::vector<Variants> changes;
    std::vector<std::tuple<std::string, double, double, std::string, std::string>> notices;
    sdbus::Slot slot;
    std::optional<Service> service;
};

// ---- properties

TEST_F(DoseBus, ThePropertiesSayWhatWasPublishedLast) {
    start();
    EXPECT_EQ(peer->number("Allowance"), 1.6) << "from the start on";
    EXPECT_EQ(peer->number("Week"), 0.0);
    EXPECT_TRUE(std::isnan(peer->number("Level")));
    EXPECT_TRUE(std::isnan(peer->number("TimeLeft")));
    EXPECT_EQ(peer->number("Limit"), std::numeric_limits<double>::infinity());
    const auto now = listening();
    service->publish_dose(now);
    EXPECT_EQ(peer->number("Allowance"), 1.6);
    EXPECT_EQ(peer->number("Week"), 0.8);
    EXPECT_EQ(peer->number("WeekEstimated"), 0.3);
    const auto range = peer->property<sdbus::Struct<double, double>>("WeekRange");
    EXPECT_EQ(std::get<0>(range), dose::least_pa2h(now.week));
    EXPECT_EQ(std::get<1>(range), dose::most_pa2h(now.week));
    EXPECT_LT(std::get<0>(range), 0.8);
    EXPECT_GT(std::get<1>(range), 0.8);
    EXPECT_EQ(peer->number("Level"), 83.0);
    EXPECT_TRUE(peer->property<bool>("LevelEstimated"));
    EXPECT_NEAR(peer->number("TimeLeft"), 10.0 * 3600.0, 100.0) << "half of the allowance: 83 dB(A) for 20 hours, halved";
    EXPECT_EQ(peer->number("Limit"), 80.5);
}

// A week rolls on while nothing plays and nobody publishes.
TEST_F(DoseBus, TheWeekIsThatOfTheMomentWhenItIsAsked) {
    week.emplace();
    week->pa2h = 0.25;
    week->estimated_pa2h = 0.125;
    start().publish_dose(listening());
    EXPECT_EQ(peer->number("Week"), 0.25);
    EXPECT_EQ(peer->number("WeekEstimated"), 0.125);
    week->pa2h = 0.0;
    EXPECT_EQ(peer->number("Week"), 0.0);
}

TEST_F(DoseBus, WhatIsPublishedBeforeTheBusIsThereIsSaidToo) {
    Service::Options options;
    options.address = bus.address();
    service.emplace(loop, options, nullptr, nullptr);
    service->publish_dose(listening());
    service->notice(half_used(), true); // to nobody
    ASSERT_EQ(service->start().result, Started::ok);
    EXPECT_EQ(peer->number("Week"), 0.8);
    EXPECT_EQ(peer->history("hour", 0).value.value_or(std::vector<DoseRow>(1)).size(), 0U) << "nobody knows a history";
}

TEST_F(DoseBus, ItIsOneOfTheManagedObjects) {
    start();
    const auto objects =
        peer->call<std::map<sdbus::ObjectPath, std::map<std::string, Variants>>>(bus::root_path, bus::object_manager_interface, "GetManagedObjects").value;
    ASSERT_TRUE(objects);
    const auto found = objects->find(sdbus::ObjectPath{bus::dose_path});
    ASSERT_NE(found, objects->end());
    EXPECT_EQ(found->second.at(bus::dose_interface).at("Allowance").get<double>(), 1.6);
    EXPECT_EQ(found->second.at(bus::dose_interface).size(), 8U);
}

TEST_F(DoseBus, OnlyAnotherAllowanceOrLimitIsAnnounced) {
    start();
    listen();
    auto now = listening();
    now.limit.reset();
    service->publish_dose(now);
    for (int second = 0; second < 50; ++second) {
        now.week += {0.001, 0.001, 1.0, 95.0};
        now.level = Decibels{80.0 + second};
        service->publish_dose(now);
    }
    now.level.reset();
    service->publish_dose(now);
    peer->settle();
    EXPECT_TRUE(changes.empty()) << "nobody is woken once a second";
    now.limit = Decibels{90.0};
    service->publish_dose(now);
    service->publish_dose(now);
    peer->settle();
    ASSERT_EQ(changes.size(), 1U);
    ASSERT_EQ(changes[0].size(), 1U);
    EXPECT_EQ(changes[0].at("Limit").get<double>(), 90.0);
    now.limit.reset();
    now.allowance_pa2h = 0.51;
    service->publish_dose(now);
    peer->settle();
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(changes[1].at("Limit").get<double>(), std::numeric_limits<double>::infinity());
    EXPECT_EQ(changes[1].at("Allowance").get<double>(), 0.51);
}

TEST_F(DoseBus, LimitsThatFollowOneAnotherFastAreHeldBackAndTheLastOneIsSaid) {
    start(milliseconds{50});
    listen();
    auto now = listening();
    for (int n = 0; n < 100; ++n) {
        now.limit = Decibels{100.0 - n * 0.1};
        service->publish_dose(now);
    }
    const double last = now.limit->value;
    EXPECT_TRUE(run_until([&] { return !changes.empty() && changes.back().at("Limit").get<double>() == last; }));
    EXPECT_LE(changes.size(), 3U);
}

TEST(DoseValues, TheTimeThatIsLeft) {
    auto now = listening();
    EXPECT_EQ(time_left_s(now), dose::seconds_until(0.8, Decibels{83.0}));
    now.level = Decibels{50.0};
    EXPECT_EQ(time_left_s(now), std::numeric_limits<double>::infinity()) << "that counts nothing";
    now.week.pa2h = 1.6;
    EXPECT_EQ(time_left_s(now), 0.0) << "used up is used up";
    now.week.pa2h = 3.0;
    now.level = Decibels{90.0};
    EXPECT_EQ(time_left_s(now), 0.0);
    now.level.reset();
    EXPECT_TRUE(std::isnan(time_left_s(now)));
}

// ---- history

TEST_F(DoseBus, TheHistoryOfBothSpans) {
    std::vector<std::pair<Span, std::int64_t>> asked;
    history = [&](Span span, std::int64_t since_s) {
        asked.emplace_back(span, since_s);
        return std::vector<Row>{{span, 3600, "a", {0.5, 0.25, 30.0, 88.0}}, {span, 7200, "bad \xff", {1.5, 0.0, 60.0, 90.0}}};
    };
    start();
    const auto minutes = peer->history("minute", 42).value;
    ASSERT_TRUE(minutes);
    ASSERT_EQ(minutes->size(), 2U);
    EXPECT_EQ((*minutes)[0], (DoseRow{std::int64_t{3600}, "a", 0.5, 0.25, 30.0, 88.0}));
    EXPECT_EQ(std::get<1>((*minutes)[1]), "bad ?");
    EXPECT_TRUE(peer->history("hour", -1).value);
    EXPECT_EQ(asked, (std::vector<std::pair<Span, std::int64_t>>{{Span::minute, 42}, {Span::hour, -1}}));
}

TEST_F(DoseBus, AnotherSpanIsAnInvalidArgument) {
    bool asked = false;
    history = [&](Span, std::int64_t) {
        asked = true;
        return std::vector<Row>{};
    };
    start();
    for (const std::string span : {"", "Minute", "day", "hours"}) EXPECT_EQ(peer->history(span, 0).error, bus::error::invalid_argument) << span;
    EXPECT_FALSE(asked);
    history = [](Span, std::int64_t) -> std::vector<Row> { throw std::runtime_error{"broke"}; };
    EXPECT_EQ(peer->history("hour", 0).error, bus::error::internal);
}

TEST_F(DoseBus, OfALongHistoryTheNewestRowsComeInOneCall) {
    std::vector<Row> rows;
    for (std::int64_t n = 0; n < 20'500; ++n)
        rows.push_back({Span::hour, n * 3600, "usb_some_maker_some_headset_1234567890ab_00_analog_output", {1.0 / 3.0, 0.0, 3600.0, 83.3}});
    history = [&](Span, std::int64_t) { return rows; };
    start();
    const auto begin = std::chrono::steady_clock::now();
    const auto answer = peer->history("hour", 0).value;
    const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->size(), 20'000U);
    EXPECT_EQ(std::get<0>(answer->front()), 500 * 3600);
    EXPECT_EQ(std::get<0>(answer->back()), 20'499 * 3600);
    std::cout << "20,000 rows in " << took.count() << " ms, both ends together\n";
    EXPECT_LT(took, scaled(milliseconds{2000}));
}

// ---- notices

TEST_F(DoseBus, ANoticeIsASignal) {
    start();
    listen();
    service->publish(*test::scene("laptop"), Posture::protect);
    service->notice(half_used(), false);
    service->notice({Kind::too_loud, 61.5, Decibels{103.0}, "gone", false}, false);
    service->notice({Kind::landing, 81.0, {}, "", true}, false);
    service->notice({Kind::stop, 121.0, {}, "", false}, false);
    EXPECT_TRUE(run_until([&] { return notices.size() == 4; }));
    const auto &[kind, percent, level, output, text] = notices.at(0);
    EXPECT_EQ(kind, "allowance");
    EXPECT_EQ(percent, 50.0);
    EXPECT_EQ(level, 87.2);
    EXPECT_EQ(output, test::laptop_headphones);
    const std::string name = test::scene("laptop")->outputs.front().name;
    EXPECT_EQ(text, "Half of this week's sound allowance is used. It is 87 dB(A) at your ears now, estimated. Output: " + name + ".");
    EXPECT_EQ(std::get<0>(notices.at(1)), "too-loud");
    EXPECT_EQ(std::get<3>(notices.at(1)), "gone") << "the id stays, also where its output has gone";
    EXPECT_EQ(std::get<0>(notices.at(2)), "landing");
    EXPECT_TRUE(std::isnan(std::get<2>(notices.at(2)))) << "nothing plays";
    EXPECT_EQ(std::get<0>(notices.at(3)), "stop");
}

TEST_F(DoseBus, ANoticeReachesTheDesktop) {
    Peer its_peer{loop, bus.address()};
    Desktop desktop{its_peer};
    start();
    auto machine = *test::scene("laptop");
    machine.outputs.front().name = "Mum & Dad's <b>best</b>";
    service->publish(machine, Posture::protect);
    service->notice(half_used(), true);
    ASSERT_TRUE(run_until([&] { return desktop.shown.size() == 1; }));
    const Shown &shown = desktop.shown[0];
    EXPECT_EQ(shown.app_name, "Soundwarden");
    EXPECT_EQ(shown.replaces_id, 0U);
    EXPECT_EQ(shown.icon, "audio-headphones");
    EXPECT_EQ(shown.summary, "Half of this week's sound allowance is used");
    EXPECT_EQ(shown.body, "It is 87 dB(A) at your ears now, estimated. Output: Mum &amp; Dad's &lt;b&gt;best&lt;/b&gt;.");
    EXPECT_TRUE(shown.actions.empty());
    EXPECT_EQ(shown.hints.size(), 1U);
    EXPECT_EQ(shown.urgency(), 1);
    EXPECT_EQ(shown.expires, -1);
    service->notice(half_used(), false);
    peer->settle();
    EXPECT_EQ(desktop.shown.size(), 1U) << "only where it is wanted";
}

TEST_F(DoseBus, ANewNoticeReplacesTheLastOneOfItsKindAndNoOther) {
    Peer its_peer{loop, bus.address()};
    Desktop desktop{its_peer};
    start();
    const auto show = [&](Kind kind) {
        service->notice({kind, 80.0, Decibels{101.0}, "a", false}, true);
        const auto count = desktop.shown.size() + 1;
        EXPECT_TRUE(run_until([&] { return desktop.shown.size() == count; }));
        peer->settle(); // the number has come
        peer->settle();
        return desktop.shown.back();
    };
    for (const Kind kind : {Kind::allowance, Kind::too_loud, Kind::landing, Kind::stop}) {
        const auto shown = show(kind);
        EXPECT_EQ(shown.replaces_id, 0U) << word_of(kind);
        EXPECT_EQ(shown.urgency(), kind == Kind::too_loud || kind == Kind::stop ? 2 : 1) << word_of(kind);
    }
    EXPECT_EQ(show(Kind::stop).replaces_id, 44U);
    EXPECT_EQ(show(Kind::allowance).replaces_id, 41U);
    EXPECT_EQ(show(Kind::allowance).replaces_id, 41U);
    EXPECT_EQ(show(Kind::too_loud).replaces_id, 42U);
}

TEST_F(DoseBus, TheNumbersOfADesktopThatWentAreNotUsedWithTheNextOne) {
    Peer its_peer{loop, bus.address()};
    std::optional<Desktop> desktop{std::in_place, its_peer};
    start();
    for (int n = 0; n < 2; ++n) {
        service->notice(half_used(), true);
        ASSERT_TRUE(run_until([&] { return desktop->shown.size() == 1; }));
        peer->settle();
        peer->settle();
        EXPECT_EQ(desktop->shown[0].replaces_id, 0U) << "41 may be somebody else's by now";
        desktop.emplace(its_peer);
        peer->settle(); // the service knows of it
    }
}

TEST_F(DoseBus, WhereNothingShowsNotificationsNobodyMinds) {
    std::ostringstream log;
    const auto before = spdlog::default_logger();
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
    spdlog::set_level(spdlog::level::debug);
    start();
    listen();
    const auto begin = std::chrono::steady_clock::now();
    for (int n = 0; n < 20; ++n) service->notice(half_used(), true);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, scaled(milliseconds{500}));
    EXPECT_TRUE(run_until([&] { return notices.size() == 20; }));
    EXPECT_TRUE(run_until([&] { return log.str().find("no desktop notification") != std::string::npos; }));
    EXPECT_EQ(log.str().find("[warning]"), std::string::npos) << log.str();
    EXPECT_EQ(log.str().find("[info]"), std::string::npos) << log.str();
    EXPECT_TRUE(said.empty());
    spdlog::set_default_logger(before);
}

TEST_F(DoseBus, ADesktopThatRefusesIsAskedAgain) {
    Peer its_peer{loop, bus.address()};
    Desktop desktop{its_peer};
    desktop.refuses = true;
    start();
    for (std::size_t n = 1; n <= 3; ++n) {
        service->notice(half_used(), true);
        ASSERT_TRUE(run_until([&] { return desktop.shown.size() == n; }));
        EXPECT_EQ(desktop.shown.back().replaces_id, 0U);
    }
}

TEST_F(DoseBus, ADesktopThatDoesNotAnswerKeepsNobody) {
    Peer its_peer{loop, bus.address()};
    Desktop desktop{its_peer};
    its_peer.deaf = true;
    start();
    const auto begin = std::chrono::steady_clock::now();
    for (int n = 0; n < 20; ++n) service->notice(half_used(), true);
    peer->settle();
    EXPECT_EQ(peer->number("Allowance"), 1.6);
    service.reset(); // with answers outstanding
    EXPECT_LT(std::chrono::steady_clock::now() - begin, scaled(milliseconds{1000}));
    its_peer.deaf = false;
    EXPECT_TRUE(run_until([&] { return desktop.shown.size() == 20; }));
}

TEST_F(DoseBus, TheDoseComesBackWithTheBus) {
    start();
    service->publish_dose(listening());
    bus.kill();
    EXPECT_TRUE(run_until([&] { return !said.empty(); }));
    auto now = listening();
    now.week.pa2h = 1.25;
    service->publish_dose(now);
    service->notice(half_used(), true);
    slot = {};
    peer.reset();
    bus.start();
    EXPECT_TRUE(run_until([&] { return said.back().empty(); }));
    peer.emplace(loop, bus.address());
    EXPECT_EQ(peer->number("Week"), 1.25);
    Peer its_peer{loop, bus.address()};
    Desktop desktop{its_peer};
    service->notice(half_used(), true);
    EXPECT_TRUE(run_until([&] { return desktop.shown.size() == 1; }));
}

// ---- sentences

TEST(NoticeSentences, SayHowMuchOfTheAllowanceIsUsed) {
    const auto title = [](double percent) { return text_of({Kind::allowance, percent, Decibels{87.4}, "", false}, 1.6, "").title; };
    EXPECT_EQ(title(50.0), "Half of this week's sound allowance is used");
    EXPECT_EQ(title(80.0), "80 % of this week's sound allowance is used");
    EXPECT_EQ(title(62.5), "62.5 % of this week's sound allowance is used");
    EXPECT_EQ(title(0.1 + 0.2), "0.3 % of this week's sound allowance is used");
    EXPECT_EQ(title(100.0), "This week's sound allowance is used up");
    EXPECT_EQ(title(150.0), "150 % of this week's sound allowance is used");
    EXPECT_EQ(title(200.0), "This week's sound allowance is used twice over");
    EXPECT_EQ(title(300.0), "This week's sound allowance is used 3 times over");
    EXPECT_EQ(title(1200.0), "This week's sound allowance is used 12 times over");
}

TEST(NoticeSentences, SayHowLoudItIsNow) {
    const auto body = [](Decibels level, bool estimate, const std::string &output) {
        return text_of({Kind::allowance, 50.0, level, "id", estimate}, 1.6, output).body;
    };
    EXPECT_EQ(body(Decibels{87.4}, false, ""), "It is 87 dB(A) at your ears now.");
    EXPECT_EQ(body(Decibels{87.5}, true, ""), "It is 88 dB(A) at your ears now, estimated.");
    EXPECT_EQ(body(Decibels{87.4}, true, "Headphones"), "It is 87 dB(A) at your ears now, estimated. Output: Headphones.");
    EXPECT_EQ(body(Decibels{0.0}, false, ""), "") << "nothing plays";
    EXPECT_EQ(body(Decibels{std::numeric_limits<double>::quiet_NaN()}, true, ""), "That is estimated.");
    EXPECT_EQ(body(Decibels{0.0}, false, "Headphones"), "Output: Headphones.");
}

TEST(NoticeSentences, SayHowLongSuchALevelMayLast) {
    const auto text = [](double dba, double allowance_pa2h, bool estimate = false) {
        return text_of({Kind::too_loud, 10.0, Decibels{dba}, "", estimate}, allowance_pa2h, "");
    };
    EXPECT_EQ(text(103.0, 1.6), (NoticeText{"103 dB(A) at your ears", "At this level a week's allowance lasts 12 minutes."}));
    EXPECT_EQ(text(103.0, 1.6, true).title, "103 dB(A) at your ears, estimated");
    EXPECT_EQ(text(103.0, 0.51).body, "At this level a week's allowance lasts 3 minutes.");
    EXPECT_EQ(text(90.0, 1.6).body, "At this level a week's allowance lasts 4 hours.");
    EXPECT_EQ(text(75.0, 1.6).body, "At this level a week's allowance lasts 5 days.");
    EXPECT_EQ(text(114.0, 1.6).body, "At this level a week's allowance lasts 57 seconds.");
    EXPECT_EQ(text(130.0, 1.6).body, "At this level a week's allowance lasts 1 second.");
    EXPECT_EQ(text(140.0, 1.6).body, "At this level a week's allowance lasts less than a second.");
    EXPECT_EQ(text(60.0, 1.6).body, "") << "that counts nothing";
}

TEST(NoticeSentences, SayWhatBecomesOfTheLevels) {
    EXPECT_EQ(text_of({Kind::landing, 80.9, {}, "", false}, 1.6, ""),
              (NoticeText{"Sound gets quieter to spare your ears", "80 % of this week's sound allowance is used: levels fall slowly to 80 dB(A)."}));
    EXPECT_EQ(text_of({Kind::landing, 80.0, {}, "", true}, 1.6, "Headphones").body,
              "80 % of this week's sound allowance is used, estimated: levels fall slowly to 80 dB(A). Output: Headphones.");
    EXPECT_EQ(text_of({Kind::stop, 120.0, {}, "", true}, 1.6, ""),
              (NoticeText{"Sound is held quiet to spare your ears", "120 % of this week's sound allowance is used, estimated: levels are held at 55 dB(A)."}));
}

TEST(NoticeSentences, AreNoMarkup) {
    EXPECT_EQ(escaped("a & <b>\"c\"</b>"), "a &amp; &lt;b&gt;\"c\"&lt;/b&gt;");
    EXPECT_EQ(escaped("Kopfhörer"), "Kopfhörer");
}

} // namespace
} // namespace soundwarden
