// SPDX-License-Identifier: MIT
// Whether a rule's conditions hold: for an output, and then for a load at it.
#pragma once

#include "policy/decide.hpp"

namespace soundwarden::policy {

bool speaks_for(const When &when, const OutputFacts &facts, const OutputNames &names);
bool speaks_for(const When &when, Load load, Confidence confidence, const LoadFacts &facts);

} // namespace soundwarden::policy
