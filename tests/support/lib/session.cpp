// SPDX-License-Identifier: MIT
#include "bench/session.hpp"

#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <signal.h>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace soundwarden::bench {

namespace fs = std::filesystem;

namespace {

std::string program(const char *name, const char *built) {
    const char *directory = std::getenv("SOUNDWARDEN_BENCH_DIR");
    return directory == nullptr ? built : (fs::path(directory) / name).string();
}

bool keep_files() {
    const char *keep = std::getenv("SOUNDWARDEN_KEEP");
    return keep != nullptr && std::string_view(keep) == "1";
}

/// Short, because of the sockets below it: a long TMPDIR is not used.
fs::path make_directory() {
    constexpr std::size_t longest = 60;
    const char *chosen = std::getenv("TMPDIR");
    std::string base = chosen == nullptr || *chosen != '/' ? "/tmp" : chosen;
    if (base.size() > longest) base = "/tmp";
    std::string pattern = base + "/sw-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory in " + base);
    return pattern;
}

/// The same list as in tools/session: what would lead a client to the user's own session.
bool belongs_to_desktop(std::string_view name) {
    constexpr std::array prefixes{"PIPEWIRE_", "WIREPLUMBER_", "SPA_", "PULSE_", "JACK_", "DBUS_", "XDG_", "LISTEN_"};
    constexpr std::array names{"DISPLAY",        "WAYLAND_DISPLAY", "NOTIFY_SOCKET", "INVOCATION_ID",
                               "JOURNAL_STREAM", "MANAGERPID",      "XAUTHORITY",    "SESSION_MANAGER"};
    for (const std::string_view prefix : prefixes)
        if (name.starts_with(prefix)) return true;
    for (const std::string_view other : names)
        if (name == other) return true;
    return false;
}

/// Reads DIR/env: lines "export NAME=VALUE", the value as bash's printf %q writes it (backslashes).
Process::Environment read_environment(const fs::path &file) {
    Process::Environment result = current_environment();
    std::erase_if(result, [](const auto &entry) { return belongs_to_desktop(entry.first); });
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) {
        constexpr std::string_view prefix = "export ";
        const auto equals = line.find('=');
        if (!line.starts_with(prefix) || equals == std::string::npos) continue;
        std::string value;
        for (std::size_t i = equals + 1; i < line.size(); ++i) {
            if (line[i] == '\\' && i + 1 < line.size()) ++i;
            value += line[i];
        }
        result[line.substr(prefix.size(), equals - prefix.size())] = value;
    }
    return result;
}

const char *name_of(Server server) {
    switch (server) {
    case Server::dbus: return "dbus";
    case Server::pipewire: return "pipewire";
    case Server::wireplumber: break;
    }
    return "wireplumber";
}

} // namespace

std::string simcard_program() { return program("soundwarden-simcard", BENCH_SIMCARD); }
std::string source_program() { return program("soundwarden-source", BENCH_SOURCE); }
std::string jackclient_program() { return program("soundwarden-jackclient", BENCH_JACKCLIENT); }
std::string session_program() { return program("session", BENCH_SESSION); }

Session::Session(const SessionOptions &options) : dir_(make_directory()) {
    std::vector<std::string> argv{session_program(), "run", dir_};
    if (options.quantum != 0) argv.insert(argv.end(), {"--quantum", std::to_string(options.quantum)});
    if (options.rate != 0) argv.insert(argv.end(), {"--rate", std::to_string(options.rate)});
    if (!options.rates.empty()) {
        std::string list;
        for (const unsigned rate : options.rates) list += (list.empty() ? "" : ",") + std::to_string(rate);
        argv.insert(argv.end(), {"--rates", list});
    }
    if (!options.policy) argv.emplace_back("--no-policy");
    if (!keep_files()) argv.emplace_back("--remove");
    runner_ = std::make_unique<Process>(std::move(argv), Process::Environment{}, Process::Lifetime::until_eof);
    if (!runner_->wait_for_line("^ready$", milliseconds{40'000}))
        throw std::runtime_error("the session did not start:\n" + runner_->output() + logs());
    environment_ = read_environment(dir_ / "env");
}

Session::~Session() {
    end();
    if (keep_files()) {
        std::cerr << "kept: " << dir_.string() << '\n';
        return;
    }
    std::error_code ignored;
    fs::remove_all(dir_, ignored);
}

void Session::end() {
    runner_->close_stdin();
    if (!runner_->wait_exit()) runner_->stop();
}

pid_t Session::pid(Server server) const {
    std::ifstream stream(dir_ / (std::string("pid.") + name_of(server)));
    pid_t pid = 0;
    if (!(stream >> pid)) throw std::runtime_error(std::string("no ") + name_of(server) + " in the session");
    return pid;
}

void Session::kill(Server server, int signal) const { ::kill(pid(server), signal); }

void Session::restart(Server server) {
    const std::size_t mark = runner_->mark();
    runner_->write_line(std::string("restart ") + name_of(server));
    if (!runner_->wait_for_line(std::string("^restarted ") + name_of(server), milliseconds{40'000}, mark))
        throw std::runtime_error(std::string("no restart of ") + name_of(server) + ":\n" + runner_->output() + logs());
}

std::unique_ptr<Process> Session::spawn(std::vector<std::string> argv, const Process::Environment &extra) const {
    Process::Environment environment = environment_;
    for (const auto &[name, value] : extra) {
        if (value.empty())
            environment.erase(name);
        else
            environment[name] = value;
    }
    return std::make_unique<Process>(std::move(argv), environment);
}

std::string Session::logs() const {
    std::ostringstream text;
    for (const char *name : {"dbus", "pipewire", "wireplumber"}) {
        std::ifstream log(dir_ / "log" / (std::string(name) + ".log"));
        if (!log) continue;
        text << "--- " << name << '\n';
        if (log.peek() != std::ifstream::traits_type::eof()) text << log.rdbuf(); // an empty one would end the text here
        text << '\n';
    }
    return text.str();
}

} // namespace soundwarden::bench
