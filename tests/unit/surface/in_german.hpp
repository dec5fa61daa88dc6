// SPDX-License-Identifier: MIT
// A test case whose own process speaks German.
#pragma once

#include "german.hpp"
#include "translate.hpp"

#include <clocale>
#include <cstdlib>

namespace soundwarden::test {

/// From its construction on, and until its end; English before and afterwards.
class InGerman {
  public:
    InGerman() {
        for (const auto &[name, value] : german().environment()) {
            const char *before = std::getenv(name.c_str());
            before_[name] = before == nullptr ? "" : before;
            setenv(name.c_str(), value.c_str(), 1);
        }
        cli::choose_language();
    }
    InGerman(const InGerman &) = delete;
    InGerman &operator=(const InGerman &) = delete;
    ~InGerman() {
        for (const auto &[name, value] : before_) {
            if (value.empty()) unsetenv(name.c_str());
            else setenv(name.c_str(), value.c_str(), 1);
        }
        std::setlocale(LC_ALL, "C");
    }

  private:
    Environment before_;
};

} // namespace soundwarden::test
