// SPDX-License-Identifier: MIT
#include "rig.hpp"

#include "model/units.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace soundwarden::fault {

using bench::milliseconds;

namespace fs = std::filesystem;

namespace {

constexpr unsigned rate_hz = 48000;
/// Above the ceiling at every gain that the guard may have, and below it where a sink plays without its guard, at −30 dB.
constexpr const char *pressing_db = "0";
constexpr double pressing_level_db = 18.0;
constexpr std::size_t most_commands = 4;

} // namespace

std::string program(const char *variable) {
    const char *path = std::getenv(variable);
    if (path == nullptr) throw std::runtime_error(std::string(variable) + " is not set: run this through meson test");
    return path;
}

bool nightly() { return std::getenv("SOUNDWARDEN_NIGHTLY") != nullptr; }

float Rig::ceiling() { return amplitude_toward_zero(decibels(0.150 / (1.4 * amplitude({-10.0})))); }

Rig::Rig(const Options &options)
    : session({.quantum = options.quantum, .rate = rate_hz}), card(session, {.preset = "desktop", .lockstep = false}),
      judge(card, ceiling()), injection(session.dir() / "fault-page", options.seed),
      random(static_cast<std::mt19937::result_type>(options.seed)), watchdog_s_(options.watchdog_s) {
    for (const char *directory : {"sys/class/sound", "sys/class/input", "proc/asound", "dev/snd", "dev/input"})
        fs::create_directories(session.dir() / "kernel" / directory);
    fs::create_directories(session.config_dir() / "soundwarden" / "policy.d");
    if (options.with_daemon) supervise();
    // Before the first daemon has looked at the machine there is nothing to be judged.
    if (daemon && !daemon->process().wait_for_line("decision:")) throw std::runtime_error("it decides nothing:\n" + daemon->text());
    reconnect();
}

void Rig::supervise() {
    daemon.reset();
    daemon = std::make_unique<Supervisor>(session, program("SOUNDWARDEND"),
                                          Supervisor::Options{.environment = injection.environment(), .watchdog_s = watchdog_s_});
}

void Rig::reconnect() {
    if (!probe || !probe->connected()) probe = std::make_unique<bench::GraphProbe>(session);
    if (source && source->process().running()) return;
    source = std::make_unique<bench::Source>(session,
                                             bench::SourceOptions{.signal = {"tone", "997", pressing_db}, .level_db = pressing_level_db});
}

void Rig::look() {
    if (daemon) daemon->look();
    judge.look();
    std::erase_if(commands_, [](const auto &command) { return !command->running(); });
}

bool Rig::wait_until(const std::function<bool()> &condition, milliseconds timeout) {
    return bench::poll_until(
        [&] {
            look();
            return condition();
        },
        timeout);
}

void Rig::wait(milliseconds time) {
    const auto until = bench::now_ns() + std::chrono::nanoseconds(time).count();
    wait_until([&] { return bench::now_ns() >= until; }, time * 10);
}

void Rig::wait_pressing() {
    const bool pressing = wait_until([&] {
        if (daemon) press(1.0);
        judge.reset_peak();
        wait(milliseconds{100});
        return judge.peak() >= ceiling() * (daemon ? 0.9F : 1.1F);
    }, milliseconds{40'000});
    if (!pressing) throw std::runtime_error("the tone does not press: " + std::to_string(judge.peak()) + '\n' + report());
}

bool Rig::comes_back(double *heard_ms, milliseconds timeout) {
    const auto from = bench::now_ns();
    judge.listen(from);
    const auto steady = [&] {
        if (judge.heard_again_ns() == 0) return false;
        wait(milliseconds{500});
        return bench::now_ns() - judge.heard_ns() < 300'000'000;
    };
    const bool back = wait_until(steady, timeout);
    if (heard_ms != nullptr) *heard_ms = static_cast<double>(judge.heard_again_ns() - from) * 1e-6;
    return back;
}

std::int64_t Rig::plug(bool in) {
    plugged_ = in;
    return card.jack("headphones", in);
}

void Rig::press(double volume) {
    if (!probe || !probe->connected()) return;
    const auto graph = probe->snapshot();
    if (const auto *guard = graph.node(guard_name()))
        probe->set_node_props(guard->id, {.channel_volumes = {static_cast<float>(volume), static_cast<float>(volume)}});
}

void Rig::write_policy(const std::string &text) {
    const auto directory = session.config_dir() / "soundwarden" / "policy.d";
    std::ofstream(directory / ".aside") << text;
    fs::rename(directory / ".aside", directory / "60-test.toml");
}

void Rig::command(std::vector<std::string> arguments) {
    if (commands_.size() >= most_commands) return;
    arguments.insert(arguments.begin(), program("SOUNDWARDEN"));
    commands_.push_back(session.spawn(std::move(arguments)));
}

void Rig::device_node(unsigned number, bool there) {
    const std::string name = "card" + std::to_string(number);
    const auto root = session.dir() / "kernel";
    const auto device = root / "sys/devices/pci0000:00" / ("0000:00:1f." + std::to_string(number)) / "sound" / name;
    const auto node = root / "dev/snd" / ("controlC" + std::to_string(number));
    const auto input = root / "dev/input" / ("event" + std::to_string(number));
    std::error_code ignored;
    fs::remove(node, ignored);
    fs::remove(input, ignored);
    fs::remove(root / "sys/class/sound" / name, ignored);
    fs::remove(root / "sys/class/input" / ("event" + std::to_string(number)), ignored);
    fs::remove_all(device, ignored);
    if (!there) return;
    const auto jack = device / ("input" + std::to_string(number));
    fs::create_directories(jack / "capabilities");
    fs::create_directories(jack / ("event" + std::to_string(number)));
    std::ofstream(device / "id") << "PCH\n";
    std::ofstream(jack / "phys") << "ALSA\n";
    std::ofstream(jack / "name") << "HDA Intel PCH Headphone\n";
    std::ofstream(jack / "capabilities/sw") << "4\n";
    fs::create_symlink(jack, jack / ("event" + std::to_string(number)) / "device");
    fs::create_symlink(device, root / "sys/class/sound" / name, ignored);
    fs::create_symlink(jack / ("event" + std::to_string(number)), root / "sys/class/input" / ("event" + std::to_string(number)), ignored);
    // A character device that can be opened and is neither a card nor a jack; where none may be made, a file.
    for (const auto &path : {node, input})
        if (mknod(path.c_str(), S_IFCHR | 0600, makedev(1, 3)) != 0) std::ofstream(path) << "";
}

std::string Rig::something() {
    switch (random() % 9) {
    case 0:
    case 1:
        plug(!plugged_);
        return plugged_ ? "plug" : "unplug";
    case 2: press(1.0); return "volume up";
    case 3: press(static_cast<double>(1 + random() % 9) / 10.0); return "volume";
    case 4:
        write_policy("schema = 1\n# " + std::to_string(++policies_) + '\n');
        return "policy";
    case 5: command({random() % 2 == 0 ? "status" : "doctor"}); return "command";
    case 6: command({"log"}); return "log";
    case 7:
        if (daemon && daemon->ready()) daemon->signal(SIGHUP); // before that it would end it
        return "reload";
    default: {
        const auto number = static_cast<unsigned>(random() % 3);
        device_node(number, random() % 3 != 0);
        return "device node";
    }
    }
}

bool Rig::answers() {
    return wait_until([&] {
        const auto asked = session.spawn({program("SOUNDWARDEN"), "--timeout", "2", "status"});
        return asked->wait_exit().value_or(bench::ExitStatus{}).code == 0;
    });
}

std::string Rig::deaf_to() {
    for (const bool in : {false, true, false}) {
        if (in == plugged_) continue;
        const auto mark = daemon->process().mark();
        const pid_t process = daemon->pid();
        plug(in);
        const char *decision = in ? "decision: Headphones" : "decision: Line Out";
        if (!wait_until([&] { return daemon->process().wait_for_line(decision, milliseconds{0}, mark).has_value(); }))
            return std::string("a plug: no \"") + decision + '"' + (process == daemon->pid() ? "" : ", and it ended meanwhile");
    }
    constexpr double cap_db = -24.0; // below what the built-in rules give, and above what a sink without its guard plays at
    write_policy("schema = 1\n# " + std::to_string(++policies_) +
                 "\n[[rule]]\nname = \"lower\"\nwhen = { kind = [\"headphone-out\", \"line-out\"] }\nverdict = \"limit\"\ncap = \"-24 dB\"\n");
    const float capped = amplitude_toward_zero({cap_db});
    const bool lower = wait_until([&] {
        judge.reset_peak();
        wait(milliseconds{100});
        return judge.peak() <= capped && judge.peak() >= 0.5F * capped;
    });
    write_policy("schema = 1\n# " + std::to_string(++policies_) + '\n');
    if (!lower) return "a policy file: " + std::to_string(judge.peak()) + " at the sink under a cap of " + std::to_string(capped);
    if (!answers()) return "a question: soundwarden status does not end well";
    return {};
}

std::string Rig::crashes() const {
    std::string text;
    for (const auto &end : daemon->ends())
        for (const int fatal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE})
            if (end.status.signal == fatal) text += "signal " + std::to_string(fatal) + ":\n" + end.last_words;
    return text;
}

std::string Rig::report() const {
    std::string text = "seed " + std::to_string(injection.seed()) + "\ninjected: " + injection.text() + '\n';
    for (const auto &each : judge.first_above())
        text += "above: " + std::to_string(each.sample) + " where " + std::to_string(each.ceiling) + " was the ceiling\n";
    return text + (daemon ? daemon->text() : "no daemon\n") + session.logs();
}

} // namespace soundwarden::fault
