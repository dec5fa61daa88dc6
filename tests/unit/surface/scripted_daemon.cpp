// SPDX-License-Identifier: MIT
// A daemon without audio: publishes scenes through the real dbus::Service, as told on standard input. Ends at its end.
// With --system on the system bus.
// The scene that it begins with may be its argument; else it is "laptop".
//
//   scene NAME          publish it
//   burst NAME NAME …   publish all of these, one right after the other
//   posture NAME
//   meter PEAK REDUCTION | meter none | meter throw | meter throw-int
//   wobble N            publish N snapshots that differ in one volume, one right after the other; the last volume is
//   0.5 sleeps              print how often the loop woke up since the last time it was asked stop                leave
//   the bus but stay
//
//   hold                a release is answered only by…
//   released [WHY NOT]
//   refuse [WHY]        guard, release, answer and forget are not allowed; without WHY they are again
//   fail [WHY]          the same as failures
//
// What clients ask for comes as "asked: guard ID on|off", "asked: release ID|all", "asked: answer ID LOAD FACTS", "asked: forget ID|all"
// "asked: explain ID" and "asked: log SINCE MOST WHAT SUBJECT" ("-" for nothing). Each command is answered by "ok"; what the service says comes as "started: …" and "bus: …".
#include "dbus/service.hpp"
#include "poll_loop.hpp"
#include "scenes.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <unistd.h>

namespace {

using namespace soundwarden;

void tell(const std::string &line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

class ScriptedDaemon {
  public:
    ScriptedDaemon(const std::string &first_scene, bool system) : system_(system), snapshot_(test::scene(first_scene).value()) {}
    int run() {
        service_->publish(snapshot_, posture_);
        const auto outcome = service_->start();
        switch (outcome.result) {
        case dbus::Started::ok: tell("started: ok"); break;
        case dbus::Started::no_bus: tell("started: no-bus " + outcome.sentence); break;
        case dbus::Started::name_taken: tell("started: name-taken " + outcome.sentence); return 4;
        }
        const auto input = loop_.watch(STDIN_FILENO, loop::Ready::in, [this](loop::Ready) { read_commands(); });
        loop_.run();
        return loop_.exit_code();
    }

  private:
    void read_commands() {
        std::array<char, 512> bytes{};
        const auto length = read(STDIN_FILENO, bytes.data(), bytes.size());
        if (length <= 0) {
            loop_.quit(0);
            return;
        }
        pending_.append(bytes.data(), static_cast<std::size_t>(length));
        for (auto end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n')) {
            const std::string line = pending_.substr(0, end);
            pending_.erase(0, end + 1);
            obey(line);
        }
    }

    void obey(const std::string &line) {
        std::istringstream words{line};
        std::string verb, argument;
        words >> verb >> argument;
        if (verb == "scene") {
            if (const auto wanted = test::scene(argument)) snapshot_ = *wanted;
            service_->publish(snapshot_, posture_);
        } else if (verb == "burst") {
            for (; !argument.empty(); argument.clear(), words >> argument) {
                if (const auto wanted = test::scene(argument)) snapshot_ = *wanted;
                service_->publish(snapshot_, posture_);
            }
        } else if (verb == "posture") {
            posture_ = from_name<Posture>(argument).value_or(Posture::protect);
            service_->publish(snapshot_, posture_);
        } else if (verb == "meter") {
            meter_mode_ = argument;
            meter_ = {};
            if (argument != "none" && argument != "throw" && argument != "throw-int") {
                dbus::Meter meter;
                meter.peak_dbfs = std::strtod(argument.c_str(), nullptr);
                words >> meter.gain_reduction_db;
                meter_ = meter;
            }
        } else if (verb == "wobble") {
            const int times = std::atoi(argument.c_str());
            for (int n = 1; n <= times; ++n) {
                snapshot_.outputs.at(0).volume = n == times ? 0.5 : 0.001 * n;
                service_->publish(snapshot_, posture_);
            }
        } else if (verb == "hold") {
            hold_ = true;
        } else if (verb == "released") {
            hold_ = false;
            service_->released(rest_of(line));
        } else if (verb == "refuse") {
            refusal_ = rest_of(line);
            allowed_ = false;
        } else if (verb == "fail") {
            refusal_ = rest_of(line);
            allowed_ = true;
        } else if (verb == "sleeps") {
            tell(std::to_string(loop_.wake_ups() - asked_at_));
            asked_at_ = loop_.wake_ups();
        } else if (verb == "stop") {
            service_.reset();
        }
        tell("ok");
    }

    static std::string rest_of(const std::string &line) {
        const auto space = line.find(' ');
        return space == std::string::npos ? "" : line.substr(space + 1);
    }

    std::optional<dbus::Service::Refused> override_for(const OutputId &output, std::optional<Decibels> ceiling, std::chrono::seconds how_long) {
        if (!ceiling) return asked("cancel " + output);
        std::ostringstream text;
        text << "override " << output << " " << ceiling->value << " dBFS " << how_long.count() << " s";
        return asked(text.str());
    }
    std::optional<dbus::Service::Refused> asked(const std::string &what) {
        tell("asked: " + what);
        if (refusal_.empty()) return std::nullopt;
        return dbus::Service::Refused{allowed_, refusal_};
    }

    std::optional<dbus::Service::Refused> answer(const OutputId &output, Load load, const LoadFacts &facts) {
        std::ostringstream text;
        text << "answer " << output << " " << name_of(load) << " " << name_of(facts.model_from);
        if (!facts.model.empty()) text << " model=" << facts.model;
        if (facts.impedance) text << " impedance=" << facts.impedance->value;
        if (facts.sensitivity) text << " sensitivity=" << facts.sensitivity->value;
        return asked(text.str());
    }

    static std::vector<dbus::LogLine> log(const dbus::LogQuestion &question) {
        const auto shown = [](const std::string &word) { return word.empty() ? "-" : word; };
        tell("asked: log " + std::to_string(question.since_unix_ms) + " " + std::to_string(question.most) + " " + shown(question.what) + " " + shown(question.subject));
        std::vector<dbus::LogLine> found;
        for (const auto &line : test::log_scene())
            if (line.unix_ms >= question.since_unix_ms && (question.what.empty() || line.what == question.what) &&
                line.subject.find(question.subject) != std::string::npos)
                found.push_back({line.id, line.unix_ms, line.level, line.what, line.subject, line.text});
        if (found.size() > question.most) found.erase(found.begin(), found.end() - question.most);
        return found;
    }

    /// Of the headphones in the laptop's scene.
    static std::optional<dbus::Explained> explain(const OutputId &output) {
        tell("asked: explain " + output);
        if (output != test::laptop_headphones) return std::nullopt;
        dbus::Explained words;
        words.load = "headphones";
        words.rules = {{"headphone-out/headphones", "builtin:matrix", 25, 1, true, false, false, "matches; one that is read later decides"},
                       {"headphone-out/in-ear", "builtin:matrix", 31, 1, false, false, false, "the load is headphones, not in-ear"},
                       {"mine", "/home/ann/.config/soundwarden/policy.d/50-mine.toml", 4, 1, true, true, false, "the last that matches"}};
        words.sum = {{"116.5 dB SPL at 1 V: class headphones", 116.5, true}, {"full scale 1.4 V", 2.92, true}};
        words.verdict = "limit";
        words.cap_dbfs = -9.41;
        words.target_dba = 100.0;
        words.spl_db = 119.42;
        words.below_db = 0.0;
        return words;
    }

    static std::vector<dbus::CheckLine> checks() {
        return {{"no-wireplumber-part", "fault", "WirePlumber does not run Soundwarden's part", "Protection ends when the daemon does.",
                 "systemctl --user restart wireplumber"},
                {"side-path", "warning", "'Sidetone Playback Switch' of Headset is on", "What comes that way reaches the ear past every limit.",
                 "amixer -c 1 cset name='Sidetone Playback Switch' off"},
                {"inside-sink", "note", "PipeWire 0.3.65 cannot hold a ceiling inside a sink (1.4 can)", "A link past a guard is bounded by a volume.", ""},
                {"policy-invalid", "ok", "the policy files are sound", "", ""}};
    }

    static dbus::GraphPicture graph() {
        const std::string sink = test::laptop_sink;
        return {{{40, "soundwarden." + sink, "Headphones", "guard", sink},
                 {41, "soundwarden." + sink + ".out", "", "out", sink},
                 {35, sink, "Built-in Audio", "sink", sink},
                 {57, "firefox", "Firefox", "stream", sink},
                 {63, "jack-play", "a \"b\"\n", "stream", sink}},
                {{40, 41, false}, {41, 35, false}, {57, 40, false}, {63, 35, true}}};
    }

    std::optional<dbus::Service::Refused> release(const OutputId &output) {
        auto refused = asked("release " + (output.empty() ? "all" : output));
        if (!refused && !hold_) service_->released({});
        return refused;
    }

    std::optional<dbus::Meter> measure() const {
        if (meter_mode_ == "throw") throw std::runtime_error{"the meter broke"};
        if (meter_mode_ == "throw-int") throw 42;
        return meter_;
    }

    bool system_;
    test::PollLoop loop_;
    engine::Snapshot snapshot_;
    Posture posture_ = Posture::protect;
    std::string meter_mode_ = "none";
    std::optional<dbus::Meter> meter_;
    std::string pending_;
    bool hold_ = false;
    std::string refusal_;
    bool allowed_ = false;
    std::uint64_t asked_at_ = 0;
    std::unique_ptr<dbus::Service> service_ = std::make_unique<dbus::Service>(
        loop_,
        dbus::Service::Options{.version = "1.2.3-test",
                               .system = system_,
                               .address = "",
                               .between_signals = std::chrono::milliseconds{50},
                               .first_retry = std::chrono::milliseconds{20},
                               .last_retry = std::chrono::milliseconds{200},
                               .one_reading = std::chrono::milliseconds{0}, // what was told last is what it measures
                               .most_meters = 32},
        [this](const engine::SinkKey &) { return measure(); },
        [](const std::string &sentence) { tell("bus: " + (sentence.empty() ? "back" : sentence)); },
        dbus::Service::Commands{
            .guard = [this](const OutputId &output, bool on) { return asked("guard " + output + (on ? " on" : " off")); },
            .release = [this](const OutputId &output) { return release(output); },
            .reload = [this] { return asked("reload"); },
            .answer = [this](const OutputId &output, Load load, const LoadFacts &facts) { return answer(output, load, facts); },
            .forget = [this](const OutputId &output) { return asked("forget " + (output.empty() ? "all" : output)); },
            .override_for = [this](const OutputId &output, std::optional<Decibels> ceiling,
                                   std::chrono::seconds how_long) { return override_for(output, ceiling, how_long); },
            .panic = [this](bool on) { return asked(on ? "panic" : "resume"); },
            .log = [](const dbus::LogQuestion &question) { return log(question); },
            .explain = [](const OutputId &output) { return explain(output); },
            .checks = [] { return checks(); },
            .graph = [] { return graph(); },
            .greeted = {},
            .dose_history = {},
            .dose_week = {}});
};

} // namespace

int main(int argc, char **argv) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::signal(SIGPIPE, SIG_IGN);
    const std::string first = argc > 1 ? argv[1] : "laptop";
    const bool system = first == "--system";
    return ScriptedDaemon{system ? "laptop" : first, system}.run();
}
