// SPDX-License-Identifier: MIT
// The parts of the bench that need no session: the counter signal, processes, the reader of recordings.
#include "bench/counter.hpp"
#include "bench/process.hpp"
#include "bench/recording.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <vector>

namespace soundwarden::bench {
namespace {

/// A recording made by hand: two channels, quantum 4.
class HandMade : public testing::Test {
  protected:
    HandMade() {
        std::string pattern = "/tmp/sw-unit-XXXXXX";
        dir_ = mkdtemp(pattern.data());
        RecordingHeader header;
        header.channels = 2;
        header.cycle_size = sizeof(RecordingCycle);
        append(".idx", &header, sizeof header);
        append(".raw", nullptr, 0);
    }
    ~HandMade() override { std::filesystem::remove_all(dir_); }

    /// One cycle that was handed to the sink at `wall_ns`, all its samples `value`; 0 frames: a gap.
    void add_cycle(std::int64_t wall_ns, std::uint32_t frames, float value, std::uint32_t flags = 0) {
        add_cycle(wall_ns, std::vector<float>(std::size_t{frames} * 2, value), flags);
    }
    /// With these samples, interleaved.
    void add_cycle(std::int64_t wall_ns, const std::vector<float> &samples, std::uint32_t flags = 0) {
        const std::size_t frames = samples.size() / 2;
        RecordingCycle cycle;
        cycle.position = position_;
        cycle.wall_ns = wall_ns;
        cycle.file_frame = frames_;
        cycle.frames = static_cast<std::uint32_t>(frames);
        cycle.quantum = 4;
        cycle.graph_rate = cycle.sink_rate = 48'000;
        cycle.flags = flags;
        append(".raw", samples.data(), samples.size() * sizeof(float));
        append(".idx", &cycle, sizeof cycle);
        frames_ += frames;
        position_ += 4;
    }

    std::string prefix() const { return dir_ / "hand"; }

  private:
    void append(const char *suffix, const void *data, std::size_t size) const {
        std::ofstream file(prefix() + suffix, std::ios::binary | std::ios::app);
        file.write(static_cast<const char *>(data), static_cast<std::streamsize>(size));
    }

    std::filesystem::path dir_;
    std::uint64_t frames_ = 0;
    std::uint64_t position_ = 1000;
};

TEST_F(HandMade, EmptyRecordingAnswers) {
    const Recording recording(prefix());
    EXPECT_EQ(recording.frames(), 0U);
    EXPECT_EQ(recording.frame_at(0), 0U);
    EXPECT_EQ(recording.peak(), 0.0F);
    EXPECT_EQ(recording.rms(), 0.0);
    EXPECT_FALSE(recording.first_sound());
    EXPECT_EQ(Recording::frames_in(prefix()), 0U);
    EXPECT_THROW(Recording{"/nonexistent"}, std::runtime_error);
}

TEST_F(HandMade, FramesTimesAndGaps) {
    add_cycle(100, 0, 0.0F, cycle_flag::gap | cycle_flag::run_start);
    add_cycle(200, 4, 0.0F);
    add_cycle(300, 4, 0.5F);
    Recording recording(prefix());
    add_cycle(400, 0, 0.0F, cycle_flag::gap);
    add_cycle(500, 4, -0.25F);
    EXPECT_EQ(recording.frames(), 8U);
    recording.refresh();
    ASSERT_EQ(recording.frames(), 12U);
    EXPECT_EQ(Recording::frames_in(prefix()), 12U);
    EXPECT_EQ(recording.frame_at(0), 0U);
    EXPECT_EQ(recording.frame_at(201), 4U);
    EXPECT_EQ(recording.frame_at(300), 4U);
    EXPECT_EQ(recording.frame_at(301), 8U) << "the gap has no frames: what follows it is meant";
    EXPECT_EQ(recording.frame_at(501), 12U);
    EXPECT_EQ(recording.t_ns_of(0), 200);
    EXPECT_EQ(recording.t_ns_of(7), 300);
    EXPECT_EQ(recording.t_ns_of(8), 500);
    EXPECT_EQ(recording.position_of(0), 1004U);
    EXPECT_EQ(recording.position_of(9), 1017U);
    EXPECT_EQ(recording.gaps(), 1U) << "the one before the first frame is the start of the run";
    EXPECT_EQ(recording.gaps(8), 0U);
    EXPECT_EQ(recording.runs(), 1U);
    EXPECT_THROW(static_cast<void>(recording.cycle_of(12)), std::out_of_range);
}

TEST_F(HandMade, LevelsOfRanges) {
    add_cycle(100, 4, 0.0F);
    add_cycle(200, 4, 0.5F);
    add_cycle(300, 4, -0.75F);
    add_cycle(400, 4, 0.0F);
    const Recording recording(prefix());
    EXPECT_EQ(recording.peak(), 0.75F);
    EXPECT_EQ(recording.peak(4, 8), 0.5F);
    EXPECT_EQ(recording.peak(0, 4), 0.0F);
    EXPECT_EQ(recording.peak(4, 8, 1), 0.5F);
    EXPECT_DOUBLE_EQ(recording.rms(4, 8), 0.5);
    EXPECT_EQ(recording.first_sound(), 4U);
    EXPECT_EQ(recording.first_above(0.5F), 8U);
    EXPECT_EQ(recording.first_above(0.5F, 9), 9U);
    EXPECT_FALSE(recording.first_above(0.75F));
    EXPECT_EQ(recording.end_of_sound(), 12U);
    EXPECT_EQ(recording.end_of_sound(0, 4), 0U);
    EXPECT_EQ(recording.count_above(0.0F), 16U);
    EXPECT_EQ(recording.count_above(0.0F, 0, 16, 0), 8U);
    EXPECT_EQ(recording.channel(1, 6, 10), (std::vector<float>{0.5F, 0.5F, -0.75F, -0.75F}));
    EXPECT_THROW(static_cast<void>(recording.peak(0, 4, 2)), std::out_of_range);
}

TEST_F(HandMade, NotANumberIsLoud) {
    add_cycle(100, 4, std::numeric_limits<float>::quiet_NaN());
    const Recording recording(prefix());
    EXPECT_EQ(recording.peak(), std::numeric_limits<float>::infinity());
    EXPECT_EQ(recording.first_above(1e30F), 0U);
    EXPECT_EQ(recording.count_above(1e30F), 8U);
}

/// The checker must find what it is there to find.
TEST_F(HandMade, CounterCheckFindsFaults) {
    add_cycle(100, 4, counter_sample(0, 1000)); // the same sample on both channels and in all frames
    add_cycle(200, 4, 0.0F);
    const CounterReport report = check_counter(Recording(prefix()));
    EXPECT_EQ(report.counted, 0U);
    EXPECT_EQ(report.wrong, 4U);
    EXPECT_EQ(report.silent, 4U);
}

/// One channel before the other is no fault while the stream is linked; within the sound it is one.
TEST_F(HandMade, CounterCheckTellsLinkingFromFaults) {
    const auto frame = [](std::uint64_t position, bool left, bool right) {
        return std::vector<float>{left ? counter_sample(0, position) : 0.0F, right ? counter_sample(1, position) : 0.0F};
    };
    add_cycle(100, frame(100, false, false));
    add_cycle(200, frame(200, true, false));
    add_cycle(300, std::vector<float>{counter_sample(0, 300), counter_sample(0, 300)}); // of the wrong channel
    add_cycle(400, frame(400, true, true));
    add_cycle(500, frame(401, true, false));
    const CounterReport report = check_counter(Recording(prefix()));
    EXPECT_EQ(report.silent, 1U);
    EXPECT_EQ(report.linking, 1U);
    EXPECT_EQ(report.counted, 1U);
    EXPECT_EQ(report.wrong, 2U);
}

TEST(Counter, IsExactForEveryChannelAndPosition) {
    for (const std::uint32_t channel : {0U, 1U, 7U, 15U})
        for (std::uint64_t position = 0; position < counter_period; position += 257) {
            const auto value = decode_counter(counter_sample(channel, position + 3 * counter_period));
            ASSERT_TRUE(value);
            EXPECT_EQ(value->channel, channel);
            EXPECT_EQ(value->position, position);
            EXPECT_TRUE(value->exact);
            EXPECT_FALSE(decode_counter(std::nextafter(counter_sample(channel, position), 2.0F))->exact);
        }
    EXPECT_FALSE(decode_counter(0.0F));
    EXPECT_FALSE(decode_counter(-0.5F));
    EXPECT_FALSE(decode_counter(std::nanf("")));
}

TEST(Process, CapturesBothStreamsAndTheExit) {
    Process process({"sh", "-c", "read line; echo \"got $line\"; echo oops >&2; printf partial; exit 7"});
    EXPECT_TRUE(process.running());
    ASSERT_TRUE(process.write_line("it"));
    const auto line = process.wait_for_line("^got it$");
    ASSERT_TRUE(line);
    EXPECT_FALSE(line->from_stderr);
    EXPECT_EQ(process.wait_exit(), ExitStatus{.code = 7});
    const auto error = process.wait_for_line("oops");
    ASSERT_TRUE(error);
    EXPECT_TRUE(error->from_stderr);
    EXPECT_TRUE(process.wait_for_line("^partial$"));
    EXPECT_FALSE(process.wait_for_line("never", milliseconds{20'000})) << "must return at the end of the output";
    EXPECT_FALSE(process.running());
}

TEST(Process, IsKilledWithItsObject) {
    pid_t pid = 0;
    {
        Process process({"sh", "-c", "trap '' TERM; echo up; while :; do sleep 100; done"});
        ASSERT_TRUE(process.wait_for_line("up"));
        pid = process.pid();
        EXPECT_FALSE(process.wait_exit(milliseconds{50}));
    }
    EXPECT_FALSE(is_alive(pid));
    Process missing({"/nonexistent/program"});
    EXPECT_EQ(missing.wait_exit(), ExitStatus{.code = 127});
}

} // namespace
} // namespace soundwarden::bench
