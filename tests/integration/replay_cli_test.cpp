// SPDX-License-Identifier: MIT
// `soundwarden replay`, run as people run it: no daemon, no bus, a trace that was recorded here.
#include "engine_test_world.hpp"
#include "private_bus.hpp"
#include "trace/recorder.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace soundwarden {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using test::Result;

constexpr const char *address = "4C:87:5D:0A:B1:F2";

/// A laptop into which headphones are plugged, and a Bluetooth headset beside it.
std::string recorded() {
    std::mt19937 random(1);
    trace::Recorder recorder(trace::Pseudonyms([&] { return static_cast<std::uint32_t>(random()); }));
    engine::testing::World world;
    std::string text = recorder.header("0.1.0", {});
    world.watch = [&](const engine::Event &event, const engine::Effects &effects) { text += recorder.step(world.engine, event, world.now, effects); };
    world.add(engine::testing::laptop());
    world.run(1s);
    world.plug(0.4);
    world.run(3s);
    engine::SinkFacts headset;
    headset.key = "bluez_output.4C_87_5D_0A_B1_F2.1";
    headset.bus_path = address;
    headset.api = "bluez5";
    headset.positions = {"FL", "FR"};
    world.add(headset);
    world.run(3s);
    return text;
}

class ReplayCommand : public testing::Test {
  protected:
    std::string write(const std::string &text) const {
        const auto path = directory_.path() / "trace.jsonl";
        std::ofstream{path, std::ios::binary} << text;
        return path.string();
    }
    Result replay(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {SOUNDWARDEN_CLI, "replay"});
        return test::run(arguments, environment());
    }
    test::Environment environment() const { return {{"HOME", "/invalid"}, {"LC_ALL", "C.UTF-8"}, {"PATH", "/usr/bin:/bin"}}; }
    std::string directory() const { return directory_.path().string(); }

  private:
    test::TempDir directory_;
};

bool says(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

TEST_F(ReplayCommand, TellsTheStoryAndThatItIsTheSame) {
    const std::string trace = recorded();
    ASSERT_FALSE(says(trace, address));
    const Result result = replay({write(trace)});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    EXPECT_TRUE(says(result.out, "0.000000 s  sink     alsa_output.pci-0000_00_1f.3.analog-stereo: Built-in Audio")) << result.out;
    EXPECT_TRUE(says(result.out, "edge     alsa_output.pci-0000_00_1f.3.analog-stereo: Headphones available: no -> yes")) << result.out;
    EXPECT_TRUE(says(result.out, "output   pci_0000_00_1f_3_analog_output_headphones: limit")) << result.out;
    EXPECT_TRUE(result.out.ends_with("the same as recorded, bit for bit\n")) << result.out;
}

TEST_F(ReplayCommand, ReadsStandardInput) {
    test::Process process{{SOUNDWARDEN_CLI, "replay", "-"}, environment()};
    std::string trace = recorded();
    trace.pop_back(); // write_line adds it
    process.write_line(trace);
    process.close_stdin();
    EXPECT_TRUE(process.rest_of_stdout().ends_with("the same as recorded, bit for bit\n"));
    EXPECT_EQ(process.wait().value_or(-1), 0) << process.stderr_text();
}

TEST_F(ReplayCommand, OneChangedBitIsFoundWithItsLine) {
    std::string trace = recorded();
    const std::size_t at = trace.rfind("\"gain\":") + 7;
    trace.replace(at, trace.find(',', at) - at, "0.125");
    const auto line = 1 + std::count(trace.begin(), trace.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    const std::string path = write(trace);
    const Result result = replay({path});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(result.err.starts_with(path + ":" + std::to_string(line) + ": error: ")) << result.err;
    EXPECT_TRUE(says(result.err, "recorded: {\"effect\":\"order-guard\"")) << result.err;
    EXPECT_TRUE(says(result.err, "\"gain\":0.125")) << result.err;
    EXPECT_TRUE(result.out.ends_with("1 not as recorded\n")) << result.out;
}

TEST_F(ReplayCommand, GivesTheSameToPrograms) {
    const std::string path = write(recorded());
    const Result lines = replay({path, "-o", "jsonl"});
    EXPECT_EQ(lines.exit_code, 0);
    std::vector<Json> objects;
    std::istringstream stream(lines.out);
    for (std::string line; std::getline(stream, line);) objects.push_back(Json::parse(line));
    ASSERT_GT(objects.size(), 4U);
    EXPECT_EQ(objects.back()["event"], "end");
    EXPECT_EQ(objects.back()["different"], 0);
    EXPECT_GT(objects.back()["steps"], 5);
    const Result document = replay({path, "-o", "json"});
    const Json json = Json::parse(document.out);
    EXPECT_EQ(json["schema"], 1);
    EXPECT_EQ(json["story"].size(), objects.size() - 1);
    EXPECT_TRUE(json["first"].is_null());
}

TEST_F(ReplayCommand, ATornEndIsNoted) {
    const std::string trace = recorded();
    const Result result = replay({write(trace.substr(0, trace.size() - 5))});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_TRUE(says(result.err, "note: the last line is torn")) << result.err;
}

TEST_F(ReplayCommand, WhatCannotBeReadIsExitCodeTwo) {
    const auto expect = [&](const std::string &file, const std::string &part) {
        const Result result = replay({file});
        EXPECT_EQ(result.exit_code, 2) << file;
        EXPECT_TRUE(says(result.err, part)) << result.err;
    };
    expect("/no/such/file", "/no/such/file: No such file");
    expect(directory(), "Is a directory");
    expect(write("hello\n"), "trace.jsonl:1: error: is no trace");
    expect(write(""), "trace.jsonl:1: error: is empty");
    expect(write("{\"soundwarden-trace\":7}\n"), "trace.jsonl:1: error: is no trace: is a trace of format 7");
    std::string trace = recorded();
    trace.insert(trace.find('\n') + 1, "{\"t\":1,\"event\":\"card-gone\",\"card\":-1}\n");
    expect(write(trace), "trace.jsonl:2: error: card: is out of range");
    EXPECT_EQ(replay({}).exit_code, 2);
    EXPECT_EQ(replay({"a", "b"}).exit_code, 2);
}

} // namespace
} // namespace soundwarden
