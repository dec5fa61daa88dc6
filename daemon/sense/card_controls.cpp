// SPDX-License-Identifier: MIT
#include "card_controls.hpp"

#include "eld.hpp"
#include "jack_name.hpp"
#include "names.hpp"
#include "text.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace soundwarden::sense {
namespace {

bool is_gone(int error) { return error == ENODEV || error == EBADF; }

/// A control with a jack's name that chooses or shows something else.
bool is_selector(ControlType type) { return type == ControlType::integer || type == ControlType::enumerated || type == ControlType::bytes; }

} // namespace

CardControls::CardControls(std::unique_ptr<ControlPort> port) : port_(std::move(port)) {
    if (const auto card = port_->card()) {
        const ControlCard &told = *card.value;
        card_ = {clean_name(told.id), clean_name(told.name), clean_name(told.driver), clean_name(told.components)};
    } else if (is_gone(card.error)) {
        error_ = ENODEV;
    }
    list();
}

void CardControls::list() {
    const auto ids = port_->list();
    if (!ids) {
        list_error_ = ids.error;
        if (is_gone(ids.error)) error_ = ENODEV;
        return;
    }
    Changes changes;
    for (const ControlId &id : *ids.value)
        if (keep(id)) changes.described.insert(id.number);
    apply(changes);
}

std::optional<CardControls::Control> CardControls::of_interest(const ControlId &id) {
    Control control{id};
    if (id.interface == ControlInterface::card) {
        if (auto jack = parse_jack(id.name, id.index)) {
            control.jack = std::move(*jack);
            return control;
        }
    }
    if (id.interface == ControlInterface::pcm && id.name == "ELD") {
        control.role = Role::eld;
        return control;
    }
    if (const auto side = impedance_side(id.name)) {
        control.role = *side == Side::left ? Role::left_impedance : Role::right_impedance;
    } else if (is_selected_mode(id.name)) {
        control.role = Role::selected_mode;
    } else if (parse_declared(id.name) == Declared::output) {
        control.role = Role::declared_output;
    } else if (const auto path = parse_side_path(id.name)) {
        control.role = Role::side_path;
        control.side_path = {path->kind, clean_name(id.name), false};
        control.part = path->part;
    } else {
        return std::nullopt;
    }
    return control;
}

/// The control is kept from now on, if it matters.
bool CardControls::keep(const ControlId &id) {
    auto control = of_interest(id);
    if (!control) return false;
    if (controls_.size() >= most_controls && !controls_.contains(id.number)) {
        too_many_ = true;
        return false;
    }
    controls_.insert_or_assign(id.number, std::move(*control));
    return true;
}

void CardControls::heed() {
    Changes changes;
    for (std::size_t taken = 0; taken < most_events; ++taken) {
        const auto event = port_->next();
        if (event) {
            note(*event.value, changes);
            continue;
        }
        if (event.error != EAGAIN && event.error != EINTR) error_ = is_gone(event.error) ? ENODEV : event.error;
        if (event.error != EINTR) break;
    }
    if (error_ == 0) apply(changes);
}

void CardControls::note(const ControlEvent &event, Changes &changes) {
    const std::uint32_t number = event.id.number;
    if (event.removed) {
        controls_.erase(number);
        changes.described.erase(number);
        changes.valued.erase(number);
        return;
    }
    if (event.added && !keep(event.id)) {
        controls_.erase(number); // the number is another control's now
        return;
    }
    if (!controls_.contains(number)) return;
    if (event.added || event.info) changes.described.insert(number);
    if (event.value) changes.valued.insert(number);
}

void CardControls::apply(const Changes &changes) {
    bool edge = false;
    const auto is_edge = [](const Control &control) { return control.role == Role::jack || control.role == Role::selected_mode; };
    for (auto &[number, control] : controls_) {
        const bool described = changes.described.contains(number);
        if (described) describe(control);
        if (!described && !changes.valued.contains(number)) continue;
        read(control);
        edge = edge || is_edge(control);
    }
    if (edge)
        for (auto &[number, control] : controls_)
            if (control.role == Role::left_impedance || control.role == Role::right_impedance) read(control);
    drop_vanished();
}

void CardControls::describe(Control &control) {
    const auto info = port_->info(control.id);
    if (!info) failed(control, info.error);
    control.info = info ? *info.value : ControlInfo{};
}

void CardControls::read(Control &control) {
    switch (control.role) {
    case Role::jack: control.jack.plugged = control.jack.phantom ? std::nullopt : read_jack(control); break;
    case Role::eld: read_eld(control); break;
    case Role::left_impedance:
    case Role::right_impedance: control.impedance = read_impedance(control); break;
    case Role::selected_mode: control.item = mode_of_item(read_item(control)); break;
    case Role::declared_output: control.item = read_item(control); break;
    case Role::side_path: control.side_path.on = read_on(control); break;
    }
}

std::optional<bool> CardControls::read_jack(const Control &control) {
    // One boolean, as the jack layer and the USB driver make it: anything else is somebody's control of the same name.
    if (control.info.type != ControlType::boolean || control.info.count != 1 || !control.info.readable) return std::nullopt;
    const auto values = port_->integers(control.id, control.info);
    if (!values || values.value->empty()) {
        failed(control, values.error);
        return std::nullopt;
    }
    return values.value->front() != 0;
}

std::optional<Ohms> CardControls::read_impedance(const Control &control) {
    if (control.info.type != ControlType::integer || control.info.count == 0 || !control.info.readable) return std::nullopt;
    const auto values = port_->integers(control.id, control.info);
    if (!values || values.value->empty()) {
        failed(control, values.error);
        return std::nullopt;
    }
    // 0: not measured (sensing.md §2).
    const std::int64_t ohms = values.value->front();
    return ohms > 0 ? std::optional(Ohms{static_cast<double>(ohms)}) : std::nullopt;
}

/// A switch, a selector ("Off", …) or, where there is nothing else, a volume above its minimum.
bool CardControls::read_on(const Control &control) {
    const ControlInfo &info = control.info;
    if (!info.readable || info.count == 0) return true; // a path that cannot be seen to be closed is open
    if (info.type == ControlType::enumerated) {
        const std::string item = read_item(control);
        return !(item == "Off" || item == "off" || item == "None" || item == "Disabled");
    }
    if (info.type != ControlType::boolean && info.type != ControlType::integer) return true;
    const auto values = port_->integers(control.id, info);
    if (!values) {
        failed(control, values.error);
        return true;
    }
    const std::int64_t closed = info.type == ControlType::integer ? info.minimum : 0;
    return std::any_of(values.value->begin(), values.value->end(), [&](std::int64_t value) { return value > closed; });
}

std::string CardControls::read_item(const Control &control) {
    if (control.info.type != ControlType::enumerated || control.info.count == 0 || !control.info.readable) return {};
    const auto item = port_->item(control.id);
    if (!item) failed(control, item.error);
    return item ? clean_name(*item.value) : std::string();
}

void CardControls::read_eld(Control &control) {
    control.eld = {};
    if (control.info.type == ControlType::bytes && control.info.count > 0 && control.info.readable) {
        const auto bytes = port_->bytes(control.id, control.info);
        if (bytes) control.eld = parse_eld(*bytes.value, control.id.device, control.id.index);
        else failed(control, bytes.error);
    }
    control.eld.pcm = control.id.device;
    control.eld.index = control.id.index;
}

void CardControls::failed(const Control &control, int error) {
    if (error == ENOENT) vanished_.insert(control.id.number);
    if (is_gone(error)) error_ = ENODEV;
}

void CardControls::drop_vanished() {
    for (const std::uint32_t number : std::exchange(vanished_, {})) controls_.erase(number);
}

/// "Mic Playback Volume" beside "Mic Playback Switch": the switch says whether the path is open.
bool CardControls::has_switch_of_its_own(const Control &volume) const {
    if (volume.part != SidePathPart::volume) return false;
    const auto path_of = [](std::string_view name) { return name.substr(0, name.rfind(' ')); };
    return std::any_of(controls_.begin(), controls_.end(), [&](const auto &entry) {
        const Control &other = entry.second;
        return other.role == Role::side_path && other.part == SidePathPart::toggle && path_of(other.id.name) == path_of(volume.id.name);
    });
}

void CardControls::add_to(CardFacts &facts) const {
    for (const auto &[number, control] : controls_) {
        switch (control.role) {
        case Role::jack:
            if (!is_selector(control.info.type)) facts.jacks.push_back(control.jack);
            break;
        case Role::eld: facts.elds.push_back(control.eld); break;
        case Role::left_impedance: facts.left_impedance = control.impedance; break;
        case Role::right_impedance: facts.right_impedance = control.impedance; break;
        case Role::selected_mode:
            if (facts.selected_mode.empty()) facts.selected_mode = control.item;
            break;
        case Role::declared_output:
            if (facts.declared_output.empty()) facts.declared_output = control.item;
            break;
        case Role::side_path:
            if (!has_switch_of_its_own(control)) facts.side_paths.push_back(control.side_path);
            break;
        }
        if (control.role == Role::left_impedance || control.role == Role::right_impedance) facts.measures_impedance = true;
    }
    const std::string path = "card " + std::to_string(facts.card);
    if (list_error_ != 0) facts.troubles.push_back({"controls", path, std::generic_category().message(list_error_)});
    if (too_many_) facts.troubles.push_back({"controls", path, "more than " + std::to_string(most_controls) + " controls of jacks"});
}

} // namespace soundwarden::sense
