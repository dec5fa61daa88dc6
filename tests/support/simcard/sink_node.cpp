// SPDX-License-Identifier: MIT
#include "sink_node.hpp"

#include <spa/param/props.h>
#include <spa/pod/builder.h>

#include <stdexcept>

namespace soundwarden::bench {

namespace {

spa_loop *data_loop(pw_context *context) { return pw_data_loop_get_loop(pw_context_get_data_loop(context))->loop; }

spa_system *data_system(pw_context *context) {
    return pw_data_loop_get_loop(pw_context_get_data_loop(context))->system;
}

void add_floats(spa_pod_builder *builder, std::uint32_t key, const std::vector<float> &values) {
    spa_pod_builder_prop(builder, key, 0);
    spa_pod_builder_array(builder, sizeof(float), SPA_TYPE_Float, static_cast<std::uint32_t>(values.size()),
                          values.data());
}

const pw_proxy_events proxy_events = [] {
    pw_proxy_events events{};
    events.version = PW_VERSION_PROXY_EVENTS;
    events.bound = [](void *data, std::uint32_t id) { (*static_cast<std::function<void(std::uint32_t)> *>(data))(id); };
    return events;
}();

} // namespace

SinkNode::SinkNode(pw_context *context, pw_core *core, SimSink::Config config, Recorder *recorder,
                   const Dict &properties, const SimDevice::SinkState &state, std::span<const std::uint32_t> positions,
                   bool hardware_volume, std::function<void(std::uint32_t)> on_bound)
    : positions_(positions.begin(), positions.end()), hardware_volume_(hardware_volume), on_bound_(std::move(on_bound)),
      sink_(data_loop(context), data_system(context), std::move(config), recorder) {
    pw_properties *all = pw_properties_new(nullptr, nullptr);
    for (const auto &[key, value] : properties) pw_properties_set(all, key.c_str(), value.c_str());
    pw_properties_setf(all, "adapt.follower.spa-node", "pointer:%p", static_cast<void *>(sink_.node()));
    pw_properties_set(all, "object.register", "false");
    pw_impl_factory *factory = pw_context_find_factory(context, "adapter");
    if (factory == nullptr) {
        pw_properties_free(all);
        throw std::runtime_error("the client configuration does not load module-adapter");
    }
    node_ = static_cast<pw_impl_node *>(
        pw_impl_factory_create_object(factory, nullptr, PW_TYPE_INTERFACE_Node, PW_VERSION_NODE, all, 0));
    if (node_ == nullptr) throw std::runtime_error("the adapter could not be made");
    write_props(state, true, true);
    pw_impl_node_set_active(node_, true);
    proxy_ = pw_core_export(core, PW_TYPE_INTERFACE_Node, nullptr, node_, 0);
    if (proxy_ == nullptr) {
        pw_impl_node_destroy(node_);
        throw std::runtime_error("the sink could not be exported");
    }
    pw_proxy_add_listener(proxy_, &listener_, &proxy_events, &on_bound_);
}

SinkNode::~SinkNode() {
    spa_hook_remove(&listener_);
    pw_proxy_destroy(proxy_);
    pw_impl_node_destroy(node_);
}

void SinkNode::write_props(const SimDevice::SinkState &state, bool volumes, bool mute) {
    if (hardware_volume_) {
        const float gain = state.mute ? 0.0F : 1.0F;
        std::vector<float> mixer = state.volumes;
        for (float &volume : mixer) volume *= gain;
        sink_.set_hardware_gain(mixer);
    }
    std::array<std::uint8_t, 4096> memory;
    spa_pod_builder builder;
    spa_pod_builder_init(&builder, memory.data(), static_cast<std::uint32_t>(memory.size()));
    spa_pod_frame object;
    spa_pod_builder_push_object(&builder, &object, SPA_TYPE_OBJECT_Props, SPA_PARAM_Props);
    if (volumes) {
        add_floats(&builder, SPA_PROP_channelVolumes, state.volumes);
        spa_pod_builder_prop(&builder, SPA_PROP_channelMap, 0);
        spa_pod_builder_array(&builder, sizeof(std::uint32_t), SPA_TYPE_Id,
                              static_cast<std::uint32_t>(positions_.size()), positions_.data());
        add_floats(&builder, SPA_PROP_softVolumes, state.soft_volumes);
    }
    if (mute) {
        spa_pod_builder_prop(&builder, SPA_PROP_mute, 0);
        spa_pod_builder_bool(&builder, state.mute);
        spa_pod_builder_prop(&builder, SPA_PROP_softMute, 0);
        spa_pod_builder_bool(&builder, state.mute && !hardware_volume_);
    }
    const auto *props = static_cast<const spa_pod *>(spa_pod_builder_pop(&builder, &object));
    spa_node_set_param(pw_impl_node_get_implementation(node_), SPA_PARAM_Props, 0, props);
}

} // namespace soundwarden::bench
