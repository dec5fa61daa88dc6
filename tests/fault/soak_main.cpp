// SPDX-License-Identifier: MIT
// soundwarden-soak: started by tools/soak.
#include "soak.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

namespace {

int bad_usage() {
    std::fputs("usage: soundwarden-soak [--minutes N] [--seed S]\n", stderr);
    return 2;
}

} // namespace

int main(int argc, char **argv) {
    double minutes = 1.0;
    std::uint64_t seed = 1;
    for (int at = 1; at < argc; at += 2) {
        if (at + 1 == argc) return bad_usage();
        char *end = nullptr;
        const std::string option = argv[at];
        if (option == "--minutes") minutes = std::strtod(argv[at + 1], &end);
        else if (option == "--seed") seed = std::strtoull(argv[at + 1], &end, 10);
        else return bad_usage();
        if (*end != '\0' || !(minutes >= 0.5) || minutes > 10'000) return bad_usage();
    }
    // The command is told of no terminal, and the programs are those of this build.
    setenv("SOUNDWARDEND", SOUNDWARDEN_DAEMON, 0);
    setenv("SOUNDWARDEN", SOUNDWARDEN_CLI, 0);
    if (std::getenv("SOUNDWARDEN_NIGHTLY") != nullptr && argc == 1) minutes = 60.0;
    std::printf("seed %llu: the same choices again with tools/soak --minutes %g --seed %llu\n", static_cast<unsigned long long>(seed), minutes,
                static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    try {
        const auto figures = soundwarden::fault::Soak(seed, minutes).run();
        std::fputs(figures.text().c_str(), stdout);
        return figures.kept() ? 0 : 1;
    } catch (const std::exception &error) {
        std::printf("it could not go on: %s\n", error.what());
        return 1;
    }
}
