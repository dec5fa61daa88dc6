// SPDX-License-Identifier: MIT
#include "authority.hpp"

#include "bus/names.hpp"
#include "utf8.hpp"

#include <chrono>
#include <map>
#include <string>

namespace soundwarden::dbus {
namespace {

constexpr const char *service = "org.freedesktop.PolicyKit1";
constexpr const char *path = "/org/freedesktop/PolicyKit1/Authority";
constexpr const char *interface = "org.freedesktop.PolicyKit1.Authority";
constexpr std::uint32_t allow_user_interaction = 1; ///< CheckAuthorizationFlags

constexpr std::chrono::seconds answers_within{10};
/// As long as somebody may look for a password.
constexpr std::chrono::minutes user_answers_within{5};

const char *action_of(Intent intent) {
    switch (intent) {
    case Intent::answer: return "org.soundwarden.SoundWarden1.answer";
    case Intent::override_for: return "org.soundwarden.SoundWarden1.override";
    case Intent::reload: return "org.soundwarden.SoundWarden1.reload";
    case Intent::panic: return "org.soundwarden.SoundWarden1.panic";
    case Intent::release: return "org.soundwarden.SoundWarden1.release";
    }
    return "org.soundwarden.SoundWarden1.release"; // the gravest
}

sdbus::Error refusal(const std::string &why) { return sdbus::Error{bus::ErrorName{bus::error::not_allowed}, why}; }

using Result = sdbus::Struct<bool, bool, std::map<std::string, std::string>>; ///< is authorized, is a challenge, details

std::optional<sdbus::Error> refusal_in(const Result &result, Intent intent) {
    if (std::get<0>(result)) return std::nullopt;
    const std::string action = action_of(intent);
    if (std::get<1>(result)) return refusal("this needs a password, and nobody could be asked for one (polkit action " + action + "); try again at a terminal or desktop of this machine");
    return refusal("polkit does not permit you this (action " + action + ")");
}

} // namespace

Authority::Authority(sdbus::IConnection *system_bus) {
    if (system_bus != nullptr) polkit_ = sdbus::createProxy(*system_bus, bus::ServiceName{service}, sdbus::ObjectPath{path});
}

Authority::~Authority() = default;

void Authority::ask(Intent intent, const bus::Caller &caller, Answer answer) {
    if (!polkit_) {
        answer(std::nullopt);
        return;
    }
    const sdbus::Struct<std::string, std::map<std::string, sdbus::Variant>> subject{"system-bus-name",
                                                                                     {{"name", sdbus::Variant{caller.name}}}};
    const std::chrono::seconds patience = caller.interactive ? user_answers_within : answers_within;
    polkit_->callMethodAsync("CheckAuthorization")
        .onInterface(interface)
        .withTimeout(patience)
        .withArguments(subject, std::string{action_of(intent)}, std::map<std::string, std::string>{},
                       caller.interactive ? allow_user_interaction : 0U, std::string{})
        .uponReplyInvoke([intent, answer = std::move(answer)](bus::CallError error, const Result &result) {
            if (error) answer(refusal("polkit could not be asked whether you may: " + valid_utf8(error->getMessage())));
            else answer(refusal_in(result, intent));
        });
}

} // namespace soundwarden::dbus
