// SPDX-License-Identifier: MIT
#include "host/data_threads.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sched.h>
#include <string>
#include <unistd.h>

namespace soundwarden::host {

namespace {

std::string name_in(const std::filesystem::path &file) {
    std::ifstream stream(file);
    std::string name;
    std::getline(stream, name);
    return name;
}

} // namespace

DataThreads data_threads() {
    DataThreads found;
    std::error_code error;
    const std::string own = name_in("/proc/self/comm");
    for (const auto &task : std::filesystem::directory_iterator("/proc/self/task", error)) {
        const int number = std::atoi(task.path().filename().c_str());
        const std::string name = name_in(task.path() / "comm");
        // "data-loop.0"; PipeWire 0.3 leaves it the process' own name, which no other thread has: the warden's are called otherwise.
        if (!name.starts_with("data-loop") && (name != own || number == getpid())) continue;
        ++found.count;
        const int policy = sched_getscheduler(number) & ~SCHED_RESET_ON_FORK;
        if (policy == SCHED_FIFO || policy == SCHED_RR) ++found.realtime;
    }
    return found;
}

} // namespace soundwarden::host
