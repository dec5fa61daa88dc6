// SPDX-License-Identifier: MIT
// Who hears what is on the screen: a stream with media.role=Accessibility is never silent for more than a second, but for a certain block or
// a panic. Measured on what the sink was handed.
#include "guarded.hpp"

#include "bench/clock.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

namespace soundwarden::integration {
namespace {

using bench::Recording;
using bench::Source;
using std::chrono::milliseconds;

constexpr std::int64_t longest_ns = 1'000'000'000;
// For what starts a daemon anew at once, on a machine that is loaded: its start alone took half a second there.
constexpr std::int64_t loaded_ns = 2 * longest_ns;
constexpr float sound = 1e-8F;    // −160 dBFS: more than nothing
constexpr float faint = 1e-5F;    // −100 dBFS: printed beside it, for what rises from there is not heard at once
constexpr float quiet_level = 0.0316228F; // −30 dB

/// The speech of a screen reader: a steady tone, so that each gap is one of ours.
struct Speaking {
    explicit Speaking(const std::string &role = "Accessibility")
        : voice(guarded.session, {.signal = {"tone", "997", "0"}, .level_db = -12.0, .name = "screen-reader", .properties = {"media.role=" + role}}) {
        voice.wait_streaming();
        guarded.card.wait_sound();
        from = guarded.card.recording().frames();
    }
    void wait(milliseconds time) const { std::this_thread::sleep_for(time); }
    void start_daemon() {
        guarded.daemon = std::make_unique<Daemon>(guarded.session);
        guarded.daemon->wait_report("decision:");
    }
    void end_daemon(int signal) const {
        guarded.daemon->process().signal(signal);
        ASSERT_TRUE(guarded.daemon->process().wait_exit());
    }
    /// From the last frame above `level` before a gap to the first one after it, by when the sink was handed them; the gap at the end counts.
    std::int64_t longest_below(float level, const Recording &recording) const {
        std::int64_t longest = 0;
        std::int64_t last = recording.t_ns_of(from);
        for (auto frame = from; frame < recording.frames(); ++frame) {
            if (!recording.first_above(level, frame, frame + 1)) continue;
            const std::int64_t now = recording.t_ns_of(frame);
            longest = std::max(longest, now - last);
            last = now;
        }
        return std::max(longest, recording.t_ns_of(recording.frames() - 1) - last);
    }
    /// Since the last call; a sink that stopped counts as silent up to now.
    std::int64_t longest_silence() {
        const std::int64_t now = bench::now_ns();
        const Recording recording = guarded.card.recording();
        const std::int64_t stopped = now - recording.t_ns_of(recording.frames() - 1);
        const std::int64_t longest = std::max(longest_below(sound, recording), stopped);
        std::printf("longest silence: %lld ms; below -100 dBFS: %lld ms\n", static_cast<long long>(longest / 1'000'000),
                    static_cast<long long>(longest_below(faint, recording) / 1'000'000));
        from = recording.frames();
        return longest;
    }

    // No lockstep: where links change a cycle may never be complete. Hardware goes on with the next one; a clock that waits for the graph
    // stands still for a second, and that would be counted here.
    Guarded guarded{{.lockstep = false}};
    Source voice;
    Recording::Frame from = 0;
};

TEST(Accessibility, plug_edges_and_settling) {
    Speaking speaking;
    for (const bool in : {true, false, true, false}) {
        speaking.guarded.plug(in);
        speaking.wait(milliseconds{300});
    }
    // A plug that rattles.
    for (int n = 0; n < 6; ++n) {
        speaking.guarded.card.jack("headphones", n % 2 == 0);
        speaking.wait(milliseconds{120});
    }
    speaking.guarded.card.jack("headphones", true);
    speaking.wait(milliseconds{2500});
    EXPECT_LE(speaking.longest_silence(), longest_ns) << speaking.guarded.daemon->process().output();
}

TEST(Accessibility, another_policy) {
    Speaking speaking;
    speaking.guarded.plug(true);
    speaking.longest_silence();
    const auto directory = speaking.guarded.session.config_dir() / "soundwarden" / "policy.d";
    std::filesystem::create_directories(directory);
    for (const char *posture : {"strict", "protect"}) {
        const auto mark = speaking.guarded.daemon->mark();
        std::ofstream(directory / "60-test.toml") << "schema = 1\n[settings]\nposture = \"" << posture << "\"\n";
        speaking.guarded.daemon->process().signal(SIGHUP);
        speaking.guarded.daemon->wait_report("policy:", mark);
        speaking.wait(milliseconds{1500});
    }
    EXPECT_LE(speaking.longest_silence(), longest_ns) << speaking.guarded.daemon->process().output();
}

TEST(Accessibility, a_restart_of_the_daemon) {
    Speaking speaking;
    speaking.guarded.plug(true);
    speaking.longest_silence();
    speaking.end_daemon(SIGTERM);
    speaking.start_daemon();
    speaking.wait(milliseconds{1500});
    EXPECT_LE(speaking.longest_silence(), loaded_ns) << speaking.guarded.daemon->process().output() << speaking.guarded.session.logs();
}

TEST(Accessibility, a_crash_and_the_service_manager) {
    Speaking speaking;
    speaking.guarded.plug(true);
    speaking.longest_silence();
    speaking.end_daemon(SIGKILL);
    speaking.wait(milliseconds{100}); // RestartSec
    speaking.start_daemon();
    speaking.wait(milliseconds{1500});
    EXPECT_LE(speaking.longest_silence(), loaded_ns) << speaking.guarded.daemon->process().output() << speaking.guarded.session.logs();
}

TEST(Accessibility, a_daemon_that_stays_dead) {
    Speaking speaking;
    speaking.guarded.plug(true);
    speaking.longest_silence();
    const auto died_ns = bench::now_ns();
    speaking.end_daemon(SIGKILL);
    speaking.wait(milliseconds{4000}); // less than orphan-silence
    EXPECT_LE(speaking.longest_silence(), longest_ns) << speaking.guarded.session.logs();
    const Recording recording = speaking.guarded.card.recording();
    EXPECT_LE(recording.peak(recording.frame_at(died_ns + 200'000'000)), quiet_level * 1.001F) << "and no louder than an orphan plays";
    // And back.
    speaking.start_daemon();
    speaking.wait(milliseconds{4000});
    EXPECT_LE(speaking.longest_silence(), longest_ns) << speaking.guarded.session.logs();
}

TEST(Accessibility, control_another_stream_waits_out_the_orphans_silence) {
    Speaking speaking("Music");
    speaking.guarded.plug(true);
    speaking.longest_silence();
    speaking.end_daemon(SIGKILL);
    speaking.wait(milliseconds{4000});
    EXPECT_GT(speaking.longest_silence(), 3 * longest_ns);
}

TEST(Accessibility, a_voice_that_comes_while_it_is_silent) {
    Speaking speaking("Music");
    speaking.guarded.plug(true);
    speaking.end_daemon(SIGKILL);
    speaking.wait(milliseconds{500});
    speaking.from = speaking.guarded.card.recording().frames();
    const auto began_ns = bench::now_ns();
    Source reader(speaking.guarded.session, {.signal = {"tone", "997", "0"}, .level_db = -12.0, .name = "reader", .properties = {"media.role=Accessibility"}});
    const auto first = speaking.guarded.card.wait_sound();
    const auto waited_ns = speaking.guarded.card.recording().t_ns_of(first) - began_ns;
    std::printf("heard after %lld ms\n", static_cast<long long>(waited_ns / 1'000'000));
    EXPECT_LE(waited_ns, longest_ns);
}

} // namespace
} // namespace soundwarden::integration
