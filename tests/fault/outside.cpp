// SPDX-License-Identifier: MIT
#include "outside.hpp"

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sched.h>
#include <sstream>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace soundwarden::fault {
namespace {

namespace fs = std::filesystem;

fs::path proc(pid_t process) { return "/proc/" + std::to_string(process); }

/// The numbers that name entries of a directory of /proc; none where the process has gone.
std::vector<int> numbers_in(const fs::path &directory) {
    std::vector<int> numbers;
    std::error_code gone;
    for (fs::directory_iterator entry(directory, gone); !gone && entry != fs::directory_iterator(); entry.increment(gone))
        numbers.push_back(std::atoi(entry->path().filename().c_str()));
    return numbers;
}

/// Copies of those descriptors of a process that are wanted.
std::vector<int> copies(pid_t process, const std::function<bool(int)> &wanted) {
    std::vector<int> found;
    const auto handle = static_cast<int>(syscall(SYS_pidfd_open, process, 0));
    if (handle < 0) return found;
    for (const int descriptor : numbers_in(proc(process) / "fd")) {
        const auto copy = static_cast<int>(syscall(SYS_pidfd_getfd, handle, descriptor, 0));
        if (copy < 0) continue;
        if (wanted(copy)) found.push_back(copy);
        else close(copy);
    }
    close(handle);
    return found;
}

} // namespace

Connections Connections::to(pid_t client, const std::string &name) {
    return Connections(copies(client, [&](int descriptor) {
        sockaddr_un address{};
        socklen_t size = sizeof address;
        if (getpeername(descriptor, reinterpret_cast<sockaddr *>(&address), &size) != 0 || address.sun_family != AF_UNIX) return false;
        return std::string_view(address.sun_path).ends_with(name);
    }));
}

Connections Connections::accepted(pid_t server, pid_t client) {
    return Connections(copies(server, [&](int descriptor) {
        ucred peer{};
        socklen_t size = sizeof peer;
        return getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == client;
    }));
}

Connections::~Connections() {
    for (const int descriptor : descriptors_) close(descriptor);
}

bool Connections::half_close(std::size_t which, int how) const {
    return !descriptors_.empty() && shutdown(descriptors_[which % descriptors_.size()], how) == 0;
}

// The head of a message: object, opcode and size, sequence, number of descriptors (PipeWire's protocol-native, version 3).
bool Connections::garble(std::size_t which, std::mt19937 &random) const {
    if (descriptors_.empty()) return false;
    std::array<std::uint32_t, 24> words{};
    for (auto &word : words) word = static_cast<std::uint32_t>(random());
    if (random() % 2 == 0) {
        constexpr std::uint32_t payload = (words.size() - 4) * sizeof(std::uint32_t);
        words[0] %= 8;
        words[1] = (words[1] % 8) << 24U | payload;
        words[3] = 0;
    }
    const auto sent = send(descriptors_[which % descriptors_.size()], words.data(), sizeof words, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent == sizeof words;
}

bool Connections::begin_message(std::size_t which) const {
    if (descriptors_.empty()) return false;
    const std::array<std::uint32_t, 4> head{0, 1U << 24U | 0xFFFFF0U, 0, 0};
    const auto sent = send(descriptors_[which % descriptors_.size()], head.data(), sizeof head, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent == sizeof head;
}

MemoryPressure::MemoryPressure(pid_t process, std::uint64_t spare_bytes) : process_(process) {
    rlimit limit{};
    limit.rlim_cur = status_number(process, "VmSize") * 1024 + spare_bytes;
    limit.rlim_max = RLIM_INFINITY;
    works_ = prlimit(process_, RLIMIT_AS, &limit, nullptr) == 0;
}

MemoryPressure::~MemoryPressure() {
    const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
    prlimit(process_, RLIMIT_AS, &unlimited, nullptr);
}

unsigned take_realtime(pid_t process) {
    unsigned taken = 0;
    for (const int thread : numbers_in(proc(process) / "task")) {
        const int policy = sched_getscheduler(thread) & ~SCHED_RESET_ON_FORK;
        const sched_param none{};
        if ((policy == SCHED_FIFO || policy == SCHED_RR) && sched_setscheduler(thread, SCHED_OTHER, &none) == 0) ++taken;
    }
    return taken;
}

std::uint64_t status_number(pid_t process, const std::string &key) {
    std::ifstream lines(proc(process) / "status");
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(key + ":")) return std::strtoull(line.c_str() + key.size() + 1, nullptr, 10);
    return 0;
}

std::size_t open_descriptors(pid_t process) { return numbers_in(proc(process) / "fd").size(); }

std::uint64_t wake_ups(pid_t process) {
    std::uint64_t sum = 0;
    for (const int thread : numbers_in(proc(process) / "task")) {
        std::ifstream lines(proc(process) / "task" / std::to_string(thread) / "status");
        for (std::string line; std::getline(lines, line);)
            if (line.starts_with("voluntary_ctxt_switches:")) sum += std::strtoull(line.c_str() + 24, nullptr, 10);
    }
    return sum;
}

} // namespace soundwarden::fault
