// SPDX-License-Identifier: MIT
// What the daemon holds of the machine's memory.
#pragma once

namespace soundwarden::host {

/// Gives back to the system what the C library keeps of memory that was freed: when all that is read at the start has been read, and after
/// what happened. Takes a millisecond. Any thread; throws nothing; does nothing where the C library knows no such thing.
void give_back_freed_memory() noexcept;

} // namespace soundwarden::host
