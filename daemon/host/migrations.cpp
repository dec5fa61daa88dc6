// SPDX-License-Identifier: MIT
#include "migrations.hpp"

#include <array>
#include <string>

namespace soundwarden::host {
namespace {

/// What version 1 was. A part of its tables joined while it was in use already, so each may be missing.
#define SOUNDWARDEN_SCHEMA_1                                                                                           \
    "CREATE TABLE IF NOT EXISTS volumes(output TEXT NOT NULL, load_class TEXT NOT NULL,"                               \
    " volume REAL NOT NULL CHECK(volume >= 0), PRIMARY KEY(output, load_class)) STRICT, WITHOUT ROWID;"                \
    "CREATE TABLE IF NOT EXISTS marks(sink TEXT NOT NULL, route TEXT NOT NULL,"                                        \
    " volume REAL NOT NULL CHECK(volume >= 0), PRIMARY KEY(sink, route)) STRICT, WITHOUT ROWID;"                       \
    "CREATE TABLE IF NOT EXISTS left_alone(output TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;"                   \
    "CREATE TABLE IF NOT EXISTS mutes(sink TEXT NOT NULL PRIMARY KEY, mute INTEGER NOT NULL) STRICT, WITHOUT ROWID;"   \
    "CREATE TABLE IF NOT EXISTS panic(sink TEXT NOT NULL PRIMARY KEY, mute INTEGER NOT NULL) STRICT, WITHOUT ROWID;"

constexpr const char *to_1 = SOUNDWARDEN_SCHEMA_1;

// A text's bytes, not its characters: length() alone stops at the first zero byte. The bounds are those of
// state_tables.hpp and event_log.hpp, which write nothing beyond them.
#define SOUNDWARDEN_KEY(name) name " TEXT NOT NULL CHECK(length(CAST(" name " AS BLOB)) BETWEEN 1 AND 16384)"
#define SOUNDWARDEN_MAY_BE_EMPTY(name, most)                                                                           \
    name " TEXT NOT NULL CHECK(length(CAST(" name " AS BLOB)) <= " #most ")"
#define SOUNDWARDEN_VOLUME "volume REAL NOT NULL CHECK(volume BETWEEN 0 AND 1000000)"
#define SOUNDWARDEN_BOOLEAN(name) name " INTEGER NOT NULL CHECK(" name " IN (0, 1))"

constexpr const char *to_2 = SOUNDWARDEN_SCHEMA_1 // clang-format off
    "ALTER TABLE volumes RENAME TO volumes_1;"
    "ALTER TABLE marks RENAME TO marks_1;"
    "ALTER TABLE left_alone RENAME TO left_alone_1;"
    "ALTER TABLE mutes RENAME TO mutes_1;"
    "ALTER TABLE panic RENAME TO panic_1;"

    "CREATE TABLE volumes(" SOUNDWARDEN_KEY("output") ","
    " load_class TEXT NOT NULL CHECK(length(load_class) BETWEEN 1 AND 64),"
    " " SOUNDWARDEN_VOLUME ", PRIMARY KEY(output, load_class)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE marks(" SOUNDWARDEN_KEY("sink") ", " SOUNDWARDEN_MAY_BE_EMPTY("route", 16384) ","
    " " SOUNDWARDEN_VOLUME ", PRIMARY KEY(sink, route)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE left_alone(" SOUNDWARDEN_KEY("output") ", PRIMARY KEY(output)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE mutes(" SOUNDWARDEN_KEY("sink") ", " SOUNDWARDEN_BOOLEAN("mute") ","
    " PRIMARY KEY(sink)) STRICT, WITHOUT ROWID;"
    // Under the empty name: that it holds.
    "CREATE TABLE panic(" SOUNDWARDEN_MAY_BE_EMPTY("sink", 16384) ", " SOUNDWARDEN_BOOLEAN("mute") ","
    " PRIMARY KEY(sink)) STRICT, WITHOUT ROWID;"

    "INSERT OR IGNORE INTO volumes SELECT output, load_class, volume FROM volumes_1;"
    "INSERT OR IGNORE INTO marks SELECT sink, route, volume FROM marks_1;"
    "INSERT OR IGNORE INTO left_alone SELECT output FROM left_alone_1;"
    "INSERT OR IGNORE INTO mutes SELECT sink, mute <> 0 FROM mutes_1;"
    "INSERT OR IGNORE INTO panic SELECT sink, mute <> 0 FROM panic_1;"
    "DROP TABLE volumes_1; DROP TABLE marks_1; DROP TABLE left_alone_1; DROP TABLE mutes_1; DROP TABLE panic_1;"

    // given_at: seconds since 1970. Names of loads are not listed: one that a later version knows is left out by this one.
    "CREATE TABLE answers(" SOUNDWARDEN_KEY("output") ","
    " load TEXT NOT NULL CHECK(length(load) BETWEEN 1 AND 64),"
    " given_at INTEGER NOT NULL,"
    " plugs INTEGER NOT NULL CHECK(plugs BETWEEN 0 AND 4294967295),"
    " impedance_ohm REAL CHECK(impedance_ohm > 0 AND impedance_ohm <= 1000000),"
    " sensitivity_db_per_volt REAL CHECK(sensitivity_db_per_volt BETWEEN -1000 AND 1000),"
    " rating_watts REAL CHECK(rating_watts > 0 AND rating_watts <= 1000000),"
    " " SOUNDWARDEN_MAY_BE_EMPTY("model", 1024) ","
    " model_from TEXT NOT NULL CHECK(length(model_from) BETWEEN 1 AND 64),"
    " microphone INTEGER CHECK(microphone IN (0, 1)),"
    " line INTEGER CHECK(line IN (0, 1)),"
    " ohms_bucket INTEGER CHECK(ohms_bucket BETWEEN 0 AND 4294967295),"
    " " SOUNDWARDEN_MAY_BE_EMPTY("product", 1024) ","
    " PRIMARY KEY(output)) STRICT, WITHOUT ROWID;"

    // In the order in which it happened; unix_ms follows the wall clock, which may go back.
    "CREATE TABLE log(id INTEGER PRIMARY KEY,"
    " unix_ms INTEGER NOT NULL,"
    " level TEXT NOT NULL CHECK(level IN ('debug', 'info', 'warning', 'error')),"
    " what TEXT NOT NULL CHECK(length(CAST(what AS BLOB)) BETWEEN 1 AND 64),"
    " " SOUNDWARDEN_MAY_BE_EMPTY("subject", 512) ","
    " " SOUNDWARDEN_MAY_BE_EMPTY("text", 1280) ") STRICT;"; // clang-format on

// start: seconds since 1970, a multiple of the span. exposure, estimated: Pa²h; loudest: dB(A). Two sums over the same
// seconds may differ by rounding, so the bound on `estimated` is a wide one.
#define SOUNDWARDEN_DOSE_TABLE(name, span_s)                                                                           \
    "CREATE TABLE " name "("                                                                                           \
    "start INTEGER NOT NULL CHECK(start BETWEEN 0 AND 253402300799 AND start % " #span_s " = 0),"                      \
    " " SOUNDWARDEN_KEY("output") ","                                                                                  \
    " exposure REAL NOT NULL CHECK(exposure BETWEEN 0 AND 1000000000000),"                                             \
    " estimated REAL NOT NULL CHECK(estimated BETWEEN 0 AND exposure * 1.001),"                                        \
    " seconds REAL NOT NULL CHECK(seconds BETWEEN 0 AND 1000000000),"                                                  \
    " loudest REAL NOT NULL CHECK(loudest BETWEEN 0 AND 1000),"                                                        \
    " PRIMARY KEY(start, output)) STRICT, WITHOUT ROWID;"

constexpr const char *to_3 = SOUNDWARDEN_DOSE_TABLE("dose_minutes", 60) SOUNDWARDEN_DOSE_TABLE("dose_hours", 3600);

constexpr const char *to_4 = "CREATE TABLE told(" SOUNDWARDEN_KEY("what") ", PRIMARY KEY(what)) STRICT, WITHOUT ROWID;";

/// The n-th leads from version n to n + 1.
constexpr std::array<const char *, schema_version> steps{to_1, to_2, to_3, to_4};

std::int64_t version_of(Database &database) { return database.number("PRAGMA user_version"); }

} // namespace

void check_version(Database &database) {
    const auto version = version_of(database);
    if (version > schema_version)
        throw SqliteError{SQLITE_CORRUPT, "made by a newer version (schema " + std::to_string(version) + ")"};
    if (version < 0) throw SqliteError{SQLITE_CORRUPT, "there is no schema " + std::to_string(version)};
    if (version == 0 && database.number("SELECT count(*) FROM sqlite_schema") > 0)
        throw SqliteError{SQLITE_CORRUPT, "it is a database of something else"};
}

void migrate(Database &database) {
    while (version_of(database) < schema_version) {
        Transaction transaction{database};
        const auto version = version_of(database);
        if (version >= schema_version) return;
        database.run(steps.at(static_cast<std::size_t>(version)));
        database.run(("PRAGMA user_version = " + std::to_string(version + 1)).c_str());
        transaction.commit();
    }
}

} // namespace soundwarden::host
