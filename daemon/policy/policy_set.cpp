// SPDX-License-Identifier: MIT
#include "policy/policy_set.hpp"

#include <algorithm>

namespace soundwarden::policy {
namespace {

bool same_without_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

} // namespace

std::optional<Decibels> LoadModel::sensitivity_per_volt() const {
    if (!sensitivity) return std::nullopt;
    if (!sensitivity->per_milliwatt) return sensitivity->value;
    if (!impedance) return std::nullopt;
    return per_volt(sensitivity->value, *impedance);
}

RuleRef PolicySet::ref(const Rule &rule) const {
    RuleRef out;
    out.name = rule.name;
    out.file = rule.place.file < files.size() ? files[rule.place.file] : "builtin";
    out.line = rule.place.line;
    out.column = rule.place.column;
    return out;
}

std::string PolicySet::where(const Place &place) const {
    const std::string file = place.file < files.size() ? files[place.file] : "builtin";
    return file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

const LoadModel *PolicySet::find_load(std::string_view name) const {
    // The last one read stands, as with rules.
    const auto found = std::find_if(loads.rbegin(), loads.rend(),
                                    [&](const LoadModel &load) { return same_without_case(load.name, name); });
    return found == loads.rend() ? nullptr : &*found;
}

const LoadModel *PolicySet::load_called(std::string_view device) const {
    const auto fits = [&](const Glob &pattern) { return pattern.matches(device); };
    const auto found = std::find_if(loads.rbegin(), loads.rend(),
                                    [&](const LoadModel &load) { return std::any_of(load.match.begin(), load.match.end(), fits); });
    return found == loads.rend() ? nullptr : &*found;
}

Posture effective_posture(const PolicySet &set, std::optional<Posture> option) {
    Posture posture = Posture::protect;
    if (set.settings.posture) posture = set.settings.posture->value;
    if (option) posture = *option;
    if (set.locked_settings.posture) posture = std::max(posture, set.locked_settings.posture->value);
    // A locked rule that is only watched being broken would be none.
    if (!set.locked.empty()) posture = std::max(posture, Posture::protect);
    return posture;
}

} // namespace soundwarden::policy
