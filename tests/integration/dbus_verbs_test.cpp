// SPDX-License-Identifier: MIT
// `soundwarden guard` and `release` over the bus: what the daemon is asked, what is printed, exit codes.
#include "bus_test.hpp"
#include "golden.hpp"

#include <filesystem>
#include <fstream>

namespace soundwarden {
namespace {

TEST_F(BusTest, GuardTellsTheDaemonWhichOutputAndWhat) {
    const auto served = daemon();
    const auto off = cli({"guard", "headph", "off"});
    EXPECT_EQ(off.exit_code, 0) << off.err;
    EXPECT_NE(off.out.find("left alone"), std::string::npos) << off.out;
    EXPECT_TRUE(served->read_until(std::string{"asked: guard "} + test::laptop_headphones + " off"));
    const auto on = cli({"guard", "headph", "on", "-o", "json"});
    EXPECT_TRUE(served->read_until(std::string{"asked: guard "} + test::laptop_headphones + " on"));
    EXPECT_EQ(Json::parse(on.out).at("outputs").at(0).at("id"), test::laptop_headphones);
    EXPECT_EQ(Json::parse(on.out), Json::parse(cli({"show", "headph", "-o", "json"}).out));
}

TEST_F(BusTest, OverrideTellsTheDaemonHowLoudAndForHowLong) {
    const auto served = daemon();
    const auto louder = cli({"override", "headph", "--ceiling", "-6.5", "--for", "30min"});
    EXPECT_EQ(louder.exit_code, 0) << louder.err;
    EXPECT_TRUE(served->read_until(std::string{"asked: override "} + test::laptop_headphones + " -6.5 dBFS 1800 s"));
    EXPECT_NE(louder.out.find("may reach -6.5 dBFS for 30 min"), std::string::npos) << louder.out;
    EXPECT_NE(louder.out.find("--cancel"), std::string::npos) << louder.out;
    EXPECT_EQ(cli({"override", "headph", "--ceiling", "-12 dB", "--for", "1 h"}).exit_code, 0);
    EXPECT_TRUE(served->read_until(std::string{"asked: override "} + test::laptop_headphones + " -12 dBFS 3600 s"));
    const auto cancelled = cli({"override", "headph", "--cancel", "-o", "json"});
    EXPECT_TRUE(served->read_until(std::string{"asked: cancel "} + test::laptop_headphones));
    EXPECT_EQ(Json::parse(cancelled.out).at("outputs").at(0).at("id"), test::laptop_headphones);
}

TEST_F(BusTest, OverrideSaysWhatIsWrongWithIt) {
    for (const auto &[arguments, sentence] : std::vector<std::pair<std::vector<std::string>, std::string>>{
             {{"override", "headph"}, "--ceiling -6 --for 30min"},
             {{"override", "headph", "--ceiling", "-6"}, "--for"},
             {{"override", "headph", "--for", "30min"}, "--ceiling"},
             {{"override", "headph", "--ceiling", "3", "--for", "30min"}, "not between"},
             {{"override", "headph", "--ceiling", "-6", "--for", "30"}, "has no unit"},
             {{"override", "headph", "--ceiling", "-6", "--for", "2000 h"}, "not between"},
             {{"override", "headph", "--ceiling", "loud", "--for", "1h"}, "number"},
             {{"override", "headph", "--cancel", "--for", "1h"}, "--cancel"}}) {
        const auto result = cli(arguments);
        EXPECT_EQ(result.exit_code, 2) << testing::PrintToString(arguments);
        EXPECT_NE(result.err.find(sentence), std::string::npos) << testing::PrintToString(arguments) << result.err;
    }
}

TEST_F(BusTest, PanicAndResumeAreForEverything) {
    const auto served = daemon();
    const auto panic = cli({"panic"});
    EXPECT_EQ(panic.exit_code, 0) << panic.err;
    EXPECT_NE(panic.out.find("soundwarden resume"), std::string::npos) << panic.out;
    EXPECT_TRUE(served->read_until("asked: panic"));
    const auto resume = cli({"resume", "-o", "json"});
    EXPECT_TRUE(served->read_until("asked: resume"));
    EXPECT_EQ(Json::parse(resume.out).at("schema"), 1);
}

TEST_F(BusTest, ReleaseWaitsUntilItIsDone) {
    const auto served = daemon();
    tell(*served, "hold");
    Process waiting{command({"release", "-o", "jsonl"}), bus.environment()};
    EXPECT_TRUE(served->read_until("asked: release all"));
    EXPECT_FALSE(waiting.wait(milliseconds{100}));
    tell(*served, "released");
    EXPECT_EQ(waiting.wait(), 0);
    const auto printed = waiting.rest_of_stdout();
    EXPECT_EQ(printed, test::golden("release.jsonl", printed));
    const auto sinks = Json::parse(printed).at("released");
    EXPECT_FALSE(sinks.empty());

    tell(*served, "hold");
    Process one{command({"release", "headph"}), bus.environment()};
    EXPECT_TRUE(served->read_until(std::string{"asked: release "} + test::laptop_headphones));
    tell(*served, "released the card does not listen");
    EXPECT_EQ(one.wait(), 1);
    EXPECT_NE(one.stderr_text().find("the card does not listen"), std::string::npos);
}

TEST_F(BusTest, AClientThatGoesWhileItWaitsHarmsNothing) {
    const auto served = daemon();
    tell(*served, "hold");
    {
        Process waiting{command({"release"}), bus.environment()};
        EXPECT_TRUE(served->read_until("asked: release all"));
    }
    tell(*served, "released");
    tell(*served, "hold");
    Process waiting{command({"release"}), bus.environment()};
    EXPECT_TRUE(served->read_until("asked: release all"));
    tell(*served, "stop"); // and so does a service that goes while somebody waits
    EXPECT_EQ(waiting.wait(), 3);
}

TEST_F(BusTest, WhatIsRefusedIs5) {
    const auto served = daemon();
    tell(*served, "refuse the daemon only observes");
    for (const std::vector<std::string> &arguments :
         {std::vector<std::string>{"guard", "headph", "off"}, {"release"}, {"release", "headph"}, {"override", "headph", "--ceiling", "-6", "--for", "1h"},
          {"override", "headph", "--cancel"}, {"panic"}, {"resume"}}) {
        const auto result = cli(arguments);
        EXPECT_EQ(result.exit_code, 5);
        EXPECT_EQ(result.out, "");
        EXPECT_NE(result.err.find("the daemon only observes"), std::string::npos) << result.err;
    }
    EXPECT_EQ(cli({"guard", "nonsense", "off"}).exit_code, 4);
    EXPECT_EQ(cli({"release", "nonsense"}).exit_code, 4);
}

TEST_F(BusTest, HalfAVerbIsAUsageError) {
    for (const std::vector<std::string> &arguments : {std::vector<std::string>{"guard"},
                                                      {"guard", "headph"},
                                                      {"guard", "headph", "maybe"},
                                                      {"guard", "headph", "on", "off"},
                                                      {"release", "a", "b"}})
        EXPECT_EQ(cli(arguments).exit_code, 2) << testing::PrintToString(arguments);
}

TEST_F(BusTest, WithoutADaemonReleaseAsksPipeWire) {
    const auto without_pipewire = cli({"release"});
    EXPECT_EQ(without_pipewire.exit_code, 3);
    EXPECT_NE(without_pipewire.err.find("PipeWire cannot be reached"), std::string::npos) << without_pipewire.err;
    const auto without_tool = cli({"release"}, {{"PATH", "/invalid"}});
    EXPECT_EQ(without_tool.exit_code, 1);
    EXPECT_NE(without_tool.err.find("pipewire-bin"), std::string::npos) << without_tool.err;
    EXPECT_EQ(cli({"guard", "headph", "off"}).exit_code, 3) << "only the daemon can do that";
}

TEST_F(BusTest, WhatPipeWireSaysOfOrphansIsUnderstoodAndReleased) {
    const auto tool = bus.directory() / "bin" / "pw-metadata";
    const auto state = bus.directory() / "phases";
    std::filesystem::create_directories(tool.parent_path());
    // Stands for the tool and the part behind it: a release takes the line away.
    std::ofstream{tool} << "#!/bin/sh\n"
                           "[ \"$4\" = release ] && { grep -v \"sink.$5'\" " << state.string() << " > " << state.string()
                        << ".new; mv " << state.string() << ".new " << state.string() << "; exit 0; }\n"
                           "echo 'Found \"soundwarden\" metadata 31'; cat " << state.string() << "\n";
    std::filesystem::permissions(tool, std::filesystem::perms::owner_all);
    std::ofstream{state} << "update: id:0 key:'version' value:'1' type:'Spa:String'\n"
                            "update: id:0 key:'sink.alsa_output.a' value:'silent' type:'Spa:String'\n"
                            "update: id:0 key:'sink.alsa_output.b' value:'quiet' type:'Spa:String'\n"
                            "update: id:0 key:'sink.usb' value:'guarded' type:'Spa:String'\n";
    const Environment with_tool{{"PATH", tool.parent_path().string() + ":/usr/bin:/bin"}};
    EXPECT_EQ(cli({"release", "alsa"}, with_tool).exit_code, 4) << "fits two";
    EXPECT_EQ(cli({"release", "usb"}, with_tool).exit_code, 3) << "some daemon guards it";
    const auto one = cli({"release", "output.b", "-o", "json"}, with_tool);
    EXPECT_EQ(one.exit_code, 0) << one.err;
    EXPECT_EQ(Json::parse(one.out).at("released"), Json::array({"alsa_output.b"}));
    EXPECT_EQ(cli({"release"}, with_tool).exit_code, 3) << "nothing is done where not all can be";
}

} // namespace
} // namespace soundwarden
