// SPDX-License-Identifier: MIT
#include "hold/service.hpp"

#include "files/layers.hpp"
#include "hold/keeper.hpp"
#include "hold/node_watch.hpp"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace soundwarden::hold {
namespace {

/// One line to stderr, with the priority of sd-daemon(3) where the journal reads it. Names of cards are not trusted.
void say(Level level, std::string text) {
    static const bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
    const char *priority = level == Level::error ? SD_ERR : level == Level::warning ? SD_WARNING : level == Level::notice ? SD_NOTICE : SD_INFO;
    std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
    std::fprintf(stderr, "%s%s\n", journal ? priority : "", text.c_str());
}

bool is_there(const std::string &path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 || errno != ENOENT;
}

/// What is wrong is said. Nothing: there are errors.
std::optional<policy::Hold> read_config(const std::string &path) {
    if (!is_there(path)) return policy::Hold{};
    policy::LoadedHold loaded = policy::read_hold(files::read_file(path, policy::Layer::etc));
    for (const policy::Diagnostic &each : loaded.diagnostics) {
        std::string text = policy::text_of(each);
        for (std::size_t from = 0, end = 0; from < text.size(); from = end + 1) {
            end = std::min(text.find('\n', from), text.size());
            say(each.severity == policy::Severity::error ? Level::error : Level::warning, text.substr(from, end - from));
        }
    }
    return std::move(loaded.hold);
}

Time now() { return std::chrono::steady_clock::now(); }

class Service {
  public:
    explicit Service(const Options &options) : options_(options), keeper_(alsa_mixers(options.dev + "/snd"), say), nodes_(options.dev) {}
    ~Service() {
        if (signals_ >= 0) close(signals_);
    }
    Service(const Service &) = delete;
    Service &operator=(const Service &) = delete;

    ExitCode run() {
        if (!open_signals() || nodes_.descriptor() < 0) {
            say(Level::error, std::string("signals or device nodes cannot be watched: ") + std::strerror(errno));
            return ExitCode::bad_installation;
        }
        configure();
        for (const std::uint32_t card : nodes_.present()) keeper_.arrived(card, now());
        tell("READY=1\n");
        while (wait()) tell("");
        sd_notify(0, "STOPPING=1");
        say(Level::notice, "ended: nothing is locked any more, volumes stay where they are");
        return code_;
    }

  private:
    bool open_signals() {
        sigset_t set;
        sigemptyset(&set);
        for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
        if (sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return false;
        signals_ = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
        return signals_ >= 0;
    }

    /// Safety: a file with errors opens nothing. What held goes on; at the start these are the built-in bounds for every card.
    void configure() {
        auto hold = read_config(options_.config);
        if (hold) {
            if (!is_there(options_.config)) say(Level::notice, options_.config + " is not there: every card is held at -20 dB");
            keeper_.configure(std::move(*hold), now());
        } else if (configured_) {
            say(Level::error, options_.config + " has errors: what held before goes on");
        } else {
            say(Level::error, options_.config + " has errors: every card is held at -20 dB until it is mended");
            keeper_.configure({}, now());
        }
        broken_ = !hold.has_value();
        configured_ = true;
    }

    void tell(const std::string &prefix) {
        const std::string status = keeper_.summary() + (broken_ ? "; the configuration has errors" : "");
        if (prefix.empty() && status == told_) return;
        told_ = status;
        sd_notify(0, (prefix + "STATUS=" + status).c_str());
    }

    int timeout() const {
        const auto deadline = keeper_.deadline();
        if (!deadline) return -1;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - now()).count();
        return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
    }

    /// One sleep and what woke it. False: it is to end.
    bool wait() {
        std::vector<pollfd> polled{{signals_, POLLIN, 0}, {nodes_.descriptor(), POLLIN, 0}};
        const auto cards = keeper_.descriptors();
        for (const auto &[card, descriptor] : cards) polled.push_back({descriptor, POLLIN, 0});
        const int got = poll(polled.data(), polled.size(), timeout());
        if (got < 0 && errno != EINTR) {
            say(Level::error, std::string("poll: ") + std::strerror(errno));
            code_ = ExitCode::failed;
            return false;
        }
        if (got > 0) {
            if (polled[0].revents != 0 && !heed_signals()) return false;
            for (std::size_t at = 0; at < cards.size(); ++at)
                if (polled[at + 2].revents != 0) keeper_.heed(cards[at].first, now());
            if (polled[1].revents != 0) heed_nodes();
        }
        keeper_.tend(now());
        return true;
    }

    void heed_nodes() {
        for (const NodeChange &change : nodes_.changes()) {
            if (change.there) keeper_.arrived(change.card, now());
            else keeper_.left(change.card);
        }
    }

    bool heed_signals() {
        signalfd_siginfo info{};
        while (read(signals_, &info, sizeof info) == sizeof info) {
            if (info.ssi_signo != SIGHUP) return false;
            sd_notify(0, "RELOADING=1");
            configure();
            tell("READY=1\n");
        }
        return true;
    }

    Options options_;
    Keeper keeper_;
    NodeWatch nodes_;
    int signals_ = -1;
    bool configured_ = false;
    bool broken_ = false;
    std::string told_;
    ExitCode code_ = ExitCode::ok;
};

} // namespace

ExitCode check(const Options &options) { return read_config(options.config) ? ExitCode::ok : ExitCode::config_invalid; }

ExitCode run(const Options &options) { return Service(options).run(); }

} // namespace soundwarden::hold
