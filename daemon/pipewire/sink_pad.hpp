// SPDX-License-Identifier: MIT
// What stands inside a raw sink of a PipeWire before 0.3.72, where its `volume` is all there is (layer 4 of architecture.md):
// a pad, and a guard that makes up for it. Whatever comes past the guard is quieter by the pad, also when no process of ours
// lives. Decides what is to be written and when again; knows no PipeWire object. Main thread only.
#pragma once

#include "engine/event.hpp"
#include "model/units.hpp"

#include <functional>
#include <optional>

namespace soundwarden::pipewire_adapter {

class SinkPad {
  public:
    /// −18.06 dB. A power of two: what the guard multiplies by eight comes out of the sink with the very bits it had.
    static constexpr float pad = 0.125F;
    static constexpr float makeup_gain = 8.0F;

    using Write = std::function<void(float volume)>;
    /// The factor by which the guard in front has to make up, from now on: makeup_gain only while the pad was read back.
    using MakeUp = std::function<void(float factor)>;
    using Tell = std::function<void(engine::Tamper)>;
    /// `tell`: another program changed the volume. The guard has been told and the pad written again by then.
    SinkPad(Write write, MakeUp make_up, Tell tell)
        : write_(std::move(write)), make_up_(std::move(make_up)), tell_(std::move(tell)) {}

    /// A guard with a ceiling stands in front. Where another limit stands, the pad waits until that is lifted.
    void engage(Time now);
    /// The bound for when no guard is in front, as SinkClamp::limit. With the pad in force it stays at the pad or below: it may
    /// be written while the guard still makes up for it.
    void limit(double level, Time now);
    /// The sink needs no guard.
    void release(Time now);
    /// Another node under the same name: the pad stands there before anything is known of it.
    void restore(Time now);
    void reassert(Time now);
    /// The sink shows this volume.
    void read(float volume, Time now);

    /// The sink's volume is the pad's business, not a limit.
    bool engaged() const { return engaged_; }
    float makeup() const { return makeup_; }

  private:
    void begin(Time now);
    void write(float volume, Time now);
    void set_makeup(float factor);

    Write write_;
    MakeUp make_up_;
    Tell tell_;
    bool wanted_ = false;  // a guard with a ceiling stands in front
    bool limited_ = false; // by limit()
    bool engaged_ = false;
    float makeup_ = 1.0F;
    std::optional<float> seen_; // nothing: not read since something else was written
    Time written_{};
};

} // namespace soundwarden::pipewire_adapter
