// SPDX-License-Identifier: MIT
// The layers of a machine below $SOUNDWARDEN_TEST_ROOT, for a `soundwarden` whose root-owned files a test can write.
// The real command has no such variable: who could move root's files could lift what is locked in them.
#include "files/layers.hpp"

#include <cstdlib>
#include <string>

namespace soundwarden::files {
namespace {

std::string below_root(const std::string &path) {
    const char *root = std::getenv("SOUNDWARDEN_TEST_ROOT");
    return (root == nullptr ? "/invalid" : root) + path;
}

} // namespace

Layers machine_layers(std::string user) {
    return {below_root("/usr/share/soundwarden/policy.d"), below_root("/run/soundwarden/policy.d"),
            below_root("/etc/soundwarden/policy.d"), std::move(user)};
}

std::string user_directory() { return below_root("/home/.config/soundwarden/policy.d"); }

} // namespace soundwarden::files
