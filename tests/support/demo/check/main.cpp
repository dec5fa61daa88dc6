// SPDX-License-Identifier: MIT
// soundwarden-check DIR: recomputes every promise from source.wav, sink.wav and timeline.jsonl alone. A line for each; exit
// code 0 when all held, 1 when one did not, 2 when there is nothing to judge.
#include "judge.hpp"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

namespace {

using soundwarden::check::Judgement;

void print(const Judgement &judgement, bool colour) {
    const char *mark = judgement.held ? "held    " : "NOT held";
    const char *code = judgement.held ? "32" : "1;31";
    if (colour) std::printf("\x1b[%sm%s\x1b[0m", code, mark);
    else std::printf("%s", mark);
    std::printf("  %s\n          %s\n", judgement.promise.c_str(), judgement.figures.c_str());
}

} // namespace

int main(int argc, char **argv) {
    CLI::App cli{"Judges what soundwarden-demo recorded", "soundwarden-check"};
    std::string directory;
    std::string colour = "auto";
    cli.add_option("DIR", directory, "with source.wav, sink.wav and timeline.jsonl")->required();
    cli.add_option("--color", colour, "colours: auto, always or never")->check(CLI::IsMember({"auto", "always", "never"}))->option_text("WHEN");
    try {
        cli.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return cli.exit(error) == 0 ? 0 : 2;
    }
    try {
        const bool coloured = colour == "always" || (colour == "auto" && isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr);
        bool all = true;
        for (const Judgement &judgement : soundwarden::check::judge(soundwarden::check::read_take(directory))) {
            print(judgement, coloured);
            all = all && judgement.held;
        }
        return all ? 0 : 1;
    } catch (const std::exception &error) {
        std::fflush(stdout);
        std::fprintf(stderr, "soundwarden-check: %s\n", error.what());
        return 2;
    }
}
