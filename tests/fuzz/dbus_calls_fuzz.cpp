// SPDX-License-Identifier: MIT
// Calls of every method with any arguments, through the real service and a bus: each gets an answer or an error with a name of ours or the
// bus', and what the objects say stays the same.
#include "bus_calls.hpp"
#include "dbus/service.hpp"
#include "poll_loop.hpp"
#include "private_bus.hpp"
#include "scenes.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

namespace {

using namespace soundwarden;

void require(bool holds, const std::string &what) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what.c_str());
    std::abort();
}

/// A daemon without audio and a client, in one process and one thread.
class World {
  public:
    World() : service_(loop_, options(bus_), [](const engine::SinkKey &) { return std::optional{dbus::Meter{-12.0, 0.5}}; }, [](const std::string &) {}, commands()) {
        service_.publish(*test::scene("laptop"), Posture::protect);
        require(service_.start().result == dbus::Started::ok, "the service has its name");
        connect();
    }
    ~World() { disconnect(); }
    World(const World &) = delete;
    World &operator=(const World &) = delete;

    void attack(test::Bytes &bytes) {
        if (const auto forged = test::signal_from(client_, path_, bytes)) went(sd_bus_send(client_, forged.get(), nullptr));
        if (const auto call = test::call_from(client_, path_, bytes)) ask(call.get());
    }

  private:
    void connect() {
        require(sd_bus_new(&client_) >= 0 && sd_bus_set_address(client_, bus_.address().c_str()) >= 0 && sd_bus_set_bus_client(client_, 1) >= 0 &&
                    sd_bus_negotiate_fds(client_, 1) >= 0 && sd_bus_start(client_) >= 0,
                "the client has its bus");
        io_ = loop_.watch(sd_bus_get_fd(client_), loop::Ready::in, [](loop::Ready) {});
        ask(nullptr); // and its greeting
    }
    void disconnect() {
        io_.reset();
        sd_bus_close_unref(client_);
    }
    /// Whether it was sent. A bus closes the connection of who sends what it does not take; then there is a new one, and the daemon answers that.
    bool went(int sent) {
        const bool cut = sent == -ECONNRESET || sent == -ENOTCONN || sent == -EPIPE || sent == -ESHUTDOWN;
        require(sent >= 0 || cut, "a message is sent: " + std::string{std::strerror(-sent)});
        if (!cut) return true;
        disconnect();
        connect();
        return false;
    }
    /// Null: a ping, which is answered behind everything else.
    void ask(sd_bus_message *call) {
        sd_bus_message *ping = nullptr;
        if (call == nullptr) {
            require(sd_bus_message_new_method_call(client_, &ping, "org.soundwarden.SoundWarden1", "/org/soundwarden/SoundWarden1",
                                                   "org.freedesktop.DBus.Peer", "Ping") >= 0, "a ping is made");
            call = ping;
        }
        answered_ = false;
        const bool sent = went(sd_bus_call_async(client_, nullptr, call, take, this, 60'000'000));
        sd_bus_message_unref(ping);
        if (!sent) return;
        require(loop_.run_until([this] {
                    while (sd_bus_process(client_, nullptr) > 0) {}
                    return answered_;
                }, std::chrono::seconds{60}), "every call is answered");
    }
    static int take(sd_bus_message *reply, void *self, sd_bus_error *) {
        static_cast<World *>(self)->answered_ = true;
        const sd_bus_error *error = sd_bus_message_get_error(reply);
        const std::string name = error == nullptr || error->name == nullptr ? "" : error->name;
        const bool known = error == nullptr || name.starts_with("org.freedesktop.DBus.Error.") || name.starts_with("org.soundwarden.SoundWarden1.Error.");
        require(known && name != "org.soundwarden.SoundWarden1.Error.Internal", "an error has a name of its own, and none is a fault: " + name);
        return 1;
    }
    static dbus::Service::Options options(test::PrivateBus &bus) {
        bus.start();
        dbus::Service::Options options;
        options.version = "1.2.3-test";
        options.address = bus.address();
        return options;
    }
    dbus::Service::Commands commands() {
        dbus::Service::Commands commands;
        commands.release = [this](const OutputId &) -> std::optional<dbus::Service::Refused> {
            service_.released({});
            return std::nullopt;
        };
        return commands;
    }

    const std::string path_ = std::string{"/org/soundwarden/SoundWarden1/output/"} + test::laptop_headphones;
    test::PrivateBus bus_;
    test::PollLoop loop_;
    dbus::Service service_;
    sd_bus *client_ = nullptr;
    std::unique_ptr<loop::Io> io_;
    bool answered_ = false;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    static World world;
    test::Bytes bytes{data, size};
    world.attack(bytes);
    return 0;
}
