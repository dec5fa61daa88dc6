// SPDX-License-Identifier: MIT
// Runs a fuzz target on random inputs where there is no libFuzzer: the same each time, more of them nightly.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

int main() {
    const char *nightly = std::getenv("SOUNDWARDEN_NIGHTLY");
    const unsigned runs = nightly != nullptr && *nightly == '1' ? 300'000 : 2'000;
    std::mt19937 engine(1);
    for (unsigned run = 0; run < runs; ++run) {
        std::vector<std::uint8_t> input(engine() % 12'000);
        // Half of them any bytes; half of them ordinary samples, which are seldom among those.
        for (auto &byte : input) byte = static_cast<std::uint8_t>(engine());
        if (run % 2 == 0)
            for (std::size_t i = 6; i + 4 <= input.size(); i += 4) {
                const float sample = static_cast<float>(engine()) * 0x1p-30F - 2.0F;
                std::memcpy(&input[i], &sample, sizeof sample);
            }
        LLVMFuzzerTestOneInput(input.data(), input.size());
    }
    std::printf("%u inputs\n", runs);
}
