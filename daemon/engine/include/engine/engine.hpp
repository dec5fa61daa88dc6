// SPDX-License-Identifier: MIT
// The engine: Event and time in, new state and Effects out. No I/O, no clock, deterministic.
#pragma once

#include "engine/effect.hpp"
#include "engine/event.hpp"
#include "engine/snapshot.hpp"
#include "model/decision.hpp"
#include "model/units.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace soundwarden::engine {

struct Settings {
    Posture posture = Posture::protect;
    bool hold_devices = false; ///< guarded ALSA cards are kept open, so that nobody else can open them
    /// An earlier run's route volumes are restored with the sink's pad (0.3.65) or max-volume; how is the adapter's business.
    bool operator==(const Settings &) const = default;
};

/// Why a wish cannot be followed.
enum class Refusal : std::uint8_t {
    none,
    observing,      ///< posture observe changes nothing
    ending,         ///< after ShutDown
    no_such_output,
};

/// Holds the state of every output. `step` is the only way in. Times handed in must not go backwards. Never throws but
/// std::bad_alloc.
class Engine {
  public:
    explicit Engine(Settings settings);
    Engine(Engine &&) noexcept;
    Engine &operator=(Engine &&) noexcept;
    ~Engine();

    /// One event at one time. Clamping effects come in the same step as the edge that asks for them.
    Effects step(const Event &event, Time now);

    /// When `Tick` is wanted next; nothing while everything rests.
    std::optional<Time> deadline() const;

    /// Whether a GuardWish or a ReleaseWish for this output (empty: all) would be followed.
    Refusal refusal(const OutputId &output) const;
    /// A release is under way: its end takes some milliseconds.
    bool releasing() const;

    Snapshot snapshot() const;
    /// Rises whenever snapshot() would give something else.
    std::uint64_t revision() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace soundwarden::engine
