// SPDX-License-Identifier: MIT
// Our part in the session manager (policies/wireplumber), as the daemon meets it: the metadata object "soundwarden".
#pragma once

#include "metadata.hpp"

#include <pipewire/pipewire.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace soundwarden::pipewire_adapter {

/// The name of that metadata object.
inline constexpr std::string_view part_metadata = "soundwarden";

/// Says which sinks are guarded, and hears whether anybody listens. One connection's; main thread only.
class SessionPart {
  public:
    /// `changed` is called when the part comes or goes.
    SessionPart(pw_core *core, std::function<void(bool present)> changed);
    SessionPart(const SessionPart &) = delete;
    SessionPart &operator=(const SessionPart &) = delete;

    /// Its metadata object is there, and it has not said that it speaks another version of the contract.
    bool present() const { return present_; }

    /// False where one is known already.
    bool global(pw_registry *registry, std::uint32_t id);
    /// True where it was the part.
    bool global_remove(std::uint32_t id);

    /// Metadata::reread(); false where there is none.
    bool reread();

    /// After the registry was asked for: its answer comes before this one's.
    void ask();
    /// From the core's done event: true once, when it is known whether the part was there at the connection.
    bool done(int seq);
    bool known() const { return known_; }

    /// The session manager puts DSP of its own in front of this sink (by node.name). What was said once holds until it is
    /// taken back: a session manager that is restarted says it some time after its part is there.
    bool own_dsp(const std::string &sink) const { return own_dsp_.contains(sink); }
    /// Called when that changes.
    void on_own_dsp(std::function<void()> changed) { own_dsp_changed_ = std::move(changed); }

    /// Kept for a part that comes later. `sink` is the raw sink's node.name, `serial` its object.serial.
    void declare(const std::string &sink, const std::string &serial, bool guarded);
    /// Any other word of the contract, kept likewise; empty: taken back.
    void say(const std::string &key, const std::string &value);

  private:
    void heard(const std::string &key, const std::string &value);
    void set_present(bool present);
    void introduce();

    pw_core *core_;
    std::function<void(bool)> changed_;
    int sync_ = -1;
    bool known_ = false;
    bool present_ = false;
    std::string serial_; // of our client
    struct Declared {
        std::string serial; ///< object.serial of the sink that was judged
        bool guarded = false;
    };
    void tell(const std::string &sink, const Declared &said);
    std::map<std::string, Declared> declared_;
    std::map<std::string, std::string> said_;
    std::set<std::string> own_dsp_;
    std::function<void()> own_dsp_changed_ = [] {};
    std::unique_ptr<Metadata> metadata_;
    pw_client_events client_events_{};
    Hook client_hook_;
};

} // namespace soundwarden::pipewire_adapter
