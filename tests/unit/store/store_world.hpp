// SPDX-License-Identifier: MIT
// A directory for a store, a clock that stands still, and what it takes to do harm to a database.
#pragma once

#include "host/store.hpp"
#include "private_bus.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace soundwarden::test {

namespace fs = std::filesystem;

inline bool nightly() {
    const char *wish = std::getenv("SOUNDWARDEN_NIGHTLY");
    return wish != nullptr && *wish == '1';
}

inline std::string slurp(const fs::path &path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

inline void spill(const fs::path &path, const std::string &bytes) {
    std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
}

/// Runs `body` in a child, which ends with what it returns; its exit code, or 128 + signal.
template <class Body>
int in_child(Body &&body) {
    const pid_t child = fork();
    if (child == 0) {
        int code = 99;
        try {
            code = body();
        } catch (...) { // 99
        }
        _exit(code);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Somebody else with the same file.
class Raw {
  public:
    explicit Raw(const fs::path &file) { EXPECT_EQ(sqlite3_open(file.c_str(), &handle_), SQLITE_OK); }
    Raw(const Raw &) = delete;
    Raw &operator=(const Raw &) = delete;
    ~Raw() { sqlite3_close(handle_); }

    void run(const std::string &sql) { EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle_) << ": " << sql; }
    bool refuses(const std::string &sql) { return sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK; }
    /// The one value, as text.
    std::string value(const std::string &sql) {
        std::string found;
        const auto take = [](void *to, int, char **values, char **) noexcept {
            *static_cast<std::string *>(to) = values[0] == nullptr ? "NULL" : values[0];
            return 0;
        };
        EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), take, &found, nullptr), SQLITE_OK) << sqlite3_errmsg(handle_) << ": " << sql;
        return found;
    }

  private:
    sqlite3 *handle_ = nullptr;
};

/// Damage to the pages of one table, found by SQLite's own map of them.
inline void damage_table(const fs::path &file, const std::string &table) {
    const auto page = std::stoll(Raw{file}.value("SELECT rootpage FROM sqlite_schema WHERE name = '" + table + "'"));
    std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
    bytes.seekp((page - 1) * 4096);
    bytes << std::string(4096, '\xa5');
}

/// What a store of version 1 left, by its own statements: volumes, a mark, mutes, a panic.
inline constexpr const char *version_1 =
    "PRAGMA journal_mode = WAL;"
    "CREATE TABLE volumes(output TEXT NOT NULL, load_class TEXT NOT NULL, volume REAL NOT NULL CHECK(volume >= 0),"
    " PRIMARY KEY(output, load_class)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE marks(sink TEXT NOT NULL, route TEXT NOT NULL, volume REAL NOT NULL CHECK(volume >= 0),"
    " PRIMARY KEY(sink, route)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE left_alone(output TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;"
    "CREATE TABLE mutes(sink TEXT NOT NULL PRIMARY KEY, mute INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE panic(sink TEXT NOT NULL PRIMARY KEY, mute INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "INSERT INTO volumes VALUES('card_headphones', 'ears', 0.25), ('card_headphones', 'speakers', 0.75), ('usb', 'ears', 0.5);"
    "INSERT INTO marks VALUES('alsa_output.card', 'analog-output-headphones', 0.064);"
    "INSERT INTO left_alone VALUES('hdmi');"
    "INSERT INTO mutes VALUES('alsa_output.card', 1), ('alsa_output.usb', 0);"
    "INSERT INTO panic VALUES('', 1), ('alsa_output.card', 1);"
    "PRAGMA user_version = 1;";

/// A clock that goes only where it is set. Milliseconds since 1970.
class SetClock {
  public:
    host::WallClock clock() {
        return [now = now_] { return *now; };
    }
    void set_s(std::int64_t seconds) { *now_ = seconds * 1000; }
    std::int64_t ms() const { return *now_; }

  private:
    std::shared_ptr<std::int64_t> now_ = std::make_shared<std::int64_t>(1'800'000'000'000);
};

/// With every field filled.
inline Answer full_answer(Load load = Load::in_ear) {
    Answer answer;
    answer.load = load;
    answer.facts.impedance = Ohms{32.5};
    answer.facts.sensitivity = Decibels{117.25};
    answer.facts.rating_watts = 0.1;
    answer.facts.model = "Model \"X\" \xc3\xbc";
    answer.facts.model_from = ModelFrom::user;
    answer.fingerprint.microphone = false;
    answer.fingerprint.line = true;
    answer.fingerprint.ohms_bucket = 3;
    answer.fingerprint.product = "Display";
    return answer;
}

inline host::LogEntry entry(const std::string &what, const std::string &subject, const std::string &text, std::int64_t unix_ms = 0) {
    return {0, unix_ms, "info", what, subject, text};
}

class StoreTest : public testing::Test {
  protected:
    TempDir temp;
    fs::path directory = temp.path() / "deep" / "soundwarden";
    fs::path file = directory / "state.db";
    SetClock wall;

    host::Store open() { return host::Store{directory, wall.clock()}; }
    std::string sql(const std::string &statement) const { return Raw{file}.value(statement); }
    /// Before the first store.
    void begin_with(const std::string &statements) const {
        fs::create_directories(directory);
        Raw{file}.run(statements);
    }
    std::vector<std::string> broken() const {
        std::vector<std::string> names;
        for (const auto &each : fs::directory_iterator(directory))
            if (const auto name = each.path().filename().string(); name.starts_with("state.db.broken") && name.find('-', 16) == std::string::npos) names.push_back(name);
        return names;
    }
};

/// The answer of an output, or nothing.
inline std::optional<engine::RememberedAnswer> answer_of(const engine::Remembered &all, const OutputId &output) {
    for (const auto &each : all.answers)
        if (each.output == output) return each;
    return std::nullopt;
}

} // namespace soundwarden::test
