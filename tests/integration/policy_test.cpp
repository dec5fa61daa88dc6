// SPDX-License-Identifier: MIT
// Policy files and the running daemon: what they say is heard, a change of them acts, and broken ones loosen nothing.
#include "guarded.hpp"

#include "bench/clock.hpp"
#include "bench/recording.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <string>

namespace soundwarden::integration {
namespace {

using bench::Recording;
using bench::Session;
using bench::SimCard;
using bench::Source;

constexpr unsigned rate = 48000;

std::string limit_speakers(int db) {
    return "schema = 1\n[[rule]]\nname = \"test\"\nwhen = { kind = \"internal-speaker\" }\nverdict = \"limit\"\ncap = \"" + std::to_string(db) +
           " dB\"\nstart-level = \"0 dB\"\n";
}

/// A laptop's card under a tone that presses against every limit; policy files in the user's own layer.
struct Pressed {
    Pressed() : session({.quantum = 256, .rate = rate}), card(session, {.preset = "laptop"}), probe(session) {
        std::filesystem::create_directories(directory());
    }
    std::filesystem::path directory() const { return session.config_dir() / "soundwarden" / "policy.d"; }

    /// As an editor does it: another file, then a new name.
    void write(const std::string &text, const std::string &name = "60-test.toml") const {
        const auto aside = directory() / ("." + name + ".tmp");
        std::ofstream(aside) << text;
        std::filesystem::rename(aside, directory() / name);
    }
    void start(std::vector<std::string> options = {}) {
        daemon = std::make_unique<Daemon>(session, std::move(options));
        daemon->wait_report("decision:");
        guard = "soundwarden." + card.sink();
        const auto node = probe.wait_node(guard);
        probe.set_node_props(node.id, {.channel_volumes = {1.0F, 1.0F}});
        source = std::make_unique<Source>(session, bench::SourceOptions{.signal = {"tone", "997", "0"}, .level_db = 20});
        source->wait_streaming();
    }
    /// Waits until the loudest sample of a tenth of a second is that, to 0.1 dB.
    bool plays_at(double db) {
        return bench::poll_until([&] {
            const Recording recording = card.recording();
            if (recording.frames() < rate) return false;
            now_db = decibels(static_cast<double>(recording.peak(recording.frames() - rate / 10))).value;
            return std::abs(now_db - db) < 0.1;
        });
    }
    nlohmann::json status() {
        const auto tool = session.spawn({program("SOUNDWARDEN"), "-o", "json"});
        tool->wait_exit();
        return nlohmann::json::parse(tool->output(), nullptr, false);
    }
    bool has_reason(const std::string &token) {
        return bench::poll_until([&] {
            for (const auto &reason : status().value("reasons", nlohmann::json::array()))
                if (reason == token) return true;
            return false;
        });
    }
    bool is_running() {
        return bench::poll_until([&] { return status().value("state", "") == "running"; });
    }
    std::string reload() {
        const auto tool = session.spawn({"dbus-send", "--session", "--print-reply", "--dest=org.soundwarden.SoundWarden1",
                                         "/org/soundwarden/SoundWarden1", "org.soundwarden.SoundWarden1.Manager.Reload"});
        tool->wait_exit();
        return tool->output();
    }

    Session session;
    SimCard card;
    bench::GraphProbe probe;
    std::string guard;
    std::unique_ptr<Daemon> daemon;
    std::unique_ptr<Source> source;
    double now_db = 0.0;
};

TEST(PolicyFiles, WithoutAnySpeakersAreAllowed) {
    Pressed control;
    control.start();
    EXPECT_TRUE(control.plays_at(20.0)) << control.now_db << control.daemon->process().output();
}

TEST(PolicyFiles, AChangedFileActsAndABrokenOneLoosensNothing) {
    Pressed at;
    at.write(limit_speakers(-12));
    at.start();
    ASSERT_TRUE(at.plays_at(-12.0)) << at.now_db << at.daemon->process().output();
    EXPECT_EQ(at.status()["outputs"][0]["rule"]["name"], "test");

    at.write(limit_speakers(-30));
    ASSERT_TRUE(at.plays_at(-30.0)) << at.now_db;
    const auto stricter = at.card.recording().frames();

    at.write("schema = 1\n[[rule]]\nname = \"test\"\nverdict = \"limt\"\n");
    EXPECT_TRUE(at.has_reason("policy-invalid")) << at.status();
    EXPECT_EQ(at.status().value("state", ""), "degraded");
    at.write(limit_speakers(-24));
    EXPECT_TRUE(at.plays_at(-24.0)) << at.now_db;
    EXPECT_TRUE(at.is_running());
    const Recording recording = at.card.recording();
    EXPECT_EQ(recording.count_above(amplitude_toward_zero({-24.0}), stricter), 0U) << "nothing was louder meanwhile";
    EXPECT_EQ(recording.overflows(), 0U);

    std::filesystem::remove(at.directory() / "60-test.toml");
    EXPECT_TRUE(at.plays_at(20.0)) << at.now_db << ": it rises by 6 dB/s";
}

TEST(PolicyFiles, ReloadAnswersWhenItActsAndSaysWhatIsWrong) {
    Pressed at;
    at.write(limit_speakers(-12));
    at.start();
    ASSERT_TRUE(at.plays_at(-12.0)) << at.now_db;
    EXPECT_EQ(at.reload().find("Error"), std::string::npos);
    at.write("schema = 2\n");
    const std::string answer = at.reload();
    EXPECT_NE(answer.find("org.soundwarden.SoundWarden1.Error.Failed"), std::string::npos) << answer;
    EXPECT_NE(answer.find("60-test.toml:1:"), std::string::npos) << answer;
    EXPECT_TRUE(at.plays_at(-12.0)) << at.now_db;
    at.write(limit_speakers(-20));
    at.daemon->process().signal(SIGHUP);
    EXPECT_TRUE(at.plays_at(-20.0)) << at.now_db;
}

TEST(PolicyFiles, BrokenAtTheStartMeansStrictAndNeverSilence) {
    Pressed at;
    at.write("schema = 1\nnonsense\n");
    at.start();
    EXPECT_TRUE(at.has_reason("policy-invalid"));
    EXPECT_EQ(at.status().value("state", ""), "fail-safe");
    EXPECT_EQ(at.status().value("posture", ""), "strict");
    EXPECT_TRUE(at.plays_at(20.0)) << at.now_db << ": built-in speakers are allowed by the built-in rules, strict or not";
    at.card.jack("headphones", true);
    at.daemon->wait_report("decision: Headphones");
    at.write(limit_speakers(-12));
    EXPECT_TRUE(at.is_running()) << at.status();
}

TEST(PolicyFiles, AnotherDirectoryStandsForTheMachines) {
    Pressed at;
    at.write(limit_speakers(-12));
    const auto other = at.session.dir() / "other";
    std::filesystem::create_directories(other);
    std::ofstream(other / "60-other.toml") << limit_speakers(-18);
    at.start({"--policy-dir", other.string()});
    EXPECT_TRUE(at.plays_at(-18.0)) << at.now_db;
}

// What the session manager's part does with a sink whose daemon was killed is the policy's word too, and outlives it.
TEST(PolicyFiles, SayHowAnOrphanPlays) {
    Pressed at;
    at.write(limit_speakers(-12) + "[settings]\norphan-silence = \"1 s\"\norphan-level = \"-40 dB\"\n");
    at.start();
    ASSERT_TRUE(at.plays_at(-12.0)) << at.now_db << at.daemon->process().output();
    at.source->level(0.0);
    at.daemon->process().signal(SIGKILL);
    EXPECT_TRUE(at.plays_at(-40.0)) << at.now_db;
}

/// The raw sink of the Pro Audio profile, once it is there; empty where it does not come.
std::string pro_audio_sink(bench::GraphProbe &probe) {
    std::string sink;
    probe.wait_until([&](const bench::Graph &graph) {
        for (const auto &[id, node] : graph.nodes)
            if (node.name().find(".pro-output-0") != std::string::npos && !node.name().starts_with("soundwarden.")) sink = node.name();
        return !sink.empty();
    });
    return sink;
}

// A studio's interface: headphones on channels 9-10, monitors and a power amplifier on the others.
TEST(ChannelGroup, IsLimitedAndTheOtherChannelsAreNotTouched) {
    Session session({.quantum = 256, .rate = rate});
    const auto directory = session.config_dir() / "soundwarden" / "policy.d";
    std::filesystem::create_directories(directory);
    std::ofstream(directory / "60-test.toml") << "schema = 1\n[[output]]\nname = \"phones\"\nmatch = { node = \"*pro-output*\" }\nkind = \"headphone-out\"\n"
                                                 "channels = [3, 4]\nfull-scale = \"4 V\"\n";
    SimCard card(session, {.preset = "usb-interface", .channels = 4, .node_properties = {"device.profile.pro=true"}});
    Daemon daemon(session);
    card.profile("pro-audio");
    daemon.wait_report("decision: .*3-4");
    bench::GraphProbe probe(session);
    const std::string sink = pro_audio_sink(probe);
    ASSERT_NE(sink, "");
    Source source(session, {.signal = {"tone", "997", "-6"}, .target = "soundwarden." + sink, .channels = 4,
                            .properties = {"stream.dont-remix=true"}});
    source.wait_streaming();
    const double cap = -18.5;
    double group = 0.0;
    double others = 0.0;
    const bool held = bench::poll_until([&] {
        const Recording recording = card.recording("", 0);
        if (recording.frames() < rate) return false;
        const auto from = recording.frames() - rate / 10;
        group = decibels(static_cast<double>(std::max(recording.peak(from, Recording::end_of_file, 2), recording.peak(from, Recording::end_of_file, 3)))).value;
        others = decibels(static_cast<double>(std::min(recording.peak(from, Recording::end_of_file, 0), recording.peak(from, Recording::end_of_file, 1)))).value;
        return std::abs(group - (cap - 6.0)) < 0.1 && std::abs(others + 6.0) < 0.01;
    });
    EXPECT_TRUE(held) << "phones " << group << " dBFS, others " << others << " dBFS\n" << daemon.process().output();
    source.level(20.0);
    EXPECT_TRUE(bench::poll_until([&] {
        const Recording recording = card.recording("", 0);
        const auto from = recording.frames() - rate / 10;
        return std::abs(decibels(static_cast<double>(recording.peak(from, Recording::end_of_file, 0))).value - 14.0) < 0.1;
    })) << "the others may go where they like";
    const Recording recording = card.recording("", 0);
    EXPECT_EQ(recording.count_above(amplitude_toward_zero({cap + 0.05}), 0, Recording::end_of_file, 2), 0U);
    EXPECT_EQ(recording.count_above(amplitude_toward_zero({cap + 0.05}), 0, Recording::end_of_file, 3), 0U);
}

struct ProAudioRow {
    const char *name;
    const char *told; ///< of the sink
    bool guarded;
};

// What PipeWire says of such a sink: 1.4 the first, 0.3.65 the second. The control is any other sink with that name.
class ProAudio : public testing::TestWithParam<ProAudioRow> {};

TEST_P(ProAudio, plays_as_it_is_until_a_policy_says_where_the_phones_are) {
    Session session({.quantum = 256, .rate = rate});
    SimCard card(session, {.preset = "usb-interface", .channels = 4, .node_properties = {GetParam().told}});
    Daemon daemon(session);
    daemon.wait_report("sink:");
    const auto before = daemon.mark();
    card.profile("pro-audio");
    daemon.wait_report("sink: .* Pro;", before);
    if (GetParam().guarded) daemon.wait_report("decision: .* Pro", before);
    bench::GraphProbe probe(session);
    const std::string sink = pro_audio_sink(probe);
    ASSERT_NE(sink, "");
    Source source(session, {.signal = {"tone", "997", "-1"}, .target = GetParam().guarded ? "soundwarden." + sink : sink, .channels = 4,
                            .properties = {"stream.dont-remix=true"}});
    source.wait_streaming();
    const auto played = [&] { return card.recording("", 0); };
    ASSERT_TRUE(bench::poll_until([&] { return played().frames() > 0 && played().first_sound().has_value(); })) << daemon.process().output();
    const auto from = played().frames();
    // Longer than any guard takes that is made late.
    ASSERT_TRUE(bench::poll_until([&] { return played().frames() >= from + 2 * rate; })) << daemon.process().output();
    const double loudest = decibels(static_cast<double>(played().peak(from))).value;
    const double last = decibels(static_cast<double>(played().peak(played().frames() - rate / 10))).value;
    if (GetParam().guarded) {
        EXPECT_LE(loudest, -18.4) << "an unknown output of a card with 4 V\n" << daemon.process().output();
        EXPECT_GT(last, -80.0);
    } else {
        EXPECT_NEAR(loudest, -1.0, 0.01) << daemon.process().output();
        EXPECT_NEAR(last, -1.0, 0.01) << daemon.process().output();
    }
}

INSTANTIATE_TEST_SUITE_P(Told, ProAudio, testing::Values(ProAudioRow{"by_its_property", "device.profile.pro=true", false},
                                                         ProAudioRow{"by_name_and_channels", "audio.position=AUX0,AUX1,AUX2,AUX3", false},
                                                         ProAudioRow{"control", "audio.position=FL,FR,RL,RR", true}),
                         [](const auto &row) { return std::string(row.param.name); });

} // namespace
} // namespace soundwarden::integration
