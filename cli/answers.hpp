// SPDX-License-Identifier: MIT
// What the daemon answers besides its state, as the CLI holds it. Tokens stay strings, as in status.hpp.
#pragma once

#include "policy/decide.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace soundwarden::cli {

/// Manager.Explain, in the policy's own terms: only `rules`, `sum`, `target`, `spl`, `bounded_by`, `below`, and of `decision`
/// verdict and cap.
struct Explained {
    std::string load; ///< the plausible load whose rule decided
    policy::Explanation explanation;
};

/// One line of Manager.Checks, or what the command looked at by itself.
struct Check {
    std::string token;
    std::string grade; ///< "fault", "warning", "note", "ok"
    std::string found;
    std::string means;
    std::string command;
};

/// Manager.Graph.
struct Graph {
    struct Node {
        std::uint32_t id = 0;
        std::string name;
        std::string title;
        std::string role; ///< "stream", "guard", "out", "sink"
        std::string sink;
    };
    struct Link {
        std::uint32_t from = 0;
        std::uint32_t to = 0;
        bool past = false;
    };
    std::vector<Node> nodes;
    std::vector<Link> links;
};

} // namespace soundwarden::cli
