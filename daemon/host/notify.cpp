// SPDX-License-Identifier: MIT
// The protocol of sd_notify(3). Not through libsystemd, whose sending waits for a service manager that does not read: the main loop would
// stand still with it.
#include "host/notify.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace soundwarden::host {
namespace {

/// A newline would begin another assignment.
std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

const char *manager() {
    const char *address = std::getenv("NOTIFY_SOCKET");
    return address != nullptr && (*address == '/' || *address == '@') ? address : nullptr;
}

/// Waits at most so long for room in the socket; what finds none is lost.
void tell(const std::string &message, int patience_ms) {
    const char *path = manager();
    sockaddr_un address{};
    const std::size_t length = path == nullptr ? 0 : std::strlen(path);
    if (length == 0 || length >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path, length);
    if (address.sun_path[0] == '@') address.sun_path[0] = '\0'; // the abstract namespace
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
    const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return;
    if (connect(descriptor, reinterpret_cast<const sockaddr *>(&address), size) == 0 &&
        send(descriptor, message.data(), message.size(), MSG_NOSIGNAL) < 0 && errno == EAGAIN && patience_ms > 0) {
        pollfd room{descriptor, POLLOUT, 0};
        if (poll(&room, 1, patience_ms) > 0) send(descriptor, message.data(), message.size(), MSG_NOSIGNAL);
    }
    close(descriptor);
}

constexpr int at_the_start_ms = 5000; ///< nothing is waiting for us yet

} // namespace

void notify_ready(const std::string &status) { tell("READY=1\nSTATUS=" + one_line(status), at_the_start_ms); }
void notify_status(const std::string &status) { tell("STATUS=" + one_line(status), 0); }
void notify_stopping() { tell("STOPPING=1", 0); }
void notify_alive() { tell("WATCHDOG=1", 0); }
void notify_stuck() { tell("WATCHDOG=trigger", 0); }

bool supervised() { return manager() != nullptr; }

} // namespace soundwarden::host
