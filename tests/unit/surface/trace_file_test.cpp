// SPDX-License-Identifier: MIT
// The file of a trace: whole steps or nothing, for its owner alone, and never in the way of the daemon.
#include "host/trace_file.hpp"
#include "private_bus.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>

namespace soundwarden {
namespace {

namespace fs = std::filesystem;
using host::TraceFile;

std::string content_of(const fs::path &path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

class TraceFileTest : public testing::Test {
  protected:
    test::TempDir temp;
    fs::path path = temp.path() / "trace.jsonl";
};

TEST_F(TraceFileTest, HoldsWhatWasAppendedAtOnceAndIsForItsOwnerAlone) {
    TraceFile file(path.string());
    EXPECT_TRUE(file.open());
    EXPECT_EQ(file.trouble().token, "trace");
    EXPECT_EQ(file.trouble().sentence, "");
    file.append("one\n");
    EXPECT_EQ(content_of(path), "one\n");
    file.append("two\n");
    EXPECT_EQ(content_of(path), "one\ntwo\n");
    struct stat facts {};
    ASSERT_EQ(stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(TraceFileTest, AFileThatIsThereIsLeftAlone) {
    std::ofstream{path} << "of a crash";
    TraceFile file(path.string());
    EXPECT_FALSE(file.open());
    EXPECT_NE(file.trouble().sentence.find("is there already"), std::string::npos) << file.trouble().sentence;
    file.append("more\n");
    EXPECT_EQ(content_of(path), "of a crash");
    const fs::path link = temp.path() / "link";
    fs::create_symlink(temp.path() / "elsewhere", link);
    EXPECT_FALSE(TraceFile(link.string()).open());
    EXPECT_FALSE(fs::exists(temp.path() / "elsewhere"));
}

TEST_F(TraceFileTest, WhatCannotBeMadeIsSaidWithTheReason) {
    const TraceFile file((temp.path() / "no" / "such" / "folder").string());
    EXPECT_FALSE(file.open());
    EXPECT_NE(file.trouble().sentence.find("No such file"), std::string::npos) << file.trouble().sentence;
}

TEST_F(TraceFileTest, EndsAtItsBoundWithAWholeStep) {
    TraceFile file(path.string(), 10);
    file.append("12345\n");
    file.append("6789\n");
    EXPECT_FALSE(file.open());
    EXPECT_NE(file.trouble().sentence.find("ends"), std::string::npos);
    file.append("a\n");
    EXPECT_EQ(content_of(path), "12345\n");
}

/// As on a full disk: a write that gets only a part through.
TEST_F(TraceFileTest, AWriteThatFailsLeavesWholeSteps) {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    TraceFile file(path.string());
    file.append("12345\n");
    rlimit narrow = before;
    narrow.rlim_cur = 9;
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &narrow), 0);
    file.append("6789a\n");
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, SIG_DFL);
    EXPECT_FALSE(file.open());
    EXPECT_NE(file.trouble().sentence.find("File too large"), std::string::npos) << file.trouble().sentence;
    EXPECT_EQ(content_of(path), "12345\n");
}

TEST(RandomNumbers, AreNotTheSameAgain) {
    std::set<std::uint32_t> seen;
    for (int i = 0; i < 100; ++i) seen.insert(host::random_number());
    EXPECT_GT(seen.size(), 95U);
}

} // namespace
} // namespace soundwarden
