// SPDX-License-Identifier: MIT
// Files that are there as a whole or not at all.
#pragma once

#include <string>
#include <string_view>

namespace soundwarden::cli {

/// Writes `text` beside the file and then renames it: whoever reads finds the old file or the new one. A file that is there keeps its mode,
/// a link stays one; what is no file (a device, a pipe) is written to as it is. Throws Failure (exit_failed) that names the file and the
/// reason; nothing is left behind then.
void write_whole_file(const std::string &path, std::string_view text);

} // namespace soundwarden::cli
