// SPDX-License-Identifier: MIT
// `soundwarden answer`, `forget` and `log` over the bus: what the daemon is asked, what is printed, exit codes, and what the
// daemon takes from clients that are not ours.
#include "bus_test.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace soundwarden {
namespace {

using Facts = std::map<std::string, sdbus::Variant>;

TEST_F(BusTest, AnswerTellsTheDaemonWhatIsPluggedIn) {
    const auto served = daemon();
    const auto plain = cli({"answer", "headph", "in-ear"});
    EXPECT_EQ(plain.exit_code, 0) << plain.err;
    EXPECT_NE(plain.out.find("Headphones: in-ear"), std::string::npos) << plain.out;
    EXPECT_NE(plain.out.find(std::string{"soundwarden forget "} + test::laptop_headphones), std::string::npos) << plain.out;
    EXPECT_EQ(served->read_until("asked: answer"), std::string{"asked: answer "} + test::laptop_headphones + " in-ear nobody");
    const auto full = cli({"answer", "headph", "headphones", "--model", "HD 600", "--impedance", "300", "--sensitivity", "102.5 dB/V", "-o", "json"});
    EXPECT_EQ(full.exit_code, 0) << full.err;
    EXPECT_EQ(served->read_until("asked: answer"),
              std::string{"asked: answer "} + test::laptop_headphones + " headphones user model=HD 600 impedance=300 sensitivity=102.5");
    EXPECT_EQ(Json::parse(full.out), Json::parse(cli({"show", "headph", "-o", "json"}).out));
}

TEST_F(BusTest, ASensitivityPerMilliwattIsTakenWithItsImpedance) {
    const auto served = daemon();
    EXPECT_EQ(cli({"answer", "headph", "headphones", "--impedance", "32 ohm", "--sensitivity", "97 dB/mW"}).exit_code, 0);
    // 97 + 10 log10(1000 / 32), reference/sensing.md §3.4
    EXPECT_EQ(served->read_until("asked: answer"),
              std::string{"asked: answer "} + test::laptop_headphones + " headphones user impedance=32 sensitivity=111.949");
}

TEST_F(BusTest, ForgetTakesOneAnswerBackOrAll) {
    const auto served = daemon();
    const auto one = cli({"forget", "headph"});
    EXPECT_EQ(one.exit_code, 0) << one.err;
    EXPECT_NE(one.out.find("forgotten"), std::string::npos) << one.out;
    EXPECT_EQ(served->read_until("asked: forget"), std::string{"asked: forget "} + test::laptop_headphones);
    const auto all = cli({"forget", "--all"});
    EXPECT_EQ(all.exit_code, 0) << all.err;
    EXPECT_EQ(served->read_until("asked: forget"), "asked: forget all");
    EXPECT_EQ(Json::parse(cli({"forget", "--all", "-o", "jsonl"}).out), Json::parse(cli({"status", "-o", "json"}).out));
    EXPECT_EQ(Json::parse(cli({"forget", "headph", "-o", "json"}).out), Json::parse(cli({"show", "headph", "-o", "json"}).out));
}

TEST_F(BusTest, WhatCannotBeMeantIsAUsageErrorThatHelps) {
    const auto served = daemon();
    const auto error_of = [&](std::vector<std::string> arguments) {
        const auto result = cli(arguments);
        EXPECT_EQ(result.exit_code, 2) << testing::PrintToString(arguments) << result.err;
        EXPECT_EQ(result.out, "");
        return result.err;
    };
    EXPECT_NE(error_of({"answer", "headph", "headphone"}).find("did you mean 'headphones'"), std::string::npos);
    EXPECT_NE(error_of({"answer", "headph", "speakers"}).find("'active-speakers' or 'passive-speakers'"), std::string::npos);
    EXPECT_NE(error_of({"answer", "headph", "display"}).find("line-input"), std::string::npos) << "nobody plugs that in";
    EXPECT_NE(error_of({"answer", "headph", "in-ear", "--impedance", "lots"}).find("32 ohm"), std::string::npos);
    EXPECT_NE(error_of({"answer", "headph", "in-ear", "--impedance", "0"}).find("not between"), std::string::npos);
    EXPECT_NE(error_of({"answer", "headph", "in-ear", "--sensitivity", "97"}).find("97 dB SPL/mW"), std::string::npos) << "per what is not guessed";
    EXPECT_NE(error_of({"answer", "headph", "in-ear", "--sensitivity", "97 dB/mW"}).find("--impedance"), std::string::npos);
    EXPECT_NE(error_of({"answer", "headph", "in-ear", "--sensitivity", "200 dB/V"}).find("150 dB SPL/V"), std::string::npos);
    EXPECT_NE(error_of({"answer", "headph", "in-ear", "--model", std::string(300, 'x')}).find("model"), std::string::npos);
    EXPECT_NE(error_of({"forget"}).find("--all"), std::string::npos);
    EXPECT_NE(error_of({"forget", "headph", "--all"}).find("not both"), std::string::npos);
    EXPECT_NE(error_of({"log", "--since", "soonish"}).find("2h"), std::string::npos);
    for (const std::vector<std::string> &arguments : {std::vector<std::string>{"answer"}, {"answer", "headph"}, {"log", "-n", "-1"}, {"log", "-n", "many"}, {"log", "a", "b"}})
        error_of(arguments);
    EXPECT_EQ(cli({"answer", "nonsense", "in-ear"}).exit_code, 4);
    EXPECT_EQ(cli({"forget", "nonsense"}).exit_code, 4);
}

TEST_F(BusTest, AnAnswerThatIsRefusedOrNotKeptIsNotConfirmed) {
    const auto served = daemon();
    tell(*served, "refuse the daemon only observes");
    for (const std::vector<std::string> &arguments : {std::vector<std::string>{"answer", "headph", "in-ear"}, {"forget", "headph"}, {"forget", "--all"}}) {
        const auto result = cli(arguments);
        EXPECT_EQ(result.exit_code, 5);
        EXPECT_EQ(result.out, "");
        EXPECT_NE(result.err.find("the daemon only observes"), std::string::npos) << result.err;
    }
    tell(*served, "fail this holds only until the daemon ends");
    const auto result = cli({"answer", "headph", "in-ear"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err.find("until the daemon ends"), std::string::npos) << result.err;
    EXPECT_EQ(cli({"log"}).exit_code, 0) << "who only looks is always answered";
}

TEST_F(BusTest, LogShowsWhatHappened) {
    const auto served = daemon();
    const auto text = cli({"log"}, {{"TZ", "UTC0"}});
    EXPECT_EQ(text.exit_code, 0) << text.err;
    EXPECT_NE(text.out.find("2026-11-29 08:00:00  edge"), std::string::npos) << text.out;
    EXPECT_EQ(text.out.find('\x1b'), std::string::npos);
    EXPECT_EQ(served->read_until("asked: log"), "asked: log 0 100 - -");
    const auto json = Json::parse(cli({"log", "-o", "json"}).out);
    EXPECT_EQ(json.at("schema"), 1);
    ASSERT_EQ(json.at("entries").size(), 5U);
    EXPECT_EQ(json.at("entries").at(1).at("time"), "2026-11-29T08:00:01.512Z");
    EXPECT_EQ(json.at("entries").at(1).at("what"), "decision");
    EXPECT_EQ(json.at("entries").at(1).at("subject"), test::laptop_sink);
    EXPECT_EQ(json.at("entries").at(2).at("text"), "removed a link past the guard, by pw-play (×3)");
}

TEST_F(BusTest, LogIsNarrowedByTheDaemon) {
    const auto served = daemon();
    const auto asked = [&](const std::vector<std::string> &arguments) {
        EXPECT_EQ(cli(arguments).exit_code, 0);
        return served->read_until("asked: log").value_or("");
    };
    EXPECT_EQ(asked({"log", "headph"}), std::string{"asked: log 0 100 - "} + test::laptop_sink);
    EXPECT_EQ(asked({"log", "-n", "2", "--what", "decision"}), "asked: log 0 2 decision -");
    EXPECT_EQ(asked({"log", "-n", "0"}), "asked: log 0 10000 - -") << "as many as there are in one answer";
    EXPECT_EQ(asked({"log", "--since", "@1795939261"}), "asked: log 1795939261000 100 - -");
    EXPECT_EQ(asked({"log", "usb-gone"}), "asked: log 0 100 - usb-gone") << "an output that has gone has a past";
    const auto lines = cli({"log", "-n", "2", "-o", "jsonl"}).out;
    EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
    EXPECT_EQ(Json::parse(lines.substr(0, lines.find('\n'))).at("id"), 10) << "the newest, oldest first";
    const auto none = cli({"log", "--what", "decisions"});
    EXPECT_EQ(none.exit_code, 0);
    EXPECT_NE(none.out.find("did you mean 'decision'"), std::string::npos) << none.out;
    const auto nobody = cli({"log", "nonsense"});
    EXPECT_EQ(nobody.exit_code, 4);
    EXPECT_NE(nobody.err.find(test::laptop_headphones), std::string::npos) << "which there are";
}

TEST_F(BusTest, WithoutADaemonThereIsNothingToAnswer) {
    for (const std::vector<std::string> &arguments :
         {std::vector<std::string>{"answer", "headph", "in-ear"}, {"forget", "headph"}, {"forget", "--all"}, {"log"}, {"log", "headph"}})
        EXPECT_EQ(cli(arguments).exit_code, 3) << testing::PrintToString(arguments);
}

/// The name of the error that Output.Answer gives, or "".
std::string error_of_answer(sdbus::IProxy &output, const std::string &load, const Facts &facts) {
    try {
        output.callMethod("Answer").onInterface(bus::output_interface).withArguments(load, facts);
    } catch (const sdbus::Error &error) {
        return error.getName();
    }
    return "";
}

TEST_F(BusTest, TheDaemonTakesNoSenselessAnswerFromAnybody) {
    const auto served = daemon();
    const auto connection = connect();
    const auto output = proxy(*connection, headphones_path);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<std::pair<std::string, Facts>> senseless{
        {"", {}},
        {"banana", {}},
        {"nothing", {}},
        {"display", {}},
        {"internal-speaker", {}},
        {std::string(100'000, 'x'), {}},
        {"in-ear", {{"colour", sdbus::Variant{std::string{"red"}}}}},
        {"in-ear", {{"impedance", sdbus::Variant{nan}}}},
        {"in-ear", {{"impedance", sdbus::Variant{0.0}}}},
        {"in-ear", {{"impedance", sdbus::Variant{-32.0}}}},
        {"in-ear", {{"impedance", sdbus::Variant{std::numeric_limits<double>::infinity()}}}},
        {"in-ear", {{"impedance", sdbus::Variant{std::int32_t{32}}}}},
        {"in-ear", {{"sensitivity", sdbus::Variant{nan}}}},
        {"in-ear", {{"sensitivity", sdbus::Variant{59.9}}}},
        {"in-ear", {{"sensitivity", sdbus::Variant{150.1}}}},
        {"in-ear", {{"model", sdbus::Variant{32.0}}}},
        {"in-ear", {{"model", sdbus::Variant{std::string{}}}}},
        {"in-ear", {{"model", sdbus::Variant{std::string(257, 'x')}}}},
        {"in-ear", {{"model", sdbus::Variant{std::string{"a\nb"}}}}},
    };
    for (const auto &[load, facts] : senseless) EXPECT_EQ(error_of_answer(*output, load, facts), bus::error::invalid_argument) << load.substr(0, 50);
    EXPECT_EQ(error_of_answer(*output, "unknown", {}), "") << "not sure";
    EXPECT_EQ(served->read_until("asked: answer"), std::string{"asked: answer "} + test::laptop_headphones + " unknown nobody") << "nothing of the others came through";
}

} // namespace
} // namespace soundwarden
