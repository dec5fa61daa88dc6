// SPDX-License-Identifier: MIT
#include "client.hpp"
#include "deadline.hpp"
#include "failure.hpp"
#include "policy/quantity.hpp"
#include "render/text.hpp"
#include "translate.hpp"
#include "verbs/done.hpp"
#include "verbs/verbs.hpp"

#include <cmath>

namespace soundwarden::cli {
namespace {

using policy::Quantity;

// Bounds as on the bus.
constexpr double lowest_dbfs = -150.0, highest_dbfs = 0.0;
constexpr double shortest_s = 1.0, longest_s = 86'400.0;

double quantity_in(const std::string &option, Quantity what, const std::string &text, double least, double most) {
    const policy::Parsed parsed = policy::parse_quantity(what, text);
    if (!parsed) usage(said(option + ": " + parsed.error));
    if (parsed.value < least || parsed.value > most)
        usage(option + ": " + filled(tr("{0} is not between {1} and {2}"), policy::quantity_text(what, parsed.value), policy::quantity_text(what, least),
                                     policy::quantity_text(what, most)));
    return parsed.value;
}

/// Nobody means anything but dB by a bare number here.
double ceiling_of(const std::string &text) {
    const bool bare = text.find_first_not_of("+-.0123456789") == std::string::npos && !text.empty();
    return quantity_in("--ceiling", Quantity::gain, text + (bare ? " dB" : ""), lowest_dbfs, highest_dbfs);
}

} // namespace

int run_override(const Global &global, const OverrideRequest &request) {
    if (request.cancel != (request.ceiling.empty() && request.how_long.empty()))
        usage(request.cancel ? tr("--cancel stands without --ceiling and --for") : tr("say how loud and for how long: --ceiling -6 --for 30min; or --cancel"));
    if (!request.cancel && (request.ceiling.empty() || request.how_long.empty()))
        usage(request.ceiling.empty() ? tr("say how loud too, for example --ceiling -6") : tr("say for how long too, for example --for 30min"));
    const double ceiling_dbfs = request.cancel ? 0.0 : ceiling_of(request.ceiling);
    const auto seconds = request.cancel ? 0U : static_cast<std::uint32_t>(std::lround(quantity_in("--for", Quantity::time, request.how_long, shortest_s, longest_s)));
    const Deadline deadline{2 * global.timeout + change_timeout(global)};
    BusClient client{global};
    const std::string id = find_output(client.fetch(), request.output).id;
    if (request.cancel) client.cancel_override(id);
    else client.override_for(id, ceiling_dbfs, seconds);
    const Status status = client.fetch();
    const Output &now = find_output(status, id);
    print_done(global, request.cancel ? cancel_text(now) : override_text(now, ceiling_dbfs, seconds), status, &now);
    return exit_ok;
}

int run_panic(const Global &global, bool on) {
    const Deadline deadline{global.timeout + change_timeout(global)};
    BusClient client{global};
    client.panic(on);
    print_done(global, panic_text(on), client.fetch(), nullptr);
    return exit_ok;
}

} // namespace soundwarden::cli
