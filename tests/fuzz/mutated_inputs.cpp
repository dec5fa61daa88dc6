// SPDX-License-Identifier: MIT
// Runs a fuzz target on files of a corpus and on what random mistakes make of them, where there is no libFuzzer: the
// same each time, more of them nightly.
//
//   PROGRAM FOLDER…
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

namespace {

constexpr std::size_t longest = 8000;

std::vector<std::string> corpus(int count, char **folders) {
    std::vector<std::filesystem::path> paths;
    for (int i = 1; i < count; ++i)
        for (const auto &entry : std::filesystem::directory_iterator(folders[i]))
            if (entry.is_regular_file() && entry.path().extension() != ".expected") paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> texts;
    for (const auto &path : paths) {
        std::ifstream file(path, std::ios::binary);
        texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return texts;
}

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

int main(int count, char **folders) {
    const char *nightly = std::getenv("SOUNDWARDEN_NIGHTLY");
    const unsigned runs = nightly != nullptr && *nightly == '1' ? 200'000 : 1'000;
    const std::vector<std::string> texts = corpus(count, folders);
    if (texts.empty()) {
        std::fprintf(stderr, "no corpus\n");
        return 1;
    }
    const auto run = [](const std::string &text) {
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t *>(text.data()), text.size());
    };
    for (const std::string &text : texts) run(text);
    std::mt19937 random(1);
    for (unsigned i = 0; i < runs; ++i) {
        std::string text = texts[random() % texts.size()].substr(0, longest);
        for (std::size_t mistakes = 1 + random() % 6; mistakes > 0; --mistakes) mistake(text, texts, random);
        run(text.substr(0, longest));
    }
    std::printf("%zu texts, %u mistaken ones\n", texts.size(), runs);
    return 0;
}
