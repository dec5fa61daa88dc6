// SPDX-License-Identifier: MIT
// Reading the policy layers: what is found, in which order, and that nothing on a disk makes it hang or fall.
#include "files/layers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace soundwarden {
namespace {

namespace fs = std::filesystem;
using policy::Layer;
using policy::SourceText;
using Texts = std::vector<SourceText>;

class PolicyFiles : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "soundwarden-files-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        top = fs::canonical(pattern);
        layers = {(top / "vendor").string(), (top / "run").string(), (top / "etc").string(), (top / "user").string()};
    }
    void TearDown() override {
        std::error_code error;
        fs::remove_all(top, error);
    }

    fs::path write(const std::string &name, const std::string &content = "schema = 1\n") const {
        const fs::path path = top / name;
        fs::create_directories(path.parent_path());
        std::ofstream{path, std::ios::binary} << content;
        return path;
    }
    fs::path link(const std::string &name, const fs::path &target) const {
        const fs::path path = top / name;
        fs::create_directories(path.parent_path());
        fs::create_symlink(target, path);
        return path;
    }
    Texts read() const { return files::read_layers(layers); }
    /// The problem of the one file that there is.
    std::string problem() const {
        const Texts texts = read();
        if (texts.size() != 1) return std::to_string(texts.size()) + " texts instead of one";
        EXPECT_EQ(texts.front().content, "");
        return texts.front().problem;
    }
    static std::vector<std::string> names(const Texts &texts) {
        std::vector<std::string> found;
        for (const SourceText &text : texts) found.push_back(fs::path{text.path}.filename().string());
        return found;
    }

    fs::path top;
    files::Layers layers;
};

bool says(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

TEST_F(PolicyFiles, MissingDirectoriesAreNoProblem) {
    EXPECT_TRUE(read().empty());
    layers.user.clear();
    EXPECT_TRUE(read().empty()) << "somebody without a home directory";
}

TEST_F(PolicyFiles, EachLayerIsReadAndSortedByName) {
    write("user/20-b.toml", "b");
    write("user/10-a.toml", "a");
    write("etc/50.toml", "e");
    write("run/50.toml", "r");
    write("vendor/50.toml", "v");
    const Texts texts = read();
    ASSERT_EQ(texts.size(), 5U);
    const std::array<std::pair<Layer, std::string>, 5> expected{
        {{Layer::vendor, "v"}, {Layer::run, "r"}, {Layer::etc, "e"}, {Layer::user, "a"}, {Layer::user, "b"}}};
    for (std::size_t at = 0; at < expected.size(); ++at) {
        EXPECT_EQ(texts[at].layer, expected[at].first) << at;
        EXPECT_EQ(texts[at].content, expected[at].second) << at;
        EXPECT_EQ(texts[at].problem, "") << at;
    }
    EXPECT_EQ(texts[3].path, (top / "user/10-a.toml").string());
}

TEST_F(PolicyFiles, TheOrderIsThatOfTheBytesWhateverTheDirectorySays) {
    std::vector<std::string> expected{"10-a.toml", "10-B.toml", "2.toml", "Z.toml", "a.toml", "\xC3\xA4.toml"};
    for (const std::string &name : expected) write("etc/" + name);
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(names(read()), expected);
    EXPECT_EQ(expected[0], "10-B.toml");
}

TEST_F(PolicyFiles, OnlyTomlFilesCount) {
    for (const char *name : {"60.toml~", "60.toml.swp", ".60.toml.swp", ".#60.toml", ".hidden.toml", "#60.toml#",
                             "60.toml.dpkg-old", "60.TOML", "60.conf", ".toml", "README"})
        write(std::string{"etc/"} + name);
    write("etc/more/70.toml"); // a directory is not searched
    EXPECT_TRUE(read().empty()) << testing::PrintToString(names(read()));
}

TEST_F(PolicyFiles, AnEmptyFileAndALinkToDevNullMask) {
    write("etc/10.toml", "");
    link("etc/20.toml", "/dev/null");
    link("etc/30.toml", "20.toml");
    for (const SourceText &text : read()) {
        EXPECT_EQ(text.content, "");
        EXPECT_EQ(text.problem, "") << text.path;
    }
    EXPECT_EQ(read().size(), 3U);
}

TEST_F(PolicyFiles, ALinkToAFileIsThatFile) {
    write("profiles/hearing-safe.toml", "locked");
    link("etc/80-hearing-safe.toml", top / "profiles/hearing-safe.toml");
    const Texts texts = read();
    ASSERT_EQ(texts.size(), 1U);
    EXPECT_EQ(texts.front().content, "locked");
    EXPECT_EQ(texts.front().path, (top / "etc/80-hearing-safe.toml").string()) << "as people would open it";
}

TEST_F(PolicyFiles, ALinkToNothingIsAProblemThatNamesItsTarget) {
    link("etc/10.toml", "/nowhere/at-all.toml");
    EXPECT_TRUE(says(problem(), "/nowhere/at-all.toml")) << problem();
    EXPECT_TRUE(says(problem(), "remove")) << "what to do";
}

TEST_F(PolicyFiles, LinksInACircleAreAProblem) {
    link("etc/10.toml", "20.toml");
    link("etc/20.toml", "10.toml");
    link("etc/30.toml", "30.toml");
    const Texts texts = read();
    ASSERT_EQ(texts.size(), 3U);
    for (const SourceText &text : texts) EXPECT_TRUE(says(text.problem, "symbolic links")) << text.problem;
}

TEST_F(PolicyFiles, ADirectoryThatIsACircleOfLinksIsAProblem) {
    link("etc", "etc");
    EXPECT_TRUE(says(problem(), "symbolic links")) << problem();
}

TEST_F(PolicyFiles, ADirectoryThatIsAFileIsAProblem) {
    write("etc");
    EXPECT_TRUE(says(problem(), "Not a directory")) << problem();
}

TEST_F(PolicyFiles, WhatIsNoFileIsNeverOpened) {
    fs::create_directories(top / "etc/10-directory.toml");
    ASSERT_EQ(mkfifo((top / "etc/20-fifo.toml").c_str(), 0600), 0);
    const int listening = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (top / "etc/30-socket.toml").string().copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(bind(listening, reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
    link("etc/40-device.toml", "/dev/zero"); // would never end
    link("etc/50-link-to-fifo.toml", "20-fifo.toml");
    const Texts texts = read(); // would wait for ever at a FIFO that was opened
    close(listening);
    ASSERT_EQ(texts.size(), 5U);
    const std::array<const char *, 5> expected{"a directory, not a file", "a FIFO, not a file", "a socket, not a file",
                                               "a device, not a file", "a FIFO, not a file"};
    for (std::size_t at = 0; at < texts.size(); ++at)
        EXPECT_TRUE(says(texts[at].problem, expected[at])) << texts[at].problem;
}

TEST_F(PolicyFiles, FourMebibytesAreReadAndNotAByteMore) {
    write("etc/10.toml", std::string(files::most_bytes, '#'));
    Texts texts = read();
    ASSERT_EQ(texts.size(), 1U);
    EXPECT_EQ(texts.front().problem, "");
    EXPECT_EQ(texts.front().content.size(), files::most_bytes);
    write("etc/10.toml", std::string(files::most_bytes + 1, '#'));
    EXPECT_TRUE(says(problem(), "larger than 4 MiB")) << problem();
}

TEST_F(PolicyFiles, AHundredMebibytesCostNoMemory) {
    const fs::path path = write("etc/10.toml");
    fs::resize_file(path, 100U << 20U); // sparse
    EXPECT_TRUE(says(problem(), "larger than 4 MiB")) << problem();
}

TEST_F(PolicyFiles, AFileWithoutALengthIsRead) {
    link("etc/10.toml", "/proc/self/status"); // says that it is 0 bytes long, and is not
    const Texts texts = read();
    ASSERT_EQ(texts.size(), 1U);
    EXPECT_EQ(texts.front().problem, "");
    EXPECT_TRUE(says(texts.front().content, "Name:"));
}

TEST_F(PolicyFiles, AFileThatOpensButCannotBeReadIsAProblem) {
    link("etc/10.toml", "/proc/self/mem"); // EIO at address 0, for root too
    EXPECT_TRUE(says(problem(), "reports an error")) << problem();
}

/// While it lives, the process has the rights of nobody; root would read everything.
class AsNobody {
  public:
    AsNobody() : was_(geteuid()), dropped_(was_ != 0 || seteuid(nobody) == 0) {}
    AsNobody(const AsNobody &) = delete;
    AsNobody &operator=(const AsNobody &) = delete;
    ~AsNobody() {
        if (geteuid() != was_) {
            EXPECT_EQ(seteuid(was_), 0);
        }
    }
    bool dropped() const { return dropped_; }

  private:
    static constexpr uid_t nobody = 65534;
    uid_t was_;
    bool dropped_;
};

TEST_F(PolicyFiles, WhatMayNotBeReadIsAProblemThatSaysSo) {
    const fs::path path = write("etc/10.toml");
    fs::permissions(top, fs::perms{0755});
    fs::permissions(path, fs::perms::none);
    {
        const AsNobody rights;
        if (!rights.dropped()) GTEST_SKIP() << "there is no user but root here";
        EXPECT_TRUE(says(problem(), "Permission denied; make it readable")) << problem();
    }
    fs::permissions(top / "etc", fs::perms::none);
    {
        const AsNobody rights;
        EXPECT_TRUE(says(problem(), "Permission denied; make it readable")) << problem();
    }
    fs::permissions(top / "etc", fs::perms::owner_all);
}

TEST_F(PolicyFiles, AnyBytesAreHandedOnAsTheyAre) {
    const std::string bytes{"\0\xFF\xFE\r\n\x1A", 6};
    write("etc/10.toml", bytes);
    const Texts texts = read();
    ASSERT_EQ(texts.size(), 1U);
    EXPECT_EQ(texts.front().content, bytes) << "whether that is a policy is for the policy to say";
}

TEST_F(PolicyFiles, NamesThatCannotBeShownAreAProblem) {
    for (const char *name : {"\xFF\xFE.toml", "a\nb.toml", "esc\x1B[2J.toml", "\xC0\xAF.toml", "\xED\xA0\x80.toml",
                             "\xC2\x9B.toml", "\xE2\x82.toml"})
        write(std::string{"etc/"} + name, "schema = 1");
    const Texts texts = read();
    ASSERT_EQ(texts.size(), 7U);
    for (const SourceText &text : texts) {
        EXPECT_TRUE(says(text.problem, "rename it")) << text.path;
        EXPECT_TRUE(std::all_of(text.path.begin(), text.path.end(), [](char c) { return c >= ' ' && c < 0x7F; }))
            << text.path;
        EXPECT_EQ(text.content, "");
    }
    EXPECT_EQ(fs::path{texts[0].path}.filename(), "a\\x0ab.toml");
}

TEST_F(PolicyFiles, NamesOfOtherLanguagesAreNone) {
    write("etc/10-Kopfhörer.toml");
    write("etc/20-ヘッドホン.toml");
    write("etc/30-🎧.toml");
    const Texts texts = read();
    ASSERT_EQ(texts.size(), 3U);
    for (const SourceText &text : texts) EXPECT_EQ(text.problem, "");
    EXPECT_EQ(texts[1].path, (top / "etc/20-ヘッドホン.toml").string());
}

TEST_F(PolicyFiles, AThousandFilesAreReadAndMoreAreOneProblem) {
    for (std::size_t at = 0; at < files::most_files; ++at) write("etc/" + std::to_string(at) + ".toml", "x");
    EXPECT_EQ(read().size(), files::most_files);
    for (std::size_t at = 0; at < 200; ++at) write("etc/" + std::to_string(at) + ".toml~", "x");
    EXPECT_EQ(read().size(), files::most_files) << "others do not count";
    write("etc/one-more.toml");
    EXPECT_TRUE(says(problem(), "more than 1000 policy files")) << problem();
}

TEST_F(PolicyFiles, FilesThatComeAndGoMeanwhileHarmNothing) {
    for (int at = 0; at < 50; ++at) write("etc/" + std::to_string(at) + ".toml", "x");
    std::atomic<bool> done{false};
    std::thread other{[&] {
        for (int at = 0; !done; at = (at + 1) % 50) {
            const fs::path path = top / "etc" / (std::to_string(at) + ".toml");
            std::error_code error;
            fs::remove(path, error);
            std::ofstream{path} << 'x';
        }
    }};
    for (int round = 0; round < 1000; ++round)
        for (const SourceText &text : read()) EXPECT_EQ(text.problem, "") << text.path;
    done = true;
    other.join();
}

TEST_F(PolicyFiles, ADirectoryOfOnesOwnComesWithTheLayersThatRootOwns) {
    write("vendor/10.toml", "v");
    write("etc/20.toml", "e");
    write("user/30.toml", "u");
    write("mine/40.toml", "m");
    const Texts texts = files::read_directory((top / "mine").string(), layers);
    ASSERT_EQ(texts.size(), 3U);
    EXPECT_EQ(texts[0].layer, Layer::vendor);
    EXPECT_EQ(texts[1].layer, Layer::etc);
    EXPECT_EQ(texts[2].layer, Layer::directory);
    EXPECT_EQ(texts[2].content, "m");
}

TEST_F(PolicyFiles, ADirectoryOfOnesOwnThatIsNotThereIsAProblem) {
    const Texts texts = files::read_directory((top / "nowhere").string(), layers);
    ASSERT_EQ(texts.size(), 1U);
    EXPECT_TRUE(says(texts.front().problem, "No such file or directory")) << texts.front().problem;
    EXPECT_EQ(files::read_directory("", layers).size(), 1U);
}

TEST_F(PolicyFiles, ASingleFileMayBeCalledAnything) {
    const fs::path path = write("draft", "schema = 1");
    const SourceText text = files::read_file(path.string(), Layer::etc);
    EXPECT_EQ(text.content, "schema = 1");
    EXPECT_EQ(text.layer, Layer::etc);
    EXPECT_EQ(files::read_file((top / "nowhere.toml").string(), Layer::etc).problem, "no such file");
    EXPECT_TRUE(says(files::read_file(top.string(), Layer::etc).problem, "a directory"));
}

TEST_F(PolicyFiles, TheLayerOfAFileIsThatOfItsDirectory) {
    write("user/30.toml");
    write("vendor/30.toml");
    link("by-another-way", top / "user");
    EXPECT_EQ(files::layer_of((top / "user/30.toml").string(), layers), Layer::user);
    EXPECT_EQ(files::layer_of((top / "by-another-way/30.toml").string(), layers), Layer::user);
    EXPECT_EQ(files::layer_of((top / "vendor/30.toml").string(), layers), Layer::vendor);
    EXPECT_EQ(files::layer_of((top / "elsewhere/30.toml").string(), layers), Layer::etc);
}

TEST_F(PolicyFiles, ToBeWatchedIsWhereSomethingMayTurnUp) {
    layers.user = (top / "home/.config/soundwarden/policy.d").string();
    fs::create_directories(top / "home");
    fs::create_directories(top / "etc");
    write("profiles/hearing-safe.toml");
    link("etc/80.toml", top / "profiles/hearing-safe.toml");
    link("etc/90.toml", "/dev/null");
    const std::vector<std::string> expected{top.string(), (top / "etc").string(), (top / "home").string(),
                                            (top / "profiles").string()};
    EXPECT_EQ(files::directories_to_watch(layers), expected)
        << "vendor and run are not there: the directory above them is";
    fs::create_directories(layers.user);
    const auto now = files::directories_to_watch(layers);
    EXPECT_NE(std::find(now.begin(), now.end(), layers.user), now.end());
    EXPECT_EQ(std::find(now.begin(), now.end(), (top / "home").string()), now.end());
}

TEST(PolicyLayers, AreWhereTheManualSays) {
    setenv("XDG_CONFIG_HOME", "/somewhere/config", 1);
    setenv("HOME", "/home/somebody", 1);
    EXPECT_EQ(files::user_directory(), "/somewhere/config/soundwarden/policy.d");
    setenv("XDG_CONFIG_HOME", "relative", 1);
    EXPECT_EQ(files::user_directory(), "/home/somebody/.config/soundwarden/policy.d")
        << "a relative path is to be ignored";
    unsetenv("XDG_CONFIG_HOME");
    EXPECT_EQ(files::user_directory(), "/home/somebody/.config/soundwarden/policy.d");
    unsetenv("HOME");
    EXPECT_EQ(files::user_directory(), "");
    const files::Layers layers = files::machine_layers("/u");
    EXPECT_EQ(layers.etc, "/etc/soundwarden/policy.d");
    EXPECT_EQ(layers.run, "/run/soundwarden/policy.d");
    EXPECT_EQ(layers.user, "/u");
    EXPECT_TRUE(layers.vendor.ends_with("/soundwarden/policy.d")) << layers.vendor;
}

} // namespace
} // namespace soundwarden
