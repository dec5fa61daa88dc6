// SPDX-License-Identifier: MIT
// What the kernel says of the machine's sound cards: jack controls, switches, receivers, codecs, descriptors. The only code that
// includes ALSA's control interface, libevdev and udev. Main thread only.
#pragma once

#include "engine/event.hpp"
#include "loop/loop.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

namespace soundwarden::sense {

/// Where the kernel's files are; tests have trees of their own.
struct Places {
    std::filesystem::path sys = "/sys";
    std::filesystem::path proc = "/proc";
    std::filesystem::path dev = "/dev";
};

/// Watches all cards, and tells each whole picture that differs from the last one: CardSensed, CardGone, and Degraded for what cannot
/// be read at all. Nothing is asked for by a timer: controls, switches and udev wake the loop. Several edges that wait at once are
/// told as one. Never throws but std::bad_alloc.
class Sense {
  public:
    using Tell = std::function<void(engine::Event)>;
    /// `tell` is called from start(), look() and the loop, never from the constructor.
    Sense(loop::Loop &loop, Tell tell, Places places = {});
    ~Sense();

    /// Watches from now on, and tells the cards that are there.
    void start();
    /// A sink of this card has come: the card is read now where it is not known yet.
    void look(std::uint32_t card);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace soundwarden::sense
