// SPDX-License-Identifier: MIT
// The times that limiter_bench measured, as a table for people and as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace soundwarden::bench {

/// What was measured: who, set how, on what. The key of every row and of every JSON entry.
struct Subject {
    std::string who;  ///< "soundwarden", "x42 dpl"
    std::string mode; ///< "default-true-peak"
    std::string isa;  ///< "avx2"; "packaged" for what others compiled
    std::string signal;
    std::uint32_t block = 0;
    std::uint32_t channels = 2;
    std::string ours; ///< our mode that a peer is set against; empty for ours

    std::string name() const;
    bool operator==(const Subject &) const = default;
};

struct Time {
    Subject subject;
    std::vector<double> ns_per_frame; ///< one for each repetition, never empty

    double least() const;
    double median() const;
};

/// Rows of who, mode and instruction set; columns of block lengths, or of channel counts; for peers also the ratio of
/// least times to ours of `best_isa`. Then what denormals cost beside sines.
std::string table(const std::vector<Time> &times, const std::string &best_isa);

/// A list of {who, mode, isa, signal, block, channels, ns_per_frame}, the least times.
nlohmann::json summary(const std::vector<Time> &times);

} // namespace soundwarden::bench
