// SPDX-License-Identifier: MIT
// Owners for SQLite's handles, and its errors as an exception that stays inside this folder.
#pragma once

#include <sqlite3.h>

#include <memory>
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
    /// True where there is a row.
    bool step() {
        const int result = sqlite3_step(handle_.get());
        if (result == SQLITE_ROW) return true;
        if (result != SQLITE_DONE) check(result);
        return false;
    }
    std::string text(int column) const {
        const auto *bytes = reinterpret_cast<const char *>(sqlite3_column_text(handle_.get(), column));
        return bytes == nullptr
                   ? std::string{}
                   : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column)));
    }
    double number(int column) const { return sqlite3_column_double(handle_.get(), column); }
    int integer(int column) const { return sqlite3_column_int(handle_.get(), column); }

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
    Database(const std::string &path, int busy_timeout_ms) {
        sqlite3 *handle = nullptr;
        const int result = sqlite3_open_v2(path.c_str(), &handle,
                                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
        handle_.reset(handle);
        if (result != SQLITE_OK)
            throw SqliteError{result, handle == nullptr ? "out of memory" : sqlite3_errmsg(handle)};
        sqlite3_busy_timeout(handle, busy_timeout_ms);
    }
    void run(const char *text) {
        if (const int result = sqlite3_exec(handle_.get(), text, nullptr, nullptr, nullptr); result != SQLITE_OK)
            throw SqliteError{result, sqlite3_errmsg(handle_.get())};
    }
    Statement prepare(const char *text) { return {handle_.get(), text}; }
    bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

  private:
    struct Close {
        void operator()(sqlite3 *handle) const { sqlite3_close_v2(handle); }
    };
    std::unique_ptr<sqlite3, Close> handle_;
};

} // namespace soundwarden::host
