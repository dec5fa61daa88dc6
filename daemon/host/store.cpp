// SPDX-License-Identifier: MIT
#include "host/store.hpp"

#include "event_log.hpp"
#include "migrations.hpp"
#include "state_tables.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <map>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace soundwarden::host {
namespace {

namespace fs = std::filesystem;

constexpr const char *greeting = "greeting";
constexpr int busy_timeout_ms = 250;
constexpr int most_broken_kept = 100;
/// A disk that fails again and again must not fill itself with databases.
constexpr int most_set_aside_in_a_run = 3;
constexpr std::int64_t longest_age_s = std::int64_t{20} * 365 * 86'400;
constexpr const char *wal_suffix = "-wal";

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

/// What may pass by itself, or by somebody who makes room: no reason to set a database aside.
bool passes(const SqliteError &error) {
    constexpr std::array codes{SQLITE_BUSY,   SQLITE_LOCKED,   SQLITE_NOMEM, SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL,
                               SQLITE_CANTOPEN, SQLITE_PROTOCOL, SQLITE_PERM,  SQLITE_AUTH,     SQLITE_NOLFS};
    return std::find(codes.begin(), codes.end(), error.code) != codes.end();
}

/// Has the kernel begin with what it would else write within half a minute, and waits for nothing: a disk that is asleep or busy must
/// not keep the main thread. (Closing it frees none of SQLite's locks: those are on the database and its index.)
void start_writing_out(const std::string &wal) {
    const int descriptor = open(wal.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
    close(descriptor);
}

/// Every table that is there and small; the event log only where `all`, for it takes long. Throws SqliteError.
void check_pages(Database &database, bool all) {
    // Of values that make no sense only the row is left out.
    database.run("PRAGMA ignore_check_constraints = ON");
    const auto check = [&](const std::string &what) {
        auto verdict = database.prepare("PRAGMA quick_check(" + what + ")");
        if (verdict.step() && verdict.text(0) != "ok") throw SqliteError{SQLITE_CORRUPT, verdict.text(0)};
    };
    if (all) {
        check("1");
    } else {
        auto there = database.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?");
        StateTables{}.for_each([&](const auto &table) {
            const std::string name = std::remove_cvref_t<decltype(table)>::Kind::table;
            if (there.again().bind(name).step() && there.integer(0) == 1) check("'" + name + "'");
        });
    }
    database.run("PRAGMA ignore_check_constraints = OFF");
}

} // namespace

fs::path state_directory(const std::string &chosen) {
    if (!chosen.empty()) return chosen;
    if (const auto given = absolute_from("STATE_DIRECTORY"); !given.empty()) return given; // systemd's StateDirectory=
    if (const auto state = absolute_from("XDG_STATE_HOME"); !state.empty()) return state / "soundwarden";
    if (const auto home = absolute_from("HOME"); !home.empty()) return home / ".local" / "state" / "soundwarden";
    return {};
}

std::int64_t system_wall_clock() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

template <class Rows>
using Changes = std::map<typename Rows::Key, std::optional<typename Rows::Value>>; ///< nothing: it is taken away

struct Store::Impl {
    fs::path directory;
    WallClock wall_clock;
    std::optional<Database> database;
    std::string trouble; ///< why not everything is saved
    std::string notice;
    std::string lost; ///< with the database that was set aside; sentences for people
    int set_aside = 0;
    bool read = false; ///< everything that a file had is in memory
    StateTables tables;
    EventLog log;

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
            handle(error);
        }
    }

    void open_file() {
        database.reset();
        std::error_code none;
        const auto left_over = fs::file_size(file().string() + wal_suffix, none);
        // A clean end takes the log of changes away. Without one every page is looked at, which takes 3 ms a MiB.
        const bool unclean = !none && left_over > 0;
        Database opened{file().string(), trouble.empty() ? busy_timeout_ms : 0};
        // An eighth of a megabyte of pages is enough for everything; two megabytes would be filled, slowly, as the log grows.
        opened.run("PRAGMA cell_size_check = ON; PRAGMA cache_size = -128");
        check_version(opened);
        check_pages(opened, unclean);
        // WAL with synchronous=NORMAL: a commit waits for no disk, and a crash or power cut never damages the file.
        opened.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
        migrate(opened);
        tables.for_each([&](auto &table) { table.read(opened); });
        log.join(opened);
        opened.run("PRAGMA shrink_memory"); // all of it was read for once
        database = std::move(opened);
        read = true;
    }

    /// It cannot be read, nor will be: everything else passes, or is somebody's to mend.
    bool damaged(const SqliteError &error) const {
        if (!passes(error)) return true;
        // A damaged header makes a file read-only that is not.
        return error.code == SQLITE_READONLY && access(file().c_str(), W_OK) == 0 && access(directory.c_str(), W_OK) == 0;
    }

    void handle(const SqliteError &error) {
        if (damaged(error)) replace(error.what());
        else fail(error.what());
    }

    /// Sets the damaged file aside and begins a new one, which gets all that is in memory or can still be read.
    void replace(const std::string &why) {
        database.reset();
        if (set_aside >= most_set_aside_in_a_run) {
            fail(file().string() + " is damaged again and again (" + why + "); is the disk failing?");
            return;
        }
        const auto missing = rescue();
        const auto aside = free_name();
        std::error_code failure;
        fs::rename(file(), aside, failure);
        if (failure) {
            fail(file().string() + " is damaged (" + why + ") and cannot be set aside: " + failure.message());
            return;
        }
        ++set_aside;
        // These belong to the old file and would be taken for the new one's.
        for (const char *suffix : {wal_suffix, "-shm", "-journal"}) {
            std::error_code none;
            fs::rename(file().string() + suffix, aside.string() + suffix, none);
        }
        lost = "the state database could not be used (" + why + ") and was set aside as " + aside.string() +
               "; a new one was begun without " + missing;
        notice = lost;
        try {
            open_file();
            save_all();
        } catch (const SqliteError &error) {
            fail(error.what());
        }
    }

    /// Takes into memory what a damaged file still has. What it has not, in words.
    std::string rescue() {
        std::string missing = "the event log of before";
        if (read) return missing;
        const auto rescued = [](Database &from, auto &table) {
            const std::string name = std::remove_cvref_t<decltype(table)>::Kind::table;
            auto there = from.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?");
            if (!there.bind(name).step() || there.integer(0) == 0) return false;
            auto verdict = from.prepare("PRAGMA quick_check('" + name + "')");
            if (!verdict.step() || verdict.text(0) != "ok") return false;
            table.read(from);
            return true;
        };
        std::optional<Database> from;
        try {
            from.emplace(file().string(), 0);
            from->run("PRAGMA cell_size_check = ON; PRAGMA ignore_check_constraints = ON");
            if (from->number("PRAGMA user_version") > schema_version) from.reset(); // may mean something else by them
        } catch (const SqliteError &) {
            from.reset();
        }
        tables.for_each([&](auto &table) {
            try {
                if (from && rescued(*from, table)) return;
            } catch (const SqliteError &) { // is missing
            }
            missing += std::string{", "} + std::remove_cvref_t<decltype(table)>::Kind::words;
        });
        return missing;
    }

    fs::path free_name() const {
        for (int n = 1; n < most_broken_kept; ++n) {
            const fs::path name = file().string() + ".broken-" + std::to_string(n);
            std::error_code failure;
            if (!fs::exists(name, failure)) return name;
        }
        return file().string() + ".broken-" + std::to_string(most_broken_kept); // replaces the last one
    }

    void fail(const std::string &why) {
        trouble = why;
        if (database) database->wait_for_locks(0); // each try from now on is in somebody's way
    }

    // ---- writing --------------------------------------------------------------------------------------------------

    enum class Until { process_ends, power_fails };

    /// Does it in memory, and then on disk: one row, or all of them where an earlier one is missing there. True: it is
    /// there.
    template <class Apply, class Write>
    bool save(Apply &&apply, Write &&write, Until safe_until = Until::process_ends) {
        if (!database) open(); // first, so that what is read from disk does not win over what is said now
        apply();
        const bool written = attempt([&](Database &to) {
            if (!trouble.empty()) {
                save_all();
            } else if (safe_until == Until::power_fails) {
                const OnDisk until_then{to};
                write(to);
            } else {
                write(to);
            }
            tables.for_each([](auto &table) { table.forget_gone(); });
        });
        return written || (database && trouble.empty()); // in a new file, with all the rest
    }

    /// False: it was not done to its end.
    template <class Action>
    bool attempt(Action &&action) {
        if (!database) return false;
        try {
            database->give_time();
            action(*database);
            return true;
        } catch (const SqliteError &error) {
            handle(error);
            return false;
        }
    }

    template <class Table>
    bool put(Table &table, const typename Table::Key &key, std::optional<typename Table::Value> value,
             Until safe_until = Until::process_ends) {
        if (value && !Table::Kind::sensible(key, *value)) return false;
        if (trouble.empty() && table.is(key, value)) return true;
        return save([&] { table.set(key, std::move(value)); }, [&](Database &to) { table.write(to, key); }, safe_until);
    }

    /// What `rows` change in their table, each slot once; while there is trouble also what memory has already, which may
    /// not be on disk.
    template <class Rows>
    Changes<Rows> changes(const Table<Rows> &table, const std::vector<dose::Row> &rows) const {
        Changes<Rows> wanted;
        for (const auto &row : rows) {
            const dose::Slot slot{row.start_s, row.output};
            const bool gone = row.exposure == dose::Exposure{};
            if (row.span != Rows::span || !(gone ? Rows::sensible_slot(slot) : Rows::sensible(slot, row.exposure))) continue;
            wanted.insert_or_assign(slot, gone ? std::nullopt : std::optional{row.exposure});
        }
        if (trouble.empty()) std::erase_if(wanted, [&](const auto &change) { return table.is(change.first, change.second); });
        return wanted;
    }

    bool put_dose(const std::vector<dose::Row> &rows) {
        const auto minutes = changes(tables.dose_minutes, rows);
        const auto hours = changes(tables.dose_hours, rows);
        if (minutes.empty() && hours.empty()) return true;
        const auto set = [](auto &table, const auto &all) {
            for (const auto &[slot, exposure] : all) table.set(slot, exposure);
        };
        const auto write = [](Database &to, const auto &table, const auto &all) {
            for (const auto &change : all) table.write(to, change.first);
        };
        const bool written = save([&] { set(tables.dose_minutes, minutes), set(tables.dose_hours, hours); },
                                  [&](Database &to) {
                                      Transaction transaction{to};
                                      write(to, tables.dose_minutes, minutes), write(to, tables.dose_hours, hours);
                                      transaction.commit();
                                  });
        if (written) start_writing_out(file().string() + wal_suffix);
        return written;
    }

    /// Answers are among it, so that it is on the disk when this returns. Throws SqliteError.
    void save_all() {
        {
            const OnDisk until_then{*database};
            Transaction transaction{*database};
            tables.for_each([&](const auto &table) { table.write_all(*database); });
            transaction.commit();
        }
        trouble.clear();
        database->wait_for_locks(busy_timeout_ms);
    }

    bool flush() {
        if (trouble.empty() && log.waiting() == 0) return true;
        if (!database) open();
        return attempt([&](Database &to) {
            if (!trouble.empty()) save_all();
            log.flush(to, wall_clock());
        });
    }

    Duration age_of(const StoredAnswer &stored) const {
        const auto now_s = wall_clock() / 1000;
        const bool backwards = stored.given_at_s > now_s || stored.given_at_s < now_s - longest_age_s;
        return backwards ? Duration{0} : std::chrono::seconds{now_s - stored.given_at_s};
    }
};

Store::Store(const fs::path &directory, WallClock wall_clock) : impl_(std::make_unique<Impl>()) {
    impl_->directory = directory;
    impl_->wall_clock = std::move(wall_clock);
    impl_->open();
}
Store::Store(Store &&) noexcept = default;
Store &Store::operator=(Store &&) noexcept = default;
Store::~Store() {
    if (impl_) impl_->flush();
}

engine::Remembered Store::load() const {
    engine::Remembered all;
    const StateTables &from = impl_->tables;
    from.volumes.for_each([&](const auto &key, double volume) { all.volumes.push_back({key.first, key.second, volume}); });
    from.marks.for_each([&](const auto &key, double volume) { all.marks.push_back({key.first, key.second, volume}); });
    from.left_alone.for_each([&](const auto &output, auto) { all.left_alone.push_back(output); });
    from.mutes.for_each([&](const auto &sink, bool mute) { all.mutes.push_back({sink, mute}); });
    from.panic.for_each([&](const auto &sink, bool mute) {
        if (sink.empty()) all.panic = true;
        else all.panicked.push_back({sink, mute});
    });
    from.answers.for_each([&](const auto &output, const StoredAnswer &stored) {
        all.answers.push_back({output, stored.answer, impl_->age_of(stored), stored.plugs});
    });
    return all;
}

void Store::put_volume(const OutputId &output, LoadClass load_class, double volume) {
    impl_->put(impl_->tables.volumes, {output, load_class}, volume);
}

void Store::put_mark(const engine::SinkKey &sink, const std::string &route, double volume) {
    impl_->put(impl_->tables.marks, {sink, route}, volume);
}

void Store::forget_mark(const engine::SinkKey &sink, const std::string &route) {
    impl_->put(impl_->tables.marks, {sink, route}, std::nullopt);
}

void Store::put_mute(const engine::SinkKey &sink, std::optional<bool> mute) { impl_->put(impl_->tables.mutes, sink, mute); }

void Store::put_panic(bool on) { impl_->put(impl_->tables.panic, {}, on ? std::optional{true} : std::nullopt); }

void Store::put_panic_mute(const engine::SinkKey &sink, std::optional<bool> mute) {
    if (!sink.empty()) impl_->put(impl_->tables.panic, sink, mute);
}

void Store::put_left_alone(const OutputId &output, bool left_alone) {
    impl_->put(impl_->tables.left_alone, output, left_alone ? std::optional{LeftAloneRows::Value{}} : std::nullopt);
}

bool Store::greeted() const { return impl_->tables.told.find(greeting).has_value(); }
void Store::put_greeted() { impl_->put(impl_->tables.told, OutputId{greeting}, std::optional{ToldRows::Value{}}); }

bool Store::put_answer(const OutputId &output, const std::optional<Answer> &answer, Duration age, std::uint32_t plugs) {
    auto &answers = impl_->tables.answers;
    if (!answer && output.empty())
        return impl_->save([&] { answers.clear(); }, [&](Database &to) { answers.write_all(to); }, Impl::Until::power_fails);
    if (!answer) return impl_->put(answers, output, std::nullopt, Impl::Until::power_fails);
    StoredAnswer stored{*answer, impl_->wall_clock() / 1000, plugs};
    if (age.count() > 0) stored.given_at_s -= std::chrono::duration_cast<std::chrono::seconds>(age).count();
    const auto known = answers.find(output);
    if (known && known->answer == *answer && known->plugs < plugs) {
        // Only used. The monotonic clock stands still while the machine sleeps: that makes no answer younger.
        stored.given_at_s = std::min(stored.given_at_s, known->given_at_s);
        return impl_->put(answers, output, std::move(stored));
    }
    return impl_->put(answers, output, std::move(stored), Impl::Until::power_fails);
}

std::vector<dose::Row> Store::dose() const {
    std::vector<dose::Row> all;
    const auto take = [&](const auto &table) {
        table.for_each([&](const dose::Slot &slot, const dose::Exposure &exposure) {
            all.push_back({std::remove_cvref_t<decltype(table)>::Kind::span, slot.first, slot.second, exposure});
        });
    };
    take(impl_->tables.dose_minutes), take(impl_->tables.dose_hours);
    return all;
}

bool Store::was_read() const { return impl_->read; }

bool Store::put_dose(const std::vector<dose::Row> &rows) { return impl_->put_dose(rows); }

std::size_t Store::log(LogEntry entry) {
    if (entry.unix_ms == 0) entry.unix_ms = impl_->wall_clock();
    return impl_->log.add(std::move(entry));
}

bool Store::flush() { return impl_->flush(); }

std::vector<LogEntry> Store::read_log(const LogQuery &query) {
    std::vector<LogEntry> found;
    if (impl_->attempt([&](Database &from) { found = impl_->log.read(&from, query); })) return found;
    try {
        return impl_->log.read(nullptr, query);
    } catch (const SqliteError &) { // nothing of SQLite's is asked
        return found;
    }
}

engine::Degraded Store::trouble() const {
    if (impl_->trouble.empty()) return {"state-store", ""};
    return {"state-store", "volumes, answers and what was heard are remembered only until the daemon ends, because " + impl_->file().string() +
                               " cannot be written (" + impl_->trouble + "); check space and permissions there"};
}

engine::Degraded Store::set_aside() const {
    if (impl_->lost.empty()) return {"state-set-aside", ""};
    return {"state-set-aside", impl_->lost + ". What it no longer knows it will ask, or can be told: soundwarden answer OUTPUT LOAD"};
}

const std::string &Store::notice() const { return impl_->notice; }

} // namespace soundwarden::host
