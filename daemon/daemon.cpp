// SPDX-License-Identifier: MIT
#include "daemon.hpp"

#include "files/layers.hpp"
#include "host/data_threads.hpp"
#include "host/journal.hpp"
#include "host/memory.hpp"
#include "host/notify.hpp"
#include "policy/policy_set.hpp"
#include "told.hpp"
#include "version.hpp"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>
#include <utility>

namespace soundwarden {
namespace {

// At most this much of the log is lost with the process.
constexpr Duration longest_unwritten = std::chrono::seconds(30);
constexpr std::size_t most_unwritten = 256;
constexpr Duration longest_farewell = std::chrono::seconds(3);
constexpr Duration between_name_requests = std::chrono::milliseconds(50);

template <class... Each> struct Overloaded : Each... {
    using Each::operator()...;
};
template <class... Each> Overloaded(Each...) -> Overloaded<Each...>;

std::vector<dbus::PolicyWords::Notice> notices_of(const std::vector<policy::Diagnostic> &diagnostics) {
    std::vector<dbus::PolicyWords::Notice> notices;
    for (const auto &each : diagnostics)
        notices.push_back({each.severity == policy::Severity::error ? "error" : "warning", each.file, each.line, each.column, each.message});
    return notices;
}

void log_all(const std::vector<policy::Diagnostic> &diagnostics) {
    for (const auto &each : diagnostics)
        spdlog::log(each.severity == policy::Severity::error ? spdlog::level::err : spdlog::level::warn, "{}", policy::text_of(each));
}

/// "3 errors in the policy files, the first in FILE:LINE:COLUMN: …".
std::string errors_text(const std::vector<policy::Diagnostic> &diagnostics) {
    const auto is_error = [](const policy::Diagnostic &each) { return each.severity == policy::Severity::error; };
    const auto first = std::find_if(diagnostics.begin(), diagnostics.end(), is_error);
    const auto count = std::count_if(diagnostics.begin(), diagnostics.end(), is_error);
    return fmt::format("{} in the policy files, the first in {}:{}:{}: {}", count == 1 ? "an error" : fmt::format("{} errors", count),
                       first->file, first->line, first->column, first->message);
}

dbus::Service::Options bus_options(bool system) {
    dbus::Service::Options options;
    options.version = SOUNDWARDEN_VERSION;
    options.system = system;
    return options;
}

std::string sentence_of(engine::Refusal refusal) {
    switch (refusal) {
    case engine::Refusal::none: break;
    case engine::Refusal::observing: return "the daemon only observes: it was started with --observe, and guards nothing";
    case engine::Refusal::ending: return "the daemon is about to end";
    case engine::Refusal::no_such_output: return "this output has gone";
    case engine::Refusal::locked: return "a locked rule of the administrator's holds it; soundwarden policy show tells which";
    case engine::Refusal::too_loud: return "its rule permits no override that loud";
    case engine::Refusal::too_long: return "its rule permits no override for that long";
    case engine::Refusal::senseless: return "that makes no sense here; see soundwarden(1)";
    }
    return {};
}

sense::Places kernel_places(const std::string &root) {
    if (root.empty()) return {};
    const std::filesystem::path below = root;
    return {below / "sys", below / "proc", below / "dev"};
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
      engine_(options_.engine), deadline_(loop_.timer([this] { tell(engine::Tick{}); })),
      log_timer_(loop_.timer([this] { flush_log(), host::give_back_freed_memory(); })), publishing_(loop_.before_poll([this] { publish(); })),
      sense_(loop_, [this](engine::Event event) { tell(std::move(event)); }, kernel_places(options_.kernel_root)),
      dose_({loop_, engine_, pipewire_, bus_, [this](engine::Event event) { tell(std::move(event)); },
             [this](const engine::Report &report) { say(report); }}),
      pipewire_(main_loop_, [this](engine::Event event) { hear(std::move(event)); }, [this] { dose_.look(); }),
      bus_(loop_, bus_options(options_.system),
           [this](const engine::SinkKey &sink) -> std::optional<dbus::Meter> {
               const auto meter = pipewire_.meter(sink);
               if (!meter) return std::nullopt;
               return dbus::Meter{decibels(meter->peak).value, std::max(0.0, -decibels(meter->reduction).value),
                                  std::min(0.0, decibels(meter->governor).value),
                                  meter->true_peak ? std::optional{decibels(*meter->true_peak).value} : std::nullopt};
           },
           [this](const std::string &sentence) { tell(engine::Degraded{"no-bus", sentence}); },
           {.guard = [this](const OutputId &output, bool on) { return wish(engine_.refusal(output, !on), engine::GuardWish{output, on}); },
            .release = [this](const OutputId &output) { return wish(engine_.refusal(output, true), engine::ReleaseWish{output}); },
            .reload = [this]() -> std::optional<dbus::Service::Refused> {
                const auto wrong = read_policy();
                if (wrong.empty()) return std::nullopt;
                return dbus::Service::Refused{true, wrong};
            },
            .answer = [this](const OutputId &output, Load load, const LoadFacts &facts) {
                const engine::AnswerWish said{output, load, facts};
                return saved(wish(engine_.refusal(said), said));
            },
            .forget = [this](const OutputId &output) { return saved(wish(engine_.refusal(engine::ForgetWish{output}), engine::ForgetWish{output})); },
            .override_for =
                [this](const OutputId &output, std::optional<Decibels> ceiling, std::chrono::seconds how_long) {
                    return override_for({output, ceiling, how_long});
                },
            .panic = [this](bool on) { return wish(engine_.refusal(OutputId{}, false), engine::PanicWish{on}); },
            .log = [this](const dbus::LogQuestion &question) { return read_log(question); },
            .explain = [this](const OutputId &output) -> std::optional<dbus::Explained> {
                const auto explanation = engine_.explain(output);
                return explanation ? std::optional{told(*explanation)} : std::nullopt;
            },
            .checks = [this] { return told(engine::checks_of(engine_.snapshot(), engine_.posture(), machine())); },
            .graph = [this] { return told(pipewire_.graph()); },
            .greeted = [this] { if (store_) store_->put_greeted(), look_at_store(); },
            .dose_history = [this](dose::Span span, std::int64_t since_s) { return dose_.history(span, since_s); },
            .dose_week = [this] { return dose_.week(); }}) {
    for (const int number : {SIGTERM, SIGINT})
        signals_.push_back(loop_.signal(number, [this] { tell(engine::ShutDown{}); }));
    signals_.push_back(loop_.signal(SIGHUP, [this] { read_policy(); }));
}

Daemon::~Daemon() = default;

bool Daemon::start_bus(ExitCode &code) {
    bus_.publish(engine_.snapshot(), engine_.posture());
    auto outcome = bus_.start();
    // The one before may have died so shortly ago that the bus still knows it: who gave up then would never be started again.
    for (const auto until = loop_.now() + longest_farewell; outcome.result == dbus::Started::name_taken && loop_.now() < until; outcome = bus_.start())
        std::this_thread::sleep_for(between_name_requests);
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

/// Before the engine is told anything: a replay begins with a new one.
void Daemon::start_trace() {
    if (options_.trace.empty()) return;
    trace_.emplace(options_.trace);
    recorder_.emplace(trace::Pseudonyms(host::random_number));
    trace_->append(recorder_->header(SOUNDWARDEN_VERSION, options_.engine));
    if (trace_->open()) spdlog::info("trace: all that the engine is told and answers goes to {}", options_.trace);
}

ExitCode Daemon::run() {
    host::Starts starts(host::service_directory());
    if (!wait_after_crashes(starts)) return ExitCode::ok;
    const auto code = serve();
    if (code == ExitCode::ok) starts.end_well();
    return code;
}

/// The service manager starts it anew as often as it ends. False: it was told to end meanwhile.
bool Daemon::wait_after_crashes(host::Starts &starts) {
    const auto wait = starts.begin(host::since_boot());
    if (wait == wait.zero()) return true;
    const std::string sentence = fmt::format("has ended badly again and again; waits {:.1f} s. See: journalctl --user -u soundwarden",
                                             std::chrono::duration<double>(wait).count());
    host::log_event({engine::Level::warning, "start", {}, sentence}, nullptr);
    host::notify_status(sentence);
    bool over = false;
    const auto timer = loop_.timer([&] { over = true, loop_.quit(0); });
    timer->arm(loop_.now() + wait);
    loop_.run();
    return over;
}

ExitCode Daemon::serve() {
    start_trace();
    auto code = ExitCode::ok;
    if (!start_bus(code)) return code;
    store_ = std::make_unique<host::Store>(host::state_directory(options_.state_dir));
    if (!store_->notice().empty()) spdlog::warn("{}", store_->notice());
    tell(store_->load());
    if (!store_->greeted()) bus_.greet();
    look_at_store();
    dose_.take_over(*store_);
    policy_watch_ = std::make_unique<host::FileWatch>(loop_, [this] { read_policy(); });
    read_policy();
    pcm_use_ = std::make_unique<host::PcmUse>(loop_, [this](engine::DirectUse use) { tell(std::move(use)); });
    pcm_use_->look();
    pulseaudio_ = std::make_unique<host::PulseAudioWatch>(loop_, host::runtime_directory(), [this](engine::Degraded now) { tell(std::move(now)); });
    pulseaudio_->look();
    sense_.start();
    const auto connected = pipewire_.connect();
    if (connected.result != pipewire_adapter::Connected::ok) {
        spdlog::error("{}", connected.sentence);
        return connected.result == pipewire_adapter::Connected::no_server ? ExitCode::no_pipewire : ExitCode::bad_installation;
    }
    publish();
    host::notify_ready(status_line(engine_.snapshot()));
    watchdog_ = std::make_unique<host::Watchdog>(loop_, [this] { return pipewire_.progressed(); });
    host::give_back_freed_memory();
    loop_.run();
    dose_.finish();
    host::notify_stopping();
    return static_cast<ExitCode>(loop_.exit_code());
}

// All is read and checked before anything changes. What cannot be read leaves what holds in force; at the start, when nothing
// does yet, the built-in rules hold in the strictest posture, with what root locked in files that are sound.
std::string Daemon::read_policy() {
    const auto layers = files::machine_layers(files::user_directory());
    // Watched before it is read: what changes in between is told.
    auto watched = layers;
    if (!options_.policy_dir.empty()) watched.user = options_.policy_dir; // stands in its place
    policy_watch_->watch(files::directories_to_watch(watched));
    auto texts = options_.policy_dir.empty() ? files::read_layers(layers) : files::read_directory(options_.policy_dir, layers);
    // The nearest directory above one that is not there is watched too, where much else happens.
    if (policy_words_.generation + policy_words_.notices.size() > 0 && texts == policy_texts_) return policy_trouble_;
    policy_texts_ = texts;
    const auto read = policy::load(texts);
    log_all(read.diagnostics);
    policy_words_.notices = notices_of(read.diagnostics);
    std::string wrong;
    if (read.set) {
        ++policy_words_.generation;
        spdlog::info("policy: {} rules, {} facts of outputs, {} models of loads", read.set->rules.size(), read.set->outputs.size(), read.set->loads.size());
        tell(engine::PolicyLoaded{policy_ = read.set, false});
        follow_settings();
    } else {
        wrong = errors_text(read.diagnostics);
        const bool fail_safe = policy_words_.generation == 0;
        auto stand_in = fail_safe ? policy::fail_safe(std::move(texts)) : policy::with_roots_locks(*policy_, std::move(texts));
        if (stand_in) {
            tell(engine::PolicyLoaded{policy_ = std::move(stand_in), fail_safe});
            follow_settings();
        }
        wrong += policy_words_.generation == 0 ? "; until they are mended the built-in rules hold, in posture strict"
                                               : "; what held before goes on until they are mended";
        wrong += ". See: soundwarden policy check";
    }
    tell(engine::Degraded{"policy-invalid", wrong});
    bus_.publish_policy(policy_words_);
    return policy_trouble_ = wrong;
}

void Daemon::follow_settings() {
    const auto &said = policy_->settings;
    dose_.follow(said);
    bus_.allow_notices(!said.notifications || said.notifications->value);
}

// A sink's card is sensed before the sink is judged for the first time: its identity hangs on it.
void Daemon::hear(engine::Event event) {
    if (const auto *seen = std::get_if<engine::SinkSeen>(&event); seen != nullptr && seen->facts.pcm) sense_.look(seen->facts.pcm->card);
    tell(std::move(event));
}

// Carrying out an effect can cause the next event (a stream reports at once): that one waits for its turn.
void Daemon::tell(engine::Event event) noexcept {
    queue_.push_back(std::move(event));
    if (std::exchange(stepping_, true)) return;
    while (!queue_.empty()) {
        const auto next = std::move(queue_.front());
        queue_.pop_front();
        step(next);
    }
    stepping_ = false;
    deadline_->arm(engine_.deadline());
    if (!engine_.releasing()) bus_.released(std::exchange(release_failure_, {}));
}

std::optional<dbus::Service::Refused> Daemon::wish(engine::Refusal refusal, engine::Event event) {
    if (refusal == engine::Refusal::none) {
        tell(std::move(event));
        return std::nullopt;
    }
    return dbus::Service::Refused{refusal == engine::Refusal::no_such_output, sentence_of(refusal)};
}

/// Whoever asks for too much is told how much there is.
std::optional<dbus::Service::Refused> Daemon::override_for(const engine::OverrideWish &said) {
    const auto refusal = engine_.refusal(said);
    auto refused = wish(refusal, said);
    if (!refused || (refusal != engine::Refusal::too_loud && refusal != engine::Refusal::too_long)) return refused;
    for (const engine::OutputView &output : engine_.snapshot().outputs)
        if (output.id == said.output)
            refused->sentence += fmt::format("; at most {:.1f} dBFS, for {} s", output.decision.override_max.value,
                                             std::chrono::duration_cast<std::chrono::seconds>(output.decision.override_for_max).count());
    return refused;
}

engine::Machine Daemon::machine() const {
    const auto server = pipewire_.server();
    const auto threads = host::data_threads();
    const auto warnings = std::count_if(policy_words_.notices.begin(), policy_words_.notices.end(),
                                        [](const auto &notice) { return notice.severity == "warning"; });
    return {server.version, server.holds_max_volume, server.holds_ceiling, threads.count, threads.realtime, host::supervised(),
            static_cast<unsigned>(warnings)};
}

/// What was said holds, but whoever said it is not told that it is kept where it is not.
std::optional<dbus::Service::Refused> Daemon::saved(std::optional<dbus::Service::Refused> refused) {
    if (refused || !store_ || store_->trouble().sentence.empty()) return refused;
    return dbus::Service::Refused{true, "this holds only until the daemon ends: " + store_->trouble().sentence};
}

std::vector<dbus::LogLine> Daemon::read_log(const dbus::LogQuestion &question) {
    host::LogQuery query;
    query.since_unix_ms = question.since_unix_ms;
    query.what = question.what;
    query.subject = question.subject;
    query.most = question.most;
    std::vector<dbus::LogLine> lines;
    for (auto &each : store_ ? store_->read_log(query) : std::vector<host::LogEntry>{})
        lines.push_back({each.id, each.unix_ms, each.level, each.what, each.subject, each.text});
    if (store_) look_at_store();
    return lines;
}

// The store gathers what is logged; it is written twice a minute while something happens, and never by itself.
void Daemon::keep(const engine::Report &report) {
    if (!store_ || report.level == engine::Level::debug) return;
    const auto waiting = store_->log({0, 0, std::string{name_of(report.level)}, report.what, report.sink, report.text});
    if (waiting >= most_unwritten) flush_log();
    else if (!std::exchange(flush_due_, true)) log_timer_->arm(loop_.now() + longest_unwritten);
}

void Daemon::say(const engine::Report &report) {
    const auto &outputs = engine_.snapshot().outputs;
    const auto concerned = std::find_if(outputs.begin(), outputs.end(),
                                        [&](const engine::OutputView &each) { return each.active && each.sink == report.sink; });
    host::log_event(report, concerned == outputs.end() ? nullptr : &*concerned);
    keep(report);
}

void Daemon::flush_log() {
    flush_due_ = !store_->flush();
    if (flush_due_) log_timer_->arm(loop_.now() + longest_unwritten);
    look_at_store();
}

void Daemon::look_at_store() {
    for (const auto &now : {store_->trouble(), store_->set_aside()}) {
        if (std::exchange(told_[now.token], now.sentence) == now.sentence) continue;
        tell(now);
        if (!now.sentence.empty() && !std::exchange(flush_due_, true)) log_timer_->arm(loop_.now() + longest_unwritten); // and tries again
    }
}

void Daemon::step(const engine::Event &event) {
    const auto now = loop_.now();
    const auto effects = engine_.step(event, now);
    // Before anything is done: what ends the daemon while it is carried out is in the trace.
    if (trace_) record(event, now, effects);
    for (const auto &effect : effects) carry_out(effect);
}

void Daemon::record(const engine::Event &event, Time now, const engine::Effects &effects) {
    if (trace_->open()) trace_->append(recorder_->step(engine_, event, now, effects));
    auto trouble = trace_->trouble();
    if (trouble.sentence == told_trace_trouble_) return;
    told_trace_trouble_ = trouble.sentence;
    queue_.push_back(std::move(trouble));
}

void Daemon::carry_out(const engine::Effect &effect) {
    if (const auto *report = std::get_if<engine::Report>(&effect)) {
        say(*report);
    } else if (const auto *kept = std::get_if<engine::ReleaseFailed>(&effect)) {
        release_failure_ += (release_failure_.empty() ? "" : "; ") + kept->sentence;
    } else if (const auto *finish = std::get_if<engine::Finish>(&effect)) {
        loop_.quit(finish->exit_code);
    } else if (!remember(effect)) {
        pipewire_.apply(effect);
    }
}

/// True where the effect was something to be kept for the next run.
bool Daemon::remember(const engine::Effect &effect) {
    if (!store_) return false;
    host::Store &store = *store_;
    const auto kept = std::visit(
        Overloaded{
            [&](const engine::RememberVolume &each) { return store.put_volume(each.output, each.load_class, each.volume), true; },
            [&](const engine::RememberMark &each) {
                if (each.volume) store.put_mark(each.sink, each.route, *each.volume);
                else store.forget_mark(each.sink, each.route);
                return true;
            },
            [&](const engine::RememberLeftAlone &each) { return store.put_left_alone(each.output, each.left_alone), true; },
            [&](const engine::RememberMute &each) { return store.put_mute(each.sink, each.mute), true; },
            [&](const engine::RememberPanic &each) { return store.put_panic(each.on), true; },
            [&](const engine::RememberPanicMute &each) { return store.put_panic_mute(each.sink, each.mute), true; },
            [&](const engine::RememberAnswer &each) { return store.put_answer(each.output, each.answer, each.age, each.plugs), true; },
            [](const auto &) { return false; },
        },
        effect);
    if (kept) look_at_store();
    return kept;
}

void Daemon::publish() {
    if (engine_.revision() == published_) return;
    published_ = engine_.revision();
    const auto &snapshot = engine_.snapshot();
    bus_.publish(snapshot, engine_.posture());
    if (auto line = status_line(snapshot); line != told_status_) host::notify_status(told_status_ = std::move(line));
}

} // namespace soundwarden
