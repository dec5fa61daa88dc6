// SPDX-License-Identifier: MIT
#include "event_log.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace soundwarden::host {
namespace {

// The same bounds as in the schema (migrations.cpp).
constexpr std::size_t most_what_bytes = 64;
constexpr std::size_t most_subject_bytes = 512;
constexpr std::size_t most_text_bytes = 1280;
constexpr std::size_t most_count_bytes = 16; ///< " (×4294967295)"
constexpr std::int64_t ms_per_day = 86'400'000;
constexpr std::int64_t trimmed_per_flush = 5000; ///< more than can wait
constexpr std::int64_t most_id = std::int64_t{1} << 62; ///< no daemon lives that long
constexpr std::int64_t trimmed_for_room = 1000;

constexpr std::array<std::string_view, 4> levels{"debug", "info", "warning", "error"};

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// At most so many bytes, "…" at the end where something is missing, never half a character. Zero bytes end texts in SQL.
std::string cut(std::string text, std::size_t most) {
    std::replace(text.begin(), text.end(), '\0', '?');
    constexpr std::string_view missing = "…";
    if (text.size() <= most) return text;
    std::size_t end = most - missing.size();
    while (end > 0 && continues(text[end])) --end;
    text.resize(end);
    return text += missing;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
/// As SQLite's lower(): ASCII only.
std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return lower(c); });
    return text;
}

bool fits(const LogEntry &entry, const LogQuery &query, const std::string &lower_subject) {
    return entry.unix_ms >= query.since_unix_ms && entry.unix_ms <= query.until_unix_ms &&
           (query.what.empty() || entry.what == query.what) &&
           (lower_subject.empty() || lower(entry.subject).find(lower_subject) != std::string::npos);
}

void read_rows(Database &database, const LogQuery &query, const std::string &lower_subject, std::size_t most,
               std::vector<LogEntry> &newest_first) {
    std::string sql = "SELECT id, unix_ms, level, what, subject, text FROM log WHERE unix_ms BETWEEN ? AND ?";
    if (!query.what.empty()) sql += " AND what = ?";
    if (!lower_subject.empty()) sql += " AND instr(lower(subject), ?) > 0";
    auto rows = database.prepare(sql + " ORDER BY id DESC LIMIT ?");
    rows.bind(query.since_unix_ms).bind(query.until_unix_ms);
    if (!query.what.empty()) rows.bind(query.what);
    if (!lower_subject.empty()) rows.bind(lower_subject);
    rows.bind(static_cast<std::int64_t>(most));
    while (rows.step()) {
        LogEntry entry{rows.integer(0), rows.integer(1), rows.text(2), rows.text(3), rows.text(4), rows.text(5)};
        const bool known = std::find(levels.begin(), levels.end(), entry.level) != levels.end();
        if (known && entry.what.size() <= most_what_bytes && entry.subject.size() <= most_subject_bytes &&
            entry.text.size() <= most_text_bytes)
            newest_first.push_back(std::move(entry));
    }
}

} // namespace

LogEntry EventLog::Waiting::written() const {
    LogEntry whole = entry;
    if (times > 1) whole.text += " (×" + std::to_string(times) + ")";
    return whole;
}

std::size_t EventLog::add(LogEntry entry) {
    if (std::find(levels.begin(), levels.end(), entry.level) == levels.end()) entry.level = "info";
    entry.what = entry.what.empty() ? "other" : cut(std::move(entry.what), most_what_bytes);
    entry.subject = cut(std::move(entry.subject), most_subject_bytes);
    entry.text = cut(std::move(entry.text), most_text_bytes - most_count_bytes);
    // Only the last one of its subject: two that alternate stay in their order, and the last state stays last.
    if (const auto last = last_of_.find(entry.subject); last != last_of_.end()) {
        Waiting &same = waiting_[static_cast<std::size_t>(last->second - waiting_.front().entry.id)];
        if (same.entry.what == entry.what && same.entry.text == entry.text && same.entry.level == entry.level) {
            ++same.times;
            return waiting_.size();
        }
    }
    entry.id = ++last_id_;
    last_of_[entry.subject] = entry.id;
    waiting_.push_back({std::move(entry)});
    if (waiting_.size() > most_waiting) drop_oldest();
    return waiting_.size();
}

void EventLog::drop_oldest() {
    const LogEntry &oldest = waiting_.front().entry;
    if (const auto last = last_of_.find(oldest.subject); last != last_of_.end() && last->second == oldest.id)
        last_of_.erase(last);
    waiting_.pop_front();
    ++dropped_;
}

void EventLog::join(Database &database) {
    last_id_ = std::max<std::int64_t>(0, database.number("SELECT max(id) FROM log"));
    if (last_id_ > most_id) throw SqliteError{SQLITE_CORRUPT, "its event log has come to an end"};
    if (dropped_ > 0) ++last_id_; // for the entry that says so
    last_of_.clear();
    for (Waiting &each : waiting_) {
        each.entry.id = ++last_id_;
        last_of_[each.entry.subject] = each.entry.id;
    }
}

void EventLog::flush(Database &database, std::int64_t now_unix_ms) {
    if (waiting_.empty()) return;
    Transaction transaction{database};
    // Somebody else may have written meanwhile.
    if (database.number("SELECT max(id) FROM log") + (dropped_ > 0 ? 1 : 0) >= waiting_.front().entry.id) join(database);
    auto insert = database.prepare("INSERT INTO log(id, unix_ms, level, what, subject, text) VALUES(?, ?, ?, ?, ?, ?)");
    const auto write = [&](const LogEntry &entry) {
        insert.again().bind(entry.id).bind(entry.unix_ms).bind(entry.level).bind(entry.what).bind(entry.subject);
        insert.bind(entry.text).step();
    };
    if (dropped_ > 0)
        write({waiting_.front().entry.id - 1, waiting_.front().entry.unix_ms, "warning", "log", {},
               std::to_string(dropped_) + " entries before this could not be kept: the database could not be written"});
    for (const Waiting &each : waiting_) write(each.written());
    trim(database, now_unix_ms);
    transaction.commit();
    waiting_.clear();
    last_of_.clear();
    dropped_ = 0;
}

void EventLog::trim(Database &database, std::int64_t now_unix_ms) {
    const auto first = database.number("SELECT min(id) FROM log");
    const auto last = database.number("SELECT max(id) FROM log");
    // What lies behind one that is young enough stays: a clock that was wrong for a while has not made it old.
    auto young = database.prepare("SELECT id FROM log WHERE unix_ms >= ? ORDER BY id LIMIT 1");
    young.bind(now_unix_ms - most_days_kept * ms_per_day);
    const auto first_young = young.step() ? young.integer(0) : first;
    database.prepare("DELETE FROM log WHERE id < ? AND id < max(?, ?)")
        .bind(first + trimmed_per_flush)
        .bind(last - most_kept + 1)
        .bind(first_young)
        .step();
    const auto pages = database.number("PRAGMA page_count") - database.number("PRAGMA freelist_count");
    if (pages * database.number("PRAGMA page_size") > most_file_bytes)
        database.prepare("DELETE FROM log WHERE id < ?").bind(first + trimmed_for_room).step();
}

std::vector<LogEntry> EventLog::read(Database *database, const LogQuery &query) const {
    const auto lower_subject = lower(query.subject);
    const auto most = std::min(query.most, static_cast<std::size_t>(most_kept));
    std::vector<LogEntry> found;
    for (auto each = waiting_.rbegin(); each != waiting_.rend() && found.size() < most; ++each)
        if (fits(each->entry, query, lower_subject)) found.push_back(each->written());
    if (database != nullptr && found.size() < most)
        read_rows(*database, query, lower_subject, most - found.size(), found);
    std::reverse(found.begin(), found.end());
    return found;
}

} // namespace soundwarden::host
