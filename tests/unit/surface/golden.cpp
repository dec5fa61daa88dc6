// SPDX-License-Identifier: MIT
#include "golden.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace soundwarden::test {

std::string golden(const std::string &name, const std::string &actual) {
    const std::string path = std::string{SOUNDWARDEN_GOLDEN_DIR} + "/" + name;
    if (const char *update = std::getenv("SOUNDWARDEN_UPDATE_GOLDEN"); update != nullptr && *update == '1')
        std::ofstream{path} << actual;
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace soundwarden::test
