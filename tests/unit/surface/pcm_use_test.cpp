// SPDX-License-Identifier: MIT
// Programs that open a sound card past PipeWire, on a machine made of files.
#include "host/pcm_use.hpp"
#include "poll_loop.hpp"
#include "private_bus.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace soundwarden {
namespace {

using namespace host;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

class PcmUseTest : public testing::Test {
  protected:
    void write(const fs::path &file, const std::string &text) {
        fs::create_directories(file.parent_path());
        std::ofstream(file) << text;
    }
    void add_card() {
        fs::create_directories(places.state);
        write(fs::path(places.devices) / "pcmC0D0p", "");
        write(fs::path(places.devices) / "pcmC0D0c", "");
        set_owner("");
    }
    /// As the kernel writes it. `thread` empty: closed.
    void set_owner(const std::string &thread) {
        write(fs::path(places.state) / "card0/pcm0p/sub0/status",
              thread.empty() ? "closed\n" : "state: RUNNING\nowner_pid   : " + thread + "\ntrigger_time: 1.0\n");
    }
    void add_process(const std::string &thread, const std::string &process, const std::string &name) {
        write(fs::path(places.processes) / thread / "status", "Name:\tworker\nTgid:\t" + process + "\nPid:\t" + thread + "\n");
        write(fs::path(places.processes) / process / "comm", name + "\n");
    }
    void touch() { std::ifstream(fs::path(places.devices) / "pcmC0D0p").get(); } // opened and closed
    bool told(std::size_t count) {
        return loop.run_until([&] { return events.size() >= count; }, 5s);
    }

    test::TempDir temp;
    SoundPlaces places{temp.path() / "dev" / "snd", temp.path() / "asound", temp.path() / "proc"};
    test::PollLoop loop;
    std::vector<engine::DirectUse> events;
    PcmUse::Tell tell = [this](engine::DirectUse use) { events.push_back(std::move(use)); };
};

TEST_F(PcmUseTest, NamesTheProgramWhenItOpensTheDeviceAndSaysWhenItHasGone) {
    add_card();
    add_process("4712", "4711", "mpv");
    PcmUse use(loop, tell, places);
    use.look();
    EXPECT_TRUE(events.empty());
    set_owner("4712"); // a thread of it
    touch();
    ASSERT_TRUE(told(1));
    EXPECT_EQ(events[0].program, "mpv");
    EXPECT_EQ(events[0].pcm, (engine::PcmAddress{0, 0}));
    set_owner("");
    touch();
    ASSERT_TRUE(told(2));
    EXPECT_EQ(events[1].program, "");
}

// As the kernel does it: the close is told first, then the device is let go.
TEST_F(PcmUseTest, SeesTheEndThatComesAfterItWasTold) {
    add_card();
    add_process("4711", "4711", "aplay");
    set_owner("4711");
    PcmUse use(loop, tell, places);
    use.look();
    ASSERT_EQ(events.size(), 1U);
    touch();
    EXPECT_FALSE(loop.run_until([&] { return events.size() > 1; }, 50ms));
    set_owner("");
    ASSERT_TRUE(told(2));
    EXPECT_EQ(events[1].program, "");
}

TEST_F(PcmUseTest, PipeWireAndItsSessionManagerMayOpenIt) {
    add_card();
    for (const char *name : {"pipewire", "wireplumber", "pipewire-media-"}) {
        add_process("12", "12", name);
        set_owner("12");
        PcmUse use(loop, tell, places);
        use.look();
    }
    EXPECT_TRUE(events.empty());
}

TEST_F(PcmUseTest, SeesWhoIsThereAlreadyAndACardThatComesLater) {
    fs::create_directories(fs::path(places.devices).parent_path());
    add_process("7", "7", "aplay");
    PcmUse use(loop, tell, places);
    use.look();
    EXPECT_TRUE(events.empty());
    add_card();
    set_owner("7");
    touch(); // it is watched as soon as it is there, or found with what stands in it
    ASSERT_TRUE(told(1));
    EXPECT_EQ(events[0].program, "aplay");
    PcmUse second(loop, tell, places);
    second.look();
    EXPECT_EQ(events.size(), 2U);
}

TEST_F(PcmUseTest, IsQuietOnAMachineWithoutCards) {
    PcmUse use(loop, tell, {temp.path() / "none/snd", temp.path() / "none/asound", temp.path() / "none/proc"});
    use.look();
    EXPECT_FALSE(loop.run_until([&] { return !events.empty(); }, 20ms));
}

TEST_F(PcmUseTest, RecordingAndOtherFilesDoNotMatter) {
    add_card();
    write(fs::path(places.state) / "card0/pcm0c/sub0/status", "state: RUNNING\nowner_pid   : 9\n");
    add_process("9", "9", "arecord");
    write(fs::path(places.devices) / "controlC0", "");
    PcmUse use(loop, tell, places);
    use.look();
    std::ifstream(fs::path(places.devices) / "controlC0").get();
    EXPECT_FALSE(loop.run_until([&] { return !events.empty(); }, 20ms));
}

} // namespace
} // namespace soundwarden
