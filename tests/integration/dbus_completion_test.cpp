// SPDX-License-Identifier: MIT
// Completions in real shells, with a daemon to ask for names.
#include "bus_test.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace soundwarden {
namespace {

class Completion : public BusTest {
  protected:
    Environment shell_environment() const {
        auto environment = bus.environment();
        environment["PATH"] = std::filesystem::path{SOUNDWARDEN_CLI}.parent_path().string() + ":/usr/bin:/bin";
        environment["HOME"] = bus.directory().string();
        environment["XDG_CONFIG_HOME"] = bus.directory().string();
        environment["XDG_DATA_HOME"] = bus.directory().string();
        environment["TERM"] = "dumb";
        return environment;
    }
    static std::vector<std::string> first_words(const std::string &text) {
        std::vector<std::string> words;
        std::istringstream lines{text};
        for (std::string line; std::getline(lines, line);) words.push_back(line.substr(0, line.find('\t')));
        return words;
    }
    /// What bash offers behind these words, the last of which is being typed.
    std::vector<std::string> in_bash(const std::vector<std::string> &words) const { return in_bash(words, shell_environment()); }
    static std::vector<std::string> in_bash(const std::vector<std::string> &words, const Environment &environment) {
        std::string list;
        for (const auto &word : words) list += " '" + word + "'";
        const auto result = test::run({"/bin/bash", "--norc", "-c",
                                       "source " SOUNDWARDEN_COMPLETIONS "/soundwarden.bash; COMP_WORDS=(" + list + "); COMP_CWORD=" +
                                           std::to_string(words.size() - 1) + "; _soundwarden; printf '%s\\n' \"${COMPREPLY[@]}\""},
                                      environment);
        EXPECT_EQ(result.exit_code, 0) << result.err;
        return first_words(result.out);
    }
    std::vector<std::string> in_fish(const std::string &line) const {
        const auto result = test::run({"/usr/bin/fish", "--no-config", "-c", "source " SOUNDWARDEN_COMPLETIONS "/soundwarden.fish; complete -C '" + line + "'"},
                                      shell_environment());
        EXPECT_EQ(result.exit_code, 0) << result.err;
        return first_words(result.out);
    }
    /// zsh completes only where somebody types: in a terminal of its own making.
    bool in_zsh(const std::string &line, const std::string &expected) const {
        const std::string script = R"(
zmodload zsh/zpty
zpty z /usr/bin/zsh -f -i
zpty -w z 'PS1=; unsetopt beep zle_bracketed_paste; fpath=()" SOUNDWARDEN_COMPLETIONS R"( $fpath); autoload -Uz compinit; compinit -u -D; zstyle ":completion:*" list-prompt ""; LISTMAX=1000; stty columns 400 rows 200; print RE""ADY'
zpty -r -m z text '*READY*'
zpty -n -w z ')" + line + R"('$'\t\t'
all=
for ((n = 0; n < 400; n++)); do
    while zpty -r -t z text; do all+=$text; done
    [[ $all == *')" + expected + R"('* ]] && break
    sleep 0.05
done
print -r -- "$all"
zpty -d z
)";
        const auto result = test::run({"/usr/bin/zsh", "-f", "-c", script}, shell_environment());
        return result.out.find(expected) != std::string::npos;
    }
    static bool offers(const std::vector<std::string> &words, const std::string &word) { return std::find(words.begin(), words.end(), word) != words.end(); }
};

TEST_F(Completion, OfBashKnowsVerbsOptionsOutputsAndLoads) {
    const auto served = daemon();
    EXPECT_TRUE(offers(in_bash({"soundwarden", ""}), "explain"));
    EXPECT_EQ(in_bash({"soundwarden", "mon"}), std::vector<std::string>{"monitor"});
    EXPECT_EQ(in_bash({"soundwarden", "show", "pci_0000_00_1f_3_analog_output_h"}), std::vector<std::string>{test::laptop_headphones});
    EXPECT_EQ(in_bash({"soundwarden", "-o", "json", "answer", test::laptop_headphones, "in"}), std::vector<std::string>{"in-ear"});
    EXPECT_EQ(in_bash({"soundwarden", "override", test::laptop_headphones, "--c"}), (std::vector<std::string>{"--color", "--ceiling", "--cancel"}));
    EXPECT_EQ(in_bash({"soundwarden", "guard", test::laptop_headphones, "o"}), (std::vector<std::string>{"on", "off"}));
    EXPECT_TRUE(offers(in_bash({"soundwarden", "policy", "test", "line"}), "line-out"));
}

TEST_F(Completion, OfBashIsSilentWithoutADaemon) {
    EXPECT_EQ(in_bash({"soundwarden", "show", "pci"}), std::vector<std::string>{""});
}

// Whoever has the bus' name says what outputs are called.
TEST_F(Completion, OfBashRunsNothingThatAnOutputIsCalled) {
    const auto programs = bus.directory() / "programs";
    std::filesystem::create_directory(programs);
    const auto touched = bus.directory() / "touched";
    std::ofstream{programs / "soundwarden"} << "#!/bin/sh\nprintf '%s\\tPhones\\n' '$(touch " << touched.string() << ")' '`touch " << touched.string()
                                            << "`' good_1\n";
    std::filesystem::permissions(programs / "soundwarden", std::filesystem::perms::owner_all);
    auto environment = shell_environment();
    environment["PATH"] = programs.string() + ":/usr/bin:/bin";
    EXPECT_EQ(in_bash({"soundwarden", "show", ""}, environment), std::vector<std::string>{"good_1"});
    EXPECT_FALSE(std::filesystem::exists(touched));
}

TEST_F(Completion, OfFishKnowsVerbsOptionsOutputsAndLoads) {
    const auto served = daemon();
    EXPECT_TRUE(offers(in_fish("soundwarden ex"), "explain"));
    EXPECT_TRUE(offers(in_fish("soundwarden show "), test::laptop_headphones));
    EXPECT_TRUE(offers(in_fish(std::string{"soundwarden answer "} + test::laptop_headphones + " "), "in-ear"));
    EXPECT_FALSE(offers(in_fish(std::string{"soundwarden answer "} + test::laptop_headphones + " "), test::laptop_speaker));
    EXPECT_TRUE(offers(in_fish("soundwarden log --"), "--since"));
    EXPECT_FALSE(offers(in_fish("soundwarden panic --"), "--since"));
}

TEST_F(Completion, OfZshKnowsVerbsOutputsAndLoads) {
    const auto served = daemon();
    EXPECT_TRUE(in_zsh("soundwarden e", "soundwarden explain"));
    EXPECT_TRUE(in_zsh("soundwarden show ", test::laptop_headphones));
    EXPECT_TRUE(in_zsh(std::string{"soundwarden answer "} + test::laptop_headphones + " in-", "in-ear"));
}

} // namespace
} // namespace soundwarden
