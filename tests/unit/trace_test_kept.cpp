// SPDX-License-Identifier: MIT
// Traces that were recorded in the virtual machine with real cards (tests/system/keep-trace), replayed: the engine answers as it did there,
// and a guard that does as it was ordered is never above its output's cap, and no edge raises it.
// SOUNDWARDEN_UPDATE_GOLDEN=1 writes into each what the engine answers now.
#include "engine_test_world.hpp"
#include "trace/line.hpp"
#include "trace/replay.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace soundwarden::trace::testing {
namespace {

using engine::testing::SimGuard;
constexpr double tolerance_db = 0.02;

std::vector<std::filesystem::path> kept() {
    std::vector<std::filesystem::path> paths;
    for (const auto &entry : std::filesystem::directory_iterator(SOUNDWARDEN_KEPT_TRACES))
        if (entry.path().extension() == ".jsonl") paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    return paths;
}
std::string text_of_file(const std::filesystem::path &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The same trace with what the engine answers now.
std::string answered_again(const std::string &text) {
    std::map<std::size_t, EffectsLine> answers; // by the line of their event
    replay(text, [&](const ReplayedStep &step, const engine::Engine &) { answers[step.line] = {step.time, step.effects}; });
    std::string again;
    const EffectsLine *waiting = nullptr;
    const auto answer = [&] {
        if (waiting != nullptr && !waiting->effects.empty()) again += text_of(Line(*waiting));
        waiting = nullptr;
    };
    std::size_t number = 0;
    for (std::size_t from = 0; from < text.size(); from = text.find('\n', from) + 1) {
        const std::string line = text.substr(from, text.find('\n', from) - from);
        ++number;
        const auto parsed = parse_line(line);
        const Line *read = std::get_if<Line>(&parsed);
        if (read != nullptr && std::holds_alternative<EffectsLine>(*read)) continue;
        if (read != nullptr && std::holds_alternative<EventLine>(*read)) {
            answer();
            if (const auto found = answers.find(number); found != answers.end()) waiting = &found->second;
        }
        again += line + "\n";
    }
    answer();
    return again;
}

TEST(KeptTraces, AreDecidedAsTheyWere) {
    const char *update = std::getenv("SOUNDWARDEN_UPDATE_GOLDEN");
    ASSERT_FALSE(kept().empty());
    for (const auto &path : kept()) {
        if (update != nullptr && std::string(update) == "1") {
            const std::string again = answered_again(text_of_file(path));
            std::ofstream(path, std::ios::binary) << again;
        }
        const Replay result = replay(text_of_file(path));
        ASSERT_FALSE(result.unreadable) << path << " line " << result.unreadable->line << ": " << result.unreadable->sentence;
        EXPECT_GT(result.steps, 10U) << path;
        EXPECT_TRUE(result.notices.empty()) << path << ": " << result.notices.front();
        EXPECT_FALSE(result.first) << path << " line " << result.first->line << "\nrecorded: " << result.first->expected << "\ngot:      " << result.first->got;
    }
}

TEST(KeptTraces, OrderNoGuardAboveTheCapAndNoneUpByAnEdge) {
    for (const auto &path : kept()) {
        std::map<engine::SinkKey, SimGuard> guards;
        Time last{};
        int ordered = 0;
        double overridden = engine::testing::dead; // what somebody asked for, from then on
        const auto watch = [&](const ReplayedStep &step, const engine::Engine &engine) {
            std::map<engine::SinkKey, double> before;
            for (auto &[key, guard] : guards) {
                guard.run(step.time - last);
                before[key] = guard.gain;
            }
            last = step.time;
            for (const engine::Effect &effect : step.effects) {
                if (const auto *order = std::get_if<engine::OrderGuard>(&effect)) {
                    guards[order->sink].take(order->order);
                    ++ordered;
                }
                if (const auto *report = std::get_if<engine::Report>(&effect); report != nullptr && report->what == "edge" && before.contains(report->sink)) {
                    EXPECT_LE(guards[report->sink].gain, before[report->sink] + tolerance_db) << path << " line " << step.line;
                }
            }
            if (const auto *wish = std::get_if<engine::OverrideWish>(&step.event); wish != nullptr && wish->ceiling) overridden = wish->ceiling->value;
            for (const engine::OutputView &output : engine.snapshot().outputs) {
                const auto guard = guards.find(output.sink);
                if (!output.active || !output.decision.cap || guard == guards.end()) continue;
                const double most = std::max(output.decision.cap->value, overridden);
                EXPECT_LE(guard->second.ceiling, most + tolerance_db) << path << " line " << step.line << ": " << output.name;
            }
        };
        replay(text_of_file(path), watch);
        EXPECT_GT(ordered, 0) << path;
    }
}

} // namespace
} // namespace soundwarden::trace::testing
