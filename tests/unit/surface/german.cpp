// SPDX-License-Identifier: MIT
#include "german.hpp"

#include <stdexcept>

namespace soundwarden::test {
namespace {

constexpr const char *utf8 = "de_DE.UTF-8", *iso = "de_DE.ISO-8859-1";

void make(const std::filesystem::path &directory, const char *name, const char *charset) {
    const auto result = run({"localedef", "-i", "de_DE", "-f", charset, (directory / name).string()}, {{"PATH", "/usr/bin:/bin"}});
    if (!std::filesystem::exists(directory / name / "LC_CTYPE"))
        throw std::runtime_error{"localedef makes no German locale; install Debian's package locales. It says: " + result.err};
}

Environment in(const std::filesystem::path &directory, const char *name) {
    return {{"LC_ALL", name}, {"LOCPATH", directory.string()}, {"TEXTDOMAINDIR", SOUNDWARDEN_CATALOGS}};
}

} // namespace

German::German() { make(directory_.path(), utf8, "UTF-8"); }

Environment German::environment() const { return in(directory_.path(), utf8); }

Environment German::latin1() const {
    make(directory_.path(), iso, "ISO-8859-1");
    return in(directory_.path(), iso);
}

const German &german() {
    static const German locale;
    return locale;
}

} // namespace soundwarden::test
