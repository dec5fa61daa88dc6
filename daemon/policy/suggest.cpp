// SPDX-License-Identifier: MIT
#include "suggest.hpp"

#include <algorithm>
#include <vector>

namespace soundwarden::policy {
namespace {

constexpr std::size_t longest_word = 64; // beyond it nobody meant one of ours

std::string plain(std::string_view word) {
    std::string out(word);
    for (char &c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c == '_' || c == ' ') c = '-';
    }
    return out;
}

/// Insertions, deletions, replacements and transpositions of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last, last(b.size() + 1), now(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = std::min(now[j], before_last[j - 2] + 1);
        }
        before_last = last;
        last = now;
    }
    return last[b.size()];
}

} // namespace

std::string_view closest(std::string_view word, std::span<const std::string_view> candidates) {
    if (word.empty() || word.size() > longest_word) return {};
    const std::string meant = plain(word);
    std::string_view best;
    std::size_t least = std::max<std::size_t>(1, meant.size() / 3) + 1;
    for (const std::string_view candidate : candidates) {
        const std::size_t d = distance(meant, plain(candidate));
        if (d < least) {
            least = d;
            best = candidate;
        }
    }
    if (!best.empty()) return best;
    // A word that was written in full or cut short: "headphone" for "headphones-…", "impedance-ohms".
    for (const std::string_view candidate : candidates)
        if (meant.size() >= 3 &&
            (candidate.starts_with(meant) || (candidate.size() >= 3 && meant.starts_with(candidate))))
            return candidate;
    return {};
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
    const std::string_view best = closest(word, candidates);
    return best.empty() ? "" : "; did you mean \"" + std::string(best) + "\"?";
}

} // namespace soundwarden::policy
