// SPDX-License-Identifier: MIT
// Expected output, kept in files beside the tests.
#pragma once

#include <string>

namespace soundwarden::test {

/// The file's content. With SOUNDWARDEN_UPDATE_GOLDEN=1 it is first written from `actual`: look at the difference
/// before you keep it; JSON is a promise.
std::string golden(const std::string &name, const std::string &actual);

} // namespace soundwarden::test
