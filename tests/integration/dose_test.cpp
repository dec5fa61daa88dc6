// SPDX-License-Identifier: MIT
// The dose of what really leaves a guard: counted from the samples at the sink, told, remembered, and acted upon. issue 8.
#include "guarded.hpp"

#include "bench/clock.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>

namespace soundwarden::integration {
namespace {

using bench::Recording;
using bench::SimCard;
using bench::Source;

constexpr unsigned rate = 48000;
// A laptop's headphone socket and headphones that nobody knows: 116.5 dB SPL at 1 V, 1.4 V (product.md, "Default caps").
const double spl_at_full_scale = 116.5 + 20.0 * std::log10(1.4);

/// A laptop with headphones in its socket, its slider at 100 %.
struct Listening {
    explicit Listening(const std::string &settings = {}, bool plugged = true)
        : session({.quantum = 256, .rate = rate}), card(session, {.preset = "laptop"}), probe(session) {
        const auto directory = session.config_dir() / "soundwarden" / "policy.d";
        std::filesystem::create_directories(directory);
        if (!settings.empty()) std::ofstream(directory / "60-test.toml") << "schema = 1\n[settings]\n" << settings;
        start();
        if (plugged) {
            card.jack("headphones", true);
            daemon->wait_report("decision: Headphones");
        }
        open_slider();
    }
    void open_slider() { probe.set_node_props(probe.wait_node("soundwarden." + card.sink()).id, {.channel_volumes = {1.0F, 1.0F}}); }
    void start() {
        daemon = std::make_unique<Daemon>(session);
        daemon->wait_report("decision:");
    }
    void stop() {
        daemon->process().signal(SIGTERM);
        daemon->process().wait_exit();
    }
    nlohmann::json dose(std::vector<std::string> more = {}) {
        std::vector<std::string> words{program("SOUNDWARDEN"), "dose", "-o", "json"};
        words.insert(words.end(), more.begin(), more.end());
        const auto tool = session.spawn(words);
        tool->wait_exit();
        return nlohmann::json::parse(tool->output(), nullptr, false);
    }
    double week() { return dose().value("week_pa2h", -1.0); }
    /// Of the last tenth of a second, dB re a full-scale sine: the tone is at 997 Hz, where the A curve is 0 dB.
    double at_sink_db() {
        const Recording recording = card.recording();
        return 20.0 * std::log10(std::sqrt(2.0) * recording.rms(recording.frames() - rate / 10, Recording::end_of_file, 0));
    }
    bool settled_at(double db) {
        return bench::poll_until([&] { return card.recording().frames() > rate && std::abs(at_sink_db() - db) < 0.1; });
    }

    bench::Session session;
    SimCard card;
    bench::GraphProbe probe;
    std::unique_ptr<Daemon> daemon;
};

bench::SourceOptions tone(double db) { return {.signal = {"tone", "997", "0"}, .level_db = db}; }

TEST(Dose, is_what_the_samples_at_the_sink_come_to) {
    Listening at;
    Source source(at.session, tone(-20));
    source.wait_streaming();
    ASSERT_TRUE(at.settled_at(headphone_cap.value - 20.0)) << at.at_sink_db();
    const double level = at.at_sink_db() + spl_at_full_scale; // about 90 dB(A)
    const auto before = at.dose();
    const auto from = at.card.recording().frames();
    at.card.wait_frames(5 * rate);
    nlohmann::json now;
    // A tick a second: what was heard since the last one is not there yet.
    ASSERT_TRUE(bench::poll_until([&] {
        now = at.dose();
        return now["level_dba"].is_number() && now.value("week_pa2h", 0.0) > before.value("week_pa2h", 0.0);
    })) << now.dump();
    const double heard_s = static_cast<double>(at.card.recording().frames() - from) / rate;
    EXPECT_NEAR(now["level_dba"].get<double>(), level, 0.2) << now.dump();
    const double per_second = 4e-10 * std::pow(10.0, level / 10.0) / 3600.0;
    const double counted_s = (now.value("week_pa2h", 0.0) - before.value("week_pa2h", 0.0)) / per_second;
    EXPECT_GT(counted_s, 3.0) << heard_s;
    EXPECT_LT(counted_s, heard_s + 2.5);
    EXPECT_GT(now.value("week_estimated_pa2h", 0.0), 0.99 * now.value("week_pa2h", 0.0)) << "nobody knows these headphones";
    EXPECT_EQ(now["limit_dba"], nullptr);
}

TEST(Dose, control_speakers_and_silence_count_nothing) {
    Listening at({}, false);
    Source source(at.session, tone(-6));
    source.wait_streaming();
    ASSERT_TRUE(at.settled_at(-6.0)) << at.at_sink_db();
    at.card.wait_frames(3 * rate);
    const auto now = at.dose();
    EXPECT_EQ(now.value("week_pa2h", -1.0), 0.0) << now.dump();
    EXPECT_EQ(now["level_dba"], nullptr);
}

// The daemon ends less than five seconds after the sound does, by which WirePlumber 0.4.13 ended itself (guard.cpp, main_properties).
TEST(Dose, outlives_the_daemon_and_counts_on) {
    Listening at;
    {
        Source source(at.session, tone(-20));
        source.wait_streaming();
        ASSERT_TRUE(bench::poll_until([&] { return at.week() > 2e-4; })) << at.dose().dump();
        source.stop();
    }
    at.stop();
    const std::string said = at.daemon->process().output();
    at.start();
    const double after = at.week();
    EXPECT_GT(after, 2e-4) << said;
    at.open_slider();
    {
        Source source(at.session, tone(-20));
        source.wait_streaming();
        EXPECT_TRUE(bench::poll_until([&] { return at.week() > after * 1.1; })) << at.dose().dump() << at.session.logs() << at.daemon->process().output();
    }
    // Killed: what was counted since the last writing is lost, which is half a minute's at most; what was there before stays.
    at.daemon->process().signal(SIGKILL);
    ASSERT_TRUE(at.daemon->process().wait_exit());
    at.start();
    EXPECT_GE(at.week(), after * 0.999);
}

TEST(Dose, that_is_used_up_is_told_and_held_down_where_the_policy_says_so) {
    // A hundredth of 0.01 Pa²h is a second of 90 dB(A).
    Listening at("dose-allowance = \"0.01 Pa2h\"\ndose-notices = \"1 %\"\ndose-stop = \"1 %\"\n");
    const auto mark = at.daemon->mark();
    Source source(at.session, tone(-20));
    source.wait_streaming();
    ASSERT_TRUE(bench::poll_until([&] { return at.dose()["limit_dba"] == 55.0; })) << at.dose().dump();
    EXPECT_NO_THROW(at.daemon->wait_report("dose: 1 % of this week's sound allowance is used", mark));
    EXPECT_NO_THROW(at.daemon->wait_report("dose: Sound is held quiet", mark));
    // The governor goes down by a decibel a second: far enough to be told from the level before.
    const double before = headphone_cap.value - 20.0;
    EXPECT_TRUE(bench::poll_until([&] { return at.at_sink_db() < before - 5.0; }, std::chrono::seconds(60))) << at.at_sink_db();
    EXPECT_GT(at.at_sink_db(), -90.0) << "never silence";
}

TEST(Dose, control_without_a_stop_the_same_sound_stays_where_it_is) {
    Listening at("dose-allowance = \"0.01 Pa2h\"\ndose-notices = \"1 %\"\n");
    Source source(at.session, tone(-20));
    source.wait_streaming();
    ASSERT_TRUE(at.settled_at(headphone_cap.value - 20.0)) << at.at_sink_db();
    ASSERT_TRUE(bench::poll_until([&] { return at.dose().value("week_percent", 0.0) > 5.0; })) << at.dose().dump();
    EXPECT_EQ(at.dose()["limit_dba"], nullptr);
    EXPECT_NEAR(at.at_sink_db(), headphone_cap.value - 20.0, 0.1);
}

} // namespace
} // namespace soundwarden::integration
