// SPDX-License-Identifier: MIT
// The wrapper around every handler and getter that the bus can reach.
#pragma once

#include "bus/names.hpp"
#include "bus/sdbus_compat.hpp"
#include "utf8.hpp"

#include <exception>
#include <utility>

namespace soundwarden::dbus {

/// Runs `body` and turns whatever it throws into a D-Bus error for the caller. Without it sdbus-c++ 1.2 lets any
/// exception that is not sdbus::Error end the process: a client could kill a safety daemon.
template <class Body>
auto guarded(Body &&body) -> decltype(std::forward<Body>(body)()) {
    try {
        return std::forward<Body>(body)();
    } catch (const sdbus::Error &) {
        throw;
    } catch (const std::exception &failure) {
        throw sdbus::Error{bus::ErrorName{bus::error::internal}, valid_utf8(failure.what())};
    } catch (...) {
        throw sdbus::Error{bus::ErrorName{bus::error::internal}, "unknown exception"};
    }
}

} // namespace soundwarden::dbus
