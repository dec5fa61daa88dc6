// SPDX-License-Identifier: MIT
// Texts handed to the policy, where things stand in them, and what is to be said about them. Pure; any thread.
#pragma once

#include "model/names.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace soundwarden::policy {

/// Whose word a text is, the weakest first. A file replaces one of the same name in a weaker layer.
enum class Layer : std::uint8_t {
    builtin,   ///< compiled in: the shipped rules
    vendor,    ///< the distribution, below /usr
    run,       ///< /run: until the next boot
    etc,       ///< the administrator, /etc
    user,      ///< the user's own configuration
    directory, ///< --policy-dir
};
} // namespace soundwarden::policy
template <> struct soundwarden::Names<soundwarden::policy::Layer> {
    using E = soundwarden::policy::Layer;
    static constexpr std::array<std::pair<E, std::string_view>, 6> table{{
        {E::builtin, "builtin"},
        {E::vendor, "vendor"},
        {E::run, "run"},
        {E::etc, "etc"},
        {E::user, "user"},
        {E::directory, "directory"},
    }};
};
namespace soundwarden::policy {

/// Layers that only root can write: what is locked there binds everybody else.
constexpr bool is_root_owned(Layer layer) { return layer != Layer::user && layer != Layer::directory; }

/// One policy file as it was found.
struct SourceText {
    std::string path;  ///< as people would open it; "<stdin>"; "builtin:NAME" for what is compiled in
    Layer layer = Layer::directory;
    std::string content;
    /// Why it could not be read ("larger than 4 MiB", "a FIFO, not a file"); empty: it could, or it is to be masked.
    std::string problem{};
    /// A file of the same name in the user's layer stands in its place: only its locked rules and settings still bind.
    bool replaced_by_user = false;
    bool operator==(const SourceText &) const = default;
};

/// A place in one of the texts of a load. Lines and columns count from 1; 0: the file as a whole.
struct Place {
    std::uint32_t file = 0; ///< index into PolicySet::files()
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    bool operator==(const Place &) const = default;
};

enum class Severity : std::uint8_t { error, warning };

/// One thing to be said about a policy. All strings are valid UTF-8 without control characters.
struct Diagnostic {
    Severity severity = Severity::error;
    std::string file;
    std::uint32_t line = 0;   ///< from 1; 0: the file as a whole
    std::uint32_t column = 0; ///< from 1, in characters
    std::string message;      ///< what is wrong, and what to do
    std::string source{};     ///< the line, cut to a sensible length; empty: none
    std::uint32_t source_column = 0; ///< of the caret within `source`, from 1
    bool operator==(const Diagnostic &) const = default;
};

/// "file:line:col: error: message", then the line and a caret below the column, each with '\n'. `colour`: with ANSI escapes.
std::string text_of(const Diagnostic &diagnostic, bool colour = false);

bool has_errors(const std::vector<Diagnostic> &diagnostics);

} // namespace soundwarden::policy
