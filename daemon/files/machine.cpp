// SPDX-License-Identifier: MIT
// Where this machine has its layers. In a file of its own, so that a test can link another machine.
#include "files/layers.hpp"

#include <cstdlib>
#include <filesystem>

namespace soundwarden::files {
namespace {

constexpr const char *below = "soundwarden/policy.d";

/// The variable's value where it is an absolute path (the XDG base directory specification has others ignored).
std::filesystem::path directory_from(const char *variable) {
    const char *value = std::getenv(variable);
    const std::filesystem::path path = value == nullptr ? "" : value;
    return path.is_absolute() ? path : std::filesystem::path{};
}

} // namespace

Layers machine_layers(std::string user) {
    const std::filesystem::path vendor = SOUNDWARDEN_DATADIR;
    return {(vendor / below).string(), std::string{"/run/"} + below, std::string{"/etc/"} + below, std::move(user)};
}

std::string user_directory() {
    if (const auto config = directory_from("XDG_CONFIG_HOME"); !config.empty()) return (config / below).string();
    if (const auto home = directory_from("HOME"); !home.empty()) return (home / ".config" / below).string();
    return {};
}

} // namespace soundwarden::files
