// SPDX-License-Identifier: MIT
#include "metadata.hpp"

#include <utility>

namespace soundwarden::pipewire_adapter {

Metadata::Metadata(pw_core *core, pw_registry *registry, std::uint32_t id, Changed changed)
    : core_(core), registry_(registry), id_(id), changed_(std::move(changed)) {
    events_.version = PW_VERSION_METADATA_EVENTS;
    events_.property = on_property;
    bind();
}

void Metadata::bind() {
    hook_.remove();
    proxy_ = Bound<pw_metadata>(
        static_cast<pw_metadata *>(pw_registry_bind(registry_, id_, PW_TYPE_INTERFACE_Metadata, PW_VERSION_METADATA, 0)));
    if (proxy_) pw_metadata_add_listener(proxy_.get(), hook_.get(), &events_, this);
}

void Metadata::reread() {
    bind();
    rereading_.emplace();
    rereading_ends_ = pw_core_sync(core_, PW_ID_CORE, 0); // answered when the object's owner has said all
}

void Metadata::done(int seq) {
    if (!rereading_ || seq != rereading_ends_) return;
    const Values now = *std::exchange(rereading_, std::nullopt);
    const Values before = std::exchange(values_, now);
    for (const auto &[key, value] : before)
        if (!now.contains(key)) changed_(key, "");
    for (const auto &[key, value] : now)
        if (const auto old = before.find(key); old == before.end() || old->second != value) changed_(key, value);
}

int Metadata::on_property(void *self, std::uint32_t subject, const char *key, const char *, const char *value) noexcept {
    contained("metadata", [&] {
        if (subject == 0) static_cast<Metadata *>(self)->property(key, value);
    });
    return 0;
}

void Metadata::property(const char *key, const char *value) {
    if (rereading_) {
        if (key == nullptr) rereading_->clear();
        else if (value == nullptr) rereading_->erase(key);
        else (*rereading_)[key] = value;
        return;
    }
    if (key == nullptr) { // all of them are gone
        for (const auto &[name, old] : std::exchange(values_, {})) changed_(name, "");
        return;
    }
    if (value != nullptr) values_[key] = value;
    else values_.erase(key);
    changed_(key, value != nullptr ? value : "");
}

void Metadata::set(const std::string &key, const std::optional<std::string> &value, const char *type) {
    if (proxy_) pw_metadata_set_property(proxy_.get(), 0, key.c_str(), value ? type : nullptr, value ? value->c_str() : nullptr);
}

} // namespace soundwarden::pipewire_adapter
