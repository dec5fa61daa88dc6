// SPDX-License-Identifier: MIT
#include "full_screen.hpp"

#include "terminal.hpp"

#include <cerrno>
#include <poll.h>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace soundwarden::cli {
namespace {

// xterm's control sequences, which every terminal of today knows (XTerm Control Sequences, "Functions using CSI").
constexpr std::string_view begin_screen = "\x1b[?1049h\x1b[?25l\x1b[2J";
constexpr std::string_view end_screen = "\x1b[0m\x1b[?25h\x1b[?1049l";

/// As far as the terminal takes it: there is nothing left to be done about what it does not.
void put(std::string_view text) noexcept {
    while (!text.empty()) {
        const auto written = write(STDOUT_FILENO, text.data(), text.size());
        if (written < 0 && errno != EINTR) return;
        if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    }
}

} // namespace

void FullScreen::enter() noexcept {
    if (inside_) return;
    termios now{};
    if (tcgetattr(STDIN_FILENO, &now) == 0) {
        before_ = now;
        // Signals keep their keys. Without flow control Ctrl-S cannot make a write wait for ever.
        now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        now.c_iflag &= ~static_cast<tcflag_t>(IXON);
        now.c_cc[VMIN] = 0;
        now.c_cc[VTIME] = 0;
        tcsetattr(STDIN_FILENO, TCSANOW, &now);
    }
    put(begin_screen);
    inside_ = true;
}

void FullScreen::leave() noexcept {
    if (!inside_) return;
    put(end_screen);
    // Keys that came too late are none of the shell's.
    if (before_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &*before_);
    inside_ = false;
}

ScreenSize FullScreen::size() const noexcept {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
    return {size.ws_col, size.ws_row};
}

bool FullScreen::show(const std::vector<std::string> &lines) {
    pollfd terminal{STDOUT_FILENO, POLLOUT, 0};
    if (poll(&terminal, 1, 0) == 0) return true;
    // Each line is erased before it is written: after the last column the cursor stands on it, and would take it away.
    std::string text;
    for (std::size_t at = 0; at < lines.size(); ++at) text += "\x1b[" + std::to_string(at + 1) + ";1H\x1b[K" + lines[at];
    if (lines.size() < size().rows) text += "\x1b[" + std::to_string(lines.size() + 1) + ";1H\x1b[J";
    return write_out(text);
}

} // namespace soundwarden::cli
