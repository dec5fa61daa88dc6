// SPDX-License-Identifier: MIT
// The service on the bus: its name, storms of changes, calls without end, clients that misbehave.
#include "bus_test.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>

namespace soundwarden {
namespace {

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

TEST_F(BusTest, ADaemonThatDiesAmidACallIsNamed) {
    auto served = daemon();
    tell(*served, "hold");
    Process waiting{command({"release"}), bus.environment()};
    EXPECT_TRUE(served->read_until("asked: release all"));
    served.reset(); // killed
    EXPECT_EQ(waiting.wait(), 3);
    EXPECT_NE(waiting.stderr_text().find("daemon"), std::string::npos) << waiting.stderr_text();
}

/// Programs that know nothing of us but the bus.
TEST_F(BusTest, BusctlGdbusAndPythonIntrospectAndCall) {
    const auto served = daemon();
    auto environment = bus.environment();
    environment["PATH"] = "/usr/bin:/bin";
    const std::string name = bus::service_name;
    const std::string root = bus::root_path;
    const auto run = [&](std::vector<std::string> words) {
        const auto result = test::run(words, environment);
        EXPECT_EQ(result.exit_code, 0) << words.front() << ": " << result.err;
        return result.out;
    };
    EXPECT_NE(run({"/usr/bin/busctl", "--user", "tree", "--list", name}).find(headphones_path), std::string::npos);
    const auto introspected = run({"/usr/bin/busctl", "--user", "introspect", name, headphones_path});
    for (const std::string member : {".Answer", ".Override", ".CapDbfs", ".Evidence"}) EXPECT_NE(introspected.find(member), std::string::npos) << introspected;
    EXPECT_NE(run({"/usr/bin/busctl", "--user", "get-property", name, root, bus::manager_interface, "State"}).find("running"), std::string::npos);
    EXPECT_NE(run({"/usr/bin/gdbus", "introspect", "--session", "--dest", name, "--object-path", root}).find("Explain"), std::string::npos);
    EXPECT_NE(run({"/usr/bin/gdbus", "call", "--session", "--dest", name, "--object-path", root, "--method", std::string{bus::manager_interface} + ".Explain",
                   test::laptop_headphones}).find("the last that matches"),
              std::string::npos);
    const auto said = run({"/usr/bin/python3", "-c", R"(
import dbus, os, json, socket
bus = dbus.SessionBus()
root = bus.get_object("org.soundwarden.SoundWarden1", "/org/soundwarden/SoundWarden1")
manager = dbus.Interface(root, "org.soundwarden.SoundWarden1.Manager")
objects = dbus.Interface(root, "org.freedesktop.DBus.ObjectManager").GetManagedObjects()
path, interfaces = next((path, each) for path, each in objects.items() if each.get("org.soundwarden.SoundWarden1.Output", {}).get("Name") == "Headphones")
output = dbus.Interface(bus.get_object("org.soundwarden.SoundWarden1", path), "org.soundwarden.SoundWarden1.Output")
output.Answer("in-ear", {"impedance": dbus.Double(16.0)})
meters = socket.socket(fileno=manager.Meters([], 20).take())
packet = json.loads(meters.recv(65536))
meters.close()
try:
    output.Answer("a trumpet", dbus.Dictionary({}, signature="sv"))
except dbus.DBusException as error:
    print(error.get_dbus_name())
print(len(objects), packet["outputs"][0]["id"], manager.Checks()[0][0])
)"});
    EXPECT_TRUE(served->read_until(std::string{"asked: answer "} + test::laptop_headphones + " in-ear"));
    EXPECT_NE(said.find(bus::error::invalid_argument), std::string::npos) << said;
    EXPECT_NE(said.find(std::string{test::laptop_headphones} + " no-wireplumber-part"), std::string::npos) << said;
}

} // namespace
} // namespace soundwarden
