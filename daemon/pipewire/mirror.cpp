// SPDX-License-Identifier: MIT
#include "mirror.hpp"

#include "property_text.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

namespace soundwarden::pipewire_adapter {
namespace {

std::string_view lookup(const spa_dict &props, const char *key) {
    const char *value = spa_dict_lookup(&props, key);
    return value != nullptr ? value : "";
}

template <class N> std::optional<N> number(std::string_view text) {
    N value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// What people know it by.
std::string title_of(const spa_dict &props) {
    for (const char *key : {PW_KEY_NODE_DESCRIPTION, PW_KEY_APP_NAME, PW_KEY_NODE_NICK, PW_KEY_MEDIA_NAME})
        if (const auto value = lookup(props, key); !value.empty()) return std::string(value);
    return {};
}

// A client that has just come binds what it looks at within this.
constexpr auto reread_after = std::chrono::milliseconds(500);
// The warden needs a few milliseconds for a link, more where no real-time priority is granted.
constexpr auto warden_time = std::chrono::milliseconds(100);
// The card tells its device of a route written and its sink of the volume in it, in either order.
constexpr auto route_echo = std::chrono::milliseconds(500);

constexpr auto guard_told_within = std::chrono::seconds(1);

} // namespace

Mirror::Mirror(MainLoop &loop, pw_core *core, SessionPart &part, std::function<void(engine::Event)> tell)
    : loop_(loop), survivors_(loop.timer([this] { tell_survivors(); })), reread_(loop.timer([this] { reread_metadata(); })), vanished_timer_(loop.timer([this] { look_for_lost_guards(); })), core_(core), part_(part), tell_(std::move(tell)),
      replies_(loop, core, [this] { deaf_(); }), registry_(pw_core_get_registry(core, PW_VERSION_REGISTRY, 0)) {
    registry_events_.version = PW_VERSION_REGISTRY_EVENTS;
    registry_events_.global = on_global;
    registry_events_.global_remove = on_global_remove;
    pw_registry_add_listener(registry_.get(), registry_hook_.get(), &registry_events_, this);
    part_.on_own_dsp([this] {
        for (auto &[id, entry] : sinks_) tell_sink(entry);
    });
}

Mirror::~Mirror() = default;

void Mirror::on_global(void *self, std::uint32_t id, std::uint32_t, const char *type, std::uint32_t, const spa_dict *props) noexcept {
    if (props != nullptr) contained("registry", [&] { static_cast<Mirror *>(self)->global(id, type, *props); });
}

void Mirror::on_global_remove(void *self, std::uint32_t id) noexcept {
    contained("registry", [&] { static_cast<Mirror *>(self)->global_remove(id); });
}

void Mirror::global(std::uint32_t id, std::string_view type, const spa_dict &props) {
    if (type == PW_TYPE_INTERFACE_Device) {
        if (lookup(props, PW_KEY_MEDIA_CLASS) == "Audio/Device")
            devices_.insert_or_assign(id, std::make_unique<DeviceObject>(core_, registry_.get(), id));
    } else if (type == PW_TYPE_INTERFACE_Node) {
        nodes_[id] = {std::string(lookup(props, PW_KEY_NODE_NAME)), title_of(props)};
        const bool ours = lookup(props, PW_KEY_NODE_NAME).starts_with(guard_prefix);
        if (ours || lookup(props, PW_KEY_MEDIA_CLASS) != "Audio/Sink") return;
        SinkEntry &entry = sinks_[id];
        entry.object = std::make_unique<SinkObject>(
            core_, registry_.get(), id, features_,
            SinkObject::Events{
                [this, id] {
                    if (const auto it = sinks_.find(id); it != sinks_.end()) tell_sink(it->second);
                },
                [this] { sink_runs_(); },
                [this, id](engine::Tamper what) {
                    if (const auto it = sinks_.find(id); it != sinks_.end()) tell_tampering(it->second, what);
                },
                [this, id](float factor) {
                    if (const auto it = sinks_.find(id); it != sinks_.end()) tell_makeup(it->second, factor);
                }});
        // Back under a new id: what stood in it stands again before anybody can link to it.
        if (const auto kept = kept_.extract(std::string(lookup(props, PW_KEY_NODE_NAME)))) entry.object->restore(kept.mapped());
    } else if (type == PW_TYPE_INTERFACE_Link) {
        const auto out = number<std::uint32_t>(lookup(props, PW_KEY_LINK_OUTPUT_NODE));
        const auto in = number<std::uint32_t>(lookup(props, PW_KEY_LINK_INPUT_NODE));
        if (!out || !in) return;
        links_[id] = {*out, *in, counts_from(*in)};
        if (const auto it = sinks_.find(*in); it != sinks_.end()) tell_links(it->second);
    } else if (type == PW_TYPE_INTERFACE_Metadata) {
        const auto name = lookup(props, PW_KEY_METADATA_NAME);
        bool bound = name == part_metadata && part_.global(registry_.get(), id);
        if (name == "default" && !defaults_) {
            defaults_ = std::make_unique<Metadata>(
                core_, registry_.get(), id, [this](const std::string &key, const std::string &value) { heard_default(key, value); });
            bound = true;
        }
        if (bound) replies_.bound();
    } else if (type == PW_TYPE_INTERFACE_Client) {
        // It will bind what it looks at, and changes made meanwhile pass us by.
        reread_soon();
    }
}

// Not put off for ever where clients come one after the other.
void Mirror::reread_soon() {
    if (std::exchange(reread_due_, true)) reread_again_ = true;
    else reread_->arm(loop_.now() + reread_after);
}

void Mirror::reread_metadata() {
    reread_due_ = false;
    if (std::exchange(reread_again_, false)) reread_soon();
    if (defaults_) {
        defaults_->reread();
        replies_.bound();
    }
    if (part_.reread()) replies_.bound();
}

void Mirror::look_for_lost_guards() {
    if (guards_.lost()) guard_lost_();
}

void Mirror::global_remove(std::uint32_t id) {
    if (guards_.removed(id)) vanished_timer_->arm(loop_.now() + guard_told_within);
    if (part_.global_remove(id)) replies_.gone();
    if (defaults_ && defaults_->id() == id) {
        replies_.gone();
        defaults_.reset();
        default_sink_.clear();
        configured_sink_.clear();
    }
    if (const auto link = links_.find(id); link != links_.end()) {
        const auto in = link->second.in_node;
        links_.erase(link);
        if (const auto it = sinks_.find(in); it != sinks_.end()) tell_links(it->second);
    }
    devices_.erase(id);
    nodes_.erase(id);
    if (const auto it = sinks_.find(id); it != sinks_.end()) {
        const auto key = it->second.key;
        const auto &object = *it->second.object;
        if (object.bounded()) kept_.insert_or_assign(object.property(PW_KEY_NODE_NAME), object.kept());
        tell_makeup(it->second, 1.0F); // the next node of this name has no pad yet
        sinks_.erase(it);
        if (!key.empty()) tell_(engine::SinkGone{key});
    }
}

void Mirror::server_version(const std::string &version) {
    features_ = features_of(version);
    server_ = {version, features_.max_volume, features_.filter_graph};
}

void Mirror::heard_default(const std::string &key, const std::string &value) {
    if (key == "default.audio.sink") default_sink_ = name_in_json(value);
    else if (key == "default.configured.audio.sink") configured_sink_ = name_in_json(value);
    else return;
    if (default_changed_) default_changed_();
}

void Mirror::configure_default(const std::optional<std::string> &node_name) {
    if (!defaults_) return;
    std::optional<std::string> value;
    if (node_name) value = nlohmann::json{{"name", *node_name}}.dump();
    defaults_->set("default.configured.audio.sink", value, "Spa:String:JSON");
    reread_soon(); // the echo may pass us by
}

void Mirror::done(int seq) {
    replies_.done(seq);
    if (defaults_) defaults_->done(seq);
    std::uint32_t changed_device = PW_ID_ANY;
    for (auto &[id, device] : devices_)
        if (device->done(seq)) changed_device = id;
    for (auto &[id, entry] : sinks_) {
        const bool own = entry.object->done(seq);
        const auto *device = device_of(*entry.object);
        if (own || (device != nullptr && device->id() == changed_device)) tell_sink(entry);
    }
}

const DeviceObject *Mirror::device_of(const SinkObject &sink) const {
    const auto id = number<std::uint32_t>(sink.property(PW_KEY_DEVICE_ID));
    const auto it = id ? devices_.find(*id) : devices_.end();
    return it == devices_.end() ? nullptr : it->second.get();
}

std::uint32_t Mirror::foreign_links(const SinkEntry &entry) const {
    const auto *guard = guards_.find(entry.key);
    const std::uint32_t own = guard == nullptr ? no_node : guard->out;
    const auto now = loop_.now();
    return static_cast<std::uint32_t>(std::count_if(links_.begin(), links_.end(), [&](const auto &item) {
        return item.second.in_node == entry.object->id() && item.second.out_node != own && item.second.counts_from <= now;
    }));
}

// Only with the guard in front and the warden at work: until then every link counts.
loop::Time Mirror::counts_from(std::uint32_t in_node) {
    const auto it = sinks_.find(in_node);
    if (!warden_ || it == sinks_.end() || !it->second.linked_told) return {};
    const auto when = loop_.now() + warden_time;
    if (!std::exchange(survivors_due_, true)) survivors_->arm(when);
    return when;
}

void Mirror::tell_survivors() {
    survivors_due_ = false;
    for (auto &[id, entry] : sinks_) tell_links(entry);
    const auto now = loop_.now();
    std::optional<loop::Time> next;
    for (const auto &[id, link] : links_)
        if (link.counts_from > now && (!next || link.counts_from < *next)) next = link.counts_from;
    survivors_due_ = next.has_value();
    if (next) survivors_->arm(next);
}

engine::SinkKey Mirror::key_for(const SinkEntry &entry) const {
    // node.name is the stable identity; PipeWire does not keep it unique, so a second holder is told apart by its serial.
    const auto &name = entry.object->property(PW_KEY_NODE_NAME);
    for (const auto &[id, other] : sinks_)
        if (&other != &entry && other.key == name) return name + "." + entry.object->property(PW_KEY_OBJECT_SERIAL);
    return name;
}

namespace {

/// A sink of the Pro Audio profile. PipeWire 0.3 has no property for it; there the profile's name for its sinks tells, and that no channel has a
/// place (0.3.65, 1.4.2: the profile gives them AUX0, AUX1, …).
bool is_pro_audio(const SinkObject &node, const std::vector<std::string> &positions) {
    if (node.property("device.profile.pro") == "true") return true;
    return node.property("device.profile.name").starts_with("pro-output-") && !positions.empty() &&
           std::all_of(positions.begin(), positions.end(), [](const std::string &name) { return name.starts_with("AUX"); });
}

} // namespace

std::optional<engine::SinkFacts> Mirror::facts_of(const SinkEntry &entry) const {
    const auto &node = *entry.object;
    if (!node.ready() || node.property(PW_KEY_NODE_NAME).empty()) return std::nullopt;
    const auto *device = device_of(node);
    if (device != nullptr && !device->ready()) return std::nullopt;

    engine::SinkFacts facts;
    facts.key = entry.key.empty() ? key_for(entry) : entry.key;
    facts.serial = number<std::uint64_t>(node.property(PW_KEY_OBJECT_SERIAL)).value_or(0);
    facts.description = node.property(PW_KEY_NODE_DESCRIPTION);
    facts.api = node.property(PW_KEY_DEVICE_API);
    facts.own_dsp = part_.own_dsp(node.property(PW_KEY_NODE_NAME));
    facts.positions = node.positions();
    facts.pro_audio = is_pro_audio(node, facts.positions);
    if (facts.positions.empty()) facts.positions = {"FL", "FR"};
    facts.rate_hz = node.rate_hz();
    facts.software_gain = node.software_gain();
    facts.left_limit = node.left_limit();
    facts.node_mute = node.mute();
    facts.foreign_links = foreign_links(entry);
    const auto card = number<std::uint32_t>(node.property("alsa.card"));
    const auto pcm = number<std::uint32_t>(node.property("alsa.device"));
    if (card && pcm) facts.pcm = engine::PcmAddress{*card, *pcm};
    if (device == nullptr) return facts;

    facts.device_name = device->property(PW_KEY_DEVICE_NAME);
    facts.device_description = device->property(PW_KEY_DEVICE_DESCRIPTION);
    facts.bus = device->property(PW_KEY_DEVICE_BUS);
    facts.form_factor = device->property(PW_KEY_DEVICE_FORM_FACTOR);
    facts.vendor_id = hardware_id(device->property(PW_KEY_DEVICE_VENDOR_ID));
    facts.product_id = hardware_id(device->property(PW_KEY_DEVICE_PRODUCT_ID));
    facts.card_name = device->property("alsa.card_name");
    if (facts.card_name.empty()) facts.card_name = node.property("alsa.card_name");
    facts.driver = device->property("alsa.driver_name");
    if (facts.driver.empty()) facts.driver = node.property("alsa.driver_name");
    if (facts.api.empty()) facts.api = device->property(PW_KEY_DEVICE_API);
    facts.bluetooth_class = device->property("api.bluez5.class");
    facts.codec = node.property("api.bluez5.codec");
    // Not device.serial: udev makes it of maker and model where there is no serial number, and two of a kind share it then.
    facts.bus_path = device->property("api.bluez5.address");
    if (facts.bus_path.empty()) facts.bus_path = device->property(PW_KEY_DEVICE_BUS_PATH);
    if (const auto profile_device = number<std::int32_t>(node.property("card.profile.device"))) {
        facts.routes = device->routes_of(*profile_device);
        if (const auto *active = device->active_route_of(*profile_device)) facts.active = active->state;
    }
    return facts;
}

void Mirror::tell_sink(SinkEntry &entry) {
    auto facts = facts_of(entry);
    if (!facts || *facts == entry.told) return;
    entry.key = facts->key;
    entry.told = *facts;
    tell_(engine::SinkSeen{std::move(*facts)});
}

// Where the card has just written its routes, the event without a visible change was that.
void Mirror::tell_tampering(const SinkEntry &entry, engine::Tamper what) {
    if (entry.key.empty()) return;
    const auto *device = device_of(*entry.object);
    const bool route_written = device != nullptr && loop_.now() - device->routes_told() < route_echo;
    if (what != engine::Tamper::unseen || !route_written) tell_(engine::SinkTampered{entry.key, what});
}

void Mirror::tell_makeup(const SinkEntry &entry, float factor) {
    if (make_up_ && !entry.key.empty()) make_up_(entry.key, factor);
}

void Mirror::tell_links(SinkEntry &entry) {
    if (entry.key.empty()) return;
    if (const auto *guard = guards_.find(entry.key)) {
        const auto own = static_cast<std::uint32_t>(std::count_if(links_.begin(), links_.end(), [&](const auto &item) {
            return item.second.in_node == entry.object->id() && item.second.out_node == guard->out;
        }));
        const bool linked = guard->out != no_node && own >= guard->channels;
        if (linked != entry.linked_told) {
            entry.linked_told = linked;
            tell_(engine::GuardLinked{entry.key, linked});
        }
    }
    tell_sink(entry);
}

Mirror::SinkEntry *Mirror::entry_of(const engine::SinkKey &key) {
    for (auto &[id, entry] : sinks_)
        if (entry.key == key) return &entry;
    return nullptr;
}

void Mirror::set_guard(const engine::SinkKey &sink, const GuardNodes &nodes) {
    guards_.set(sink, nodes);
    if (auto *entry = entry_of(sink)) tell_links(*entry);
}

void Mirror::drop_guard(const engine::SinkKey &sink) {
    guards_.drop(sink);
    if (auto *entry = entry_of(sink)) entry->linked_told = false;
}

const SinkObject *Mirror::sink(const engine::SinkKey &key) const {
    for (const auto &[id, entry] : sinks_)
        if (entry.key == key) return entry.object.get();
    return nullptr;
}

void Mirror::write_route(const engine::WriteRoute &write) {
    const auto *entry = entry_of(write.sink);
    if (entry == nullptr) return;
    const auto profile_device = number<std::int32_t>(entry->object->property("card.profile.device"));
    const auto id = number<std::uint32_t>(entry->object->property(PW_KEY_DEVICE_ID));
    const auto device = id ? devices_.find(*id) : devices_.end();
    if (profile_device && device != devices_.end()) device->second->write_route(*profile_device, write);
}

void Mirror::limit_sink(const engine::SinkKey &sink, double level) {
    auto *entry = entry_of(sink);
    if (entry == nullptr) return;
    entry->object->limit(level);
    tell_sink(*entry); // a write that changes nothing is not told back
}

void Mirror::mute_sink(const engine::SinkKey &sink, bool mute) {
    auto *entry = entry_of(sink);
    if (entry == nullptr) return;
    const auto profile_device = number<std::int32_t>(entry->object->property("card.profile.device"));
    const auto id = number<std::uint32_t>(entry->object->property(PW_KEY_DEVICE_ID));
    const auto device = id ? devices_.find(*id) : devices_.end();
    const bool by_route = profile_device && device != devices_.end() && device->second->mute_route(*profile_device, mute);
    if (!by_route) entry->object->mute(mute);
}

void Mirror::lower_sink(const engine::SinkKey &sink, double volume) {
    if (auto *entry = entry_of(sink)) entry->object->lower(volume);
}

void Mirror::clamp_sink(const engine::SinkKey &sink, float ceiling, const std::vector<std::uint32_t> &only) {
    auto *entry = entry_of(sink);
    if (entry == nullptr) return;
    entry->object->clamp(ceiling, only);
    tell_sink(*entry); // what was a left limit may be the pad's now
}

void Mirror::release_sink(const engine::SinkKey &sink) {
    if (auto *entry = entry_of(sink)) entry->object->release();
}

bool Mirror::reassert_sinks() {
    bool any = false;
    for (auto &[id, entry] : sinks_) any = entry.object->reassert() || any;
    return any;
}

} // namespace soundwarden::pipewire_adapter
