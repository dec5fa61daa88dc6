// SPDX-License-Identifier: MIT
// What people are told of the hearing dose. Pure.
#pragma once

#include "dose/keeper.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace soundwarden::dbus {

/// As in the XML.
std::string_view word_of(dose::Notice::Kind kind);

/// At the ear; nothing where nothing plays.
std::optional<Decibels> level_of(const dose::Notice &notice);

/// Plain text in English. The body holds whole sentences and may be empty.
struct NoticeText {
    std::string title;
    std::string body;
    bool operator==(const NoticeText &) const = default;
};

/// Both on a line.
inline std::string line_of(const NoticeText &text) { return text.body.empty() ? text.title : text.title + ". " + text.body; }

/// `allowance_pa2h` > 0, of a week; `output_name` is for people, valid UTF-8 and may be empty. What rests on assumptions
/// is always called estimated.
NoticeText text_of(const dose::Notice &notice, double allowance_pa2h, const std::string &output_name);

} // namespace soundwarden::dbus
