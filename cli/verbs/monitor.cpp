// SPDX-License-Identifier: MIT
#include "client.hpp"
#include "clock.hpp"
#include "deadline.hpp"
#include "render/json.hpp"
#include "render/text.hpp"
#include "signals.hpp"
#include "translate.hpp"
#include "verbs/verbs.hpp"

#include <array>
#include <csignal>
#include <optional>
#include <poll.h>
#include <unistd.h>

namespace soundwarden::cli {
namespace {

/// Prints what happens, each event in one write.
class Printer final : public Listener {
  public:
    explicit Printer(const Global &global)
        : json_(global.format != Format::text), style_(style_of_stdout(global.colour)) {}

    bool reader_has_gone() const { return reader_has_gone_; }
    bool heard_of_the_daemon() const { return heard_; }

    void on_snapshot(const Status &status) override {
        heard_ = true;
        print(json_ ? snapshot_line(status, time()) : status_text(status, style_) + "\n");
    }
    void on_added(const Output &output) override {
        print(json_ ? output_line("added", output, {}, time()) : added_text(output, time(), style_));
    }
    void on_removed(const Output &output) override {
        print(json_ ? output_line("removed", output, {}, time()) : removed_text(output, time(), style_));
    }
    void on_changed(const Output &before, const Output &after, const std::vector<std::string_view> &changed) override {
        print(json_ ? output_line("changed", after, changed, time())
                    : changed_text(before, after, changed, time(), style_));
    }
    void on_state(const Status &status) override {
        print(json_ ? state_line(status, time()) : state_text(status, time(), style_));
    }
    void on_daemon_gone() override {
        print(json_ ? bare_line("daemon-gone", time())
                    : note_text(tr("the daemon has gone; waiting for it"), time(), style_));
    }
    void on_waiting() override {
        heard_ = true;
        print(json_ ? bare_line("waiting", time())
                    : note_text(tr("the daemon is not running; waiting for it"), time(), style_));
    }
    bool meters_wanted() const override { return json_; }

  private:
    std::string time() const { return time_of_day(json_); }
    void print(const std::string &text) {
        if (!reader_has_gone_ && !write_out(text)) reader_has_gone_ = true;
    }

    bool json_;
    Style style_;
    bool reader_has_gone_ = false;
    bool heard_ = false;
};

} // namespace

int run_monitor(const Global &global, bool wait) {
    const Signals end{SIGINT, SIGTERM};
    Printer printer{global};
    std::optional<Deadline> deadline{global.timeout}; // until the first answer
    BusClient client{global};
    client.follow(printer, wait);
    while (true) {
        client.dispatch();
        if (printer.heard_of_the_daemon()) deadline.reset();
        if (printer.reader_has_gone()) return exit_ok;
        const auto wish = client.wish();
        // Of stdout only the end matters: POLLERR, which is always reported, is a pipe whose reader has gone.
        std::array<pollfd, 3> descriptors{
            {{wish.descriptor, wish.events, 0}, {end.descriptor(), POLLIN, 0}, {STDOUT_FILENO, 0, 0}}};
        poll(descriptors.data(), descriptors.size(), pause_until(wish.deadline));
        if (descriptors[1].revents != 0 || (descriptors[2].revents & (POLLERR | POLLHUP)) != 0) return exit_ok;
    }
}

} // namespace soundwarden::cli
