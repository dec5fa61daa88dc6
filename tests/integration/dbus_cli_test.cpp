// SPDX-License-Identifier: MIT
// The bus end to end: the real dbus::Service (in scripted-daemon, which has no audio) and the real `soundwarden` on a
// bus of the test's own.
#include "bus/names.hpp"
#include "bus/sdbus_compat.hpp"
#include "golden.hpp"
#include "private_bus.hpp"
#include "scenes.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <poll.h>
#include <set>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

namespace soundwarden {
namespace {

using test::Environment;
using test::Process;
using test::Result;
using test::Stdout;
using Json = nlohmann::json;
using std::chrono::milliseconds;

class BusTest : public testing::Test {
  protected:
    void SetUp() override { bus.start(); }

    /// A daemon that has its name (or has said why not).
    std::unique_ptr<Process> daemon(const std::string &expected = "started: ok") {
        auto process =
            std::make_unique<Process>(std::vector<std::string>{SOUNDWARDEN_SCRIPTED_DAEMON}, bus.environment());
        const auto line = process->read_line();
        EXPECT_TRUE(line && line->starts_with(expected)) << line.value_or("(nothing)");
        return process;
    }
    /// What it answered before "ok".
    static std::string tell(Process &to, const std::string &command) {
        to.write_line(command);
        std::string before;
        while (true) {
            const auto line = to.read_line();
            if (!line) {
                ADD_FAILURE() << "no answer to: " << command;
                return before;
            }
            if (*line == "ok") return before;
            before = *line;
        }
    }
    std::vector<std::string> command(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), SOUNDWARDEN_CLI);
        return arguments;
    }
    Result cli(const std::vector<std::string> &arguments, const Environment &more = {}, Stdout out = {}) const {
        auto environment = bus.environment();
        for (const auto &[name, value] : more) environment[name] = value;
        return test::run(command(arguments), environment, out);
    }
    std::unique_ptr<Process> monitor(std::vector<std::string> arguments = {}) const {
        arguments.insert(arguments.begin(), {"monitor", "-o", "jsonl"});
        return std::make_unique<Process>(command(arguments), bus.environment());
    }
    static Json next(Process &from) {
        const auto line = from.read_line();
        if (!line) {
            ADD_FAILURE() << "no line from the monitor; stderr: " << from.stderr_text();
            return Json::object();
        }
        return Json::parse(*line);
    }

    std::unique_ptr<sdbus::IConnection> connect() const { return bus::open_session_bus(bus.address()); }
    static std::unique_ptr<sdbus::IProxy> proxy(sdbus::IConnection &connection, const std::string &path) {
        return sdbus::createProxy(connection, bus::ServiceName{bus::service_name}, sdbus::ObjectPath{path});
    }
    /// Properties.Get; the name of the error, or "".
    static std::string error_of_get(sdbus::IConnection &connection, const std::string &path,
                                    const std::string &interface, const std::string &property) {
        try {
            sdbus::Variant value;
            proxy(connection, path)
                ->callMethod("Get")
                .onInterface(bus::properties_interface)
                .withArguments(interface, property)
                .storeResultsTo(value);
        } catch (const sdbus::Error &error) {
            return error.getName();
        }
        return "";
    }

    test::PrivateBus bus;
    const std::string headphones_path = std::string{bus::output_path_prefix} + test::laptop_headphones;
};

// ---- what is printed
// -------------------------------------------------------------------------------------------------

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
    const auto begin = std::chrono::steady_clock::now();
    constexpr int times = 20;
    for (int n = 0; n < times; ++n) EXPECT_EQ(cli({"-o", "json"}).exit_code, 0);
    const auto each = (std::chrono::steady_clock::now() - begin) / times;
    EXPECT_LT(each, test::scaled(milliseconds{100}));
    RecordProperty("microseconds_each",
                   std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(each).count()));
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

// ---- monitor
// ---------------------------------------------------------------------------------------------------------

TEST_F(BusTest, MonitorPrintsASnapshotAndThenEachChangeAtOnce) {
    const auto served = daemon();
    const auto watching = monitor();
    const auto snapshot = next(*watching);
    EXPECT_EQ(snapshot.at("schema"), 1);
    EXPECT_EQ(snapshot.at("event"), "snapshot");
    EXPECT_EQ(snapshot.at("state"), "running");
    EXPECT_EQ(snapshot.at("outputs").size(), 3U);

    tell(*served, "meter -20.5 0.75");
    tell(*served, "scene settling");
    const auto settling = next(*watching);
    EXPECT_EQ(settling.at("event"), "changed");
    EXPECT_EQ(settling.at("id"), test::laptop_headphones);
    EXPECT_EQ(settling.at("changed"), Json({"ceiling_dbfs", "state"}));
    EXPECT_EQ(settling.at("ceiling_dbfs"), -24.5);
    EXPECT_EQ(settling.at("verdict"), "limit") << "the whole output";
    EXPECT_EQ(settling.at("peak_dbfs"), -20.5) << "the meters are those of now";
    EXPECT_EQ(settling.at("gain_reduction_db"), 0.75);

    tell(*served, "scene degraded");
    auto event = next(*watching);
    EXPECT_EQ(event.at("event"), "state");
    EXPECT_EQ(event.at("reasons"), Json({"no-wireplumber-part"}));
    EXPECT_EQ(next(*watching).at("state"), "guarded");

    tell(*served, "posture strict");
    event = next(*watching);
    EXPECT_EQ(event.at("event"), "state");
    EXPECT_EQ(event.at("posture"), "strict");

    tell(*served, "scene twins");
    std::multiset<std::string> events;
    for (int n = 0; n < 6; ++n) events.insert(next(*watching).at("event").get<std::string>());
    EXPECT_EQ(events, (std::multiset<std::string>{"removed", "removed", "removed", "added", "added", "state"}));
}

TEST_F(BusTest, MonitorInTextSaysWhatChanged) {
    const auto served = daemon();
    Process watching{command({"monitor"}), bus.environment()};
    EXPECT_TRUE(watching.read_until("HDMI / DisplayPort"));
    EXPECT_EQ(watching.read_line(), "");
    tell(*served, "scene settling");
    const auto line = watching.read_line();
    ASSERT_TRUE(line);
    EXPECT_TRUE(line->ends_with("  Headphones: ceiling -9.4 dBFS -> -24.5 dBFS, state guarded -> settling")) << *line;
}

TEST_F(BusTest, MonitorEndsWith0WhenAskedToEnd) {
    const auto served = daemon();
    for (const int number : {SIGINT, SIGTERM}) {
        const auto watching = monitor();
        next(*watching);
        watching->signal(number);
        EXPECT_EQ(watching->wait(), 0);
        EXPECT_EQ(watching->stderr_text(), "");
    }
}

TEST_F(BusTest, MonitorEndsWith0WhenItsReaderGoesEvenIfNothingHappens) {
    const auto served = daemon();
    const auto watching = monitor();
    next(*watching);
    watching->close_stdout();
    EXPECT_EQ(watching->wait(), 0);
    EXPECT_EQ(watching->stderr_text(), "");
}

TEST_F(BusTest, MonitorWaitsForTheDaemonAndSurvivesItsRestart) {
    const auto watching = monitor({"--wait"});
    EXPECT_EQ(next(*watching).at("event"), "waiting");
    for (int round = 0; round < 3; ++round) {
        auto served = daemon();
        const auto snapshot = next(*watching);
        EXPECT_EQ(snapshot.at("event"), "snapshot");
        // The objects are there before the name: whoever sees the name sees all of them.
        EXPECT_EQ(snapshot.at("outputs").size(), 3U);
        if (round == 1) {
            served->signal(SIGKILL);
            served->wait();
        } else {
            served.reset();
        }
        EXPECT_EQ(next(*watching).at("event"), "daemon-gone");
    }
}

TEST_F(BusTest, MonitorWithoutWaitSurvivesARestartToo) {
    auto served = daemon();
    const auto watching = monitor();
    EXPECT_EQ(next(*watching).at("event"), "snapshot");
    served.reset();
    EXPECT_EQ(next(*watching).at("event"), "daemon-gone");
    served = daemon();
    EXPECT_EQ(next(*watching).at("event"), "snapshot");
}

TEST_F(BusTest, MonitorEndsWith3WhenTheBusDies) {
    const auto served = daemon();
    const auto watching = monitor();
    next(*watching);
    bus.kill();
    EXPECT_EQ(watching->wait(), 3);
    EXPECT_NE(watching->stderr_text().find("session bus"), std::string::npos);
}

/// How often the process has gone to sleep so far.
long voluntary_switches(pid_t pid) {
    std::ifstream status{"/proc/" + std::to_string(pid) + "/status"};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("voluntary_ctxt_switches:")) return std::strtol(line.c_str() + 24, nullptr, 10);
    return -1;
}

TEST_F(BusTest, AtRestNobodyWakesUp) {
    const auto served = daemon();
    const auto watching = monitor();
    next(*watching);
    // A change and its echo, so that everything has been armed once.
    tell(*served, "wobble 3");
    next(*watching);
    next(*watching);
    tell(*served, "sleeps");
    const long before = voluntary_switches(watching->pid());
    // Nothing announces that nothing happens: this is the one wait for a time.
    poll(nullptr, 0, 500);
    EXPECT_LE(voluntary_switches(watching->pid()) - before, 1) << "monitor";
    EXPECT_LE(std::stoi(tell(*served, "sleeps")), 2) << "daemon: the question itself wakes it";
}

// ---- the service
// -----------------------------------------------------------------------------------------------------

TEST_F(BusTest, ASecondDaemonIsToldThatTheNameIsTaken) {
    const auto first = daemon();
    const auto second = daemon("started: name-taken the bus name org.soundwarden.SoundWarden1 is taken");
    EXPECT_EQ(second->wait(), 4);
    EXPECT_EQ(cli({}).exit_code, 0) << "the first goes on";
}

TEST_F(BusTest, LeavingTheBusIsCleanAndTakesTheNameAlong) {
    const auto served = daemon();
    tell(*served, "wobble 2"); // a signal is held back
    served->close_stdin();
    EXPECT_EQ(served->wait(), 0);
    EXPECT_EQ(served->stderr_text(), "");
    EXPECT_EQ(cli({}).exit_code, 3);
}

TEST_F(BusTest, WithoutABusTheDaemonGoesOnAndComesBack) {
    bus.kill();
    auto served = daemon("started: no-bus no session bus");
    tell(*served, "scene twins");
    bus.start();
    EXPECT_EQ(served->read_until("bus: "), "bus: back");
    EXPECT_EQ(Json::parse(cli({"-o", "json"}).out).at("outputs").size(), 2U) << "what was published meanwhile is there";
}

TEST_F(BusTest, TheBusMayDieAndComeBackAgainAndAgain) {
    const auto served = daemon();
    for (int round = 0; round < 3; ++round) {
        bus.kill();
        const auto line = served->read_until("bus: ");
        EXPECT_TRUE(line && line->find("no session bus") != std::string::npos) << line.value_or("(nothing)");
        tell(*served, round % 2 == 0 ? "scene twins" : "scene laptop");
        bus.start();
        EXPECT_EQ(served->read_until("bus: "), "bus: back");
        EXPECT_EQ(Json::parse(cli({"-o", "json"}).out).at("outputs").size(), round % 2 == 0 ? 2U : 3U);
    }
}

TEST_F(BusTest, WhenTheNameIsTakenMeanwhileItSaysSoAndWaits) {
    const auto served = daemon();
    bus.kill();
    EXPECT_TRUE(served->read_until("bus: no session bus"));
    served->signal(SIGSTOP);
    bus.start();
    auto other = daemon();
    served->signal(SIGCONT);
    EXPECT_TRUE(served->read_until("is taken"));
    other.reset();
    EXPECT_EQ(served->read_until("bus: "), "bus: back");
}

TEST_F(BusTest, AStormOfChangesIsCoalesced) {
    const auto served = daemon();
    const auto watching = monitor();
    next(*watching);
    const auto begin = std::chrono::steady_clock::now();
    tell(*served, "wobble 5000");
    double volume = 0;
    int lines = 0;
    while (volume != 0.5) {
        const auto event = next(*watching);
        if (!event.contains("volume")) break;
        ++lines;
        volume = event.at("volume").get<double>();
    }
    const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin).count();
    EXPECT_EQ(volume, 0.5) << "the last value comes through";
    EXPECT_LE(lines, took / 50 + 2) << "at most 20 signals a second";
}

TEST_F(BusTest, WhatComesAndGoesBetweenTwoSignalsIsNotAnnounced) {
    const auto served = daemon();
    const auto watching = monitor();
    next(*watching);
    // The first is said at once, the second held back, and the third is what was said.
    tell(*served, "burst settling laptop settling");
    EXPECT_EQ(next(*watching).at("state"), "settling");
    tell(*served, "posture strict"); // something else to wait for: the root object speaks at once
    const auto event = next(*watching);
    EXPECT_EQ(event.at("event"), "state");
    EXPECT_EQ(event.at("posture"), "strict");
}

TEST_F(BusTest, AThrowingMeterIsAnErrorForTheCallerAndNothingElse) {
    const auto served = daemon();
    const auto connection = connect();
    for (const std::string how : {"throw", "throw-int"}) {
        tell(*served, "meter " + how);
        for (const std::string property : {"PeakDbfs", "GainReductionDb"})
            EXPECT_EQ(error_of_get(*connection, headphones_path, bus::output_interface, property),
                      bus::error::internal);
        const auto result = cli({});
        EXPECT_EQ(result.exit_code, 1);
        EXPECT_NE(result.err.find("answers with an error"), std::string::npos) << result.err;
    }
    tell(*served, "meter none");
    EXPECT_EQ(cli({}).exit_code, 0) << "it lives";
}

TEST_F(BusTest, UnknownThingsAreErrorsAndNothingElse) {
    const auto served = daemon();
    const auto connection = connect();
    const std::string unknown_property = "org.freedesktop.DBus.Error.UnknownProperty";
    EXPECT_EQ(error_of_get(*connection, headphones_path, bus::output_interface, "Nonsense"), unknown_property);
    EXPECT_NE(error_of_get(*connection, headphones_path, "org.example.Nonsense", "Id"), "");
    EXPECT_EQ(error_of_get(*connection, std::string{bus::output_path_prefix} + "nonsense", bus::output_interface, "Id"),
              "org.freedesktop.DBus.Error.UnknownObject");
    try {
        proxy(*connection, headphones_path)
            ->callMethod("Set")
            .onInterface(bus::properties_interface)
            .withArguments(std::string{bus::output_interface}, std::string{"Volume"}, sdbus::Variant{1.0});
        FAIL() << "read-only";
    } catch (const sdbus::Error &error) {
        EXPECT_EQ(std::string{error.getName()}, "org.freedesktop.DBus.Error.PropertyReadOnly");
    }
    try {
        proxy(*connection, bus::root_path)->callMethod("Nonsense").onInterface(bus::manager_interface);
        FAIL() << "no such method";
    } catch (const sdbus::Error &error) {
        EXPECT_EQ(std::string{error.getName()}, "org.freedesktop.DBus.Error.UnknownMethod");
    }
    EXPECT_EQ(cli({}).exit_code, 0);
}

std::size_t open_descriptors(pid_t pid) {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto &entry :
         std::filesystem::directory_iterator{"/proc/" + std::to_string(pid) + "/fd"})
        ++count;
    return count;
}

long resident_kib(pid_t pid) {
    std::ifstream status{"/proc/" + std::to_string(pid) + "/status"};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) return std::strtol(line.c_str() + 6, nullptr, 10);
    return -1;
}

// A sanitizer keeps freed memory for a while; it has its own way to find leaks.
#if defined(__SANITIZE_ADDRESS__)
constexpr long memory_tolerance_kib = 1'000'000;
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer)
constexpr long memory_tolerance_kib = 1'000'000;
#    else
constexpr long memory_tolerance_kib = 512;
#    endif
#else
constexpr long memory_tolerance_kib = 512;
#endif

TEST_F(BusTest, TenThousandCallsLeaveNothingBehind) {
    const auto served = daemon();
    const auto connection = connect();
    const auto output = proxy(*connection, headphones_path);
    const auto call = [&](int times) {
        for (int n = 0; n < times; ++n) {
            sdbus::Variant value;
            output->callMethod("Get")
                .onInterface(bus::properties_interface)
                .withArguments(std::string{bus::output_interface}, std::string{n % 2 == 0 ? "PeakDbfs" : "Loads"})
                .storeResultsTo(value);
        }
    };
    call(1000);
    const auto descriptors = open_descriptors(served->pid());
    const auto memory = resident_kib(served->pid());
    call(10'000);
    EXPECT_EQ(open_descriptors(served->pid()), descriptors);
    EXPECT_LE(resident_kib(served->pid()) - memory, memory_tolerance_kib);
}

TEST_F(BusTest, OutputsThatComeAndGoLeaveNothingBehind) {
    const auto served = daemon();
    const auto cycle = [&](int times) {
        for (int n = 0; n < times; ++n) {
            tell(*served, "scene twins");
            tell(*served, "scene laptop");
        }
    };
    cycle(50);
    const auto descriptors = open_descriptors(served->pid());
    const auto memory = resident_kib(served->pid());
    cycle(500);
    EXPECT_EQ(open_descriptors(served->pid()), descriptors);
    EXPECT_LE(resident_kib(served->pid()) - memory, memory_tolerance_kib);
    EXPECT_EQ(Json::parse(cli({"-o", "json"}).out).at("outputs").size(), 3U);
}

TEST_F(BusTest, AClientThatNeverReadsHoldsNobodyUp) {
    const auto served = daemon();
    // One that asks and asks and never takes an answer …
    const auto greedy = connect();
    const auto root = proxy(*greedy, bus::root_path);
    using Objects = std::map<sdbus::ObjectPath, std::map<std::string, std::map<std::string, sdbus::Variant>>>;
    int answers = 0;
    for (int n = 0; n < 3000; ++n)
        root->callMethodAsync("GetManagedObjects")
            .onInterface(bus::object_manager_interface)
            .uponReplyInvoke([&](bus::CallError, const Objects &) { ++answers; });
    // … and one that listens and is stopped.
    const auto stopped = monitor();
    next(*stopped);
    stopped->signal(SIGSTOP);
    for (int n = 0; n < 200; ++n) {
        tell(*served, "scene twins");
        tell(*served, "scene laptop");
    }
    const auto result = cli({"-o", "json"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(answers, 0);
    stopped->signal(SIGCONT);
    EXPECT_EQ(next(*stopped).at("event"), "removed") << "it catches up";
}

TEST_F(BusTest, AClientThatDiesAmidACallHarmsNothing) {
    const auto served = daemon();
    for (int n = 0; n < 100; ++n) {
        const auto connection = connect();
        proxy(*connection, bus::root_path)
            ->callMethodAsync("GetManagedObjects")
            .onInterface(bus::object_manager_interface)
            .uponReplyInvoke(
                [](bus::CallError,
                   const std::map<sdbus::ObjectPath, std::map<std::string, std::map<std::string, sdbus::Variant>>> &) {
                });
    }
    EXPECT_EQ(cli({}).exit_code, 0);
}

} // namespace
} // namespace soundwarden
