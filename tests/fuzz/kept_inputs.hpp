// SPDX-License-Identifier: MIT
// What the plain programs of the fuzz targets have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

namespace fuzz {

/// Arguments: the longest input in bytes, then folders.
struct Arguments {
    std::size_t longest = 0;
    std::vector<std::string> folders;
};
/// Ends the program with what is wrong where they are none.
Arguments arguments(int count, char **values);

/// What the files of the folders hold, in the order of their paths. Expectations of other tests, *.expected, are left out.
std::vector<std::string> kept_inputs(const std::vector<std::string> &folders);

void try_input(const std::string &input);

/// So many of them, or so many nightly.
unsigned runs(unsigned by_default, unsigned nightly);

} // namespace fuzz
