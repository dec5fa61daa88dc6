// SPDX-License-Identifier: MIT
#include "port_marks.hpp"

#include "handles.hpp"

#include <pipewire/impl.h>

#include <array>
#include <string_view>

namespace soundwarden::pipewire_adapter {

#if PW_CHECK_VERSION(1, 0, 0)
namespace {

constexpr const char *adapter = "adapter";

void mark(pw_impl_port *port) {
    const auto *properties = pw_impl_port_get_properties(port);
    if (pw_impl_port_get_direction(port) != PW_DIRECTION_INPUT ||
        pw_properties_get_bool(properties, PW_KEY_PORT_MONITOR, false))
        return;
    const std::array items{spa_dict_item{PW_KEY_PORT_PHYSICAL, "true"}, spa_dict_item{PW_KEY_PORT_TERMINAL, "true"}};
    const spa_dict dict = SPA_DICT_INIT(items.data(), static_cast<std::uint32_t>(items.size()));
    pw_impl_port_update_properties(port, &dict);
}

/// Listens to one node for as long as that lives.
struct MarkedNode {
    Hook hook;
    pw_impl_node_events events{};

    static void follow(pw_impl_node *node) {
        auto *self = new MarkedNode;
        self->events.version = PW_VERSION_IMPL_NODE_EVENTS;
        self->events.port_init = [](void *, pw_impl_port *port) noexcept { mark(port); };
        self->events.free = [](void *data) noexcept { delete static_cast<MarkedNode *>(data); };
        pw_impl_node_add_listener(node, self->hook.get(), &self->events, self);
        pw_impl_node_for_each_port(
            node, PW_DIRECTION_INPUT,
            [](void *, pw_impl_port *port) {
                mark(port);
                return 0;
            },
            nullptr);
    }
};

void *create(void *real, pw_resource *resource, const char *type, std::uint32_t version, pw_properties *properties,
             std::uint32_t id) {
    const bool guard = properties != nullptr && pw_properties_get(properties, "soundwarden.guards") != nullptr;
    void *node =
        pw_impl_factory_create_object(static_cast<pw_impl_factory *>(real), resource, type, version, properties, id);
    if (guard && node != nullptr)
        contained("port marks", [&] { MarkedNode::follow(static_cast<pw_impl_node *>(node)); });
    return node;
}

/// The factory of that name that is not `first`.
pw_impl_factory *other_factory(pw_context *context, pw_impl_factory *first) {
    struct Search {
        pw_impl_factory *first;
        pw_impl_factory *found = nullptr;
    } search{first};
    pw_context_for_each_global(
        context,
        [](void *data, pw_global *global) {
            auto *wanted = static_cast<Search *>(data);
            if (!pw_global_is_type(global, PW_TYPE_INTERFACE_Factory)) return 0;
            auto *factory = static_cast<pw_impl_factory *>(pw_global_get_object(global));
            if (factory != wanted->first && std::string_view(pw_impl_factory_get_info(factory)->name) == adapter)
                wanted->found = factory;
            return 0;
        },
        &search);
    return search.found;
}

} // namespace

PortMarks::PortMarks(pw_context *context) {
    static const pw_impl_factory_implementation between{PW_VERSION_IMPL_FACTORY_IMPLEMENTATION, create};
    // A factory does not tell what it is made of. So the module is loaded once more: streams find the first factory,
    // which hands on to the second.
    auto *first = pw_context_find_factory(context, adapter);
    if (first == nullptr || pw_context_load_module(context, "libpipewire-module-adapter", nullptr, nullptr) == nullptr)
        return;
    real_ = other_factory(context, first);
    if (real_ != nullptr) pw_impl_factory_set_implementation(first, &between, real_);
}
#else
PortMarks::PortMarks(pw_context *) { static_cast<void>(real_); }
#endif

} // namespace soundwarden::pipewire_adapter
