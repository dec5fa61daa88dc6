// SPDX-License-Identifier: MIT
#include "session_part.hpp"

#include <spdlog/spdlog.h>

#include <string_view>
#include <utility>

namespace soundwarden::pipewire_adapter {
namespace {

constexpr const char *contract_version = "1";
constexpr std::string_view dsp_prefix = "dsp."; // then the sink's node.name: "true"

} // namespace

SessionPart::SessionPart(pw_core *core, std::function<void(bool)> changed)
    : core_(core), changed_(std::move(changed)) {
    client_events_.version = PW_VERSION_CLIENT_EVENTS;
    client_events_.info = [](void *self, const pw_client_info *info) noexcept {
        contained("client info", [&] {
            auto *part = static_cast<SessionPart *>(self);
            const char *serial = info->props == nullptr ? nullptr : spa_dict_lookup(info->props, PW_KEY_OBJECT_SERIAL);
            if (serial == nullptr || part->serial_ == serial) return;
            part->serial_ = serial;
            part->introduce();
        });
    };
    pw_client_add_listener(pw_core_get_client(core_), client_hook_.get(), &client_events_, this);
}

void SessionPart::ask() { sync_ = pw_core_sync(core_, PW_ID_CORE, 0); }

bool SessionPart::done(int seq) {
    if (metadata_) metadata_->done(seq);
    if (known_ || seq != sync_) return false;
    return known_ = true;
}

bool SessionPart::global(pw_registry *registry, std::uint32_t id) {
    if (metadata_) return false;
    metadata_ = std::make_unique<Metadata>(core_, registry, id,
                                           [this](const std::string &key, const std::string &value) { heard(key, value); });
    // What stands in it comes from the session manager itself, some time later; that it is there says enough.
    set_present(true);
    return true;
}

bool SessionPart::global_remove(std::uint32_t id) {
    if (!metadata_ || metadata_->id() != id) return false;
    metadata_.reset();
    set_present(false);
    return true;
}

bool SessionPart::reread() {
    if (metadata_) metadata_->reread();
    return metadata_ != nullptr;
}

void SessionPart::heard(const std::string &key, const std::string &value) {
    if (key.starts_with(dsp_prefix)) {
        const std::string sink = key.substr(dsp_prefix.size());
        const bool changed = value == "true" ? own_dsp_.insert(sink).second : own_dsp_.erase(sink) != 0;
        if (changed) own_dsp_changed_();
        return;
    }
    if (key != "version" || value.empty() || value == contract_version) return;
    spdlog::error("WirePlumber's part of Soundwarden speaks version {} of the contract, this daemon version {}: install both "
                  "from the same package and restart WirePlumber",
                  value, contract_version);
    set_present(false);
}

void SessionPart::set_present(bool present) {
    if (std::exchange(present_, present) == present) return;
    if (present) introduce();
    changed_(present);
}

void SessionPart::introduce() {
    if (!present_ || declared_.empty()) return; // who only watches writes nothing
    if (!serial_.empty()) metadata_->set("daemon", serial_);
    for (const auto &[key, value] : said_) metadata_->set(key, value);
    for (const auto &[sink, said] : declared_) tell(sink, said);
}

// The part may see the sink only after this: then it finds here that this very one is judged already.
void SessionPart::tell(const std::string &sink, const Declared &said) {
    // One value: at no moment a judgement of this sink stands beside one of the sink before.
    metadata_->set("judged." + sink, said.serial + (said.guarded ? ":guarded" : ":free"));
    metadata_->set("want." + sink, said.guarded ? "guarded" : "free");
}

void SessionPart::say(const std::string &key, const std::string &value) {
    said_[key] = value;
    if (present_ && !declared_.empty()) metadata_->set(key, value);
}

void SessionPart::declare(const std::string &sink, const std::string &serial, bool guarded) {
    const bool first = declared_.empty();
    const auto &said = declared_[sink] = {serial, guarded};
    if (first) introduce();
    else if (present_) tell(sink, said);
}

} // namespace soundwarden::pipewire_adapter
