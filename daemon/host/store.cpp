// SPDX-License-Identifier: MIT
#include "host/store.hpp"

#include "sqlite.hpp"

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace soundwarden::host {
namespace {

namespace fs = std::filesystem;

constexpr int schema_version = 1;
constexpr int busy_timeout_ms = 250;
constexpr int most_broken_kept = 100;

bool sensible(double volume) { return std::isfinite(volume) && volume >= 0.0; }

fs::path absolute_from(const char *variable) {
    const char *value = std::getenv(variable);
    const fs::path path = value == nullptr ? "" : value;
    return path.is_absolute() ? path : fs::path{};
}

/// Why the directory is not there, or nothing.
std::string make_directory(const fs::path &directory) {
    std::error_code failure;
    if (fs::is_directory(directory, failure)) return {};
    if (directory.has_parent_path()) fs::create_directories(directory.parent_path(), failure);
    if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return std::generic_category().message(errno);
    return fs::is_directory(directory, failure) ? std::string{} : "it is not a directory";
}

/// The file is not a database of ours, or no longer one. Anything else may pass by itself.
bool damaged(const SqliteError &error) { return error.code == SQLITE_CORRUPT || error.code == SQLITE_NOTADB; }

} // namespace

fs::path state_directory(const std::string &chosen) {
    if (!chosen.empty()) return chosen;
    if (const auto state = absolute_from("XDG_STATE_HOME"); !state.empty()) return state / "soundwarden";
    if (const auto home = absolute_from("HOME"); !home.empty()) return home / ".local" / "state" / "soundwarden";
    return {};
}

struct Store::Impl {
    fs::path directory;
    std::optional<Database> database;
    std::string trouble; ///< why not everything is saved
    std::string notice;
    std::map<std::pair<OutputId, LoadClass>, double> volumes;
    std::map<std::pair<engine::SinkKey, std::string>, double> marks; ///< by sink and route
    std::set<OutputId> left_alone;
    std::map<engine::SinkKey, bool> mutes;

    fs::path file() const { return directory / "state.db"; }

    // ---- opening --------------------------------------------------------------------------------------------------

    void open() {
        if (directory.empty()) {
            fail("there is no state directory: set HOME or XDG_STATE_HOME, or give --state-dir");
            return;
        }
        if (const auto why = make_directory(directory); !why.empty()) {
            fail("cannot make " + directory.string() + ": " + why);
            return;
        }
        try {
            open_file();
        } catch (const SqliteError &error) {
            if (!damaged(error)) {
                fail(error.what());
                return;
            }
            replace(error.what());
        }
    }

    void open_file() {
        database.reset();
        Database opened{file().string(), busy_timeout_ms};
        check(opened);
        // WAL with synchronous=NORMAL: a commit waits for no disk, and a crash or power cut never damages the file.
        opened.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
        opened.run("BEGIN IMMEDIATE;"
                   "CREATE TABLE IF NOT EXISTS volumes(output TEXT NOT NULL, load_class TEXT NOT NULL,"
                   " volume REAL NOT NULL CHECK(volume >= 0), PRIMARY KEY(output, load_class)) STRICT, WITHOUT ROWID;"
                   "CREATE TABLE IF NOT EXISTS marks(sink TEXT NOT NULL, route TEXT NOT NULL,"
                   " volume REAL NOT NULL CHECK(volume >= 0), PRIMARY KEY(sink, route)) STRICT, WITHOUT ROWID;"
                   "CREATE TABLE IF NOT EXISTS left_alone(output TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;"
                   "CREATE TABLE IF NOT EXISTS mutes(sink TEXT NOT NULL PRIMARY KEY, mute INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
                   "PRAGMA user_version = 1;"
                   "COMMIT");
        static_assert(schema_version == 1);
        read(opened);
        database = std::move(opened);
    }

    /// Throws SqliteError with SQLITE_CORRUPT for whatever cannot be used as it is.
    static void check(Database &opened) {
        auto verdict = opened.prepare("PRAGMA quick_check(1)");
        if (verdict.step() && verdict.text(0) != "ok") throw SqliteError{SQLITE_CORRUPT, verdict.text(0)};
        auto version = opened.prepare("PRAGMA user_version");
        if (version.step() && version.integer(0) > schema_version)
            throw SqliteError{SQLITE_CORRUPT, "made by a newer version (schema " + version.text(0) + ")"};
    }

    void read(Database &opened) {
        // What is in memory is newer than what is on disk.
        for (auto row = opened.prepare("SELECT output, load_class, volume FROM volumes"); row.step();)
            if (const auto load_class = from_name<LoadClass>(row.text(1)); load_class && sensible(row.number(2)))
                volumes.try_emplace({row.text(0), *load_class}, row.number(2));
        for (auto row = opened.prepare("SELECT sink, route, volume FROM marks"); row.step();)
            if (sensible(row.number(2))) marks.try_emplace({row.text(0), row.text(1)}, row.number(2));
        for (auto row = opened.prepare("SELECT output FROM left_alone"); row.step();) left_alone.insert(row.text(0));
        for (auto row = opened.prepare("SELECT sink, mute FROM mutes"); row.step();) mutes.try_emplace(row.text(0), row.integer(1) != 0);
    }

    /// Sets the damaged file aside and begins a new one, which gets all that is in memory.
    void replace(const std::string &why) {
        database.reset();
        const auto aside = free_name();
        std::error_code failure;
        fs::rename(file(), aside, failure);
        if (failure) {
            fail(file().string() + " is damaged (" + why + ") and cannot be set aside: " + failure.message());
            return;
        }
        // These belong to the old file and would be taken for the new one's.
        for (const char *suffix : {"-wal", "-shm", "-journal"}) {
            std::error_code none;
            fs::rename(file().string() + suffix, aside.string() + suffix, none);
        }
        notice = "the state database could not be used (" + why + ") and was set aside as " + aside.string() +
                 "; a new one was begun";
        try {
            open_file();
            save_all();
        } catch (const SqliteError &error) {
            fail(error.what());
        }
    }

    fs::path free_name() const {
        for (int n = 1; n < most_broken_kept; ++n) {
            const fs::path name = file().string() + ".broken-" + std::to_string(n);
            std::error_code failure;
            if (!fs::exists(name, failure)) return name;
        }
        return file().string() + ".broken-" + std::to_string(most_broken_kept); // replaces the last one
    }

    void fail(const std::string &why) { trouble = why; }

    // ---- writing --------------------------------------------------------------------------------------------------

    /// Does it in memory, and then on disk: one row, or all of them where an earlier one is missing there.
    template <class Apply, class Write>
    void save(Apply &&apply, Write &&write) {
        if (!database) open(); // first, so that what is read from disk does not win over what is said now
        apply();
        if (!database) return;
        try {
            if (trouble.empty())
                write(*database);
            else
                save_all();
        } catch (const SqliteError &error) {
            if (damaged(error))
                replace(error.what());
            else
                fail(error.what());
        }
    }

    void save_all() {
        database->run("BEGIN IMMEDIATE");
        try {
            database->run("DELETE FROM volumes; DELETE FROM marks; DELETE FROM left_alone; DELETE FROM mutes");
            for (const auto &[key, volume] : volumes) write_volume(*database, key.first, key.second, volume);
            for (const auto &[key, volume] : marks) write_mark(*database, key.first, key.second, volume);
            for (const auto &output : left_alone) write_left_alone(*database, output);
            for (const auto &[sink, mute] : mutes) write_mute(*database, sink, mute);
            database->run("COMMIT");
        } catch (const SqliteError &) {
            if (database->in_transaction()) sqlite_quietly("ROLLBACK");
            throw;
        }
        trouble.clear();
    }

    void sqlite_quietly(const char *text) {
        try {
            database->run(text);
        } catch (const SqliteError &) { // the error that led here is the one to tell
        }
    }

    static void write_volume(Database &to, const OutputId &output, LoadClass load_class, double volume) {
        to.prepare("INSERT OR REPLACE INTO volumes VALUES(?, ?, ?)")
            .bind(output)
            .bind(std::string{name_of(load_class)})
            .bind(volume)
            .step();
    }
    static void write_mark(Database &to, const engine::SinkKey &sink, const std::string &route, double volume) {
        to.prepare("INSERT OR REPLACE INTO marks VALUES(?, ?, ?)").bind(sink).bind(route).bind(volume).step();
    }
    static void write_mute(Database &to, const engine::SinkKey &sink, bool mute) {
        to.prepare("INSERT OR REPLACE INTO mutes VALUES(?, CAST(? AS INTEGER))").bind(sink).bind(mute ? 1.0 : 0.0).step();
    }
    static void write_left_alone(Database &to, const OutputId &output) {
        to.prepare("INSERT OR REPLACE INTO left_alone VALUES(?)").bind(output).step();
    }
};

Store::Store(const fs::path &directory) : impl_(std::make_unique<Impl>()) {
    impl_->directory = directory;
    impl_->open();
}
Store::Store(Store &&) noexcept = default;
Store &Store::operator=(Store &&) noexcept = default;
Store::~Store() = default;

engine::Remembered Store::load() const {
    engine::Remembered all;
    for (const auto &[key, volume] : impl_->volumes) all.volumes.push_back({key.first, key.second, volume});
    for (const auto &[key, volume] : impl_->marks) all.marks.push_back({key.first, key.second, volume});
    for (const auto &[sink, mute] : impl_->mutes) all.mutes.push_back({sink, mute});
    all.left_alone.assign(impl_->left_alone.begin(), impl_->left_alone.end());
    return all;
}

void Store::put_volume(const OutputId &output, LoadClass load_class, double volume) {
    if (!sensible(volume)) return;
    const std::pair key{output, load_class};
    const auto known = impl_->volumes.find(key);
    if (known != impl_->volumes.end() && known->second == volume && impl_->trouble.empty()) return;
    impl_->save([&] { impl_->volumes[key] = volume; },
                [&](Database &to) { Impl::write_volume(to, output, load_class, volume); });
}

void Store::put_mark(const engine::SinkKey &sink, const std::string &route, double volume) {
    if (!sensible(volume)) return;
    const std::pair key{sink, route};
    const auto known = impl_->marks.find(key);
    if (known != impl_->marks.end() && known->second == volume && impl_->trouble.empty()) return;
    impl_->save([&] { impl_->marks[key] = volume; }, [&](Database &to) { Impl::write_mark(to, sink, route, volume); });
}

void Store::forget_mark(const engine::SinkKey &sink, const std::string &route) {
    const std::pair key{sink, route};
    if (!impl_->marks.contains(key) && impl_->trouble.empty()) return;
    impl_->save([&] { impl_->marks.erase(key); },
                [&](Database &to) {
                    to.prepare("DELETE FROM marks WHERE sink = ? AND route = ?").bind(sink).bind(route).step();
                });
}

void Store::put_mute(const engine::SinkKey &sink, std::optional<bool> mute) {
    const auto known = impl_->mutes.find(sink);
    const auto before = known == impl_->mutes.end() ? std::nullopt : std::optional{known->second};
    if (before == mute && impl_->trouble.empty()) return;
    impl_->save(
        [&] {
            if (mute) impl_->mutes[sink] = *mute;
            else impl_->mutes.erase(sink);
        },
        [&](Database &to) {
            if (mute) Impl::write_mute(to, sink, *mute);
            else to.prepare("DELETE FROM mutes WHERE sink = ?").bind(sink).step();
        });
}

void Store::put_left_alone(const OutputId &output, bool left_alone) {
    if (impl_->left_alone.contains(output) == left_alone && impl_->trouble.empty()) return;
    impl_->save(
        [&] {
            if (left_alone) impl_->left_alone.insert(output);
            else impl_->left_alone.erase(output);
        },
        [&](Database &to) {
            if (left_alone) Impl::write_left_alone(to, output);
            else to.prepare("DELETE FROM left_alone WHERE output = ?").bind(output).step();
        });
}

engine::Degraded Store::trouble() const {
    if (impl_->trouble.empty()) return {"state-store", ""};
    return {"state-store", "volumes are remembered only until the daemon ends, because " + impl_->file().string() +
                               " cannot be written (" + impl_->trouble + "); check space and permissions there"};
}

const std::string &Store::notice() const { return impl_->notice; }

} // namespace soundwarden::host
