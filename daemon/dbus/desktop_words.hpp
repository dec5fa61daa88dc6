// SPDX-License-Identifier: MIT
// What people are asked and told of outputs on the desktop: all the words, in English, in one place. Pure.
#pragma once

#include "engine/snapshot.hpp"
#include "model/load.hpp"
#include "model/output.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::dbus {

/// Of an output, as far as a notification is made of it.
struct OutputNotice {
    enum class Kind : std::uint8_t {
        question, ///< what hangs there?
        blocked,  ///< sound is off
        limited,  ///< the limiter acted for the first time
        recalled, ///< an earlier answer is used again
        greeting, ///< protection has begun: what that is; of no output
    };
    Kind kind = Kind::question;
    std::string id;            ///< empty: a greeting's
    std::string name;          ///< for people; valid UTF-8
    std::string called;        ///< what the command line calls it: a word that means no other output
    OutputKind output_kind = OutputKind::unknown;
    std::uint32_t question = 0; ///< its number, or that of the plug an answer is recalled at; 0 for other kinds
    Load load = Load::unknown;  ///< that was answered
    bool jack_unsure = false;  ///< OutputView::jack_unsure
    bool silent = false;       ///< of a question: the output is blocked meanwhile
    std::optional<double> cap_db{};
    std::string why;           ///< a sentence; may be empty
    bool operator==(const OutputNotice &) const = default;
};

/// At most one for each output: a question before a block before a limit before a recalled answer. In the snapshot's order.
std::vector<OutputNotice> notices_of(const engine::Snapshot &snapshot);

/// The greeting, where an output is guarded that way; else nothing.
std::optional<OutputNotice> greeting(const engine::Snapshot &snapshot);

/// A button. `load`: what it answers; nothing: the next step.
struct Choice {
    std::optional<Load> load{};
    std::string_view key;   ///< what the bus calls it
    std::string_view label; ///< for people
    bool operator==(const Choice &) const = default;
};

/// At most three for each step. Steps follow one another; the last one has no next.
std::vector<Choice> choices(OutputKind kind, std::size_t step);

/// Those of a notice: none for a block, a limit and a greeting. A recalled answer's first step offers to change it, and then come the question's.
std::vector<Choice> choices(const OutputNotice &notice, std::size_t step);

/// Plain text; the body holds whole sentences. `buttons`: whether the desktop shows choices.
struct NotificationText {
    std::string title;
    std::string body;
    bool operator==(const NotificationText &) const = default;
};
NotificationText text_of(const OutputNotice &notice, bool buttons, std::size_t step = 0);

/// The icon's name, as in the Icon Naming Specification.
std::string_view icon_of(const OutputNotice &notice);

} // namespace soundwarden::dbus
