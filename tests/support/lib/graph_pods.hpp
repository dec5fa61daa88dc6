// SPDX-License-Identifier: MIT
// Translation between PipeWire's parameters (POD) and the bench's values.
#pragma once

#include "bench/graph.hpp"

#include <spa/pod/iter.h>
#include <spa/pod/pod.h>
#include <spa/utils/dict.h>

#include <optional>

namespace soundwarden::bench {

/// Calls visit(item) for each member of a struct pod. SPA_POD_STRUCT_FOREACH of 0.3.65 is not C++.
template <class Visit>
void for_each_member(const spa_pod *pod, Visit visit) {
    const void *body = SPA_POD_BODY_CONST(pod);
    const auto size = static_cast<std::uint32_t>(SPA_POD_BODY_SIZE(pod));
    for (auto *item = static_cast<const spa_pod *>(body); spa_pod_is_inside(body, size, item);
         item = static_cast<const spa_pod *>(spa_pod_next(item)))
        visit(item);
}

Properties to_properties(const spa_dict *dict);
/// Merges: keys that are present replace, the others stay.
void update_properties(Properties &properties, const spa_dict *dict);

std::optional<GraphRoute> parse_route(const spa_pod *pod);
std::optional<GraphProfile> parse_profile(const spa_pod *pod);
/// Takes over the keys that are present.
void parse_node_props(const spa_pod *pod, NodeProps &props);
/// One driver of a profiler event (an object of SPA_TYPE_OBJECT_Profiler).
std::optional<GraphDriver> parse_driver(const spa_pod *pod);

} // namespace soundwarden::bench
