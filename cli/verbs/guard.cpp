// SPDX-License-Identifier: MIT
#include "client.hpp"
#include "deadline.hpp"
#include "render/text.hpp"
#include "verbs/done.hpp"
#include "verbs/verbs.hpp"

namespace soundwarden::cli {

int run_guard(const Global &global, const std::string &output, bool on) {
    const Deadline deadline{2 * global.timeout + change_timeout(global)};
    BusClient client{global};
    const std::string id = find_output(client.fetch(), output).id;
    client.guard(id, on);
    const Status status = client.fetch();
    const Output &now = find_output(status, id);
    print_done(global, guard_text(now, on), status, &now);
    return exit_ok;
}

} // namespace soundwarden::cli
