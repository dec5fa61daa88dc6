// SPDX-License-Identifier: MIT
// Random sensing_lives of a sensed socket, from fixed seeds: jacks, microphones, measured ohms and lines, answers, cards and sinks that come
// and go, in any order. The rules of the sensing issue are checked at every step against the simulated guard.
// SOUNDWARDEN_NIGHTLY=1: a million sensing_lives.
#include "engine_test_sensed.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <limits>
#include <random>
#include <sstream>

namespace soundwarden::engine::testing {
namespace {

constexpr double sensing_tolerance_db = 0.02;
constexpr double plausible = 0.15; // posture protect
// The user's volumes of both classes come from ranges of their own, so that one in the other's place shows.
constexpr double least_loud_volume = 0.5;
constexpr double most_ears_volume = 0.17; // below the start level

/// What the matrix gives a headphone socket of 1.4 V, dB (product.md).
double cap_of(Load load) {
    switch (load) {
    case Load::in_ear: return headphone_cap - 8.0;
    case Load::passive_speakers: return headphone_cap - 12.0;
    case Load::active_speakers:
    case Load::line_input:
    case Load::headphone_amplifier: return none;
    default: return headphone_cap;
    }
}

const std::array<const char *, 4> drivers{"HDA-Intel", "cs42l43", "wcd938x", "some-unknown-soc"};
const std::array<Load, 8> answers{Load::headphones,       Load::headset,    Load::in_ear,              Load::active_speakers,
                                  Load::passive_speakers, Load::line_input, Load::headphone_amplifier, Load::unknown};

class SensedLife {
  public:
    explicit SensedLife(std::uint64_t seed) : random_(seed), laptop_(drivers[seed % drivers.size()]), world(laptop_.world) {
        laptop_.card.switches = {{.name = "Headphone", .able = {.headphone = true, .microphone = true, .line_out = true}, .on = {}}};
        key_ = laptop().key;
        check("start");
    }

    void run(int events) {
        for (int i = 0; i < events && problems.str().empty(); ++i) happen();
    }
    void rest() {
        if (gone_) come_back();
        if (!sensed_) sense();
        world.run(200s);
        if (world.engine.deadline()) problem("a timer is left");
        for (const OutputView &view : world.engine.snapshot().outputs)
            if (view.active && view.state == OutputState::settling) problem("never settles");
        check("rest");
    }
    std::string history() const {
        std::string text;
        for (const Effect &effect : world.all) text += text_of(effect) + "\n";
        return text;
    }

    std::ostringstream problems;

  private:
    std::mt19937_64 random_;
    SensedLaptop laptop_;

  public:
    World &world;

  private:
    SinkKey key_;
    SinkFacts kept_;
    bool gone_ = false;
    bool sensed_ = true;
    bool was_settling_ = false;
    std::optional<Decibels> dose_limit_;
    double gain_before_ = 0.0;
    double ceiling_before_ = 0.0;

    int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
    CardFacts &card() { return laptop_.card; }
    SinkFacts &facts() { return world.sinks[key_].facts; }
    void problem(const std::string &what) { problems << what << " at " << (world.now.time_since_epoch() - 1h) / 1ms << " ms\n"; }

    void happen() {
        if (gone_) {
            below(3) == 0 ? come_back() : go_on(2000);
            return;
        }
        switch (below(17)) {
        case 0:
        case 1:
        case 2: jack(); break;
        case 3: route(); break;
        case 4: change([&] { card().jacks[1].plugged = !*card().jacks[1].plugged; }); break;
        case 5: change([&] { measure(); }); break;
        case 6: change([&] { card().switches[0].on.line_out = !card().switches[0].on.line_out; }); break;
        case 7: change([&] { card().switches[0].buttons = !card().switches[0].buttons; }); break;
        case 8:
        case 9: answer(); break;
        case 10:
            world.send(ForgetWish{});
            check("forget");
            break;
        case 11: slider(); break;
        case 12: lose_card(); break;
        case 13: go(); break;
        case 14: dose(); break;
        default: go_on(below(4) == 0 ? 9000 : 700); break;
        }
        if (below(2) == 0) {
            world.answer();
            check("answers");
        }
    }

    /// In the same step, whatever happens around it: what the ear gets is at most what the dose leaves.
    void dose() {
        dose_limit_ = below(3) == 0 ? std::nullopt : std::optional(Decibels{55.0 + below(40)});
        world.send(DoseLimit{dose_limit_});
        check("dose");
    }
    void check_dose(const OutputView &view, const std::string &what) {
        if (!dose_limit_ || !view.active || !view.ear || !world.sinks[key_].guard || view.decision.verdict == Verdict::block) return;
        const double held = dose_limit_->value - view.ear->spl_at_full_scale.value;
        if (!view.decision.governor || view.decision.governor->value > held + 0.01) problem(what + ": the decision ignores the dose");
        if (view.state == OutputState::guarded && world.sinks[key_].guard->order.governor.value > held + 0.01) problem(what + ": the governor ignores the dose");
    }

    void go_on(int most_ms) {
        world.run(std::chrono::milliseconds(below(most_ms)));
        check("time");
    }

    void sense() {
        sensed_ = true;
        laptop_.sense();
    }

    /// An edge clamps in its own step, whatever the order in which the kernel and PipeWire tell of it.
    template <class Do> void edge(const std::string &what, Do act) {
        const bool guarded = world.sinks[key_].guard.has_value();
        act();
        bool clamped = false;
        for (const OrderGuard &effect : world.in_last<OrderGuard>()) clamped = clamped || effect.order.rise_db_per_s == 0.0F;
        if (guarded && !clamped) problem(what + ": no clamp in the step of the edge");
        check(what);
    }

    void jack() {
        const bool in = !*card().jacks[0].plugged;
        card().jacks[0].plugged = in;
        card().switches[0].on.headphone = in;
        if (!in) card().switches[0].on = {};
        if (sensed_) edge("jack", [&] { sense(); });
        if (below(4) != 0) route();
    }

    void route() {
        const bool in = card().jacks[0].plugged.value_or(false);
        SinkFacts &now = facts();
        now.routes[1].availability = in ? Availability::yes : Availability::no;
        now.routes[0].availability = in ? Availability::no : Availability::unknown;
        const std::uint32_t index = in ? 1 : 0;
        if (!now.active || now.active->index != index) now.active = RouteState{index, in ? 0.9 : 0.8, false, false};
        world.change(key_);
        check("route");
    }

    template <class Do> void change(Do act) {
        act();
        if (!sensed_) return;
        sense();
        check("facts");
    }

    void measure() {
        constexpr std::array<double, 7> ohms{0.0, 1.0, 5.0, 10.0, 32.0, 300.0, 20000.0};
        const double measured = ohms[static_cast<std::size_t>(below(7))];
        card().measures_impedance = true;
        card().left_impedance.reset();
        if (measured > 0.0) card().left_impedance = Ohms{measured};
        card().right_impedance = card().left_impedance;
    }

    void answer() {
        world.send(AnswerWish{headphones_id, answers[static_cast<std::size_t>(below(static_cast<int>(answers.size())))], {}});
        check("answer");
    }

    void slider() {
        SimSink &sink = world.sinks[key_];
        if (!sink.guard || !world.answers.empty()) return;
        const double portion = static_cast<double>(below(1001)) / 1000.0;
        const double volume = for_ears() ? 0.01 + portion * (most_ears_volume - 0.01) : least_loud_volume + portion * (1.0 - least_loud_volume);
        world.move_slider(volume);
        check("slider");
    }

    void lose_card() {
        sensed_ = false;
        world.send(CardGone{0});
        check("card gone");
        if (below(2) != 0) return;
        sense();
        check("card back");
    }

    void go() {
        kept_ = facts();
        gone_ = true;
        world.sinks.erase(key_);
        world.answers.clear();
        world.send(SinkGone{key_});
        check("gone");
    }

    void come_back() {
        gone_ = false;
        ++kept_.serial;
        world.add(kept_);
        check("back");
    }

    /// The view of what plays now.
    std::optional<OutputView> active() const {
        for (const OutputView &view : world.engine.snapshot().outputs)
            if (view.active) return view;
        return std::nullopt;
    }
    bool for_ears() const {
        const auto view = active();
        if (!view || view->id != headphones_id) return false;
        const LoadClass load_class = class_of(view->classification.loads.front().load);
        return load_class == LoadClass::ears || load_class == LoadClass::unknown;
    }

    void check(const std::string &what) {
        if (gone_ || !world.sinks.contains(key_) || !world.sinks[key_].guard) {
            was_settling_ = false;
            return;
        }
        const SimGuard &guard = *world.sinks[key_].guard;
        const auto view = active();
        const bool settling = !view || view->state == OutputState::settling;
        if (settling) {
            if (guard.order.rise_db_per_s > 0.0F) problem(what + ": rises while unsettled");
            if (was_settling_ && guard.gain > gain_before_ + 1e-6) problem(what + ": gain rose while unsettled");
            if (was_settling_ && guard.ceiling > ceiling_before_ + 1e-6) problem(what + ": ceiling rose while unsettled");
        } else if (view->id == headphones_id) {
            check_settled(guard, *view, what);
        }
        if (view) check_dose(*view, what);
        if (view && for_ears() && guard.volume > most_ears_volume + 0.01) problem(what + ": ears at another class' volume, " + std::to_string(guard.volume));
        was_settling_ = settling;
        gain_before_ = guard.gain;
        ceiling_before_ = guard.ceiling;
    }

    void check_settled(const SimGuard &guard, const OutputView &view, const std::string &what) {
        double strictest = none;
        double sum = 0.0;
        for (const WeightedLoad &load : view.classification.loads) {
            sum += load.probability;
            if (load.probability >= plausible) strictest = std::min(strictest, cap_of(load.load));
        }
        if (std::fabs(sum - 1.0) > 1e-9) problem(what + ": probabilities sum to " + std::to_string(sum));
        if (guard.ceiling > strictest + sensing_tolerance_db)
            problem(what + ": ceiling " + std::to_string(guard.ceiling) + " above the strictest plausible load's " + std::to_string(strictest));
        if (guard.gain > std::min(strictest, 0.0) + sensing_tolerance_db) problem(what + ": gain above the strictest plausible load's cap");
    }
};

int sensing_lives() {
    const char *nightly = std::getenv("SOUNDWARDEN_NIGHTLY");
    return nightly != nullptr && std::string(nightly) == "1" ? 1'000'000 : 10'000;
}

TEST(RandomSensedLives, keep_every_rule_and_come_to_rest) {
    for (int seed = 0; seed < sensing_lives(); ++seed) {
        SensedLife life(static_cast<std::uint64_t>(seed));
        life.run(25);
        life.rest();
        ASSERT_EQ(life.problems.str(), "") << "seed " << seed << "\n" << life.history();
    }
}

TEST(RandomSensedLives, give_the_same_effects_again) {
    for (int seed = 0; seed < sensing_lives() / 50; ++seed) {
        const auto history = [&] {
            SensedLife life(static_cast<std::uint64_t>(seed) + 7'000'000);
            life.run(40);
            return life.history();
        };
        const std::string first = history();
        ASSERT_FALSE(first.empty());
        ASSERT_EQ(first, history()) << "seed " << seed;
    }
}

} // namespace
} // namespace soundwarden::engine::testing
