// SPDX-License-Identifier: MIT
#include "bench/programs.hpp"

#include <filesystem>
#include <stdexcept>

namespace soundwarden::bench {

namespace {

std::optional<EventProcess::Event> parse(const OutputLine &line) {
    if (line.from_stderr || !line.text.starts_with('{')) return std::nullopt;
    auto event = nlohmann::json::parse(line.text, nullptr, false);
    if (event.is_discarded()) return std::nullopt;
    event["line"] = line.index;
    return event;
}

std::string number(double value) {
    std::ostringstream text;
    text.imbue(std::locale::classic());
    text.precision(17);
    text << value;
    return text.str();
}

std::vector<std::string> simcard_arguments(const Session &session, const SimCardOptions &options) {
    std::vector<std::string> argv{simcard_program(), "--channels", std::to_string(options.channels),
                                  "--rate",          options.rate, "--format",
                                  options.format,    "--speed",    number(options.speed)};
    if (options.preset.empty())
        argv.emplace_back("--empty");
    else
        argv.insert(argv.end(), {"--preset", options.preset});
    if (!options.name.empty()) argv.insert(argv.end(), {"--name", options.name});
    if (options.hardware_volume) argv.emplace_back("--hw-volume");
    if (options.no_routes) argv.emplace_back("--no-routes");
    for (const std::string &property : options.node_properties) argv.insert(argv.end(), {"--node-property", property});
    if (!options.lockstep) argv.emplace_back("--no-lockstep");
    if (options.record) {
        const auto directory = session.dir() / "rec";
        std::filesystem::create_directories(directory);
        argv.insert(argv.end(), {"--record", directory});
    }
    return argv;
}

std::vector<std::string> source_arguments(const SourceOptions &options) {
    std::vector<std::string> argv{source_program(), "--name", options.name, "--level=" + number(options.level_db)};
    if (!options.target.empty()) argv.insert(argv.end(), {"--target", options.target});
    if (options.channels != 0) argv.insert(argv.end(), {"--channels", std::to_string(options.channels)});
    if (options.rate != 0) argv.insert(argv.end(), {"--rate", std::to_string(options.rate)});
    if (options.seconds > 0) argv.insert(argv.end(), {"--seconds", number(options.seconds)});
    for (const std::string &property : options.properties) argv.insert(argv.end(), {"--property", property});
    if (!options.tee.empty()) argv.insert(argv.end(), {"--tee", options.tee});
    if (!options.autoconnect) argv.emplace_back("--no-autoconnect");
    argv.emplace_back("--signal");
    argv.insert(argv.end(), options.signal.begin(), options.signal.end());
    return argv;
}

} // namespace

EventProcess::Event EventProcess::wait_event(const Wanted &wanted, std::size_t from, milliseconds timeout) const {
    Event found;
    const auto line = process_->wait_for_line(
        [&](const OutputLine &candidate) {
            auto event = parse(candidate);
            if (!event || !wanted(*event)) return false;
            found = std::move(*event);
            return true;
        },
        timeout, from);
    if (!line) throw std::runtime_error("the awaited event did not come; output so far:\n" + process_->output());
    return found;
}

EventProcess::Event EventProcess::wait_event(const std::string &name, std::size_t from, milliseconds timeout) const {
    return wait_event([&](const Event &event) { return event.value("event", "") == name; }, from, timeout);
}

std::vector<EventProcess::Event> EventProcess::events(std::size_t from) const {
    std::vector<Event> result;
    for (const OutputLine &line : process_->lines(from))
        if (auto event = parse(line)) result.push_back(std::move(*event));
    return result;
}

std::vector<EventProcess::Event> EventProcess::events(const std::string &name, std::size_t from) const {
    auto result = events(from);
    std::erase_if(result, [&](const Event &event) { return event.value("event", "") != name; });
    return result;
}

std::vector<EventProcess::Event> EventProcess::command(const std::string &line) const {
    const std::size_t from = mark();
    if (!process_->write_line(line)) throw std::runtime_error("nobody reads \"" + line + "\":\n" + process_->output());
    const Event answer = wait_event(
        [&](const Event &event) {
            const std::string kind = event.value("event", "");
            return (kind == "ok" || kind == "error") && event.value("command", "") == line;
        },
        from);
    if (answer.value("event", "") == "error")
        throw std::runtime_error(line + ": " + answer.value("message", std::string("refused")));
    auto result = events(from);
    std::erase_if(result, [&](const Event &event) {
        return event.at("line").get<std::size_t>() >= answer.at("line").get<std::size_t>();
    });
    return result;
}

SimCard::SimCard(const Session &session, const SimCardOptions &options)
    : EventProcess(session.spawn(simcard_arguments(session, options))),
      first_(options.name.empty() ? options.preset : options.name) {
    wait_event("ready");
    if (options.preset.empty()) return;
    wait_sink(first_, 0);
}

void SimCard::wait_sink(const std::string &card, std::size_t from) {
    const Event bound = wait_event(
        [&](const Event &event) { return event.value("event", "") == "sink-bound" && event.value("card", "") == card; },
        from);
    if (card == first_) sink_ = bound.at("node").get<std::string>();
    if (bound.at("routes").get<int>() == 0) return;
    wait_restored(wait_event(
        [&](const Event &event) { return event.value("event", "") == "set-route" && event.value("card", "") == card; },
        from));
}

EventProcess::Event SimCard::wait_route(const std::string &route, std::size_t from, const std::string &card) const {
    const std::string wanted = card.empty() ? first_ : card;
    const Event change = wait_event(
        [&](const Event &event) {
            return event.value("event", "") == "set-route" && event.value("card", "") == wanted &&
                   event.value("route", "") == route && event.value("changed", false);
        },
        from);
    wait_restored(change);
    return change;
}

/// WirePlumber writes each newly active route twice: to activate it, and a moment later with the volume it remembers.
/// Nothing announces the second time, so the wait for it is short.
void SimCard::wait_restored(const Event &change) const {
    const auto card = change.at("card").get<std::string>();
    const auto route = change.at("route").get<std::string>();
    static_cast<void>(process().wait_for_line(
        [&](const OutputLine &line) {
            const auto event = parse(line);
            return event && event->value("event", "") == "set-route" && event->value("card", "") == card &&
                   event->value("route", "") == route;
        },
        milliseconds{500}, change.at("line").get<std::size_t>() + 1));
}

std::int64_t SimCard::flip(const std::string &line, const std::string &card) {
    for (const Event &event : command(card.empty() ? line : '@' + card + ' ' + line))
        if (event.value("event", "") == "flip") return event.at("t_ns").get<std::int64_t>();
    throw std::runtime_error(line + ": nothing changed");
}

std::int64_t SimCard::jack(const std::string &name, bool in, const std::string &card) {
    return flip("jack " + name + (in ? " in" : " out"), card);
}
std::int64_t SimCard::route(const std::string &name, const std::string &available, const std::string &card) {
    return flip("route " + name + ' ' + available, card);
}
std::int64_t SimCard::profile(const std::string &name, const std::string &card) {
    return flip("profile " + name, card);
}
std::int64_t SimCard::knob(double volume, const std::string &card) { return flip("volume " + number(volume), card); }

std::string SimCard::add(const std::string &name, const std::string &preset, const std::vector<std::string> &settings) {
    std::string line = "add " + name + ' ' + preset;
    for (const std::string &setting : settings) line += ' ' + setting;
    const std::size_t from = mark();
    if (first_.empty()) first_ = name;
    command(line);
    wait_sink(name, from);
    return wait_event(
               [&](const Event &event) {
                   return event.value("event", "") == "sink-bound" && event.value("card", "") == name;
               },
               from)
        .at("node")
        .get<std::string>();
}

void SimCard::add_again(const std::string &name) {
    const std::size_t from = mark();
    command("add " + name);
    wait_sink(name, from);
}

void SimCard::remove(const std::string &name) { command(name.empty() ? "remove" : "remove " + name); }

std::string SimCard::recording_path(const std::string &card, int device) const {
    const std::string wanted = card.empty() ? first_ : card;
    std::string path;
    for (const Event &event : events("sink-bound"))
        if (event.value("card", "") == wanted && (device < 0 || event.value("device", -1) == device)) {
            path = event.value("recording", "");
            if (device < 0) break; // the first sink the card had
        }
    if (path.empty()) throw std::runtime_error("nothing is recorded of " + wanted);
    return path;
}

Recording SimCard::recording(const std::string &card, int device) const {
    const std::string path = recording_path(card, device);
    if (process().running()) {
        const std::uint64_t played = frames_played(path);
        poll_until([&] { return Recording::frames_in(path) >= played; });
    }
    return Recording(path);
}

void SimCard::wait_frames(std::uint64_t frames, const std::string &card, milliseconds timeout) const {
    const std::string path = recording_path(card, -1);
    const std::uint64_t target = frames_played(path) + frames;
    if (!poll_until([&] { return Recording::frames_in(path) >= target; }, timeout))
        throw std::runtime_error("the sink does not play: " + std::to_string(Recording::frames_in(path)) + " of " +
                                 std::to_string(target) + " frames");
}

Recording::Frame SimCard::wait_sound(const std::string &card, milliseconds timeout) const {
    const std::string path = recording_path(card, -1);
    const Recording::Frame from = frames_played(path);
    Recording recording(path);
    std::optional<Recording::Frame> sound;
    const bool heard = poll_until(
        [&] {
            recording.refresh();
            sound = recording.first_sound(from);
            return sound.has_value();
        },
        timeout);
    if (!heard)
        throw std::runtime_error("the sink plays nothing but silence; " + std::to_string(recording.frames()) +
                                 " frames");
    return *sound;
}

/// From the sink itself: on a busy machine the file is behind it.
std::uint64_t SimCard::frames_played(const std::string &path) const {
    for (const Event &event : command("stat"))
        for (const auto &card : event.value("cards", Event::array()))
            for (const auto &sink : card.at("sinks"))
                if (sink.value("recording", "") == path) return sink.at("frames").get<std::uint64_t>();
    return Recording::frames_in(path); // unplugged
}

Source::Source(const Session &session, const SourceOptions &options)
    : EventProcess(session.spawn(source_arguments(options))) {}

void Source::wait_streaming(milliseconds timeout) {
    wait_event([](const Event &event) { return event.value("state", "") == "streaming"; }, 0, timeout);
}

std::int64_t Source::level(double db) {
    const std::int64_t before = now_ns();
    command("level " + number(db));
    return before;
}

void Source::stop() {
    process().write_line("stop");
    if (!process().wait_exit()) process().stop();
}

} // namespace soundwarden::bench
