// SPDX-License-Identifier: MIT
#include "client.hpp"
#include "clock.hpp"
#include "deadline.hpp"
#include "failure.hpp"
#include "full_screen.hpp"
#include "meter_feed.hpp"
#include "render/json.hpp"
#include "render/meter_lines.hpp"
#include "render/meter_screen.hpp"
#include "render/text.hpp"
#include "signals.hpp"
#include "translate.hpp"
#include "verbs/verbs.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>
#include <poll.h>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace soundwarden::cli {
namespace {

std::string gone_sentence() { return tr("the daemon has gone; waiting for it"); }

/// Where the meters are shown.
class Display {
  public:
    virtual ~Display() = default;
    /// What the feed says has changed. False where nobody looks any more.
    virtual bool show(const MeterFeed &feed) = 0;
    virtual bool tick(const MeterPacket &packet, const MeterFeed &feed) = 0;
    /// Whether several packets that wait may be put together.
    virtual bool newest_only() const { return false; }
    /// Keys wait on stdin. False: the user wants to leave.
    virtual bool keys(const MeterFeed &) { return true; }
    virtual bool wants_keys() const { return false; }
    /// SIGWINCH, SIGTSTP or SIGCONT. False where nobody looks any more.
    virtual bool signal(int, const MeterFeed &) { return true; }
};

class Lines final : public Display {
  public:
    explicit Lines(const Global &global) : json_(global.format != Format::text), style_(style_of_stdout(global.colour)) {}

    bool show(const MeterFeed &feed) override {
        const bool gone = feed.daemon_gone();
        const bool new_gone = gone && !std::exchange(gone_, gone);
        gone_ = gone;
        const bool new_trouble = std::exchange(trouble_, feed.trouble()) != feed.trouble() && !feed.trouble().empty();
        const std::string time = time_of_day(json_);
        if (new_gone) return write_out(json_ ? bare_line("daemon-gone", time) : note_text(gone_sentence(), time, style_));
        return !new_trouble || json_ || write_out(note_text(feed.trouble(), time, style_));
    }
    bool tick(const MeterPacket &packet, const MeterFeed &feed) override {
        const std::string time = time_of_day(json_);
        const std::string text = json_ ? meter_json(packet, feed.names(), time) : meter_text(packet, feed.names(), time, style_);
        return text.empty() || write_out(text);
    }

  private:
    bool json_;
    Style style_;
    bool gone_ = false;
    std::string trouble_;
};

class Screen final : public Display {
  public:
    explicit Screen(const Global &global) : style_(style_of_stdout(global.colour)), keys_(isatty(STDIN_FILENO) == 1) {}

    bool show(const MeterFeed &feed) override {
        view_.daemon_state = feed.daemon_gone() ? "" : feed.daemon_state();
        view_.notice = feed.daemon_gone() ? gone_sentence() : feed.trouble();
        if (feed.daemon_gone()) board_.clear();
        return draw();
    }
    bool tick(const MeterPacket &packet, const MeterFeed &feed) override {
        board_.take(packet, feed.names());
        return show(feed);
    }
    bool newest_only() const override { return true; } // a slow terminal is not behind the time
    bool wants_keys() const override { return keys_; }
    bool keys(const MeterFeed &) override {
        std::array<char, 64> typed{};
        const auto length = read(STDIN_FILENO, typed.data(), typed.size());
        if (length < 0 && (errno == EINTR || errno == EAGAIN)) return true;
        if (length <= 0) return false; // readable without anything to read: the terminal has gone
        for (const char key : std::string_view{typed.data(), static_cast<std::size_t>(length)}) {
            constexpr char end_of_input = 4;
            if (key == 'q' || key == 'Q' || key == end_of_input) return false;
            // The last byte of an arrow key's sequence is a letter of its own.
            if (key == 'A' || key == 'k') scroll(-1);
            if (key == 'B' || key == 'j') scroll(1);
        }
        return draw();
    }
    bool signal(int number, const MeterFeed &) override {
        if (number == SIGTSTP) {
            screen_.leave();
            raise(SIGSTOP); // until SIGCONT
        }
        if (number != SIGWINCH) { // who was stopped by somebody else finds another screen too
            screen_.leave();
            screen_.enter();
        }
        return draw();
    }

  private:
    void scroll(int by) {
        const std::size_t room = rows_with_room(view_, screen_.size()), last = view_.rows.size() - room;
        if (by < 0) view_.first -= std::min<std::size_t>(view_.first, 1);
        else view_.first = std::min(view_.first + 1, last);
    }
    bool draw() {
        view_.rows = board_.rows();
        view_.dose_percent = board_.dose_percent();
        const ScreenSize size = screen_.size();
        view_.first = std::min(view_.first, view_.rows.size() - rows_with_room(view_, size));
        return screen_.show(meter_screen(view_, size, style_));
    }

    Style style_;
    bool keys_;
    MeterBoard board_;
    MeterView view_;
    FullScreen screen_;
};

bool on_whole_terminal(const Global &global) {
    const char *term = std::getenv("TERM");
    const bool dumb = term == nullptr || *term == '\0' || std::string_view{term} == "dumb";
    return global.format == Format::text && isatty(STDOUT_FILENO) == 1 && !dumb;
}

/// True where it is one after which the command ends.
bool ends(int number) { return number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT; }

class Run {
  public:
    Run(const Global &global, const MeterRequest &request)
        : whole_(on_whole_terminal(global)), signals_(whole_ ? Signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT}
                                                             : Signals{SIGINT, SIGTERM, SIGHUP}),
          global_(global), feed_(global, request.output, request.interval_s.value_or(whole_ ? 0.05 : 1.0)), left_(request.ticks) {}

    int run() {
        wait_for_first_answer();
        if (stop_) return exit_ok;
        if (whole_) display_ = std::make_unique<Screen>(global_);
        else display_ = std::make_unique<Lines>(global_);
        stop_ = !display_->show(feed_);
        while (!stop_) step();
        return exit_ok;
    }

  private:
    /// Before that nothing is drawn: what is wrong then is told on the terminal as it was.
    void wait_for_first_answer() {
        const Deadline deadline{global_.timeout};
        while (!stop_ && !feed_.heard()) {
            feed_.dispatch();
            if (!feed_.heard()) wait(false);
        }
    }

    void step() {
        if (feed_.dispatch()) stop_ = !display_->show(feed_);
        while (!stop_) {
            auto packet = feed_.next();
            if (!packet) break;
            while (auto newer = display_->newest_only() ? feed_.next() : std::nullopt) packet = together(*packet, std::move(*newer));
            stop_ = !display_->tick(*packet, feed_) || (left_ && --*left_ == 0);
        }
        if (!stop_) wait(display_->wants_keys());
    }

    void wait(bool with_keys) {
        // Of stdout only the end matters: POLLERR, which is always reported, is a pipe whose reader has gone.
        const auto wish = feed_.wish();
        std::array<pollfd, 5> descriptors{{{wish.descriptor, wish.events, 0},
                                           {signals_.descriptor(), POLLIN, 0},
                                           {STDOUT_FILENO, 0, 0},
                                           {feed_.socket(), POLLIN, 0},
                                           {with_keys ? STDIN_FILENO : -1, POLLIN, 0}}};
        poll(descriptors.data(), descriptors.size(), pause_until(wish.deadline));
        while (const auto number = signals_.next()) {
            if (ends(*number)) stop_ = true;
            else if (display_ && !stop_) stop_ = !display_->signal(*number, feed_);
        }
        if ((descriptors[2].revents & (POLLERR | POLLHUP)) != 0) stop_ = true;
        if (!stop_ && descriptors[4].revents != 0) stop_ = !display_->keys(feed_);
    }

    bool whole_;
    Signals signals_;
    const Global &global_;
    MeterFeed feed_;
    std::unique_ptr<Display> display_;
    std::optional<std::uint64_t> left_;
    bool stop_ = false;
};

} // namespace

int run_meter(const Global &global, const MeterRequest &request) { return Run{global, request}.run(); }

} // namespace soundwarden::cli
