// SPDX-License-Identifier: MIT
#include "client.hpp"
#include "deadline.hpp"
#include "failure.hpp"
#include "render/json.hpp"
#include "render/text.hpp"
#include "verbs/verbs.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <optional>
#include <poll.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>

namespace soundwarden::cli {
namespace {

/// SIGINT and SIGTERM as a descriptor.
class EndSignals {
  public:
    EndSignals() {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        sigprocmask(SIG_BLOCK, &set, nullptr);
        descriptor_ = signalfd(-1, &set, SFD_CLOEXEC);
        if (descriptor_ < 0) throw Failure{exit_failed, "signalfd: " + std::generic_category().message(errno)};
    }
    EndSignals(const EndSignals &) = delete;
    EndSignals &operator=(const EndSignals &) = delete;
    ~EndSignals() { close(descriptor_); }
    int descriptor() const { return descriptor_; }

  private:
    int descriptor_ = -1;
};

/// Wall-clock time now: "23:05:59.123" for people, RFC 3339 in UTC for programs.
std::string time_of_day(bool for_programs) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    std::tm parts{};
    if (for_programs)
        gmtime_r(&now.tv_sec, &parts);
    else
        localtime_r(&now.tv_sec, &parts);
    std::array<char, 64> text{};
    const std::size_t length =
        std::strftime(text.data(), text.size(), for_programs ? "%Y-%m-%dT%H:%M:%S" : "%H:%M:%S", &parts);
    std::snprintf(text.data() + length, text.size() - length, ".%03ld%s", now.tv_nsec / 1'000'000,
                  for_programs ? "Z" : "");
    return text.data();
}

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
                    : note_text("the daemon has gone; waiting for it", time(), style_));
    }
    void on_waiting() override {
        heard_ = true;
        print(json_ ? bare_line("waiting", time())
                    : note_text("the daemon is not running; waiting for it", time(), style_));
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

/// Milliseconds until then, for poll(2); −1 for ever.
int pause_until(const std::optional<std::chrono::microseconds> &deadline) {
    if (!deadline) return -1;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now().time_since_epoch());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

} // namespace

int run_monitor(const Global &global, bool wait) {
    const EndSignals end;
    Printer printer{global};
    std::optional<Deadline> deadline{global.timeout}; // until the first answer
    BusClient client{global.timeout};
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
