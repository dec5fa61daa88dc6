// SPDX-License-Identifier: MIT
// What the daemon answers when it is asked about more than the objects' properties; fields as in the interface XML.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::dbus {

/// Manager.Explain.
struct Explained {
    struct Rule {
        std::string name;
        std::string file;
        std::uint32_t line = 0;
        std::uint32_t column = 0;
        bool matched = false;
        bool decided = false;
        bool locked = false;
        std::string why;
    };
    struct Addend {
        std::string what;
        double db = 0.0;
        bool assumed = false;
    };
    std::string load;
    std::vector<Rule> rules;
    std::vector<Addend> sum;
    std::string verdict;
    std::optional<double> cap_dbfs{};
    std::optional<double> target_dba{};
    std::optional<double> spl_db{};
    std::string bounded_by{};
    double below_db = 0.0;
};

/// One line of Manager.Checks.
struct CheckLine {
    std::string token;
    std::string grade;
    std::string found;
    std::string means;
    std::string command;
};

/// Manager.Graph.
struct GraphPicture {
    struct Node {
        std::uint32_t id = 0;
        std::string name;
        std::string title;
        std::string role;
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

} // namespace soundwarden::dbus
