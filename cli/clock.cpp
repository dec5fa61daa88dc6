// SPDX-License-Identifier: MIT
#include "clock.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>

namespace soundwarden::cli {

std::string time_of_day(bool for_programs) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    std::tm parts{};
    if (for_programs)
        gmtime_r(&now.tv_sec, &parts);
    else
        localtime_r(&now.tv_sec, &parts);
    std::array<char, 64> text{};
    const std::size_t length =
        std::strftime(text.data(), text.size(), for_programs ? "%Y-%m-%dT%H:%M:%S" : "%H:%M:%S", &parts);
    std::snprintf(text.data() + length, text.size() - length, ".%03ld%s", now.tv_nsec / 1'000'000,
                  for_programs ? "Z" : "");
    return text.data();
}

int pause_until(const std::optional<std::chrono::microseconds> &deadline) {
    if (!deadline) return -1;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now().time_since_epoch());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

} // namespace soundwarden::cli
