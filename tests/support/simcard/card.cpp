// SPDX-License-Identifier: MIT
#include "card.hpp"

#include "events.hpp"

#include <spa/param/audio/raw.h>

#include <algorithm>
#include <stdexcept>

namespace soundwarden::bench {

namespace {

/// The usual order of 1, 2, 6 and 8 channels; other counts get the first ones.
constexpr std::pair<std::uint32_t, const char *> layout[] = {
    {SPA_AUDIO_CHANNEL_FL, "FL"}, {SPA_AUDIO_CHANNEL_FR, "FR"}, {SPA_AUDIO_CHANNEL_RL, "RL"},
    {SPA_AUDIO_CHANNEL_RR, "RR"}, {SPA_AUDIO_CHANNEL_FC, "FC"}, {SPA_AUDIO_CHANNEL_LFE, "LFE"},
    {SPA_AUDIO_CHANNEL_SL, "SL"}, {SPA_AUDIO_CHANNEL_SR, "SR"},
};

std::vector<std::uint32_t> positions_of(std::uint32_t channels) {
    if (channels == 1) return {SPA_AUDIO_CHANNEL_MONO};
    std::vector<std::uint32_t> positions;
    for (std::uint32_t i = 0; i < channels; ++i) positions.push_back(layout[i].first);
    return positions;
}

std::string position_names(std::uint32_t channels) {
    if (channels == 1) return "MONO";
    std::string names;
    for (std::uint32_t i = 0; i < channels; ++i) names += (i == 0 ? "" : ",") + std::string(layout[i].second);
    return names;
}

} // namespace

Recorder *Recordings::open(const std::string &card, int device, std::uint32_t channels) {
    if (directory_.empty()) return nullptr;
    std::string path = directory_ + '/' + card + '-' + std::to_string(device);
    // A card that comes back with another channel count starts a file of its own.
    if (const auto known = recorders_.find(path); known != recorders_.end() && known->second->channels() != channels)
        path += '-' + std::to_string(channels) + "ch";
    auto &recorder = recorders_[path];
    if (!recorder) recorder = std::make_unique<Recorder>(writer_, path, channels);
    return recorder.get();
}

Card::Card(std::string name, const CardConfig &config, pw_context *context, pw_core *core, Recordings &recordings)
    : name_(std::move(name)), config_(config), context_(context), core_(core), recordings_(recordings) {
    if (config_.channels == 0 || config_.channels > std::size(layout)) throw std::invalid_argument("1 to 8 channels");
    const std::optional<CardModel> model = make_preset(config_.preset, config_.options);
    if (!model) throw std::invalid_argument("no preset " + config_.preset);
    SimDevice::Callbacks callbacks;
    callbacks.add_sink = [this](int device) {
        if (device_id_ == SPA_ID_INVALID)
            waiting_.push_back(device);
        else
            add_sink(device);
    };
    callbacks.remove_sink = [this](int device) {
        std::erase(waiting_, device);
        if (sinks_.erase(device) > 0) report({{"event", "sink-removed"}, {"device", device}});
    };
    callbacks.sink_props = [this](int device, bool volumes, bool mute) {
        if (const auto sink = sinks_.find(device); sink != sinks_.end())
            sink->second->write_props(device_->sink(device), volumes, mute);
    };
    callbacks.received = [this](nlohmann::json event) { report(std::move(event)); };
    device_ = std::make_unique<SimDevice>(*model, positions_of(config_.channels), std::move(callbacks));
    if (model->bare())
        add_sink(0);
    else
        export_device();
}

Card::~Card() {
    // As the kernel does it: the streams go first.
    for (const auto &[device, sink] : sinks_) report({{"event", "sink-removed"}, {"device", device}});
    sinks_.clear();
    if (proxy_ != nullptr) {
        spa_hook_remove(&listener_);
        pw_proxy_destroy(proxy_);
    }
    report({{"event", "card-removed"}});
}

void Card::report(nlohmann::json event) const {
    event["card"] = name_;
    print_event(std::move(event));
}

void Card::export_device() {
    static const pw_proxy_events events = [] {
        pw_proxy_events table{};
        table.version = PW_VERSION_PROXY_EVENTS;
        table.bound = [](void *data, std::uint32_t id) {
            auto *card = static_cast<Card *>(data);
            card->device_id_ = id;
            card->report({{"event", "device-bound"}, {"id", id}});
            for (const int device : std::exchange(card->waiting_, {})) card->add_sink(device);
        };
        return table;
    }();
    pw_properties *properties = pw_properties_new(nullptr, nullptr);
    for (const auto &[key, value] : device_->model().properties)
        pw_properties_set(properties, key.c_str(), value.c_str());
    proxy_ = pw_core_export(core_, SPA_TYPE_INTERFACE_Device, &properties->dict, device_->device(), 0);
    pw_properties_free(properties);
    if (proxy_ == nullptr) throw std::runtime_error("the device could not be exported");
    pw_proxy_add_listener(proxy_, &listener_, &events, this);
}

Dict Card::sink_properties(int device) const {
    const CardModel &model = device_->model();
    const SinkModel &sink = model.sinks[static_cast<std::size_t>(device)];
    Dict properties = sink.properties;
    properties.insert(properties.end(), {{"media.class", "Audio/Sink"},
                                         {"node.name", sink.node_name},
                                         {"node.description", sink.description},
                                         {"node.driver", "true"},
                                         {"node.pause-on-idle", "false"},
                                         {"audio.channels", std::to_string(config_.channels)},
                                         {"audio.position", position_names(config_.channels)}});
    properties.insert(properties.end(), config_.node_properties.begin(), config_.node_properties.end());
    if (model.bare()) return properties;
    properties.insert(properties.end(), {{"device.id", std::to_string(device_id_)},
                                         {"card.profile.device", std::to_string(device)},
                                         {"device.routes", std::to_string(route_count(device))},
                                         {"object.path", "sim:" + name_ + ':' + std::to_string(device) + ":playback"}});
    return properties;
}

std::int64_t Card::route_count(int device) const {
    const auto &routes = device_->model().routes;
    return std::count_if(routes.begin(), routes.end(), [&](const RouteModel &route) {
        return std::find(route.devices.begin(), route.devices.end(), device) != route.devices.end();
    });
}

void Card::add_sink(int device) {
    const SinkModel &model = device_->model().sinks[static_cast<std::size_t>(device)];
    SimSink::Config config;
    config.format = config_.format;
    config.rates = config_.rates;
    config.positions = device_->positions();
    config.speed = config_.speed;
    config.lockstep = config_.lockstep;
    config.clock_name = "sim." + name_ + '.' + std::to_string(device);
    Recorder *recorder = recordings_.open(name_, device, config_.channels);
    recorders_[device] = recorder;
    const auto bound = [this, device, recorder, node = model.node_name](std::uint32_t id) {
        report({{"event", "sink-bound"},
                {"device", device},
                {"id", id},
                {"node", node},
                {"routes", route_count(device)},
                {"recording", recorder == nullptr ? "" : recorder->path()}});
    };
    sinks_[device] =
        std::make_unique<SinkNode>(context_, core_, std::move(config), recorder, sink_properties(device),
                                   device_->sink(device), device_->positions(), model.hardware_volume, bound);
}

bool Card::set_route(const std::string &route, Availability available) {
    const RouteModel *model = device_->find_route(route);
    if (model == nullptr) return false;
    report({{"event", "flip"}, {"route", model->name}, {"available", to_string(available)}});
    const std::pair<std::string, Availability> change{model->name, available};
    device_->set_available(std::span{&change, 1});
    return true;
}

bool Card::set_jack(const std::string &jack, bool in) {
    for (const JackModel &model : device_->model().jacks) {
        if (model.name != jack) continue;
        report({{"event", "flip"}, {"jack", jack}, {"in", in}});
        const auto changes = in ? model.when_in : model.when_out;
        device_->set_available(changes);
        return true;
    }
    return false;
}

bool Card::set_profile(const std::string &profile) {
    report({{"event", "flip"}, {"profile", profile}});
    return device_->set_profile(profile);
}

bool Card::turn_knob(float volume) {
    report({{"event", "flip"}, {"volume", volume}});
    device_->turn_knob(volume);
    return true;
}

nlohmann::json Card::statistics() const {
    nlohmann::json sinks = nlohmann::json::array();
    for (const auto &[device, sink] : sinks_) {
        nlohmann::json entry{{"device", device}, {"late", sink->sink().late_cycles()}};
        if (const Recorder *recorder = recorders_.at(device))
            entry.update({{"recording", recorder->path()},
                          {"cycles", recorder->cycles()},
                          {"gaps", recorder->gaps()},
                          {"lost", recorder->lost()},
                          {"frames", recorder->frames()}});
        sinks.push_back(std::move(entry));
    }
    return {{"card", name_}, {"profile", device_->profile()}, {"sinks", std::move(sinks)}};
}

} // namespace soundwarden::bench
