// SPDX-License-Identifier: MIT
// What people ask of a running daemon, judged by the samples at the sink: override, panic, resume (product.md, "The CLI").
#include "guarded.hpp"

#include "bench/clock.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace soundwarden::integration {
namespace {

using bench::Recording;
using bench::Source;

constexpr unsigned rate = 48000;

/// Headphones, the slider at 100 %, under a tone that presses against every limit.
struct Pressed {
    Pressed() : guarded({}, {.quantum = 256, .rate = rate}) {
        guarded.plug(true);
        guarded.set_user_volume(1.0);
        source = std::make_unique<Source>(guarded.session, bench::SourceOptions{.signal = {"tone", "997", "0"}, .level_db = 20});
        source->wait_streaming();
    }
    struct Said {
        int code;
        std::string text;
    };
    Said cli(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), program("SOUNDWARDEN"));
        const auto tool = guarded.session.spawn(arguments);
        const auto status = tool->wait_exit();
        return {status ? status->code : -1, tool->output()};
    }
    /// The loudest sample of the last tenth of a second, dBFS.
    double now() {
        const Recording recording = guarded.card.recording();
        return decibels(static_cast<double>(recording.peak(recording.frames() - rate / 10))).value;
    }
    bool plays_at(double db) {
        return bench::poll_until([&] { return guarded.card.recording().frames() > rate && std::abs(now() - db) < 0.1; });
    }

    Guarded guarded;
    std::unique_ptr<Source> source;
};

TEST(Override, opens_as_far_as_it_says_and_closes_when_it_is_taken_back) {
    Pressed at;
    ASSERT_TRUE(at.plays_at(headphone_cap.value)) << at.now();
    const double wanted = headphone_cap.value + 4.0;
    char ceiling[32];
    std::snprintf(ceiling, sizeof ceiling, "%.2f", wanted);
    const auto from = at.guarded.card.recording().frames();
    const auto said = at.cli({"override", "headphones", "--ceiling", ceiling, "--for", "10min"});
    ASSERT_EQ(said.code, 0) << said.text;
    EXPECT_TRUE(at.plays_at(wanted)) << at.now();
    EXPECT_EQ(at.guarded.card.recording().count_above(amplitude_toward_zero(Decibels{wanted + 0.01}), from), 0U);
    ASSERT_EQ(at.cli({"override", "headphones", "--cancel"}).code, 0);
    EXPECT_TRUE(at.plays_at(headphone_cap.value)) << at.now();
    at.guarded.card.wait_frames(rate / 2);
    const Recording after = at.guarded.card.recording();
    EXPECT_EQ(after.count_above(amplitude_toward_zero(headphone_cap), after.frames() - rate / 4), 0U);
}

TEST(Override, ends_by_itself) {
    Pressed at;
    ASSERT_TRUE(at.plays_at(headphone_cap.value)) << at.now();
    const auto mark = at.guarded.daemon->mark();
    ASSERT_EQ(at.cli({"override", "headphones", "--ceiling", "-6", "--for", "4 s"}).code, 0);
    EXPECT_TRUE(at.plays_at(-6.0)) << at.now();
    at.guarded.daemon->wait_report("override:", mark);
    EXPECT_TRUE(at.plays_at(headphone_cap.value)) << at.now();
}

TEST(Override, says_how_much_there_is_where_somebody_wants_more) {
    Pressed at;
    const auto loud = at.cli({"override", "headphones", "--ceiling", "0", "--for", "24h"});
    EXPECT_EQ(loud.code, 5) << loud.text;
    EXPECT_NE(loud.text.find("for 1800 s"), std::string::npos) << loud.text;
    EXPECT_TRUE(at.plays_at(headphone_cap.value)) << at.now();
}

TEST(Panic, is_silence_at_once_and_resume_comes_back_under_the_cap) {
    Pressed at;
    ASSERT_TRUE(at.plays_at(headphone_cap.value)) << at.now();
    ASSERT_EQ(at.cli({"panic"}).code, 0);
    EXPECT_TRUE(bench::poll_until([&] { return std::isinf(at.now()); })) << at.now();
    EXPECT_NE(at.cli({"status"}).text.find("soundwarden resume"), std::string::npos);
    // It stays so, whatever is plugged.
    const auto from = at.guarded.card.recording().frames();
    at.guarded.card.jack("headphones", false);
    at.guarded.card.jack("headphones", true);
    at.guarded.card.wait_frames(rate);
    EXPECT_EQ(at.guarded.card.recording().peak(from), 0.0F);
    const auto back = at.guarded.card.recording().frames();
    ASSERT_EQ(at.cli({"resume"}).code, 0);
    EXPECT_TRUE(bench::poll_until([&] { return at.now() > headphone_cap.value - 20.0; })) << at.now();
    EXPECT_EQ(at.guarded.card.recording().count_above(amplitude_toward_zero(headphone_cap), back), 0U);
}

} // namespace
} // namespace soundwarden::integration
