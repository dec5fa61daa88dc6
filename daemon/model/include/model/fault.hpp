// SPDX-License-Identifier: MIT
// Deliberate defects, each of which breaks one promise of docs/safety.md, to show that the tests notice (tools/faults, tests/faults.txt).
// Only a build with -Dfault=NAME has them; in every other fault() is false when it is compiled, and nothing of them is left.
#pragma once

#include "model/names.hpp"

#if __has_include("fault_built.hpp") // meson's; who compiles without it wants none
#include "fault_built.hpp"
#endif

#include <cstdint>
#include <cstdlib>

namespace soundwarden {

enum class Fault : std::uint8_t {
    none,
    ceiling_one_float_high,
    ceiling_one_per_cent_high,
    nan_passes,
    edge_without_clamp,
    rise_without_ramp,
    rise_before_the_facts,
    start_level_ignored,
    least_restrictive_rule,
    block_forgotten,
    unknown_load_allowed,
    governor_deaf,
    dose_ignored,
    links_left,
    direct_use_unseen,
    gain_behind_ignored,
    sink_clamp_unwritten,
    channels_of_before_kept,
    volumes_shared,
    sinks_declared_free,
    heard_while_guard_is_made,
    knob_not_lowered,
    unlikely_loads_forgotten,
    names_believed,
    rattling_unseen,
    encoded_admitted,
    locks_ignored,
    refusals_forgotten,
    override_unbounded,
    limit_gone_with_the_guard,
    watchdog_fed_blindly,
    standstill_unseen,
    allocation_on_the_data_thread,
    stop_leaves_the_volume,
    degradation_untold,
    pipewire_loss_untold,
    broken_files_drop_locks,
    nonsense_remembered,
    clock_believed,
    rounded_up,
    pulseaudio_untold,
    mute_never_undone,
    never_settles,
    gain_below_one,
    latency_untold,
};
template <> struct Names<Fault> {
    static constexpr std::array<std::pair<Fault, std::string_view>, 45> table{{
        {Fault::none, "none"},
        {Fault::ceiling_one_float_high, "ceiling-one-float-high"},
        {Fault::ceiling_one_per_cent_high, "ceiling-one-per-cent-high"},
        {Fault::nan_passes, "nan-passes"},
        {Fault::edge_without_clamp, "edge-without-clamp"},
        {Fault::rise_without_ramp, "rise-without-ramp"},
        {Fault::rise_before_the_facts, "rise-before-the-facts"},
        {Fault::start_level_ignored, "start-level-ignored"},
        {Fault::least_restrictive_rule, "least-restrictive-rule"},
        {Fault::block_forgotten, "block-forgotten"},
        {Fault::unknown_load_allowed, "unknown-load-allowed"},
        {Fault::governor_deaf, "governor-deaf"},
        {Fault::dose_ignored, "dose-ignored"},
        {Fault::links_left, "links-left"},
        {Fault::direct_use_unseen, "direct-use-unseen"},
        {Fault::gain_behind_ignored, "gain-behind-ignored"},
        {Fault::sink_clamp_unwritten, "sink-clamp-unwritten"},
        {Fault::channels_of_before_kept, "channels-of-before-kept"},
        {Fault::volumes_shared, "volumes-shared"},
        {Fault::sinks_declared_free, "sinks-declared-free"},
        {Fault::heard_while_guard_is_made, "heard-while-guard-is-made"},
        {Fault::knob_not_lowered, "knob-not-lowered"},
        {Fault::unlikely_loads_forgotten, "unlikely-loads-forgotten"},
        {Fault::names_believed, "names-believed"},
        {Fault::rattling_unseen, "rattling-unseen"},
        {Fault::encoded_admitted, "encoded-admitted"},
        {Fault::locks_ignored, "locks-ignored"},
        {Fault::refusals_forgotten, "refusals-forgotten"},
        {Fault::override_unbounded, "override-unbounded"},
        {Fault::limit_gone_with_the_guard, "limit-gone-with-the-guard"},
        {Fault::watchdog_fed_blindly, "watchdog-fed-blindly"},
        {Fault::standstill_unseen, "standstill-unseen"},
        {Fault::allocation_on_the_data_thread, "allocation-on-the-data-thread"},
        {Fault::stop_leaves_the_volume, "stop-leaves-the-volume"},
        {Fault::degradation_untold, "degradation-untold"},
        {Fault::pipewire_loss_untold, "pipewire-loss-untold"},
        {Fault::broken_files_drop_locks, "broken-files-drop-locks"},
        {Fault::nonsense_remembered, "nonsense-remembered"},
        {Fault::clock_believed, "clock-believed"},
        {Fault::rounded_up, "rounded-up"},
        {Fault::pulseaudio_untold, "pulseaudio-untold"},
        {Fault::mute_never_undone, "mute-never-undone"},
        {Fault::never_settles, "never-settles"},
        {Fault::gain_below_one, "gain-below-one"},
        {Fault::latency_untold, "latency-untold"},
    }};
};

#ifdef SOUNDWARDEN_FAULT

static_assert(std::string_view(SOUNDWARDEN_FAULT) == "all" || from_name<Fault>(SOUNDWARDEN_FAULT), "-Dfault: there is no fault of this name");

/// The one of this process: with -Dfault=all what SOUNDWARDEN_FAULT says in the environment, where nobody may mistype it.
inline Fault chosen_fault() noexcept {
    const char *said = std::string_view(SOUNDWARDEN_FAULT) == "all" ? std::getenv("SOUNDWARDEN_FAULT") : SOUNDWARDEN_FAULT;
    if (said == nullptr) return Fault::none;
    const std::optional<Fault> known = from_name<Fault>(said);
    if (!known) std::abort();
    return *known;
}
inline const Fault the_fault = chosen_fault();

/// Whether this process has that defect. Any thread.
inline bool fault(Fault which) noexcept { return the_fault == which; }

#else

constexpr bool fault(Fault) noexcept { return false; }

#endif

} // namespace soundwarden
