// SPDX-License-Identifier: MIT
#include "hiding.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <unistd.h>
#include <vector>

namespace soundwarden::pipewire_adapter {
namespace {

constexpr std::uint32_t no_permissions = 0;
/// Back to the client's default, whatever that is.
constexpr std::uint32_t as_by_default = PW_PERM_INVALID;

std::string text(const spa_dict *properties, const char *key) {
    const char *value = properties == nullptr ? nullptr : spa_dict_lookup(properties, key);
    return value == nullptr ? "" : value;
}

std::uint32_t number(const spa_dict *properties, const char *key) {
    return static_cast<std::uint32_t>(std::strtoul(text(properties, key).c_str(), nullptr, 10));
}

} // namespace

Hiding::Hiding(pw_core *core) : registry_(pw_core_get_registry(core, PW_VERSION_REGISTRY, 0)) {
    events_.version = PW_VERSION_REGISTRY_EVENTS;
    events_.global = [](void *self, std::uint32_t id, std::uint32_t, const char *type, std::uint32_t, const spa_dict *properties) noexcept {
        contained("hiding", [&] { static_cast<Hiding *>(self)->global(id, type, properties); });
    };
    events_.global_remove = [](void *self, std::uint32_t id) noexcept {
        contained("hiding", [&] { static_cast<Hiding *>(self)->global_remove(id); });
    };
    pw_registry_add_listener(registry_.get(), hook_.get(), &events_, this);
}

void Hiding::global(std::uint32_t id, const char *type, const spa_dict *properties) {
    if (std::strcmp(type, PW_TYPE_INTERFACE_Client) == 0) {
        auto client = std::make_unique<Client>();
        client->hiding = this;
        client->id = id;
        client->proxy = Bound<pw_client>(static_cast<pw_client *>(pw_registry_bind(registry_.get(), id, type, PW_VERSION_CLIENT, 0)));
        if (!client->proxy) return;
        client->events.version = PW_VERSION_CLIENT_EVENTS;
        client->events.info = [](void *data, const pw_client_info *info) noexcept {
            auto *self = static_cast<Client *>(data);
            contained("hiding", [&] { self->hiding->client_info(*self, *info); });
        };
        pw_client_add_listener(client->proxy.get(), client->hook.get(), &client->events, client.get());
        clients_[id] = std::move(client);
    } else if (std::strcmp(type, PW_TYPE_INTERFACE_Node) == 0) {
        const Node &node = nodes_[id] = {text(properties, PW_KEY_NODE_NAME), number(properties, PW_KEY_CLIENT_ID)};
        if (hidden_.contains(node.name)) permit(id, no_permissions);
    } else if (std::strcmp(type, PW_TYPE_INTERFACE_Port) == 0) {
        const auto node = nodes_.find(number(properties, PW_KEY_NODE_ID));
        if (node == nodes_.end()) return;
        node->second.ports.insert(id);
        port_nodes_[id] = node->first;
        if (hidden_.contains(node->second.name)) permit(node->first, no_permissions);
    }
}

void Hiding::global_remove(std::uint32_t id) {
    clients_.erase(id);
    nodes_.erase(id);
    if (const auto port = port_nodes_.extract(id))
        if (const auto node = nodes_.find(port.mapped()); node != nodes_.end()) node->second.ports.erase(id);
}

void Hiding::client_info(Client &client, const pw_client_info &info) {
    if (client.stranger || info.props == nullptr) return;
    const bool session_manager = text(info.props, "wireplumber.daemon") == "true";
    const bool ours = text(info.props, PW_KEY_SEC_PID) == std::to_string(getpid());
    if (session_manager || ours) return;
    client.stranger = true;
    for (const auto &[id, node] : nodes_)
        if (hidden_.contains(node.name)) permit(id, no_permissions, &client);
}

void Hiding::permit(std::uint32_t id, std::uint32_t permissions, const Client *only) {
    const Node &node = nodes_.at(id);
    std::vector<pw_permission> list{{id, permissions}};
    for (const auto port : node.ports) list.push_back({port, permissions});
    for (const auto &[client_id, client] : clients_)
        if (client->stranger && client_id != node.client && (only == nullptr || client.get() == only))
            pw_client_update_permissions(client->proxy.get(), static_cast<std::uint32_t>(list.size()), list.data());
}

void Hiding::hide(const std::string &sink) {
    if (!hidden_.insert(sink).second) return;
    for (const auto &[id, node] : nodes_)
        if (node.name == sink) permit(id, no_permissions);
}

void Hiding::show(const std::string &sink) {
    if (hidden_.erase(sink) == 0) return;
    for (const auto &[id, node] : nodes_)
        if (node.name == sink) permit(id, as_by_default);
}

} // namespace soundwarden::pipewire_adapter
