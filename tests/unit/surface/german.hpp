// SPDX-License-Identifier: MIT
// A German locale of the test's own, with the catalogs of the build directory.
#pragma once

#include "private_bus.hpp"

namespace soundwarden::test {

/// Made by localedef(1) from the sources that glibc comes with (Debian: locales): a machine that tests may have none but C.UTF-8, in
/// which gettext translates nothing; glibc 2.36 does where LANGUAGE asks for it, 2.41 does not.
class German {
  public:
    /// Throws where it cannot be made.
    German();
    /// LC_ALL, LOCPATH and TEXTDOMAINDIR.
    Environment environment() const;
    /// The same with another character set, ISO-8859-1; makes that too.
    Environment latin1() const;

  private:
    TempDir directory_;
};

/// One for the whole process: each takes a second to make.
const German &german();

} // namespace soundwarden::test
