// SPDX-License-Identifier: MIT
#include "kept_inputs.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace fuzz {

Arguments arguments(int count, char **values) {
    if (count >= 2) {
        char *end = nullptr;
        const unsigned long longest = std::strtoul(values[1], &end, 10);
        if (longest > 0 && *end == '\0') return {longest, {values + 2, values + count}};
    }
    std::fprintf(stderr, "usage: %s LONGEST-INPUT-IN-BYTES [FOLDER]…\n", values[0]);
    std::exit(2);
}

std::vector<std::string> kept_inputs(const std::vector<std::string> &folders) {
    std::vector<std::string> inputs;
    for (const std::string &folder : folders) {
        std::vector<std::filesystem::path> paths;
        for (const auto &entry : std::filesystem::directory_iterator(folder))
            if (entry.is_regular_file() && entry.path().extension() != ".expected") paths.push_back(entry.path());
        std::sort(paths.begin(), paths.end());
        for (const auto &path : paths) {
            std::ifstream file(path, std::ios::binary);
            inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
        }
    }
    return inputs;
}

void try_input(const std::string &input) { LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t *>(input.data()), input.size()); }

unsigned runs(unsigned by_default, unsigned nightly) {
    const char *wish = std::getenv("SOUNDWARDEN_NIGHTLY");
    return wish != nullptr && *wish == '1' ? nightly : by_default;
}

} // namespace fuzz
