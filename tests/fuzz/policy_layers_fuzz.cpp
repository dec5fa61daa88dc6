// SPDX-License-Identifier: MIT
// Policy texts in layers, whatever they are: an answer for each, whatever the order, and locks that hold.
#include "policy/policy_set.hpp"
#include "policy_invariants.hpp"

#include <algorithm>

namespace {

using namespace soundwarden;
using namespace soundwarden::policy;

/// A line "%LN" begins a text: L its layer, N its name.
std::vector<SourceText> take_texts(std::string_view input) {
    std::vector<SourceText> texts;
    while (!input.empty()) {
        const std::size_t end = std::min(input.find('\n'), input.size() - 1) + 1;
        const std::string_view line = input.substr(0, end);
        if (line.size() >= 3 && line[0] == '%') {
            const auto layer = static_cast<Layer>(1 + static_cast<unsigned char>(line[1]) % 5);
            const std::string name =
                line[2] == 'm' ? "10-matrix"
                               : std::string("6") + static_cast<char>('0' + static_cast<unsigned char>(line[2]) % 4);
            texts.push_back(
                {.path = "/" + std::to_string(texts.size()) + "/" + name + ".toml", .layer = layer, .content = {}});
        } else if (!texts.empty()) {
            texts.back().content += line;
        }
        input.remove_prefix(end);
    }
    return texts;
}

void require_same(const Loaded &a, const Loaded &b) {
    fuzz::require(a.diagnostics == b.diagnostics, "the order of texts does not change what is said");
    if (a.set)
        fuzz::require(difference(*a.set, *b.set).empty() && a.set->files == b.set->files &&
                          a.set->locked.size() == b.set->locked.size(),
                      "nor what it makes");
}

/// What users write, nothing of it, takes no lock of root's away.
void require_locks(const std::vector<SourceText> &texts, const Loaded &all) {
    std::vector<SourceText> of_root;
    std::copy_if(texts.begin(), texts.end(), std::back_inserter(of_root),
                 [](const SourceText &text) { return is_root_owned(text.layer); });
    const Loaded alone = load(of_root);
    if (!alone.set || !all.set) return;
    fuzz::require(alone.set->locked.size() == all.set->locked.size(), "every locked rule is still there");
    for (std::size_t i = 0; i < alone.set->locked.size(); ++i)
        fuzz::require(same(alone.set->locked[i], all.set->locked[i]), "and says the same");
    fuzz::require(same(alone.set->locked_settings, all.set->locked_settings), "locked settings too");
    fuzz::require(effective_posture(*all.set, Posture::observe) >= effective_posture(*alone.set, Posture::observe),
                  "the posture is never laxer");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    std::vector<SourceText> texts = take_texts({reinterpret_cast<const char *>(data), size});
    const Loaded loaded = load(texts);
    fuzz::require_loaded(loaded);
    fuzz::require_printed(loaded);
    require_locks(texts, loaded);
    std::reverse(texts.begin(), texts.end());
    require_same(loaded, load(texts));
    return 0;
}
