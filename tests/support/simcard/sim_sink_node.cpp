// SPDX-License-Identifier: MIT
// The simulated sink's SPA interface: parameters, format, buffers, commands. The methods are trampolines, noexcept by
// nature: nothing below them throws.
#include "sim_sink.hpp"

#include <spa/node/keys.h>
#include <spa/node/utils.h>
#include <spa/param/audio/format-utils.h>
#include <spa/param/buffers.h>
#include <spa/param/param.h>
#include <spa/pod/builder.h>
#include <spa/pod/filter.h>
#include <spa/utils/dict.h>
#include <spa/utils/result.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>

namespace soundwarden::bench {

namespace {

SimSink &sink_of(void *object) { return *static_cast<SimSink *>(object); }

spa_audio_format spa_format(SampleFormat format) {
    switch (format) {
    case SampleFormat::s16: return SPA_AUDIO_FORMAT_S16_LE;
    case SampleFormat::s32: return SPA_AUDIO_FORMAT_S32_LE;
    case SampleFormat::f32: break;
    }
    return SPA_AUDIO_FORMAT_F32_LE;
}

bool is_input(spa_direction direction, std::uint32_t port) { return direction == SPA_DIRECTION_INPUT && port == 0; }

} // namespace

void SimSink::emit_node_info() {
    const spa_dict_item item = SPA_DICT_ITEM_INIT(SPA_KEY_NODE_DRIVER, "true");
    const spa_dict properties = SPA_DICT_INIT(&item, 1);
    node_info_.change_mask = SPA_NODE_CHANGE_MASK_FLAGS | SPA_NODE_CHANGE_MASK_PROPS | SPA_NODE_CHANGE_MASK_PARAMS;
    node_info_.props = const_cast<spa_dict *>(&properties); // the interface predates const
    spa_node_emit_info(&hooks_, &node_info_);
    node_info_.change_mask = 0;
    node_info_.props = nullptr;
}

void SimSink::emit_port_info(std::uint64_t change_mask) {
    port_info_.change_mask = change_mask;
    spa_node_emit_port_info(&hooks_, SPA_DIRECTION_INPUT, 0, &port_info_);
    port_info_.change_mask = 0;
}

void SimSink::emit_param(int seq, std::uint32_t id, std::uint32_t index, spa_pod *param, const spa_pod *filter,
                         spa_pod_builder *builder) {
    spa_result_node_params result{};
    result.id = id;
    result.index = index;
    result.next = index + 1;
    if (spa_pod_filter(builder, &result.param, param, filter) < 0) return;
    spa_node_emit_result(&hooks_, seq, 0, SPA_RESULT_TYPE_NODE_PARAMS, &result);
}

void SimSink::answer_sync(int seq) { spa_node_emit_result(&hooks_, seq, 0, 0, nullptr); }

int SimSink::enum_node_params(int seq, std::uint32_t id, std::uint32_t start, std::uint32_t count,
                              const spa_pod *filter) {
    if (id != SPA_PARAM_IO) return -ENOENT;
    for (std::uint32_t index = start; index < 2 && index - start < count; ++index) {
        std::array<std::uint8_t, 1024> memory;
        spa_pod_builder builder;
        spa_pod_builder_init(&builder, memory.data(), static_cast<std::uint32_t>(memory.size()));
        const std::uint32_t type = index == 0 ? SPA_IO_Clock : SPA_IO_Position;
        const auto size = static_cast<int>(index == 0 ? sizeof(spa_io_clock) : sizeof(spa_io_position));
        auto *param =
            static_cast<spa_pod *>(spa_pod_builder_add_object(&builder, SPA_TYPE_OBJECT_ParamIO, id, SPA_PARAM_IO_id,
                                                              SPA_POD_Id(type), SPA_PARAM_IO_size, SPA_POD_Int(size)));
        emit_param(seq, id, index, param, filter, &builder);
    }
    return 0;
}

spa_pod *SimSink::build_format(spa_pod_builder *builder, std::uint32_t id) const {
    spa_pod_frame object;
    spa_pod_builder_push_object(builder, &object, SPA_TYPE_OBJECT_Format, id);
    spa_pod_builder_add(builder, SPA_FORMAT_mediaType, SPA_POD_Id(SPA_MEDIA_TYPE_audio), SPA_FORMAT_mediaSubtype,
                        SPA_POD_Id(SPA_MEDIA_SUBTYPE_raw), SPA_FORMAT_AUDIO_format,
                        SPA_POD_Id(spa_format(config_.format)), SPA_FORMAT_AUDIO_channels,
                        SPA_POD_Int(static_cast<int>(channels())), 0);
    spa_pod_builder_prop(builder, SPA_FORMAT_AUDIO_rate, 0);
    if (id == SPA_PARAM_Format || config_.rates.size() == 1) {
        spa_pod_builder_int(builder, static_cast<std::int32_t>(id == SPA_PARAM_Format ? rate_ : config_.rates.front()));
    } else {
        spa_pod_frame choice;
        spa_pod_builder_push_choice(builder, &choice, SPA_CHOICE_Enum, 0);
        spa_pod_builder_int(builder, static_cast<std::int32_t>(config_.rates.front())); // the default, then all
        for (const std::uint32_t rate : config_.rates) spa_pod_builder_int(builder, static_cast<std::int32_t>(rate));
        spa_pod_builder_pop(builder, &choice);
    }
    spa_pod_builder_prop(builder, SPA_FORMAT_AUDIO_position, 0);
    spa_pod_builder_array(builder, sizeof(std::uint32_t), SPA_TYPE_Id, channels(), config_.positions.data());
    return static_cast<spa_pod *>(spa_pod_builder_pop(builder, &object));
}

int SimSink::enum_port_params(int seq, std::uint32_t id, std::uint32_t start, std::uint32_t count,
                              const spa_pod *filter) {
    if (start > 0 || count == 0) return 0;
    std::array<std::uint8_t, 4096> memory;
    spa_pod_builder builder;
    spa_pod_builder_init(&builder, memory.data(), static_cast<std::uint32_t>(memory.size()));
    spa_pod *param = nullptr;
    switch (id) {
    case SPA_PARAM_EnumFormat: param = build_format(&builder, id); break;
    case SPA_PARAM_Format:
        if (rate_ == 0) return -EIO;
        param = build_format(&builder, id);
        break;
    case SPA_PARAM_Buffers: {
        if (rate_ == 0) return -EIO;
        const auto frame = static_cast<int>(frame_bytes());
        param = static_cast<spa_pod *>(spa_pod_builder_add_object(
            &builder, SPA_TYPE_OBJECT_ParamBuffers, id, SPA_PARAM_BUFFERS_buffers, SPA_POD_CHOICE_RANGE_Int(2, 1, 16),
            SPA_PARAM_BUFFERS_blocks, SPA_POD_Int(1), SPA_PARAM_BUFFERS_size,
            SPA_POD_CHOICE_RANGE_Int(8192 * frame, 16 * frame, INT_MAX), SPA_PARAM_BUFFERS_stride, SPA_POD_Int(frame)));
        break;
    }
    case SPA_PARAM_IO:
        param = static_cast<spa_pod *>(spa_pod_builder_add_object(
            &builder, SPA_TYPE_OBJECT_ParamIO, id, SPA_PARAM_IO_id, SPA_POD_Id(SPA_IO_Buffers), SPA_PARAM_IO_size,
            SPA_POD_Int(static_cast<int>(sizeof(spa_io_buffers)))));
        break;
    default: return -ENOENT;
    }
    emit_param(seq, id, 0, param, filter, &builder);
    return 0;
}

int SimSink::set_format(const spa_pod *format) {
    if (format == nullptr) {
        stop();
        rate_ = 0;
        buffer_count_ = 0;
    } else {
        spa_audio_info_raw info{};
        if (spa_format_audio_raw_parse(format, &info) < 0) return -EINVAL;
        const bool known_rate = std::find(config_.rates.begin(), config_.rates.end(), info.rate) != config_.rates.end();
        if (info.format != spa_format(config_.format) || info.channels != channels() || !known_rate) return -EINVAL;
        rate_ = info.rate;
    }
    const std::uint32_t serial = port_params_[1].flags & SPA_PARAM_INFO_SERIAL;
    port_info_.rate = spa_fraction{1, rate_ == 0 ? config_.rates.front() : rate_};
    port_params_[1].flags = serial | (rate_ == 0 ? SPA_PARAM_INFO_WRITE : SPA_PARAM_INFO_READWRITE);
    port_params_[3].flags = rate_ == 0 ? 0 : SPA_PARAM_INFO_READ;
    emit_port_info(SPA_PORT_CHANGE_MASK_PARAMS | (rate_ == 0 ? 0 : SPA_PORT_CHANGE_MASK_RATE));
    return 0;
}

int SimSink::set_io(std::uint32_t id, void *data) {
    if (id == SPA_IO_Clock) {
        clock_ = static_cast<spa_io_clock *>(data);
        if (clock_ != nullptr) std::snprintf(clock_->name, sizeof clock_->name, "%s", config_.clock_name.c_str());
    } else if (id == SPA_IO_Position) {
        position_ = static_cast<spa_io_position *>(data);
    } else {
        return -ENOENT;
    }
    const bool following = is_following();
    if (started_ && following != following_) {
        following_ = following;
        restart();
    }
    return 0;
}

int SimSink::send_command(const spa_command *command) {
    switch (SPA_NODE_COMMAND_ID(command)) {
    case SPA_NODE_COMMAND_Start: return rate_ == 0 || buffer_count_ == 0 ? -EIO : start();
    case SPA_NODE_COMMAND_Suspend:
    case SPA_NODE_COMMAND_Pause: return stop();
    default: return -ENOTSUP;
    }
}

// Initialised by a lambda of the class, so that the trampolines see its private members.
const spa_node_methods SimSink::methods = [] {
    spa_node_methods table{};
    table.version = SPA_VERSION_NODE_METHODS;
    table.add_listener = [](void *object, spa_hook *listener, const spa_node_events *events, void *data) -> int {
        SimSink &sink = sink_of(object);
        spa_hook_list others;
        spa_hook_list_isolate(&sink.hooks_, &others, listener, events, data);
        sink.emit_node_info();
        sink.emit_port_info(SPA_PORT_CHANGE_MASK_FLAGS | SPA_PORT_CHANGE_MASK_PARAMS);
        spa_hook_list_join(&sink.hooks_, &others);
        return 0;
    };
    table.set_callbacks = [](void *object, const spa_node_callbacks *callbacks, void *data) -> int {
        sink_of(object).callbacks_ = spa_callbacks{callbacks, data};
        return 0;
    };
    table.sync = [](void *object, int seq) -> int {
        sink_of(object).answer_sync(seq);
        return 0;
    };
    table.enum_params = [](void *object, int seq, std::uint32_t id, std::uint32_t start, std::uint32_t count,
                           const spa_pod *filter) -> int {
        return sink_of(object).enum_node_params(seq, id, start, count, filter);
    };
    table.set_param = [](void *, std::uint32_t, std::uint32_t, const spa_pod *) -> int { return -ENOENT; };
    table.set_io = [](void *object, std::uint32_t id, void *data, std::size_t) -> int {
        return sink_of(object).set_io(id, data);
    };
    table.send_command = [](void *object, const spa_command *command) -> int {
        return sink_of(object).send_command(command);
    };
    table.port_enum_params = [](void *object, int seq, spa_direction direction, std::uint32_t port, std::uint32_t id,
                                std::uint32_t start, std::uint32_t count, const spa_pod *filter) -> int {
        if (!is_input(direction, port)) return -EINVAL;
        return sink_of(object).enum_port_params(seq, id, start, count, filter);
    };
    table.port_set_param = [](void *object, spa_direction direction, std::uint32_t port, std::uint32_t id,
                              std::uint32_t, const spa_pod *param) -> int {
        if (!is_input(direction, port)) return -EINVAL;
        if (id == SPA_PARAM_Latency) return 0; // what is in front of it, as a card takes it
        return id == SPA_PARAM_Format ? sink_of(object).set_format(param) : -ENOENT;
    };
    table.port_use_buffers = [](void *object, spa_direction, std::uint32_t, std::uint32_t, spa_buffer **buffers,
                                std::uint32_t count) -> int {
        SimSink &sink = sink_of(object);
        if (count > max_buffers) return -ENOSPC;
        if (count == 0) sink.stop();
        std::copy_n(buffers, count, sink.buffers_.begin());
        sink.buffer_count_ = count;
        return 0;
    };
    table.port_set_io = [](void *object, spa_direction, std::uint32_t, std::uint32_t id, void *data,
                           std::size_t) -> int {
        if (id != SPA_IO_Buffers) return -ENOENT;
        sink_of(object).io_ = static_cast<spa_io_buffers *>(data);
        return 0;
    };
    table.process = [](void *object) -> int { return sink_of(object).process(); };
    return table;
}();

} // namespace soundwarden::bench
