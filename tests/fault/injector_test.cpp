// SPDX-License-Identifier: MIT
// The injector itself: what fails is what the seed says, each time the same, on the main thread alone.
#include "injection.hpp"

#include "bench/process.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>

namespace soundwarden::fault {
namespace {

namespace fs = std::filesystem;

struct Directory {
    Directory() {
        std::string pattern = (fs::temp_directory_path() / "soundwarden-fault-XXXXXX").string();
        path = mkdtemp(pattern.data());
    }
    ~Directory() { fs::remove_all(path); }
    fs::path path;
};

struct Run {
    std::string said;
    std::string injected;
    std::string wrong; ///< against the plan
    std::uint64_t failed = 0;
};

Run run(std::uint64_t seed, std::uint32_t classes, const char *where = "main", std::chrono::seconds clock = {}) {
    const Directory directory;
    Injection injection(directory.path / "page", seed);
    if (classes != 0) injection.start(classes, 5);
    injection.move_clock(clock);
    auto environment = bench::current_environment();
    environment.merge(injection.environment());
    bench::Process victim({SOUNDWARDEN_FAULT_VICTIM, directory.path / "file", where}, environment);
    const auto status = victim.wait_exit();
    EXPECT_TRUE(status && status->code == 0) << victim.output();
    return {victim.output(), injection.text(), injection.deviation() + injection.omission(), injection.failed()};
}

std::string without_time(const std::string &said) { return said.substr(said.find('\n')); }

TEST(Injector, fails_what_the_seed_says_and_the_same_each_time) {
    const auto first = run(7, all_classes & ~bit(Class::allocation));
    const auto second = run(7, all_classes & ~bit(Class::allocation));
    EXPECT_GT(first.failed, 50U);
    EXPECT_EQ(first.injected, second.injected);
    EXPECT_EQ(without_time(first.said), without_time(second.said));
    EXPECT_EQ(first.wrong, "") << first.injected;
    const auto other = run(8, all_classes & ~bit(Class::allocation));
    EXPECT_NE(first.injected, other.injected);
}

TEST(Injector, makes_every_class_of_calls_fail_as_the_kernel_may) {
    const auto all = run(3, all_classes & ~bit(Class::allocation)).said;
    for (const char *wanted : {"open EMFILE", "open ENOSPC", "open EACCES", "write ENOSPC", "write EIO", "write short", "fsync EIO", "read EIO", "read short",
                               "truncate ENOSPC", "lock EAGAIN", "copy EMFILE", "stat EACCES", "access EACCES", "rename ENOSPC", "unlink EACCES", "mkdir EACCES", "socketpair EMFILE", "send EAGAIN", "send EPIPE", "receive ECONNRESET", "wait EINTR", "ioctl ENODEV", "eventfd EMFILE", "mmap ENOMEM"})
        EXPECT_NE(all.find(wanted), std::string::npos) << wanted << " is missing in\n" << all;
    EXPECT_EQ(all.find("eventfd-write E"), std::string::npos) << "an event is never refused";
    EXPECT_NE(run(3, bit(Class::allocation)).said.find("new ENOMEM"), std::string::npos);
}

TEST(Injector, leaves_every_other_thread_alone) {
    const auto others = run(3, all_classes & ~bit(Class::allocation) & ~bit(Class::thread), "thread");
    for (const char *call : {"open E", "write E", "read E", "send E", "wait E", "mmap E", "rename EA", "stat EA", "socketpair E", "short"})
        EXPECT_EQ(others.said.find(call), std::string::npos) << others.said;
}

TEST(Injector, does_nothing_before_it_is_switched_on_and_moves_only_the_wall_clock) {
    const auto quiet = run(3, 0, "main", std::chrono::hours(-48));
    EXPECT_EQ(quiet.failed, 0U);
    EXPECT_EQ(quiet.said.find(" E"), std::string::npos) << quiet.said;
    const auto seen = std::stoll(quiet.said.substr(quiet.said.find("time ") + 5));
    EXPECT_NEAR(static_cast<double>(seen), static_cast<double>(std::time(nullptr)) - 48.0 * 3600.0, 60.0);
}

} // namespace
} // namespace soundwarden::fault
