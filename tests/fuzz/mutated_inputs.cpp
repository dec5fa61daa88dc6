// SPDX-License-Identifier: MIT
// Runs a fuzz target on files of a corpus and on what random mistakes make of them, where there is no libFuzzer: the
// same each time, more of them nightly.
//
//   PROGRAM LONGEST FOLDER…
#include "kept_inputs.hpp"

#include <algorithm>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

namespace {

/// One mistake: something taken away, put in, doubled, moved, or from elsewhere.
void mistake(std::string &text, const std::vector<std::string> &all, std::mt19937 &random) {
    static const char *const pieces[] = {"\"",    "'",       "\"\"\"",     "[",
                                         "]",     "[[",      "]]",         "{",
                                         "}",     "=",       ".",          ",",
                                         "\n",    "\r\n",    "#",          "%1a\n",
                                         "%3m\n", "%4b\n",   "[[rule]]\n", "[settings]\n",
                                         "\\",    "\\u0000", "\xFF",       "\xE2\x80\xAE",
                                         "1",     "-",       "true",       "locked = true\n",
                                         "dB",    "\t",      "!",          "*"};
    const std::size_t at = text.empty() ? 0 : random() % text.size();
    const std::size_t length = std::min<std::size_t>(1 + random() % (random() % 4 == 0 ? 200 : 4), text.size() - at);
    switch (random() % 6) {
    case 0: text.erase(at, length); break;
    case 1: text.insert(at, text.substr(at, length)); break;
    case 2: text.insert(at, pieces[random() % std::size(pieces)]); break;
    case 3:
        if (!text.empty()) text[at] = static_cast<char>(random());
        break;
    case 4: {
        const std::string &other = all[random() % all.size()];
        if (!other.empty()) text.insert(at, other.substr(random() % other.size(), random() % 400));
        break;
    }
    default: text.resize(at);
    }
}

} // namespace

int main(int count, char **values) {
    const fuzz::Arguments arguments = fuzz::arguments(count, values);
    const unsigned runs = fuzz::runs(1'000, 200'000);
    const std::vector<std::string> texts = fuzz::kept_inputs(arguments.folders);
    if (texts.empty()) {
        std::fprintf(stderr, "no corpus\n");
        return 1;
    }
    for (const std::string &text : texts) fuzz::try_input(text);
    std::mt19937 random(1);
    for (unsigned i = 0; i < runs; ++i) {
        std::string text = texts[random() % texts.size()].substr(0, arguments.longest);
        for (std::size_t mistakes = 1 + random() % 6; mistakes > 0; --mistakes) mistake(text, texts, random);
        fuzz::try_input(text.substr(0, arguments.longest));
    }
    std::printf("%zu texts, %u mistaken ones\n", texts.size(), runs);
    return 0;
}
