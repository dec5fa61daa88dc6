// SPDX-License-Identifier: MIT
#include "story.hpp"

#include "bench/clock.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <limits>
#include <regex>
#include <stdexcept>
#include <utility>

namespace soundwarden::demo {

namespace {

using Json = nlohmann::json;

constexpr double far_too_loud_db = 20.0;
constexpr double full_scale_db = 0.0;
constexpr double quiet_db = -24.0; // at 150 % no sample comes near the ceiling, nor near that of a settling
constexpr double speaker_slider = 0.4;
constexpr double display_seconds = 0.4; // how much sound a level on the screen stands for
constexpr double whole_word_seconds = 1.2; // how much of it there must be for a full-scale sample to be in it
constexpr double quiet_margin_db = 6.0; // it is quiet when nothing is louder than what follows by more than this
constexpr double steady_step_seconds = 0.25;
constexpr double steady_within_db = 0.02;
constexpr double restore_seconds = 0.2; // until the session manager has written a new route's volume for the second time
constexpr int most_steady_steps = 80;
// From an edge on this long a level is not yet "after" it, on the screen: the promised 10 ms and a cycle, with some room.
constexpr std::int64_t clamp_room_ns = 30'000'000;
constexpr const char *speaker_route = "analog-output-speaker";
constexpr const char *headphones_route = "analog-output-headphones";

/// What the slider of a desktop makes of its position: the cube.
float volume_of(double slider) { return static_cast<float>(slider * slider * slider); }

/// 5 ms at any rate, as a power of two: short, so that the timeline is sharp.
unsigned quantum_for(std::uint32_t rate_hz) { return std::max(32U, std::bit_floor(rate_hz * 256U / 48'000U)); }

std::string percent(double slider) { return std::to_string(std::lround(slider * 100.0)) + " %"; }

bench::SimCardOptions card_options(std::uint32_t rate_hz) {
    bench::SimCardOptions options;
    options.preset = "laptop";
    options.rate = std::to_string(rate_hz);
    return options;
}

std::unique_ptr<bench::Process> start_music(const bench::Session &session, const Programme &programme, const std::string &record) {
    const auto file = session.dir() / "programme.wav";
    write_wav(file, programme.rate_hz, 2, programme.samples);
    return session.spawn({bench::source_program(), "--name", "Music", "--level=" + std::to_string(far_too_loud_db), "--record", record,
                          "--signal", "file", file});
}

std::string recording_of(const bench::SimCard &card) {
    return card.wait_event("sink-bound").at("recording").get<std::string>();
}

/// A line of the daemon's log: "03:35:10.139 info    edge: Headphones available: no -> yes".
struct LogLine {
    std::string what; ///< a stable token ("edge", "decision", …)
    std::string text;
};

std::optional<LogLine> parse_log(const std::string &line) {
    static const std::regex pattern("^[0-9:.]+ [a-z]+ +([a-z-]+): (.*)$");
    std::smatch match;
    if (!std::regex_match(line, match, pattern)) return std::nullopt;
    return LogLine{match[1], match[2]};
}

std::optional<Json> parse_json(const bench::OutputLine &line) {
    if (line.from_stderr || !line.text.starts_with('{')) return std::nullopt;
    auto json = Json::parse(line.text, nullptr, false);
    if (json.is_discarded()) return std::nullopt;
    return json;
}

/// The outputs that a line of `soundwarden monitor -o jsonl` tells of.
std::vector<Json> outputs_in(const Json &line) {
    const std::string event = line.value("event", "");
    if (event == "snapshot") return line.value("outputs", std::vector<Json>{});
    if (event == "added" || event == "changed") return {line};
    return {};
}

nlohmann::ordered_json output_fields(const Json &output) {
    nlohmann::ordered_json fields;
    for (const char *key : {"id", "name", "active", "availability", "confidence", "verdict", "state", "cap_dbfs", "ceiling_dbfs",
                            "volume", "mute", "start_level_db"})
        if (output.contains(key)) fields[key] = output[key];
    const auto loads = output.value("loads", Json::array());
    if (!loads.empty()) fields["load"] = loads.front().value("load", "unknown");
    return fields;
}

} // namespace

Story::Story(const Programs &programs, const Programme &programme, Screen &screen)
    : programs_(programs), screen_(screen), rate_hz_(programme.rate_hz), title_(programme.title),
      session_({.quantum = quantum_for(programme.rate_hz), .rate = programme.rate_hz}), card_(session_, card_options(programme.rate_hz)),
      played_path_(session_.dir() / "played"), watch_(session_, card_.sink(), timeline_),
      source_(start_music(session_, programme, played_path_)), meter_(played_path_, recording_of(card_)) {
    source_.wait_event([](const Json &event) { return event.value("state", "") == "streaming"; });
    const std::int64_t now = bench::now_ns();
    screen_.start(now);
    timeline_.add(now, "source-level", {{"db", far_too_loud_db}});
}

void Story::tell() {
    without_the_daemon();
    start_the_daemon();
    plug_headphones();
    other_program();
    turn_up();
    unplug();
    chatter();
    terminate();
    restart();
    take_status();
    phase("end");
    wait_seconds(0.1);
    source_.process().write_line("stop");
    source_.process().wait_exit();
    daemon_->stop();
    monitor_->stop();
}

// --- what happens -------------------------------------------------------------------------------------------------

std::int64_t Story::jack(bool in) {
    const std::int64_t t = card_.jack("headphones", in);
    timeline_.add(t, "edge", {{"jack", "headphones"}, {"in", in}});
    return t;
}

std::int64_t Story::slide(double slider) {
    const std::int64_t t = bench::now_ns();
    timeline_.add(t, "volume", {{"by", "user"}, {"of", "guard"}, {"volume", volume_of(slider)}});
    watch_.probe().change_sink_volume(watch_.guard(), volume_of(slider));
    return t;
}

std::int64_t Story::slide_on_card(double slider, bool by_user) {
    const std::int64_t t = bench::now_ns();
    timeline_.add(t, "volume", {{"by", by_user ? "user" : "program"}, {"of", "card"}, {"volume", volume_of(slider)}});
    if (by_user) watch_.probe().change_sink_volume(card_.sink(), volume_of(slider));
    else if (!watch_.probe().set_sink_volume(card_.sink(), volume_of(slider)))
        throw std::runtime_error("the card's volume cannot be set");
    return t;
}

std::int64_t Story::play_at(double db) {
    const std::int64_t t = bench::now_ns();
    timeline_.add(t, "source-level", {{"db", db}});
    source_.command("level " + std::to_string(db));
    return t;
}

/// The cue of the first limit is sound that is not in the music: in a quiet passage the judge would take it for a level that leapt up.
void Story::silence_the_cue() const {
    const std::filesystem::path directory = session_.config_dir() / "soundwarden" / "policy.d";
    std::filesystem::create_directories(directory);
    std::ofstream(directory / "60-demo.toml") << "schema = 1\n[settings]\ncue = false\n";
}

void Story::spawn_daemon() {
    silence_the_cue();
    timeline_.add(bench::now_ns(), "daemon-start");
    daemon_ = session_.spawn({programs_.daemon, "--state-dir", session_.state_dir() / "soundwarden", "--kernel-root", session_.state_dir() / "kernel",
                              "--ear-target", "140"});
}

void Story::phase(const std::string &name) { timeline_.add(bench::now_ns(), "phase", {{"name", name}}); }

// --- waiting ------------------------------------------------------------------------------------------------------

void Story::wait_seconds(double seconds) {
    card_.wait_frames(static_cast<std::uint64_t>(seconds * static_cast<double>(rate_hz_)));
}

/// Until the gain stands still; what follows is noted as the phase's steady part.
void Story::steady() {
    double before = std::numeric_limits<double>::quiet_NaN();
    for (int step = 0; step < most_steady_steps; ++step) {
        wait_seconds(steady_step_seconds);
        const double now = 20.0 * std::log10(meter_.last_gain(steady_step_seconds / 2).value_or(0.0));
        if (std::fabs(now - before) <= steady_within_db) {
            timeline_.add(bench::now_ns(), "steady");
            return;
        }
        before = now;
    }
    throw std::runtime_error("the level does not come to rest");
}

/// Until the session manager has chosen this route and everybody can see it.
void Story::wait_route(const std::string &route) {
    const bool there = watch_.probe().wait_until([&](const bench::Graph &graph) {
        const bench::GraphNode *sink = graph.node(card_.sink());
        const bench::GraphRoute *active = sink == nullptr ? nullptr : graph.route_of(*sink);
        return active != nullptr && active->name == route;
    });
    if (!there) throw std::runtime_error("nobody chooses the route " + route);
}

std::int64_t Story::wait_decided(std::size_t from_line) {
    const auto line = daemon_->wait_for_line(" decision: ", bench::default_timeout(), from_line);
    if (!line) throw std::runtime_error("the daemon does not decide:\n" + daemon_->output());
    const auto log = parse_log(line->text);
    screen_.line(line->t_ns, Who::decided, log ? log->text : line->text);
    return line->t_ns;
}

/// The daemon's line about an edge: what it noticed, and after the last "; " what it did at once.
void Story::show_sensed(std::size_t from_line) {
    const auto line = daemon_->wait_for_line(" edge: ", bench::default_timeout(), from_line);
    if (!line) throw std::runtime_error("the daemon does not notice:\n" + daemon_->output());
    const auto log = parse_log(line->text);
    const std::string text = log ? log->text : line->text;
    const std::size_t split = text.rfind("; ");
    screen_.line(line->t_ns, Who::sensed, text.substr(0, split));
    if (split != std::string::npos) screen_.line(line->t_ns, Who::done, "turned down at once: " + text.substr(split + 2));
}

/// Shows how quiet it was between an edge and the end of settling, and waits for that end.
void Story::show_settling(std::int64_t edge, double before_db, std::size_t from_line, const std::string &remark) {
    const auto line = daemon_->wait_for_line(" decision: ", bench::default_timeout(), from_line);
    if (!line) throw std::runtime_error("the daemon does not decide:\n" + daemon_->output());
    const double low_db = meter_.peak_db(edge + clamp_room_ns, line->t_ns);
    const double quiet_ms = meter_.quiet_after_ms(edge, line->t_ns, low_db + quiet_margin_db);
    // The music may happen to be as quiet as that before it is turned down: then there is nothing to time by.
    const std::string when = quiet_ms > 0.0 ? one_decimal(quiet_ms) + " ms after the " + remark : "";
    screen_.level(edge + static_cast<std::int64_t>(quiet_ms * 1e6), before_db, low_db, when);
    wait_decided(from_line);
}

void Story::wait_monitor(const std::function<bool(const Json &)> &wanted, std::size_t from_line) {
    const auto line = monitor_->wait_for_line(
        [&](const bench::OutputLine &candidate) {
            const auto json = parse_json(candidate);
            if (!json) return false;
            const auto outputs = outputs_in(*json);
            return std::any_of(outputs.begin(), outputs.end(), wanted);
        },
        bench::default_timeout(), from_line);
    if (!line) throw std::runtime_error("soundwarden monitor does not tell:\n" + monitor_->output());
}

// --- the chapters -------------------------------------------------------------------------------------------------

void Story::without_the_daemon() {
    screen_.chapter("1. Without Soundwarden");
    slide_on_card(speaker_slider, true);
    phase("unprotected-speakers");
    screen_.line(bench::now_ns(), Who::user, "listens on the laptop's speakers, slider at " + percent(speaker_slider));
    wait_seconds(0.5);
    screen_.level(bench::now_ns(), meter_.last_peak_db(display_seconds), "");

    const std::int64_t plug = jack(true);
    screen_.line(plug, Who::user, "plugs headphones in; their slider stands at 100 %, as after many an update");
    wait_route(headphones_route);
    wait_seconds(restore_seconds);
    slide_on_card(1.0, true);
    phase("unprotected-headphones");
    wait_seconds(0.5);
    screen_.level(bench::now_ns(), meter_.last_peak_db(display_seconds), "the blast that this is about");

    const std::int64_t unplug = jack(false);
    wait_route(speaker_route);
    phase("unprotected-end");
    screen_.line(unplug, Who::user, "pulls them out again");
    wait_seconds(0.2);
}

void Story::start_the_daemon() {
    screen_.chapter("2. Soundwarden starts");
    phase("start");
    screen_.line(play_at(full_scale_db), Who::system, "turns the music down: from here on it is at full scale, 0 dBFS");
    monitor_ = session_.spawn({programs_.cli, "monitor", "--wait", "-o", "jsonl"});
    spawn_daemon();
    const std::int64_t started = bench::now_ns();
    screen_.line(started, Who::system, "starts soundwardend while the music plays on");
    watch_.wait_guarded();
    screen_.line(bench::now_ns(), Who::done, "a guard stands in front of the card; all sound goes through it, quietly at first");
    wait_decided(0);
    steady();
    phase("speakers");
    wait_seconds(1.0);
    screen_.level(bench::now_ns(), meter_.last_peak_db(display_seconds), "the speakers as before, untouched");
}

void Story::plug_headphones() {
    screen_.chapter("3. Headphones are plugged in");
    const double before = meter_.last_peak_db(display_seconds);
    const std::size_t mark = daemon_->mark();
    phase("plug");
    const std::int64_t plug = jack(true);
    screen_.line(plug, Who::user, "plugs headphones in, as above");
    show_sensed(mark);
    show_settling(plug, before, mark, "plug");
    steady();
    phase("headphones");
    wait_seconds(0.5);
    screen_.level(bench::now_ns(), meter_.last_peak_db(display_seconds), "the slider was put to the start level");
}

void Story::other_program() {
    screen_.chapter("4. Another program moves the card's own volume, behind the guard");
    const double before = meter_.last_peak_db(display_seconds);
    phase("other-program");
    const std::size_t mark = monitor_->mark();
    const std::size_t card_mark = card_.mark();
    const std::int64_t t = slide_on_card(0.3, false);
    screen_.line(t, Who::program, "sets the card's headphone volume to 30 %");
    const float wish = volume_of(0.3);
    wait_monitor(
        [&](const Json &output) { return output.value("active", false) && std::fabs(output.value("volume", 0.0) - static_cast<double>(wish)) < 0.001; },
        mark);
    const auto back = card_.wait_event(
        [&](const Json &event) {
            if (event.value("event", "") != "set-route" || event.value("save", true)) return false;
            const auto volumes = event.value("channelVolumes", std::vector<double>{});
            return !volumes.empty() && volumes.front() > 0.99;
        },
        card_mark);
    screen_.line(back.at("t_ns").get<std::int64_t>(), Who::done, "takes it for the user's wish: now the guard is at 30 %, and the card back at 100 %");
    steady();
    wait_seconds(0.5);
    screen_.level(bench::now_ns(), before, meter_.last_peak_db(display_seconds), "");
}

void Story::turn_up() {
    screen_.chapter("5. The user turns it up");
    phase("full-volume");
    screen_.line(slide(1.0), Who::user, "slides to 100 %");
    steady();
    wait_seconds(0.7);
    screen_.level(bench::now_ns(), meter_.last_peak_db(whole_word_seconds), "the cap: this is what 100 % gives");

    phase("over-volume");
    screen_.line(slide(1.5), Who::user, "slides to 150 %: now the limiter works");
    wait_seconds(0.9);
    screen_.level(bench::now_ns(), meter_.last_peak_db(display_seconds), "the ceiling: no sample gets above it");

    phase("too-loud");
    screen_.line(play_at(far_too_loud_db), Who::system, "turns the music up to 20 dB above full scale, as in chapter 1");
    wait_seconds(1.2);
    screen_.level(bench::now_ns(), meter_.last_peak_db(display_seconds), "still the ceiling, 30 dB below what was asked for");

    phase("quiet-passage");
    screen_.line(play_at(quiet_db), Who::system, "lets a quiet passage follow, 24 dB below full scale");
    steady();
    wait_seconds(0.7);
    screen_.level(bench::now_ns(), meter_.last_peak_db(display_seconds), "nothing to limit: just what the slider gives");
}

void Story::unplug() {
    screen_.chapter("6. Headphones are pulled out");
    const double before = meter_.last_peak_db(display_seconds);
    const std::size_t mark = daemon_->mark();
    phase("unplug");
    const std::int64_t pull = jack(false);
    screen_.line(pull, Who::user, "pulls the headphones out");
    show_sensed(mark);
    show_settling(pull, before, mark, "unplug");
    screen_.line(play_at(full_scale_db), Who::system, "brings the music back to full scale");
    steady();
    phase("speakers-again");
    wait_seconds(0.5);
    screen_.level(bench::now_ns(), meter_.last_peak_db(display_seconds), "the speakers' own volume again");
}

void Story::chatter() {
    screen_.chapter("7. A bad contact: in, out, in");
    phase("chatter");
    const std::size_t mark = daemon_->mark();
    const double before = meter_.last_peak_db(display_seconds);
    const std::int64_t first = jack(true);
    wait_seconds(0.06);
    jack(false);
    wait_seconds(0.06);
    const std::size_t last_mark = daemon_->mark();
    jack(true);
    screen_.line(first, Who::user, "the plug goes in, out and in again within 0.15 s");
    show_sensed(mark);
    show_settling(first, before, last_mark, "first plug");
    steady();
    phase("headphones-again");
    wait_seconds(0.5);
    screen_.level(bench::now_ns(), meter_.last_peak_db(display_seconds), "the start level again, not 150 %");
}

void Story::terminate() {
    screen_.chapter("8. Soundwarden is ended (SIGTERM)");
    phase("full-scale");
    screen_.line(slide(1.0), Who::user, "slides to 100 %");
    steady();
    wait_seconds(0.7);
    const double before = meter_.last_peak_db(whole_word_seconds);
    phase("terminated");
    const std::int64_t t = bench::now_ns();
    timeline_.add(t, "daemon-stop", {{"signal", "TERM"}});
    daemon_->signal(SIGTERM);
    screen_.line(t, Who::system, "sends SIGTERM to soundwardend");
    const auto ended = daemon_->wait_exit();
    const std::int64_t end = bench::now_ns();
    if (!ended) throw std::runtime_error("soundwardend does not end:\n" + daemon_->output());
    timeline_.add(end, "daemon-end", {{"code", ended->code}, {"signal", ended->signal}});
    screen_.line(end, Who::done, "silence, then the card itself is left with a limit; exit code " + std::to_string(ended->code));
    watch_.wait_unguarded();
    wait_seconds(1.0);
    screen_.level(bench::now_ns(), before, meter_.last_peak_db(display_seconds), "without the daemon");
    note_daemon_output();
    daemon_.reset();
}

void Story::restart() {
    screen_.chapter("9. Soundwarden starts again");
    phase("restarted");
    const double before = meter_.last_peak_db(display_seconds);
    spawn_daemon();
    screen_.line(bench::now_ns(), Who::system, "starts soundwardend again");
    watch_.wait_guarded();
    screen_.line(bench::now_ns(), Who::done, "the guard is back, and takes the limit in the card away");
    wait_decided(0);
    wait_seconds(1.5);
    screen_.level(bench::now_ns(), before, meter_.last_peak_db(display_seconds), "rising slowly again");
}

// --- the end ------------------------------------------------------------------------------------------------------

void Story::take_status() {
    std::vector<std::string> argv{programs_.cli, "status"};
    if (screen_.colour()) argv.insert(argv.end(), {"--color", "always"});
    const auto status = session_.spawn(argv);
    if (!status->wait_exit()) throw std::runtime_error("soundwarden status does not answer");
    status_ = status->output();
}

void Story::note_daemon_output() {
    if (!daemon_) return;
    for (const bench::OutputLine &line : daemon_->lines()) {
        const auto log = parse_log(line.text);
        const std::string what = log ? log->what : "";
        const std::string kind = what == "edge" ? "sensed" : (what == "decision" ? "decided" : "log");
        timeline_.add(line.t_ns, kind, {{"text", kind == "log" || !log ? line.text : log->text}});
    }
}

void Story::note_monitor_output() {
    if (!monitor_) return;
    for (const bench::OutputLine &line : monitor_->lines())
        if (const auto json = parse_json(line))
            for (const Json &output : outputs_in(*json)) timeline_.add(line.t_ns, "output", output_fields(output));
}

void Story::note_card_events() {
    for (const Json &event : card_.events()) {
        nlohmann::ordered_json fields;
        fields["card_event"] = event.value("event", "");
        for (const auto &[key, value] : event.items())
            if (key != "t_ns" && key != "event" && key != "line" && key != "recording") fields[key] = value;
        timeline_.add(event.value("t_ns", std::int64_t{0}), "card", std::move(fields));
    }
}

void Story::write(const std::filesystem::path &directory) {
    note_daemon_output();
    note_monitor_output();
    note_card_events();
    const bench::Recording &heard = meter_.heard();
    write_wav(directory / "source.wav", rate_hz_, heard.channels(), aligned(meter_.played(), heard));
    write_wav(directory / "sink.wav", rate_hz_, heard.channels(), heard.samples());
    nlohmann::ordered_json header;
    header["kind"] = "recording";
    header["format"] = 1;
    header["rate"] = rate_hz_;
    header["channels"] = heard.channels();
    header["frames"] = heard.frames();
    header["quantum"] = quantum_for(rate_hz_);
    header["programme"] = title_;
    timeline_.write(directory / "timeline.jsonl", std::move(header), heard);
}

} // namespace soundwarden::demo
