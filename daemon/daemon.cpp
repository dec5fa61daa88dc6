// SPDX-License-Identifier: MIT
#include "daemon.hpp"

#include "host/notify.hpp"
#include "version.hpp"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <utility>

namespace soundwarden {
namespace {

spdlog::level::level_enum level_of(engine::Level level) {
    switch (level) {
    case engine::Level::debug: return spdlog::level::debug;
    case engine::Level::info: return spdlog::level::info;
    case engine::Level::warning: return spdlog::level::warn;
    case engine::Level::error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

// Rules are built in until policy files are read: somebody who handed some over must not believe that they hold.
bool holds_policy_files(const std::string &directory) {
    std::error_code error;
    for (const auto &entry : std::filesystem::directory_iterator(directory, error))
        if (entry.path().extension() == ".toml") return true;
    return false;
}

dbus::Service::Options bus_options() {
    dbus::Service::Options options;
    options.version = SOUNDWARDEN_VERSION;
    return options;
}

std::string sentence_of(engine::Refusal refusal) {
    switch (refusal) {
    case engine::Refusal::none: break;
    case engine::Refusal::observing: return "the daemon only observes: it was started with --observe, and guards nothing";
    case engine::Refusal::ending: return "the daemon is about to end";
    case engine::Refusal::no_such_output: return "this output has gone";
    }
    return {};
}

std::string status_line(const engine::Snapshot &snapshot) {
    std::size_t limited = 0;
    for (const auto &output : snapshot.outputs)
        if (output.active && output.decision.verdict != Verdict::allow) ++limited;
    return fmt::format("{}: {} outputs, {} limited", name_of(snapshot.state), snapshot.outputs.size(), limited);
}

} // namespace

Daemon::Daemon(std::shared_ptr<pipewire_adapter::MainLoop> loop, Options options)
    : options_(std::move(options)), main_loop_(std::move(loop)), loop_(pipewire_adapter::as_loop(*main_loop_)),
      engine_(engine::Settings{.posture = options_.posture, .hold_devices = options_.hold_devices}), deadline_(loop_.timer([this] { tell(engine::Tick{}); })),
      pipewire_(main_loop_, [this](engine::Event event) { tell(std::move(event)); }),
      bus_(loop_, bus_options(),
           [this](const engine::SinkKey &sink) -> std::optional<dbus::Meter> {
               const auto meter = pipewire_.meter(sink);
               if (!meter) return std::nullopt;
               return dbus::Meter{decibels(meter->peak).value, std::max(0.0, -decibels(meter->reduction).value)};
           },
           [this](const std::string &sentence) { tell(engine::Degraded{"no-bus", sentence}); },
           {.guard = [this](const OutputId &output, bool on) { return wish(output, engine::GuardWish{output, on}); },
            .release = [this](const OutputId &output) { return wish(output, engine::ReleaseWish{output}); }}) {
    for (const int number : {SIGTERM, SIGINT})
        signals_.push_back(loop_.signal(number, [this] { tell(engine::ShutDown{}); }));
    signals_.push_back(loop_.signal(SIGHUP, [] { spdlog::info("nothing to read again: the rules are built in"); }));
}

Daemon::~Daemon() = default;

bool Daemon::start_bus(ExitCode &code) {
    bus_.publish(engine_.snapshot(), options_.posture);
    const auto outcome = bus_.start();
    if (outcome.result == dbus::Started::name_taken) {
        spdlog::error("{}", outcome.sentence);
        code = ExitCode::name_taken;
        return false;
    }
    if (outcome.result == dbus::Started::no_bus) {
        spdlog::warn("{}", outcome.sentence);
        tell(engine::Degraded{"no-bus", outcome.sentence});
    }
    return true;
}

ExitCode Daemon::run() {
    auto code = ExitCode::ok;
    if (!start_bus(code)) return code;
    store_ = std::make_unique<host::Store>(host::state_directory(options_.state_dir));
    if (!store_->notice().empty()) spdlog::warn("{}", store_->notice());
    tell(store_->load());
    tell(store_->trouble());
    if (!options_.policy_dir.empty() && holds_policy_files(options_.policy_dir))
        tell(engine::Degraded{"policy-unread", fmt::format("the policy files in {} are not read by this version: the built-in "
                                                           "rules hold. Start soundwardend without --policy-dir",
                                                           options_.policy_dir)});
    pcm_use_ = std::make_unique<host::PcmUse>(loop_, [this](engine::DirectUse use) { tell(std::move(use)); });
    pcm_use_->look();
    const auto connected = pipewire_.connect();
    if (connected.result != pipewire_adapter::Connected::ok) {
        spdlog::error("{}", connected.sentence);
        return connected.result == pipewire_adapter::Connected::no_server ? ExitCode::no_pipewire : ExitCode::bad_installation;
    }
    host::notify_ready(status_line(engine_.snapshot()));
    loop_.run();
    host::notify_stopping();
    return static_cast<ExitCode>(loop_.exit_code());
}

// Carrying out an effect can cause the next event (a stream reports at once): that one waits for its turn.
void Daemon::tell(engine::Event event) {
    queue_.push_back(std::move(event));
    if (std::exchange(stepping_, true)) return;
    while (!queue_.empty()) {
        const auto next = std::move(queue_.front());
        queue_.pop_front();
        step(next);
    }
    stepping_ = false;
    deadline_->arm(engine_.deadline());
    publish();
    if (!engine_.releasing()) bus_.released(std::exchange(release_failure_, {}));
}

std::optional<dbus::Service::Refused> Daemon::wish(const OutputId &output, engine::Event event) {
    const auto refusal = engine_.refusal(output);
    if (refusal == engine::Refusal::none) {
        tell(std::move(event));
        return std::nullopt;
    }
    return dbus::Service::Refused{refusal == engine::Refusal::no_such_output, sentence_of(refusal)};
}

void Daemon::step(const engine::Event &event) {
    for (const auto &effect : engine_.step(event, loop_.now())) carry_out(effect);
}

void Daemon::carry_out(const engine::Effect &effect) {
    if (const auto *report = std::get_if<engine::Report>(&effect)) {
        spdlog::log(level_of(report->level), "{}: {}", report->what, report->text);
    } else if (const auto *volume = std::get_if<engine::RememberVolume>(&effect)) {
        if (store_) store_->put_volume(volume->output, volume->load_class, volume->volume);
    } else if (const auto *mark = std::get_if<engine::RememberMark>(&effect)) {
        if (store_ && mark->volume) store_->put_mark(mark->sink, mark->route, *mark->volume);
        else if (store_) store_->forget_mark(mark->sink, mark->route);
    } else if (const auto *output = std::get_if<engine::RememberLeftAlone>(&effect)) {
        if (store_) store_->put_left_alone(output->output, output->left_alone);
    } else if (const auto *mute = std::get_if<engine::RememberMute>(&effect)) {
        if (store_) store_->put_mute(mute->sink, mute->mute);
    } else if (const auto *kept = std::get_if<engine::ReleaseFailed>(&effect)) {
        release_failure_ += (release_failure_.empty() ? "" : "; ") + kept->sentence;
    } else if (const auto *finish = std::get_if<engine::Finish>(&effect)) {
        loop_.quit(finish->exit_code);
    } else {
        pipewire_.apply(effect);
        return;
    }
    if (store_) {
        auto trouble = store_->trouble();
        if (trouble.sentence != told_trouble_) {
            told_trouble_ = trouble.sentence;
            queue_.push_back(std::move(trouble));
        }
    }
}

void Daemon::publish() {
    if (engine_.revision() == published_) return;
    published_ = engine_.revision();
    const auto snapshot = engine_.snapshot();
    bus_.publish(snapshot, options_.posture);
    host::notify_status(status_line(snapshot));
}

} // namespace soundwarden
