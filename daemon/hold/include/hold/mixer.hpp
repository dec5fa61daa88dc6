// SPDX-License-Identifier: MIT
// The seam between the keeper and a card's control interface. Behind it is alsa-lib; tests have another. One thread; nothing blocks,
// nothing throws but std::bad_alloc.
#pragma once

#include "model/units.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace soundwarden::hold {

/// A value, or the errno (> 0) that stands in its place.
template <class T> struct Reply {
    std::optional<T> value{};
    int error = 0;

    static Reply failed(int code) { return {std::nullopt, code > 0 ? code : -code}; }
    explicit operator bool() const { return value.has_value(); }
};
template <class T> Reply<T> reply(T value) { return {std::move(value), 0}; }

/// What a card is called.
struct CardNames {
    std::string id{};     ///< "PCH"
    std::string name{};   ///< "HDA Intel PCH"
    std::string driver{}; ///< "HDA-Intel"
};

/// One integer element of the mixer that can be written, by the kernel's number (which another element never gets while the card is there).
struct Element {
    std::uint32_t number = 0;
    std::string name{};
    std::uint32_t index = 0; ///< of several with the same name
    std::int64_t minimum = 0;
    std::int64_t maximum = 0;
    std::uint32_t channels = 1;
    bool active = true; ///< an inactive one takes no value
    bool operator==(const Element &) const = default;
};

struct MixerEvent {
    std::uint32_t number = 0; ///< 0: of nothing that is known here
    bool value = false;       ///< another value
    bool elements = false;    ///< an element came, went, or is another now
};

class Mixer {
  public:
    virtual ~Mixer() = default;
    /// Readable while events wait.
    virtual int descriptor() const = 0;
    virtual Reply<CardNames> card() = 0;
    virtual Reply<std::vector<Element>> elements() = 0;
    virtual Reply<std::vector<std::int64_t>> read(const Element &element) = 0;
    /// The errno, 0: written.
    virtual int write(const Element &element, const std::vector<std::int64_t> &values) = 0;
    /// From now on no other open file may write this element, whoever owns it, until this Mixer is gone. The errno, 0: locked, also where
    /// it was already; EBUSY: another file has the lock.
    virtual int lock(const Element &element) = 0;
    virtual int unlock(const Element &element) = 0;
    /// The highest value that is not above `level` by the element's own scale; the lowest one where all are. Nothing: it has no scale.
    virtual std::optional<std::int64_t> at_most(const Element &element, Decibels level) = 0;
    /// By the element's own scale; −infinity: mute. Nothing: it has none.
    virtual std::optional<Decibels> level(const Element &element, std::int64_t value) = 0;
    /// The next event that waits. EAGAIN: none; anything else (ENODEV: the card has gone): there will be no more.
    virtual Reply<MixerEvent> next() = 0;
};

/// Opens a card's control interface for writing. EACCES, ENOENT, ENODEV as open(2).
using OpenMixer = std::function<Reply<std::unique_ptr<Mixer>>(std::uint32_t card)>;

/// alsa-lib's, of the nodes in `directory` ("/dev/snd"). No configuration file is read: nobody's .asoundrc can make card 0 something else.
OpenMixer alsa_mixers(std::filesystem::path directory);

} // namespace soundwarden::hold
