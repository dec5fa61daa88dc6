// SPDX-License-Identifier: MIT
// Random lives of a laptop, from fixed seeds: plugs, restores, sliders, foreign links, failures, answers that come
// late. The rules that must hold at every step are checked against the simulated guard and route.
// SOUNDWARDEN_NIGHTLY=1: a million lives.
#include "engine_test_world.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <sstream>

namespace soundwarden::engine::testing {
namespace {

constexpr double tolerance_db = 0.02;
const double the_headphone_cap = 20.0 * std::log10(0.150 / 1.4) + 10.0;
const double strictest = the_headphone_cap - 8.0;
// Volumes of the two outputs come from ranges of their own, so that one in the other's place shows.
constexpr double least_speaker_volume = 0.5;
constexpr double most_headphone_volume = 0.3;

class Life {
  public:
    explicit Life(std::uint64_t seed) : random_(seed) {
        key_ = laptop().key;
        world.add(laptop(speaker_volume()));
        check("start");
    }

    World world;

    void run(int events) {
        for (int i = 0; i < events && !::testing::Test::HasFatalFailure() && problems.str().empty(); ++i) happen();
    }

    /// Every answer comes, nothing happens any more: all must come to rest.
    void rest() {
        if (!world.sinks.contains(key_)) come_back();
        SimSink &sink = world.sinks[key_];
        sink.facts.foreign_links = 0;
        sink.facts.software_gain = 1.0;
        world.change(key_);
        world.answer();
        if (sink.guard && !sink.guard->linked) {
            world.link(key_, true);
            world.answer();
        }
        for (int i = 0; i < 120; ++i) world.run(1s);
        if (world.engine.deadline()) problem("a timer is left");
        for (const OutputView &view : world.engine.snapshot().outputs)
            if (view.active && view.state == OutputState::settling) problem("never settles");
        check("rest");
    }

    void leave() {
        const double before = world.product(key_);
        const bool heard = world.sinks.contains(key_) && world.sinks[key_].guard && world.sinks[key_].guard->opened && !failed_pair() &&
                           before > -300.0;
        // Before it was opened for the first time the guard only held back what the sink played without it: that comes back.
        const bool audible = heard && world.sinks[key_].guard->gain > -60.0;
        const double ceiling = heard ? world.sinks[key_].guard->ceiling + software_gain_db() : 0.0;
        const Time begun = world.now;
        world.send(ShutDown{});
        while (!world.exit_code && world.engine.deadline()) {
            world.pass(*world.engine.deadline() - world.now);
            world.send(Tick{});
            world.answer();
        }
        if (world.exit_code != 0) problem("does not end");
        if (world.now - begun > 2s) problem("takes too long to end");
        if (!heard) return;
        const SinkFacts &facts = world.sinks[key_].facts;
        const double left = to_db(facts.active ? facts.active->volume : 1.0) + to_db(facts.left_limit.value_or(1.0));
        if (left > ceiling + tolerance_db) problem("left louder than the last ceiling");
        if (audible && left > before + tolerance_db) problem("left louder than it was");
    }

    std::string history() const {
        std::string text;
        for (const Effect &effect : world.all) text += text_of(effect) + "\n";
        return text;
    }

    std::ostringstream problems;

  private:
    std::mt19937_64 random_;
    SinkKey key_;
    bool gone_ = false;
    bool gained_ = false;
    SinkFacts kept_;
    bool was_settling_ = false;
    double gain_before_ = 0.0;
    double ceiling_before_ = 0.0;
    std::uint64_t generation_ = 0;
    std::size_t checked_ = 0;

    int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
    double between(double low, double high) {
        return low + (high - low) * static_cast<double>(random_() % 10001) / 10000.0;
    }
    double speaker_volume() { return between(least_speaker_volume, 0.95); }
    double headphone_volume() { return between(0.01, most_headphone_volume); }
    bool plays_headphones() const {
        return world.sinks.at(key_).facts.active && world.sinks.at(key_).facts.active->index == 1;
    }
    double software_gain_db() { return std::max(0.0, to_db(world.sinks[key_].facts.software_gain)); }

    void problem(const std::string &what) {
        problems << what << " at " << (world.now.time_since_epoch() - 1h) / 1ms << " ms\n";
    }

    /// A pair whose links stayed away counts as failed; it stands there until the next one, and nothing gets through it.
    bool failed_pair() {
        const Snapshot snapshot = world.engine.snapshot();
        return !world.sinks[key_].guard->linked && std::any_of(snapshot.outputs.begin(), snapshot.outputs.end(),
                                                              [](const OutputView &view) { return view.state == OutputState::unprotected; });
    }

    /// Sends the facts as they are now; an edge must clamp in this step, and the path must not get louder in it.
    void tell(const std::string &what, bool edge, bool switches, double product_before) {
        const bool guarded = world.sinks[key_].guard.has_value() && !failed_pair();
        const bool heard = guarded && world.sinks[key_].guard->linked; // nothing gets through a guard without links
        world.change(key_);
        if (guarded && edge) {
            bool clamped = false;
            for (const OrderGuard &effect : world.in_last<OrderGuard>())
                clamped = clamped || effect.order.rise_db_per_s == 0.0F;
            if (!clamped) problem(what + ": no clamp in the step of the edge");
        }
        if (heard && switches && world.product(key_) > product_before + tolerance_db && world.product(key_) > -190.0)
            problem(what + ": louder at the switch, by " + std::to_string(world.product(key_) - product_before));
        check(what);
    }

    void happen() {
        if (gone_) {
            if (below(3) == 0)
                come_back();
            else
                go_on(std::chrono::milliseconds(below(3000)));
            return;
        }
        switch (below(20)) {
        case 0:
        case 1:
        case 2: jack(); break;
        case 3:
        case 4:
        case 5: switch_route(); break;
        case 6: slider(); break;
        case 7: wish(); break;
        case 8: too_loud(); break;
        case 9: foreign(); break;
        case 10: software_gain(); break;
        case 11: made_anew(); break;
        case 12: go(); break;
        case 13: link(); break;
        case 14: fail(); break;
        case 15: mute(); break;
        default: go_on(std::chrono::milliseconds(below(below(4) == 0 ? 9000 : 700))); break;
        }
        if (below(3) != 0) deliver();
    }

    void deliver() {
        while (!world.answers.empty() && below(6) != 0) {
            const Event event = world.answers.front();
            world.answers.pop_front();
            if (std::holds_alternative<SinkSeen>(event)) {
                if (!gone_) world.change(key_);
            } else {
                world.send(event);
            }
            check("answer");
        }
    }

    /// A node tells of its volume in the next round of the loop; confirmations and read-backs may take their time.
    void deliver_volumes() {
        for (std::size_t i = 0; i < world.answers.size();) {
            if (!std::holds_alternative<GuardVolume>(world.answers[i])) {
                ++i;
                continue;
            }
            const Event event = world.answers[i];
            world.answers.erase(world.answers.begin() + static_cast<std::ptrdiff_t>(i));
            world.send(event);
            check("echo");
        }
    }

    void go_on(Duration time) {
        deliver_volumes();
        const Time end = world.now + time;
        for (int i = 0; i < 100 && world.engine.deadline() && *world.engine.deadline() <= end; ++i) {
            world.pass(std::max(*world.engine.deadline() - world.now, Duration{0}));
            world.send(Tick{});
            check("tick");
            deliver_volumes();
            if (below(2) == 0) deliver();
        }
        world.pass(std::max(end - world.now, Duration{0}));
        check("time");
    }

    void jack() {
        SinkFacts &facts = world.sinks[key_].facts;
        const Availability next =
            facts.routes[1].availability == Availability::no ? Availability::yes : Availability::no;
        facts.routes[1].availability = next;
        facts.routes[0].availability = next == Availability::yes ? Availability::no : Availability::unknown;
        tell("jack", true, true, world.product(key_));
    }

    /// The route moves with the volume WirePlumber has stored, and that is written again.
    void switch_route() {
        SimSink &sink = world.sinks[key_];
        const double before = world.product(key_);
        const std::uint32_t next = sink.facts.active && sink.facts.active->index == 0 ? 1 : 0;
        const double stored = next == 0 ? between(least_speaker_volume, 1.0) : between(0.01, 1.0);
        sink.facts.active = RouteState{next, stored, below(8) == 0, false};
        tell("switch", true, true, before);
        if (below(2) == 0) return;
        world.pass(std::chrono::milliseconds(below(10)));
        sink.facts.active->volume = stored;
        tell("restore", false, false, 0.0);
    }

    void slider() {
        SimSink &sink = world.sinks[key_];
        if (!sink.guard || !sink.facts.active) return;
        if (!world.answers.empty()) return; // sliders of old outputs have a test of their own
        sink.guard->volume = plays_headphones() ? headphone_volume() : speaker_volume();
        world.send(GuardVolume{key_, sink.guard->volume, sink.guard->mute});
        check("slider");
    }

    void wish() {
        SimSink &sink = world.sinks[key_];
        if (!sink.facts.active) return;
        sink.facts.active->volume = plays_headphones() ? headphone_volume() : speaker_volume();
        tell("wish", false, false, 0.0);
    }

    void too_loud() {
        SimSink &sink = world.sinks[key_];
        if (!sink.facts.active) return;
        sink.facts.active->volume = between(1.01, 4.0);
        tell("too loud", false, false, 0.0);
    }

    void foreign() {
        SinkFacts &facts = world.sinks[key_].facts;
        facts.foreign_links = facts.foreign_links == 0 ? 2 : 0;
        const double before = world.product(key_);
        // When they go the route returns, after the gain came down by as much: in an earlier step, so not compared
        // here.
        tell("foreign", false, facts.foreign_links > 0, before);
    }

    void software_gain() {
        gained_ = true;
        world.sinks[key_].facts.software_gain = below(2) == 0 ? between(0.1, 1.0) : between(1.0, 4.0);
        tell("software gain", false, false, 0.0);
    }

    void made_anew() {
        ++world.sinks[key_].facts.serial;
        tell("serial", true, true, world.product(key_));
    }

    void go() {
        kept_ = world.sinks[key_].facts;
        gone_ = true;
        world.sinks.erase(key_);
        world.answers.clear();
        world.send(SinkGone{key_});
        generation_ = 0;
        check("gone");
    }

    void come_back() {
        gone_ = false;
        kept_.serial += 7;
        world.answers.clear();
        world.add(kept_);
        check("back");
    }

    void link() {
        SimSink &sink = world.sinks[key_];
        if (!sink.guard || !world.answers.empty() || failed_pair()) return;
        sink.guard->linked = !sink.guard->linked;
        world.send(GuardLinked{key_, sink.guard->linked});
        check("link");
    }

    void fail() {
        if (!world.sinks[key_].guard || below(4) != 0) return;
        world.sinks[key_].guard.reset();
        std::erase_if(world.answers, [](const Event &event) { return !std::holds_alternative<SinkSeen>(event); });
        world.send(GuardFailed{key_, "test"});
        check("failed");
    }

    void mute() {
        SimSink &sink = world.sinks[key_];
        if (!sink.facts.active) return;
        sink.facts.active->mute = !sink.facts.active->mute;
        tell("mute", false, false, 0.0);
    }

    /// The rules that hold at every moment.
    void check(const std::string &what) {
        for (; checked_ < world.all.size(); ++checked_)
            if (const auto *order = std::get_if<OrderGuard>(&world.all[checked_])) check_order(order->order, what);
        if (gone_ || !world.sinks.contains(key_) || !world.sinks[key_].guard) {
            was_settling_ = false;
            return;
        }
        const SimGuard &guard = *world.sinks[key_].guard;
        const OutputView *active = nullptr;
        const Snapshot snapshot = world.engine.snapshot();
        for (const OutputView &view : snapshot.outputs)
            if (view.active) active = &view;
        if (failed_pair()) {
            was_settling_ = false;
            return;
        }
        const bool settling = active == nullptr || active->state == OutputState::settling;
        if (settling)
            check_settling(guard, what);
        else
            check_settled(guard, *active, what);
        if (active != nullptr) check_volume(guard, *active, what);
        if (!gained_ && guard.published && *guard.published > guard.ceiling + tolerance_db)
            problem(what + ": a ceiling is published that is not in force");
        was_settling_ = settling;
        gain_before_ = guard.gain;
        ceiling_before_ = guard.ceiling;
    }

    void check_order(const GuardOrder &order, const std::string &what) {
        if (order.generation <= generation_) problem(what + ": generation does not rise");
        generation_ = order.generation;
        if (order.rescale.value > 0.0) problem(what + ": a rescale that raises");
        if (order.gain > 1.0F) problem(what + ": a gain above 1");
    }

    void check_settling(const SimGuard &guard, const std::string &what) {
        const SinkFacts &facts = world.sinks[key_].facts;
        if (guard.order.rise_db_per_s > 0.0F) problem(what + ": rises while unsettled");
        if (was_settling_ && guard.gain > gain_before_ + 1e-6) problem(what + ": gain rose while unsettled");
        if (was_settling_ && guard.ceiling > ceiling_before_ + 1e-6) problem(what + ": ceiling rose while unsettled");
        const bool possible = plays_headphones() || facts.routes[1].availability != Availability::no;
        const bool told = world.answers.empty();
        if (possible && told && guard.ceiling + software_gain_db() > strictest + tolerance_db)
            problem(what + ": above the strictest plausible ceiling");
    }

    void check_settled(const SimGuard &guard, const OutputView &active, const std::string &what) {
        if (!guard.linked) problem(what + ": settled without links");
        if (active.id != headphones_id) return;
        if (guard.ceiling + software_gain_db() > the_headphone_cap + tolerance_db)
            problem(what + ": above the headphone ceiling");
        if (guard.gain > the_headphone_cap + tolerance_db) problem(what + ": above the headphone cap");
    }

    void check_volume(const SimGuard &guard, const OutputView &active, const std::string &what) {
        const bool headphones = active.id == headphones_id;
        const bool crossed =
            headphones ? guard.volume > most_headphone_volume + 1e-6 : guard.volume < least_speaker_volume - 1e-6;
        if (crossed) problem(what + ": " + active.name + " at the other's volume, " + std::to_string(guard.volume));
    }
};

int lives() {
    const char *nightly = std::getenv("SOUNDWARDEN_NIGHTLY");
    return nightly != nullptr && std::string(nightly) == "1" ? 1'000'000 : 10'000;
}

struct Told {
    std::string problems; ///< empty: every rule held
    std::string history;  ///< the effects as text, where wanted or where something went wrong
};

Told live(std::uint64_t seed, int events, bool leave, bool history = false) {
    Life life(seed);
    life.run(events);
    if (leave)
        life.leave();
    else
        life.rest();
    Told told{life.problems.str(), {}};
    if (history || !told.problems.empty()) told.history = life.history();
    return told;
}

TEST(RandomLives, KeepEveryRuleAndComeToRest) {
    for (int seed = 0; seed < lives(); ++seed) {
        const Told told = live(static_cast<std::uint64_t>(seed), 25, false);
        ASSERT_TRUE(told.problems.empty()) << "seed " << seed << ": " << told.problems << told.history;
    }
}

// Found by the long form: an output switch while a guard that failed is made again and what it put back is not confirmed.
TEST(RandomLives, KnownSeedsKeepEveryRule) {
    EXPECT_EQ(live(37'783, 25, false).problems, "");
    EXPECT_EQ(live(500'058'710, 12, true).problems, "");
}

TEST(RandomLives, AreNeverLeftLouder) {
    for (int seed = 0; seed < lives(); ++seed) {
        const Told told = live(static_cast<std::uint64_t>(seed) + 500'000'000, 12, true);
        ASSERT_TRUE(told.problems.empty()) << "seed " << seed << ": " << told.problems << told.history;
    }
}

TEST(RandomLives, TheSameLifeGivesTheSameEffects) {
    for (int seed = 0; seed < lives() / 50; ++seed) {
        const std::uint64_t life = static_cast<std::uint64_t>(seed) + 900'000'000;
        const std::string first = live(life, 40, seed % 2 == 0, true).history;
        ASSERT_FALSE(first.empty());
        ASSERT_EQ(first, live(life, 40, seed % 2 == 0, true).history) << "seed " << seed;
    }
}

} // namespace
} // namespace soundwarden::engine::testing
