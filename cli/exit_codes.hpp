// SPDX-License-Identifier: MIT
// What the command's exit code says: documented in soundwarden(1), a promise to scripts.
#pragma once

namespace soundwarden::cli {

enum ExitCode : int {
    exit_ok = 0,
    exit_failed = 1,
    exit_usage = 2,
    exit_unreachable = 3, ///< no bus, no daemon, or no answer in time
    exit_no_such = 4,     ///< no output fits the name, or more than one does
    exit_not_allowed = 5, ///< the daemon refuses
    exit_invalid_policy = 6,  ///< `policy check`, `show`, `test`: it has errors

    // `status --exit-code` only; the gravest that holds
    exit_limiting = 10, ///< a limiter is taking something away now
    exit_degraded = 11, ///< not protected as well as it should be
    exit_blocked = 12,  ///< an output is silenced
};

} // namespace soundwarden::cli
