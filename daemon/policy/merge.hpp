// SPDX-License-Identifier: MIT
// Which texts count, in which order, and what they make together. Pure; any thread.
#pragma once

#include "policy/policy_set.hpp"
#include "read_file.hpp"

#include <string_view>
#include <vector>

namespace soundwarden::policy {

/// The name by which files replace each other: what follows the last "/" (or "builtin:").
std::string_view file_name(std::string_view path);

/// A text that is read.
struct Chosen {
    SourceText text;
    /// Root's word in a file that is replaced by somebody else's: only what is locked in it counts.
    bool locked_only = false;
};

/// The texts that count, in reading order (policy_set.hpp, load()).
std::vector<Chosen> choose(std::vector<SourceText> texts);

/// All of them as they are, in reading order.
std::vector<Chosen> all_of(std::vector<SourceText> texts);

/// Adds what a file says to the set.
void merge(PolicySet &set, FilePolicy &&policy, bool locked_only);

/// Calls `f` with every setting of the two, side by side: the one list of what `[settings]` holds. Any thread.
template <class F> void for_each_setting(SettingValues &a, const SettingValues &b, F f) {
    f(a.posture, b.posture);
    f(a.settle, b.settle);
    f(a.unplug_hold, b.unplug_hold);
    f(a.orphan_silence, b.orphan_silence);
    f(a.orphan_level, b.orphan_level);
    f(a.notifications, b.notifications);
    f(a.cue, b.cue);
    f(a.dose_allowance, b.dose_allowance);
    f(a.dose_notices, b.dose_notices);
    f(a.dose_soft_landing, b.dose_soft_landing);
    f(a.dose_stop, b.dose_stop);
    f(a.dose_warn_above, b.dose_warn_above);
    f(a.mode, b.mode);
    f(a.release_ms, b.release_ms);
}

/// A setting that a locked one is stricter than.
struct Overruled {
    Place setting;
    Place bound;
};
/// Every value of `bounds` that is stricter than the one in `settings` takes its place. Longer holds and silences, a
/// lower level, allowance and share of it, and a stricter posture are stricter; of the rest the bound is the only value.
std::vector<Overruled> hold_to(SettingValues &settings, const SettingValues &bounds);
/// Holds the settings to the bounds; to be called when all is merged.
std::vector<Overruled> bound_settings(PolicySet &set);

} // namespace soundwarden::policy
