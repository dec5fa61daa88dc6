// SPDX-License-Identifier: MIT
// soundwarden: the command.
#include "command_line.hpp"
#include "failure.hpp"
#include "terminal.hpp"
#include "translate.hpp"

#include <csignal>
#include <exception>

int main(int argc, char **argv) {
    using namespace soundwarden::cli;
    fill_closed_descriptors();
    std::signal(SIGPIPE, SIG_IGN);
    choose_language();
    try {
        return CommandLine{}.run(argc, argv);
    } catch (const Failure &failure) {
        write_error(failure.what());
        return failure.code;
    } catch (const std::exception &error) {
        write_error(error.what());
        return exit_failed;
    }
}
