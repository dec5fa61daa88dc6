// SPDX-License-Identifier: MIT
// Preloaded into a process under test: makes calls of its main thread fail as the kernel or the allocator may make them fail, at the
// numbers that the seed says (plan.hpp). Calls of every other thread go through untouched: nothing is injected into the thread that
// carries the sound. Errors are only those that the call may give on such a descriptor, and what follows from them happens too: a
// connection that was reset is closed for good.
#include "plan.hpp"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <span>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

namespace {

using namespace soundwarden::fault;

Page *page = nullptr;
// Set on the thread that loads the library. A static model of thread storage: none is allocated when it is read.
[[gnu::tls_model("initial-exec")]] thread_local bool is_main_thread = false;
[[gnu::tls_model("initial-exec")]] thread_local bool is_inside = false;

template <class Function> Function real(const char *name) { return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name)); } // NOLINT: POSIX
/// The C library's own; looked up once.
#define REAL(name) ([] { static const auto original = real<decltype(&::name)>(#name); return original; }())

[[gnu::constructor]] void load() {
    // The lookup takes a lock, which other threads must never wait for.
    static_cast<void>(REAL(clock_gettime)), static_cast<void>(REAL(epoll_wait)), static_cast<void>(REAL(epoll_pwait));
    static_cast<void>(REAL(poll)), static_cast<void>(REAL(ppoll));
    static_cast<void>(REAL(stat)), static_cast<void>(REAL(lstat)), static_cast<void>(REAL(fstat)), static_cast<void>(REAL(fstatat));
    static_cast<void>(REAL(stat64)), static_cast<void>(REAL(lstat64)), static_cast<void>(REAL(fstat64)), static_cast<void>(REAL(fstatat64));
    static_cast<void>(REAL(access)), static_cast<void>(REAL(faccessat));
    const char *path = std::getenv(page_variable);
    if (path == nullptr) return;
    const long descriptor = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return;
    const long mapped = syscall(SYS_mmap, nullptr, sizeof(Page), 3 /* read, write */, 1 /* shared */, descriptor, 0);
    syscall(SYS_close, descriptor);
    if (mapped == -1) return;
    auto *candidate = reinterpret_cast<Page *>(mapped); // NOLINT: what the system call gives is an address
    if (candidate->magic != Page::right_magic) return;
    is_main_thread = true;
    page = candidate;
}

/// The choice among the errors of this call where it is to fail; it is counted in any case.
bool is_due(Call call, std::uint64_t &number, std::uint32_t &choice) {
    if (page == nullptr || !is_main_thread || is_inside) return false;
    if ((page->classes.load(std::memory_order_relaxed) & bit(facts(call).of)) == 0) return false;
    number = page->made[static_cast<std::size_t>(call)].fetch_add(1, std::memory_order_relaxed);
    const auto due = planned(page->seed, call, number, page->one_in[static_cast<std::size_t>(facts(call).of)].load(std::memory_order_relaxed));
    if (due) choice = *due;
    return due.has_value();
}

void record(Call call, std::uint64_t number, std::int32_t error) {
    const auto at = page->recorded.fetch_add(1, std::memory_order_relaxed);
    if (at < Page::most_records) page->records[at] = {call, error, number, static_cast<std::int32_t>(syscall(SYS_getpid)), 0};
}

/// 0: the call goes through. Else it fails with this (errno is set), or is cut short. `errors` gives those that fit.
template <class Errors> std::int32_t failure(Call call, Errors errors) {
    std::uint64_t number = 0;
    std::uint32_t choice = 0;
    if (!is_due(call, number, choice)) return 0;
    is_inside = true;
    const std::span<const std::int32_t> possible = errors();
    const std::int32_t error = possible.empty() ? 0 : possible[choice % possible.size()];
    record(call, number, error);
    is_inside = false;
    if (error > 0) errno = error;
    return error;
}

template <std::int32_t... errors> std::span<const std::int32_t> these() {
    static constexpr std::int32_t list[] = {errors...};
    return list;
}
template <std::int32_t... errors> std::int32_t fails(Call call) {
    return failure(call, [] { return these<errors...>(); });
}

enum class Kind { regular, socket, pipe, anonymous, other };
Kind kind_of(int descriptor) {
    struct stat status {};
    if (fstat(descriptor, &status) != 0) return Kind::other;
    if (S_ISREG(status.st_mode)) return Kind::regular;
    if (S_ISSOCK(status.st_mode)) return Kind::socket;
    if (S_ISFIFO(status.st_mode)) return Kind::pipe;
    return (status.st_mode & S_IFMT) == 0 ? Kind::anonymous : Kind::other; // eventfd, timerfd, signalfd, inotify
}
bool waits(int descriptor) { return (syscall(SYS_fcntl, descriptor, F_GETFL) & O_NONBLOCK) == 0; }

std::span<const std::int32_t> when_read(int descriptor) {
    switch (kind_of(descriptor)) {
    case Kind::regular: return these<EIO, cut_short>();
    case Kind::socket: return waits(descriptor) ? these<EINTR, cut_short>() : these<EINTR, EAGAIN, cut_short>();
    case Kind::pipe: return waits(descriptor) ? these<EINTR>() : these<EINTR, EAGAIN>();
    // Who waits for an eventfd is disturbed by a handler of a signal alone, and the daemon has none (PipeWire goes on then without what it
    // waited for, and its data thread reads what is not there yet).
    case Kind::anonymous: return waits(descriptor) ? std::span<const std::int32_t>{} : these<EAGAIN>();
    case Kind::other: break;
    }
    return these<EIO, EINTR>();
}

// An eventfd that is written never says no before it has counted 2^64.
std::span<const std::int32_t> when_written(int descriptor) {
    switch (kind_of(descriptor)) {
    case Kind::regular: return these<ENOSPC, EIO, cut_short>();
    case Kind::socket:
    case Kind::pipe: return waits(descriptor) ? these<EINTR>() : these<EINTR, EAGAIN>();
    default: return {};
    }
}

constexpr std::int32_t gone[] = {EPIPE, ECONNRESET};
std::span<const std::int32_t> when_sent(int descriptor, bool may_break) {
    if (!may_break) return waits(descriptor) ? these<EINTR>() : these<EINTR, EAGAIN>();
    return waits(descriptor) ? these<EINTR, EPIPE, ECONNRESET>() : these<EINTR, EAGAIN, EAGAIN, EPIPE, ECONNRESET>();
}

/// A stream, so that there is a connection that can break.
bool is_stream(int descriptor) {
    int type = 0;
    socklen_t size = sizeof type;
    return syscall(SYS_getsockopt, descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

std::int32_t socket_failure(Call call, int descriptor) {
    const auto error = failure(call, [&] { return when_sent(descriptor, is_stream(descriptor)); });
    if (error == gone[0] || error == gone[1]) {
        syscall(SYS_shutdown, descriptor, SHUT_RDWR);
        errno = error;
    }
    return error;
}

bool starts_with(const char *text, const char *prefix) { return std::strncmp(text, prefix, std::strlen(prefix)) == 0; }
bool is_device_node(const char *path) {
    return starts_with(path, "/dev/snd/") || starts_with(path, "/dev/input/") || std::strstr(path, "/kernel/dev/") != nullptr;
}

/// A device node may have gone between the event that told of it and this: then it really goes, where it is a test's own.
bool open_fails(const char *path, int flags) {
    if (path == nullptr) return false;
    if (is_device_node(path)) {
        const auto error = fails<ENOENT, ENODEV, ENXIO, EACCES>(Call::node_open);
        if (error == ENOENT && std::strstr(path, "/kernel/dev/") != nullptr) {
            syscall(SYS_unlinkat, AT_FDCWD, path, 0);
            errno = error;
        }
        if (error != 0) return true;
    }
    if ((flags & O_CREAT) != 0) return fails<EMFILE, ENFILE, EACCES, ENOSPC>(Call::open) != 0;
    // Without PipeWire's own configuration an installation is broken, and no start mends that.
    if (std::strstr(path, "/pipewire/client") != nullptr) return fails<EMFILE, ENFILE>(Call::open) != 0;
    return fails<EMFILE, ENFILE, EACCES, ENOENT>(Call::open) != 0;
}

template <std::int32_t... errors> bool file_fails(Call call, int descriptor) {
    return failure(call, [&]() -> std::span<const std::int32_t> {
               if (kind_of(descriptor) != Kind::regular) return {};
               return these<errors...>();
           }) != 0;
}
bool look_fails(const char *path) {
    // As with opening: an installation of PipeWire that is broken. An empty path is the descriptor's own file.
    return path != nullptr && *path != '\0' && std::strstr(path, "/pipewire") == nullptr && std::strstr(path, "/spa-") == nullptr && fails<EACCES, ENOENT, EIO>(Call::look) != 0;
}

mode_t mode_of(int flags, va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(arguments, unsigned)) : 0;
}

std::size_t half(std::size_t count) { return count > 1 ? count / 2 : count; }

} // namespace

extern "C" {

void *__libc_malloc(std::size_t size);
void *__libc_calloc(std::size_t count, std::size_t size);
void *__libc_realloc(void *old, std::size_t size);
void *__libc_memalign(std::size_t alignment, std::size_t size);

// --- Allocations: `new` comes here too -----------------------------------------------------------------------------------------

void *malloc(std::size_t size) { return fails<ENOMEM>(Call::allocate) != 0 ? nullptr : __libc_malloc(size); }
void *calloc(std::size_t count, std::size_t size) { return fails<ENOMEM>(Call::allocate) != 0 ? nullptr : __libc_calloc(count, size); }
void *realloc(void *old, std::size_t size) {
    if (size != 0 && fails<ENOMEM>(Call::allocate) != 0) return nullptr;
    return __libc_realloc(old, size);
}
void *aligned_alloc(std::size_t alignment, std::size_t size) {
    return fails<ENOMEM>(Call::allocate) != 0 ? nullptr : __libc_memalign(alignment, size);
}
int posix_memalign(void **out, std::size_t alignment, std::size_t size) {
    if (fails<ENOMEM>(Call::allocate) != 0) return ENOMEM;
    *out = __libc_memalign(alignment, size);
    return *out == nullptr ? ENOMEM : 0;
}

void *mmap(void *address, std::size_t size, int protection, int flags, int descriptor, off_t offset) noexcept {
    if (fails<ENOMEM>(Call::map) != 0) return reinterpret_cast<void *>(-1); // NOLINT: MAP_FAILED
    return reinterpret_cast<void *>(syscall(SYS_mmap, address, size, protection, flags, descriptor, offset)); // NOLINT
}
void *mmap64(void *address, std::size_t size, int protection, int flags, int descriptor, off_t offset) noexcept {
    return mmap(address, size, protection, flags, descriptor, offset);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *data) noexcept {
    if (const auto error = fails<EAGAIN>(Call::thread); error != 0) return error;
    return REAL(pthread_create)(thread, attributes, start, data);
}

// --- Files -----------------------------------------------------------------------------------------------------------------

#define OPEN(name, parameters, arguments, path)                                                                                    \
    int name parameters {                                                                                                          \
        va_list more;                                                                                                              \
        va_start(more, flags);                                                                                                     \
        const mode_t mode = mode_of(flags, more);                                                                                  \
        va_end(more);                                                                                                              \
        return open_fails(path, flags) ? -1 : static_cast<int>(syscall arguments);                                                 \
    }
OPEN(open, (const char *path, int flags, ...), (SYS_openat, AT_FDCWD, path, flags, mode), path)
OPEN(open64, (const char *path, int flags, ...), (SYS_openat, AT_FDCWD, path, flags, mode), path)
OPEN(openat, (int directory, const char *path, int flags, ...), (SYS_openat, directory, path, flags, mode), path)
OPEN(openat64, (int directory, const char *path, int flags, ...), (SYS_openat, directory, path, flags, mode), path)
#undef OPEN
// What fortified programs call.
int __open_2(const char *path, int flags) { return open_fails(path, flags) ? -1 : static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, 0)); }
int __open64_2(const char *path, int flags) { return __open_2(path, flags); }

std::FILE *fopen(const char *path, const char *mode) {
    return open_fails(path, std::strchr(mode, 'r') != nullptr ? 0 : O_CREAT) ? nullptr : REAL(fopen)(path, mode);
}
std::FILE *fopen64(const char *path, const char *mode) { return fopen(path, mode); }
DIR *opendir(const char *path) { return open_fails(path, 0) ? nullptr : REAL(opendir)(path); }

ssize_t read(int descriptor, void *buffer, std::size_t count) {
    const auto error = failure(Call::read, [&] { return when_read(descriptor); });
    if (error > 0) return -1;
    return syscall(SYS_read, descriptor, buffer, error == cut_short ? half(count) : count);
}
ssize_t __read_chk(int descriptor, void *buffer, std::size_t count, std::size_t) { return read(descriptor, buffer, count); }
ssize_t pread64(int descriptor, void *buffer, std::size_t count, off_t offset) {
    const auto error = failure(Call::read, [&] { return when_read(descriptor); });
    if (error > 0) return -1;
    return syscall(SYS_pread64, descriptor, buffer, error == cut_short ? half(count) : count, offset);
}
ssize_t pread(int descriptor, void *buffer, std::size_t count, off_t offset) { return pread64(descriptor, buffer, count, offset); }
ssize_t __pread64_chk(int descriptor, void *buffer, std::size_t count, off_t offset, std::size_t) {
    return pread64(descriptor, buffer, count, offset);
}

ssize_t write(int descriptor, const void *buffer, std::size_t count) {
    const auto error = failure(Call::write, [&] { return when_written(descriptor); });
    if (error > 0) return -1;
    return syscall(SYS_write, descriptor, buffer, error == cut_short ? half(count) : count);
}
ssize_t pwrite64(int descriptor, const void *buffer, std::size_t count, off_t offset) {
    const auto error = failure(Call::write, [&] { return when_written(descriptor); });
    if (error > 0) return -1;
    return syscall(SYS_pwrite64, descriptor, buffer, error == cut_short ? half(count) : count, offset);
}
ssize_t pwrite(int descriptor, const void *buffer, std::size_t count, off_t offset) { return pwrite64(descriptor, buffer, count, offset); }
ssize_t writev(int descriptor, const iovec *parts, int count) {
    const auto error = failure(Call::write, [&] { return when_written(descriptor); });
    if (error > 0) return -1;
    return syscall(SYS_writev, descriptor, parts, error == cut_short && count > 1 ? count / 2 : count);
}

int fsync(int descriptor) { return fails<EIO, ENOSPC, EINTR>(Call::sync) != 0 ? -1 : static_cast<int>(syscall(SYS_fsync, descriptor)); }
int fdatasync(int descriptor) { return fails<EIO, ENOSPC, EINTR>(Call::sync) != 0 ? -1 : static_cast<int>(syscall(SYS_fdatasync, descriptor)); }
int ftruncate(int descriptor, off_t size) noexcept {
    return fails<ENOSPC, EIO>(Call::truncate) != 0 ? -1 : static_cast<int>(syscall(SYS_ftruncate, descriptor, size));
}
int ftruncate64(int descriptor, off_t size) noexcept { return ftruncate(descriptor, size); }

// --- Paths -------------------------------------------------------------------------------------------------------------------

#define LOOK(name, parameters, arguments, path)                                                                                    \
    int name parameters noexcept { return look_fails(path) ? -1 : REAL(name) arguments; }
LOOK(stat, (const char *path, struct stat *status), (path, status), path)
LOOK(lstat, (const char *path, struct stat *status), (path, status), path)
LOOK(stat64, (const char *path, struct stat64 *status), (path, status), path)
LOOK(lstat64, (const char *path, struct stat64 *status), (path, status), path)
LOOK(fstatat, (int directory, const char *path, struct stat *status, int flags), (directory, path, status, flags), path)
LOOK(fstatat64, (int directory, const char *path, struct stat64 *status, int flags), (directory, path, status, flags), path)
LOOK(access, (const char *path, int mode), (path, mode), path)
LOOK(faccessat, (int directory, const char *path, int mode, int flags), (directory, path, mode, flags), path)
#undef LOOK
int fstat(int descriptor, struct stat *status) noexcept { return file_fails<EIO>(Call::look, descriptor) ? -1 : REAL(fstat)(descriptor, status); }
int fstat64(int descriptor, struct stat64 *status) noexcept { return file_fails<EIO>(Call::look, descriptor) ? -1 : REAL(fstat64)(descriptor, status); }
ssize_t readlink(const char *path, char *buffer, std::size_t size) noexcept {
    return look_fails(path) ? -1 : syscall(SYS_readlinkat, AT_FDCWD, path, buffer, size);
}
ssize_t readlinkat(int directory, const char *path, char *buffer, std::size_t size) noexcept {
    return look_fails(path) ? -1 : syscall(SYS_readlinkat, directory, path, buffer, size);
}

int unlink(const char *path) noexcept { return fails<EACCES, EIO, EROFS>(Call::change) != 0 ? -1 : static_cast<int>(syscall(SYS_unlinkat, AT_FDCWD, path, 0)); }
int unlinkat(int directory, const char *path, int flags) noexcept {
    return fails<EACCES, EIO, EROFS>(Call::change) != 0 ? -1 : static_cast<int>(syscall(SYS_unlinkat, directory, path, flags));
}
int rmdir(const char *path) noexcept {
    return fails<EACCES, EBUSY>(Call::change) != 0 ? -1 : static_cast<int>(syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR));
}
int rename(const char *from, const char *to) noexcept {
    return fails<EACCES, ENOSPC, EIO>(Call::change) != 0 ? -1 : static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}
int mkdir(const char *path, mode_t mode) noexcept {
    return fails<EACCES, ENOSPC, EROFS>(Call::change) != 0 ? -1 : static_cast<int>(syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}
int chmod(const char *path, mode_t mode) noexcept {
    return fails<EPERM, EROFS>(Call::change) != 0 ? -1 : static_cast<int>(syscall(SYS_fchmodat, AT_FDCWD, path, mode));
}
int fchmod(int descriptor, mode_t mode) noexcept {
    return file_fails<EPERM, EROFS>(Call::change, descriptor) ? -1 : static_cast<int>(syscall(SYS_fchmod, descriptor, mode));
}

// A lock that somebody else holds, or for which the system has no room; a copy of a descriptor.
int fcntl(int descriptor, int what, ...) {
    va_list more;
    va_start(more, what);
    void *argument = va_arg(more, void *);
    va_end(more);
    const bool tries = what == F_SETLK || what == F_OFD_SETLK, waits = what == F_SETLKW || what == F_OFD_SETLKW;
    // What is given back is never somebody else's.
    const auto errors = [&]() -> std::span<const std::int32_t> {
        if (static_cast<const struct flock *>(argument)->l_type == F_UNLCK) return {};
        return tries ? these<EAGAIN, ENOLCK>() : these<EINTR, ENOLCK>();
    };
    if ((tries || waits) && failure(Call::lock, errors) != 0) return -1;
    if ((what == F_DUPFD || what == F_DUPFD_CLOEXEC) && fails<EMFILE>(Call::make_descriptor) != 0) return -1;
    return static_cast<int>(syscall(SYS_fcntl, descriptor, what, argument));
}
int fcntl64(int descriptor, int what, ...) {
    va_list more;
    va_start(more, what);
    void *argument = va_arg(more, void *);
    va_end(more);
    return fcntl(descriptor, what, argument);
}

// --- Descriptors -------------------------------------------------------------------------------------------------------------

#define MAKE(name, parameters, arguments, exception)                                                                               \
    int name parameters exception { return fails<EMFILE, ENFILE, ENOMEM>(Call::make_descriptor) != 0 ? -1 : REAL(name) arguments; }
MAKE(eventfd, (unsigned count, int flags), (count, flags), noexcept)
MAKE(timerfd_create, (clockid_t clock, int flags), (clock, flags), noexcept)
MAKE(epoll_create1, (int flags), (flags), noexcept)
MAKE(inotify_init1, (int flags), (flags), noexcept)
MAKE(memfd_create, (const char *name, unsigned flags), (name, flags), noexcept)
MAKE(signalfd, (int descriptor, const sigset_t *signals, int flags), (descriptor, signals, flags), noexcept)
MAKE(dup, (int descriptor), (descriptor), noexcept)
#undef MAKE

int epoll_ctl(int epoll, int what, int descriptor, epoll_event *event) noexcept {
    if (what == EPOLL_CTL_ADD && fails<ENOMEM, ENOSPC>(Call::watch) != 0) return -1;
    return static_cast<int>(syscall(SYS_epoll_ctl, epoll, what, descriptor, event));
}
int inotify_add_watch(int inotify, const char *path, std::uint32_t events) noexcept {
    if (fails<ENOSPC, ENOMEM, EACCES, ENOENT>(Call::watch) != 0) return -1;
    return static_cast<int>(syscall(SYS_inotify_add_watch, inotify, path, events));
}

// --- Sockets -----------------------------------------------------------------------------------------------------------------

int socket(int domain, int type, int protocol) noexcept {
    return fails<EMFILE, ENFILE, ENOBUFS, ENOMEM>(Call::socket) != 0 ? -1 : static_cast<int>(syscall(SYS_socket, domain, type, protocol));
}
int socketpair(int domain, int type, int protocol, int *pair) noexcept {
    return fails<EMFILE, ENFILE, ENOMEM>(Call::socket) != 0 ? -1 : static_cast<int>(syscall(SYS_socketpair, domain, type, protocol, pair));
}
int connect(int descriptor, const sockaddr *address, socklen_t size) {
    return fails<ECONNREFUSED, ENOENT, EINTR>(Call::connect) != 0 ? -1 : static_cast<int>(syscall(SYS_connect, descriptor, address, size));
}
ssize_t send(int descriptor, const void *buffer, std::size_t count, int flags) {
    return socket_failure(Call::send, descriptor) != 0 ? -1 : syscall(SYS_sendto, descriptor, buffer, count, flags, nullptr, 0);
}
ssize_t sendto(int descriptor, const void *buffer, std::size_t count, int flags, const sockaddr *to, socklen_t size) {
    return socket_failure(Call::send, descriptor) != 0 ? -1 : syscall(SYS_sendto, descriptor, buffer, count, flags, to, size);
}
ssize_t sendmsg(int descriptor, const msghdr *message, int flags) {
    return socket_failure(Call::send, descriptor) != 0 ? -1 : syscall(SYS_sendmsg, descriptor, message, flags);
}
ssize_t recv(int descriptor, void *buffer, std::size_t count, int flags) {
    return socket_failure(Call::receive, descriptor) != 0 ? -1 : syscall(SYS_recvfrom, descriptor, buffer, count, flags, nullptr, nullptr);
}
ssize_t recvmsg(int descriptor, msghdr *message, int flags) {
    return socket_failure(Call::receive, descriptor) != 0 ? -1 : syscall(SYS_recvmsg, descriptor, message, flags);
}

// --- Waiting -----------------------------------------------------------------------------------------------------------------

int poll(pollfd *descriptors, nfds_t count, int timeout) { return fails<EINTR>(Call::wait) != 0 ? -1 : REAL(poll)(descriptors, count, timeout); }
int ppoll(pollfd *descriptors, nfds_t count, const timespec *timeout, const sigset_t *signals) {
    return fails<EINTR>(Call::wait) != 0 ? -1 : REAL(ppoll)(descriptors, count, timeout, signals);
}
int epoll_wait(int epoll, epoll_event *events, int count, int timeout) {
    return fails<EINTR>(Call::wait) != 0 ? -1 : REAL(epoll_wait)(epoll, events, count, timeout);
}
int epoll_pwait(int epoll, epoll_event *events, int count, int timeout, const sigset_t *signals) {
    return fails<EINTR>(Call::wait) != 0 ? -1 : REAL(epoll_pwait)(epoll, events, count, timeout, signals);
}

int ioctl(int descriptor, unsigned long request, ...) noexcept {
    va_list more;
    va_start(more, request);
    void *argument = va_arg(more, void *);
    va_end(more);
    return fails<EINTR, ENODEV, EIO>(Call::ioctl) != 0 ? -1 : static_cast<int>(syscall(SYS_ioctl, descriptor, request, argument));
}

// --- The clock on the wall -------------------------------------------------------------------------------------------------------

int clock_gettime(clockid_t clock, timespec *now) noexcept {
    const int result = REAL(clock_gettime)(clock, now);
    if (result == 0 && clock == CLOCK_REALTIME && page != nullptr) {
        const std::int64_t moved = now->tv_nsec + page->realtime_offset_ns.load(std::memory_order_relaxed);
        constexpr std::int64_t second = 1'000'000'000;
        const std::int64_t whole = moved / second - (moved % second < 0 ? 1 : 0);
        now->tv_sec += whole;
        now->tv_nsec = static_cast<long>(moved - whole * second);
    }
    return result;
}
}
