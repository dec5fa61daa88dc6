// SPDX-License-Identifier: MIT
#include "dbus/service.hpp"

#include "bus/names.hpp"
#include "authority.hpp"
#include "desktop_notice.hpp"
#include "dose_notice.hpp"
#include "dose_object.hpp"
#include "guarded.hpp"
#include "meter_readings.hpp"
#include "meter_streams.hpp"
#include "objects.hpp"
#include "output_notices.hpp"
#include "utf8.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <poll.h>
#include <utility>
#include <vector>

namespace soundwarden::dbus {
namespace {

/// Work taken from the bus between two sleeps of the loop; what is left over waits for the next round, so that a flood
/// of calls cannot keep the loop from its other descriptors.
constexpr int messages_per_round = 64;
/// The bus daemon is asked for the name and answers at once, or is ill.
constexpr std::chrono::seconds bus_daemon_answers_within{2};

loop::Ready ready_of(short events) {
    auto ready = loop::Ready::none;
    if ((events & POLLIN) != 0) ready = ready | loop::Ready::in;
    if ((events & POLLOUT) != 0) ready = ready | loop::Ready::out;
    return ready;
}

sdbus::Error error_of(const Service::Refused &refused) {
    return sdbus::Error{bus::ErrorName{refused.allowed ? bus::error::failed : bus::error::not_allowed}, valid_utf8(refused.sentence)};
}

/// An object and what was last said about it.
template <class Object, class Values>
struct Announced {
    std::unique_ptr<Object> object;
    Values said;
    loop::Time last_signal{};
};

} // namespace

struct Service::Impl {
    loop::Loop &loop;
    Options options;
    MeterReadings readings;
    MeterSource meters; ///< for the objects' properties
    BusWatcher on_bus;
    Commands commands;
    Handlers handlers;

    // What is to be said, with or without a bus.
    ManagerValues manager_values;
    std::map<std::string, OutputValues> output_values; ///< by id
    dose::Now dose_now;
    MeterStreams streams; ///< they need no bus once they are open
    std::vector<OutputNotice> output_notices;
    bool notices_allowed = true;
    bool to_greet = false;

    // The connection and what lives on it; the order matters: objects go before their connection.
    std::unique_ptr<sdbus::IConnection> connection;
    std::unique_ptr<Authority> authority;
    std::vector<Reply> waiting; ///< for the end of a release
    Announced<ManagerObject, ManagerValues> manager;
    std::map<std::string, Announced<OutputObject, OutputValues>> outputs;
    Announced<DoseObject, dose::Now> dose;
    std::unique_ptr<DesktopNotices> desktop;
    std::unique_ptr<OutputNotices> about_outputs;
    std::unique_ptr<loop::Io> io;
    loop::Ready io_mask = loop::Ready::none;

    std::unique_ptr<loop::Source> hook;     ///< before each sleep: take the bus' work, tell the loop what it waits for
    std::unique_ptr<loop::Timer> bus_timer; ///< sd-bus' own deadlines
    std::optional<loop::Time> bus_deadline;
    std::unique_ptr<loop::Timer> work_timer; ///< held-back signals, a lost bus, the next attempt
    std::optional<std::string> lost;         ///< the bus went away: why
    std::optional<loop::Time> next_attempt;
    std::chrono::milliseconds pause{}; ///< before the attempt after the next
    Started reported = Started::ok;    ///< what `on_bus`, or the answer of start(), said last

    Impl(loop::Loop &the_loop, Options the_options, MeterSource the_meters, BusWatcher watcher, Commands the_commands)
        : loop(the_loop), options(std::move(the_options)), readings(the_loop, std::move(the_meters), options.one_reading),
          meters([this](const engine::SinkKey &sink) { return readings.of_now(sink); }), on_bus(std::move(watcher)),
          commands(std::move(the_commands)), manager_values(dbus::manager_values({}, Posture::protect)),
          streams({loop, readings, output_values, dose_now, commands.dose_week}, options.most_meters), pause(options.first_retry) {
        handlers.permitted = [this](Intent intent, const bus::Caller &caller, Reply &&reply, std::function<void(Reply &)> work) {
            permitted(intent, caller, std::move(reply), std::move(work));
        };
        handlers.guard = [this](const OutputId &output, bool on) {
            const auto refused = commands.guard ? commands.guard(output, on) : std::nullopt;
            if (refused) throw error_of(*refused);
        };
        // Waiting first: it may be done before the command returns.
        handlers.release = [this](const OutputId &output, Reply &&reply) {
            waiting.push_back(std::move(reply));
            if (!commands.release) return;
            const auto refused = commands.release(output);
            if (!refused) return;
            const Reply refusal = std::move(waiting.back());
            waiting.pop_back();
            refusal.returnError(error_of(*refused));
        };
        handlers.reload = [this] {
            const auto refused = commands.reload ? commands.reload() : std::nullopt;
            if (refused) throw error_of(*refused);
        };
        handlers.answer = [this](const OutputId &output, Load load, const LoadFacts &facts) {
            const auto refused = commands.answer ? commands.answer(output, load, facts) : std::nullopt;
            if (refused) throw error_of(*refused);
        };
        handlers.forget = [this](const OutputId &output) {
            const auto refused = commands.forget ? commands.forget(output) : std::nullopt;
            if (refused) throw error_of(*refused);
        };
        handlers.override_for = [this](const OutputId &output, std::optional<Decibels> ceiling, std::chrono::seconds how_long) {
            const auto refused = commands.override_for ? commands.override_for(output, ceiling, how_long) : std::nullopt;
            if (refused) throw error_of(*refused);
        };
        handlers.panic = [this](bool on) {
            const auto refused = commands.panic ? commands.panic(on) : std::nullopt;
            if (refused) throw error_of(*refused);
        };
        handlers.log = [this](const LogQuestion &question) {
            return commands.log ? commands.log(question) : std::vector<LogLine>{};
        };
        handlers.explain = [this](const OutputId &output) {
            const auto explained = commands.explain ? commands.explain(output) : std::nullopt;
            if (!explained) throw sdbus::Error{bus::ErrorName{bus::error::no_such_output}, "no output has the id '" + valid_utf8(output) + "'"};
            return *explained;
        };
        handlers.checks = [this] { return commands.checks ? commands.checks() : std::vector<CheckLine>{}; };
        handlers.graph = [this] { return commands.graph ? commands.graph() : GraphPicture{}; };
        handlers.dose_history = [this](dose::Span span, std::int64_t since_s) {
            return commands.dose_history ? commands.dose_history(span, since_s) : std::vector<dose::Row>{};
        };
        handlers.dose_week = commands.dose_week;
        handlers.meters = [this](const std::vector<std::string> &wanted, std::uint32_t interval_ms) { return streams.open(wanted, interval_ms); };
        hook = loop.before_poll([this] { pump(); });
        bus_timer = loop.timer([this] { bus_deadline.reset(); }); // only wakes: the work is done before the next sleep
        work_timer = loop.timer([this] { work(); });
    }

    // ---- the connection -------------------------------------------------------------------------------------------

    Outcome connect() {
        try {
            connection = bus::open_bus(options.system ? bus::Bus::system : bus::Bus::session, options.address);
            connection->setMethodCallTimeout(bus_daemon_answers_within);
            authority = std::make_unique<Authority>(options.system ? connection.get() : nullptr);
            manager.object = std::make_unique<ManagerObject>(*connection, handlers, options.version, manager_values);
            manager.said = manager_values;
            for (const auto &[id, values] : output_values) add(id, values, false);
            dose.object = std::make_unique<DoseObject>(*connection, handlers, dose_now);
            dose.said = dose_now;
            if (!options.system) {
                desktop = std::make_unique<DesktopNotices>(*connection);
                about_outputs = std::make_unique<OutputNotices>(loop, *connection, options.headset_dialog,
                                                                [this](const OutputId &output, Load load) { take_answer(output, load); },
                                                                [this](const OutputNotice &notice) { was_taken(notice); });
            }
            connection->requestName(bus::ServiceName{bus::service_name});
            const auto wish = bus::poll_wish(*connection);
            io_mask = ready_of(wish.events);
            io = loop.watch(wish.descriptor, io_mask, [](loop::Ready) {}); // only wakes, as above
            show_notices();
        } catch (const sdbus::Error &error) {
            const bool taken = std::string{error.getName()} == bus::error::name_taken;
            const std::string message = error.getMessage();
            disconnect();
            if (taken)
                return {Started::name_taken, std::string{"the bus name "} + bus::service_name +
                                                 " is taken: another soundwardend runs " + (options.system ? "on this machine" : "in this session")};
            return {Started::no_bus, no_bus_sentence(message)};
        } catch (const std::exception &error) {
            disconnect();
            return {Started::no_bus, no_bus_sentence(error.what())};
        }
        pause = options.first_retry;
        next_attempt.reset();
        return {};
    }

    /// Nothing may be thrown from here: polkit's answer comes through sdbus-c++, which lets nothing pass.
    void permitted(Intent intent, const bus::Caller &caller, Reply &&reply, std::function<void(Reply &)> work) {
        auto kept = std::make_shared<Reply>(std::move(reply));
        authority->ask(intent, caller, [this, kept, work = std::move(work)](std::optional<sdbus::Error> refused) {
            attempt("an answer", [&] {
                try {
                    if (!refused) guarded([&] { work(*kept); });
                } catch (const sdbus::Error &error) {
                    refused = error;
                }
                if (refused) kept->returnError(*refused);
            });
        });
    }

    std::string no_bus_sentence(const std::string &why) const {
        if (options.system)
            return "no system bus (" + why +
                   "): protection goes on, but the soundwarden command cannot reach the daemon; start the bus with: systemctl start dbus.socket";
        return "no session bus (" + why +
               "): protection goes on, but the soundwarden command cannot reach the daemon; check "
               "DBUS_SESSION_BUS_ADDRESS, "
               "or start the bus with: systemctl --user start dbus.socket";
    }

    /// Not from inside a callback of `io`, and not while sdbus-c++ is on the stack.
    void disconnect() {
        io.reset();
        waiting.clear();
        authority.reset();
        about_outputs.reset();
        desktop.reset();
        dose.object.reset();
        outputs.clear();
        manager.object.reset();
        connection.reset();
        bus_deadline.reset();
        bus_timer->arm(std::nullopt);
        lost.reset();
    }

    /// The bus is gone. The connection is taken down from the work timer, when no part of it is in use.
    void lose(const std::string &why) {
        if (lost || !connection) return;
        lost = why;
        work_timer->arm(loop.now());
    }

    // ---- the loop -------------------------------------------------------------------------------------------------

    void pump() {
        if (!connection || lost) return;
        try {
            bool more = true;
            for (int taken = 0; more && taken < messages_per_round; ++taken) more = bus::process_one(*connection);
            const auto wish = bus::poll_wish(*connection);
            if (const auto mask = ready_of(wish.events); mask != io_mask) io->update(io_mask = mask);
            std::optional<loop::Time> deadline;
            if (wish.deadline) deadline = loop::Time{} + *wish.deadline;
            if (more) deadline = loop.now();
            if (deadline != bus_deadline) bus_timer->arm(bus_deadline = deadline);
        } catch (const std::exception &error) {
            lose(error.what());
        }
    }

    void work() {
        if (lost) {
            const std::string sentence = no_bus_sentence("it went away: " + *lost);
            disconnect();
            next_attempt = loop.now() + options.first_retry;
            pause = std::min(options.first_retry * 2, options.last_retry);
            arm_work();
            report(Started::no_bus, sentence);
            return;
        }
        if (!connection && next_attempt && *next_attempt <= loop.now()) {
            const auto outcome = connect();
            if (outcome.result != Started::ok) try_later();
            report(outcome.result, outcome.sentence);
        }
        flush();
    }

    void report(Started result, const std::string &sentence) {
        if (result == reported) return;
        reported = result;
        if (on_bus) on_bus(sentence);
    }

    void try_later() {
        next_attempt = loop.now() + pause;
        pause = std::min(pause * 2, options.last_retry);
        arm_work();
    }

    /// Arms the work timer for whatever is due next; nothing at rest.
    void arm_work() {
        std::optional<loop::Time> due;
        const auto consider = [&](loop::Time when) { due = due ? std::min(*due, when) : when; };
        if (lost) consider(loop.now());
        if (!connection && next_attempt) consider(*next_attempt);
        if (connection && !lost) {
            if (held_back(manager)) consider(manager.last_signal + options.between_signals);
            for (const auto &[id, entry] : outputs)
                if (held_back(entry)) consider(entry.last_signal + options.between_signals);
            if (held_back(dose)) consider(dose.last_signal + options.between_signals);
        }
        work_timer->arm(due);
    }

    // ---- the objects ----------------------------------------------------------------------------------------------

    template <class Entry>
    static bool held_back(const Entry &entry) {
        return entry.object && !differences(entry.said, entry.object->values()).empty();
    }

    void add(const std::string &id, const OutputValues &values, bool announce) {
        auto object = std::make_unique<OutputObject>(*connection, handlers, meters, values);
        if (announce) object->emitInterfacesAddedSignal();
        outputs[id] = {std::move(object), values, {}};
    }

    /// Says what differs, of each object that has been silent for long enough; arms the timer for the others.
    void flush() {
        if (connection && !lost) {
            say(manager);
            for (auto &[id, entry] : outputs) say(entry);
            say(dose);
        }
        arm_work();
    }

    template <class Entry>
    void say(Entry &entry) {
        if (!entry.object) return;
        const auto changed = differences(entry.said, entry.object->values());
        if (changed.empty()) return;
        const auto now = loop.now();
        if (now < entry.last_signal + options.between_signals) return;
        entry.said = entry.object->values();
        entry.last_signal = now;
        attempt("a change", [&] { entry.object->announce(changed); });
    }

    /// A signal that cannot be sent is the bus' trouble, never the daemon's: the next round finds out whether it is
    /// gone.
    template <class Action>
    void attempt(const char *what, Action &&action) {
        try {
            action();
        } catch (const std::exception &error) {
            spdlog::warn("{} could not be announced on the bus: {}", what, error.what());
        }
    }

    void show() {
        if (!connection || lost) return;
        manager.object->set(manager_values);
        std::erase_if(outputs, [&](auto &entry) {
            if (output_values.contains(entry.first)) return false;
            attempt("a vanished output", [&] { entry.second.object->emitInterfacesRemovedSignal(); });
            return true;
        });
        for (const auto &wanted : output_values) {
            if (const auto known = outputs.find(wanted.first); known != outputs.end())
                known->second.object->set(wanted.second);
            else
                attempt("a new output", [&] { add(wanted.first, wanted.second, true); });
        }
        flush();
    }

    // ---- the hearing dose -----------------------------------------------------------------------------------------

    void show_dose() {
        if (!connection || lost) return;
        dose.object->set(dose_now);
        if (held_back(dose)) flush();
    }

    // ---- the desktop ----------------------------------------------------------------------------------------------

    void show_notices() {
        if (connection && !lost && about_outputs) about_outputs->show(notices_allowed ? output_notices : std::vector<OutputNotice>{});
    }

    /// What was chosen on the desktop is the same wish as Output.Answer.
    void take_answer(const OutputId &output, Load load) {
        const auto refused = commands.answer ? commands.answer(output, load, {}) : std::nullopt;
        if (refused) spdlog::warn("what was answered on the desktop, {} at {}: {}", name_of(load), output, refused->sentence);
    }

    /// It stays until it goes by itself: output_notices keeps it.
    void was_taken(const OutputNotice &notice) {
        if (notice.kind == OutputNotice::Kind::greeting && std::exchange(to_greet, false) && commands.greeted) commands.greeted();
    }

    std::string tell(const dose::Notice &notice, bool on_desktop) {
        const auto output = output_values.find(notice.output);
        const auto text = text_of(notice, dose_now.allowance_pa2h, output == output_values.end() ? "" : output->second.name);
        if (!connection || lost) return line_of(text);
        attempt("a notice", [&] { dose.object->tell(notice, text); });
        if (on_desktop && desktop) desktop->show(notice.kind, text);
        return line_of(text);
    }
};

Service::Service(loop::Loop &loop, Options options, MeterSource meters, BusWatcher on_bus, Commands commands)
    : impl_(std::make_unique<Impl>(loop, std::move(options), std::move(meters), std::move(on_bus), std::move(commands))) {}

Service::~Service() { impl_->disconnect(); }

Service::Outcome Service::start() {
    auto outcome = impl_->connect();
    impl_->reported = outcome.result;
    if (outcome.result == Started::no_bus) impl_->try_later();
    return outcome;
}

void Service::publish(const engine::Snapshot &snapshot, Posture posture) {
    auto policy = std::move(impl_->manager_values.policy);
    impl_->manager_values = manager_values(snapshot, posture);
    impl_->manager_values.policy = std::move(policy);
    impl_->output_values.clear();
    for (const auto &view : snapshot.outputs) {
        if (valid_id(view.id))
            impl_->output_values.insert_or_assign(view.id, output_values(view));
        else
            spdlog::error("output of sink {} has no valid id and is not on the bus: '{}'", view.sink, view.id);
    }
    impl_->readings.keep_only(impl_->output_values);
    impl_->show();
    auto notices = notices_of(snapshot);
    std::erase_if(notices, [](const OutputNotice &notice) { return !valid_id(notice.id); });
    // Once it is there it stays, whatever becomes of the guard.
    const auto &before = impl_->output_notices;
    const auto greeted = std::find_if(before.begin(), before.end(), [](const OutputNotice &notice) { return notice.kind == OutputNotice::Kind::greeting; });
    if (greeted != before.end()) notices.push_back(*greeted);
    else if (auto words = greeting(snapshot); words && impl_->to_greet) notices.push_back(std::move(*words));
    if (std::exchange(impl_->output_notices, notices) != notices) impl_->show_notices();
}

void Service::greet() { impl_->to_greet = true; }

void Service::allow_notices(bool allowed) {
    if (std::exchange(impl_->notices_allowed, allowed) != allowed) impl_->show_notices();
}

void Service::publish_policy(const PolicyWords &policy) {
    impl_->manager_values.policy = policy_values(policy);
    impl_->show();
}

void Service::publish_dose(const dose::Now &now) {
    impl_->dose_now = now;
    impl_->show_dose();
}

std::string Service::notice(const dose::Notice &notice, bool on_desktop) { return impl_->tell(notice, on_desktop); }

void Service::released(const std::string &failure) {
    for (const auto &reply : std::exchange(impl_->waiting, {}))
        impl_->attempt("the end of a release", [&] {
            if (failure.empty()) reply.returnResults();
            else reply.returnError(sdbus::Error{bus::ErrorName{bus::error::failed}, valid_utf8(failure)});
        });
}

} // namespace soundwarden::dbus
