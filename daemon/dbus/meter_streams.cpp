// SPDX-License-Identifier: MIT
#include "meter_streams.hpp"

#include "bus/names.hpp"
#include "meter_packet.hpp"
#include "utf8.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace soundwarden::dbus {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t shortest_ms = 20, longest_ms = 1000;
/// Adding up a week takes longer than all the rest, and it moves slowly.
constexpr std::chrono::seconds between_weeks{1};

[[noreturn]] void refuse(const char *name, const std::string &sentence) { throw sdbus::Error{bus::ErrorName{name}, valid_utf8(sentence)}; }

class Socket {
  public:
    explicit Socket(int descriptor) : descriptor_(descriptor) {}
    Socket(Socket &&other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Socket &operator=(Socket &&) = delete;
    ~Socket() {
        if (descriptor_ >= 0) close(descriptor_);
    }
    int get() const { return descriptor_; }
    int release() { return std::exchange(descriptor_, -1); }

  private:
    int descriptor_;
};

/// Ours, which can only be written, and the client's.
std::pair<Socket, Socket> connected_pair() {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        refuse(bus::error::failed, "there is no socket to be had for the meters: " + std::generic_category().message(errno));
    std::pair<Socket, Socket> sockets{Socket{ends[0]}, Socket{ends[1]}};
    // Nobody reads here: what a client sent would only take up memory.
    shutdown(ends[0], SHUT_RD);
    return sockets;
}

bool has_gone(const Socket &socket) {
    pollfd descriptor{socket.get(), 0, 0};
    return poll(&descriptor, 1, 0) == 1;
}

bool has_sink(const std::map<std::string, OutputValues> &outputs, const engine::SinkKey &sink) {
    return std::any_of(outputs.begin(), outputs.end(), [&](const auto &output) { return output.second.sink_key == sink; });
}

} // namespace

struct MeterStreams::Stream {
    Socket socket;
    std::set<std::string> wanted; ///< ids; empty: all active outputs
    milliseconds interval{};
    loop::Time due{};
    std::map<engine::SinkKey, Meter> unsent; ///< since the last packet that was taken
    bool ended = false;
    std::unique_ptr<loop::Io> hang_up;

    bool wants(const OutputValues &output) const { return wanted.empty() ? output.active : wanted.contains(output.id); }
};

MeterStreams::MeterStreams(Around around, std::size_t most)
    : around_(std::move(around)), most_(most), timer_(around_.loop.timer([this] { tick(); })) {
    around_.readings.on_reading = [this](const engine::SinkKey &sink, const Meter &meter) {
        for (Stream &stream : streams_) {
            const auto [entry, first] = stream.unsent.try_emplace(sink, meter);
            if (!first) entry->second = together(entry->second, meter);
        }
    };
}

MeterStreams::~MeterStreams() { around_.readings.on_reading = nullptr; }

void MeterStreams::check(const std::vector<std::string> &outputs, std::uint32_t interval_ms) const {
    if (interval_ms < shortest_ms || interval_ms > longest_ms)
        refuse(bus::error::invalid_argument, "interval_ms has to be a time from 20 to 1000 ms");
    for (const std::string &id : outputs)
        if (!around_.outputs.contains(id)) refuse(bus::error::no_such_output, "there is no output with the id '" + id.substr(0, 200) + "'");
    if (count() >= most_) refuse(bus::error::limits_exceeded, "as many meters are open as there may be at once; close one of them first");
}

sdbus::UnixFd MeterStreams::open(const std::vector<std::string> &outputs, std::uint32_t interval_ms) {
    // A client that has closed one and asks for the next may be heard before the loop has told of the end.
    std::erase_if(streams_, [](const Stream &stream) { return stream.ended || has_gone(stream.socket); });
    check(outputs, interval_ms);
    auto [ours, theirs] = connected_pair();
    const milliseconds interval{interval_ms};
    streams_.push_back({std::move(ours), {outputs.begin(), outputs.end()}, interval, around_.loop.now() + interval, {}, false, nullptr});
    Stream &stream = streams_.back();
    try {
        // Not freed here, where its own callback runs.
        stream.hang_up = around_.loop.watch(stream.socket.get(), loop::Ready::none, [this, &stream](loop::Ready) {
            stream.ended = true;
            timer_->arm(around_.loop.now());
        });
    } catch (...) {
        streams_.pop_back();
        throw;
    }
    arm();
    return sdbus::UnixFd{theirs.release(), sdbus::adopt_fd};
}

void MeterStreams::tick() {
    const auto now = around_.loop.now();
    const auto is_due = [&](const Stream &stream) { return !stream.ended && stream.due <= now; };
    if (std::any_of(streams_.begin(), streams_.end(), is_due)) read();
    for (Stream &stream : streams_) {
        if (!is_due(stream)) continue;
        send(stream);
        stream.due += stream.interval;
        if (stream.due <= now) stream.due = now + stream.interval; // what was missed is not made up for
    }
    std::erase_if(streams_, [](const Stream &stream) { return stream.ended; });
    arm();
}

/// Each sink once, for all who want it.
void MeterStreams::read() {
    std::set<engine::SinkKey> sinks;
    for (const auto &entry : around_.outputs) {
        const OutputValues &output = entry.second;
        if (output.active && std::any_of(streams_.begin(), streams_.end(), [&](const Stream &stream) { return stream.wants(output); }))
            sinks.insert(output.sink_key);
    }
    for (const auto &sink : sinks) {
        try {
            around_.readings.read(sink);
        } catch (const std::exception &error) { // it stays silent in the packet; whoever asks for the property is told why
            spdlog::debug("the meters of {} cannot be read: {}", sink, error.what());
        } catch (...) {
            spdlog::debug("the meters of {} cannot be read", sink);
        }
    }
}

void MeterStreams::send(Stream &stream) {
    const std::string text = packet(stream);
    if (::send(stream.socket.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
        stream.unsent.clear();
        return;
    }
    if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS) { // lost, but for its peaks
        std::erase_if(stream.unsent, [&](const auto &measured) { return !has_sink(around_.outputs, measured.first); });
        return;
    }
    if (errno != EPIPE && errno != ECONNRESET)
        spdlog::warn("meters end, because their socket cannot be written: {}", std::generic_category().message(errno));
    stream.ended = true;
}

std::string MeterStreams::packet(const Stream &stream) {
    std::vector<MeteredOutput> rows;
    for (const auto &[id, output] : around_.outputs) {
        if (!stream.wants(output)) continue;
        MeteredOutput row{&output};
        const auto measured = stream.unsent.find(output.sink_key);
        if (output.active && measured != stream.unsent.end()) row.meter = measured->second;
        if (const auto level = around_.dose.levels.find(id); level != around_.dose.levels.end()) row.level_dba = level->second.value;
        rows.push_back(row);
    }
    const auto now = std::chrono::duration_cast<milliseconds>(around_.loop.now().time_since_epoch());
    return meter_packet(now.count(), rows, dose_percent());
}

double MeterStreams::dose_percent() {
    const auto now = around_.loop.now();
    if (dose_read_ && now < *dose_read_ + between_weeks) return dose_percent_;
    dose::Now dose = around_.dose;
    if (around_.dose_week) dose.week = around_.dose_week();
    dose_read_ = now;
    return dose_percent_ = dose.percent();
}

void MeterStreams::arm() {
    std::optional<loop::Time> due;
    for (const Stream &stream : streams_) due = due ? std::min(*due, stream.due) : stream.due;
    timer_->arm(due);
}

} // namespace soundwarden::dbus
