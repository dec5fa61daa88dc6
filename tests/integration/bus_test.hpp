// SPDX-License-Identifier: MIT
// The bus end to end: the real dbus::Service (in scripted-daemon, which has no audio) and the real `soundwarden` on a
// bus of the test's own.
#pragma once

#include "bus/names.hpp"
#include "bus/sdbus_compat.hpp"
#include "private_bus.hpp"
#include "scenes.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

namespace soundwarden {

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
    std::unique_ptr<Process> daemon(const std::string &expected = "started: ok", std::vector<std::string> options = {}, const Environment &more = {}) {
        options.insert(options.begin(), SOUNDWARDEN_SCRIPTED_DAEMON);
        auto environment = bus.environment();
        for (const auto &[name, value] : more) environment[name] = value;
        auto process = std::make_unique<Process>(options, environment);
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

    std::unique_ptr<sdbus::IConnection> connect() const { return bus::open_bus(bus::Bus::session, bus.address()); }
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

} // namespace soundwarden
