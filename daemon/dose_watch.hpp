// SPDX-License-Identifier: MIT
// Wires the guards' meters to the hearing dose, the store, the bus and the engine. Decides nothing: dose/ and engine/ do. It wakes nobody while
// nothing plays.
#pragma once

#include "dbus/service.hpp"
#include "dose/keeper.hpp"
#include "engine/engine.hpp"
#include "host/store.hpp"
#include "loop/loop.hpp"
#include "pipewire_adapter/adapter.hpp"
#include "policy/policy_set.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace soundwarden {

/// Main thread only. What it is given outlives it.
class DoseWatch {
  public:
    struct Around {
        loop::Loop &loop;
        const engine::Engine &engine;
        const pipewire_adapter::Adapter &pipewire;
        dbus::Service &bus;
        std::function<void(engine::Event)> tell;
        std::function<void(engine::Report)> log;
    };
    explicit DoseWatch(Around around);

    /// What earlier runs counted counts on.
    void take_over(host::Store &store);
    void follow(const policy::SettingValues &settings);
    /// Something began to play, or ceased.
    void look();
    /// The last seconds are counted and written.
    void finish();

    /// What the last seven days come to at this moment, also while nothing plays.
    dose::Exposure week() const;
    std::vector<dose::Row> history(dose::Span span, std::int64_t since_s) const;

  private:
    void tick();
    std::vector<dose::Source> sources();
    using Acting = std::map<engine::SinkKey, std::pair<std::uint64_t, bool>>; ///< with the guard's number
    void tell_limits(Acting acting);
    void report(const dose::Notice &notice);
    void save(const dose::Moment &now, bool at_once);
    bool take_over_now();

    Around around_;
    std::unique_ptr<loop::Timer> timer_;
    host::Store *store_ = nullptr;
    bool taken_over_ = false;
    dose::Keeper keeper_;
    dose::Settings settings_;
    bool notifications_ = true;
    std::optional<Decibels> told_limit_;
    Acting limiting_; ///< as LimiterActs said last
};

} // namespace soundwarden
