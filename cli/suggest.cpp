// SPDX-License-Identifier: MIT
#include "suggest.hpp"

#include "terminal.hpp"
#include "translate.hpp"

#include <algorithm>
#include <numeric>

namespace soundwarden::cli {
namespace {

char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Letters to put in, take out or change (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t change = diagonal + (lower_case(a[i]) == lower_case(b[j]) ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, diagonal + 1, change});
        }
    }
    return row.back();
}

} // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string> &known) {
    constexpr std::size_t longest_word = 200;
    if (word.size() > longest_word) return {};
    const std::string *nearest = nullptr;
    std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const std::string &candidate : known) {
        const std::size_t here = distance(word, candidate.substr(0, longest_word));
        if (here >= least || here >= candidate.size()) continue;
        least = here;
        nearest = &candidate;
    }
    return nearest == nullptr ? std::string{} : filled(tr("; did you mean '{0}'?"), printable(*nearest));
}

} // namespace soundwarden::cli
