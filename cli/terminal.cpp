// SPDX-License-Identifier: MIT
#include "terminal.hpp"

#include "failure.hpp"
#include "translate.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <system_error>
#include <unistd.h>
#include <wchar.h>

namespace soundwarden::cli {
namespace {

bool stdout_was_closed = false;

bool is_set(const char *name) {
    const char *value = std::getenv(name);
    return value != nullptr && *value != '\0';
}

struct CodePoint {
    std::uint32_t code;
    std::size_t length;
};

/// The first code point of valid UTF-8 (what comes over D-Bus is); a stray byte counts as itself.
CodePoint first_of(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at])); };
    const std::uint32_t lead = byte(0);
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (length == 1 || length > text.size()) return {lead, 1};
    std::uint32_t code = lead & (0xFFU >> (length + 1));
    for (std::size_t at = 1; at < length; ++at) code = (code << 6U) | (byte(at) & 0x3FU);
    return {code, length};
}

std::size_t columns_of_code(std::uint32_t code) {
    const int columns = wcwidth(static_cast<wchar_t>(code)); // −1 for what the locale does not know
    return columns < 0 ? 1 : static_cast<std::size_t>(columns);
}

Style style_of(int descriptor, ColourChoice choice) {
    Style style;
    const bool terminal = isatty(descriptor) == 1;
    if (terminal) {
        winsize size{};
        style.width = ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
    }
    const char *term = std::getenv("TERM");
    const bool dumb = term != nullptr && std::string_view{term} == "dumb";
    style.colour = choice == ColourChoice::always ||
                   (choice == ColourChoice::automatic && terminal && !is_set("NO_COLOR") && !dumb);
    style.utf8 = std::string_view{nl_langinfo(CODESET)} == "UTF-8";
    return style;
}

} // namespace

Style style_of_stdout(ColourChoice choice) { return style_of(STDOUT_FILENO, choice); }
Style style_of_stderr(ColourChoice choice) { return style_of(STDERR_FILENO, choice); }

void fill_closed_descriptors() {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
        if (descriptor == STDOUT_FILENO) stdout_was_closed = true;
        open("/dev/null", O_RDWR); // takes the lowest free number, which is this one
    }
}

bool write_out(std::string_view text) {
    if (stdout_was_closed) throw Failure{exit_failed, tr("standard output is closed")};
    while (!text.empty()) {
        const auto written = write(STDOUT_FILENO, text.data(), text.size());
        if (written >= 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EPIPE) {
            return false;
        } else if (errno != EINTR) {
            throw Failure{exit_failed, filled(tr("cannot write: {0}"), std::generic_category().message(errno))};
        }
    }
    return true;
}

void write_diagnostics(std::string_view text) {
    while (!text.empty()) {
        const auto written = write(STDERR_FILENO, text.data(), text.size());
        if (written < 0 && errno != EINTR) return; // nobody is left to tell
        if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    }
}

void write_error(std::string_view message) {
    // The message may hold names of outputs; its own line breaks are wanted.
    std::string line = "soundwarden: " + tr("error:") + " ";
    while (!message.empty()) {
        const auto end = std::min(message.find('\n'), message.size());
        line += printable(message.substr(0, end)) + '\n';
        message.remove_prefix(std::min(end + 1, message.size()));
    }
    // Nobody is left to tell where this fails.
    [[maybe_unused]] const auto written = write(STDERR_FILENO, line.data(), line.size());
}

std::string printable(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto [code, length] = first_of(text);
        const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
        // Marks that turn the direction of text around could make a line read as another.
        const bool turning = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
        if (control || turning)
            result += '?';
        else
            result += text.substr(0, length);
        text.remove_prefix(length);
    }
    return result;
}

std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const auto [code, length] = first_of(text);
        columns += columns_of_code(code);
        text.remove_prefix(length);
    }
    return columns;
}

std::string shortened(std::string_view text, std::size_t columns) {
    if (columns_of(text) <= columns) return std::string{text};
    std::string result;
    std::size_t used = 0;
    while (!text.empty()) {
        const auto [code, length] = first_of(text);
        used += columns_of_code(code);
        if (used + 1 > columns) break;
        result += text.substr(0, length);
        text.remove_prefix(length);
    }
    return columns == 0 ? result : result + "…";
}

} // namespace soundwarden::cli
