// SPDX-License-Identifier: MIT
#include "bench/clock.hpp"

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace soundwarden::bench {

milliseconds scaled(milliseconds timeout) {
    static const double scale = [] {
        const char *text = std::getenv("SOUNDWARDEN_TIMEOUT_SCALE");
        return text == nullptr ? 1.0 : std::max(1.0, std::strtod(text, nullptr));
    }();
    return milliseconds{static_cast<milliseconds::rep>(static_cast<double>(timeout.count()) * scale)};
}

milliseconds default_timeout() { return milliseconds{20'000}; }

bool poll_until(const std::function<bool()> &condition, milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + scaled(timeout);
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(milliseconds{2});
    }
    return true;
}

} // namespace soundwarden::bench
