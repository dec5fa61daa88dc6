// SPDX-License-Identifier: MIT
// What guards measure, as others ask for it. Main thread.
#pragma once

#include "guard.hpp"
#include "objects.hpp"
#include "pipewire_adapter/adapter.hpp"

#include <optional>

namespace soundwarden::pipewire_adapter {

/// Takes the peaks along: they begin anew with each call. Nothing where the pair does not run or only silence came.
std::optional<Meter> measured(const Guard &guard);

/// `node`: its sink, null where it is not known.
Heard heard_through(const Guard &guard, const SinkObject *node);

} // namespace soundwarden::pipewire_adapter
