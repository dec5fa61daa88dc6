// SPDX-License-Identifier: MIT
// The two plugin hosts behind load_peer(); each is compiled only where its library's headers are there.
#pragma once

#include "peers.hpp"

namespace soundwarden::bench {

/// `missing` of the answer says only what went wrong.
LoadedPeer load_lv2(const PeerKind &kind, std::uint32_t rate_hz);
LoadedPeer load_ladspa(const PeerKind &kind, std::uint32_t rate_hz);

} // namespace soundwarden::bench
