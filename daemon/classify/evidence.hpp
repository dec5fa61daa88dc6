// SPDX-License-Identifier: MIT
// From facts to the rows of the table of weights that they are.
#pragma once

#include "model/card.hpp"
#include "model/classification.hpp"
#include "model/output.hpp"
#include "model/socket.hpp"
#include "weights.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::classify {

/// All that is known of a socket's load but the user's word.
struct Evidence {
    std::vector<Observation> seen;
    std::vector<Row> rows; ///< each once
    Availability plug = Availability::unknown;
    std::uint32_t plugs = 0;    ///< sockets of this signal with a plug in them, as far as they can be seen
    std::optional<Ohms> ohms{}; ///< measured

    bool has(Row row) const;
    bool speaks() const;
    void add(Row row, std::string source, std::string text);
    void note(std::string source, std::string text);
};
Evidence evidence_of(const SocketFacts &socket, OutputKind kind, const CardFacts *card);

} // namespace soundwarden::classify
