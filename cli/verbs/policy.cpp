// SPDX-License-Identifier: MIT
#include "verbs/policy.hpp"

#include "failure.hpp"
#include "files/layers.hpp"
#include "policy/policy_set.hpp"
#include "render/policy_json.hpp"
#include "render/policy_text.hpp"
#include "translate.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <unistd.h>

namespace soundwarden::cli {
namespace {

policy::SourceText read_stdin() {
    policy::SourceText text{"<stdin>", policy::Layer::etc, {}, {}, false};
    std::array<char, 65536> block{};
    while (text.content.size() <= files::most_bytes) {
        const auto got = read(STDIN_FILENO, block.data(), block.size());
        if (got == 0) return text;
        if (got > 0) text.content.append(block.data(), static_cast<std::size_t>(got));
        if (got < 0 && errno != EINTR) {
            text.problem = std::generic_category().message(errno);
            return text;
        }
    }
    text.content.clear();
    text.problem = files::too_long();
    return text;
}

policy::Loaded load_layers(const std::string &directory) {
    const files::Layers layers = files::machine_layers(files::user_directory());
    return policy::load(directory.empty() ? files::read_layers(layers) : files::read_directory(directory, layers));
}

policy::Loaded check_files(const std::vector<std::string> &paths) {
    if (std::count(paths.begin(), paths.end(), "-") > 1)
        throw Failure{exit_usage, tr("'-' (standard input) can be read only once")};
    const files::Layers layers = files::machine_layers(files::user_directory());
    std::vector<policy::SourceText> texts;
    for (const std::string &path : paths)
        texts.push_back(path == "-" ? read_stdin() : files::read_file(path, files::layer_of(path, layers)));
    return policy::check(texts);
}

bool is_valid(const policy::Loaded &loaded) { return loaded.set && !policy::has_errors(loaded.diagnostics); }

/// The policy that is to be shown or asked; its errors on stderr and nothing else where it has any. Warnings are for
/// `check`.
std::shared_ptr<const policy::PolicySet> valid_policy(const Global &global, const std::string &directory) {
    const policy::Loaded loaded = load_layers(directory);
    if (is_valid(loaded)) return loaded.set;
    write_diagnostics(diagnostics_text(loaded.diagnostics, style_of_stderr(global.colour)));
    return nullptr;
}

JsonLayout layout_of(Format format) { return format == Format::jsonl ? JsonLayout::one_line : JsonLayout::indented; }

} // namespace

int run_policy_check(const Global &global, const std::string &directory, const std::vector<std::string> &files) {
    const policy::Loaded loaded = files.empty() ? load_layers(directory) : check_files(files);
    if (global.format == Format::text) {
        write_diagnostics(diagnostics_text(loaded.diagnostics, style_of_stderr(global.colour)));
        write_out(check_text(loaded, style_of_stdout(global.colour)));
    } else {
        write_out(check_json(loaded, layout_of(global.format)));
    }
    return is_valid(loaded) ? exit_ok : exit_invalid_policy;
}

int run_policy_show(const Global &global, const std::string &directory) {
    const auto set = valid_policy(global, directory);
    if (!set) return exit_invalid_policy;
    write_out(global.format == Format::text ? policy::print(*set) : policy_json(*set, layout_of(global.format)));
    return exit_ok;
}

int run_policy_test(const Global &global, const std::string &directory, const TrialRequest &request) {
    const auto set = valid_policy(global, directory);
    if (!set) return exit_invalid_policy;
    const TrialResult result = try_out(set, request);
    write_out(global.format == Format::text ? trial_text(result, style_of_stdout(global.colour))
                                            : trial_json(result, layout_of(global.format)));
    return exit_ok;
}

} // namespace soundwarden::cli
