// SPDX-License-Identifier: MIT
// `soundwarden dose --svg`: a picture of the days.
#pragma once

#include "dose.hpp"

#include <string>

namespace soundwarden::cli {

/// A whole SVG document, with nothing around it: it may stand in a file or in HTML. No background, and colours that can be read on white
/// and on black; no scripts, nothing from elsewhere.
std::string dose_svg(const DoseReport &report);

} // namespace soundwarden::cli
