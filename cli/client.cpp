// SPDX-License-Identifier: MIT
#include "client.hpp"

#include "bus/caller.hpp"
#include "bus/names.hpp"
#include "bus/sdbus_compat.hpp"
#include "client/answer_rows.hpp"
#include "client/dose_question.hpp"
#include "client/numbers.hpp"
#include "client/output_properties.hpp"
#include "failure.hpp"
#include "translate.hpp"

#include <manager_proxy.hpp>
#include <output_proxy.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <poll.h>
#include <utility>

namespace soundwarden::cli {
namespace {

using Properties = std::map<std::string, sdbus::Variant>;

/// One output: its methods, and the meters, which are never announced.
class OutputProxy final : public sdbus::ProxyInterfaces<org::soundwarden::SoundWarden1::Output_proxy> {
  public:
    OutputProxy(sdbus::IConnection &connection, const std::string &path)
        : ProxyInterfaces(connection, bus::ServiceName{bus::service_name}, sdbus::ObjectPath{path}) {
        registerProxy();
    }
    OutputProxy(const OutputProxy &) = delete;
    OutputProxy &operator=(const OutputProxy &) = delete;
    ~OutputProxy() { unregisterProxy(); }
};

class ManagerProxy final : public sdbus::ProxyInterfaces<org::soundwarden::SoundWarden1::Manager_proxy> {
  public:
    explicit ManagerProxy(sdbus::IConnection &connection)
        : ProxyInterfaces(connection, bus::ServiceName{bus::service_name}, sdbus::ObjectPath{bus::root_path}) {
        registerProxy();
    }
    ManagerProxy(const ManagerProxy &) = delete;
    ManagerProxy &operator=(const ManagerProxy &) = delete;
    ~ManagerProxy() { unregisterProxy(); }
};

void apply(Status &status, const std::string &name, const sdbus::Variant &value) {
    if (name == "Version")
        status.version = value.get<std::string>();
    else if (name == "State")
        status.state = value.get<std::string>();
    else if (name == "Posture")
        status.posture = value.get<std::string>();
    else if (name == "Reasons") {
        status.reasons.clear();
        for (const auto &reason : value.get<std::vector<sdbus::Struct<std::string, std::string>>>())
            status.reasons.push_back({std::get<0>(reason), std::get<1>(reason)});
    }
}

[[maybe_unused]] std::string text_or_empty(const char *text) {
    return text == nullptr ? std::string{} : std::string{text};
}
[[maybe_unused]] std::string text_or_empty(std::string text) { return text; }

Failure bus_gone(const Access &access) { return {exit_unreachable, access.system ? tr("the system bus has gone away") : tr("the session bus has gone away")}; }

/// Nobody has the name. Where the bus would start the daemon, its unit is not enabled, or fails.
bool says_not_running(const std::string &error) {
    return error == bus::error::service_unknown || error == bus::error::name_has_no_owner || error.starts_with(bus::error::spawn_prefix) ||
           error.starts_with(bus::error::systemd_prefix);
}

/// The error as the user's next step.
Failure failure_of(const sdbus::Error &error, const Access &access) {
    const std::string name = error.getName();
    if (says_not_running(name)) {
        const std::string sentence = access.system ? tr("the daemon is not running on this machine; start it with: {0} (or run soundwardend --system)")
                                                   : tr("the daemon is not running in this session; start it with: {0} (or run soundwardend)");
        Failure failure{exit_unreachable, filled(sentence, systemctl(access, "start soundwarden"))};
        failure.no_daemon = true;
        return failure;
    }
    if (name == bus::error::not_allowed) return {exit_not_allowed, said(error.getMessage())};
    if (name == bus::error::failed) return {exit_failed, said(error.getMessage())};
    if (name == bus::error::invalid_argument) return {exit_usage, said(error.getMessage())};
    if (name == bus::error::no_such_output) return {exit_no_such, said(error.getMessage())};
    if (name == bus::error::limits_exceeded) return {exit_failed, said(error.getMessage())};
    if (name == bus::error::unknown_method)
        return {exit_failed, filled(tr("the daemon that runs is older than this command and does not know how; start the new one with: {0}"),
                                   systemctl(access, "restart soundwarden"))};
    if (name == bus::error::timeout || name == bus::error::no_reply) {
        std::string seconds = std::to_string(static_cast<double>(access.timeout.count()) / 1000.0);
        seconds.erase(seconds.find_last_not_of('0') + 1);
        if (seconds.back() == '.') seconds.pop_back();
        return {exit_unreachable, filled(tr("the daemon does not answer (waited up to {0} s); look at: {1}"), seconds, systemctl(access, "status soundwarden"))};
    }
    if (name == bus::error::disconnected || name == "System.Error.ENOTCONN" || name == "System.Error.ECONNRESET")
        return bus_gone(access);
    return {exit_failed, filled(tr("the daemon answers with an error: {0} ({1})"), error.getMessage(), name)};
}

/// Works until what was asked is answered. The calls have their timeouts, which sd-bus counts in the deadline: an answer comes in any
/// case.
template <class Condition>
void dispatch_until(BusClient &client, Condition &&answered) {
    while (!answered()) {
        client.dispatch();
        if (answered()) return;
        const auto wanted = client.wish();
        pollfd descriptor{wanted.descriptor, wanted.events, 0};
        int pause_ms = -1;
        if (wanted.deadline) {
            const auto now = std::chrono::steady_clock::now().time_since_epoch();
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(*wanted.deadline - now);
            pause_ms = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
        }
        poll(&descriptor, 1, pause_ms);
    }
}

bool daemon_is_away(const sdbus::Error &error) {
    const std::string name = error.getName();
    return says_not_running(name) || name == bus::error::no_reply;
}

} // namespace

struct BusClient::Impl {
    Access access;
    std::unique_ptr<sdbus::IConnection> connection;
    std::unique_ptr<sdbus::IProxy> root;
    sdbus::Slot owner_match, signal_match;

    Listener *listener = nullptr;
    bool wait = false;
    std::uint64_t asked = 0;        ///< counts the questions for everything: answers to older ones do not count
    std::optional<Status> status;   ///< while following: what the listener knows; nothing while the daemon is away
    std::optional<Failure> failure; ///< thrown by dispatch(): nothing may be thrown through sdbus-c++

    /// One method, whose error becomes a Failure.
    template <class Call>
    void call(Call &&the_call) {
        try {
            the_call(*connection);
        } catch (const sdbus::Error &error) {
            throw failure_of(error, access);
        }
    }

    /// One that changes something.
    template <class Call>
    void change(Call &&the_call) {
        connection->setMethodCallTimeout(change_timeout(access));
        call(std::forward<Call>(the_call));
        connection->setMethodCallTimeout(access.timeout);
    }

    // ---- everything at once ---------------------------------------------------------------------------------------

    /// Asks for the root object's properties and for the managed objects (which, in sd-bus, do not include the root) in
    /// one go; the daemon takes them one right after the other.
    void ask(std::function<void(std::optional<Status>, std::optional<sdbus::Error>)> answer) {
        auto gathered = std::make_shared<Status>();
        auto failed = std::make_shared<std::optional<sdbus::Error>>();
        root->callMethodAsync("GetAll")
            .onInterface(bus::properties_interface)
            .withArguments(std::string{bus::manager_interface})
            .uponReplyInvoke([gathered, failed](bus::CallError error, const Properties &properties) {
                if (error) {
                    *failed = *error;
                    return;
                }
                protect(*failed, [&] {
                    for (const auto &[name, value] : properties) apply(*gathered, name, value);
                });
            });
        root->callMethodAsync("GetManagedObjects")
            .onInterface(bus::object_manager_interface)
            .uponReplyInvoke(
                [gathered, failed, answer = std::move(answer)](bus::CallError error, ManagedOutputs objects) {
                    if (error && !*failed) *failed = *error;
                    if (objects.failed && !*failed) *failed = objects.failed;
                    gathered->outputs = std::move(objects.outputs);
                    sort_outputs(gathered->outputs);
                    if (*failed)
                        answer(std::nullopt, *failed);
                    else
                        answer(std::move(*gathered), std::nullopt);
                });
    }

    template <class Body>
    static void protect(std::optional<sdbus::Error> &failed, Body &&body) {
        try {
            body();
        } catch (const sdbus::Error &error) {
            failed = error;
        }
    }

    // ---- following ------------------------------------------------------------------------------------------------

    /// Keeps what a handler throws until dispatch() can throw it.
    template <class Body>
    void handle(Body &&body) {
        try {
            body();
        } catch (const Failure &thrown) {
            failure = thrown;
        } catch (const sdbus::Error &error) {
            failure = failure_of(error, access);
        } catch (const std::exception &error) {
            failure = Failure{exit_failed, error.what()};
        }
    }

    void follow() {
        // Both before the first question, so that nothing is missed in between.
        owner_match =
            bus::subscribe(*connection,
                           std::string{"type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
                                       "member='NameOwnerChanged',arg0='"} +
                               bus::service_name + "'",
                           [this](sdbus::Message &message) { handle([&] { on_owner_changed(message); }); });
        signal_match = bus::subscribe(*connection,
                                      std::string{"type='signal',sender='"} + bus::service_name + "',path_namespace='" +
                                          bus::root_path + "'",
                                      [this](sdbus::Message &message) { handle([&] { on_signal(message); }); });
        ask_again();
    }

    void ask_again() {
        ask([this, number = ++asked](std::optional<Status> answer, std::optional<sdbus::Error> error) {
            handle([&] {
                if (number != asked) return;
                if (answer) {
                    status = std::move(answer);
                    wait = true; // from now on it may come and go
                    listener->on_snapshot(*status);
                } else if (wait && daemon_is_away(*error)) {
                    if (number == 1) listener->on_waiting();
                } else {
                    throw failure_of(*error, access);
                }
            });
        });
    }

    void on_owner_changed(sdbus::Message &message) {
        std::string name, before, after;
        message >> name >> before >> after;
        if (!before.empty() && status) {
            status.reset();
            listener->on_daemon_gone();
        }
        if (!after.empty()) ask_again();
    }

    void on_signal(sdbus::Message &message) {
        if (!status) return; // older than the answer that will say everything
        const std::string interface = text_or_empty(message.getInterfaceName());
        const std::string member = text_or_empty(message.getMemberName());
        if (interface == bus::properties_interface && member == "PropertiesChanged") {
            std::string changed_interface;
            message >> changed_interface;
            if (changed_interface == bus::manager_interface) {
                Properties properties;
                message >> properties;
                on_manager_changed(properties);
            } else if (changed_interface == bus::output_interface) {
                on_output_changed(text_or_empty(message.getPath()), message);
            }
        } else if (interface == bus::object_manager_interface && member == "InterfacesAdded") {
            sdbus::ObjectPath path;
            message >> path;
            if (auto output = read_output(message)) on_added(std::move(*output));
        } else if (interface == bus::object_manager_interface && member == "InterfacesRemoved") {
            sdbus::ObjectPath path;
            std::vector<std::string> interfaces;
            message >> path >> interfaces;
            if (std::find(interfaces.begin(), interfaces.end(), bus::output_interface) != interfaces.end())
                on_removed(path);
        }
    }

    void on_manager_changed(const Properties &properties) {
        const Status before = *status;
        for (const auto &[name, value] : properties) apply(*status, name, value);
        if (before.state != status->state || before.reasons != status->reasons || before.posture != status->posture)
            listener->on_state(*status);
    }

    std::vector<Output>::iterator find(const std::string &path) {
        return std::find_if(status->outputs.begin(), status->outputs.end(),
                            [&](const Output &output) { return bus::output_path_prefix + output.id == path; });
    }

    void on_output_changed(const std::string &path, sdbus::Message &properties) {
        const auto known = find(path);
        if (known == status->outputs.end()) return;
        const Output before = *known;
        read_properties(properties, *known);
        const auto changed = changes(before, *known);
        if (changed.empty()) return;
        Output after = *known;
        if (listener->meters_wanted()) measure(path, after);
        listener->on_changed(before, after, changed);
        sort_outputs(status->outputs);
    }

    void on_added(Output output) {
        if (const auto known = find(bus::output_path_prefix + output.id); known != status->outputs.end()) return;
        listener->on_added(output);
        status->outputs.push_back(std::move(output));
        sort_outputs(status->outputs);
    }

    void on_removed(const std::string &path) {
        const auto known = find(path);
        if (known == status->outputs.end()) return;
        Output gone = std::move(*known);
        status->outputs.erase(known);
        gone.peak_dbfs.reset();
        gone.gain_reduction_db.reset();
        listener->on_removed(gone);
    }

    /// The meters of now; nothing where the output is gone already.
    void measure(const std::string &path, Output &output) {
        output.peak_dbfs.reset();
        output.gain_reduction_db.reset();
        if (!output.active) return;
        try {
            OutputProxy meters{*connection, path};
            output.peak_dbfs = finite(meters.PeakDbfs());
            output.gain_reduction_db = finite(meters.GainReductionDb());
        } catch (const sdbus::Error &) { // the next signal says what became of it
        }
    }
};

BusClient::BusClient(const Access &access) : impl_(std::make_unique<Impl>()) {
    impl_->access = access;
    const bool system = access.system;
    try {
        impl_->connection = bus::open_bus(system ? bus::Bus::system : bus::Bus::session);
        impl_->connection->setMethodCallTimeout(access.timeout);
        impl_->root = sdbus::createProxy(*impl_->connection, bus::ServiceName{bus::service_name},
                                         sdbus::ObjectPath{bus::root_path});
        if (system) bus::allow_interaction(*impl_->root); // polkit may ask for a password
    } catch (const sdbus::Error &error) {
        Failure failure{exit_unreachable,
                        filled(system ? tr("cannot reach the system bus ({0}), and so not the daemon; start it with: systemctl start dbus.socket")
                                      : tr("cannot reach the session bus ({0}), and so not the daemon; run this in the user's session, with its "
                                           "DBUS_SESSION_BUS_ADDRESS or XDG_RUNTIME_DIR"),
                               error.getMessage())};
        failure.no_daemon = true;
        throw failure;
    }
}

BusClient::~BusClient() = default;

Status BusClient::fetch() {
    std::optional<Status> result;
    std::optional<sdbus::Error> error;
    impl_->ask([&](std::optional<Status> answer, std::optional<sdbus::Error> failed) {
        result = std::move(answer);
        error = std::move(failed);
    });
    dispatch_until(*this, [&] { return result || error; });
    if (error) throw failure_of(*error, impl_->access);
    return std::move(*result);
}

void BusClient::override_for(const std::string &id, double ceiling_dbfs, std::uint32_t seconds) {
    impl_->change([&](sdbus::IConnection &connection) { OutputProxy{connection, bus::output_path_prefix + id}.Override(ceiling_dbfs, seconds); });
}

void BusClient::cancel_override(const std::string &id) {
    impl_->change([&](sdbus::IConnection &connection) { OutputProxy{connection, bus::output_path_prefix + id}.CancelOverride(); });
}

void BusClient::panic(bool on) {
    impl_->change([&](sdbus::IConnection &connection) { on ? ManagerProxy{connection}.Panic() : ManagerProxy{connection}.Resume(); });
}

void BusClient::guard(const std::string &id, bool on) {
    impl_->change([&](sdbus::IConnection &connection) { OutputProxy{connection, bus::output_path_prefix + id}.Guard(on); });
}

void BusClient::answer(const std::string &id, const std::string &load, const AnswerFacts &facts) {
    std::map<std::string, sdbus::Variant> said;
    if (!facts.model.empty()) said.emplace("model", sdbus::Variant{facts.model});
    if (facts.impedance_ohm) said.emplace("impedance", sdbus::Variant{*facts.impedance_ohm});
    if (facts.sensitivity_db_per_volt) said.emplace("sensitivity", sdbus::Variant{*facts.sensitivity_db_per_volt});
    impl_->change([&](sdbus::IConnection &connection) { OutputProxy{connection, bus::output_path_prefix + id}.Answer(load, said); });
}

void BusClient::forget(const std::string &id) {
    impl_->change([&](sdbus::IConnection &connection) {
        if (id.empty()) ManagerProxy{connection}.ForgetAll();
        else OutputProxy{connection, bus::output_path_prefix + id}.Forget();
    });
}

std::vector<LogEntry> BusClient::log(std::int64_t since_unix_ms, std::uint32_t most, const std::string &what, const std::string &subject) {
    std::vector<LogEntry> entries;
    try {
        for (auto &row : ManagerProxy{*impl_->connection}.Log(since_unix_ms, most, what, subject))
            entries.push_back({std::get<0>(row), std::get<1>(row), std::get<2>(row), std::get<3>(row), std::get<4>(row), std::get<5>(row)});
    } catch (const sdbus::Error &error) {
        throw failure_of(error, impl_->access);
    }
    return entries;
}

Explained BusClient::explain(const std::string &id) {
    Explained explained;
    impl_->call([&](sdbus::IConnection &connection) { explained = explained_of(ManagerProxy{connection}.Explain(id)); });
    return explained;
}

std::vector<Check> BusClient::checks() {
    std::vector<Check> checks;
    impl_->call([&](sdbus::IConnection &connection) { checks = checks_of(ManagerProxy{connection}.Checks()); });
    return checks;
}

Graph BusClient::graph() {
    Graph graph;
    impl_->call([&](sdbus::IConnection &connection) { graph = graph_of(ManagerProxy{connection}.Graph()); });
    return graph;
}

Dose BusClient::dose(std::int64_t hours_since_s, std::int64_t minutes_since_s) {
    try {
        DoseQuestion question{*impl_->connection, *impl_->root, hours_since_s, minutes_since_s};
        dispatch_until(*this, [&] { return question.answered(); });
        if (question.unknown_there())
            throw Failure{exit_failed, filled(tr("the daemon that runs is older than this command and counts no dose; start the new one with: {0}"),
                                             systemctl(impl_->access, "restart soundwarden"))};
        if (question.failed()) throw failure_of(*question.failed(), impl_->access);
        return question.take();
    } catch (const sdbus::Error &error) {
        throw failure_of(error, impl_->access);
    }
}

Descriptor BusClient::meters(const std::vector<std::string> &ids, std::uint32_t interval_ms) {
    Descriptor socket;
    impl_->call([&](sdbus::IConnection &connection) { socket = Descriptor{ManagerProxy{connection}.Meters(ids, interval_ms).release()}; });
    return socket;
}

void BusClient::expect_running() {
    impl_->call([](sdbus::IConnection &connection) {
        const auto proxy = sdbus::createProxy(connection, bus::ServiceName{bus::bus_service}, sdbus::ObjectPath{bus::bus_path});
        bool runs = false;
        proxy->callMethod("NameHasOwner").onInterface(bus::bus_service).withArguments(std::string{bus::service_name}).storeResultsTo(runs);
        if (!runs) throw sdbus::Error{bus::ErrorName{bus::error::name_has_no_owner}, ""};
    });
}

void BusClient::release(const std::string &id) {
    impl_->change([&](sdbus::IConnection &connection) {
        if (id.empty()) ManagerProxy{connection}.Release();
        else OutputProxy{connection, bus::output_path_prefix + id}.Release();
    });
}

void BusClient::follow(Listener &listener, bool wait) {
    impl_->listener = &listener;
    impl_->wait = wait;
    try {
        impl_->follow();
    } catch (const sdbus::Error &error) {
        throw failure_of(error, impl_->access);
    }
}

BusClient::Wish BusClient::wish() const {
    try {
        const auto wanted = bus::poll_wish(*impl_->connection);
        return {wanted.descriptor, wanted.events, wanted.deadline};
    } catch (const sdbus::Error &) {
        throw bus_gone(impl_->access);
    }
}

void BusClient::dispatch() {
    try {
        while (bus::process_one(*impl_->connection)) {
            if (impl_->failure) throw Failure{*std::exchange(impl_->failure, std::nullopt)};
        }
    } catch (const sdbus::Error &) {
        throw bus_gone(impl_->access);
    }
}

} // namespace soundwarden::cli
