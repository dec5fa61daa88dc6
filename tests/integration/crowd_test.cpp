// SPDX-License-Identifier: MIT
// A hundred clients that ask without end, and one that never reads: what the daemon's main loop and the sound make of it. issue 9.
#include "guarded.hpp"

#include "bench/clock.hpp"

#include <gtest/gtest.h>

#include <systemd/sd-bus.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace soundwarden::integration {
namespace {

using bench::Recording;
using bench::Source;
using Clock = std::chrono::steady_clock;

constexpr unsigned rate = 48000;
constexpr int clients = 100;
constexpr auto interval = std::chrono::milliseconds(20);
constexpr const char *service = "org.soundwarden.SoundWarden1";
constexpr const char *root = "/org/soundwarden/SoundWarden1";

struct BusUnref {
    void operator()(sd_bus *bus) const { sd_bus_close_unref(bus); }
};
using BusPtr = std::unique_ptr<sd_bus, BusUnref>;

void require(int result, const char *what) {
    if (result < 0) throw std::runtime_error(what);
}

BusPtr connect(const std::string &address) {
    sd_bus *made = nullptr;
    require(sd_bus_new(&made), "no memory for a bus");
    BusPtr bus{made};
    require(sd_bus_set_address(made, address.c_str()), "address");
    require(sd_bus_set_bus_client(made, 1), "client");
    require(sd_bus_negotiate_fds(made, 1), "descriptors");
    require(sd_bus_start(made), "cannot connect");
    return bus;
}

/// Asks for everything, and again as soon as that is answered.
class Asking {
  public:
    explicit Asking(const std::string &address) : bus_(connect(address)) {}
    void ask() {
        require(sd_bus_call_method_async(bus_.get(), nullptr, service, root, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects",
                                         [](sd_bus_message *, void *self, sd_bus_error *) {
                                             auto *asking = static_cast<Asking *>(self);
                                             ++asking->answers_;
                                             asking->ask();
                                             return 1;
                                         },
                                         this, ""),
                "cannot ask");
    }
    void work() {
        while (sd_bus_process(bus_.get(), nullptr) > 0) {}
    }
    pollfd wish() const { return {sd_bus_get_fd(bus_.get()), static_cast<short>(sd_bus_get_events(bus_.get())), 0}; }
    long answers() const { return answers_; }

  private:
    BusPtr bus_;
    long answers_ = 0;
};

/// A thread of clients.
class Crowd {
  public:
    explicit Crowd(const std::string &address) : silent_(connect(address)) {
        for (int n = 0; n < clients; ++n) all_.push_back(std::make_unique<Asking>(address));
        // Many questions, none of whose answers is ever taken.
        for (int n = 0; n < 1000; ++n)
            sd_bus_call_method_async(silent_.get(), nullptr, service, root, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects",
                                     [](sd_bus_message *, void *, sd_bus_error *) { return 1; }, nullptr, "");
        sd_bus_flush(silent_.get());
        thread_ = std::thread([this] { run(); });
    }
    ~Crowd() {
        end_ = true;
        thread_.join();
    }
    Crowd(const Crowd &) = delete;
    Crowd &operator=(const Crowd &) = delete;
    long answers() const { return answers_; }

  private:
    void run() {
        for (auto &each : all_) each->ask();
        std::vector<pollfd> wishes(all_.size());
        while (!end_) {
            long answers = 0;
            for (std::size_t n = 0; n < all_.size(); ++n) {
                all_[n]->work();
                wishes[n] = all_[n]->wish();
                answers += all_[n]->answers();
            }
            answers_ = answers;
            poll(wishes.data(), wishes.size(), 20);
        }
    }

    BusPtr silent_;
    std::vector<std::unique_ptr<Asking>> all_;
    std::atomic<bool> end_{false};
    std::atomic<long> answers_{0};
    std::thread thread_;
};

/// Manager.Meters: the daemon's main loop sends a packet every 20 ms. How late it is, is how late the loop is.
class Beat {
  public:
    explicit Beat(const std::string &address) : bus_(connect(address)) {
        sd_bus_message *reply = nullptr;
        require(sd_bus_call_method(bus_.get(), service, root, "org.soundwarden.SoundWarden1.Manager", "Meters", nullptr, &reply, "asu", 0U,
                                   static_cast<std::uint32_t>(interval.count())),
                "no meters");
        int descriptor = -1;
        require(sd_bus_message_read(reply, "h", &descriptor), "no descriptor");
        socket_ = dup(descriptor);
        sd_bus_message_unref(reply);
    }
    ~Beat() { close(socket_); }
    Beat(const Beat &) = delete;
    Beat &operator=(const Beat &) = delete;

    /// Milliseconds by which packets came later than they should, sorted.
    std::vector<double> lateness(std::chrono::seconds how_long) {
        std::vector<double> late;
        std::vector<char> packet(65536);
        const auto end = Clock::now() + how_long;
        auto last = Clock::time_point{};
        while (Clock::now() < end) {
            pollfd wish{socket_, POLLIN, 0};
            if (poll(&wish, 1, 2000) <= 0 || recv(socket_, packet.data(), packet.size(), 0) <= 0) throw std::runtime_error("the meters have stopped");
            const auto now = Clock::now();
            if (last != Clock::time_point{}) late.push_back(std::max(0.0, std::chrono::duration<double, std::milli>(now - last - interval).count()));
            last = now;
        }
        std::sort(late.begin(), late.end());
        return late;
    }

  private:
    BusPtr bus_;
    int socket_ = -1;
};

double at(const std::vector<double> &sorted, double share) { return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))]; }

/// The longest stretch below a tenth of the tone's amplitude, in milliseconds: a dropout.
double longest_gap_ms(const Recording &recording, Recording::Frame from, float amplitude) {
    constexpr Recording::Frame step = rate / 1000;
    int longest = 0;
    int gap = 0;
    for (Recording::Frame frame = from; frame + step < recording.frames(); frame += step) {
        gap = recording.peak(frame, frame + step) < amplitude / 10.0F ? gap + 1 : 0;
        longest = std::max(longest, gap);
    }
    return longest;
}

TEST(Crowd, of_a_hundred_clients_slows_neither_the_daemon_nor_the_sound) {
    Guarded guarded({.lockstep = false}, {.quantum = 1024, .rate = rate});
    guarded.plug(true);
    guarded.set_user_volume(1.0);
    Source source(guarded.session, {.signal = {"tone", "997", "0"}, .level_db = 0});
    source.wait_streaming();
    const float level = amplitude_toward_zero(headphone_cap);
    guarded.wait_level(static_cast<double>(level) * 0.99);
    Beat beat(guarded.session.bus_address());
    const auto quiet = beat.lateness(std::chrono::seconds(3));
    const auto from = guarded.card.recording().frames();
    long answers = 0;
    std::vector<double> busy;
    {
        const Crowd crowd(guarded.session.bus_address());
        busy = beat.lateness(std::chrono::seconds(nightly() ? 30 : 6));
        answers = crowd.answers();
    }
    const Recording recording = guarded.card.recording();
    const double gap = longest_gap_ms(recording, from, level);
    std::printf("main loop late: alone median %.1f ms, 99 %% %.1f, most %.1f; with %d clients (%ld answers) median %.1f ms, 99 %% %.1f, most %.1f "
                "(promised: 20 ms); longest gap in the sound %.0f ms\n",
                at(quiet, 0.5), at(quiet, 0.99), quiet.back(), clients, answers, at(busy, 0.5), at(busy, 0.99), busy.back(), gap);
    EXPECT_GT(answers, clients) << "the control: they were served";
    EXPECT_LT(at(busy, 0.5), 100.0) << "wide: a machine may have two processors, and the clients and the bus want them too";
    EXPECT_LT(gap, 150.0);
    EXPECT_EQ(recording.count_above(level, from), 0U);
    // A jack is followed as ever.
    guarded.plug(false);
}

} // namespace
} // namespace soundwarden::integration
