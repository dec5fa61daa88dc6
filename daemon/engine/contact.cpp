// SPDX-License-Identifier: MIT
#include "contact.hpp"

#include "model/fault.hpp"

#include <algorithm>

namespace soundwarden::engine {
namespace {

// reference/sensing.md §6.3: flaps
constexpr Duration window = std::chrono::seconds(2);
constexpr std::size_t edges_allowed = 3;
constexpr Duration hold_bad = std::chrono::seconds(5);

} // namespace

bool rattles(const Sink &sink, Time now) { return sink.contact.bad_until && now < *sink.contact.bad_until; }

Duration hold_after_edge(Sink &sink, bool contact, Duration usual, Step &step) {
    Contact &seen = sink.contact;
    const bool before = rattles(sink, step.now);
    if (contact) {
        seen.edges.push_back(step.now);
        if (seen.edges.size() > edges_allowed + 1) seen.edges.pop_front();
        const bool many = !fault(Fault::rattling_unseen) && seen.edges.size() > edges_allowed && step.now - seen.edges.front() <= window;
        if (many) seen.bad_until = step.now + hold_bad;
        if (many && !before)
            step.report(Level::warning, "contact", sink.facts.key,
                        "a plug makes bad contact: more than 3 edges in 2 s; held at the settling level until it has been quiet for 5 s");
    }
    if (!rattles(sink, step.now)) return usual;
    return std::max(usual, *seen.bad_until - step.now);
}

} // namespace soundwarden::engine
