// SPDX-License-Identifier: MIT
// The story: a laptop in a private session, music at full scale and far above it, and what happens to it. Shows and records; judges nothing.
#pragma once

#include "bench/programs.hpp"
#include "graph_watch.hpp"
#include "meter.hpp"
#include "programme.hpp"
#include "screen.hpp"
#include "timeline.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace soundwarden::demo {

struct Programs {
    std::string daemon; ///< soundwardend
    std::string cli;    ///< soundwarden
};

class Story {
public:
    /// Starts the session, the card and the music. Throws std::runtime_error.
    Story(const Programs &programs, const Programme &programme, Screen &screen);

    /// From beginning to end, in about 45 s.
    void tell();

    /// source.wav, sink.wav and timeline.jsonl. Once.
    void write(const std::filesystem::path &directory);

    /// The session's directory: gone when this is.
    const std::filesystem::path &directory() const { return session_.dir(); }

    /// What `soundwarden status` printed at the end.
    const std::string &status() const { return status_; }

private:
    // The chapters, in order.
    void without_the_daemon();
    void start_the_daemon();
    void plug_headphones();
    void other_program();
    void turn_up();
    void unplug();
    void chatter();
    void terminate();
    void restart();

    // What a person, another program or the demo does; each notes it in the timeline and returns when.
    std::int64_t jack(bool in);
    std::int64_t slide(double slider);
    std::int64_t slide_on_card(double slider, bool by_user);
    std::int64_t play_at(double db);
    void silence_the_cue() const;
    void spawn_daemon();

    void phase(const std::string &name);
    void steady();
    std::int64_t wait_decided(std::size_t from_line);
    void show_sensed(std::size_t from_line);
    void show_settling(std::int64_t edge, double before_db, std::size_t from_line, const std::string &remark);
    void wait_route(const std::string &route);
    void wait_seconds(double seconds);
    void wait_monitor(const std::function<bool(const nlohmann::json &)> &wanted, std::size_t from_line);
    void take_status();
    void note_daemon_output();
    void note_monitor_output();
    void note_card_events();

    Programs programs_;
    Screen &screen_;
    std::uint32_t rate_hz_;
    std::string title_;
    Timeline timeline_;
    bench::Session session_;
    bench::SimCard card_;
    std::string played_path_;
    GraphWatch watch_;
    bench::EventProcess source_;
    Meter meter_;
    std::unique_ptr<bench::Process> monitor_;
    std::unique_ptr<bench::Process> daemon_;
    std::string status_;
};

} // namespace soundwarden::demo
