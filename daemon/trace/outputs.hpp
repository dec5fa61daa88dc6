// SPDX-License-Identifier: MIT
// Which outputs the engine has found on each sink.
#pragma once

#include "engine/snapshot.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace soundwarden::trace {

/// In an order of their own: which of them is active is told elsewhere.
inline std::map<engine::SinkKey, std::vector<OutputId>> outputs_by_sink(const engine::Snapshot &snapshot) {
    std::map<engine::SinkKey, std::vector<OutputId>> outputs;
    for (const engine::OutputView &view : snapshot.outputs) outputs[view.sink].push_back(view.id);
    for (auto &[sink, ids] : outputs) std::sort(ids.begin(), ids.end());
    return outputs;
}

} // namespace soundwarden::trace
