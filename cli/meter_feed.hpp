// SPDX-License-Identifier: MIT
// The daemon's meters as they come, over its restarts.
#pragma once

#include "client.hpp"
#include "descriptor.hpp"
#include "meter.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::cli {

/// Follows the daemon, and has it send meters whenever it is there. Nothing waits; all may throw Failure.
class MeterFeed final : private Listener {
  public:
    /// `output`: as the user wrote it, which has to fit one that is there at first; empty: all active ones. `interval_s` 0.02 or
    /// more: packets that come more often than that are put together.
    MeterFeed(const Access &access, std::string output, double interval_s);

    /// Takes what the bus has. True where something of what is below has changed.
    bool dispatch();
    /// The next packet that is due; nothing: none has come yet.
    std::optional<MeterPacket> next();

    /// The daemon has answered once.
    bool heard() const { return heard_; }
    bool daemon_gone() const { return heard_ && !there_; }
    const std::string &daemon_state() const { return state_; }
    /// Why no meters come while the daemon is there; empty: they do.
    const std::string &trouble() const { return trouble_; }
    /// Of all outputs, by id; those that have gone keep theirs.
    const std::map<std::string, std::string> &names() const { return names_; }

    /// What to wait for: the bus, and the socket (−1: there is none).
    BusClient::Wish wish() const;
    int socket() const { return socket_.get(); }

  private:
    void on_snapshot(const Status &status) override;
    void on_added(const Output &output) override;
    void on_removed(const Output &) override {}
    void on_changed(const Output &before, const Output &after, const std::vector<std::string_view> &changed) override;
    void on_state(const Status &status) override;
    void on_daemon_gone() override;
    void on_waiting() override {}
    bool meters_wanted() const override { return false; }

    void open();
    std::optional<MeterPacket> receive();

    BusClient client_;
    std::string wanted_; ///< as written
    std::string id_;     ///< that it came to; empty: all
    std::uint32_t interval_ms_ = 0;
    std::uint32_t packets_each_ = 1;

    bool heard_ = false, there_ = false, changed_ = false;
    std::string state_, trouble_;
    std::map<std::string, std::string> names_;

    Descriptor socket_;
    std::optional<std::chrono::microseconds> open_at_; ///< on CLOCK_MONOTONIC
    std::optional<MeterPacket> gathered_;
    std::uint32_t gathered_count_ = 0;
};

} // namespace soundwarden::cli
