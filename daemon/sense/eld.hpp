// SPDX-License-Identifier: MIT
// What a display's receiver says of itself. Pure; any thread; throws nothing but std::bad_alloc.
#pragma once

#include "model/card.hpp"

#include <cstdint>
#include <span>

namespace soundwarden::sense {

/// Reads the bytes of an "ELD" control: header block (version, length), then the baseline block of ELD versions 2 and 31 (High Definition
/// Audio Specification 1.0a; layout as in the kernel's include/drm/drm_eld.h). Strict where the kernel's own reader is
/// (sound/core/pcm_drm_eld.c, snd_parse_eld): too short, another version, a name or an audio descriptor that does not fit make it not
/// valid, and then nothing else of it counts. No bytes at all, or zeros, is how the kernel says that nothing is there.
Eld parse_eld(std::span<const std::uint8_t> bytes, std::uint32_t pcm, std::uint32_t index);

} // namespace soundwarden::sense
