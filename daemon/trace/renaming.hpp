// SPDX-License-Identifier: MIT
// Names of a trace that mean others in a replay.
#pragma once

#include <map>
#include <string>

namespace soundwarden::trace {

class Renaming {
  public:
    /// False: that was known.
    bool add(const std::string &from, const std::string &to) {
        std::string &now = names_[from];
        if (now == to) return false;
        now = to;
        return true;
    }
    bool empty() const { return names_.empty(); }

    /// With every whole name in it replaced. Names are letters, digits and "_"; what they become may be anything.
    std::string applied(const std::string &text) const {
        if (names_.empty()) return text;
        std::string out;
        for (std::size_t at = 0; at < text.size();) {
            std::size_t end = at;
            while (end < text.size() && is_part(text[end])) ++end;
            if (end == at) {
                out += text[at++];
                continue;
            }
            const std::string name = text.substr(at, end - at);
            const auto found = names_.find(name);
            out += found == names_.end() ? name : found->second;
            at = end;
        }
        return out;
    }

  private:
    static bool is_part(char c) { return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

    std::map<std::string, std::string> names_{};
};

} // namespace soundwarden::trace
