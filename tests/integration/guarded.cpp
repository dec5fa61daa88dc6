// SPDX-License-Identifier: MIT
#include "guarded.hpp"

#include "bench/clock.hpp"

#include <cmath>
#include <cstdlib>
#include <stdexcept>

namespace soundwarden::integration {

using bench::Graph;
using bench::Recording;

std::string program(const char *variable) {
    const char *path = std::getenv(variable);
    if (path == nullptr) throw std::runtime_error(std::string(variable) + " is not set: run this through meson test");
    return path;
}

bool nightly() { return std::getenv("SOUNDWARDEN_NIGHTLY") != nullptr; }

Daemon::Daemon(const bench::Session &session, std::vector<std::string> options) {
    std::vector<std::string> argv{program("SOUNDWARDEND"), "--state-dir", (session.dir() / "soundwarden").string()};
    // The machine's own cards are none of the session's.
    if (std::find(options.begin(), options.end(), "--kernel-root") == options.end())
        argv.insert(argv.end(), {"--kernel-root", (session.dir() / "kernel").string()});
    // Tests play steady tones at the ceiling for as long as they like; the governor has tests of its own.
    if (std::find(options.begin(), options.end(), "--ear-target") == options.end()) argv.insert(argv.end(), {"--ear-target", "140"});
    argv.insert(argv.end(), options.begin(), options.end());
    process_ = session.spawn(argv);
}

std::int64_t Daemon::wait_report(const std::string &pattern, std::size_t from) {
    const auto line = process_->wait_for_line(pattern, bench::default_timeout(), from);
    if (!line) throw std::runtime_error("the daemon did not say \"" + pattern + "\":\n" + process_->output());
    return line->t_ns;
}

Guarded::Guarded(const bench::SimCardOptions &card_options, const bench::SessionOptions &session_options, bool with_daemon)
    : session(session_options), card(session, card_options), probe(session) {
    if (!with_daemon) return;
    daemon = std::make_unique<Daemon>(session);
    daemon->wait_report("decision:");
}

std::string Guarded::guard_name(const std::string &sink) const { return "soundwarden." + (sink.empty() ? card.sink() : sink); }

void Guarded::set_user_volume(double amplitude) {
    const auto value = static_cast<float>(amplitude);
    const auto node = probe.wait_node(guard_name());
    const std::size_t channels = std::stoul(bench::get(node.properties, "audio.channels"));
    if (!probe.set_node_props(node.id, {.channel_volumes = std::vector<float>(channels, value)}))
        throw std::runtime_error("the guard's node has gone\n" + daemon->process().output());
    // From 1.x on a node that has never played does not show what was written to it: the samples tell, so this only gives
    // a node that does show it the time to.
    probe.wait_until(
        [&](const Graph &graph) {
            const auto *guard = graph.node(guard_name());
            return guard != nullptr && !guard->props.channel_volumes.empty() && guard->props.channel_volumes.front() == value;
        },
        bench::milliseconds{500});
}

double Guarded::user_volume() {
    const auto node = probe.wait_node(guard_name());
    return node.props.channel_volumes.empty() ? NAN : static_cast<double>(node.props.channel_volumes.front());
}

std::int64_t Guarded::plug(bool in) {
    if (!daemon) {
        const auto from = card.mark();
        const auto when = card.jack("headphones", in);
        card.wait_route(in ? "analog-output-headphones" : "analog-output-speaker", from);
        return when;
    }
    const auto from = daemon->mark();
    const auto when = card.jack("headphones", in);
    daemon->wait_report(in ? "decision: Headphones" : "decision: Speaker", from);
    return when;
}

void Guarded::wait_level(double level) {
    Recording recording = card.recording();
    const auto newest = [&] { return recording.peak(recording.frames() > 960 ? recording.frames() - 960 : 0); };
    const auto reached = bench::poll_until([&] {
        recording.refresh();
        return newest() >= static_cast<float>(level);
    });
    if (!reached)
        throw std::runtime_error("the level at the sink stays at " + std::to_string(newest()) + ", wanted " + std::to_string(level) +
                                 "\n" + (daemon ? daemon->process().output() : "no daemon"));
}

WithoutWarden::WithoutWarden(const bench::Session &session) : probe_(session) {
    const auto cut = [this] {
        bool any = false;
        for (const auto &[id, properties] : probe_.snapshot().clients)
            if (bench::get(properties, "application.name") == "Soundwarden link warden") any = probe_.destroy(id);
        return any;
    };
    if (!bench::poll_until(cut)) throw std::runtime_error("there is no link warden");
    probe_.sync();
    thread_ = std::thread([this, cut] {
        while (!stop_.load()) {
            cut();
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    });
}

WithoutWarden::~WithoutWarden() {
    stop_ = true;
    thread_.join();
}

bench::Recording::Frame quiet_from(const bench::Recording &recording, float level, bench::Recording::Frame from,
                                   bench::Recording::Frame end) {
    auto at = from;
    while (const auto above = recording.first_above(level, at, end)) at = *above + 1;
    return at;
}

} // namespace soundwarden::integration
