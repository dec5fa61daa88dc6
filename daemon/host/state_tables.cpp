// SPDX-License-Identifier: MIT
#include "state_tables.hpp"

#include <cmath>
#include <limits>

namespace soundwarden::host {
namespace {

bool sensible_key(const std::string &text) { return !text.empty() && text.size() <= most_key_bytes; }
/// False for NaN too.
bool sensible_volume(double volume) { return volume >= 0.0 && volume <= most_volume; }

bool within(const std::optional<double> &number, double above, double most) {
    return !number || (*number > above && *number <= most);
}

constexpr double most_number = 1e6; // ohms and watts
constexpr double most_sensitivity_db = 1000.0;

// The same bounds as in the schema (migrations.cpp), or tighter ones.
constexpr std::int64_t last_second = 253'402'300'799; ///< of the year 9999
constexpr double most_exposure_pa2h = 1e12;           ///< no air carries more
constexpr double most_dose_seconds = 1e9;             ///< a clock that was set may bring much together in one row
constexpr double most_loudness_dba = 1000.0;
constexpr double rounding = 1.000001; ///< of two sums over the same seconds

bool sensible_facts(const LoadFacts &facts) {
    const auto impedance = facts.impedance ? std::optional{facts.impedance->value} : std::nullopt;
    return within(impedance, 0.0, most_number) && within(facts.rating_watts, 0.0, most_number) &&
           (!facts.sensitivity || std::abs(facts.sensitivity->value) <= most_sensitivity_db) &&
           facts.model.size() <= most_words_bytes;
}

/// False for NaN too.
bool sensible_amount(double amount, double most) { return amount >= 0.0 && amount <= most; }

std::optional<std::uint32_t> count_of(std::int64_t number) {
    if (number < 0 || number > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    return static_cast<std::uint32_t>(number);
}

std::optional<std::int64_t> as_integer(const std::optional<bool> &flag) {
    return flag ? std::optional{std::int64_t{*flag}} : std::nullopt;
}
std::optional<bool> as_flag(const std::optional<std::int64_t> &number) {
    return number ? std::optional{*number != 0} : std::nullopt;
}

} // namespace

bool VolumeRows::sensible(const Key &key, double volume) { return sensible_key(key.first) && sensible_volume(volume); }

void VolumeRows::bind(Statement &to, const Key &key) { to.bind(key.first).bind(std::string{name_of(key.second)}); }

std::optional<std::pair<VolumeRows::Key, double>> VolumeRows::row(const Statement &from) {
    const auto load_class = from_name<LoadClass>(from.text(1));
    if (!load_class) return std::nullopt;
    return std::pair{Key{from.text(0), *load_class}, from.number(2)};
}

bool MarkRows::sensible(const Key &key, double volume) {
    return sensible_key(key.first) && key.second.size() <= most_key_bytes && sensible_volume(volume);
}

void MarkRows::bind(Statement &to, const Key &key) { to.bind(key.first).bind(key.second); }

std::optional<std::pair<MarkRows::Key, double>> MarkRows::row(const Statement &from) {
    return std::pair{Key{from.text(0), from.text(1)}, from.number(2)};
}

bool LeftAloneRows::sensible(const Key &key, Value) { return sensible_key(key); }

std::optional<std::pair<OutputId, LeftAloneRows::Value>> LeftAloneRows::row(const Statement &from) {
    return std::pair{from.text(0), Value{}};
}

bool MuteRows::sensible(const Key &key, bool) { return sensible_key(key); }

std::optional<std::pair<engine::SinkKey, bool>> MuteRows::row(const Statement &from) {
    return std::pair{from.text(0), from.integer(1) != 0};
}

bool PanicRows::sensible(const Key &key, bool) { return key.size() <= most_key_bytes; }

bool AnswerRows::sensible(const Key &key, const StoredAnswer &stored) {
    return sensible_key(key) && answerable(stored.answer.load) && sensible_facts(stored.answer.facts) &&
           stored.answer.fingerprint.product.size() <= most_words_bytes;
}

void AnswerRows::bind_value(Statement &to, const StoredAnswer &stored) {
    const auto &[load, facts, fingerprint] = stored.answer;
    to.bind(std::string{name_of(load)})
        .bind(stored.given_at_s)
        .bind(std::int64_t{stored.plugs})
        .bind(facts.impedance ? std::optional{facts.impedance->value} : std::nullopt)
        .bind(facts.sensitivity ? std::optional{facts.sensitivity->value} : std::nullopt)
        .bind(facts.rating_watts)
        .bind(facts.model)
        .bind(std::string{name_of(facts.model_from)})
        .bind(as_integer(fingerprint.microphone))
        .bind(as_integer(fingerprint.line))
        .bind(fingerprint.ohms_bucket ? std::optional{std::int64_t{*fingerprint.ohms_bucket}} : std::nullopt)
        .bind(fingerprint.product);
}

std::optional<std::pair<OutputId, StoredAnswer>> AnswerRows::row(const Statement &from) {
    const auto load = from_name<Load>(from.text(1));
    const auto plugs = count_of(from.integer(3));
    const auto model_from = from_name<ModelFrom>(from.text(8));
    const auto bucket = from.integer_or_null(11);
    if (!load || !plugs || !model_from || (bucket && !count_of(*bucket))) return std::nullopt;
    StoredAnswer stored;
    stored.answer.load = *load;
    stored.given_at_s = from.integer(2);
    stored.plugs = *plugs;
    LoadFacts &facts = stored.answer.facts;
    if (const auto impedance = from.number_or_null(4)) facts.impedance = Ohms{*impedance};
    if (const auto sensitivity = from.number_or_null(5)) facts.sensitivity = Decibels{*sensitivity};
    facts.rating_watts = from.number_or_null(6);
    facts.model = from.text(7);
    facts.model_from = *model_from;
    Fingerprint &fingerprint = stored.answer.fingerprint;
    fingerprint.microphone = as_flag(from.integer_or_null(9));
    fingerprint.line = as_flag(from.integer_or_null(10));
    if (bucket) fingerprint.ohms_bucket = count_of(*bucket);
    fingerprint.product = from.text(12);
    return std::pair{from.text(0), std::move(stored)};
}

bool DoseRows::sensible(const Key &key, dose::Span span) {
    return sensible_key(key.second) && key.first >= 0 && key.first <= last_second && key.first % dose::seconds_of(span) == 0;
}

bool DoseRows::sensible(const dose::Exposure &exposure) {
    return sensible_amount(exposure.pa2h, most_exposure_pa2h) &&
           sensible_amount(exposure.estimated_pa2h, exposure.pa2h * rounding) &&
           sensible_amount(exposure.seconds, most_dose_seconds) && sensible_amount(exposure.loudest_dba, most_loudness_dba);
}

void DoseRows::bind_value(Statement &to, const dose::Exposure &exposure) {
    to.bind(exposure.pa2h).bind(exposure.estimated_pa2h).bind(exposure.seconds).bind(exposure.loudest_dba);
}

std::optional<std::pair<DoseRows::Key, dose::Exposure>> DoseRows::row(const Statement &from) {
    return std::pair{Key{from.integer(0), from.text(1)},
                     dose::Exposure{from.number(2), from.number(3), from.number(4), from.number(5)}};
}

} // namespace soundwarden::host
