// SPDX-License-Identifier: MIT
// What the command looks at by itself for `doctor`: what the daemon cannot know, or would have to be there for.
#pragma once

#include "access.hpp"
#include "answers.hpp"

#include <vector>

namespace soundwarden::cli {

/// Whether PulseAudio has the cards, whether the service starts by itself, and, where root has locked a rule, whether soundwarden-hold runs. Asks systemctl, for the timeout at most; what cannot be asked is
/// left out.
std::vector<Check> local_checks(const Access &access);

/// The gravest first; a grade that is not known counts as the gravest.
void sort_checks(std::vector<Check> &checks);

} // namespace soundwarden::cli
