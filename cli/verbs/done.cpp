// SPDX-License-Identifier: MIT
#include "verbs/done.hpp"

#include "render/json.hpp"

namespace soundwarden::cli {

void print_done(const Global &global, const std::string &text, const Status &status, const Output *output) {
    const auto json = [&](JsonLayout layout) { return output == nullptr ? status_json(status, layout) : show_json(status, *output, layout); };
    switch (global.format) {
    case Format::text: write_out(text); break;
    case Format::json: write_out(json(JsonLayout::indented)); break;
    case Format::jsonl: write_out(json(JsonLayout::one_line)); break;
    }
}

} // namespace soundwarden::cli
