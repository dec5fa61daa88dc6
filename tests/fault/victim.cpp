// SPDX-License-Identifier: MIT
// Makes calls of every class, the same ones each time, and says how each ended: what the injector's own test looks at. With "thread",
// another thread makes them.
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <new>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

/// "ok", or the error's name; short counts are told too.
void tell(const char *call, long result, long expected) {
    if (result < 0) std::printf("%s %s\n", call, strerrorname_np(errno));
    else if (expected >= 0 && result != expected) std::printf("%s short\n", call);
    else std::printf("%s ok\n", call);
}

void round(const std::string &file) {
    char text[64] = "some text that is written and read again";
    const int out = open(file.c_str(), O_RDWR | O_CREAT, 0600);
    tell("open", out, -1);
    if (out >= 0) {
        tell("write", pwrite(out, text, 40, 0), 40);
        tell("fsync", fsync(out), 0);
        tell("read", pread(out, text, 40, 0), 40);
        tell("truncate", ftruncate(out, 40), 0);
        struct flock whole {};
        whole.l_type = F_WRLCK;
        tell("lock", fcntl(out, F_SETLK, &whole), 0);
        const int copy = fcntl(out, F_DUPFD_CLOEXEC, 0);
        tell("copy", copy, -1);
        if (copy >= 0) close(copy);
        close(out);
    }
    struct stat status {};
    tell("stat", stat(file.c_str(), &status), 0);
    tell("access", access(file.c_str(), R_OK), 0);
    char other[512]; // memory that cannot be refused
    std::snprintf(other, sizeof other, "%s.other", file.c_str());
    tell("rename", rename(file.c_str(), other), 0);
    tell("unlink", unlink(other), 0);
    tell("mkdir", mkdir(other, 0700), 0);
    rmdir(other);
    int pair[2];
    const int paired = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair);
    tell("socketpair", paired, 0);
    if (paired == 0) {
        tell("send", send(pair[0], text, 8, MSG_NOSIGNAL), 8);
        tell("receive", recv(pair[1], text, 8, 0), 8);
        pollfd waiting{pair[0], POLLIN, 0};
        tell("wait", poll(&waiting, 1, 0), -1);
        int bytes = 0;
        tell("ioctl", ioctl(pair[0], FIONREAD, &bytes), 0);
        close(pair[0]);
        close(pair[1]);
    }
    const int event = eventfd(0, EFD_NONBLOCK);
    tell("eventfd", event, -1);
    if (event >= 0) {
        const std::uint64_t one = 1;
        tell("eventfd-write", write(event, &one, sizeof one), sizeof one);
        close(event);
    }
    void *mapped = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    tell("mmap", mapped == MAP_FAILED ? -1 : 0, 0);
    if (mapped != MAP_FAILED) munmap(mapped, 4096);
    try {
        const std::vector<char> block(100'000);
        tell("new", block.empty() ? -1 : 0, 0);
    } catch (const std::bad_alloc &) {
        std::puts("new ENOMEM");
    }
}

} // namespace

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    std::setvbuf(stdout, nullptr, _IOFBF, 1U << 16U);
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    std::printf("time %ld\n", static_cast<long>(now.tv_sec));
    const std::string file = argv[1];
    const auto rounds = [&] {
        for (int number = 0; number < 100; ++number) round(file);
    };
    if (std::string_view(argv[2]) == "thread") std::thread(rounds).join();
    else rounds();
}
