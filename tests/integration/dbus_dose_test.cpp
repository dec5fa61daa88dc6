// SPDX-License-Identifier: MIT
// `soundwarden dose` over the bus: what is asked, what is made of it, how fast, and what an older daemon gets.
#include "bus_test.hpp"

#include <dose_adaptor.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <sys/stat.h>

namespace soundwarden {
namespace {

constexpr std::int64_t minute = 60, hour = 3600, day = 24 * hour;

std::int64_t now_s() { return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::string content(const std::filesystem::path &path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

using Row = sdbus::Struct<std::int64_t, std::string, double, double, double, double>;

/// The Dose object of a daemon: a steady listener, an hour's row each hour for as long as it was told.
class FakeDose final : public sdbus::AdaptorInterfaces<org::soundwarden::SoundWarden1::Dose_adaptor> {
  public:
    FakeDose(sdbus::IConnection &connection, std::int64_t days)
        : AdaptorInterfaces(connection, sdbus::ObjectPath{"/org/soundwarden/SoundWarden1/dose"}), days_(days) {
        registerAdaptor();
    }
    FakeDose(const FakeDose &) = delete;
    FakeDose &operator=(const FakeDose &) = delete;
    ~FakeDose() { unregisterAdaptor(); }

    double level = 81.0, left = 50'400.0;

  private:
    std::vector<Row> History(const std::string &span, const std::int64_t &since) override {
        const std::int64_t step = span == "minute" ? minute : hour, kept = span == "minute" ? std::min<std::int64_t>(days_, 8) : days_;
        std::vector<Row> rows;
        for (std::int64_t at = (now_s() - kept * day) / step * step; at < now_s(); at += step)
            if (at + step > since) rows.emplace_back(at, test::laptop_headphones, 1e-5 * static_cast<double>(step), 0.0, static_cast<double>(step), 80.0);
        return rows;
    }
    double Allowance() override { return 1.6; }
    double Week() override { return 0.99; }
    double WeekEstimated() override { return 0.5; }
    sdbus::Struct<double, double> WeekRange() override { return sdbus::Struct<double, double>{0.5, 1.98}; }
    double Level() override { return level; }
    bool LevelEstimated() override { return true; }
    double TimeLeft() override { return left; }
    double Limit() override { return std::numeric_limits<double>::infinity(); }

    std::int64_t days_;
};

/// As much of a daemon as `dose` asks: the name, the root that lists objects, one output that has a name, and the dose.
class FakeDaemon {
  public:
    FakeDaemon(const std::string &address, std::int64_t days)
        : connection_(bus::open_bus(bus::Bus::session, address)), root_(sdbus::createObject(*connection_, sdbus::ObjectPath{bus::root_path})),
          output_(sdbus::createObject(*connection_, sdbus::ObjectPath{std::string{bus::output_path_prefix} + test::laptop_headphones})),
          dose(*connection_, days) {
        root_->addObjectManager();
        const auto id = [] { return std::string{test::laptop_headphones}; };
        const auto name = [] { return std::string{"<b>Headphones & \"more\""}; };
#if SOUNDWARDEN_SDBUS_2
        output_->addVTable(sdbus::registerProperty("Id").withGetter(id), sdbus::registerProperty("Name").withGetter(name)).forInterface(bus::output_interface);
#else
        output_->registerProperty("Id").onInterface(bus::output_interface).withGetter(id);
        output_->registerProperty("Name").onInterface(bus::output_interface).withGetter(name);
        output_->finishRegistration();
#endif
        connection_->requestName(bus::ServiceName{bus::service_name});
        connection_->enterEventLoopAsync();
    }
    ~FakeDaemon() { connection_->leaveEventLoop(); }

  private:
    std::unique_ptr<sdbus::IConnection> connection_;
    std::unique_ptr<sdbus::IObject> root_, output_;

  public:
    FakeDose dose;
};

class DoseVerb : public BusTest {
  protected:
    std::filesystem::path in_session(const std::string &name) const { return bus.directory() / name; }
    static bool nothing_left_behind(const std::filesystem::path &directory) {
        for (const auto &entry : std::filesystem::directory_iterator{directory})
            if (entry.path().filename().string().starts_with(".soundwarden-")) return false;
        return true;
    }
};

TEST_F(DoseVerb, TellsWhatTheDaemonCounts) {
    const FakeDaemon daemon{bus.address(), 30};
    const auto text = cli({"dose"}, {{"LC_ALL", "C.UTF-8"}});
    EXPECT_EQ(text.exit_code, 0) << text.err;
    EXPECT_TRUE(text.out.starts_with("62 % of this week's sound allowance (0.99 of 1.6 Pa²h), estimated: between 31 % and 124 %\n81 dB(A) at the ears now")) << text.out;
    const auto ascii = cli({"dose"}, {{"LC_ALL", "C"}});
    EXPECT_EQ(ascii.exit_code, 0) << ascii.err;
    for (const char letter : ascii.out) EXPECT_GT(letter, 0);

    const auto json = Json::parse(cli({"dose", "-o", "json"}).out);
    EXPECT_EQ(json.at("schema"), 1);
    EXPECT_EQ(json.at("days").size(), 7U);
    EXPECT_EQ(json.at("seconds_left"), 50'400);
    EXPECT_EQ(json.at("limit_dba"), nullptr);
    EXPECT_EQ(json.at("outputs").at(0).at("name"), "<b>Headphones & \"more\"");
    EXPECT_EQ(Json::parse(cli({"dose", "--since", "20d", "-o", "json"}).out).at("days").size(), 21U);
    EXPECT_TRUE(cli({"dose", "-o", "csv"}).out.starts_with("start,output,pa2h,estimated_pa2h,percent,seconds,loudest_dba\r\n"));
}

TEST_F(DoseVerb, WhereNothingPlaysThereIsNoLevel) {
    FakeDaemon daemon{bus.address(), 1};
    daemon.dose.level = daemon.dose.left = std::numeric_limits<double>::quiet_NaN();
    const auto json = Json::parse(cli({"dose", "-o", "json"}).out);
    EXPECT_EQ(json.at("level_dba"), nullptr);
    EXPECT_EQ(json.at("seconds_left"), nullptr);
    EXPECT_NE(cli({"dose"}).out.find("Nothing plays"), std::string::npos);
}

TEST_F(DoseVerb, FilesAreWrittenAsAWhole) {
    const FakeDaemon daemon{bus.address(), 8};
    const auto svg = in_session("week.svg"), html = in_session("week.html");
    const auto both = cli({"dose", "--svg", svg, "--html", html});
    EXPECT_EQ(both.exit_code, 0) << both.err;
    EXPECT_EQ(both.out, "");
    EXPECT_TRUE(content(svg).starts_with("<svg "));
    EXPECT_TRUE(content(html).starts_with("<!DOCTYPE html>"));
    EXPECT_NE(content(html).find("&lt;b&gt;Headphones"), std::string::npos);
    EXPECT_EQ(cli({"dose", "--svg", "-"}).out.substr(0, 5), "<svg ");
    EXPECT_EQ(Json::parse(cli({"dose", "--svg", svg, "-o", "json"}).out).at("schema"), 1) << "data that was asked for comes, too";

    ASSERT_EQ(chmod(svg.c_str(), 0600), 0);
    const auto link = in_session("link.svg");
    std::filesystem::create_symlink(svg, link);
    EXPECT_EQ(cli({"dose", "--svg", link}).exit_code, 0);
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_EQ(std::filesystem::status(svg).permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    EXPECT_EQ(cli({"dose", "--svg", "/dev/null"}).exit_code, 0);
    EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
    EXPECT_TRUE(nothing_left_behind(bus.directory()));
}

TEST_F(DoseVerb, WhatCannotBeWrittenIsSaid) {
    const FakeDaemon daemon{bus.address(), 8};
    for (const std::string &path : {std::string{"/nowhere/at/all.svg"}, bus.directory().string(), std::string{"/dev/full"}, std::string{}}) {
        const auto result = cli({"dose", "--svg", path});
        EXPECT_EQ(result.exit_code, 1) << path;
        EXPECT_NE(result.err.find("cannot write " + path + ": "), std::string::npos) << result.err;
    }
    EXPECT_TRUE(nothing_left_behind(bus.directory().parent_path()));
}

TEST_F(DoseVerb, MoreThanAYearComesAtOnce) {
    const FakeDaemon daemon{bus.address(), 400};
    double best_ms = std::numeric_limits<double>::infinity();
    for (int run = 0; run < 3; ++run) {
        const auto before = std::chrono::steady_clock::now();
        EXPECT_EQ(Json::parse(cli({"dose", "--since", "400d", "-o", "json"}).out).at("days").size(), 401U);
        best_ms = std::min(best_ms, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - before).count());
    }
    std::cout << "400 days, 9,600 hours and 11,520 minutes: the whole command in " << best_ms << " ms\n";
    EXPECT_LT(best_ms, 5000) << "a bound that only a mistake in kind breaks";
}

TEST_F(DoseVerb, AnOlderDaemonIsNamedAsSuch) {
    // The name and the root are there, the dose is not.
    const auto connection = connect();
    const auto root = sdbus::createObject(*connection, sdbus::ObjectPath{bus::root_path});
    root->addObjectManager();
    connection->requestName(bus::ServiceName{bus::service_name});
    connection->enterEventLoopAsync();
    const auto result = cli({"dose"});
    connection->leaveEventLoop();
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_NE(result.err.find("older than this command"), std::string::npos) << result.err;
}

TEST_F(DoseVerb, WithoutADaemonItIs3) {
    EXPECT_EQ(cli({"dose"}).exit_code, 3);
    bus.kill();
    EXPECT_EQ(cli({"dose", "-o", "csv"}).exit_code, 3);
}

TEST_F(DoseVerb, WrongCommandLinesAreUsageErrors) {
    for (const std::vector<std::string> &arguments : {std::vector<std::string>{"dose", "--since", "soon"},
                                                      {"dose", "--svg"},
                                                      {"dose", "headphones"},
                                                      {"dose", "--svg", "-", "--html", "-"},
                                                      {"dose", "--svg", "-", "-o", "json"},
                                                      {"dose", "--html", "-", "-o", "csv"},
                                                      {"dose", "-o", "xml"}})
        EXPECT_EQ(cli(arguments).exit_code, 2) << testing::PrintToString(arguments);
    for (const char *verb : {"status", "log", "monitor"}) {
        const auto result = cli({verb, "-o", "csv"});
        EXPECT_EQ(result.exit_code, 2);
        EXPECT_NE(result.err.find("only dose"), std::string::npos) << result.err;
    }
    EXPECT_NE(cli({"dose", "--help"}).out.find("--since"), std::string::npos);
    EXPECT_NE(cli({"--help"}).out.find("allowance"), std::string::npos);
}

} // namespace
} // namespace soundwarden
