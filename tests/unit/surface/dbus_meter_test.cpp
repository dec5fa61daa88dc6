// SPDX-License-Identifier: MIT
// Manager.Meters: packets through a descriptor, whose closing ends them. A service on a private bus, and clients of it in the same loop.
#include "bus/names.hpp"
#include "bus_peer.hpp"
#include "dbus/service.hpp"
#include "poll_loop.hpp"
#include "private_bus.hpp"
#include "scenes.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <filesystem>
#include <limits>
#include <sys/socket.h>
#include <unistd.h>

namespace soundwarden {
namespace {

using namespace dbus;
using Json = nlohmann::json;
using std::chrono::milliseconds;
using test::BusPeer;
using test::PollLoop;
using test::scaled;

constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

std::size_t open_descriptors() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto &entry : std::filesystem::directory_iterator{"/proc/self/fd"}) ++count;
    return count;
}

/// The client's end of Manager.Meters.
class Meters {
  public:
    explicit Meters(int descriptor) : descriptor_(descriptor) {}
    Meters(const Meters &) = delete;
    Meters &operator=(const Meters &) = delete;
    ~Meters() { close(); }
    void close() {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }
    int descriptor() const { return descriptor_; }

    /// A packet that waits; nothing where none does.
    std::optional<std::string> take() {
        std::string text(1 << 16, '\0');
        const auto size = recv(descriptor_, text.data(), text.size(), MSG_DONTWAIT);
        if (size <= 0) {
            ended = size == 0;
            return std::nullopt;
        }
        text.resize(static_cast<std::size_t>(size));
        return text;
    }
    bool ended = false;

  private:
    int descriptor_;
};

class MeterBus : public testing::Test {
  protected:
    MeterBus() {
        bus.start();
        peer.emplace(loop, bus.address());
    }

    Service &start(std::size_t most = 32) {
        Service::Options options;
        options.version = "1";
        options.address = bus.address();
        options.most_meters = most;
        Service::Commands commands;
        if (week) commands.dose_week = [this] { return *week; };
        service.emplace(
            loop, options, [this](const engine::SinkKey &sink) { return measure(sink); }, nullptr, commands);
        service->publish(*test::scene("laptop"), Posture::protect);
        EXPECT_EQ(service->start().result, Started::ok);
        return *service;
    }
    /// As a guard: what it measured goes along with the reading.
    std::optional<Meter> measure(const engine::SinkKey &sink) {
        ++readings;
        if (broken) throw std::runtime_error{"the meter broke"};
        if (sink != test::laptop_sink || !playing) return std::nullopt;
        return std::exchange(measured, quiet);
    }
    test::Answer<sdbus::UnixFd> ask(const std::vector<std::string> &outputs, std::uint32_t interval_ms) {
        return peer->call<sdbus::UnixFd>(bus::root_path, bus::manager_interface, "Meters", outputs, interval_ms);
    }
    std::unique_ptr<Meters> open(const std::vector<std::string> &outputs = {}, std::uint32_t interval_ms = 20) {
        auto answer = ask(outputs, interval_ms);
        EXPECT_EQ(answer.error, "");
        return std::make_unique<Meters>(answer.value ? answer.value->release() : -1);
    }
    Json next(Meters &meters) {
        std::optional<std::string> text;
        EXPECT_TRUE(run_until([&] { return (text = meters.take()).has_value(); }));
        return text ? Json::parse(*text) : Json::object();
    }
    bool run_until(const std::function<bool()> &done) { return loop.run_until(done, scaled(test::patience)); }
    void run_for(milliseconds time) { loop.run_until([] { return false; }, time); }
    double peak_property() {
        const auto answer = peer->call<sdbus::Variant>(std::string{bus::output_path_prefix} + test::laptop_headphones, bus::properties_interface, "Get",
                                                       std::string{bus::output_interface}, std::string{"PeakDbfs"});
        return answer.value ? answer.value->get<double>() : 1e9;
    }

    static constexpr Meter quiet{-60.0, 0.0, -1.5};
    PollLoop loop;
    test::PrivateBus bus;
    std::optional<BusPeer> peer;
    Meter measured = quiet;
    bool playing = true, broken = false;
    int readings = 0;
    std::optional<dose::Exposure> week;
    std::optional<Service> service;
};

TEST_F(MeterBus, APacketSaysHowAllActiveOutputsAre) {
    start();
    dose::Now now;
    now.week.pa2h = 0.4;
    now.levels[test::laptop_headphones] = Decibels{83.456};
    service->publish_dose(now);
    const auto before = std::chrono::duration_cast<milliseconds>(loop.now().time_since_epoch()).count();
    const auto meters = open();
    measured = {-12.344, 3.0, -1.5};
    const auto packet = next(*meters);
    EXPECT_GE(packet.at("monotonic_ms").get<std::int64_t>(), before);
    EXPECT_EQ(packet.at("dose_percent"), 25.0);
    ASSERT_EQ(packet.at("outputs").size(), 2U) << packet << ": the speaker is not active";
    EXPECT_EQ(packet["outputs"][0], Json::parse(R"({"id":"pci_0000_00_1f_3_analog_output_headphones","state":"guarded","ceiling_dbfs":-9.41,
        "playing":true,"peak_dbfs":-12.34,"true_peak_dbfs":null,"gain_reduction_db":3.0,"governor_db":-1.5,"level_dba":83.46})"));
    const auto &display = packet["outputs"][1];
    EXPECT_EQ(display.at("id"), "pci_0000_00_1f_3_hdmi_output_0");
    EXPECT_EQ(display.at("state"), "free");
    EXPECT_EQ(display.at("playing"), false);
    for (const char *key : {"ceiling_dbfs", "peak_dbfs", "true_peak_dbfs", "gain_reduction_db", "governor_db", "level_dba"})
        EXPECT_TRUE(display.at(key).is_null()) << key;
}

TEST_F(MeterBus, PacketsComeAtTheirInterval) {
    start();
    const auto meters = open({}, 50);
    const auto first = next(*meters).at("monotonic_ms").get<std::int64_t>();
    std::int64_t last = first;
    for (int n = 0; n < 10; ++n) last = next(*meters).at("monotonic_ms").get<std::int64_t>();
    EXPECT_GE(last - first, 450);
}

TEST_F(MeterBus, SilenceAndATrueMeasurementAreTold) {
    start();
    const auto meters = open();
    measured = {minus_infinity, 0.0, 0.0, -3.21};
    const auto output = next(*meters).at("outputs").at(0);
    EXPECT_TRUE(output.at("peak_dbfs").is_null());
    EXPECT_EQ(output.at("true_peak_dbfs"), -3.21);
    EXPECT_EQ(output.at("playing"), true);
    EXPECT_EQ(output.at("gain_reduction_db"), 0.0);
    playing = false;
    EXPECT_TRUE(run_until([&] {
        const auto text = meters->take();
        return text && Json::parse(*text).at("outputs").at(0).at("playing") == false;
    }));
}

// A reading takes the peaks along: all the same everybody is told of every one.
TEST_F(MeterBus, EveryReaderIsToldOfEveryPeak) {
    start();
    const auto fast = open({}, 20), slow = open({}, 1000);
    next(*fast);
    measured = {-1.0, 9.0, 0.0};
    EXPECT_TRUE(run_until([&] {
        const auto text = fast->take();
        return text && Json::parse(*text).at("outputs").at(0).at("peak_dbfs") == -1.0;
    }));
    EXPECT_EQ(next(*fast).at("outputs").at(0).at("peak_dbfs"), -60.0) << "once";
    EXPECT_EQ(peak_property(), -1.0) << "whoever asks more seldom";
    EXPECT_EQ(peak_property(), -1.0) << "at the same time";
    const auto output = next(*slow).at("outputs").at(0);
    EXPECT_EQ(output.at("peak_dbfs"), -1.0);
    EXPECT_EQ(output.at("gain_reduction_db"), 9.0);
    // And the other way round.
    run_for(milliseconds{60});
    measured = {-2.0, 0.0, 0.0};
    EXPECT_EQ(peak_property(), -2.0);
    EXPECT_TRUE(run_until([&] {
        const auto text = fast->take();
        return text && Json::parse(*text).at("outputs").at(0).at("peak_dbfs") == -2.0;
    }));
}

TEST_F(MeterBus, OnlyTheOutputsThatAreAskedForAndTheirChanges) {
    start();
    const auto meters = open({test::laptop_headphones});
    EXPECT_EQ(next(*meters).at("outputs").size(), 1U);
    service->publish(*test::scene("settling"), Posture::protect);
    EXPECT_TRUE(run_until([&] {
        const auto text = meters->take();
        return text && Json::parse(*text).at("outputs").at(0).at("state") == "settling";
    }));
    service->publish(*test::scene("unplugged"), Posture::protect);
    EXPECT_TRUE(run_until([&] {
        const auto text = meters->take();
        return text && Json::parse(*text).at("outputs").at(0).at("playing") == false;
    })) << "there, but not active: the sink plays to another one";
}

TEST_F(MeterBus, AnOutputThatHasGoneIsLeftOutUntilItIsThereAgain) {
    start();
    const auto meters = open({test::laptop_headphones}), all = open();
    EXPECT_EQ(next(*meters).at("outputs").size(), 1U);
    const auto becomes = [&](Meters &which, std::size_t count) {
        return run_until([&] {
            const auto text = which.take();
            return text && Json::parse(*text).at("outputs").size() == count;
        });
    };
    service->publish(*test::scene("empty"), Posture::protect);
    EXPECT_TRUE(becomes(*meters, 0));
    EXPECT_TRUE(becomes(*all, 0));
    service->publish(*test::scene("laptop"), Posture::protect);
    EXPECT_TRUE(becomes(*meters, 1));
    EXPECT_TRUE(becomes(*all, 2)) << "those that come later too";
}

TEST_F(MeterBus, WhatMakesNoSenseIsANamedError) {
    start();
    for (const std::uint32_t interval : {0U, 19U, 1001U, 4'000'000'000U}) EXPECT_EQ(ask({}, interval).error, bus::error::invalid_argument) << interval;
    EXPECT_EQ(ask({}, 20).error, "");
    EXPECT_EQ(ask({}, 1000).error, "");
    EXPECT_EQ(ask({"nonsense"}, 100).error, bus::error::no_such_output);
    EXPECT_EQ(ask({test::laptop_headphones, ""}, 100).error, bus::error::no_such_output);
    EXPECT_EQ(ask({std::string(100'000, 'x')}, 100).error, bus::error::no_such_output);
}

TEST_F(MeterBus, ClosingEndsThemAndFreesAllAtOnce) {
    start();
    const std::size_t before = open_descriptors();
    for (int round = 0; round < 100; ++round) {
        const auto meters = open({}, 1000);
        EXPECT_GT(open_descriptors(), before);
    }
    // Long before a packet would have found out.
    EXPECT_TRUE(loop.run_until([&] { return open_descriptors() == before; }, milliseconds{900}));
}

TEST_F(MeterBus, TheThirtyThirdIsRefusedUntilOneIsClosed) {
    start();
    std::vector<std::unique_ptr<Meters>> many;
    for (int n = 0; n < 32; ++n) many.push_back(open({}, 1000));
    EXPECT_EQ(ask({}, 1000).error, bus::error::limits_exceeded);
    many.pop_back();
    const auto another = open({}, 20);
    next(*another);
    EXPECT_EQ(ask({}, 1000).error, bus::error::limits_exceeded);
}

TEST_F(MeterBus, WhoNeverReadsSlowsNobodyAndIsToldOfThePeaksInTheEnd) {
    start();
    const auto deaf = open({}, 20), other = open({}, 20);
    // Far more than a socket holds; another client gets each of its packets meanwhile.
    std::size_t taken = 0;
    EXPECT_TRUE(loop.run_until(
        [&] {
            while (other->take()) ++taken;
            return taken > 400;
        },
        scaled(milliseconds{20'000})))
        << taken;
    measured = {-0.5, 0.0, 0.0};
    EXPECT_TRUE(run_until([&] {
        const auto text = other->take();
        return text && Json::parse(*text).at("outputs").at(0).at("peak_dbfs") == -0.5;
    }));
    double highest = minus_infinity;
    std::size_t waited = 0;
    EXPECT_TRUE(run_until([&] {
        while (const auto text = deaf->take()) {
            ++waited;
            const auto peak = Json::parse(*text).at("outputs").at(0).at("peak_dbfs");
            if (peak.is_number()) highest = std::max(highest, peak.get<double>());
        }
        return highest == -0.5;
    }));
    EXPECT_LT(waited, taken) << "some were lost";
}

TEST_F(MeterBus, NothingCanBeWrittenToThem) {
    start();
    const auto meters = open();
    next(*meters);
    EXPECT_EQ(send(meters->descriptor(), "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT), -1);
    EXPECT_EQ(errno, EPIPE);
    next(*meters);
}

TEST_F(MeterBus, TheyEndWithTheServiceAndOutliveTheBus) {
    start();
    const auto meters = open();
    next(*meters);
    bus.kill();
    next(*meters);
    next(*meters);
    service.reset();
    while (meters->take()) {
    }
    EXPECT_TRUE(meters->ended);
}

TEST_F(MeterBus, AMeterThatBreaksIsOneThatDoesNotPlay) {
    start();
    broken = true;
    const auto meters = open();
    EXPECT_EQ(next(*meters).at("outputs").at(0).at("playing"), false);
    broken = false;
    EXPECT_TRUE(run_until([&] {
        const auto text = meters->take();
        return text && Json::parse(*text).at("outputs").at(0).at("playing") == true;
    }));
}

TEST_F(MeterBus, WithoutOneNobodyIsWokenAndNothingIsRead) {
    start();
    {
        const auto meters = open();
        next(*meters);
    }
    run_for(milliseconds{50}); // its end
    const auto woken = loop.wake_ups();
    const int read = readings;
    run_for(milliseconds{300});
    EXPECT_LE(loop.wake_ups() - woken, 1U);
    EXPECT_EQ(readings, read);
}

TEST_F(MeterBus, TheDoseIsThatOfNowButIsNotAddedUpForEachPacket) {
    int asked = 0;
    start();
    service.reset();
    Service::Options options;
    options.address = bus.address();
    Service::Commands commands;
    commands.dose_week = [&] {
        ++asked;
        return dose::Exposure{.pa2h = 0.8};
    };
    service.emplace(loop, options, nullptr, nullptr, commands);
    ASSERT_EQ(service->start().result, Started::ok);
    const auto meters = open();
    for (int n = 0; n < 10; ++n) EXPECT_EQ(next(*meters).at("dose_percent"), 50.0);
    EXPECT_LE(asked, 2);
}

} // namespace
} // namespace soundwarden
