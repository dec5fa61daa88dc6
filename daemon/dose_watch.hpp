// SPDX-License-Identifier: MIT
// Wires the hearing dose to the guards' meters, the store, the bus and the engine. Decides nothing: dose/ does. It wakes nobody while
// nothing plays.
#pragma once

#include "dbus/service.hpp"
#include "dose/keeper.hpp"
#include "engine/engine.hpp"
#include "host/store.hpp"
#include "loop/loop.hpp"
#include "pipewire_adapter/adapter.hpp"
#include "policy/policy_set.hpp"

#include <functional>
#include <memory>
#include <optional>
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
    std::vector<dose::Source> sources() const;
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
};

} // namespace soundwarden
