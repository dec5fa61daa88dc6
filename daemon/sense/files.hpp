// SPDX-License-Identifier: MIT
// Reading what the kernel offers as files, without trusting that they are what they should be.
#pragma once

#include "ports.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::sense {

/// Nothing that is read here is longer: codec dumps have some 20 KiB, descriptors some 2.
constexpr std::size_t longest_file = std::size_t{1} << 20U;

/// The whole of a regular file of at most `limit` bytes. EINVAL: no regular file (never opened then, so that a FIFO or a device
/// neither blocks nor notices); EFBIG: longer; else as open(2) and read(2).
Reply<std::string> read_file(const std::filesystem::path &file, std::size_t limit = longest_file);

/// The first line of a short file, fit to show; empty: it cannot be read.
std::string read_line(const std::filesystem::path &file);

/// The names in a directory, sorted; empty where it cannot be read. At most 4096.
std::vector<std::string> names_in(const std::filesystem::path &directory);

/// The number in "card12" (`prefix` "card"); nothing where the name is anything else, or the number no 32-bit one.
std::optional<std::uint32_t> number_after(std::string_view name, std::string_view prefix);

} // namespace soundwarden::sense
