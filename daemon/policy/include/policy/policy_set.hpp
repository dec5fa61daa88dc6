// SPDX-License-Identifier: MIT
// From texts to one merged, checked, immutable policy. Pure; any thread; throws nothing but std::bad_alloc.
#pragma once

#include "policy/rule.hpp"
#include "policy/source.hpp"

#include <memory>
#include <string>
#include <vector>

namespace soundwarden::policy {

/// How a set came to be, so that it can be made again elsewhere: from the texts that were handed over, over the shipped rules.
enum class Making : std::uint8_t {
    loaded,      ///< load()
    fail_safe,   ///< fail_safe()
    roots_locks, ///< with_roots_locks() of the set that was held
};
} // namespace soundwarden::policy
template <> struct soundwarden::Names<soundwarden::policy::Making> {
    using E = soundwarden::policy::Making;
    static constexpr std::array<std::pair<E, std::string_view>, 3> table{{
        {E::loaded, "loaded"},
        {E::fail_safe, "fail-safe"},
        {E::roots_locks, "roots-locks"},
    }};
};
namespace soundwarden::policy {
struct Origin {
    Making making = Making::loaded;
    std::vector<SourceText> texts{}; ///< without the shipped ones
    bool operator==(const Origin &) const = default;
};

/// Everything that holds, in the order in which it was read: file by file sorted by file name, whatever the directory.
struct PolicySet {
    std::vector<std::string> files; ///< paths, as Place::file counts them
    std::vector<Rule> rules;
    /// Locked rules: those of `rules`, and those of root's files that a user's file of the same name stands in place of.
    std::vector<Rule> locked;
    std::vector<OutputEntry> outputs;
    /// Root's entries in whose place a user's file stands (or the built-in rules, while files are broken): what locked rules go by
    /// all the same.
    std::vector<OutputEntry> trusted_outputs;
    std::vector<LoadModel> loads;
    SettingValues settings;
    SettingValues locked_settings; ///< bounds: nobody but root goes beyond
    std::shared_ptr<const Origin> origin{}; ///< null: made by none of the three functions that Making names

    RuleRef ref(const Rule &rule) const; ///< name, file, line and column, for people
    std::string where(const Place &place) const; ///< "file:line:column"
    const LoadModel *find_load(std::string_view name) const; ///< by name, without regard to case
    /// The last model one of whose patterns fits what a device calls itself; null: none does.
    const LoadModel *load_called(std::string_view device) const;
};

struct Loaded {
    std::shared_ptr<const PolicySet> set{}; ///< nothing: there are errors
    std::vector<Diagnostic> diagnostics{};  ///< errors and warnings in the order of files, lines and columns
};

/// The shipped rules, compiled in (file names "10-matrix.toml", …), for load() to start from.
std::vector<SourceText> builtin_texts();

/// Reads the texts over the shipped rules. Texts may come in any order; a built-in one is dropped where a text of the same
/// file name stands in any root-owned layer or in `directory`. Of texts with the same file name only the strongest layer's counts, but for
/// what SourceText::replaced_by_user says (load() works that out itself). An empty text masks.
Loaded load(std::vector<SourceText> texts);

/// One text alone, for `policy check FILE`: without the shipped rules, every error and warning at once.
Loaded check(const std::vector<SourceText> &texts);

/// The shipped rules alone. Never null.
std::shared_ptr<const PolicySet> builtin();

/// For a start with broken files: the shipped rules, and of root's files those without errors as far as they are locked. Never null.
std::shared_ptr<const PolicySet> fail_safe(std::vector<SourceText> texts);

/// For files that were broken while a set is held: that set with what root locks now in files without errors, and with its own locks
/// of files that are broken now. Nothing: these are the locks that it has.
std::shared_ptr<const PolicySet> with_roots_locks(const PolicySet &held, std::vector<SourceText> texts);

/// The set of that origin, with the same shipped rules: what load(), fail_safe() or with_roots_locks() of `held` give. Nothing where they
/// give nothing.
std::shared_ptr<const PolicySet> make_again(const Origin &origin, const PolicySet &held);

/// The set as one policy file whose comments say where each part comes from: parsing it gives the same rules, entries and
/// settings in the same order.
std::string print(const PolicySet &set);

/// The posture in force: what is set (option: from the command line, the strongest wish), never laxer than what is locked; with locked rules never `observe`.
Posture effective_posture(const PolicySet &set, std::optional<Posture> option);

} // namespace soundwarden::policy
