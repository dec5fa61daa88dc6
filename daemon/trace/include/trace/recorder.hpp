// SPDX-License-Identifier: MIT
// Makes the lines of a trace. Pure: who calls writes them down. One thread.
#pragma once

#include "engine/engine.hpp"
#include "trace/line.hpp"
#include "trace/pseudonyms.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::trace {

class Recorder {
  public:
    /// Without pseudonyms all is recorded as it is.
    explicit Recorder(std::optional<Pseudonyms> pseudonyms);

    /// The first line.
    std::string header(const std::string &version, const engine::Settings &settings) const;
    /// The lines of one step: `effects` are what `engine` has just answered to the event at that time.
    std::string step(const engine::Engine &engine, const engine::Event &event, Time time, const engine::Effects &effects);

  private:
    std::string outputs(const engine::Engine &engine, Time time);

    std::optional<Pseudonyms> pseudonyms_;
    std::uint64_t revision_ = 0; ///< of the engine, as it was looked at last
    std::map<engine::SinkKey, std::vector<OutputId>> outputs_;
};

} // namespace soundwarden::trace
