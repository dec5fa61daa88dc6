// SPDX-License-Identifier: MIT
#include "translate.hpp"

#include "localedir.hpp"

#include <clocale>
#include <cstdlib>
#include <langinfo.h>
#include <libintl.h>

namespace soundwarden::cli {
namespace {

constexpr const char *domain = "soundwarden";

} // namespace

void choose_language() {
    std::setlocale(LC_CTYPE, ""); // for the width of characters too
    std::setlocale(LC_MESSAGES, "");
    const char *elsewhere = std::getenv("TEXTDOMAINDIR");
    bindtextdomain(domain, elsewhere != nullptr && *elsewhere != '\0' ? elsewhere : SOUNDWARDEN_LOCALEDIR);
    const bool utf8 = std::string_view{nl_langinfo(CODESET)} == "UTF-8";
    bind_textdomain_codeset(domain, utf8 ? "UTF-8" : "ASCII");
}

void speak_english() { std::setlocale(LC_MESSAGES, "C"); } // the system's messages too

std::string tr(const char *english) {
    return *english == '\0' ? english : dgettext(domain, english); // the empty message is the catalog's header
}

std::string word(const char *context, std::string_view token) {
    constexpr char end_of_context = '\004'; // as msgfmt(1) writes it
    const std::string known = std::string{context} + end_of_context + std::string{token};
    const char *translated = dgettext(domain, known.c_str());
    return translated == known.c_str() ? std::string{token} : translated;
}

std::string plural(const char *one, const char *many, unsigned long count) {
    return dngettext(domain, one, many, count);
}

std::string fill_in(std::string_view pattern, const std::vector<std::string> &parts) {
    std::string text;
    while (!pattern.empty()) {
        const bool place = pattern.size() >= 3 && pattern[0] == '{' && pattern[1] >= '0' && pattern[1] <= '9' && pattern[2] == '}';
        const auto number = static_cast<std::size_t>(place ? pattern[1] - '0' : 0);
        if (place && number < parts.size()) {
            text += parts[number];
            pattern.remove_prefix(3);
        } else {
            text += pattern.front();
            pattern.remove_prefix(1);
        }
    }
    return text;
}

} // namespace soundwarden::cli
