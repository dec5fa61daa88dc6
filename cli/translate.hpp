// SPDX-License-Identifier: MIT
// Text for people in their language: gettext (libintl, which is a part of glibc), catalogs from po/.
//
// English is the language of the source. What programs read (JSON, CSV, OpenMetrics, DOT), and every word that has to be typed as it
// stands, goes past all of this. Catalogs are looked for where they are installed, or where TEXTDOMAINDIR says, as gettext(1) has it:
// so they are found from a build directory too.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace soundwarden::cli {

/// Takes characters and messages from the environment's locale; numbers and dates stay as they are in C, so that every output has its
/// decimal point. Once, in main; without it everything is English. Translations are UTF-8, or ASCII where the locale has another
/// character set: names of outputs are UTF-8 in any case, and ASCII stands beside them in every set.
void choose_language();

/// From now on English, whatever the locale: for output that a program reads.
void speak_english();

/// The translation of one message.
std::string tr(const char *english);

/// The translation of a word of the daemon's in a context ("load", "socket", …); itself where there is none, as for a newer daemon's.
std::string word(const char *context, std::string_view token);

/// The translation of a sentence that came from somewhere else in English: the daemon, a library. As it is where it is not known; what
/// it knows: said.cpp.
std::string said(std::string_view english);

/// Marks a message that is translated later, by tr().
constexpr const char *N_(const char *english) { return english; }

std::string fill_in(std::string_view pattern, const std::vector<std::string> &parts);

/// Puts parts in the places {0}, {1}, … of a pattern. Translations may turn their order around; what is in the parts is not looked at.
template <class... Parts>
std::string filled(std::string_view pattern, const Parts &...parts) {
    const auto text_of = [](const auto &part) {
        if constexpr (std::is_arithmetic_v<std::decay_t<decltype(part)>>) return std::to_string(part);
        else return std::string{part};
    };
    return fill_in(pattern, {text_of(parts)...});
}

/// The pattern for so many, as the language counts.
std::string plural(const char *one, const char *many, unsigned long count);

/// The message for so many things, with the number in the place {0}, and more in {1}, …
template <class... Parts>
std::string trn(const char *one, const char *many, unsigned long count, const Parts &...parts) {
    return filled(plural(one, many, count), count, parts...);
}

} // namespace soundwarden::cli
