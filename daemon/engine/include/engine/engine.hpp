// SPDX-License-Identifier: MIT
// The engine: Event and time in, new state and Effects out. No I/O, no clock, deterministic.
#pragma once

#include "engine/effect.hpp"
#include "engine/event.hpp"
#include "engine/snapshot.hpp"
#include "model/decision.hpp"
#include "model/limiter_mode.hpp"
#include "model/units.hpp"
#include "policy/decide.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace soundwarden::engine {

/// What the command line says; the policy says the rest.
struct Settings {
    std::optional<Posture> posture{}; ///< instead of the policy's, as far as locked rules permit
    bool hold_devices = false; ///< guarded ALSA cards are kept open, so that nobody else can open them
    std::optional<Decibels> ear_target{};      ///< what governors hold instead of their rules' targets, dB(A) over 30 s
    std::optional<LimiterMode> limiter_mode{}; ///< where no output's facts say
    std::optional<double> release_ms{};        ///< of the limiter, 1 to 10000; likewise
    bool operator==(const Settings &) const = default;
};

/// Why a wish cannot be followed.
enum class Refusal : std::uint8_t {
    none,
    observing,      ///< posture observe changes nothing
    ending,         ///< after ShutDown
    no_such_output,
    locked,    ///< a locked rule bounds this output, and only root lifts it
    too_loud,  ///< above Decision::override_max
    too_long,  ///< above Decision::override_for_max
    senseless, ///< no number, no time, or a load that nobody can plug in
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

    /// Whether a GuardWish (off) or a ReleaseWish for this output (empty: all) would be followed; `eases`: what is wished for protects less.
    Refusal refusal(const OutputId &output, bool eases) const;
    /// Whether an OverrideWish would be followed.
    Refusal refusal(const OverrideWish &wish) const;
    /// Whether an AnswerWish or a ForgetWish would be followed.
    Refusal refusal(const AnswerWish &wish) const;
    Refusal refusal(const ForgetWish &wish) const;
    /// How the rules come to what they say of this output now, without an override or the user's wish; nothing: there is none.
    std::optional<policy::Explanation> explain(const OutputId &output) const;
    /// The posture in force.
    Posture posture() const;
    /// A release is under way: its end takes some milliseconds.
    bool releasing() const;

    /// Worked out when it is asked for; stands until the next step.
    const Snapshot &snapshot() const;
    /// Rises whenever snapshot() would give something else.
    std::uint64_t revision() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace soundwarden::engine
