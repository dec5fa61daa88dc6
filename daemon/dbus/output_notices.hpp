// SPDX-License-Identifier: MIT
// One notification for each output that people are asked or told about, and what they answer there.
#pragma once

#include "bus/sdbus_compat.hpp"
#include "desktop_words.hpp"
#include "loop/loop.hpp"
#include "model/load.hpp"
#include "model/output.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::dbus {

/// Main thread; must not outlive its connection. Nothing waits for the desktop, and nothing is thrown but by the constructor: a session
/// that shows no notifications is as good as any.
class OutputNotices {
  public:
    /// Called from the loop, with a load that may be answered.
    using Answer = std::function<void(const OutputId &output, Load load)>;
    /// Called from the loop: a desktop has taken this one.
    using Taken = std::function<void(const OutputNotice &notice)>;

    /// `dialog_hold`: how long a question waits for the desktop's own headset dialog. Waits for the bus daemon to take matches.
    /// Throws sdbus::Error.
    OutputNotices(loop::Loop &loop, sdbus::IConnection &connection, std::chrono::milliseconds dialog_hold, Answer answer,
                  Taken taken = {});
    OutputNotices(const OutputNotices &) = delete;
    OutputNotices &operator=(const OutputNotices &) = delete;
    ~OutputNotices(); ///< closes what is shown

    /// What is to be shown from now on; all else is closed. What was shown and has been closed there is not shown again.
    void show(const std::vector<OutputNotice> &notices) noexcept;

  private:
    struct Entry {
        std::optional<OutputNotice> wanted{};
        std::optional<OutputNotice> shown{}; ///< or closed by somebody; what differs is shown anew
        std::size_t step = 0;                ///< of a question
        std::size_t shown_step = 0;
        std::uint32_t number = 0;            ///< the server's; 0: nothing is shown now
        bool asked = false;                  ///< Notify is under way
        bool done = false;                   ///< answered, or closed: that question is over
        std::optional<loop::Time> not_before{};
    };
    enum class Server : std::uint8_t { unknown, asked, known, none };

    void follow(const std::string &id);
    void notify(const std::string &id, Entry &entry);
    void close(Entry &entry);
    void notified(const std::string &id, const OutputNotice &notice, bool failed, std::uint32_t number);
    void ask_capabilities();
    void follow_all();
    void server_changed(const std::string &owner);
    void heard(sdbus::Message &message);
    void invoked(std::uint32_t number, const std::string &key);
    void closed(std::uint32_t number, std::uint32_t reason);
    void answer(const std::string &id, Entry &entry, Load load);
    std::map<std::string, Entry>::iterator find(std::uint32_t number);
    void ask_owner(const char *name, std::function<void(const std::string &)> then);
    sdbus::Slot watch_owner(sdbus::IConnection &connection, const std::string &name, std::function<void(const std::string &)> then);
    void begin(Entry &entry);
    void release_holds();
    void arm();

    loop::Loop &loop_;
    std::chrono::milliseconds dialog_hold_;
    Answer answer_;
    Taken taken_;
    std::map<std::string, Entry> entries_;   ///< by output
    Server server_ = Server::unknown;        ///< what is known of the capabilities of who shows notifications
    std::uint64_t servers_ = 0;              ///< counts them: answers of one that has gone are not heard
    bool buttons_ = false;                   ///< it shows actions
    std::string owner_;                      ///< unique name of who shows notifications; empty: nobody yet
    std::string shell_;                      ///< likewise, of who has GNOME's headset dialog
    std::unique_ptr<loop::Timer> timer_;     ///< ends the next hold
    std::unique_ptr<sdbus::IProxy> bus_;     ///< the bus daemon
    std::unique_ptr<sdbus::IProxy> proxy_;   ///< pending calls end with it
    std::vector<sdbus::Slot> matches_;
};

} // namespace soundwarden::dbus
