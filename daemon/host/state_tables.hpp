// SPDX-License-Identifier: MIT
// What is remembered, in memory and as rows of the database: one table each. (The event log is apart: event_log.hpp.)
#pragma once

#include "dose/exposure.hpp"
#include "dose/history.hpp"
#include "engine/event.hpp"
#include "model/answer.hpp"
#include "model/fault.hpp"
#include "model/load.hpp"
#include "model/output.hpp"
#include "sqlite.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace soundwarden::host {

/// Longer names are not written: no device has one.
inline constexpr std::size_t most_key_bytes = 16384;
inline constexpr std::size_t most_words_bytes = 1024; ///< of a model's or a product's name
inline constexpr double most_volume = 1e6;            ///< amplitude

// Each of these says how one kind of row lies in its table: keys and values, the statements, what makes sense. Where a
// row cannot be read, `row` gives nothing, and the row is left out.

struct VolumeRows {
    using Key = std::pair<OutputId, LoadClass>;
    using Value = double; ///< amplitude
    static constexpr const char *table = "volumes";
    static constexpr const char *words = "volumes";
    static constexpr const char *select = "SELECT output, load_class, volume FROM volumes";
    static constexpr const char *insert = "INSERT OR REPLACE INTO volumes(output, load_class, volume) VALUES(?, ?, ?)";
    static constexpr const char *remove = "DELETE FROM volumes WHERE output = ? AND load_class = ?";
    static bool sensible(const Key &key, double volume);
    static void bind(Statement &to, const Key &key);
    static void bind_value(Statement &to, double volume) { to.bind(volume); }
    static std::optional<std::pair<Key, Value>> row(const Statement &from);
};

/// Routes that were written to 1.0, with the user's own volume from before.
struct MarkRows {
    using Key = std::pair<engine::SinkKey, std::string>; ///< with the route's name
    using Value = double;                                ///< amplitude
    static constexpr const char *table = "marks";
    static constexpr const char *words = "the cards' own volumes";
    static constexpr const char *select = "SELECT sink, route, volume FROM marks";
    static constexpr const char *insert = "INSERT OR REPLACE INTO marks(sink, route, volume) VALUES(?, ?, ?)";
    static constexpr const char *remove = "DELETE FROM marks WHERE sink = ? AND route = ?";
    static bool sensible(const Key &key, double volume);
    static void bind(Statement &to, const Key &key);
    static void bind_value(Statement &to, double volume) { to.bind(volume); }
    static std::optional<std::pair<Key, Value>> row(const Statement &from);
};

struct LeftAloneRows {
    using Key = OutputId;
    struct Value {
        bool operator==(const Value &) const = default;
    };
    static constexpr const char *table = "left_alone";
    static constexpr const char *words = "which outputs are left alone";
    static constexpr const char *select = "SELECT output FROM left_alone";
    static constexpr const char *insert = "INSERT OR REPLACE INTO left_alone(output) VALUES(?)";
    static constexpr const char *remove = "DELETE FROM left_alone WHERE output = ?";
    static bool sensible(const Key &key, Value);
    static void bind(Statement &to, const Key &key) { to.bind(key); }
    static void bind_value(Statement &, Value) {}
    static std::optional<std::pair<Key, Value>> row(const Statement &from);
};

/// What people are told once and never again.
struct ToldRows : LeftAloneRows {
    static constexpr const char *table = "told";
    static constexpr const char *words = "what has been told once";
    static constexpr const char *select = "SELECT what FROM told";
    static constexpr const char *insert = "INSERT OR REPLACE INTO told(what) VALUES(?)";
    static constexpr const char *remove = "DELETE FROM told WHERE what = ?";
};

/// Sinks that are muted by us, with the user's own mute.
struct MuteRows {
    using Key = engine::SinkKey;
    using Value = bool;
    static constexpr const char *table = "mutes";
    static constexpr const char *words = "which cards are muted by the daemon";
    static constexpr const char *select = "SELECT sink, mute FROM mutes";
    static constexpr const char *insert = "INSERT OR REPLACE INTO mutes(sink, mute) VALUES(?, ?)";
    static constexpr const char *remove = "DELETE FROM mutes WHERE sink = ?";
    static bool sensible(const Key &key, bool);
    static void bind(Statement &to, const Key &key) { to.bind(key); }
    static void bind_value(Statement &to, bool mute) { to.bind(std::int64_t{mute}); }
    static std::optional<std::pair<Key, Value>> row(const Statement &from);
};

/// The same for a panic; under the empty name: that it holds.
struct PanicRows : MuteRows {
    static constexpr const char *table = "panic";
    static constexpr const char *words = "whether everything is to be silent";
    static constexpr const char *select = "SELECT sink, mute FROM panic";
    static constexpr const char *insert = "INSERT OR REPLACE INTO panic(sink, mute) VALUES(?, ?)";
    static constexpr const char *remove = "DELETE FROM panic WHERE sink = ?";
    static bool sensible(const Key &key, bool);
};

struct StoredAnswer {
    Answer answer;
    std::int64_t given_at_s = 0; ///< since 1970, by the wall clock of then
    std::uint32_t plugs = 0;
    bool operator==(const StoredAnswer &) const = default;
};
struct AnswerRows {
    using Key = OutputId;
    using Value = StoredAnswer;
    static constexpr const char *table = "answers";
    static constexpr const char *words = "answers";
    static constexpr const char *select =
        "SELECT output, load, given_at, plugs, impedance_ohm, sensitivity_db_per_volt, rating_watts, model, model_from,"
        " microphone, line, ohms_bucket, product FROM answers";
    static constexpr const char *insert =
        "INSERT OR REPLACE INTO answers(output, load, given_at, plugs, impedance_ohm, sensitivity_db_per_volt,"
        " rating_watts, model, model_from, microphone, line, ohms_bucket, product)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    static constexpr const char *remove = "DELETE FROM answers WHERE output = ?";
    static bool sensible(const Key &key, const StoredAnswer &stored);
    static void bind(Statement &to, const Key &key) { to.bind(key); }
    static void bind_value(Statement &to, const StoredAnswer &stored);
    static std::optional<std::pair<Key, Value>> row(const Statement &from);
};

/// What ears got, by the start of a span (seconds since 1970) and the output; exposures in Pa²h.
struct DoseRows {
    using Key = dose::Slot;
    using Value = dose::Exposure;
    static void bind(Statement &to, const Key &key) { to.bind(key.first).bind(key.second); }
    static void bind_value(Statement &to, const dose::Exposure &exposure);
    static std::optional<std::pair<Key, Value>> row(const Statement &from);

  protected:
    static bool sensible(const Key &key, dose::Span span);
    static bool sensible(const dose::Exposure &exposure);
};

struct DoseMinuteRows : DoseRows {
    static constexpr dose::Span span = dose::Span::minute;
    static constexpr const char *table = "dose_minutes";
    static constexpr const char *words = "what was heard in the last week";
    static constexpr const char *select = "SELECT start, output, exposure, estimated, seconds, loudest FROM dose_minutes";
    static constexpr const char *insert =
        "INSERT OR REPLACE INTO dose_minutes(start, output, exposure, estimated, seconds, loudest) VALUES(?, ?, ?, ?, ?, ?)";
    static constexpr const char *remove = "DELETE FROM dose_minutes WHERE start = ? AND output = ?";
    static bool sensible_slot(const Key &key) { return DoseRows::sensible(key, span); }
    static bool sensible(const Key &key, const dose::Exposure &exposure) {
        return sensible_slot(key) && DoseRows::sensible(exposure);
    }
};

struct DoseHourRows : DoseRows {
    static constexpr dose::Span span = dose::Span::hour;
    static constexpr const char *table = "dose_hours";
    static constexpr const char *words = "what was heard in the last year";
    static constexpr const char *select = "SELECT start, output, exposure, estimated, seconds, loudest FROM dose_hours";
    static constexpr const char *insert =
        "INSERT OR REPLACE INTO dose_hours(start, output, exposure, estimated, seconds, loudest) VALUES(?, ?, ?, ?, ?, ?)";
    static constexpr const char *remove = "DELETE FROM dose_hours WHERE start = ? AND output = ?";
    static bool sensible_slot(const Key &key) { return DoseRows::sensible(key, span); }
    static bool sensible(const Key &key, const dose::Exposure &exposure) {
        return sensible_slot(key) && DoseRows::sensible(exposure);
    }
};

/// All rows of one table in memory. A key without a value: it was taken away, and stays away whatever the file still
/// says.
template <class Rows>
class Table {
  public:
    using Kind = Rows;
    using Key = typename Rows::Key;
    using Value = typename Rows::Value;

    /// Nothing where there is none.
    std::optional<Value> find(const Key &key) const {
        const auto known = rows_.find(key);
        return known == rows_.end() ? std::nullopt : known->second;
    }
    bool is(const Key &key, const std::optional<Value> &value) const { return find(key) == value; }
    /// `value` makes sense, or is nothing.
    void set(const Key &key, std::optional<Value> value) {
        some_gone_ |= !value.has_value();
        rows_[key] = std::move(value);
    }
    /// Takes all of them away, also those that only the file knows.
    void clear() {
        rows_.clear();
        all_gone_ = true;
    }
    template <class Each>
    void for_each(Each &&each) const {
        for (const auto &[key, value] : rows_)
            if (value) each(key, *value);
    }

    /// Takes over what the file has and memory does not know: that is newer. Throws SqliteError.
    void read(Database &from) {
        if (all_gone_) return;
        std::map<Key, std::optional<Value>> all;
        for (auto statement = from.prepare(Rows::select); statement.step();)
            if (auto row = Rows::row(statement); row && (Rows::sensible(row->first, row->second) || fault(Fault::nonsense_remembered)))
                all.insert(std::move(*row));
        rows_.merge(all);
    }
    /// Throws SqliteError.
    void write(Database &to, const Key &key) const {
        const auto value = find(key);
        auto statement = to.prepare(value ? Rows::insert : Rows::remove);
        Rows::bind(statement, key);
        if (value) Rows::bind_value(statement, *value);
        statement.step();
    }
    /// In place of all that is there. Throws SqliteError.
    void write_all(Database &to) const {
        to.prepare(std::string{"DELETE FROM "} + Rows::table).step();
        auto statement = to.prepare(Rows::insert);
        for_each([&](const Key &key, const Value &value) {
            Rows::bind(statement.again(), key);
            Rows::bind_value(statement, value);
            statement.step();
        });
    }
    /// The file says the same: what was taken away need not be known any longer.
    void forget_gone() {
        all_gone_ = false;
        if (!std::exchange(some_gone_, false)) return; // a year of rows is not walked through for each volume that is set
        std::erase_if(rows_, [](const auto &row) { return !row.second; });
    }

  private:
    std::map<Key, std::optional<Value>> rows_;
    bool all_gone_ = false;
    bool some_gone_ = false; ///< there may be keys without a value
};

struct StateTables {
    Table<VolumeRows> volumes;
    Table<MarkRows> marks;
    Table<LeftAloneRows> left_alone;
    Table<MuteRows> mutes;
    Table<PanicRows> panic;
    Table<AnswerRows> answers;
    Table<DoseMinuteRows> dose_minutes;
    Table<DoseHourRows> dose_hours;
    Table<ToldRows> told;

    template <class Each>
    void for_each(Each &&each) {
        each(volumes), each(marks), each(left_alone), each(mutes), each(panic), each(answers), each(dose_minutes), each(dose_hours), each(told);
    }
};

} // namespace soundwarden::host
