// SPDX-License-Identifier: MIT
#include "policy/policy_set.hpp"

namespace soundwarden::policy {

// Made from policies/policy.d by tools/lib/embed_texts.py.
std::vector<std::pair<std::string, std::string>> embedded_policies();

std::vector<SourceText> builtin_texts() {
    std::vector<SourceText> texts;
    for (auto &[name, content] : embedded_policies())
        texts.push_back({.path = "builtin:" + name, .layer = Layer::builtin, .content = std::move(content)});
    return texts;
}

} // namespace soundwarden::policy
