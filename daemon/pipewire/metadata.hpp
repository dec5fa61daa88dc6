// SPDX-License-Identifier: MIT
// One of the server's metadata objects. Main thread only.
#pragma once

#include "handles.hpp"

#include <pipewire/extensions/metadata.h>
#include <pipewire/pipewire.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace soundwarden::pipewire_adapter {

/// What stands under subject 0 of a metadata object, and writing there.
class Metadata {
  public:
    /// Called for each key that changes; the value is empty where it was removed.
    using Changed = std::function<void(const std::string &key, const std::string &value)>;

    Metadata(pw_core *core, pw_registry *registry, std::uint32_t id, Changed changed);
    Metadata(const Metadata &) = delete;
    Metadata &operator=(const Metadata &) = delete;

    std::uint32_t id() const { return id_; }
    /// Reads all of it anew and tells what differs, after the core's done event. A server drops changes of a metadata object for those
    /// who have bound it while one more client does (PipeWire 0.3.65 to 1.5, module-metadata/metadata.c: metadata_property).
    void reread();
    /// From the core's done event.
    void done(int seq);
    /// nothing: removes the key.
    void set(const std::string &key, const std::optional<std::string> &value, const char *type = "Spa:String");

  private:
    static int on_property(void *self, std::uint32_t subject, const char *key, const char *type, const char *value) noexcept;
    void property(const char *key, const char *value);
    void bind();

    using Values = std::map<std::string, std::string>;
    pw_core *core_;
    pw_registry *registry_;
    std::uint32_t id_;
    Changed changed_;
    Values values_;
    std::optional<Values> rereading_; // what has come of it
    int rereading_ends_ = -1;
    Bound<pw_metadata> proxy_;
    pw_metadata_events events_{};
    Hook hook_;
};

} // namespace soundwarden::pipewire_adapter
