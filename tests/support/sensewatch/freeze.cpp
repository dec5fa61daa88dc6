// SPDX-License-Identifier: MIT
// soundwarden-freeze THREAD: holds one thread of another process still until this one ends, or that one does.
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char **argv) {
    const pid_t thread = argc == 2 ? static_cast<pid_t>(std::atoi(argv[1])) : 0;
    if (thread <= 0 || ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) != 0) {
        std::perror("soundwarden-freeze: the thread cannot be stopped");
        return 1;
    }
    ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr);
    for (int status = 0; waitpid(thread, &status, __WALL) == thread;)
        if (WIFEXITED(status) || WIFSIGNALED(status)) return 0;
    return 0;
}
