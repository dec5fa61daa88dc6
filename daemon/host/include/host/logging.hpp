// SPDX-License-Identifier: MIT
// Where log lines go.
#pragma once

#include <string>
#include <string_view>

namespace soundwarden::host {

/// Sets spdlog's default logger up: to stderr; under the journal (JOURNAL_STREAM names stderr) with `<N>` priorities
/// and no time, else with the time, in colour on a terminal (not with NO_COLOR). Control characters in messages become
/// '?': names of devices are not trusted. Level info; debug with `verbose` or SOUNDWARDEN_DEBUG=1; trace with
/// SOUNDWARDEN_DEBUG=trace. Once, before other threads.
void set_up_logging(bool verbose);

/// Without control characters (C0, DEL, and C1 in UTF-8) and marks that turn the direction of text around: each becomes '?'.
std::string plain_text(std::string_view text);

/// Whether what is written to stderr gets to systemd's journal.
bool stderr_is_the_journal();

} // namespace soundwarden::host
