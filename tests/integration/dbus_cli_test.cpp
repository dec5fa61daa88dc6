// SPDX-License-Identifier: MIT
// `soundwarden status` and `show` over the bus: what is printed, exit codes, terminals and readers that go.
#include "bus_test.hpp"
#include "golden.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace soundwarden {
namespace {

TEST_F(BusTest, StatusAndShowAreAsPromised) {
    const auto served = daemon();
    tell(*served, "meter -12.34 0.456");
    for (const std::string name : {"laptop", "unplugged", "settling", "blocked", "degraded", "fail-safe", "unprotected",
                                   "not-protecting", "empty", "twins"}) {
        tell(*served, "scene " + name);
        const auto text = cli({});
        EXPECT_EQ(text.out, test::golden(name + ".status.txt", text.out)) << name;
        EXPECT_EQ(text.err, "");
        EXPECT_EQ(text.exit_code, 0);
        const auto json = cli({"status", "-o", "json"});
        EXPECT_EQ(json.out, test::golden(name + ".status.json", json.out)) << name;
        const auto line = cli({"-o", "jsonl"});
        EXPECT_EQ(std::count(line.out.begin(), line.out.end(), '\n'), 1) << name;
        EXPECT_EQ(Json::parse(line.out), Json::parse(json.out)) << name;
    }
    tell(*served, "scene laptop");
    const auto shown = cli({"show", "headph"});
    EXPECT_EQ(shown.out, test::golden("laptop.show.txt", shown.out));
    const auto shown_json = cli({"-o", "jsonl", "show", "headph"});
    EXPECT_EQ(shown_json.out, test::golden("laptop.show.jsonl", shown_json.out));
}

TEST_F(BusTest, NothingPlaysIsNull) {
    const auto served = daemon();
    auto output = Json::parse(cli({"show", "headph", "-o", "json"}).out).at("outputs").at(0);
    EXPECT_TRUE(output.at("peak_dbfs").is_null());
    EXPECT_TRUE(output.at("gain_reduction_db").is_null());
    tell(*served, "meter -inf 0");
    output = Json::parse(cli({"show", "headph", "-o", "json"}).out).at("outputs").at(0);
    EXPECT_TRUE(output.at("peak_dbfs").is_null()) << "digital silence";
    EXPECT_EQ(output.at("gain_reduction_db"), 0.0);
}

TEST_F(BusTest, OddNamesOfOneDeviceSpoilNothing) {
    const auto served = daemon();
    tell(*served, "scene hostile");
    const auto result = cli({"-o", "json"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const auto outputs = Json::parse(result.out).at("outputs");
    ASSERT_EQ(outputs.size(), 2U) << "the one whose id is no path is left out; the others stay";
    const auto text = cli({"status"});
    EXPECT_EQ(text.out.find('\x1b'), std::string::npos);
    EXPECT_NE(text.out.find("Phones?[31m"), std::string::npos) << text.out;
}

TEST_F(BusTest, AnswersInMilliseconds) {
    const auto served = daemon();
    for (const std::string scene : {"laptop", "crowd"}) {
        tell(*served, "scene " + scene);
        std::vector<double> milliseconds_each;
        for (int n = 0; n < 21; ++n) {
            const auto begin = std::chrono::steady_clock::now();
            EXPECT_EQ(cli({n % 2 == 0 ? "status" : "-ojson"}).exit_code, 0);
            milliseconds_each.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
        }
        std::sort(milliseconds_each.begin(), milliseconds_each.end());
        const double median = milliseconds_each[milliseconds_each.size() / 2];
        std::printf("status, %s: median %.1f ms, longest %.1f ms (promised with 200 outputs: 15 ms)\n", scene.c_str(), median, milliseconds_each.back());
        EXPECT_LT(median, static_cast<double>(test::scaled(milliseconds{150}).count()));
    }
}

// ---- exit codes
// ------------------------------------------------------------------------------------------------------

TEST_F(BusTest, ExitCodeTellsHowThingsAre) {
    const auto served = daemon();
    const auto code = [&] { return cli({"status", "--exit-code"}).exit_code; };
    EXPECT_EQ(code(), 0);
    tell(*served, "meter -3 1.5");
    EXPECT_EQ(code(), 10);
    EXPECT_EQ(cli({"status"}).exit_code, 0) << "only when asked for";
    tell(*served, "scene degraded");
    EXPECT_EQ(code(), 11);
    tell(*served, "scene unprotected");
    EXPECT_EQ(code(), 11);
    tell(*served, "scene not-protecting");
    EXPECT_EQ(code(), 11);
    tell(*served, "scene blocked");
    EXPECT_EQ(code(), 12);
}

TEST_F(BusTest, UsageErrorsAre2AndNeedNoDaemon) {
    const std::vector<std::vector<std::string>> wrong{{"--nonsense"},
                                                      {"nonsense"},
                                                      {"-o", "xml"},
                                                      {"-o"},
                                                      {"show"},
                                                      {"show", "a", "b"},
                                                      {"--timeout", "0"},
                                                      {"--timeout", "-1"},
                                                      {"--timeout", "nan"},
                                                      {"--timeout", "soon"},
                                                      {"--color", "purple"},
                                                      {"status", "monitor"},
                                                      {"status", "--wait"}};
    for (const auto &arguments : wrong) {
        const auto result = cli(arguments);
        EXPECT_EQ(result.exit_code, 2) << testing::PrintToString(arguments);
        EXPECT_TRUE(result.err.starts_with("soundwarden: error: ")) << result.err;
        EXPECT_EQ(result.out, "");
    }
}

TEST_F(BusTest, HelpAndVersionGoToStdout) {
    EXPECT_TRUE(cli({"--version"}).out.starts_with("soundwarden "));
    for (const std::vector<std::string> &arguments :
         {std::vector<std::string>{"--help"}, {"status", "--help"}, {"show", "--help"}, {"monitor", "--help"}}) {
        const auto result = cli(arguments);
        EXPECT_EQ(result.exit_code, 0);
        EXPECT_EQ(result.err, "");
        EXPECT_FALSE(result.out.empty());
    }
    EXPECT_NE(cli({"monitor", "--help"}).out.find("--wait"), std::string::npos);
}

TEST_F(BusTest, NoDaemonIs3AndSaysWhatToDo) {
    for (const std::vector<std::string> &arguments : {std::vector<std::string>{}, {"show", "x"}, {"monitor"}}) {
        const auto result = cli(arguments);
        EXPECT_EQ(result.exit_code, 3);
        EXPECT_NE(result.err.find("systemctl --user start soundwarden"), std::string::npos) << result.err;
        EXPECT_NE(result.err.find("soundwardend"), std::string::npos);
    }
}

TEST_F(BusTest, NoBusIs3) {
    bus.kill();
    const auto result = cli({});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_NE(result.err.find("session bus"), std::string::npos) << result.err;
}

TEST_F(BusTest, ADaemonThatDoesNotAnswerIs3WithinTheTimeout) {
    const auto served = daemon();
    served->signal(SIGSTOP);
    const auto begin = std::chrono::steady_clock::now();
    const auto result = cli({"--timeout", "0.3"});
    EXPECT_LT(std::chrono::steady_clock::now() - begin, test::scaled(milliseconds{3000}));
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_NE(result.err.find("does not answer"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("0.3 s"), std::string::npos) << result.err;
    served->signal(SIGCONT);
    EXPECT_EQ(cli({}).exit_code, 0);
}

TEST_F(BusTest, ABusThatDoesNotAnswerIs3WithinTheTimeout) {
    const std::string path = (bus.directory() / "mute").string();
    const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
    ASSERT_EQ(listen(listener, 4), 0);
    for (const std::string verb : {"status", "monitor"}) {
        const auto result = cli({verb, "--timeout", "0.2"}, {{"DBUS_SESSION_BUS_ADDRESS", "unix:path=" + path}});
        EXPECT_EQ(result.exit_code, 3) << verb;
        EXPECT_NE(result.err.find("does not answer"), std::string::npos) << result.err;
    }
    close(listener);
}

TEST_F(BusTest, NoSuchOutputIs4AndListsWhatThereIs) {
    const auto served = daemon();
    auto result = cli({"show", "nonsense"});
    EXPECT_EQ(result.exit_code, 4);
    EXPECT_NE(result.err.find(test::laptop_headphones), std::string::npos) << result.err;
    tell(*served, "scene twins");
    result = cli({"show", "usb"});
    EXPECT_EQ(result.exit_code, 4);
    EXPECT_NE(result.err.find("usb_headset_b"), std::string::npos) << result.err;
}

// ---- stdout and the terminal
// -----------------------------------------------------------------------------------------

TEST_F(BusTest, AReaderThatHasGoneIsNoError) {
    const auto served = daemon();
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    close(ends[0]);
    const auto result = cli({"-o", "json"}, {}, {Stdout::Kind::descriptor, ends[1], ""});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.err, "");
    close(ends[1]);
}

TEST_F(BusTest, AClosedStdoutIsAnErrorAndHarmsNothing) {
    const auto served = daemon();
    const auto result = cli({"-o", "json"}, {}, {Stdout::Kind::closed, -1, ""});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_NE(result.err.find("standard output is closed"), std::string::npos) << result.err;
    EXPECT_EQ(cli({}).exit_code, 0);
}

TEST_F(BusTest, AFullDiskIsAnError) {
    const auto served = daemon();
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ASSERT_GE(full, 0);
    const auto result = cli({}, {}, {Stdout::Kind::descriptor, full, ""});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_NE(result.err.find("cannot write"), std::string::npos) << result.err;
    close(full);
}

/// What a program writes to a terminal `columns` wide.
std::string on_terminal(const std::vector<std::string> &command, const Environment &environment, unsigned columns) {
    const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    EXPECT_GE(master, 0);
    EXPECT_EQ(grantpt(master), 0);
    EXPECT_EQ(unlockpt(master), 0);
    std::array<char, 100> name{};
    EXPECT_EQ(ptsname_r(master, name.data(), name.size()), 0);
    const int slave = open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    EXPECT_GE(slave, 0);
    winsize size{};
    size.ws_row = 24;
    size.ws_col = static_cast<unsigned short>(columns);
    EXPECT_EQ(ioctl(slave, TIOCSWINSZ, &size), 0);
    EXPECT_EQ(test::run(command, environment, {Stdout::Kind::descriptor, slave, ""}).exit_code, 0);
    std::string text(20000, '\0');
    const auto length = read(master, text.data(), text.size());
    text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
    std::erase(text, '\r');
    close(slave);
    close(master);
    return text;
}

TEST_F(BusTest, ColoursOnATerminalAndWhereAskedFor) {
    const auto served = daemon();
    tell(*served, "scene degraded");
    const auto has_colour = [](const std::string &text) { return text.find("\x1b[") != std::string::npos; };
    auto environment = bus.environment();
    EXPECT_TRUE(has_colour(on_terminal(command({}), environment, 120)));
    EXPECT_FALSE(has_colour(on_terminal(command({"--color", "never"}), environment, 120)));
    environment["NO_COLOR"] = "1";
    EXPECT_FALSE(has_colour(on_terminal(command({}), environment, 120)));
    EXPECT_TRUE(has_colour(on_terminal(command({"--color", "always"}), environment, 120)));
    environment["NO_COLOR"] = "";
    EXPECT_TRUE(has_colour(on_terminal(command({}), environment, 120))) << "empty means not set";
    environment["TERM"] = "dumb";
    EXPECT_FALSE(has_colour(on_terminal(command({}), environment, 120)));

    EXPECT_FALSE(has_colour(cli({}).out));
    EXPECT_TRUE(has_colour(cli({"--color", "always"}).out));
    EXPECT_FALSE(has_colour(cli({"--color", "always", "-o", "json"}).out)) << "JSON is never coloured";
}

TEST_F(BusTest, FitsTheTerminal) {
    const auto served = daemon();
    tell(*served, "meter -12.34 0.456");
    std::string all;
    for (const unsigned columns : {100U, 90U, 80U, 40U})
        all += on_terminal(command({"--color", "never"}), bus.environment(), columns) + "---\n";
    EXPECT_EQ(all, test::golden("laptop.narrow.txt", all));
}

} // namespace
} // namespace soundwarden
