// SPDX-License-Identifier: MIT
// What happens in a soak.
#include "soak.hpp"

#include "model/units.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <limits>
#include <sys/socket.h>

namespace soundwarden::fault {

using bench::milliseconds;
using bench::Server;

namespace {

/// An end of the daemon this long after a fault that may end it is that fault's: what it left broken may show late.
constexpr std::int64_t shows_within_ns = 20 * second_ns;
/// From asking the command line to the override in force, on a machine with much else to do.
constexpr std::int64_t override_asked_within_ns = 5 * second_ns;

} // namespace

const Soak::Action Soak::actions[] = {
    {"plug", 12, false, &Soak::plug},
    {"volume", 8, false, &Soak::volume},
    {"policy", 6, false, &Soak::policy},
    {"override", 6, false, &Soak::overriding},
    {"client", 10, false, &Soak::client},
    {"watching client", 4, false, &Soak::watcher},
    {"stream", 8, false, &Soak::stream},
    {"SIGHUP", 3, false, &Soak::reload},
    {"device node", 6, false, &Soak::nodes},
    {"clock jump", 3, false, &Soak::clock},
    {"SIGSTOP", 2, false, &Soak::stopped},
    {"lost real time", 1, false, &Soak::priority},
    {"EINTR", 3, false, &Soak::interrupted},
    {"card away", 2, false, &Soak::device},
    {"bus away", 3, true, &Soak::bus},
    {"kill -9", 4, true, &Soak::killed},
    {"SIGTERM", 3, true, &Soak::terminated},
    {"failing calls", 6, true, &Soak::failing_calls},
    {"half-closed socket", 3, true, &Soak::half_closed},
    {"nonsense on a socket", 3, true, &Soak::nonsense},
    {"memory pressure", 2, true, &Soak::memory},
    {"PipeWire away", 1, true, &Soak::server},
    {nullptr, 0, false, nullptr},
};

void Soak::plug() {
    if (edge_) return; // each is to be decided
    plugged_ = !plugged_;
    edge_ = Edge{0, rig_.daemon->process().mark(), rig_.daemon->pid(), plugged_ ? "decision: Headphones" : "decision: Line Out"};
    edge_->t_ns = rig_.plug(plugged_);
}

void Soak::volume() { rig_.press(0.3 + 0.1 * static_cast<double>(rig_.random() % 8)); }

void Soak::policy() {
    // An override that runs goes on over it, until its time is over.
    cap_db_ = -12.0 - 3.0 * static_cast<double>(rig_.random() % 3);
    policy_mark_ = rig_.daemon->process().mark();
    policy_process_ = rig_.daemon->pid();
    policy_read_ = false;
    policy_written_ns_ = bench::now_ns();
    char text[400];
    std::snprintf(text, sizeof text,
                  "schema = 1\n# %u\n[[rule]]\nname = \"soak\"\nwhen = { kind = [\"headphone-out\", \"line-out\"] }\nverdict = \"limit\"\ncap = \"%.0f dB\"\n"
                  "override-max = \"%.0f dB\"\noverride-for-max = \"10 min\"\n",
                  ++policies_, cap_db_, cap_db_ + 2.0);
    loosen(cap_db_);
    rig_.write_policy(text);
    tighten();
}

void Soak::overriding() {
    if (cap_db_ > -11.0) return; // no policy that permits one yet
    const double ceiling = cap_db_ + static_cast<double>(rig_.random() % 3);
    const auto seconds = 1 + static_cast<std::int64_t>(rig_.random() % 3);
    loosen(ceiling);
    override_db_ = std::max(ceiling, override_db_.value_or(ceiling)); // the one before may still act
    override_until_ns_ = std::max(override_until_ns_, bench::now_ns() + seconds * second_ns + override_asked_within_ns);
    char text[16];
    std::snprintf(text, sizeof text, "%.0f", ceiling);
    rig_.command({"override", plugged_ ? "Headphones" : "Line Out", "--ceiling=" + std::string(text), "--for", std::to_string(seconds) + "s"});
}

void Soak::client() {
    static const std::vector<std::vector<std::string>> questions{
        {"status"}, {"status", "-o", "json"}, {"doctor"}, {"graph"}, {"log", "-n", "20"}, {"dose"}, {"explain", "Line Out"}, {"show", "Headphones"},
        {"meter", "-n", "3", "--interval", "0.1"}, {"answer", "Headphones", "headphones"}, {"forget", "--all"}};
    rig_.command(questions[rig_.random() % questions.size()]);
}

/// One that stays for a while and is killed.
void Soak::watcher() {
    if (watchers_.size() >= 3) return;
    const std::vector<std::string> verb = rig_.random() % 2 == 0 ? std::vector<std::string>{"monitor"} : std::vector<std::string>{"meter", "-o", "jsonl", "--interval", "0.05"};
    std::vector<std::string> argv{program("SOUNDWARDEN")};
    argv.insert(argv.end(), verb.begin(), verb.end());
    watchers_.emplace_back(bench::now_ns() + static_cast<std::int64_t>(1 + rig_.random() % 3) * second_ns, rig_.session.spawn(argv));
}

void Soak::stream() {
    if (streams_.size() >= 3) return;
    streams_.push_back(std::make_unique<bench::Source>(
        rig_.session, bench::SourceOptions{.signal = {"tone", std::to_string(200 + rig_.random() % 5000), "0"},
                                           .level_db = static_cast<double>(rig_.random() % 30) - 20.0,
                                           .seconds = 0.5 + static_cast<double>(rig_.random() % 4),
                                           .name = "soak-" + std::to_string(rig_.random() % 1000)}));
}

void Soak::reload() {
    if (rig_.daemon->ready()) rig_.daemon->signal(SIGHUP); // before that it would end it
}

void Soak::nodes() { rig_.device_node(static_cast<unsigned>(rig_.random() % 3), rig_.random() % 3 != 0); }

void Soak::clock() {
    const auto hours = static_cast<std::int64_t>(rig_.random() % 200) - 100;
    rig_.injection.move_clock(std::chrono::hours(hours));
}

void Soak::stopped() {
    rig_.daemon->signal(SIGSTOP);
    if (rig_.random() % 2 == 0) volume();
    rig_.wait(milliseconds{100 + rig_.random() % 900});
    rig_.daemon->signal(SIGCONT);
}

void Soak::priority() { take_realtime(rig_.daemon->pid()); }

void Soak::interrupted() {
    rig_.injection.start(bit(Class::wait), 3);
    rig_.wait(milliseconds{300});
    rig_.injection.stop();
}

void Soak::device() {
    edge_.reset();
    rig_.card.remove();
    rig_.wait(milliseconds{rig_.random() % 500});
    rig_.card.add_again("desktop");
    rig_.plug(plugged_);
    quiet_until_ns_ = bench::now_ns();
}

// --- What may end the daemon, or take the sound away ---------------------------------------------------------------------------------

void Soak::bus() {
    rig_.session.restart(Server::dbus);
    quiet_until_ns_ = bench::now_ns();
}

void Soak::killed() {
    rig_.daemon->end(SIGKILL);
    if (rig_.random() % 2 == 0) expect_sound_after("kill -9");
}

void Soak::terminated() {
    rig_.daemon->end(SIGTERM);
    if (storm_ && rig_.random() % 2 == 0) expect_sound_after("SIGTERM");
}

// A policy that cannot be read at a start is none: then the built-in rules hold.
void Soak::failing_calls() {
    loosen(decibels(static_cast<double>(Rig::ceiling())).value);
    provoked_until_ns_ = std::numeric_limits<std::int64_t>::max();
    const auto classes = static_cast<std::uint32_t>(rig_.random()) & all_classes;
    rig_.injection.start(classes);
    if (rig_.random() % 3 == 0) rig_.daemon->end(SIGTERM);
    for (int turn = 0; turn < 3; ++turn) {
        plug();
        client();
        wait(milliseconds{200 + rig_.random() % 300});
    }
    rig_.injection.stop();
    provoked_until_ns_ = bench::now_ns() + shows_within_ns;
    expect_sound_after("failing calls");
    policy();
}

void Soak::half_closed() {
    provoked_until_ns_ = bench::now_ns() + shows_within_ns;
    Connections::to(rig_.daemon->pid(), "pipewire-0").half_close(rig_.random(), rig_.random() % 2 == 0 ? SHUT_RD : SHUT_WR);
    if (rig_.random() % 2 == 0) expect_sound_after("a half-closed socket");
}

void Soak::nonsense() {
    provoked_until_ns_ = bench::now_ns() + shows_within_ns;
    {
        const bool to_daemon = rig_.random() % 2 == 0;
        const auto connections = to_daemon ? Connections::accepted(rig_.session.pid(Server::pipewire), rig_.daemon->pid())
                                           : Connections::to(rig_.daemon->pid(), "pipewire-0");
        connections.garble(rig_.random(), rig_.random);
    } // with a copy of it left, the daemon's end of a connection would be no end to the server
    if (rig_.random() % 2 == 0) expect_sound_after("nonsense on a socket");
}

void Soak::memory() {
    provoked_until_ns_ = bench::now_ns() + shows_within_ns;
    {
        const MemoryPressure pressure(rig_.daemon->pid(), rig_.random() % (2U << 20U));
        plug();
        client();
        wait(milliseconds{500});
    }
    expect_sound_after("memory pressure");
}

void Soak::server() {
    rig_.session.kill(Server::pipewire, SIGKILL);
    rig_.session.restart(Server::pipewire);
    rig_.card.command("connect");
    streams_.clear();
    expect_sound_after("PipeWire's restart");
    rig_.plug(plugged_);
}

} // namespace soundwarden::fault
