// SPDX-License-Identifier: MIT
// A busy desktop: forty streams that come and go, a client that moves them about, ten virtual devices. The guard must hold,
// and nobody may fight over links: each stream is linked as often as it is started and moved, and no oftener.
#include "attacked.hpp"

#include "bench/clock.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <vector>

namespace soundwarden::integration {
namespace {

using bench::Graph;
using bench::Source;

constexpr std::size_t stream_count = 40;
constexpr int device_count = 10;
constexpr unsigned moves = 60;
constexpr unsigned restarts = 20;

std::string device_name(int index) { return "virtual" + std::to_string(index); }

/// Sinks that live in PipeWire itself, as desktops' mixers make them.
void make_virtual_devices(const bench::Session &session, const bench::GraphProbe &probe) {
    for (int index = 0; index < device_count; ++index) {
        const auto maker = session.spawn({"pw-cli", "create-node", "adapter",
                                          "{ factory.name=support.null-audio-sink node.name=" + device_name(index) +
                                              " media.class=Audio/Sink object.linger=true audio.position=[FL,FR] }"});
        maker->close_stdin();
        if (!maker->wait_exit()) throw std::runtime_error("pw-cli does not end:\n" + maker->output());
    }
    for (int index = 0; index < device_count; ++index) probe.wait_node(device_name(index));
}

std::string stream_name(std::size_t index) { return "stream" + std::to_string(index); }

std::unique_ptr<Source> start_stream(const bench::Session &session, std::size_t index) {
    return std::make_unique<Source>(
        session, bench::SourceOptions{.signal = {"tone", "997", "0"}, .level_db = pressing_db, .name = stream_name(index)});
}

/// Waits until each stream is linked to some sink; false: one is not.
bool all_linked(const bench::GraphProbe &probe) {
    return probe.wait_until([](const Graph &graph) {
        for (std::size_t index = 0; index < stream_count; ++index) {
            const auto *node = graph.node(stream_name(index));
            if (node == nullptr || graph.links_out_of(node->id).size() < 2) return false;
        }
        return true;
    }, std::chrono::seconds(60));
}

TEST(Desktop, forty_streams_that_come_go_and_move_are_linked_no_oftener_than_they_move) {
    Attacked attacked(1024);
    Guarded &guarded = attacked.guarded;
    make_virtual_devices(guarded.session, guarded.probe);
    const auto from = attacked.frames();
    const auto links_before = guarded.probe.snapshot().links_made;

    std::vector<std::unique_ptr<Source>> streams;
    for (std::size_t index = 0; index < stream_count; ++index) streams.push_back(start_stream(guarded.session, index));
    ASSERT_TRUE(all_linked(guarded.probe)) << guarded.session.logs();

    std::mt19937 random(7);
    for (unsigned move = 0; move < moves; ++move) {
        const auto choice = static_cast<int>(random() % (device_count + 2));
        const std::string target = choice < device_count    ? device_name(choice)
                                   : choice == device_count ? guarded.card.sink()
                                                            : guarded.guard_name();
        const auto graph = guarded.probe.snapshot();
        const auto *stream = graph.node(stream_name(random() % stream_count));
        const auto *device = graph.node(target);
        if (stream == nullptr || device == nullptr) continue; // it is being restarted
        guarded.probe.set_metadata("default", stream->id, "target.object", std::to_string(device->serial), "Spa:Id");
        if (move % (moves / restarts) == 0) {
            const auto index = random() % stream_count;
            streams[index]->stop();
            streams[index] = start_stream(guarded.session, index);
        }
    }
    EXPECT_TRUE(all_linked(guarded.probe)) << guarded.session.logs();
    guarded.card.wait_frames(attack_rate_hz / 2);
    EXPECT_EQ(attacked.above(from), 0U) << guarded.daemon->process().output() << guarded.session.logs();
    EXPECT_GT(guarded.card.recording().peak(attacked.frames() - 4800), 0.0F) << "the sound has stopped";

    const auto links = guarded.probe.snapshot().links_made - links_before;
    constexpr auto needed = 2 * (stream_count + moves + restarts); // two channels
    std::printf("%zu streams, %u moves, %u restarts: %llu links made, %zu needed at most\n", stream_count, moves, restarts,
                static_cast<unsigned long long>(links), static_cast<std::size_t>(needed));
    // A stream may be linked to the default first and moved to its target then.
    EXPECT_LE(links, 2 * needed);
}

} // namespace
} // namespace soundwarden::integration
