// SPDX-License-Identifier: MIT
#include "words.hpp"

#include "terminal.hpp"
#include "translate.hpp"

namespace soundwarden::cli {
namespace {

/// For catalogs to have each word in its context; word() finds it by what it is.
constexpr const char *known_in(const char *, const char *token) { return token; }
[[maybe_unused]] constexpr const char *known[] = {
    known_in("language of this page", "en"), // what HTML calls the language of the catalog
    known_in("socket", "headphone-out"), known_in("socket", "line-out"), known_in("socket", "shared-out"),
    known_in("socket", "speaker-out"), known_in("socket", "internal-speaker"), known_in("socket", "hdmi"), known_in("socket", "spdif"),
    known_in("socket", "usb-fixed"), known_in("socket", "bluetooth"), known_in("socket", "virtual"), known_in("socket", "unknown"),
    known_in("load", "nothing"), known_in("load", "headphones"), known_in("load", "headset"), known_in("load", "in-ear"),
    known_in("load", "active-speakers"), known_in("load", "passive-speakers"), known_in("load", "line-input"),
    known_in("load", "headphone-amplifier"), known_in("load", "internal-speaker"), known_in("load", "display"),
    known_in("load", "unknown"),
    known_in("confidence", "certain"), known_in("confidence", "high"), known_in("confidence", "medium"), known_in("confidence", "low"),
    known_in("verdict", "allow"), known_in("verdict", "limit"), known_in("verdict", "block"),
    known_in("state", "free"), known_in("state", "guarded"), known_in("state", "settling"), known_in("state", "blocked"),
    known_in("state", "orphaned"), known_in("state", "unprotected"),
    known_in("daemon state", "running"), known_in("daemon state", "degraded"), known_in("daemon state", "fail-safe"),
    known_in("daemon state", "not-protecting"),
    known_in("availability", "yes"), known_in("availability", "no"), known_in("availability", "unknown"),
    known_in("check", "fault"), known_in("check", "warning"), known_in("check", "note"), known_in("check", "ok"),
};

} // namespace

std::string socket_word(std::string_view token) { return printable(word("socket", token)); }
std::string load_word(std::string_view token) { return printable(word("load", token)); }
std::string confidence_word(std::string_view token) { return printable(word("confidence", token)); }
std::string verdict_word(std::string_view token) { return printable(word("verdict", token)); }
std::string state_word(std::string_view token) { return printable(word("state", token)); }
std::string daemon_state_word(std::string_view token) { return printable(word("daemon state", token)); }

} // namespace soundwarden::cli
