// SPDX-License-Identifier: MIT
// What the engine is told. Adapters make these; they carry facts, never decisions.
#pragma once

#include "model/answer.hpp"
#include "model/card.hpp"
#include "model/load.hpp"
#include "model/output.hpp"
#include "model/units.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace soundwarden::policy {
struct PolicySet;
}

namespace soundwarden::engine {

/// A raw sink is known by its node.name: stable over reboots, unlike ids and serials, which PipeWire uses again.
using SinkKey = std::string;

/// One route (port) of the card a sink belongs to, as far as it can be reached by that sink without a new node.
struct RouteFacts {
    std::uint32_t index = 0;
    std::string name;        ///< "analog-output-headphones"
    std::string description; ///< "Headphones"
    std::string port_type;   ///< "headphones", "speaker", "line", "hdmi", …; may be empty
    std::string product;     ///< name of the display behind hdmi, may be empty
    Availability availability = Availability::unknown;
    std::string availability_group{}; ///< routes of one group share a jack that cannot tell them apart; empty: none
    bool operator==(const RouteFacts &) const = default;
};

/// The active route's own state.
struct RouteState {
    std::uint32_t index = 0;      ///< RouteFacts::index
    double volume = 1.0;          ///< amplitude: the largest of its channelVolumes
    bool mute = false;
    bool hardware_volume = false; ///< the card's mixer does it, behind the sink
    bool operator==(const RouteState &) const = default;
};

/// A playback device of an ALSA card (hw:CARD,DEVICE).
struct PcmAddress {
    std::uint32_t card = 0;
    std::uint32_t device = 0;
    auto operator<=>(const PcmAddress &) const = default;
};

/// Everything PipeWire says of one raw sink at one time. The adapter sends the whole picture at each change.
struct SinkFacts {
    SinkKey key;                   ///< node.name
    std::uint64_t serial = 0;      ///< object.serial: changes when the node was made anew
    std::string description;       ///< node.description
    std::string device_name;       ///< device.name, empty without a device
    std::string device_description;
    std::string bus_path;          ///< device.bus-path, or a Bluetooth address; identity across reboots
    std::string api;               ///< device.api: "alsa", "bluez5", "" (virtual)
    std::string bus;               ///< device.bus: "pci", "usb", "bluetooth", …
    std::string form_factor;       ///< device.form-factor
    std::string vendor_id{};       ///< device.vendor.id as four hexadecimal digits, lower case; empty where there is none
    std::string product_id{};      ///< device.product.id, likewise
    std::string card_name{};       ///< alsa.card_name
    std::string driver{};          ///< alsa.driver_name
    std::string bluetooth_class{}; ///< api.bluez5.class
    std::string codec{};           ///< api.bluez5.codec
    bool pro_audio = false;        ///< of the Pro Audio profile: no routes, channels without meaning
    bool own_dsp = false;          ///< software DSP of its own in front (Asahi, Steam Deck): left alone
    std::vector<std::string> positions; ///< "FL", "FR", … one per channel, 1 to 64
    std::uint32_t rate_hz = 0;     ///< the sink's own rate, 0 while unknown
    std::vector<RouteFacts> routes;
    std::optional<RouteState> active; ///< nothing while the card has no active route
    /// Software gain inside the sink, behind the guard: volume × the largest of softVolumes, else channelVolumes. Amplitude.
    double software_gain = 1.0;
    /// Limit we (or an earlier run of ours) left inside the sink: channelmix.max-volume, where it is below 1. Amplitude.
    std::optional<double> left_limit;
    bool node_mute = false;          ///< the node's own, for sinks without routes
    std::optional<PcmAddress> pcm;   ///< what it plays to, where that is an ALSA device
    std::uint32_t foreign_links = 0; ///< links into the sink that are not our guard's
    bool operator==(const SinkFacts &) const = default;
};

struct SinkSeen { SinkFacts facts; };  ///< new or changed
struct SinkGone { SinkKey sink; };

/// What the kernel says of a sound card: new or changed. Comes before the first SinkSeen of its sinks where both are there.
struct CardSensed { CardFacts facts; };
struct CardGone { std::uint32_t card = 0; };

/// The guard's pair is (not) linked to its sink.
struct GuardLinked { SinkKey sink; bool linked = false; };
/// The pair could not be made or broke.
struct GuardFailed { SinkKey sink; std::string reason; };
/// The data thread has taken the targets of this generation (or the guard does not run, so that it will before any sample).
struct GuardTook { SinkKey sink; std::uint64_t generation = 0; };
/// The volume of the guard's main node changed: the user's slider (amplitude, the largest channel) or mute.
struct GuardVolume { SinkKey sink; double volume = 1.0; bool mute = false; };

enum class Tamper : std::uint8_t {
    limit,  ///< the bound on the sink's own volume was raised
    volume, ///< the sink's own volume was raised above 1, or its pad was changed
    unseen, ///< something was written that does not show: the clamp itself may have been replaced
};
/// Another program changed what stands inside a clamped sink. It has been put back.
struct SinkTampered { SinkKey sink; Tamper what = Tamper::unseen; };
/// Links past a guard that were removed at once, since the last such event. `offender`: the playing node's name, and who
/// linked it where that was another program.
struct ForeignLink { SinkKey sink; std::string offender; std::uint32_t times = 1; };

/// A program has opened a sound card's playback device itself, past PipeWire; empty: no longer.
struct DirectUse { PcmAddress pcm; std::string program; };

/// A value read from the state database at start.
struct RememberedVolume { OutputId output; LoadClass load_class = LoadClass::unknown; double volume = 1.0; };
struct RememberedMark { SinkKey sink; std::string route; double volume = 1.0; };
struct RememberedMute { SinkKey sink; bool mute = false; };
/// `age`: since it was given. `plugs`: how often it was used since.
struct RememberedAnswer { OutputId output; Answer answer; Duration age{}; std::uint32_t plugs = 0; };
struct Remembered {
    std::vector<RememberedVolume> volumes{};
    /// Routes that an earlier run wrote to 1.0, with the user's own volume from before.
    std::vector<RememberedMark> marks{};
    std::vector<OutputId> left_alone{}; ///< by GuardWish
    /// Sinks that an earlier run muted for the time until its guard stands, with the user's own mute.
    std::vector<RememberedMute> mutes{};
    bool panic = false;                     ///< an earlier run was told to be silent, and nobody took that back
    std::vector<RememberedAnswer> answers{};
    std::vector<RememberedMute> panicked{}; ///< sinks without a guard that were muted for it, with the user's own mute
};

/// Our part in the session manager is (not) there: with it nothing reaches a sink past its guard, also while that is made.
struct PartPresent { bool present = false; };

/// `guard OUTPUT off`: leave this output alone for good. `on` takes that back, and a release of its sink.
struct GuardWish { OutputId output; bool on = true; };
/// `release [OUTPUT]`: protection of the output's sink ends, until the daemon starts anew or a GuardWish takes it back.
/// Empty: all sinks'.
struct ReleaseWish { OutputId output; };

/// `override OUTPUT --ceiling DB --for TIME`: this output may be louder (or less loud) for a while, within what its rule permits.
/// No ceiling: take it back. It ends with the load that it was given for.
struct OverrideWish { OutputId output; std::optional<Decibels> ceiling; Duration how_long{}; };
/// `answer OUTPUT LOAD`: this hangs there now. The fingerprint is taken from what is sensed, not from the wish.
struct AnswerWish { OutputId output; Load load = Load::unknown; LoadFacts facts{}; };
/// `forget OUTPUT`: takes an answer back; empty: all of them.
struct ForgetWish { OutputId output; };
/// `panic`: everything to silence now, also what has no guard; and `resume`.
struct PanicWish { bool on = true; };
/// The policy in force from now on. `fail_safe`: what the files say could not be read, and this stands in for it, in posture strict.
struct PolicyLoaded { std::shared_ptr<const policy::PolicySet> set; bool fail_safe = false; };

/// The highest level that ears are to get because of their dose, dB(A) over 30 s; nothing: any. Whoever changes it does so slowly where
/// it is to go unnoticed; here it only ever lowers what the rules say.
struct DoseLimit { std::optional<Decibels> level; };

/// The guard's limiter takes something away that is heard (1 dB or more), or no longer does.
struct LimiterActs { SinkKey sink; bool acts = false; };

struct PipeWireLost {};   ///< the connection is gone; every sink is
struct PipeWireBack {};
struct Tick {};           ///< the deadline has passed
struct ShutDown {};       ///< SIGTERM: leave, and never louder
/// A part of the machinery works less well than it should (token, sentence with the mending command); cleared by an empty sentence.
struct Degraded { std::string token; std::string sentence; };

using Event = std::variant<SinkSeen, SinkGone, GuardLinked, GuardFailed, GuardTook, GuardVolume, SinkTampered, ForeignLink, DirectUse, Remembered,
                           PipeWireLost, PipeWireBack, Tick, ShutDown, Degraded, GuardWish, ReleaseWish, PartPresent, OverrideWish, PanicWish, PolicyLoaded,
                           CardSensed, CardGone, AnswerWish, ForgetWish, DoseLimit, LimiterActs>;

} // namespace soundwarden::engine

template <> struct soundwarden::Names<soundwarden::engine::Tamper> {
    using E = soundwarden::engine::Tamper;
    static constexpr std::array<std::pair<E, std::string_view>, 3> table{{
        {E::limit, "limit"},
        {E::volume, "volume"},
        {E::unseen, "unseen"},
    }};
};
