// SPDX-License-Identifier: MIT
// Calls of the daemon's main thread fail at random while people and programs want something of it, and while it starts. It may go on,
// say what is missing, or end and be started again; it may never be louder for it, and never silent or deaf for good.
#include "rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <ostream>

namespace soundwarden::fault {
namespace {

using bench::milliseconds;

struct Row {
    const char *name;
    std::uint32_t classes;
    std::uint64_t seed;
    friend std::ostream &operator<<(std::ostream &stream, const Row &row) { return stream << row.name << ", seed " << row.seed; }
};

constexpr std::uint32_t files = bit(Class::open) | bit(Class::file) | bit(Class::path) | bit(Class::node);
constexpr std::uint32_t connections = bit(Class::descriptor) | bit(Class::socket) | bit(Class::wait) | bit(Class::ioctl);
constexpr std::uint32_t memory = bit(Class::memory) | bit(Class::allocation) | bit(Class::thread);

std::vector<Row> rows() {
    std::vector<Row> rows{{"connections", connections, 1}, {"memory", memory, 1}, {"files", files, 1}};
    if (!nightly()) return rows;
    for (std::uint64_t seed = 2; seed <= 20; ++seed) {
        for (std::size_t each = 0; each < class_names.size(); ++each)
            rows.push_back({class_names[each].data(), bit(static_cast<Class>(each)), seed});
        rows.push_back({"all", all_classes, seed});
    }
    return rows;
}

class FailingCalls : public testing::TestWithParam<Row> {};

TEST_P(FailingCalls, never_make_it_louder_and_never_silence_it_for_good) {
    Rig rig({.seed = GetParam().seed});
    rig.wait_pressing();
    std::string done;
    const auto for_a_while = [&] {
        for (int turn = 0; turn < 10; ++turn) {
            done += rig.something() + ", ";
            rig.wait(milliseconds{150});
        }
    };
    rig.injection.start(GetParam().classes);
    for_a_while();
    rig.daemon->end(SIGTERM); // and now it starts under them
    done += "new start, ";
    for_a_while();
    rig.injection.stop();
    const auto told = [&] { return done + '\n' + rig.report(); };
    EXPECT_FALSE(rig.daemon->given_up()) << "the unit would not start it again\n" << told();
    rig.plug(false);
    rig.reconnect();
    double heard_ms = 0.0;
    EXPECT_TRUE(rig.comes_back(&heard_ms)) << "silent for good\n" << told();
    if (testing::Test::HasFailure()) return;
    try {
        rig.wait_pressing(); // it acts on what it is told
    } catch (const std::exception &error) {
        FAIL() << "it does not act any more: " << error.what() << told();
    }
    EXPECT_EQ(rig.deaf_to(), "") << told();
    EXPECT_EQ(rig.judge.above(), 0U) << told();
    EXPECT_EQ(rig.judge.overflows(), 0U);
    // A library that is not given memory may end in any way; from everything else no code of ours or theirs may crash.
    if ((GetParam().classes & memory) == 0) {
        EXPECT_EQ(rig.crashes(), "") << told();
    }
    EXPECT_GT(rig.injection.failed(), 0U) << "nothing has failed";
    EXPECT_EQ(rig.injection.deviation(), "") << rig.injection.text();
    const auto by_itself = std::count_if(rig.daemon->ends().begin(), rig.daemon->ends().end(), [](const auto &end) { return !end.ordered; });
    std::printf("%s, seed %llu: %llu calls failed, %ld ends by itself, heard again after %.0f ms\n", GetParam().name,
                static_cast<unsigned long long>(GetParam().seed), static_cast<unsigned long long>(rig.injection.failed()), static_cast<long>(by_itself),
                heard_ms);
}

INSTANTIATE_TEST_SUITE_P(Row, FailingCalls, testing::ValuesIn(rows()), [](const auto &row) {
    return std::string(row.param.name) + "_" + std::to_string(row.param.seed);
});

TEST(FailingCallsControl, without_a_daemon_the_tone_is_far_above) {
    Rig rig({.with_daemon = false});
    rig.wait_pressing();
    EXPECT_GT(rig.judge.above(), 0U);
}

} // namespace
} // namespace soundwarden::fault
