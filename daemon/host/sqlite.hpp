// SPDX-License-Identifier: MIT
// Owners for SQLite's handles, and its errors as an exception that stays inside this folder.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace soundwarden::host {

struct SqliteError : std::runtime_error {
    SqliteError(int result, const std::string &message) : std::runtime_error(message), code(result & 0xFF) {}
    int code; ///< primary result code: SQLITE_CORRUPT, SQLITE_BUSY, …
};

/// One prepared statement. Parameters are bound in order, then `step` gives row after row.
class Statement {
  public:
    Statement(sqlite3 *database, const char *text) : database_(database) {
        sqlite3_stmt *handle = nullptr;
        check(sqlite3_prepare_v2(database, text, -1, &handle, nullptr));
        handle_.reset(handle);
    }
    Statement &bind(const std::string &text) {
        check(sqlite3_bind_text(handle_.get(), ++bound_, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT));
        return *this;
    }
    Statement &bind(double number) {
        check(sqlite3_bind_double(handle_.get(), ++bound_, number));
        return *this;
    }
    Statement &bind(std::int64_t number) {
        check(sqlite3_bind_int64(handle_.get(), ++bound_, number));
        return *this;
    }
    /// Nothing becomes NULL.
    template <class Value>
    Statement &bind(const std::optional<Value> &value) {
        if (value) return bind(*value);
        check(sqlite3_bind_null(handle_.get(), ++bound_));
        return *this;
    }
    /// True where there is a row.
    bool step() {
        const int result = sqlite3_step(handle_.get());
        if (result == SQLITE_ROW) return true;
        if (result != SQLITE_DONE) check(result);
        return false;
    }
    /// To be bound and run once more.
    Statement &again() {
        check(sqlite3_reset(handle_.get()));
        bound_ = 0;
        return *this;
    }
    std::string text(int column) const {
        const auto *bytes = reinterpret_cast<const char *>(sqlite3_column_text(handle_.get(), column));
        return bytes == nullptr
                   ? std::string{}
                   : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column)));
    }
    double number(int column) const { return sqlite3_column_double(handle_.get(), column); }
    std::int64_t integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }
    bool null(int column) const { return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL; }
    std::optional<double> number_or_null(int column) const {
        return null(column) ? std::nullopt : std::optional{number(column)};
    }
    std::optional<std::int64_t> integer_or_null(int column) const {
        return null(column) ? std::nullopt : std::optional{integer(column)};
    }

  private:
    void check(int result) const {
        if (result != SQLITE_OK) throw SqliteError{result, sqlite3_errmsg(database_)};
    }
    struct Finalize {
        void operator()(sqlite3_stmt *handle) const { sqlite3_finalize(handle); }
    };
    sqlite3 *database_;
    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
    int bound_ = 0;
};

class Database {
  public:
    /// Opens or makes it. Throws SqliteError.
    Database(const std::string &path, int busy_timeout_ms) : until_(std::make_unique<std::chrono::nanoseconds>()) {
        sqlite3 *handle = nullptr;
        const int result = sqlite3_open_v2(path.c_str(), &handle,
                                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
        handle_.reset(handle);
        if (result != SQLITE_OK)
            throw SqliteError{result, handle == nullptr ? "out of memory" : sqlite3_errmsg(handle)};
        wait_for_locks(busy_timeout_ms);
        // Nothing that the file itself brings along is run.
        sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
        sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
        sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
        sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
        constexpr int operations_between_looks = 10'000;
        sqlite3_progress_handler(handle, operations_between_looks, time_is_up, until_.get());
        give_time();
    }
    /// A damaged file whose pages lead in circles must not keep anybody for ever: what runs longer than this from now
    /// on, in this thread's own time, ends with SQLITE_INTERRUPT. Everything together takes a hundredth of it.
    void give_time(std::chrono::nanoseconds time = std::chrono::seconds(5)) { *until_ = spent() + time; }
    void wait_for_locks(int milliseconds) { sqlite3_busy_timeout(handle_.get(), milliseconds); }
    void run(const char *text) {
        if (const int result = sqlite3_exec(handle_.get(), text, nullptr, nullptr, nullptr); result != SQLITE_OK)
            throw SqliteError{result, sqlite3_errmsg(handle_.get())};
    }
    /// For what follows an error: that one is the one to tell.
    void run_quietly(const char *text) noexcept { sqlite3_exec(handle_.get(), text, nullptr, nullptr, nullptr); }
    Statement prepare(const std::string &text) { return {handle_.get(), text.c_str()}; }
    /// The one number that a statement answers with; 0 where it has no row.
    std::int64_t number(const char *text) {
        Statement statement{handle_.get(), text};
        return statement.step() ? statement.integer(0) : 0;
    }
    bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

  private:
    static std::chrono::nanoseconds spent() {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
    }
    static int time_is_up(void *until) noexcept {
        return spent() > *static_cast<const std::chrono::nanoseconds *>(until) ? 1 : 0;
    }
    struct Close {
        void operator()(sqlite3 *handle) const { sqlite3_close_v2(handle); }
    };
    std::unique_ptr<std::chrono::nanoseconds> until_; ///< read by the handle's callback
    std::unique_ptr<sqlite3, Close> handle_;
};

/// All of it or nothing: rolled back where `commit` was not reached. Throws SqliteError.
class Transaction {
  public:
    explicit Transaction(Database &database) : database_(database) { database_.run("BEGIN IMMEDIATE"); }
    Transaction(const Transaction &) = delete;
    Transaction &operator=(const Transaction &) = delete;
    ~Transaction() {
        if (database_.in_transaction()) database_.run_quietly("ROLLBACK");
    }
    void commit() { database_.run("COMMIT"); }

  private:
    Database &database_;
};

/// As long as it lives, a commit returns only once it is on the disk, and with it all that was committed before. (In WAL
/// mode with synchronous=NORMAL a commit waits for no disk: it survives the end of the process, not that of the power.)
class OnDisk {
  public:
    explicit OnDisk(Database &database) : database_(database) { database_.run("PRAGMA synchronous = FULL"); }
    OnDisk(const OnDisk &) = delete;
    OnDisk &operator=(const OnDisk &) = delete;
    ~OnDisk() { database_.run_quietly("PRAGMA synchronous = NORMAL"); }

  private:
    Database &database_;
};

} // namespace soundwarden::host
