// SPDX-License-Identifier: MIT
#include "host/logging.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace soundwarden::host {
namespace {

std::string_view environment(const char *name) {
    const char *value = std::getenv(name);
    return value == nullptr ? std::string_view{} : std::string_view{value};
}

/// `<N>`, the priority of sd-daemon(3).
class Priority final : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg &message, const std::tm &, spdlog::memory_buf_t &out) override {
        // trace, debug, info, warning, error, critical, off
        constexpr std::array<std::string_view, 7> priorities{"<7>", "<7>", "<6>", "<4>", "<3>", "<2>", "<7>"};
        const std::string_view priority = priorities.at(static_cast<std::size_t>(message.level));
        out.append(priority.data(), priority.data() + priority.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<Priority>(); }
};

/// The message, without control characters.
class PlainText final : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg &message, const std::tm &, spdlog::memory_buf_t &out) override {
        const std::string plain = plain_text({message.payload.data(), message.payload.size()});
        out.append(plain.data(), plain.data() + plain.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<PlainText>(); }
};

} // namespace

std::string plain_text(std::string_view text) {
    const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
    const auto between = [](unsigned value, unsigned least, unsigned most) { return value >= least && value <= most; };
    std::string plain;
    while (!text.empty()) {
        std::size_t unwanted = byte(0) < 0x20 || byte(0) == 0x7F ? 1 : 0;
        if (byte(0) == 0xC2 && between(byte(1), 0x80, 0x9F)) unwanted = 2;                       // U+0080 to U+009F
        if (byte(0) == 0xE2 && byte(1) == 0x80 && between(byte(2), 0xAA, 0xAE)) unwanted = 3;    // U+202A to U+202E
        if (byte(0) == 0xE2 && byte(1) == 0x81 && between(byte(2), 0xA6, 0xA9)) unwanted = 3;    // U+2066 to U+2069
        plain += unwanted > 0 ? '?' : text.front();
        text.remove_prefix(std::max<std::size_t>(unwanted, 1));
    }
    return plain;
}

// systemd.exec(5): JOURNAL_STREAM holds device and inode of the stream that leads to the journal.
bool stderr_is_the_journal() {
    struct stat facts {};
    return fstat(STDERR_FILENO, &facts) == 0 &&
           environment("JOURNAL_STREAM") == std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino);
}

void set_up_logging(bool verbose) {
    const bool colour = environment("NO_COLOR").empty();
    auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(colour ? spdlog::color_mode::automatic
                                                                             : spdlog::color_mode::never);
    auto logger = std::make_shared<spdlog::logger>("soundwardend", std::move(sink));

    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<Priority>('J').add_flag<PlainText>('P');
    formatter->set_pattern(stderr_is_the_journal() ? "%J%P" : "%H:%M:%S.%e %^%-7l%$ %P");
    logger->set_formatter(std::move(formatter));

    const std::string_view debug = environment("SOUNDWARDEN_DEBUG");
    if (debug == "trace")
        logger->set_level(spdlog::level::trace);
    else if (verbose || (!debug.empty() && debug != "0"))
        logger->set_level(spdlog::level::debug);
    else
        logger->set_level(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
}

} // namespace soundwarden::host
