// SPDX-License-Identifier: MIT
#include "host/starts.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <system_error>
#include <vector>

namespace soundwarden::host {
namespace {

using namespace std::chrono_literals;

constexpr auto counted_for = 60s;
constexpr std::size_t free_starts = 10;
constexpr std::chrono::milliseconds first_wait = 200ms;
constexpr std::chrono::milliseconds longest_wait = 10s;
constexpr std::size_t most_kept = 64;

} // namespace

std::filesystem::path service_directory() {
    const char *directory = std::getenv("RUNTIME_DIRECTORY");
    return directory != nullptr && *directory == '/' ? std::filesystem::path{directory} : std::filesystem::path{};
}

std::chrono::milliseconds since_boot() {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds(now.tv_nsec));
}

Starts::Starts(const std::filesystem::path &directory) : file_(directory.empty() ? directory : directory / "starts") {}

std::chrono::milliseconds Starts::begin(std::chrono::milliseconds now) {
    if (file_.empty()) return 0ms;
    std::vector<std::int64_t> before;
    std::ifstream in(file_);
    for (std::int64_t at = 0; before.size() < most_kept && in >> at;)
        if (at <= now.count() && now.count() - at < std::chrono::milliseconds(counted_for).count()) before.push_back(at);
    std::ofstream out(file_, std::ios::trunc);
    for (const std::int64_t at : before) out << at << '\n';
    out << now.count() << '\n';
    if (!out.flush() || before.size() < free_starts) return 0ms;
    const auto doublings = std::min<std::size_t>(before.size() - free_starts, 10);
    return std::min(first_wait * (std::int64_t{1} << doublings), longest_wait);
}

void Starts::end_well() {
    std::error_code ignored;
    if (!file_.empty()) std::filesystem::remove(file_, ignored);
}

} // namespace soundwarden::host
