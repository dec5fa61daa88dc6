// SPDX-License-Identifier: MIT
#include "merge.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace soundwarden::policy {
namespace {

/// Reading order: by file name, then so that the order in which the texts came does not matter.
void sort(std::vector<SourceText> &texts) {
    std::sort(texts.begin(), texts.end(), [](const SourceText &a, const SourceText &b) {
        return std::tuple(file_name(a.path), a.layer, std::string_view(a.path), std::string_view(a.content)) <
               std::tuple(file_name(b.path), b.layer, std::string_view(b.path), std::string_view(b.content));
    });
}

/// Whether a text may stand for its file name at all, rather than only bind by what it locks.
bool may_stand(const SourceText &text, bool directory) {
    if (text.replaced_by_user) return false;
    return !directory || text.layer == Layer::builtin || text.layer == Layer::directory;
}

/// Of the texts of one file name (the weakest layer first): the one that stands, after root's word if that is another.
void choose_of_name(std::vector<SourceText>::iterator begin, std::vector<SourceText>::iterator end, bool directory,
                    std::vector<Chosen> &into) {
    SourceText *standing = nullptr;
    SourceText *roots = nullptr;
    for (auto text = begin; text != end; ++text) {
        if (may_stand(*text, directory)) standing = &*text;
        if (is_root_owned(text->layer)) roots = &*text;
    }
    if (roots != nullptr && roots != standing) into.push_back({std::move(*roots), true});
    if (standing != nullptr) into.push_back({std::move(*standing), false});
}

template <class T>
void append(std::vector<T> &to, std::vector<T> &&from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

/// The last one to name a value has it.
void take_settings(SettingValues &into, const SettingValues &later) {
    for_each_setting(into, later, [](auto &value, const auto &named) {
        if (named) value = named;
    });
}

/// The bound holds: where it is stricter, or where the two have no order.
template <class T, class Stricter>
void bound(Maybe<T> &value, const Maybe<T> &limit, Stricter stricter, std::vector<Overruled> &overruled) {
    if (!limit || (value && !stricter(limit->value, value->value))) return;
    if (value) overruled.push_back({value->place, limit->place});
    value = limit;
}

} // namespace

std::string_view file_name(std::string_view path) {
    constexpr std::string_view builtin = "builtin:";
    if (path.starts_with(builtin)) return path.substr(builtin.size());
    return path.substr(path.rfind('/') + 1); // npos + 1 is 0
}

std::vector<Chosen> choose(std::vector<SourceText> texts) {
    sort(texts);
    const bool directory =
        std::any_of(texts.begin(), texts.end(), [](const SourceText &text) { return text.layer == Layer::directory; });
    std::vector<Chosen> chosen;
    for (auto begin = texts.begin(); begin != texts.end();) {
        const auto end = std::find_if(
            begin, texts.end(), [&](const SourceText &text) { return file_name(text.path) != file_name(begin->path); });
        choose_of_name(begin, end, directory, chosen);
        begin = end;
    }
    return chosen;
}

std::vector<Chosen> all_of(std::vector<SourceText> texts) {
    sort(texts);
    std::vector<Chosen> all;
    for (SourceText &text : texts) all.push_back({std::move(text), text.replaced_by_user});
    return all;
}

void merge(PolicySet &set, FilePolicy &&policy, bool locked_only) {
    std::copy_if(policy.rules.begin(), policy.rules.end(), std::back_inserter(set.locked),
                 [](const Rule &rule) { return rule.locked; });
    // Of two of root's bounds the stricter one holds; the order of files says nothing about it.
    if (policy.settings_locked) hold_to(set.locked_settings, policy.settings);
    if (locked_only) {
        append(set.trusted_outputs, std::move(policy.outputs));
        return;
    }
    append(set.rules, std::move(policy.rules));
    append(set.outputs, std::move(policy.outputs));
    append(set.loads, std::move(policy.loads));
    take_settings(set.settings, policy.settings);
}

std::vector<Overruled> hold_to(SettingValues &settings, const SettingValues &bounds) {
    std::vector<Overruled> overruled;
    const auto more = [](const auto &a, const auto &b) { return a > b; };
    const auto less = [](const auto &a, const auto &b) { return a < b; };
    const auto other = [](const auto &a, const auto &b) { return a != b; };
    bound(settings.posture, bounds.posture, more, overruled);
    bound(settings.settle, bounds.settle, more, overruled);
    bound(settings.unplug_hold, bounds.unplug_hold, more, overruled);
    bound(settings.orphan_silence, bounds.orphan_silence, more, overruled);
    bound(settings.orphan_level, bounds.orphan_level, less, overruled);
    bound(settings.notifications, bounds.notifications, other, overruled);
    bound(settings.cue, bounds.cue, other, overruled);
    bound(settings.dose_allowance, bounds.dose_allowance, less, overruled);
    bound(settings.dose_notices, bounds.dose_notices, other, overruled);
    bound(settings.dose_soft_landing, bounds.dose_soft_landing, less, overruled);
    bound(settings.dose_stop, bounds.dose_stop, less, overruled);
    bound(settings.dose_warn_above, bounds.dose_warn_above, less, overruled);
    bound(settings.mode, bounds.mode, other, overruled);
    bound(settings.release_ms, bounds.release_ms, other, overruled);
    return overruled;
}

std::vector<Overruled> bound_settings(PolicySet &set) { return hold_to(set.settings, set.locked_settings); }

} // namespace soundwarden::policy
