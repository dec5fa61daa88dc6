// SPDX-License-Identifier: MIT
// Takes sinks out of other clients' sight (posture strict). Main thread only.
#pragma once

#include "handles.hpp"

#include <pipewire/pipewire.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace soundwarden::pipewire_adapter {

/// Who is not WirePlumber, not ours and not the sink's own client gets no permissions on the sink and its ports: for that one
/// they are not there. From PipeWire 0.3.77 on that also refuses its links; before, it only cannot see what to link to.
/// A client is seen a round trip after it has come; what it links meanwhile is the link warden's.
/// It ends with the connection, but what was hidden stays so for the clients that are there: show() undoes it.
class Hiding {
  public:
    explicit Hiding(pw_core *core);
    Hiding(const Hiding &) = delete;
    Hiding &operator=(const Hiding &) = delete;

    /// By node.name; also a node of that name that comes later. Clients that come later included.
    void hide(const std::string &sink);
    void show(const std::string &sink);

  private:
    struct Client {
        Hiding *hiding = nullptr;
        std::uint32_t id = 0;
        Bound<pw_client> proxy;
        pw_client_events events{};
        Hook hook;
        bool stranger = false; ///< known to be neither WirePlumber nor ours
    };
    struct Node {
        std::string name;
        std::uint32_t client = 0; ///< whose it is
        std::set<std::uint32_t> ports{};
    };

    void global(std::uint32_t id, const char *type, const spa_dict *properties);
    void global_remove(std::uint32_t id);
    void client_info(Client &client, const pw_client_info &info);
    /// Sets what every stranger, or only this one, may do with the node and its ports.
    void permit(std::uint32_t node, std::uint32_t permissions, const Client *only = nullptr);

    Bound<pw_registry> registry_;
    pw_registry_events events_{};
    Hook hook_;
    std::set<std::string> hidden_;
    std::map<std::uint32_t, std::unique_ptr<Client>> clients_;
    std::map<std::uint32_t, Node> nodes_;
    std::map<std::uint32_t, std::uint32_t> port_nodes_;
};

} // namespace soundwarden::pipewire_adapter
