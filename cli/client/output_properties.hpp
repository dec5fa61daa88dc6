// SPDX-License-Identifier: MIT
// Outputs as they stand in messages. They are read straight from there: a variant for each property would cost more than all the rest
// of `status`.
#pragma once

#include "bus/sdbus_compat.hpp"
#include "status.hpp"

#include <optional>
#include <vector>

namespace soundwarden::cli {

/// An a{sv} of properties of …SoundWarden1.Output: each into its member. Those that this command does not know are left out; one of another
/// type than promised throws sdbus::Error.
void read_properties(sdbus::Message &message, Output &output);

/// An a{sa{sv}} of an object's interfaces. Nothing where it is no output.
std::optional<Output> read_output(sdbus::Message &message);

/// The answer of GetManagedObjects, as an argument of sdbus-c++, through which nothing may be thrown.
struct ManagedOutputs {
    std::vector<Output> outputs;
    std::optional<sdbus::Error> failed; ///< what read_output() would have thrown
};
sdbus::Message &operator>>(sdbus::Message &message, ManagedOutputs &objects);

} // namespace soundwarden::cli
