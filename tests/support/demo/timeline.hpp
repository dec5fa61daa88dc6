// SPDX-License-Identifier: MIT
// What happened, for timeline.jsonl (docs/demo.md): one JSON object a line, in the order of time.
#pragma once

#include "bench/recording.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

namespace soundwarden::demo {

/// Any thread.
class Timeline {
public:
    /// `t_ns`: CLOCK_MONOTONIC.
    void add(std::int64_t t_ns, const std::string &kind, nlohmann::ordered_json fields = nlohmann::ordered_json::object());

    /// Writes `header`, the cycles of `sink`, and the events, each with the frame of the recording that belongs to its
    /// time. Throws std::runtime_error.
    void write(const std::filesystem::path &path, nlohmann::ordered_json header, const bench::Recording &sink) const;

private:
    struct Entry {
        std::int64_t t_ns;
        std::string kind;
        nlohmann::ordered_json fields;
    };
    mutable std::mutex mutex_;
    std::vector<Entry> entries_;
};

} // namespace soundwarden::demo
