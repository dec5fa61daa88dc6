// SPDX-License-Identifier: MIT
// Patterns over names: `*` any run of characters, `?` one, `[a-z]` and `[!a-z]` one of (none of) a set, `\` the next as it
// is; a `!` in front turns the whole round. Letters match without regard to case (ASCII). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace soundwarden::policy {

class Glob {
  public:
    /// Any text is a pattern; problem() says what a person surely did not mean ("[" without "]").
    explicit Glob(std::string pattern);

    /// Time: at most |pattern| × |text| steps.
    bool matches(std::string_view text) const;
    const std::string &pattern() const { return pattern_; }
    /// Whether it fits what the rest of it does not fit.
    bool negated() const { return pattern_.starts_with('!'); }
    /// Empty: fine.
    std::string problem() const;
    bool operator==(const Glob &) const = default;

  private:
    std::string pattern_;
};

} // namespace soundwarden::policy
