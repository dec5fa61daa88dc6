// SPDX-License-Identifier: MIT
#include "lint.hpp"
#include "merge.hpp"
#include "policy/policy_set.hpp"
#include "report.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace soundwarden::policy {
namespace {

/// The set, null where there are errors, and what is to be said (Loaded::set is left for the caller).
std::pair<std::shared_ptr<PolicySet>, Loaded> load_chosen(const std::vector<Chosen> &chosen) {
    auto set = std::make_shared<PolicySet>();
    std::vector<Report> reports;
    std::vector<Layer> layers;
    reports.reserve(chosen.size());
    for (const Chosen &each : chosen) {
        Report &report = reports.emplace_back(each.text, static_cast<std::uint32_t>(set->files.size()));
        set->files.push_back(each.text.path);
        layers.push_back(each.text.layer);
        merge(*set, read_file(each.text, report), each.locked_only);
    }
    lint(*set, layers, reports);
    for (const Overruled &each : bound_settings(*set))
        reports[each.setting.file].warning({each.setting.line, each.setting.column},
                                           "has no effect: it is locked at " + visible(set->where(each.bound), 200));
    Loaded loaded;
    for (Report &report : reports) {
        std::vector<Diagnostic> of_file = report.take();
        std::move(of_file.begin(), of_file.end(), std::back_inserter(loaded.diagnostics));
    }
    if (has_errors(loaded.diagnostics)) set.reset();
    // It stays as long as the daemon lives, and half of what a vector has grown to is empty.
    if (set) set->outputs.shrink_to_fit(), set->rules.shrink_to_fit(), set->loads.shrink_to_fit();
    return {std::move(set), std::move(loaded)};
}

Loaded load_anew(std::vector<SourceText> texts) {
    auto origin = std::make_shared<const Origin>(Origin{Making::loaded, texts});
    std::vector<SourceText> shipped = builtin_texts();
    std::move(shipped.begin(), shipped.end(), std::back_inserter(texts));
    auto [set, loaded] = load_chosen(choose(std::move(texts)));
    if (set) set->origin = std::move(origin);
    loaded.set = std::move(set);
    return loaded;
}

/// What is shipped, alone: read once.
const Loaded &shipped() {
    // That the shipped rules have no errors is a test.
    static const Loaded loaded = [] {
        Loaded anew = load_anew({});
        if (!anew.set) anew.set = std::make_shared<const PolicySet>();
        return anew;
    }();
    return loaded;
}

} // namespace

Loaded load(std::vector<SourceText> texts) { return texts.empty() ? shipped() : load_anew(std::move(texts)); }

Loaded check(const std::vector<SourceText> &texts) {
    auto [set, loaded] = load_chosen(all_of(texts));
    loaded.set = std::move(set);
    return loaded;
}

std::shared_ptr<const PolicySet> builtin() { return shipped().set; }

} // namespace soundwarden::policy
