// SPDX-License-Identifier: MIT
// What holds while files are broken. Safety: a lock of root's does not wait until somebody else's file is mended.
#include "merge.hpp"
#include "model/fault.hpp"
#include "policy/policy_set.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace soundwarden::policy {
namespace {

/// What of root's files has no errors, and which have some.
struct Roots {
    std::shared_ptr<const PolicySet> set;
    std::set<std::string> broken{}; ///< files, and directories that cannot be read
};

Roots read_roots(std::vector<SourceText> texts) {
    std::erase_if(texts, [](const SourceText &text) { return !is_root_owned(text.layer); });
    Loaded loaded = load(texts);
    if (loaded.set) return {loaded.set};
    if (fault(Fault::broken_files_drop_locks)) return {builtin()};
    Roots roots;
    for (const Diagnostic &diagnostic : loaded.diagnostics)
        if (diagnostic.severity == Severity::error) roots.broken.insert(diagnostic.file);
    std::erase_if(texts, [&](const SourceText &text) { return roots.broken.contains(text.path); });
    loaded = load(std::move(texts));
    roots.set = loaded.set ? loaded.set : builtin();
    return roots;
}

/// Whether the file is broken now, or lies in a directory that cannot be read now.
bool is_broken(const std::set<std::string> &broken, const std::string &file) {
    return std::any_of(broken.begin(), broken.end(), [&](const std::string &each) { return file == each || file.starts_with(each + "/"); });
}

bool same_values(SettingValues a, const SettingValues &b) {
    bool same = true;
    for_each_setting(a, b, [&](const auto &x, const auto &y) { same = same && x.has_value() == y.has_value() && (!x || x->value == y->value); });
    return same;
}

/// Whether both bind alike, wherever it stands.
bool same_locks(const PolicySet &a, const PolicySet &b) {
    const auto same = [](const Rule &x, const Rule &y) { return x.name == y.name && x.when == y.when && x.gives == y.gives; };
    return std::equal(a.locked.begin(), a.locked.end(), b.locked.begin(), b.locked.end(), same) &&
           same_values(a.locked_settings, b.locked_settings);
}

/// `base` with what root locks, and with what root says of outputs for the locks to go by. Locks of `base` whose files are broken
/// go on beside them.
std::shared_ptr<const PolicySet> with_locks(const PolicySet &base, Origin origin) {
    const Roots roots = read_roots(origin.texts);
    auto set = std::make_shared<PolicySet>(base);
    set->origin = std::make_shared<const Origin>(std::move(origin));
    const auto first = static_cast<std::uint32_t>(set->files.size());
    set->files.insert(set->files.end(), roots.set->files.begin(), roots.set->files.end());
    std::erase_if(set->locked, [&](const Rule &rule) { return !is_broken(roots.broken, base.ref(rule).file); });
    for (Rule rule : roots.set->locked) {
        rule.place.file += first;
        set->locked.push_back(std::move(rule));
    }
    for (OutputEntry entry : roots.set->outputs) {
        if (entry.layer == Layer::builtin) continue;
        entry.place.file += first;
        set->trusted_outputs.push_back(std::move(entry));
    }
    SettingValues bounds = roots.set->locked_settings;
    for_each_setting(bounds, bounds, [&](auto &value, const auto &) {
        if (value) value->place.file += first;
    });
    if (!roots.broken.empty()) hold_to(bounds, base.locked_settings);
    set->locked_settings = bounds;
    bound_settings(*set);
    return set;
}

} // namespace

std::shared_ptr<const PolicySet> fail_safe(std::vector<SourceText> texts) {
    return with_locks(*builtin(), {Making::fail_safe, std::move(texts)});
}

std::shared_ptr<const PolicySet> with_roots_locks(const PolicySet &held, std::vector<SourceText> texts) {
    auto set = with_locks(held, {Making::roots_locks, std::move(texts)});
    return same_locks(*set, held) ? nullptr : set;
}

std::shared_ptr<const PolicySet> make_again(const Origin &origin, const PolicySet &held) {
    switch (origin.making) {
    case Making::loaded: return load(origin.texts).set;
    case Making::fail_safe: return fail_safe(origin.texts);
    case Making::roots_locks: return with_roots_locks(held, origin.texts);
    }
    return nullptr;
}

} // namespace soundwarden::policy
