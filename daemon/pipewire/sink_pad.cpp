// SPDX-License-Identifier: MIT
#include "sink_pad.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace soundwarden::pipewire_adapter {
namespace {

// Two programs that both insist must not write for ever; what is lost is written again by the reassertion.
constexpr auto write_every = std::chrono::milliseconds(20);

// The very float: what is a little more, times the factor, would be above the ceiling.
bool is_pad(float volume) { return volume == SinkPad::pad; }

} // namespace

void SinkPad::engage(Time now) {
    wanted_ = true;
    if (engaged_ || limited_) return;
    // The pad itself, left by a run that was killed, is taken over at once: the sound is back with the guard.
    const bool limit_stands = seen_ && *seen_ < 1.0F && !is_pad(*seen_);
    if (!limit_stands) begin(now);
}

void SinkPad::begin(Time now) {
    engaged_ = true;
    if (seen_ && is_pad(*seen_)) set_makeup(makeup_gain); // a write that changes nothing may not be told back
    else write(pad, now);
}

void SinkPad::limit(double level, Time now) {
    limited_ = level < 1.0;
    if (!limited_ && wanted_) {
        begin(now);
        return;
    }
    engaged_ = false;
    set_makeup(1.0F);
    const float volume = level < 1.0 ? toward_zero(level) : 1.0F;
    write(limited_ && wanted_ ? std::min(volume, pad) : volume, now);
}

void SinkPad::release(Time now) {
    const bool left = seen_ && is_pad(*seen_); // by an earlier run
    const bool stands = wanted_ || left;
    wanted_ = engaged_ = limited_ = false;
    set_makeup(1.0F);
    if (stands) write(1.0F, now);
}

void SinkPad::restore(Time now) {
    wanted_ = true;
    begin(now);
}

void SinkPad::reassert(Time now) {
    if (engaged_) write(pad, now);
}

void SinkPad::read(float volume, Time now) {
    seen_ = volume;
    if (!engaged_) return;
    if (is_pad(volume)) {
        set_makeup(makeup_gain);
        return;
    }
    const bool lost = makeup_ != 1.0F;
    set_makeup(1.0F);
    if (lost) tell_(engine::Tamper::volume);
    if (lost || now - written_ >= write_every) write(pad, now);
}

void SinkPad::write(float volume, Time now) {
    written_ = now;
    if (seen_ != volume) seen_.reset(); // what was seen before is no longer what stands there
    write_(volume);
}

void SinkPad::set_makeup(float factor) {
    if (std::exchange(makeup_, factor) != factor) make_up_(factor);
}

} // namespace soundwarden::pipewire_adapter
