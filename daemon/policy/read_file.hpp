// SPDX-License-Identifier: MIT
// One policy text, read and checked by itself. Pure; any thread.
#pragma once

#include "fields.hpp"
#include "policy/rule.hpp"
#include "report.hpp"

#include <vector>

namespace soundwarden::policy {

/// What a text says: the parts in which nothing is wrong.
struct FilePolicy {
    std::vector<Rule> rules{};
    std::vector<OutputEntry> outputs{};
    std::vector<LoadModel> loads{};
    SettingValues settings{};
    bool settings_locked = false;
};

FilePolicy read_file(const SourceText &text, Report &report);

/// One table each; nothing: something is wrong with it.
std::optional<Rule> read_rule(const Section &section, Report &report, Layer layer);
std::optional<OutputEntry> read_output(const Section &section, Report &report, Layer layer);
std::optional<LoadModel> read_load(const Section &section, Report &report, Layer layer);
void read_settings(const Section &section, Report &report, Layer layer, FilePolicy &into);

/// `locked = true`, where it binds; elsewhere it is warned of.
bool read_locked(const Fields &fields, Layer layer);

/// Time as the engine counts it. seconds: within the bounds of the keys.
Duration duration_of(double seconds);
/// Milliseconds of seconds, without the noise of the last digits.
double milliseconds_of(double seconds);
/// A quantity with its place, made into a value of its type.
template <class T, class Make>
Maybe<T> placed(const std::optional<ReadQuantity> &read, const Report &report, Make make) {
    if (!read) return std::nullopt;
    return Placed<T>{make(read->value), report.place(read->at)};
}

} // namespace soundwarden::policy
