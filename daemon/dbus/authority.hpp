// SPDX-License-Identifier: MIT
// Who may change something: on the session bus its user, on the system bus whom polkit permits it.
#pragma once

#include "bus/caller.hpp"
#include "bus/sdbus_compat.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace soundwarden::dbus {

/// What a caller wants to do: one polkit action each (systemd/org.soundwarden.SoundWarden1.policy).
enum class Intent : std::uint8_t { answer, override_for, reload, panic, release };

/// Main thread; must not outlive its connection. What it was asked and has not answered yet ends with it, unanswered.
class Authority {
  public:
    /// Null: everybody may do everything. Throws sdbus::Error.
    explicit Authority(sdbus::IConnection *system_bus);
    Authority(const Authority &) = delete;
    Authority &operator=(const Authority &) = delete;
    ~Authority();

    /// Nothing: permitted; else the error for the caller. Called before ask() returns where nobody has to be asked.
    using Answer = std::function<void(std::optional<sdbus::Error> refused)>;
    /// Whether the caller may. polkit may ask the user for a password where the call permits that; where polkit does not
    /// answer, nobody may.
    void ask(Intent intent, const bus::Caller &caller, Answer answer);

  private:
    std::unique_ptr<sdbus::IProxy> polkit_; ///< its pending calls end with it
};

} // namespace soundwarden::dbus
