// SPDX-License-Identifier: MIT
#include "meter_feed.hpp"

#include "failure.hpp"
#include "status.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <sys/socket.h>
#include <utility>

namespace soundwarden::cli {
namespace {

using std::chrono::microseconds;

constexpr double longest_packet_ms = 1000.0, shortest_packet_ms = 20.0;
/// Before meters that ended by themselves, or were not to be had, are asked for again.
constexpr std::chrono::seconds between_attempts{1};

microseconds now() { return std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now().time_since_epoch()); }

} // namespace

MeterFeed::MeterFeed(const Access &access, std::string output, double interval_s) : client_(access), wanted_(std::move(output)) {
    const double interval_ms = std::max(interval_s * 1000.0, shortest_packet_ms);
    packets_each_ = static_cast<std::uint32_t>(std::ceil(interval_ms / longest_packet_ms));
    interval_ms_ = static_cast<std::uint32_t>(std::lround(interval_ms / packets_each_));
    client_.follow(*this, false);
}

bool MeterFeed::dispatch() {
    client_.dispatch();
    if (there_ && open_at_ && *open_at_ <= now()) open();
    return std::exchange(changed_, false);
}

BusClient::Wish MeterFeed::wish() const {
    auto wish = client_.wish();
    if (open_at_) wish.deadline = wish.deadline ? std::min(*wish.deadline, *open_at_) : *open_at_;
    return wish;
}

void MeterFeed::on_snapshot(const Status &status) {
    for (const Output &output : status.outputs) names_[output.id] = output.name;
    if (!heard_ && !wanted_.empty()) id_ = find_output(status, wanted_).id;
    heard_ = there_ = changed_ = true;
    state_ = status.state;
    open_at_ = now();
}

void MeterFeed::on_added(const Output &output) {
    names_[output.id] = output.name;
    if (output.id == id_ && !socket_) open_at_ = now();
}

void MeterFeed::on_changed(const Output &, const Output &after, const std::vector<std::string_view> &) { names_[after.id] = after.name; }

void MeterFeed::on_state(const Status &status) {
    state_ = status.state;
    changed_ = true;
}

void MeterFeed::on_daemon_gone() {
    there_ = false;
    changed_ = true;
    socket_.reset();
    open_at_.reset();
    gathered_.reset();
    trouble_.clear();
}

/// Not from inside the listener: it asks the daemon.
void MeterFeed::open() {
    open_at_.reset();
    gathered_.reset();
    gathered_count_ = 0;
    try {
        socket_ = client_.meters(id_.empty() ? std::vector<std::string>{} : std::vector{id_}, interval_ms_);
        if (!std::exchange(trouble_, {}).empty()) changed_ = true;
        return;
    } catch (const Failure &failure) {
        // It may go at any moment, and the output may be the last that a new one finds; all else was wrong from the beginning.
        if (failure.code != exit_no_such && failure.code != exit_unreachable) throw;
        if (std::exchange(trouble_, failure.what()) != trouble_) changed_ = true;
    }
    open_at_ = now() + between_attempts;
}

std::optional<MeterPacket> MeterFeed::receive() {
    if (!socket_) return std::nullopt;
    std::array<char, 1> first{};
    const auto size = recv(socket_.get(), first.data(), first.size(), MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
    if (size > 0) {
        std::string text(static_cast<std::size_t>(size), '\0');
        recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
        return parse_meter_packet(text);
    }
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    socket_.reset(); // with the daemon, of which the bus will tell
    open_at_ = now() + between_attempts;
    return std::nullopt;
}

/// What has come is put together, so that a slow reader is not behind the time: but a packet that is due is not held back for one
/// that has yet to come.
std::optional<MeterPacket> MeterFeed::next() {
    while (auto packet = receive()) {
        gathered_ = gathered_ ? together(*gathered_, std::move(*packet)) : std::move(*packet);
        if (++gathered_count_ < packets_each_) continue;
        gathered_count_ = 0;
        return std::exchange(gathered_, std::nullopt);
    }
    return std::nullopt;
}

} // namespace soundwarden::cli
