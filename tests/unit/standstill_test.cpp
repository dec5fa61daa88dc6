// SPDX-License-Identifier: MIT
// When a guard counts as one that stands still.
#include "standstill.hpp"

#include <gtest/gtest.h>

namespace soundwarden::pipewire_adapter {
namespace {

using namespace std::chrono_literals;

/// Looks once a second at a guard whose driver runs.
struct Looked {
    Standstill standstill;
    Standstill::Look now{.should_run = true, .data_thread_answers = true, .driver_nsec = 1'000'000'000, .frames = 0};

    bool second(std::uint64_t frames) {
        now.driver_nsec += 1'000'000'000;
        now.frames += frames;
        return standstill.look(now);
    }
    /// Seconds until the alarm; -1: none within `most`.
    int alarm_after(int most = 200) {
        for (int seconds = 1; seconds <= most; ++seconds)
            if (second(0)) return seconds;
        return -1;
    }
    void run(int seconds) {
        for (int i = 0; i < seconds; ++i) EXPECT_FALSE(second(48'000));
    }
};

TEST(Standstill, isFoundWithinFourSecondsAndOnlyWhereTheGuardShouldRun) {
    Looked guard;
    guard.run(10);
    const int alarm_s = guard.alarm_after();
    EXPECT_GE(alarm_s, 1) << "never";
    EXPECT_LE(alarm_s, 4);

    Looked slow;
    for (int i = 0; i < 600; ++i) EXPECT_FALSE(slow.second(1)); // one frame a second is still a guard that is woken

    Looked idle;
    idle.run(3);
    idle.now.should_run = false;
    EXPECT_EQ(idle.alarm_after(), -1);

    Looked thread_stands;
    thread_stands.run(3);
    thread_stands.now.data_thread_answers = false;
    EXPECT_EQ(thread_stands.alarm_after(), -1);
}

TEST(Standstill, ofTheDriverIsNotOneOfTheGuard) {
    Looked guard;
    guard.run(3);
    guard.now.frames += 1;
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(guard.standstill.look(guard.now)); // the driver's clock stands
    guard.now.driver_nsec = 0;                                                    // there is none
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(guard.standstill.look(guard.now));
}

TEST(Standstill, thatComesBackIsTriedEverLessOftenUntilTheGuardRanForAMinute) {
    Looked guard;
    guard.run(10);
    int last = 0;
    for (int i = 0; i < 5; ++i) {
        const int after = guard.alarm_after();
        EXPECT_GT(after, last);
        last = after;
        guard.run(3); // made anew, and stands again
    }
    EXPECT_GE(last, 32);
    EXPECT_LE(guard.alarm_after(), 66);
    EXPECT_LE(guard.alarm_after(), 66);
    guard.run(62);
    EXPECT_LE(guard.alarm_after(), 4);
}

} // namespace
} // namespace soundwarden::pipewire_adapter
