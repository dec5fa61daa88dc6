// SPDX-License-Identifier: MIT
// Desktop Notifications Specification 1.2. Only who owns its name is heard: a signal of anybody else answers nothing.
#include "output_notices.hpp"

#include "desktop_notice.hpp"
#include "notifications.hpp"
#include "utf8.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace soundwarden::dbus {
namespace {

constexpr const char *bus_service = "org.freedesktop.DBus"; ///< its interface has the same name
constexpr const char *bus_path = "/org/freedesktop/DBus";
// GNOME asks by a dialog of its own whether headphones, a headset or a microphone was plugged in, where the card cannot tell. That the
// dialog is opened is a method call between two others, which nobody else sees; its end is a signal. So a question that it may
// coincide with waits for that signal, or for as long as such a dialog is looked at.
constexpr const char *shell_service = "org.gnome.Shell";
constexpr const char *dialog_interface = "org.gnome.Shell.AudioDeviceSelection";

constexpr std::int32_t until_it_is_closed = 0; // who needs long to read, or to reach a button, is not hurried
constexpr std::uint8_t normal = 1;
constexpr std::uint32_t dismissed_by_user = 2;

bool same_matter(const OutputNotice &a, const OutputNotice &b) { return a.kind == b.kind && a.question == b.question; }

/// What is handled must not throw into the library: sdbus-c++ 1.2 ends the process.
template <class Action> void contained(const char *what, Action &&action) noexcept {
    try {
        action();
    } catch (const std::exception &error) {
        spdlog::debug("desktop notifications: {}: {}", what, error.what());
    } catch (...) {
        spdlog::debug("desktop notifications: {}: unknown error", what);
    }
}

} // namespace

OutputNotices::OutputNotices(loop::Loop &loop, sdbus::IConnection &connection, std::chrono::milliseconds dialog_hold, Answer answer,
                             Taken taken)
    : loop_(loop), dialog_hold_(dialog_hold), answer_(std::move(answer)), taken_(std::move(taken)), timer_(loop.timer([this] { follow_all(); })),
      bus_(sdbus::createProxy(connection, bus::ServiceName{bus_service}, sdbus::ObjectPath{bus_path})),
      proxy_(sdbus::createProxy(connection, bus::ServiceName{notifications_service}, sdbus::ObjectPath{notifications_path})) {
    matches_.push_back(watch_owner(connection, notifications_service, [this](const std::string &owner) { server_changed(owner); }));
    matches_.push_back(watch_owner(connection, shell_service, [this](const std::string &owner) { shell_ = owner; }));
    // By interface alone: the sender is looked at when the signal is there.
    matches_.push_back(bus::subscribe(connection, std::string{"type='signal',interface='"} + notifications_service + "'",
                                      [this](sdbus::Message &message) { contained("a signal", [&] { heard(message); }); }));
    matches_.push_back(bus::subscribe(connection, std::string{"type='signal',interface='"} + dialog_interface + "',member='DeviceSelected'",
                                      [this](sdbus::Message &message) {
                                          contained("a dialog", [&] {
                                              if (!shell_.empty() && std::string{message.getSender()} == shell_) release_holds();
                                          });
                                      }));
    ask_owner(notifications_service, [this](const std::string &owner) {
        if (owner_.empty()) owner_ = owner;
    });
    ask_owner(shell_service, [this](const std::string &owner) {
        if (shell_.empty()) shell_ = owner;
    });
}

OutputNotices::~OutputNotices() {
    for (auto &[id, entry] : entries_) close(entry);
}

sdbus::Slot OutputNotices::watch_owner(sdbus::IConnection &connection, const std::string &name, std::function<void(const std::string &)> then) {
    const std::string match = std::string{"type='signal',sender='"} + bus_service + "',interface='" + bus_service +
                              "',member='NameOwnerChanged',arg0='" + name + "'";
    return bus::subscribe(connection, match, [then = std::move(then)](sdbus::Message &message) {
        contained("an owner", [&] {
            std::string of;
            std::string before;
            std::string now;
            message >> of >> before >> now;
            then(now);
        });
    });
}

void OutputNotices::ask_owner(const char *name, std::function<void(const std::string &)> then) {
    bus_->callMethodAsync("GetNameOwner")
        .onInterface(bus_service)
        .withTimeout(notification_answers_within)
        .withArguments(std::string{name})
        .uponReplyInvoke([then = std::move(then)](bus::CallError error, std::string owner) {
            if (!error) contained("an owner", [&] { then(owner); });
        });
}

void OutputNotices::show(const std::vector<OutputNotice> &notices) noexcept {
    contained("what is to be shown", [&] {
        const auto named = [&](const std::string &id) {
            return std::any_of(notices.begin(), notices.end(), [&](const OutputNotice &notice) { return notice.id == id; });
        };
        for (auto &[id, entry] : entries_)
            if (!named(id)) entry.wanted.reset();
        for (const OutputNotice &notice : notices) {
            Entry &entry = entries_[notice.id];
            const bool other = !entry.wanted || !same_matter(*entry.wanted, notice);
            entry.wanted = notice;
            if (other) begin(entry);
        }
        follow_all();
        std::erase_if(entries_, [](const auto &each) { return !each.second.wanted && !each.second.asked; });
    });
}

void OutputNotices::begin(Entry &entry) {
    entry.step = 0;
    entry.done = false;
    entry.not_before.reset();
    const bool dialog = entry.wanted->kind == OutputNotice::Kind::question && entry.wanted->jack_unsure && !shell_.empty();
    if (dialog) entry.not_before = loop_.now() + dialog_hold_;
}

void OutputNotices::release_holds() {
    for (auto &[id, entry] : entries_)
        if (entry.not_before) entry.not_before = loop_.now();
    follow_all();
}

void OutputNotices::follow_all() {
    std::vector<std::string> ids;
    for (const auto &[id, entry] : entries_) ids.push_back(id);
    for (const std::string &id : ids) contained("an output", [&] { follow(id); });
    arm();
}

void OutputNotices::arm() {
    std::optional<loop::Time> next;
    for (const auto &[id, entry] : entries_)
        if (entry.wanted && entry.not_before && *entry.not_before > loop_.now()) next = next ? std::min(*next, *entry.not_before) : *entry.not_before;
    timer_->arm(next);
}

/// From what is shown to what is wanted: one call at a time for each output, so that its number is known before it is replaced.
void OutputNotices::follow(const std::string &id) {
    const auto found = entries_.find(id);
    if (found == entries_.end() || found->second.asked) return;
    Entry &entry = found->second;
    if (!entry.wanted) {
        close(entry);
        entry.shown.reset();
        return;
    }
    const bool same = entry.shown && same_matter(*entry.shown, *entry.wanted);
    if (same && entry.done) return; // somebody closed it there
    if (same && *entry.shown == *entry.wanted && entry.step == entry.shown_step) return;
    if (entry.not_before && *entry.not_before > loop_.now()) {
        close(entry); // what stood there before is over
        return;
    }
    if (server_ == Server::none || server_ == Server::asked) return;
    if (server_ == Server::unknown) ask_capabilities();
    else notify(id, entry);
}

/// The bus may start the program that shows notifications.
void OutputNotices::ask_capabilities() {
    server_ = Server::asked;
    proxy_->callMethodAsync("GetCapabilities")
        .onInterface(notifications_service)
        .withTimeout(notification_answers_within)
        .uponReplyInvoke([this, of = servers_](bus::CallError error, std::vector<std::string> capabilities) {
            if (of != servers_) return;
            if (error) spdlog::debug("no desktop notifications: {}", error->what());
            server_ = error ? Server::none : Server::known;
            buttons_ = std::find(capabilities.begin(), capabilities.end(), "actions") != capabilities.end();
            follow_all();
        });
}

void OutputNotices::notify(const std::string &id, Entry &entry) {
    const OutputNotice notice = *entry.wanted;
    // What is only told goes by itself; a question waits.
    const bool passing = notice.kind == OutputNotice::Kind::limited || notice.kind == OutputNotice::Kind::greeting || (notice.kind == OutputNotice::Kind::recalled && entry.step == 0);
    std::vector<std::string> actions;
    if (buttons_)
        for (const Choice &choice : choices(notice, entry.step)) actions.insert(actions.end(), {std::string{choice.key}, std::string{choice.label}});
    const NotificationText text = text_of(notice, !actions.empty(), entry.step);
    std::map<std::string, sdbus::Variant> hints;
    hints.emplace("urgency", sdbus::Variant{normal});
    entry.asked = true;
    entry.shown_step = entry.step;
    const std::uint32_t replaces = entry.number;
    proxy_->callMethodAsync("Notify")
        .onInterface(notifications_service)
        .withTimeout(notification_answers_within)
        .withArguments(std::string{"Soundwarden"}, replaces, std::string{icon_of(notice)}, text.title, escaped(text.body), actions, hints,
                       passing ? as_long_as_usual : until_it_is_closed)
        .uponReplyInvoke([this, id, notice, of = servers_](bus::CallError error, std::uint32_t number) {
            if (of != servers_) return;
            if (error) spdlog::debug("no desktop notification: {}", error->what());
            notified(id, notice, static_cast<bool>(error), number);
        });
}

void OutputNotices::notified(const std::string &id, const OutputNotice &notice, bool failed, std::uint32_t number) {
    contained("an answer", [&] {
        const auto found = entries_.find(id);
        if (found == entries_.end()) return;
        Entry &entry = found->second;
        entry.asked = false;
        entry.number = failed ? 0 : number;
        entry.shown = notice; // also where it was refused: it is not tried again for ever
        follow(id);
        if (!entry.wanted) entries_.erase(found);
        arm();
        if (!failed && taken_) taken_(notice);
    });
}

void OutputNotices::close(Entry &entry) {
    const std::uint32_t number = std::exchange(entry.number, 0);
    if (number == 0) return;
    contained("a call", [&] { proxy_->callMethod("CloseNotification").onInterface(notifications_service).withArguments(number).dontExpectReply(); });
}

/// Numbers are forgotten with the program that gave them: the next one may have given them to somebody else's. What is still to be
/// asked is asked anew.
void OutputNotices::server_changed(const std::string &owner) {
    if (owner == owner_) return;
    const bool first = owner_.empty() && server_ == Server::asked; // it was started for our own call
    owner_ = owner;
    if (first) return;
    ++servers_;
    server_ = owner.empty() ? Server::none : Server::unknown;
    for (auto &[id, entry] : entries_) {
        entry.number = 0;
        entry.asked = false;
        if (!entry.done) entry.shown.reset();
    }
    std::erase_if(entries_, [](const auto &each) { return !each.second.wanted; });
    if (!owner.empty()) follow_all();
}

void OutputNotices::heard(sdbus::Message &message) {
    if (owner_.empty() || std::string{message.getSender()} != owner_) return;
    const std::string member = message.getMemberName();
    std::uint32_t number = 0;
    if (member == "ActionInvoked") {
        std::string key;
        message >> number >> key;
        invoked(number, key);
    } else if (member == "NotificationClosed") {
        std::uint32_t reason = 0;
        message >> number >> reason;
        closed(number, reason);
    }
}

std::map<std::string, OutputNotices::Entry>::iterator OutputNotices::find(std::uint32_t number) {
    if (number == 0) return entries_.end();
    return std::find_if(entries_.begin(), entries_.end(), [&](const auto &each) { return each.second.number == number && !each.second.asked; });
}

void OutputNotices::invoked(std::uint32_t number, const std::string &key) {
    const auto found = find(number);
    if (found == entries_.end() || !found->second.shown) return;
    Entry &entry = found->second;
    const auto offered = choices(*entry.shown, entry.shown_step);
    const auto chosen = std::find_if(offered.begin(), offered.end(), [&](const Choice &choice) { return choice.key == key; });
    if (chosen == offered.end()) return;
    if (chosen->load) {
        answer(found->first, entry, *chosen->load);
        return;
    }
    ++entry.step;
    // Most desktops close a notification whose button was pressed, and say so before they hear of the next step: while that is under
    // way nothing that is closed counts.
    follow(found->first);
}

void OutputNotices::closed(std::uint32_t number, std::uint32_t reason) {
    const auto found = find(number);
    if (found == entries_.end()) return;
    Entry &entry = found->second;
    const bool question = entry.shown && entry.shown->kind == OutputNotice::Kind::question;
    if (question && reason == dismissed_by_user) { // "not sure"
        answer(found->first, entry, Load::unknown);
        return;
    }
    entry.number = 0;
    entry.done = true;
}

void OutputNotices::answer(const std::string &id, Entry &entry, Load load) {
    entry.done = true;
    close(entry);
    const OutputId output = id; // what answers may change the entries
    if (answer_) answer_(output, load);
}

} // namespace soundwarden::dbus
