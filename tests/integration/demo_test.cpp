// SPDX-License-Identifier: MIT
// The demo on a real session; and that its judge finds each promise broken where the recording was tampered with.
#include "bench/graph_probe.hpp"
#include "bench/programs.hpp"
#include "bench/recording.hpp"
#include "judge.hpp"
#include "sound.hpp"
#include "take.hpp"
#include "track.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>

namespace soundwarden {
namespace {

using bench::milliseconds;
using check::Frame;
using check::Take;
using check::Track;

constexpr milliseconds demo_time{180'000};

/// A directory below the test's own temporary one, removed at the end.
class Directory {
public:
    Directory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "soundwarden-demo-test-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
        path_ = pattern;
    }
    ~Directory() {
        std::error_code error;
        std::filesystem::remove_all(path_, error);
    }
    Directory(const Directory &) = delete;
    Directory &operator=(const Directory &) = delete;
    const std::filesystem::path &path() const { return path_; }

private:
    std::filesystem::path path_;
};

int run(const std::vector<std::string> &argv, std::string &output) {
    bench::Process process(argv);
    const auto status = process.wait_exit(demo_time);
    output = process.output();
    return status ? status->code : -1;
}

/// Told once; every test looks at the same take.
class Demo : public testing::Test {
protected:
    static void SetUpTestSuite() {
        directory_ = std::make_unique<Directory>();
        exit_code_ = run({SOUNDWARDEN_DEMO, "--out", directory_->path()}, output_);
        if (exit_code_ == 0) take_ = std::make_unique<Take>(check::read_take(directory_->path()));
    }
    static void TearDownTestSuite() {
        take_.reset();
        directory_.reset();
    }
    void SetUp() override { ASSERT_EQ(exit_code_, 0) << output_; }

    /// Where the level stood still in a phase.
    static check::Span steady(const Track &track, const std::string &phase) {
        for (const check::Steady &part : track.steady)
            if (const check::Phase *wanted = track.phase(phase);
                wanted != nullptr && wanted->span.to > part.span.from && wanted->span.from < part.span.to)
                return part.span;
        throw std::runtime_error("no steady part in " + phase);
    }

    static void scale(Take &take, Frame from, Frame to, const std::function<double(Frame)> &factor) {
        for (Frame frame = from; frame < std::min(to, take.frames()); ++frame)
            for (std::uint32_t channel = 0; channel < take.channels; ++channel) {
                float &sample = take.heard[frame * take.channels + channel];
                sample = static_cast<float>(static_cast<double>(sample) * factor(frame));
            }
    }
    static void silence(Take &take, Frame from, Frame to) {
        scale(take, from, to, [](Frame) { return 0.0; });
    }

    /// The promises that do not hold after `tamper`, by key.
    static std::vector<std::string> broken(const std::function<void(Take &, const Track &)> &tamper) {
        Take take = *take_;
        tamper(take, check::make_track(*take_));
        std::vector<std::string> keys;
        for (const check::Judgement &judgement : check::judge(take))
            if (!judgement.held) keys.push_back(judgement.key);
        return keys;
    }
    static bool breaks(const std::string &promise, const std::function<void(Take &, const Track &)> &tamper) {
        const auto keys = broken(tamper);
        return std::find(keys.begin(), keys.end(), promise) != keys.end();
    }

    static std::unique_ptr<Directory> directory_;
    static std::unique_ptr<Take> take_;
    static int exit_code_;
    static std::string output_;
};

std::unique_ptr<Directory> Demo::directory_;
std::unique_ptr<Take> Demo::take_;
int Demo::exit_code_ = -1;
std::string Demo::output_;

TEST_F(Demo, HoldsEveryPromiseAndEndsWithTheStatus) {
    EXPECT_NE(output_.find("soundwarden status"), std::string::npos) << output_;
    EXPECT_NE(output_.find("Headphones"), std::string::npos) << output_;
    EXPECT_EQ(output_.find("NOT held"), std::string::npos) << output_;
    EXPECT_TRUE(broken([](Take &, const Track &) {}).empty());
}

TEST_F(Demo, OneSampleAboveTheCeilingIsFound) {
    EXPECT_EQ(broken([](Take &take, const Track &track) {
                  const Frame frame = steady(track, "full-volume").from + 1000;
                  take.heard[frame * take.channels] = track.ceiling[frame] * 1.001F;
              }),
              std::vector<std::string>{"ceiling"});
}

TEST_F(Demo, ASampleThatIsNoNumberIsFound) {
    EXPECT_TRUE(breaks("ceiling", [](Take &take, const Track &track) {
        take.heard[(steady(track, "full-volume").from + 1000) * take.channels] = std::numeric_limits<float>::quiet_NaN();
    }));
}

TEST_F(Demo, LimitedSoundThatIsSquashedIsFound) {
    for (const std::size_t part : {0U, 1U})
        EXPECT_EQ(broken([part](Take &take, const Track &track) {
                      const check::Span loud = track.limited.at(part).span;
                      scale(take, loud.from, loud.to, [](Frame) { return 0.85; }); // −1.4 dB
                  }),
                  std::vector<std::string>{"limited"})
            << "part " << part;
}

TEST_F(Demo, AHoleInLimitedSoundIsFound) {
    EXPECT_TRUE(breaks("limited", [](Take &take, const Track &track) {
        const Frame middle = track.limited.back().span.from + take.rate_hz / 2;
        silence(take, middle, middle + take.rate_hz / 4);
    }));
}

TEST_F(Demo, MusicThatAsksForNoLimitIsFound) {
    EXPECT_TRUE(breaks("limited", [](Take &take, const Track &track) {
        const check::Span loud = track.limited.back().span;
        for (Frame i = loud.from * take.channels; i < loud.to * take.channels; ++i) take.played[i] *= 0.001F;
    }));
}

TEST_F(Demo, GainsCountOnlyWhereTheLimiterIsIdle) {
    const Track track = check::make_track(*take_);
    for (const check::Steady &part : track.limited)
        for (Frame frame = part.span.from; frame < part.span.to; ++frame) ASSERT_LT(track.idle[frame], 0.0F) << part.phase;
    for (const char *phase : {"speakers", "headphones", "full-volume", "quiet-passage", "full-scale"}) {
        const check::Span part = steady(track, phase);
        EXPECT_GT(track.idle[part.to - 1], 0.0F) << phase;
    }
}

TEST_F(Demo, ARiseThatIsTooFastIsFound) {
    EXPECT_TRUE(breaks("rise", [](Take &take, const Track &track) {
        const check::Edge &plug = track.edges.front();
        const Frame from = plug.settled_at;
        const double rate = take.rate_hz;
        // 2 dB/s more than the ramp for one second, and from there on where it would have come later.
        scale(take, from, from + take.rate_hz,
              [&](Frame frame) { return check::from_db(2.0 * static_cast<double>(frame - from) / rate); });
    }));
}

TEST_F(Demo, ALateAnswerIsFound) {
    EXPECT_TRUE(breaks("reaction", [](Take &take, const Track &track) {
        for (check::Event &event : take.events)
            if (event.kind == "edge" && event.t_ns == track.edges.front().t_ns) event.t_ns -= 80 * check::millisecond;
    }));
}

TEST_F(Demo, ALoudMomentWhileSettlingIsFound) {
    EXPECT_TRUE(breaks("settling", [](Take &take, const Track &track) {
        const check::Edge &plug = track.edges.front();
        const Frame middle = (take.frame_at(plug.judged_from_ns) + plug.settled_at) / 2;
        const double up = 1.1 * plug.gain_before / *check::gain_in(take, track.ceiling, middle, plug.settled_at);
        scale(take, middle, middle + take.rate_hz / 50, [&](Frame) { return up; });
    }));
}

TEST_F(Demo, SpeakersThatRiseTooSoonAreFound) {
    EXPECT_TRUE(breaks("unplug", [](Take &take, const Track &track) {
        for (const check::Edge &edge : track.edges)
            if (!edge.in && edge.settled_before)
                scale(take, take.frame_at(edge.t_ns + 400 * check::millisecond), edge.settled_at, [](Frame) { return 2.0; });
    }));
}

TEST_F(Demo, TheVolumeOfTheOtherLoadClassIsFound) {
    EXPECT_TRUE(breaks("volumes", [](Take &take, const Track &track) {
        const check::Span speakers = steady(track, "speakers-again");
        double headphones = 1.0;
        for (const check::Steady &part : track.steady)
            if (part.for_ears && part.volume && part.span.from < speakers.from) headphones = *part.volume;
        const double own = *check::gain_in(take, track.ceiling, speakers.from, speakers.to);
        scale(take, speakers.from, speakers.to, [&](Frame) { return headphones / own; });
    }));
}

TEST_F(Demo, AVolumeThatIsNotTheUsersIsFoundBesideTheLimiter) {
    const auto changed = [](const char *phase, double factor) {
        return breaks("volumes", [&](Take &take, const Track &track) {
            const check::Span part = steady(track, phase);
            scale(take, part.from, part.to, [factor](Frame) { return factor; });
        });
    };
    EXPECT_TRUE(changed("full-volume", 0.98)) << "full scale at 100 % comes up to the ceiling";
    EXPECT_TRUE(changed("quiet-passage", 1.02)) << "the limiter was at work just before";
}

TEST_F(Demo, ASteadyPartThatCannotBeMeasuredIsFound) {
    EXPECT_TRUE(breaks("volumes", [](Take &take, const Track &track) {
        const check::Span quiet = steady(track, "quiet-passage");
        for (Frame frame = quiet.from; frame < quiet.to; frame += take.quantum)
            take.heard[frame * take.channels] = take.played[frame * take.channels] = track.ceiling[frame];
    }));
}

TEST_F(Demo, SpeakersThatAreNotLeftAloneAreFound) {
    EXPECT_EQ(broken([](Take &take, const Track &track) {
                  const check::Span speakers = steady(track, "speakers");
                  scale(take, speakers.from, speakers.to, [](Frame) { return 1.00001; });
              }),
              std::vector<std::string>{"transparent"});
}

TEST_F(Demo, LoudSoundAfterSigtermIsFound) {
    EXPECT_TRUE(breaks("leaving", [](Take &take, const Track &track) {
        scale(take, *track.stopped, take.frames(), [](Frame) { return 100.0; }); // it is left at −24 dB or less
    }));
}

TEST_F(Demo, MissingSoundIsFound) {
    for (const char *phase : {"speakers", "headphones", "full-volume", "over-volume", "too-loud", "terminated"})
        EXPECT_TRUE(breaks("sound", [&](Take &take, const Track &track) {
            silence(take, track.phase(phase)->span.from, track.phase(phase)->span.to);
        })) << phase;
}

TEST_F(Demo, ABlindRecorderIsFound) {
    EXPECT_TRUE(breaks("control", [](Take &take, const Track &track) {
        const check::Phase *blast = track.phase("unprotected-headphones");
        scale(take, blast->span.from, blast->span.to, [](Frame) { return 0.1; });
    }));
}

TEST_F(Demo, ADelayBetweenTheRecordingsIsFound) {
    EXPECT_TRUE(breaks("control", [](Take &take, const Track &) {
        std::rotate(take.heard.begin(), take.heard.begin() + take.channels * 16, take.heard.end());
    }));
}

TEST_F(Demo, AGapIsFound) {
    EXPECT_TRUE(breaks("gaps", [](Take &take, const Track &track) {
        const Frame from = steady(track, "headphones").from + 1000;
        silence(take, from, from + 10 * take.quantum);
    })) << "silence where the level stands still";
    const auto cycle = static_cast<std::ptrdiff_t>(take_->cycles.size() / 2);
    const auto flagged = [&](std::uint32_t flag) {
        return breaks("gaps", [&](Take &take, const Track &) {
            for (std::ptrdiff_t i = 0; i < 20; ++i) std::next(take.cycles.begin(), cycle + i)->flags |= flag;
        });
    };
    EXPECT_TRUE(flagged(check::flag_gap));
    EXPECT_TRUE(flagged(check::flag_overflow));
    EXPECT_TRUE(breaks("gaps", [&](Take &take, const Track &) { take.cycles.erase(std::next(take.cycles.begin(), cycle)); }));
}

TEST_F(Demo, CeilingsThatWereNeverPublishedAreFound) {
    EXPECT_TRUE(breaks("ceiling", [](Take &take, const Track &) {
        std::erase_if(take.events, [](const check::Event &event) { return event.kind == "ceiling"; });
    }));
}

TEST_F(Demo, TheCheckerAsAProgramTellsByItsExitCode) {
    std::string output;
    EXPECT_EQ(run({SOUNDWARDEN_CHECK, directory_->path()}, output), 0) << output;

    const Directory copy;
    std::filesystem::copy(directory_->path(), copy.path(), std::filesystem::copy_options::recursive);
    // The last byte of a float in the middle of the data: its sign and exponent.
    const auto middle = std::filesystem::file_size(copy.path() / "sink.wav") / 8 * 4;
    std::fstream file(copy.path() / "sink.wav", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(middle));
    for (int i = 0; i < 4096; ++i) file.write("\x7f\x7f\x7f\x7f", 4);
    file.close();
    EXPECT_EQ(run({SOUNDWARDEN_CHECK, copy.path()}, output), 1) << output;
    EXPECT_NE(output.find("NOT held"), std::string::npos);

    std::filesystem::remove(copy.path() / "source.wav");
    EXPECT_EQ(run({SOUNDWARDEN_CHECK, copy.path()}, output), 2) << output;
}

TEST(DemoOptions, AFileWithoutSoundIsRefusedWithASentence) {
    const Directory directory;
    std::ofstream(directory.path() / "text.wav") << "this is no sound";
    std::string output;
    EXPECT_EQ(run({SOUNDWARDEN_DEMO, "--play", directory.path() / "text.wav"}, output), 1);
    EXPECT_NE(output.find("text.wav"), std::string::npos) << output;
}

// --- tools/demo --live --------------------------------------------------------------------------------------------

/// What must not change: nodes, links, metadata, volumes, routes. Ids of clients come and go.
std::string facts_of(const bench::Graph &graph) {
    std::string text;
    for (const auto &[id, node] : graph.nodes) {
        text += "node " + std::to_string(id) + ' ' + node.name() + ' ' + node.state;
        for (const float volume : node.props.channel_volumes) text += ' ' + std::to_string(volume);
        text += node.props.volume ? " v" + std::to_string(*node.props.volume) : "";
        text += node.props.mute.value_or(false) ? " muted\n" : "\n";
    }
    for (const auto &[id, link] : graph.links)
        text += "link " + std::to_string(link.output_port) + ' ' + std::to_string(link.input_port) + ' ' + link.state + '\n';
    for (const auto &[id, metadata] : graph.metadata)
        for (const auto &[key, value] : metadata.values)
            text += "metadata " + metadata.name + ' ' + std::to_string(key.first) + ' ' + key.second + '=' + value + '\n';
    for (const auto &[id, device] : graph.devices)
        for (const bench::GraphRoute &route : device.active_routes) {
            text += "route " + route.name + (route.mute ? " muted" : "");
            for (const float volume : route.channel_volumes) text += ' ' + std::to_string(volume);
            text += '\n';
        }
    return text;
}

/// tools/demo --live with `desktop` as the user's own session; what it leaves behind would be in the session's directory.
std::unique_ptr<bench::Process> live_demo(const bench::Session &desktop) {
    return desktop.spawn({SOUNDWARDEN_TOOLS "/demo", "--live"},
                         {{"SOUNDWARDEN_BUILD_DIR", SOUNDWARDEN_BUILD_ROOT}, {"TMPDIR", desktop.dir()}});
}

TEST(DemoLive, WatchesAndChangesNothing) {
    const bench::Session desktop;
    bench::SimCard card(desktop);
    bench::GraphProbe probe(desktop);
    bench::Source music(desktop, {.signal = {"counter"}});
    music.wait_streaming();
    probe.change_sink_volume(card.sink(), 1.0F);
    card.wait_frames(9'600);
    probe.sync();
    const std::string before = facts_of(probe.snapshot());
    const std::size_t card_before = card.mark();
    const Frame first = card.recording().frames();

    const auto live = live_demo(desktop);
    ASSERT_TRUE(live->wait_for_line("observing only")) << live->output();
    ASSERT_TRUE(live->wait_for_line("Speaker .*internal-speaker")) << live->output();
    card.wait_frames(24'000);
    EXPECT_EQ(facts_of(probe.snapshot()), before);
    const auto heard = bench::check_counter(card.recording(), 1.0F, first);
    EXPECT_GE(heard.counted, 24'000U);
    EXPECT_EQ(heard.wrong + heard.breaks + heard.pauses, 0U) << "the music was touched";

    const std::size_t told = live->mark();
    card.jack("headphones", true);
    EXPECT_TRUE(live->wait_for_line("Headphones", bench::default_timeout(), told)) << live->output();
    live->signal(SIGINT);
    const auto ended = live->wait_exit();
    ASSERT_TRUE(ended) << live->output();
    EXPECT_EQ(ended->code, 0) << live->output();

    probe.sync();
    for (const auto &[id, node] : probe.snapshot().nodes) EXPECT_FALSE(node.name().starts_with("soundwarden.")) << node.name();
    for (const auto &event : card.events("set-route", card_before))
        EXPECT_TRUE(event.value("save", false)) << "not written by the session manager: " << event;
    for (const auto &entry : std::filesystem::directory_iterator(desktop.dir()))
        EXPECT_FALSE(entry.path().filename().string().starts_with("tmp.")) << "left behind: " << entry.path();
}

TEST(DemoLive, SaysSoWhereThereIsNoPipeWire) {
    bench::Session desktop;
    desktop.kill(bench::Server::pipewire, SIGKILL);
    const auto live = live_demo(desktop);
    const auto ended = live->wait_exit();
    ASSERT_TRUE(ended) << live->output();
    EXPECT_EQ(ended->code, 1);
    EXPECT_NE(live->output().find("no PipeWire"), std::string::npos) << live->output();
}

TEST(DemoLive, OnlyWatchesWhereTheServiceRuns) {
    const bench::Session desktop;
    const bench::SimCard card(desktop);
    const auto service = desktop.spawn({SOUNDWARDEN_DAEMON, "--state-dir", desktop.state_dir() / "soundwarden", "--kernel-root", desktop.state_dir() / "kernel"});
    ASSERT_TRUE(service->wait_for_line(" decision: ")) << service->output();
    const auto live = live_demo(desktop);
    ASSERT_TRUE(live->wait_for_line("already runs")) << live->output();
    ASSERT_TRUE(live->wait_for_line("protecting")) << live->output();
    live->signal(SIGINT);
    const auto ended = live->wait_exit();
    ASSERT_TRUE(ended) << live->output();
    EXPECT_EQ(ended->code, 0) << live->output();
    EXPECT_TRUE(service->running());
}

} // namespace
} // namespace soundwarden
