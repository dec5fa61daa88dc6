// SPDX-License-Identifier: MIT
#include "host/logging.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

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
        for (const char c : message.payload) {
            const auto byte = static_cast<unsigned char>(c);
            out.push_back(byte < 0x20 || byte == 0x7F ? '?' : c);
        }
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<PlainText>(); }
};

} // namespace

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
