// SPDX-License-Identifier: MIT
#include "peer_hosts.hpp"

#include <array>
#include <cmath>
#include <cstdlib>
#include <dlfcn.h>
#include <ladspa.h>
#include <sstream>

namespace soundwarden::bench {
namespace {

// Shared objects stay loaded: the benchmark makes many instances of each.
void *open_plugin(const std::string &file) {
    const char *path = std::getenv("LADSPA_PATH");
    std::istringstream folders(path != nullptr ? path : "/usr/local/lib/ladspa:/usr/lib/ladspa");
    for (std::string folder; std::getline(folders, folder, ':');)
        if (void *library = dlopen((folder + "/" + file).c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
    return nullptr;
}

const LADSPA_Descriptor *descriptor_in(void *library, unsigned long id) {
    const auto describe = reinterpret_cast<LADSPA_Descriptor_Function>(dlsym(library, "ladspa_descriptor"));
    if (describe == nullptr) return nullptr;
    for (unsigned long i = 0;; ++i) {
        const LADSPA_Descriptor *found = describe(i);
        if (found == nullptr || found->UniqueID == id) return found;
    }
}

class LadspaPeer : public Peer {
  public:
    LadspaPeer(const LADSPA_Descriptor *descriptor, LADSPA_Handle handle, const std::vector<PeerControl> &controls)
        : descriptor_(descriptor), handle_(handle), values_(descriptor->PortCount) {
        for (unsigned long port = 0; port < descriptor->PortCount; ++port) {
            const std::string_view name = descriptor->PortNames[port];
            if (LADSPA_IS_PORT_AUDIO(descriptor->PortDescriptors[port])) {
                (LADSPA_IS_PORT_INPUT(descriptor->PortDescriptors[port]) ? inputs_ : outputs_).push_back(port);
                continue;
            }
            for (const PeerControl &control : controls)
                if (control.port == name) values_[port] = control.value;
            if (name == "latency") latency_ = &values_[port];
            descriptor->connect_port(handle, port, &values_[port]);
        }
        if (descriptor->activate != nullptr) descriptor->activate(handle);
    }

    ~LadspaPeer() override {
        if (descriptor_->deactivate != nullptr) descriptor_->deactivate(handle_);
        descriptor_->cleanup(handle_);
    }

    bool is_stereo() const { return inputs_.size() == 2 && outputs_.size() == 2; }

    void process(const float *const *in, float *const *out, std::uint32_t frames) override {
        for (std::size_t c = 0; c < 2; ++c) {
            descriptor_->connect_port(handle_, inputs_[c], const_cast<float *>(in[c]));
            descriptor_->connect_port(handle_, outputs_[c], out[c]);
        }
        descriptor_->run(handle_, frames);
    }

    std::uint32_t latency_frames() const override {
        return latency_ == nullptr ? 0U : static_cast<std::uint32_t>(std::lround(*latency_));
    }

  private:
    const LADSPA_Descriptor *descriptor_;
    LADSPA_Handle handle_;
    std::vector<float> values_;
    std::vector<unsigned long> inputs_;
    std::vector<unsigned long> outputs_;
    const float *latency_ = nullptr;
};

} // namespace

LoadedPeer load_ladspa(const PeerKind &kind, std::uint32_t rate_hz) {
    void *library = open_plugin(std::string(kind.plugin));
    if (library == nullptr) return {nullptr, "no " + std::string(kind.plugin) + " in LADSPA_PATH or /usr/lib/ladspa"};
    const LADSPA_Descriptor *descriptor = descriptor_in(library, kind.ladspa_id);
    if (descriptor == nullptr)
        return {nullptr, "plugin " + std::to_string(kind.ladspa_id) + " is not in " + std::string(kind.plugin)};
    const LADSPA_Handle handle = descriptor->instantiate(descriptor, rate_hz);
    if (handle == nullptr) return {nullptr, "it would not start at " + std::to_string(rate_hz) + " Hz"};
    auto peer = std::make_unique<LadspaPeer>(descriptor, handle, kind.controls);
    if (!peer->is_stereo()) return {nullptr, "it is not a stereo plugin"};
    return {std::move(peer), {}};
}

} // namespace soundwarden::bench
