// SPDX-License-Identifier: MIT
#include "watcher.hpp"

#include "files.hpp"
#include "text.hpp"

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>
#include <utility>

namespace soundwarden::sense {
namespace {

std::string in_words(int error) { return std::generic_category().message(error); }

constexpr const char *nothing_tells = "sound cards that are plugged in later are not seen before they play: neither udev nor inotify is available; "
                                      "mend with: sudo sysctl fs.inotify.max_user_instances=512";

} // namespace

Watcher::Watcher(loop::Loop &loop, Sense::Tell tell, Places places, Ports ports)
    : loop_(loop), tell_(std::move(tell)), places_(std::move(places)), ports_(std::move(ports)) {}

Watcher::~Watcher() = default;

std::filesystem::path Watcher::control_node(std::uint32_t card) const { return places_.dev / "snd" / ("controlC" + std::to_string(card)); }
std::filesystem::path Watcher::input_node(std::uint32_t event) const { return places_.dev / "input" / ("event" + std::to_string(event)); }

void Watcher::start() {
    // Watched first, then read: what comes between is seen twice instead of never.
    monitor_ = ports_.monitor();
    if (monitor_) monitor_io_ = loop_.watch(monitor_->descriptor(), loop::Ready::in, [this](loop::Ready) { heed_udev(); });
    nodes_.emplace(loop_, places_.dev, [this](NodeWatch::Change change, const std::string &node) { heed_node(change, node); });
    codecs_.emplace(loop_, [this](CodecReader::Found found) { heed_codecs(std::move(found)); });
    end_of_round_ = loop_.before_poll([this] { tell_changes(); });
    if (!monitor_ && !nodes_->works())
        waiting_.emplace_back(engine::Degraded{"arrivals-unseen", nothing_tells});
    portable_ = portable_machine(places_);
    analog_accessory_ = analog_accessory(places_);
    scan();
    tell_changes();
}

void Watcher::look(std::uint32_t card) {
    const auto known = cards_.find(card);
    if (known != cards_.end() && known->second.controls) return;
    arrive(card);
    scan_inputs();
    tell_changes();
}

// --- What wakes the loop ----------------------------------------------------------------------------------------------------

void Watcher::heed_udev() {
    constexpr int most_messages = 64; // more wake the loop again
    for (int taken = 0; taken < most_messages; ++taken) {
        const auto event = monitor_->next();
        if (event) heed_device(*event.value);
        else if (event.error == ENOBUFS) scan();
        else return;
    }
}

void Watcher::heed_device(const DeviceEvent &event) {
    const bool removed = event.action == "remove";
    if (event.subsystem == "typec") return heed_type_c();
    if (event.subsystem == "sound") {
        const auto card = number_after(event.name, "card");
        if (card && removed) leave(*card);
        if (card && event.action == "change") {
            arrive(*card);
            scan_inputs(); // those whose card it is
        }
    }
    if (event.subsystem == "input") {
        const auto input = number_after(event.name, "event");
        if (input && removed) drop_input(*input);
        if (input && !removed) consider(*input);
    }
}

void Watcher::heed_type_c() {
    if (std::exchange(analog_accessory_, analog_accessory(places_)) == analog_accessory_) return;
    for (auto &[number, card] : cards_) card.changed = true;
}

void Watcher::heed_node(NodeWatch::Change change, const std::string &node) {
    if (change == NodeWatch::Change::lost) {
        // udev tells what has come; only what was closed to us may be open now.
        if (monitor_) retry();
        else scan();
    }
    if (const auto card = number_after(node, "controlC")) heed_card_node(change, *card);
    if (const auto event = number_after(node, "event")) heed_input_node(change, *event);
}

void Watcher::heed_card_node(NodeWatch::Change change, std::uint32_t card) {
    const auto known = cards_.find(card);
    const bool closed = known != cards_.end() && !known->second.controls;
    if (change == NodeWatch::Change::gone && !monitor_) leave(card);
    const bool allowed = change == NodeWatch::Change::allowed && (closed || (known == cards_.end() && !monitor_));
    if (!allowed && (change != NodeWatch::Change::come || monitor_)) return;
    arrive(card);
    scan_inputs();
}

void Watcher::heed_input_node(NodeWatch::Change change, std::uint32_t event) {
    const auto known = inputs_.find(event);
    const bool closed = known != inputs_.end() && !known->second.device;
    if (change == NodeWatch::Change::gone && !monitor_) drop_input(event);
    if (change == NodeWatch::Change::come && !monitor_) consider(event);
    if (change == NodeWatch::Change::allowed && (closed || (known == inputs_.end() && !monitor_))) consider(event);
}

void Watcher::heed_codecs(CodecReader::Found found) {
    for (auto &[number, card] : cards_) {
        if (card.codec_request != found.request) continue;
        card.codecs = std::move(found);
        card.changed = true;
        return;
    }
}

// --- Cards ------------------------------------------------------------------------------------------------------------------

void Watcher::scan() {
    const std::vector<std::uint32_t> there = cards_at(places_);
    std::vector<std::uint32_t> gone;
    for (const auto &[number, card] : cards_)
        if (!std::binary_search(there.begin(), there.end(), number)) gone.push_back(number);
    for (const std::uint32_t number : gone) leave(number);
    for (const std::uint32_t number : there) arrive(number);
    scan_inputs();
}

void Watcher::retry() {
    for (auto &[number, card] : cards_)
        if (!card.controls) open_card(number, card);
    scan_inputs();
}

/// A card is there, or there is more of it.
void Watcher::arrive(std::uint32_t number) {
    const CardPlace place = place_of_card(places_, number);
    std::error_code error;
    if (place.device.empty() && !std::filesystem::exists(control_node(number), error)) return leave(number);
    if (const auto known = cards_.find(number); known != cards_.end() && known->second.place != place) leave(number);

    Card &card = cards_[number];
    card.place = place;
    card.standing = standing_facts(places_, number, monitor_.get());
    card.changed = true;
    if (!card.controls) open_card(number, card);
    card.codec_request = ++last_request_;
    codecs_->read(card.codec_request, codec_dumps(places_, number));
}

void Watcher::open_card(std::uint32_t number, Card &card) {
    auto port = ports_.controls(control_node(number), number);
    card.controls_error = port.error;
    card.changed = true;
    if (!port) return;
    card.controls = std::make_unique<CardControls>(std::move(*port.value));
    // What it finds is acted on at the end of the round: this function's own registration may be among what goes.
    card.controls_io = loop_.watch(card.controls->descriptor(), loop::Ready::in, [this, number](loop::Ready) {
        Card &woken = cards_.at(number);
        woken.controls->heed();
        woken.changed = true;
    });
}

void Watcher::leave(std::uint32_t number) {
    const auto known = cards_.find(number);
    if (known == cards_.end()) return;
    if (known->second.told) waiting_.emplace_back(engine::CardGone{number});
    cards_.erase(known);
    std::erase_if(inputs_, [&](const auto &entry) { return entry.second.card == number; });
}

void Watcher::changed(std::uint32_t card) {
    if (const auto known = cards_.find(card); known != cards_.end()) known->second.changed = true;
}

// --- Input devices of jacks -------------------------------------------------------------------------------------------------

void Watcher::scan_inputs() {
    std::set<std::uint32_t> there;
    for (const std::string &name : names_in(places_.sys / "class/input"))
        if (const auto event = number_after(name, "event")) there.insert(*event);
    std::vector<std::uint32_t> gone;
    for (const auto &[event, input] : inputs_)
        if (!there.contains(event)) gone.push_back(event);
    for (const std::uint32_t event : gone) drop_input(event);
    for (const std::uint32_t event : there) consider(event);
}

void Watcher::consider(std::uint32_t event) {
    if (!is_jack_input(places_, event)) return drop_input(event);
    const auto card = owner_of(event);
    if (!card || !cards_.contains(*card)) return drop_input(event); // it is looked at again when a card arrives
    const auto known = inputs_.find(event);
    if (known != inputs_.end() && known->second.device && known->second.card == *card) return;
    drop_input(event);
    Input &input = inputs_[event];
    input.card = *card;
    open_input(event, input);
    changed(*card);
}

void Watcher::open_input(std::uint32_t event, Input &input) {
    auto port = ports_.switches(input_node(event));
    input.error = port.error;
    if (!port) return;
    if (!is_jack(**port.value)) {
        inputs_.erase(event);
        return;
    }
    input.device = std::make_unique<SwitchDevice>(std::move(*port.value));
    input.io = loop_.watch(input.device->descriptor(), loop::Ready::in, [this, event](loop::Ready) {
        const Input &woken = inputs_.at(event);
        woken.device->heed();
        changed(woken.card);
    });
}

void Watcher::drop_input(std::uint32_t event) {
    const auto known = inputs_.find(event);
    if (known == inputs_.end()) return;
    changed(known->second.card);
    inputs_.erase(known);
}

/// By its place in the tree of devices; where that has no card (a program made it), by its name, which begins with the card's.
std::optional<std::uint32_t> Watcher::owner_of(std::uint32_t event) const {
    if (const auto card = card_of_input(places_, event)) return card;
    const std::string name = read_line(places_.sys / "class/input" / ("event" + std::to_string(event)) / "device/name");
    std::optional<std::uint32_t> owner;
    for (const auto &[number, card] : cards_) {
        const std::string card_name = card.controls ? card.controls->card().name : card.standing.name;
        if (card_name.empty() || !name.starts_with(card_name + " ")) continue;
        if (owner) return std::nullopt; // two cards of that name
        owner = number;
    }
    return owner;
}

// --- The end of a round -----------------------------------------------------------------------------------------------------

void Watcher::tell_changes() {
    drop_gone();
    for (auto &[number, card] : cards_) {
        if (!std::exchange(card.changed, false)) continue;
        CardFacts facts = facts_of(number, card);
        if (card.told == facts) continue;
        card.told = facts;
        waiting_.emplace_back(engine::CardSensed{std::move(facts)});
    }
    if (!waiting_.empty()) weigh_permissions();
    // Whoever is told may ask for more.
    for (engine::Event &event : std::exchange(waiting_, {})) tell_(std::move(event));
}

void Watcher::drop_gone() {
    std::vector<std::uint32_t> inputs;
    for (const auto &[event, input] : inputs_)
        if (input.device && input.device->gone()) inputs.push_back(event);
    for (const std::uint32_t event : inputs) drop_input(event);
    drop_gone_cards();
}

void Watcher::drop_gone_cards() {
    std::vector<std::uint32_t> gone;
    for (auto &[number, card] : cards_) {
        if (!card.controls || card.controls->error() == 0) continue;
        card.controls_error = card.controls->error();
        if (card.controls_error == ENODEV) gone.push_back(number);
        card.controls_io.reset();
        card.controls.reset();
        card.changed = true;
    }
    for (const std::uint32_t number : gone) {
        const CardPlace before = cards_.at(number).place;
        leave(number);
        // Pulled out and plugged in again before anybody looked.
        const CardPlace now = place_of_card(places_, number);
        if (now == before || now.device.empty()) continue;
        arrive(number);
        scan_inputs();
    }
}

CardFacts Watcher::facts_of(std::uint32_t number, const Card &card) const {
    CardFacts facts = card.standing;
    if (card.controls) {
        const ControlCard &own = card.controls->card();
        const auto prefer = [](std::string &to, const std::string &from) {
            if (!from.empty()) to = from;
        };
        prefer(facts.id, own.id);
        prefer(facts.name, own.name);
        prefer(facts.driver, own.driver);
        prefer(facts.components, own.components);
        card.controls->add_to(facts);
    } else {
        facts.troubles.push_back({"controls", control_node(number).string(), in_words(card.controls_error)});
    }
    add_switches(number, facts);
    facts.pins = card.codecs.pins;
    facts.troubles.insert(facts.troubles.end(), card.codecs.troubles.begin(), card.codecs.troubles.end());
    facts.analog_accessory = analog_accessory_;
    facts.portable_machine = portable_;
    return facts;
}

void Watcher::add_switches(std::uint32_t number, CardFacts &facts) const {
    for (const auto &[event, input] : inputs_) {
        if (input.card != number) continue;
        if (input.device) facts.switches.push_back(input.device->switches());
        else facts.troubles.push_back({"switches", input_node(event).string(), in_words(input.error)});
    }
    // The numbers of nodes are another boot's, or another plug's.
    std::stable_sort(facts.switches.begin(), facts.switches.end(), [](const auto &a, const auto &b) { return a.name < b.name; });
}

/// That no card's controls may be read is told once for the machine; one card's trouble is among its facts.
void Watcher::weigh_permissions() {
    const auto closed = [](const auto &entry) { return entry.second.controls_error == EACCES || entry.second.controls_error == EPERM; };
    const auto first = std::find_if(cards_.begin(), cards_.end(), closed);
    const auto open = [](const auto &entry) { return entry.second.controls != nullptr; };
    const bool unreadable = first != cards_.end() && std::none_of(cards_.begin(), cards_.end(), open);
    if (std::exchange(unreadable_, unreadable) == unreadable) return;
    std::string sentence;
    if (unreadable)
        sentence = "what is plugged in cannot be read: " + control_node(first->first).string() + ": " + in_words(EACCES) +
                   "; this user is neither at the active seat nor in the group \"audio\"; mend with: "
                   "sudo usermod --append --groups audio \"$USER\", then log in again";
    waiting_.emplace_back(engine::Degraded{"cards-unreadable", std::move(sentence)});
}

} // namespace soundwarden::sense
