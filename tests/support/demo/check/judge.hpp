// SPDX-License-Identifier: MIT
// The promises, each judged from the take alone.
#pragma once

#include "take.hpp"
#include "track.hpp"

#include <string>
#include <vector>

namespace soundwarden::check {

struct Judgement {
    std::string key;     ///< stable: "ceiling", "settling", …
    bool held = false;
    std::string promise; ///< for people
    std::string figures; ///< what was measured
};

/// One for each promise, in a fixed order.
std::vector<Judgement> judge(const Take &take);

} // namespace soundwarden::check
