// SPDX-License-Identifier: MIT
// Manager.Meters against the samples that the sink really played, through `soundwarden meter`.
#include "guarded.hpp"

#include "bench/clock.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <functional>
#include <tuple>
#include <utility>

namespace soundwarden::integration {
namespace {

using bench::Recording;
using bench::Source;
using Json = nlohmann::json;

constexpr unsigned rate = 48000;

/// Headphones, the slider at 100 %, and meters that are watched.
struct Metered {
    Metered() : guarded({}, {.quantum = 256, .rate = rate}) {
        guarded.plug(true);
        guarded.set_user_volume(1.0);
    }
    void watch(std::vector<std::string> more = {"--interval", "0.05"}) {
        std::vector<std::string> words{program("SOUNDWARDEN"), "meter", "headphones", "-o", "jsonl"};
        words.insert(words.end(), more.begin(), more.end());
        tool = guarded.session.spawn(words);
    }
    void play(double level_db, const std::string &hz = "997") {
        source = std::make_unique<Source>(guarded.session, bench::SourceOptions{.signal = {"tone", hz, "0"}, .level_db = level_db});
        source->wait_streaming();
    }
    /// Of a packet that comes from now on.
    Json now() { return packet(*tool, tool->mark()).second; }
    /// Of each packet in turn.
    bool becomes(const std::function<bool(const Json &)> &what) {
        return bench::poll_until([&] {
            std::tie(read, last) = packet(*tool, read);
            return what(last);
        });
    }
    /// The output in the first packet from line `from` on, and where the next one may be.
    static std::pair<std::size_t, Json> packet(const bench::Process &tool, std::size_t from) {
        const auto line = tool.wait_for_line("\"meters\"", bench::default_timeout(), from);
        if (!line) throw std::runtime_error("no packet:\n" + tool.output());
        return {line->index + 1, Json::parse(line->text).at("outputs").at(0)};
    }
    /// The loudest sample of the last tenth of a second at the sink, dBFS.
    double at_sink() {
        const Recording recording = guarded.card.recording();
        return decibels(static_cast<double>(recording.peak(recording.frames() - rate / 10))).value;
    }

    Guarded guarded;
    std::unique_ptr<Source> source;
    std::unique_ptr<bench::Process> tool;
    std::size_t read = 0;
    Json last;
};

bool near(const Json &number, double value, double within) { return number.is_number() && std::abs(number.get<double>() - value) <= within; }

TEST(Meter, tells_the_peak_that_the_sink_gets_and_what_the_limiter_took_away) {
    Metered at;
    at.watch();
    EXPECT_TRUE(at.becomes([](const Json &output) { return output.at("playing") == false && output.at("peak_dbfs").is_null(); }));
    at.play(20); // the cap gain takes it to 20 dB above the ceiling
    ASSERT_TRUE(at.becomes([](const Json &output) { return near(output.at("gain_reduction_db"), 20.0, 0.3); })) << at.last;
    ASSERT_TRUE(at.becomes([](const Json &output) { return near(output.at("peak_dbfs"), headphone_cap.value, 0.05); })) << at.last;
    EXPECT_TRUE(bench::poll_until([&] { return std::abs(at.at_sink() - headphone_cap.value) < 0.05; })) << at.at_sink();
    const Json now = at.now();
    EXPECT_TRUE(near(now.at("peak_dbfs"), at.at_sink(), 0.05)) << now << at.at_sink();
    EXPECT_LE(now.at("peak_dbfs").get<double>(), headphone_cap.value + 0.005);
    EXPECT_TRUE(near(now.at("true_peak_dbfs"), headphone_cap.value, 0.1)) << now << ": between the samples of a limited tone there is little";
    EXPECT_GE(now.at("true_peak_dbfs"), now.at("peak_dbfs"));
    EXPECT_TRUE(near(now.at("ceiling_dbfs"), headphone_cap.value, 0.01)) << now;
    EXPECT_EQ(now.at("state"), "guarded");
    EXPECT_EQ(now.at("governor_db"), 0.0) << "its target is out of reach here";
    // 116.5 dB SPL at 1 V, 1.4 V: a limited tone is a sine still.
    const double level = 116.5 + 20.0 * std::log10(1.4) + headphone_cap.value;
    EXPECT_TRUE(at.becomes([&](const Json &output) { return near(output.at("level_dba"), level, 0.3); })) << at.last << " " << level;
}

TEST(Meter, control_quiet_sound_is_told_as_it_is_and_nothing_is_taken_away) {
    Metered at;
    at.watch();
    at.play(-20);
    const double expected = headphone_cap.value - 20.0;
    ASSERT_TRUE(at.becomes([&](const Json &output) { return near(output.at("peak_dbfs"), expected, 0.1); })) << at.last;
    EXPECT_TRUE(bench::poll_until([&] { return std::abs(at.at_sink() - expected) < 0.1; })) << at.at_sink();
    const Json now = at.now();
    EXPECT_TRUE(near(now.at("peak_dbfs"), at.at_sink(), 0.05)) << now << at.at_sink();
    EXPECT_EQ(now.at("gain_reduction_db"), 0.0);
    at.source->stop();
    EXPECT_TRUE(at.becomes([](const Json &output) { return output.at("playing") == false; })) << at.last;
}

// Close to a quarter of the rate the samples of a tone lie up to 3 dB below its peaks, for a while each time.
TEST(Meter, tells_of_true_peaks_that_no_sample_shows) {
    Metered at;
    at.watch();
    at.play(-20, "11999.9"); // they move on by 36 degrees a second
    const double expected = headphone_cap.value - 20.0;
    EXPECT_TRUE(at.becomes([&](const Json &output) {
        return near(output.at("true_peak_dbfs"), expected, 0.3) && output.at("peak_dbfs").get<double>() < expected - 1.5;
    })) << at.last;
}

// A short sound between two looks that are a second apart, while somebody else looks more often.
TEST(Meter, misses_no_peak_however_seldom_it_looks_and_whoever_else_does) {
    Metered at;
    at.play(-40);
    const double quiet = headphone_cap.value - 40.0;
    at.watch({"--interval", "0.02"});
    const auto seldom = at.guarded.session.spawn({program("SOUNDWARDEN"), "meter", "headphones", "-o", "jsonl", "--interval", "1"});
    ASSERT_TRUE(at.becomes([&](const Json &output) { return near(output.at("peak_dbfs"), quiet, 0.1); })) << at.last;
    const std::size_t from = seldom->mark();
    const auto loud = [](const Json &output) {
        return output.at("peak_dbfs").is_number() && output["peak_dbfs"].get<double>() > headphone_cap.value - 1.0;
    };
    {
        Source burst(at.guarded.session, bench::SourceOptions{.signal = {"tone", "997", "0"}, .level_db = 0});
        burst.wait_streaming();
        ASSERT_TRUE(at.becomes(loud)) << at.last;
    }
    EXPECT_TRUE(bench::poll_until([&, at_line = from]() mutable {
        const auto [next, output] = Metered::packet(*seldom, at_line);
        at_line = next;
        return loud(output);
    })) << seldom->output();
}

} // namespace
} // namespace soundwarden::integration
