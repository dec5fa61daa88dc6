// SPDX-License-Identifier: MIT
// Runs a fuzz target on files of a corpus and on random inputs where there is no libFuzzer: the same each time, more of them nightly.
//
//   PROGRAM LONGEST [FOLDER]…
#include "kept_inputs.hpp"

#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

int main(int count, char **values) {
    const fuzz::Arguments arguments = fuzz::arguments(count, values);
    const unsigned runs = fuzz::runs(2'000, 300'000);
    const std::vector<std::string> kept = fuzz::kept_inputs(arguments.folders);
    for (const std::string &input : kept) fuzz::try_input(input);
    std::mt19937 engine(1);
    for (unsigned run = 0; run < runs; ++run) {
        std::vector<std::uint8_t> input(engine() % arguments.longest);
        // Half of them any bytes; half of them ordinary samples, which are seldom among those.
        for (auto &byte : input) byte = static_cast<std::uint8_t>(engine());
        if (run % 2 == 0)
            for (std::size_t i = 6; i + 4 <= input.size(); i += 4) {
                const float sample = static_cast<float>(engine()) * 0x1p-30F - 2.0F;
                std::memcpy(&input[i], &sample, sizeof sample);
            }
        LLVMFuzzerTestOneInput(input.data(), input.size());
    }
    std::printf("%zu kept inputs, %u random ones\n", kept.size(), runs);
}
