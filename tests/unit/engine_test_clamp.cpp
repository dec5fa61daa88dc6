// SPDX-License-Identifier: MIT
// What the engine has put inside the sink: the clamp follows the guard's ceiling, and tampering with it shows.
#include "engine_test_world.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace soundwarden::engine::testing {
namespace {

constexpr float open = std::numeric_limits<float>::infinity();

World settled_laptop() {
    World world;
    world.add(laptop());
    world.run(30s);
    return world;
}

float clamp_now(const World &world) {
    const auto clamps = world.in_all<ClampSink>();
    return clamps.empty() ? open : clamps.back().ceiling;
}

template <class T>
std::size_t place_of(const Effects &effects) {
    return static_cast<std::size_t>(std::find_if(effects.begin(), effects.end(),
                                                 [](const Effect &effect) { return std::holds_alternative<T>(effect); }) -
                                    effects.begin());
}

bool tampering_shown(const World &world) {
    const auto reasons = world.engine.snapshot().reasons;
    return std::any_of(reasons.begin(), reasons.end(),
                       [](const Reason &reason) { return reason.token == "sink-tampered"; });
}

TEST(Clamp, FallsInTheStepOfTheEdgeAndBeforeTheGuardsOrder) {
    World world = settled_laptop();
    ASSERT_EQ(clamp_now(world), open) << "speakers are passed through";
    SinkFacts facts = world.only().facts;
    facts.routes[1].availability = Availability::yes;
    world.only().facts = facts;
    world.change(facts.key);
    ASSERT_EQ(world.in_last<ClampSink>().size(), 1U);
    ASSERT_EQ(world.in_last<OrderGuard>().size(), 1U);
    EXPECT_EQ(world.in_last<ClampSink>()[0].ceiling, world.in_last<OrderGuard>()[0].order.ceiling);
    EXPECT_LT(place_of<ClampSink>(world.last), place_of<OrderGuard>(world.last));
}

TEST(Clamp, IsTheVeryFloatOfTheGuardsCeiling) {
    World world = settled_laptop();
    world.plug(0.5);
    world.run(30s);
    EXPECT_EQ(clamp_now(world), world.guard().order.ceiling);
    EXPECT_FLOAT_EQ(clamp_now(world), static_cast<float>(0.150 / 1.4 * std::sqrt(10.0)));
}

TEST(Clamp, RisesOnlyWithAnOrderThatLetsTheGuardRise) {
    World world = settled_laptop();
    world.plug(0.5);
    world.run(30s);
    world.unplug(0.5);
    float before = clamp_now(world);
    for (int i = 0; i < 200; ++i) {
        world.run(20ms);
        const float now = clamp_now(world);
        if (now > before) {
            EXPECT_GT(world.guard().order.rise_db_per_s, 0.0F);
        }
        EXPECT_GE(to_db(static_cast<double>(now)), world.guard().ceiling - 1e-4) << "it would cut the guard's own sound";
        before = now;
    }
    EXPECT_EQ(before, open);
}

TEST(Clamp, IsThereBeforeTheGuardAndAnewForANodeMadeAnew) {
    World world;
    SinkFacts facts = laptop();
    facts.routes[1].availability = Availability::yes;
    facts.active = RouteState{1, 0.5, false, false};
    world.add(facts);
    ASSERT_EQ(world.in_last<ClampSink>().size(), 1U);
    EXPECT_LT(place_of<ClampSink>(world.last), place_of<MakeGuard>(world.last));
    world.run(30s);
    const float settled = clamp_now(world);
    world.only().facts.serial = 51;
    world.change(facts.key);
    ASSERT_FALSE(world.in_last<ClampSink>().empty());
    EXPECT_LE(world.in_last<ClampSink>()[0].ceiling, settled);
}

TEST(Clamp, ObservingWritesNothingIntoASink) {
    World world(Posture::observe);
    SinkFacts facts = laptop();
    facts.routes[1].availability = Availability::yes;
    facts.active = RouteState{1, 0.5, false, false};
    world.add(facts);
    world.run(10s);
    EXPECT_TRUE(world.in_all<ClampSink>().empty());
}

TEST(Tampering, IsCountedReportedNowAndThenAndForgottenAfterAMinute) {
    World world = settled_laptop();
    world.plug(0.5);
    world.run(30s);
    const auto reports = [&] {
        const auto all = world.in_all<Report>();
        return std::count_if(all.begin(), all.end(), [](const Report &report) { return report.what == "tampering"; });
    };
    for (int i = 0; i < 50; ++i) {
        world.send(SinkTampered{world.only().facts.key, Tamper::unseen});
        world.run(100ms);
    }
    EXPECT_EQ(reports(), 1);
    EXPECT_TRUE(tampering_shown(world));
    world.run(10s);
    world.send(SinkTampered{world.only().facts.key, Tamper::limit});
    EXPECT_EQ(reports(), 2);
    world.run(59s);
    EXPECT_TRUE(tampering_shown(world));
    world.run(2s);
    EXPECT_FALSE(tampering_shown(world));
}

TEST(Tampering, IsNoneWhereNothingIsLimitedAndWhereARouteIsBeingWritten) {
    World world = settled_laptop();
    world.send(SinkTampered{world.only().facts.key, Tamper::volume});
    EXPECT_FALSE(tampering_shown(world)) << "speakers are not limited";
    world.plug(0.5);
    world.run(100ms);
    world.send(SinkTampered{world.only().facts.key, Tamper::unseen});
    EXPECT_FALSE(tampering_shown(world)) << "an activated route's volume is written to the sink";
}

} // namespace
} // namespace soundwarden::engine::testing
