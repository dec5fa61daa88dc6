// SPDX-License-Identifier: MIT
// `soundwarden policy check`, `show` and `test`, run as people run them: no daemon, no bus, files in directories.
#include "private_bus.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <vector>

namespace soundwarden {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using test::Result;
using Arguments = std::vector<std::string>;

constexpr const char *quieter = R"toml(schema = 1
[[rule]]
name = "quieter"
when = { kind = "headphone-out", load = ["headphones", "headset"] }
verdict = "limit"
target = "85 dB(A)"
)toml";
constexpr const char *louder = R"toml(schema = 1
[[rule]]
name = "louder"
when = { kind = "headphone-out" }
verdict = "allow"
)toml";
constexpr const char *locked = R"toml(schema = 1
[[rule]]
name = "locked"
when = { load = ["headphones", "headset", "in-ear", "unknown"] }
verdict = "limit"
target = "85 dB(A)"
locked = true
)toml";
constexpr double cap_at_100_dba = -12.5; // 2 V
constexpr double cap_at_85_dba = -27.5;

class PolicyCommand : public testing::Test {
  protected:
    fs::path write(const std::string &name, const std::string &content) const {
        const fs::path path = root() / name;
        fs::create_directories(path.parent_path());
        std::ofstream{path, std::ios::binary} << content;
        return path;
    }
    fs::path etc(const std::string &name, const std::string &content) const {
        return write("etc/soundwarden/policy.d/" + name, content);
    }
    fs::path user(const std::string &name, const std::string &content) const {
        return write("home/.config/soundwarden/policy.d/" + name, content);
    }
    const fs::path &root() const { return directory_.path(); }

    /// The command on the machine below root().
    Result policy(Arguments arguments) const { return run(SOUNDWARDEN_ELSEWHERE, std::move(arguments)); }
    Result policy_with_input(Arguments arguments, const std::string &input) const {
        arguments.insert(arguments.begin(), {SOUNDWARDEN_ELSEWHERE, "policy"});
        test::Process process{arguments, environment()};
        process.write_line(input);
        process.close_stdin();
        Result result;
        result.out = process.rest_of_stdout();
        result.exit_code = process.wait().value_or(-1);
        result.err = process.stderr_text();
        return result;
    }
    /// The command as it is installed.
    Result installed(Arguments arguments) const { return run(SOUNDWARDEN_CLI, std::move(arguments)); }

    /// The ceiling of headphones at a headphone socket of 2 V.
    double ceiling(Arguments more = {}) const {
        Arguments arguments{"test", "headphone-out", "headphones", "-o", "json"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const Result result = policy(arguments);
        EXPECT_EQ(result.exit_code, 0) << result.err;
        const Json json = result.exit_code == 0 ? Json::parse(result.out) : Json::object();
        return json.contains("ceiling_dbfs") && !json["ceiling_dbfs"].is_null() ? json["ceiling_dbfs"].get<double>()
                                                                                : 0.0;
    }

    test::Environment environment() const {
        return {{"SOUNDWARDEN_TEST_ROOT", root().string()},
                {"HOME", (root() / "home").string()},
                {"LC_ALL", "C.UTF-8"},
                {"PATH", "/usr/bin:/bin"}};
    }

  private:
    Result run(const char *program, Arguments arguments) const {
        arguments.insert(arguments.begin(), {program, "policy"});
        return test::run(arguments, environment());
    }
    test::TempDir directory_;
};

bool says(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

TEST_F(PolicyCommand, WithoutFilesTheBuiltInRulesHold) {
    const Result check = policy({"check"});
    EXPECT_EQ(check.exit_code, 0) << check.err;
    EXPECT_EQ(check.err, "");
    EXPECT_TRUE(check.out.starts_with("valid: ")) << check.out;
    EXPECT_NEAR(ceiling(), cap_at_100_dba, 0.1);
}

TEST_F(PolicyCommand, ErrorsAreLikeACompilersAndExitIs6) {
    const fs::path file =
        user("60-mine.toml", "schema = 1\n[[rule]]\nname = \"mine\"\nverdict = \"limit\"\ncapp = \"-12 dB\"\n");
    for (const Arguments &arguments : {Arguments{"check"}, {"check", file.string()}}) {
        const Result result = policy(arguments);
        EXPECT_EQ(result.exit_code, 6);
        EXPECT_TRUE(says(result.err, file.string() + ":5:1: error: ")) << result.err;
        EXPECT_TRUE(says(result.err, "\n  capp = \"-12 dB\"\n  ^\n")) << result.err;
        EXPECT_TRUE(result.out.starts_with("invalid: ")) << result.out;
        EXPECT_FALSE(says(result.err, "\x1b"));
    }
    for (const Arguments &arguments : {Arguments{"show"}, {"test", "headphone-out", "headphones"}}) {
        const Result result = policy(arguments);
        EXPECT_EQ(result.exit_code, 6);
        EXPECT_EQ(result.out, "");
        EXPECT_TRUE(says(result.err, file.string() + ":5:1: error: ")) << result.err;
    }
    EXPECT_TRUE(says(policy({"check", "--color", "always"}).err, "\x1b["));
}

TEST_F(PolicyCommand, WarningsDoNotFail) {
    user("60-mine.toml", locked);
    const Result result = policy({"check"});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_TRUE(says(result.err, "60-mine.toml:7:")) << result.err;
    EXPECT_TRUE(says(result.err, "warning: ")) << result.err;
    EXPECT_TRUE(says(result.out, "valid: ")) << result.out;
    EXPECT_TRUE(says(result.out, "1 warning\n")) << result.out;
}

TEST_F(PolicyCommand, CheckAsJsonIsOneDocumentOnStdout) {
    user("60-mine.toml", "schema = 1\nnonsense = true\n");
    const Result result = policy({"check", "-o", "json"});
    EXPECT_EQ(result.exit_code, 6);
    EXPECT_EQ(result.err, "");
    const Json json = Json::parse(result.out);
    EXPECT_EQ(json.at("valid"), false);
    EXPECT_EQ(json.at("errors"), 1);
    const Json &diagnostic = json.at("diagnostics").at(0);
    EXPECT_EQ(diagnostic.at("severity"), "error");
    EXPECT_EQ(diagnostic.at("line"), 2);
    EXPECT_EQ(diagnostic.at("column"), 1);
    EXPECT_EQ(diagnostic.at("source"), "nonsense = true");
    EXPECT_EQ(Json::parse(policy({"-o", "jsonl", "check"}).out), json) << "the option may stand before the verb";
}

TEST_F(PolicyCommand, StandardInputIsChecked) {
    const Result good = policy_with_input({"check", "-"}, quieter);
    EXPECT_EQ(good.exit_code, 0) << good.err;
    const Result bad = policy_with_input({"check", "-"}, "schema = 1\n[[rule]");
    EXPECT_EQ(bad.exit_code, 6);
    EXPECT_TRUE(says(bad.err, "<stdin>:2:")) << bad.err;
    EXPECT_EQ(policy({"check", "-", "-"}).exit_code, 2);
}

TEST_F(PolicyCommand, StandardInputOfAHundredMebibytesIsAnError) {
    const std::string command = "head -c 104857600 /dev/zero | " SOUNDWARDEN_ELSEWHERE " policy check -";
    const Result result = test::run({"/bin/sh", "-c", command}, environment());
    EXPECT_EQ(result.exit_code, 6);
    EXPECT_TRUE(says(result.err, "<stdin>: error: cannot be read: larger than 4 MiB")) << result.err;
}

TEST_F(PolicyCommand, SeveralFilesAreCheckedAtOnce) {
    const fs::path good = write("good.toml", quieter);
    const fs::path bad = write("bad.toml", "schema = 1\nx = 1\n");
    const fs::path worse = write("worse", "schema = ");
    const Result result =
        policy({"check", good.string(), bad.string(), worse.string(), (root() / "missing.toml").string()});
    EXPECT_EQ(result.exit_code, 6);
    for (const char *expected :
         {"bad.toml:2:1: error: ", "worse:1:", "missing.toml: error: cannot be read: no such file"})
        EXPECT_TRUE(says(result.err, expected)) << expected << "\n" << result.err;
}

TEST_F(PolicyCommand, FilesOfTheSameNameAreEachChecked) {
    const fs::path one = write("one/60.toml", "schema = 1\nx = 1\n");
    const fs::path two = write("two/60.toml", "schema = 1\ny = 1\n");
    const Result result = policy({"check", one.string(), two.string()});
    EXPECT_TRUE(says(result.err, one.string() + ":2:1: error: ")) << result.err;
    EXPECT_TRUE(says(result.err, two.string() + ":2:1: error: ")) << result.err;
}

TEST_F(PolicyCommand, WhatIsNoFileIsADiagnosticAndNeverAHang) {
    const fs::path fifo = etc("10-fifo.toml", "");
    fs::remove(fifo);
    ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
    fs::create_symlink("20-loop.toml", fifo.parent_path() / "20-loop.toml");
    fs::create_directory(fifo.parent_path() / "30-directory.toml");
    fs::create_symlink("/dev/zero", fifo.parent_path() / "40-endless.toml");
    const Result result = policy({"check"});
    EXPECT_EQ(result.exit_code, 6);
    for (const char *expected :
         {"10-fifo.toml: error: cannot be read: a FIFO",
          "20-loop.toml: error: cannot be read: Too many levels of symbolic links",
          "30-directory.toml: error: cannot be read: a directory", "40-endless.toml: error: cannot be read: a device"})
        EXPECT_TRUE(says(result.err, expected)) << expected << "\n" << result.err;
    EXPECT_TRUE(says(result.out, "invalid: 4 errors")) << result.out;
    EXPECT_TRUE(says(policy({"check", fifo.string()}).err, "a FIFO"));
}

TEST_F(PolicyCommand, TheUsersFileIsReadAfterTheAdministrators) {
    etc("50-site.toml", quieter);
    EXPECT_NEAR(ceiling(), cap_at_85_dba, 0.1);
    user("60-mine.toml", louder);
    EXPECT_EQ(ceiling(), 0.0) << "allowed";
    fs::create_symlink("/dev/null", root() / "home/.config/soundwarden/policy.d/50-site.toml");
    fs::remove(root() / "home/.config/soundwarden/policy.d/60-mine.toml");
    EXPECT_NEAR(ceiling(), cap_at_100_dba, 0.1) << "masked";
}

TEST_F(PolicyCommand, ALockedRuleOfRootsBindsWhateverIsRead) {
    const fs::path profile = write("usr/share/soundwarden/profiles/hearing-safe.toml", locked);
    fs::create_directories(root() / "etc/soundwarden/policy.d");
    fs::create_symlink(profile,
                       root() / "etc/soundwarden/policy.d/80-hearing-safe.toml"); // as an administrator enables it
    const fs::path mine = user("90-mine.toml", louder);
    EXPECT_NEAR(ceiling(), cap_at_85_dba, 0.1);
    user("80-hearing-safe.toml", louder);
    EXPECT_NEAR(ceiling(), cap_at_85_dba, 0.1) << "a file of the same name";
    fs::remove(root() / "home/.config/soundwarden/policy.d/80-hearing-safe.toml");
    fs::create_symlink("/dev/null", root() / "home/.config/soundwarden/policy.d/80-hearing-safe.toml");
    EXPECT_NEAR(ceiling(), cap_at_85_dba, 0.1) << "a mask";
    EXPECT_NEAR(ceiling({"--policy-dir", mine.parent_path().string()}), cap_at_85_dba, 0.1) << "another directory";
    const Result result = policy({"test", "headphone-out", "headphones", "-o", "json"});
    EXPECT_EQ(Json::parse(result.out).at("rule").at("name"), "locked");
    EXPECT_EQ(Json::parse(result.out).at("locked"), true);
    EXPECT_TRUE(says(policy({"test", "headphone-out", "headphones"}).out, "80-hearing-safe.toml:2:1"));
    fs::remove(root() / "etc/soundwarden/policy.d/80-hearing-safe.toml");
    EXPECT_EQ(ceiling(), 0.0) << "root takes it away";
}

TEST_F(PolicyCommand, ADirectoryOfOnesOwnIsReadInsteadOfTheMachines) {
    etc("50-site.toml", louder);
    EXPECT_EQ(ceiling(), 0.0);
    write("mine/60-mine.toml", quieter);
    EXPECT_NEAR(ceiling({"--policy-dir", (root() / "mine").string()}), cap_at_85_dba, 0.1);
    const Result missing = policy({"check", "--policy-dir", (root() / "nowhere").string()});
    EXPECT_EQ(missing.exit_code, 6);
    EXPECT_TRUE(says(missing.err, "nowhere: error: cannot be read: No such file or directory")) << missing.err;
    EXPECT_EQ(policy({"check", "--policy-dir", ""}).exit_code, 2);
    EXPECT_EQ(policy({"check", "--policy-dir", root().string(), "x.toml"}).exit_code, 2);
}

TEST_F(PolicyCommand, WhatIsShownIsThatPolicy) {
    etc("50-site.toml", quieter);
    user("60-mine.toml", locked);
    const Result shown = policy({"show"});
    ASSERT_EQ(shown.exit_code, 0) << shown.err;
    EXPECT_TRUE(says(shown.out, "50-site.toml")) << "where it comes from";
    EXPECT_TRUE(says(shown.out, "name = \"quieter\""));
    const Result again = policy_with_input({"check", "-"}, shown.out);
    EXPECT_EQ(again.exit_code, 0) << again.err;
    const Json json = Json::parse(policy({"show", "-o", "json"}).out);
    const Json &last = json.at("rules").back();
    EXPECT_EQ(last.at("name"), "locked");
    EXPECT_EQ(last.at("locked"), false) << "binds nobody in a user's file";
    EXPECT_EQ(last.at("line"), 2);
    EXPECT_TRUE(says(last.at("file"), "60-mine.toml"));
}

TEST_F(PolicyCommand, FactsMayStandAnywhere) {
    const Json first = Json::parse(policy({"test", "--facts", "full-scale=1.4 V", "sensitivity=103 dB/V", "--",
                                           "headphone-out", "headphones", "-o", "json"})
                                       .out);
    const Json last = Json::parse(policy({"test", "headphone-out", "headphones", "-o", "json", "--facts",
                                          "full-scale=1.4 V", "sensitivity=103 dB/V"})
                                      .out);
    const Json each = Json::parse(policy({"test", "headphone-out", "headphones", "--facts", "full-scale=1.4 V",
                                          "--facts", "sensitivity=103 dB/V", "-o", "json"})
                                      .out);
    EXPECT_EQ(first, last);
    EXPECT_EQ(first, each);
    EXPECT_NEAR(last.at("ceiling_dbfs"), 0.0, 0.01);
    EXPECT_EQ(last.at("assumed"), Json::array());
}

TEST_F(PolicyCommand, HalfACommandIsAUsageError) {
    for (const Arguments &arguments : {Arguments{},
                                       {"chekc"},
                                       {"test"},
                                       {"test", "headphone-out"},
                                       {"test", "headphone-out", "headphones", "more"},
                                       {"test", "headphone-out", "headphones", "--facts"},
                                       {"test", "headphone-out", "headphones", "--facts", "volume=1"},
                                       {"test", "nonsense", "headphones"},
                                       {"test", "headphone-out", "nonsense"},
                                       {"show", "more"},
                                       {"test", "headphone-out", "headphones", "--posture", "none"},
                                       {"check", "--policy-dir"}})
        EXPECT_EQ(policy(arguments).exit_code, 2) << testing::PrintToString(arguments);
}

TEST_F(PolicyCommand, HelpNamesTheVerbs) {
    const Result help = policy({"--help"});
    EXPECT_EQ(help.exit_code, 0);
    for (const char *verb : {"check", "show", "test"}) EXPECT_TRUE(says(help.out, verb)) << help.out;
    EXPECT_TRUE(says(policy({"test", "--help"}).out, "--facts"));
}

TEST_F(PolicyCommand, TheInstalledOneKnowsNoOtherMachine) {
    etc("50-site.toml", "nonsense");
    const Result result = installed({"check", "--policy-dir", write("mine/60.toml", quieter).parent_path().string()});
    EXPECT_FALSE(says(result.err, root().string() + "/etc")) << "nobody moves root's files by a variable";
    EXPECT_TRUE(result.exit_code == 0 || !says(result.err, "60.toml")) << result.err;
}

} // namespace
} // namespace soundwarden
