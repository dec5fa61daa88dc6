// SPDX-License-Identifier: MIT
// `soundwarden meter` over the bus: lines where nobody looks at a terminal, and the whole of one where somebody does.
#include "bus_test.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <utmp.h>
#include <unistd.h>

namespace soundwarden {
namespace {

/// As much of a terminal as is needed to see what somebody would see.
class Screen {
  public:
    Screen(std::size_t columns, std::size_t rows) { resize(columns, rows); }
    void resize(std::size_t columns, std::size_t rows) {
        columns_ = columns;
        lines_.assign(rows, {});
    }
    void take(std::string_view bytes) {
        pending_ += bytes;
        while (!pending_.empty() && step()) {
        }
    }
    std::string text() const {
        std::string all;
        for (const auto &line : lines_) {
            std::string shown;
            for (const auto &cell : line) shown += cell.empty() ? " " : cell;
            while (shown.ends_with(' ')) shown.pop_back();
            all += shown + "\n";
        }
        return all;
    }
    bool shows(const std::string &part) const { return text().find(part) != std::string::npos; }

    bool alternate = false, cursor = true, coloured = false, too_wide = false;
    std::string before; ///< what was written to the usual screen

  private:
    /// One character or sequence; false: it has not come whole yet.
    bool step() {
        const auto lead = static_cast<unsigned char>(pending_[0]);
        if (lead == 0x1b) return sequence();
        const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
        if (pending_.size() < length) return false;
        const std::string sign = pending_.substr(0, length);
        pending_.erase(0, length);
        if (!alternate) {
            before += sign;
            return true;
        }
        if (row_ >= lines_.size() || column_ >= columns_) {
            too_wide = true;
            return true;
        }
        auto &line = lines_[row_];
        line.resize(std::max(line.size(), column_ + 1));
        line[column_++] = sign;
        return true;
    }
    bool sequence() {
        const auto end = pending_.find_first_not_of("0123456789;?", 2);
        if (pending_.size() < 3 || end == std::string::npos) return false;
        const std::string numbers = pending_.substr(2, end - 2);
        const char what = pending_[end];
        pending_.erase(0, end + 1);
        if (numbers == "?1049") alternate = what == 'h';
        else if (numbers == "?25") cursor = what == 'h';
        else if (what == 'H') std::sscanf(numbers.c_str(), "%zu;%zu", &row_, &column_), --row_, --column_;
        else if (what == 'K' && row_ < lines_.size()) lines_[row_].resize(std::min(lines_[row_].size(), column_));
        else if (what == 'J') erase_below(numbers == "2" ? 0 : row_);
        else if (what == 'm' && alternate && numbers != "0") coloured = true;
        return true;
    }
    void erase_below(std::size_t row) {
        for (; row < lines_.size(); ++row) lines_[row].clear();
    }

    std::size_t columns_ = 0, row_ = 0, column_ = 0;
    std::vector<std::vector<std::string>> lines_;
    std::string pending_;
};

/// A command on a terminal of its own; killed and collected at destruction.
class OnTerminal {
  public:
    OnTerminal(std::vector<std::string> command, Environment environment, std::size_t columns = 80, std::size_t rows = 24) : screen(columns, rows) {
        winsize size{};
        size.ws_col = static_cast<unsigned short>(columns);
        size.ws_row = static_cast<unsigned short>(rows);
        std::vector<char *> argv, envp;
        std::vector<std::string> variables;
        for (auto &word : command) argv.push_back(word.data());
        argv.push_back(nullptr);
        for (const auto &[name, value] : environment) variables.push_back(name + "=" + value);
        for (auto &variable : variables) envp.push_back(variable.data());
        envp.push_back(nullptr);
        int slave = -1;
        if (openpty(&master_, &slave, nullptr, nullptr, &size) != 0) throw std::runtime_error("openpty");
        fcntl(master_, F_SETFD, FD_CLOEXEC);
        tcgetattr(master_, &before_);
        pid_ = fork();
        if (pid_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            login_tty(slave);
            execve(argv[0], argv.data(), envp.data());
            _exit(127);
        }
        close(slave);
    }
    OnTerminal(const OnTerminal &) = delete;
    OnTerminal &operator=(const OnTerminal &) = delete;
    ~OnTerminal() {
        if (!ended_) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
        hang_up();
    }

    /// Reads until `done`; false where the time is over.
    bool until(const std::function<bool()> &done, milliseconds limit = test::patience) {
        const auto end = std::chrono::steady_clock::now() + test::scaled(limit);
        while (!done()) {
            if (std::chrono::steady_clock::now() > end) return false;
            read_some(20);
        }
        return true;
    }
    bool shows(const std::string &part) {
        return until([&] { return screen.shows(part); });
    }
    void type(const std::string &keys) const { ASSERT_EQ(write(master_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size())); }
    void resize(std::size_t columns, std::size_t rows) {
        screen.resize(columns, rows);
        winsize size{};
        size.ws_col = static_cast<unsigned short>(columns);
        size.ws_row = static_cast<unsigned short>(rows);
        ioctl(master_, TIOCSWINSZ, &size);
    }
    void signal(int number) const { kill(pid_, number); }
    void hang_up() {
        if (master_ >= 0) close(std::exchange(master_, -1));
    }
    bool stopped() {
        return until([&] {
            int status = 0;
            return waitpid(pid_, &status, WNOHANG | WUNTRACED) == pid_ && WIFSTOPPED(status);
        });
    }
    /// The exit code, or 128 + signal.
    int wait() {
        int status = 0;
        EXPECT_TRUE(until([&] { return waitpid(pid_, &status, WNOHANG) == pid_; }));
        ended_ = true;
        read_some(0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    termios settings() const {
        termios now{};
        tcgetattr(master_, &now);
        return now;
    }
    bool echoes() const { return (settings().c_lflag & ECHO) != 0; }
    /// Everything is as it was before the command came.
    bool given_back() const {
        const termios now = settings();
        return !screen.alternate && screen.cursor && now.c_lflag == before_.c_lflag && now.c_iflag == before_.c_iflag && now.c_oflag == before_.c_oflag &&
               std::memcmp(now.c_cc, before_.c_cc, sizeof now.c_cc) == 0;
    }

    Screen screen;

  private:
    void read_some(int wait_ms) {
        for (pollfd descriptor{master_, POLLIN, 0}; master_ >= 0 && poll(&descriptor, 1, wait_ms) == 1; wait_ms = 0) {
            std::array<char, 4096> bytes{};
            const auto length = read(master_, bytes.data(), bytes.size());
            if (length <= 0) { // nobody has the other end open
                poll(nullptr, 0, wait_ms);
                return;
            }
            screen.take({bytes.data(), static_cast<std::size_t>(length)});
        }
        if (master_ < 0) poll(nullptr, 0, wait_ms);
    }

    int master_ = -1;
    pid_t pid_ = -1;
    bool ended_ = false;
    termios before_{};
};

class MeterCli : public BusTest {
  protected:
    std::unique_ptr<OnTerminal> meter(std::vector<std::string> arguments = {}, const Environment &more = {}, std::size_t columns = 80,
                                      std::size_t rows = 24) const {
        auto environment = bus.environment();
        environment["TERM"] = "xterm-256color";
        for (const auto &[name, value] : more) environment[name] = value;
        arguments.insert(arguments.begin(), "meter");
        return std::make_unique<OnTerminal>(command(arguments), environment, columns, rows);
    }
};

// ---- lines

TEST_F(MeterCli, ALineForEachOutputWhereThereIsNoTerminal) {
    const auto served = daemon();
    tell(*served, "meter -12.34 3");
    const auto result = cli({"meter", "--interval", "0.05", "-n", "2"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 4) << result.out;
    EXPECT_NE(result.out.find("  Headphones: peak -12.3 dBFS, limiter -3.0 dB, governor 0.0 dB, ceiling -9.4 dBFS, guarded\n"), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("  HDMI / DisplayPort: peak"), std::string::npos) << result.out;
    EXPECT_EQ(result.out.find('\x1b'), std::string::npos);
    EXPECT_EQ(result.err, "");
}

TEST_F(MeterCli, AnObjectForEachTickAsJson) {
    const auto served = daemon();
    tell(*served, "meter -12.34 3");
    for (const std::string format : {"json", "jsonl"}) {
        const auto result = cli({"meter", "headph", "-o", format, "--interval", "0.02", "-n", "3"});
        EXPECT_EQ(result.exit_code, 0) << result.err;
        std::istringstream lines{result.out};
        int count = 0;
        for (std::string line; std::getline(lines, line); ++count) {
            const auto json = Json::parse(line);
            EXPECT_EQ(json.at("schema"), 1);
            EXPECT_EQ(json.at("event"), "meters");
            ASSERT_EQ(json.at("outputs").size(), 1U);
            EXPECT_EQ(json["outputs"][0].at("id"), test::laptop_headphones);
            EXPECT_EQ(json["outputs"][0].at("name"), "Headphones");
            EXPECT_EQ(json["outputs"][0].at("peak_dbfs"), -12.34);
            EXPECT_TRUE(json.contains("dose_percent"));
        }
        EXPECT_EQ(count, 3);
    }
}

TEST_F(MeterCli, ExitCodesAreThoseOfAllVerbs) {
    EXPECT_EQ(cli({"meter"}).exit_code, 3);
    const std::vector<std::vector<std::string>> all_wrong{{"--interval", "0.001"}, {"--interval", "x"}, {"-n", "0"}, {"-n", "-1"}, {"a", "b"}};
    for (const auto &wrong : all_wrong) {
        auto arguments = wrong;
        arguments.insert(arguments.begin(), "meter");
        EXPECT_EQ(cli(arguments).exit_code, 2) << testing::PrintToString(arguments);
    }
    const auto served = daemon();
    const auto unknown = cli({"meter", "nonsense", "-n", "1"});
    EXPECT_EQ(unknown.exit_code, 4);
    EXPECT_NE(unknown.err.find("Headphones"), std::string::npos) << unknown.err;
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    EXPECT_EQ(cli({"meter", "-n", "1"}, {}, {Stdout::Kind::descriptor, full}).exit_code, 1);
    close(full);
    EXPECT_EQ(cli({"meter", "-n", "1"}, {}, {Stdout::Kind::closed}).exit_code, 1);
}

TEST_F(MeterCli, LinesGoOnWhenTheDaemonIsBack) {
    auto served = daemon();
    Process watching{command({"meter", "-o", "jsonl", "--interval", "0.02"}), bus.environment()};
    EXPECT_EQ(next(watching).at("event"), "meters");
    served.reset();
    EXPECT_TRUE(watching.read_until("daemon-gone"));
    served = daemon();
    EXPECT_EQ(next(watching).at("event"), "meters");
    watching.close_stdout();
    EXPECT_EQ(watching.wait(), 0);
    EXPECT_EQ(watching.stderr_text(), "");
}

TEST_F(MeterCli, SlowLinesLoseNoPeak) {
    const auto served = daemon();
    tell(*served, "meter -50 0");
    Process watching{command({"meter", "headph", "-o", "jsonl", "--interval", "2.5", "-n", "1"}), bus.environment()};
    poll(nullptr, 0, 300); // it has begun
    tell(*served, "meter -1 0");
    poll(nullptr, 0, 1000); // over more than one of the daemon's packets
    tell(*served, "meter -50 0");
    EXPECT_EQ(next(watching).at("outputs").at(0).at("peak_dbfs"), -1.0);
    EXPECT_EQ(watching.wait(), 0);
}

// ---- the whole terminal

TEST_F(MeterCli, DrawsOnATerminalAndGivesItBackOnQ) {
    const auto served = daemon();
    tell(*served, "meter -12.34 3");
    const auto meter_at = meter();
    EXPECT_TRUE(meter_at->shows("-12.3")) << meter_at->screen.text();
    EXPECT_TRUE(meter_at->screen.shows("soundwarden  running"));
    EXPECT_TRUE(meter_at->screen.shows("ceiling -9.4 dBFS  guarded"));
    EXPECT_TRUE(meter_at->screen.shows("-3.0 limiter"));
    EXPECT_TRUE(meter_at->screen.shows("dose 0.0 % of the week"));
    EXPECT_TRUE(meter_at->screen.shows("█"));
    EXPECT_TRUE(meter_at->screen.alternate && !meter_at->screen.cursor && meter_at->screen.coloured);
    EXPECT_FALSE(meter_at->echoes());
    meter_at->type("q");
    EXPECT_EQ(meter_at->wait(), 0);
    EXPECT_TRUE(meter_at->given_back());
    EXPECT_EQ(meter_at->screen.before, "") << "nothing is left behind";
    EXPECT_FALSE(meter_at->screen.too_wide);
}

TEST_F(MeterCli, GivesTheTerminalBackHoweverItEnds) {
    const auto served = daemon();
    for (const int number : {SIGTERM, SIGHUP, SIGINT, SIGQUIT}) {
        const auto meter_at = meter();
        EXPECT_TRUE(meter_at->shows("Headphones"));
        meter_at->signal(number);
        EXPECT_EQ(meter_at->wait(), 0) << number;
        EXPECT_TRUE(meter_at->given_back()) << number;
    }
    for (const std::string key : {"\x03", "\x04", "Q"}) {
        const auto meter_at = meter();
        EXPECT_TRUE(meter_at->shows("Headphones"));
        meter_at->type(key);
        EXPECT_EQ(meter_at->wait(), 0);
        EXPECT_TRUE(meter_at->given_back());
    }
    const auto counted = meter({"-n", "3"});
    EXPECT_EQ(counted->wait(), 0);
    EXPECT_TRUE(counted->given_back());
    const auto cut_off = meter();
    EXPECT_TRUE(cut_off->shows("Headphones"));
    cut_off->hang_up();
    EXPECT_EQ(cut_off->wait(), 0) << "the terminal has gone";
}

TEST_F(MeterCli, AFaultIsToldOnTheUsualScreen) {
    const auto served = daemon();
    const auto meter_at = meter();
    EXPECT_TRUE(meter_at->shows("Headphones"));
    bus.kill();
    EXPECT_EQ(meter_at->wait(), 3);
    EXPECT_TRUE(meter_at->given_back());
    EXPECT_NE(meter_at->screen.before.find("session bus"), std::string::npos) << meter_at->screen.before;
}

TEST_F(MeterCli, WithoutADaemonNothingIsDrawn) {
    const auto meter_at = meter();
    EXPECT_EQ(meter_at->wait(), 3);
    EXPECT_TRUE(meter_at->given_back());
    EXPECT_NE(meter_at->screen.before.find("not running"), std::string::npos) << meter_at->screen.before;
}

TEST_F(MeterCli, FollowsTheSizeOfTheTerminal) {
    const auto served = daemon();
    tell(*served, "meter -12.34 3");
    const auto meter_at = meter();
    EXPECT_TRUE(meter_at->shows("q quits"));
    const auto ends_at = [&](std::size_t columns) {
        const auto text = meter_at->screen.text();
        return text.find('\n') == columns && text.find("q quits") != std::string::npos && text.find("dose") != std::string::npos;
    };
    EXPECT_TRUE(meter_at->until([&] { return ends_at(80); })) << meter_at->screen.text();
    for (const auto &size : {std::pair<std::size_t, std::size_t>{40, 10}, {132, 43}, {30, 6}}) {
        meter_at->resize(size.first, size.second);
        EXPECT_TRUE(meter_at->until([&] { return ends_at(size.first); })) << size.first << "\n" << meter_at->screen.text();
    }
    meter_at->resize(1, 1);
    EXPECT_TRUE(meter_at->until([&] { return meter_at->screen.text().size() <= 4; }));
    meter_at->resize(80, 24);
    EXPECT_TRUE(meter_at->until([&] { return ends_at(80); }));
    meter_at->type("q");
    EXPECT_EQ(meter_at->wait(), 0);
}

TEST_F(MeterCli, ResizesAtOnceAlsoWhereItSeldomLooks) {
    const auto served = daemon();
    const auto meter_at = meter({"--interval", "3600"});
    EXPECT_TRUE(meter_at->shows("q quits"));
    meter_at->resize(50, 12);
    EXPECT_TRUE(meter_at->until([&] { return meter_at->screen.text().find('\n') == 50; })) << meter_at->screen.text();
    meter_at->type("q");
    EXPECT_EQ(meter_at->wait(), 0);
}

TEST_F(MeterCli, StopsAndGoesOnLikeAnyOther) {
    const auto served = daemon();
    const auto meter_at = meter();
    EXPECT_TRUE(meter_at->shows("Headphones"));
    meter_at->type("\x1a");
    ASSERT_TRUE(meter_at->stopped());
    EXPECT_TRUE(meter_at->until([&] { return meter_at->given_back(); })) << "the shell has its terminal";
    meter_at->signal(SIGCONT);
    EXPECT_TRUE(meter_at->until([&] { return meter_at->screen.alternate && !meter_at->echoes(); }));
    EXPECT_TRUE(meter_at->shows("Headphones"));
    meter_at->signal(SIGTERM);
    EXPECT_EQ(meter_at->wait(), 0);
    EXPECT_TRUE(meter_at->given_back());
}

TEST_F(MeterCli, SaysThatTheDaemonHasGoneAndGoesOnWhenItIsBack) {
    auto served = daemon();
    const auto meter_at = meter({"headph"});
    EXPECT_TRUE(meter_at->shows("Headphones"));
    served->signal(SIGKILL);
    served->wait();
    EXPECT_TRUE(meter_at->shows("the daemon has gone; waiting for it")) << meter_at->screen.text();
    EXPECT_FALSE(meter_at->screen.shows("Headphones")) << "nothing is shown as if it were of now";
    served = daemon();
    tell(*served, "meter -7.77 0");
    EXPECT_TRUE(meter_at->shows("-7.8")) << meter_at->screen.text();
    EXPECT_FALSE(meter_at->screen.shows("waiting"));
    EXPECT_FALSE(meter_at->screen.shows("HDMI")) << "still only the one that was asked for";
    // One that has gone is waited for.
    tell(*served, "scene empty");
    EXPECT_TRUE(meter_at->shows("no active outputs")) << meter_at->screen.text();
    tell(*served, "scene laptop");
    EXPECT_TRUE(meter_at->shows("-7.8")) << meter_at->screen.text();
}

TEST_F(MeterCli, AnOutputThatANewDaemonDoesNotKnowYetIsWaitedFor) {
    auto served = daemon();
    const auto meter_at = meter({"headph"});
    EXPECT_TRUE(meter_at->shows("Headphones"));
    served.reset();
    EXPECT_TRUE(meter_at->shows("waiting"));
    Process another{{SOUNDWARDEN_SCRIPTED_DAEMON, "empty"}, bus.environment()};
    EXPECT_TRUE(meter_at->shows("there is no output with the id")) << meter_at->screen.text();
    tell(another, "scene laptop");
    EXPECT_TRUE(meter_at->shows("Headphones")) << meter_at->screen.text();
    EXPECT_TRUE(meter_at->until([&] { return !meter_at->screen.shows("there is no output"); }));
}

TEST_F(MeterCli, ColoursAndSignsAreThoseOfTheTerminal) {
    const auto served = daemon();
    tell(*served, "meter -12.34 3");
    const std::vector<std::pair<std::vector<std::string>, Environment>> plain{{{}, {{"NO_COLOR", "1"}}}, {{"--color", "never"}, {}}};
    for (const auto &[arguments, environment] : plain) {
        const auto meter_at = meter(arguments, environment);
        EXPECT_TRUE(meter_at->shows("-12.3"));
        EXPECT_FALSE(meter_at->screen.coloured);
    }
    const auto ascii = meter({}, {{"LC_ALL", "C"}});
    EXPECT_TRUE(ascii->shows("####")) << ascii->screen.text();
    EXPECT_FALSE(ascii->screen.shows("█"));
    const auto dumb = meter({"-n", "1"}, {{"TERM", "dumb"}});
    EXPECT_EQ(dumb->wait(), 0);
    EXPECT_NE(dumb->screen.before.find("Headphones: peak -12.3"), std::string::npos) << dumb->screen.before;
    const auto json = meter({"-n", "1", "-o", "json"});
    EXPECT_EQ(json->wait(), 0);
    EXPECT_NE(json->screen.before.find("\"schema\":1"), std::string::npos);
}

TEST_F(MeterCli, ScrollsWhereNotAllHaveRoom) {
    const auto served = daemon();
    const auto meter_at = meter({}, {}, 80, 3);
    EXPECT_TRUE(meter_at->shows("HDMI"));
    meter_at->resize(80, 1);
    EXPECT_TRUE(meter_at->until([&] { return meter_at->screen.shows("Headphones") && !meter_at->screen.shows("HDMI"); }));
    meter_at->type("\x1b[B");
    EXPECT_TRUE(meter_at->shows("HDMI"));
    meter_at->type("k");
    EXPECT_TRUE(meter_at->shows("Headphones"));
}

} // namespace
} // namespace soundwarden
