// SPDX-License-Identifier: MIT
// Between the main thread and the data thread: parameters and whole states down, meters up.
#include "dsp/guard_processor.hpp"
#include "dsp/state_mailbox.hpp"
#include "dsp/triple_buffer.hpp"
#include "limiter_test_world.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <random>
#include <thread>

namespace soundwarden::test {
namespace {

using dsp::GuardMeter;
using dsp::GuardProcessor;
using dsp::GuardTargets;
using dsp::LimiterFormat;
using dsp::LimiterMode;

constexpr std::uint32_t rate = 48000;
constexpr LimiterMode modes[] = {LimiterMode::guard, LimiterMode::low, LimiterMode::standard, LimiterMode::smooth};

LimiterFormat format_of(LimiterMode mode, std::uint32_t channels = 2, std::uint32_t rate_hz = rate) {
    return {.channels = channels, .rate_hz = rate_hz, .mode = mode};
}

GuardTargets targets(std::uint64_t generation, float gain, float ceiling, float rise) {
    GuardTargets to;
    to.generation = generation;
    to.gain = gain;
    to.ceiling = ceiling;
    to.rise_db_per_s = rise;
    return to;
}

TEST(TripleBuffer, gives_the_newest_whole_value) {
    struct Pair {
        std::uint64_t first;
        std::uint64_t second;
    };
    dsp::TripleBuffer<Pair> box({0, 0});
    constexpr std::uint64_t last = 200'000;
    std::thread writer([&] {
        for (std::uint64_t i = 1; i <= last; ++i) box.write({i, ~i});
    });
    std::uint64_t seen = 0;
    while (seen != last) {
        const Pair &value = box.read();
        if (value.first != 0) {
            ASSERT_EQ(value.second, ~value.first);
        }
        ASSERT_GE(value.first, seen);
        seen = value.first;
    }
    writer.join();
}

struct Counted {
    explicit Counted(std::atomic<int> &alive) : alive_(alive) { ++alive_; }
    ~Counted() { --alive_; }
    Counted *next = nullptr;
    std::atomic<int> &alive_;
};

TEST(StateMailbox, FreesOnTheMainThreadWhatComesBackAndWhatWasNeverTaken) {
    std::atomic<int> alive{0};
    {
        dsp::StateMailbox<Counted> box;
        EXPECT_EQ(box.take(), nullptr);
        box.offer(std::make_unique<Counted>(alive));
        box.offer(std::make_unique<Counted>(alive));
        EXPECT_EQ(alive, 1) << "only the newest is kept";
        Counted *first = box.take();
        box.offer(std::make_unique<Counted>(alive));
        Counted *second = box.take();
        box.give_back(first);
        box.give_back(second);
        EXPECT_EQ(alive, 2);
        box.collect();
        EXPECT_EQ(alive, 0);
        box.offer(std::make_unique<Counted>(alive));
    }
    EXPECT_EQ(alive, 0);
}

// Must hold 7, the hand-over; also built with the thread sanitizer (unit-handover-tsan).
TEST(HandOver, MainAndDataThreadMayDoAllOfThisAtOnce) {
    GuardProcessor guard(format_of(LimiterMode::standard), targets(1, 1.0F, 0.5F, 0.0F));
    dsp::TripleBuffer<GuardTargets> orders(targets(1, 1.0F, 0.5F, 0.0F));
    dsp::TripleBuffer<GuardMeter> meters(guard.meter());
    std::atomic<bool> stop{false};
    std::atomic<unsigned> louder{0};
    std::atomic<unsigned> heard{0};
    std::thread data([&] {
        const Channels in = {uneven_noise(61, 3), uneven_noise(61, 5)};
        Channels out = {std::vector<float>(61), std::vector<float>(61)};
        const float *from[] = {in[0].data(), in[1].data()};
        float *to[] = {out[0].data(), out[1].data()};
        while (!stop) {
            if (!meters.unread()) guard.forget_peaks();
            const float before = guard.meter().ceiling;
            guard.process(from, to, 61, rate, orders.read());
            meters.write(guard.meter());
            const float ceiling = std::max(before, guard.meter().ceiling);
            louder += static_cast<unsigned>(above(out[0], ceiling) + above(out[1], ceiling));
            heard += above(out[1], 0.5F * ceiling) > 0 ? 1U : 0U;
        }
    });
    std::uint64_t seen = 0;
    double energy = 0.0;
    std::mt19937 engine(1);
    for (std::uint64_t round = 2; round < (nightly() ? 20'000U : 200U); ++round) {
        orders.write(targets(round, 0.9F, static_cast<float>(engine() % 50 + 1) / 100.0F, 600.0F));
        guard.rebuild(format_of(modes[engine() % 4], 2, engine() % 2 == 0 ? 48000 : 44100));
        const GuardMeter meter = meters.read();
        EXPECT_GE(meter.frames, seen);
        EXPECT_GE(meter.weighted_energy[0], energy);
        seen = meter.frames;
        energy = meter.weighted_energy[0];
    }
    // It did go on meanwhile, and the last order arrives.
    while (meters.read().generation < (nightly() ? 19'999U : 199U)) std::this_thread::yield();
    stop = true;
    data.join();
    EXPECT_GT(meters.read().frames, 0U);
    EXPECT_EQ(louder, 0U);
    EXPECT_GT(heard, 0U);
}

} // namespace
} // namespace soundwarden::test
