// SPDX-License-Identifier: MIT
#include "host/pulseaudio.hpp"
#include "poll_loop.hpp"
#include "private_bus.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <unistd.h>

namespace soundwarden {
namespace {

/// A process of this name.
std::unique_ptr<test::Process> process_called(const std::string &name, const test::TempDir &directory) {
    const auto path = directory.path() / name;
    std::filesystem::create_symlink("/bin/cat", path);
    return std::make_unique<test::Process>(std::vector<std::string>{path.string()}, test::Environment{});
}

void write_pid(const std::filesystem::path &file, pid_t pid) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << pid << "\n";
}

/// Between fork and exec a process still has its parent's name.
bool becomes(const std::function<bool()> &what) {
    const auto end = std::chrono::steady_clock::now() + test::scaled(test::patience);
    while (!what() && std::chrono::steady_clock::now() < end) {}
    return what();
}

TEST(PulseAudio, runs_where_its_own_process_says_so) {
    const test::TempDir runtime, programs;
    const auto file = runtime.path() / "pulse" / "pid";
    EXPECT_FALSE(host::pulseaudio_runs(runtime.path().string())) << "no file";
    EXPECT_FALSE(host::pulseaudio_runs(""));
    write_pid(file, getpid());
    EXPECT_FALSE(host::pulseaudio_runs(runtime.path().string())) << "somebody else has its number by now";
    std::ofstream(file) << "rubbish";
    EXPECT_FALSE(host::pulseaudio_runs(runtime.path().string()));
    auto pulse = process_called("pulseaudio", programs);
    write_pid(file, pulse->pid());
    EXPECT_TRUE(becomes([&] { return host::pulseaudio_runs(runtime.path().string()); }));
    pulse.reset();
    EXPECT_FALSE(host::pulseaudio_runs(runtime.path().string())) << "its file is left over";
}

TEST(PulseAudio, is_told_of_when_it_comes_and_goes) {
    const test::TempDir runtime, programs;
    test::PollLoop loop;
    std::vector<engine::Degraded> told;
    host::PulseAudioWatch watch{loop, runtime.path().string(), [&](engine::Degraded now) { told.push_back(std::move(now)); }};
    watch.look();
    EXPECT_TRUE(told.empty()) << "nothing is wrong";
    auto pulse = process_called("pulseaudio", programs);
    std::filesystem::create_directory(runtime.path() / "pulse");
    ASSERT_TRUE(becomes([&] {
        std::ifstream comm("/proc/" + std::to_string(pulse->pid()) + "/comm");
        std::string name;
        return std::getline(comm, name) && name == "pulseaudio";
    }));
    loop.run_until([] { return false; }, std::chrono::milliseconds{400}); // its directory is watched now, in place of the one above
    write_pid(runtime.path() / "pulse" / "pid", pulse->pid());
    ASSERT_TRUE(loop.run_until([&] { return !told.empty(); }, test::scaled(test::patience)));
    EXPECT_EQ(told.back().token, "pulseaudio");
    EXPECT_NE(told.back().sentence.find("systemctl --user mask"), std::string::npos);
    pulse.reset();
    std::filesystem::remove(runtime.path() / "pulse" / "pid");
    ASSERT_TRUE(loop.run_until([&] { return told.size() == 2; }, test::scaled(test::patience)));
    EXPECT_EQ(told.back().sentence, "");
}

} // namespace
} // namespace soundwarden
