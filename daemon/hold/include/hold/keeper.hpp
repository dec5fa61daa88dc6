// SPDX-License-Identifier: MIT
// Keeps every card's playback volumes at their bounds, and locked. Decides when what is written; knows no ALSA and no clock. One thread.
#pragma once

#include "hold/mixer.hpp"
#include "hold/plan.hpp"
#include "policy/hold.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace soundwarden::hold {

enum class Level : std::uint8_t { error, warning, notice, info };
using Say = std::function<void(Level, const std::string &)>;

/// Safety: an element is locked before it is written, so that nobody raises it in between; it is never raised; and what is locked is
/// unlocked only where the configuration leaves its card or element alone.
class Keeper {
  public:
    Keeper(OpenMixer open, Say say);

    /// What holds from now on, also for the cards that are there. Never raises anything.
    void configure(policy::Hold hold, Time now);
    /// The node of this card came, or may be opened now.
    void arrived(std::uint32_t card, Time now);
    void left(std::uint32_t card);
    /// Its descriptor is readable.
    void heed(std::uint32_t card, Time now);
    /// deadline() has passed.
    void tend(Time now);

    /// When tend() wants to be called: a card that did not open, a lock that another program has. Nothing in rest.
    std::optional<Time> deadline() const;
    /// Card and descriptor of those that are open.
    std::vector<std::pair<std::uint32_t, int>> descriptors() const;
    /// "3 volumes on 2 cards held", for the service manager.
    std::string summary() const;

  private:
    struct Card {
        std::unique_ptr<Mixer> mixer;
        CardNames names;
        std::vector<Held> held;
        std::set<std::uint32_t> locked;   ///< numbers
        std::set<std::uint32_t> refused;  ///< reported already
        std::deque<Time> rewrites;        ///< lately
        std::optional<Time> again_at;
    };

    void open(std::uint32_t number, Time now);
    void take(Card &card, Time now);
    void hold_one(Card &card, const Held &held, Time now);
    void lower(Card &card, const Held &held, bool first);
    void report(const Card &card, const Held &held);
    void let_go(Card &card);
    void value_changed(Card &card, std::uint32_t number, Time now);

    OpenMixer open_;
    Say say_;
    policy::Hold hold_;
    std::map<std::uint32_t, Card> cards_;
    std::map<std::uint32_t, Time> closed_; ///< that did not open, and when to try again
    std::map<std::uint32_t, int> said_;    ///< the errno that was reported for them
};

} // namespace soundwarden::hold
