// SPDX-License-Identifier: MIT
// The database's schema, and the way to it from every earlier one and from an empty file.
#pragma once

#include "sqlite.hpp"

namespace soundwarden::host {

/// PRAGMA user_version of what this version writes.
inline constexpr int schema_version = 4;

/// Throws SqliteError (SQLITE_CORRUPT) where the file was made by a newer version, or is somebody else's. Writes nothing.
void check_version(Database &database);

/// Brings the schema to `schema_version`: one step after the other, each in a transaction of its own together with its
/// user_version, so that it can be ended at any moment and goes on from there. What makes no sense in the old tables is
/// left behind. Throws SqliteError.
void migrate(Database &database);

} // namespace soundwarden::host
