// SPDX-License-Identifier: MIT
#include "metadata.hpp"

#include <utility>

namespace soundwarden::pipewire_adapter {

Metadata::Metadata(pw_registry *registry, std::uint32_t id, Changed changed)
    : id_(id), changed_(std::move(changed)),
      proxy_(static_cast<pw_metadata *>(pw_registry_bind(registry, id, PW_TYPE_INTERFACE_Metadata, PW_VERSION_METADATA, 0))) {
    events_.version = PW_VERSION_METADATA_EVENTS;
    events_.property = on_property;
    if (proxy_) pw_metadata_add_listener(proxy_.get(), hook_.get(), &events_, this);
}

int Metadata::on_property(void *self, std::uint32_t subject, const char *key, const char *, const char *value) noexcept {
    contained("metadata", [&] {
        if (subject == 0) static_cast<Metadata *>(self)->property(key, value);
    });
    return 0;
}

void Metadata::property(const char *key, const char *value) {
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
