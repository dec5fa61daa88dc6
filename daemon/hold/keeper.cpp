// SPDX-License-Identifier: MIT
#include "hold/keeper.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <utility>

namespace soundwarden::hold {
namespace {

// A node is there before udev has given it its group; that comes as an event of its own, this is for what does not.
constexpr Duration open_again = std::chrono::seconds(2);
// Nobody tells when another program lets go of a lock.
constexpr Duration lock_again = std::chrono::seconds(5);
// A device whose own knob insists is written to so often at most.
constexpr std::size_t most_rewrites = 10;
constexpr Duration rewrite_window = std::chrono::seconds(2);

std::string label(const CardNames &names) { return names.id + " (" + names.name + ")"; }

std::string label(const Element &element) {
    return "\"" + element.name + "\"" + (element.index == 0 ? "" : "," + std::to_string(element.index));
}

std::string decibels_text(Decibels level) {
    if (std::isinf(level.value)) return "mute";
    char text[32];
    std::snprintf(text, sizeof text, "%.1f dB", level.value);
    return text;
}

} // namespace

Keeper::Keeper(OpenMixer open, Say say) : open_(std::move(open)), say_(std::move(say)) {}

void Keeper::configure(policy::Hold hold, Time now) {
    hold_ = std::move(hold);
    for (auto &[number, card] : cards_) take(card, now);
}

void Keeper::arrived(std::uint32_t card, Time now) {
    if (!cards_.contains(card)) open(card, now);
}

void Keeper::left(std::uint32_t card) {
    closed_.erase(card);
    said_.erase(card);
    const auto found = cards_.find(card);
    if (found == cards_.end()) return;
    say_(Level::info, label(found->second.names) + ": gone");
    cards_.erase(found);
}

void Keeper::open(std::uint32_t number, Time now) {
    auto opened = open_(number);
    closed_.erase(number);
    if (!opened) {
        if (opened.error == ENOENT || opened.error == ENODEV) return left(number);
        closed_[number] = now + open_again;
        if (std::exchange(said_[number], opened.error) != opened.error)
            say_(Level::warning, "card " + std::to_string(number) + " cannot be held: its controls do not open: " + std::strerror(opened.error));
        return;
    }
    said_.erase(number);
    Card &card = cards_[number];
    card.mixer = std::move(*opened.value);
    card.names = card.mixer->card().value.value_or(CardNames{std::to_string(number), "?", "?"});
    take(card, now);
}

/// All of a card's elements, as they are now.
void Keeper::take(Card &card, Time now) {
    const auto elements = card.mixer->elements();
    if (!elements) return; // the card goes: its descriptor says so
    const policy::HoldBounds &bounds = hold_.bounds_of({card.names.id, card.names.name, card.names.driver});
    std::vector<Held> wanted = plan(*card.mixer, *elements.value, bounds);
    // Without a scale the bound is where it stood first, not where its driver has put it since.
    for (Held &next : wanted)
        for (const Held &before : card.held)
            if (!next.scaled && before.element == next.element) next.most = std::min(next.most, before.most);
    card.held = std::move(wanted);
    card.again_at.reset();
    let_go(card);
    for (const Held &held : card.held) hold_one(card, held, now);
    if (!bounds.hold) say_(Level::notice, label(card.names) + ": left alone, as configured");
    else if (card.held.empty()) say_(Level::notice, label(card.names) + ": it has no playback volume that could be held");
}

/// What is locked and is not to be held any more.
void Keeper::let_go(Card &card) {
    for (auto at = card.locked.begin(); at != card.locked.end();) {
        const auto same = [&](const Held &held) { return held.element.number == *at; };
        if (std::any_of(card.held.begin(), card.held.end(), same)) {
            ++at;
            continue;
        }
        Element element;
        element.number = *at;
        card.mixer->unlock(element);
        at = card.locked.erase(at);
    }
}

void Keeper::hold_one(Card &card, const Held &held, Time now) {
    const std::uint32_t number = held.element.number;
    const int error = card.mixer->lock(held.element);
    if (error != 0) {
        lower(card, held, false); // as far as it can be without
        card.again_at = now + lock_again;
        card.locked.erase(number);
        if (card.refused.insert(number).second)
            say_(Level::error, label(card.names) + ": " + label(held.element) + " is not held: " +
                                   (error == EBUSY ? "another program has locked it; it is asked for again every 5 s" : std::strerror(error)));
        return;
    }
    card.refused.erase(number);
    const bool first = card.locked.insert(number).second;
    lower(card, held, first);
    if (first) report(card, held);
}

/// Each channel down to its bound, never up. `first`: a failure is told.
void Keeper::lower(Card &card, const Held &held, bool first) {
    const auto now = card.mixer->read(held.element);
    std::vector<std::int64_t> wanted = now ? *now.value : std::vector<std::int64_t>(held.element.channels, held.element.minimum);
    for (std::int64_t &value : wanted) value = std::min(value, held.most);
    if (now && wanted == *now.value) return;
    const int error = card.mixer->write(held.element, wanted);
    if (!first) return;
    const auto after = card.mixer->read(held.element);
    const bool down = after && std::all_of(after.value->begin(), after.value->end(), [&](std::int64_t value) { return value <= held.most; });
    if (error != 0 || !down)
        say_(Level::error, label(card.names) + ": " + label(held.element) + " does not take the value written to it" +
                               (error != 0 ? std::string(": ") + std::strerror(error) : ""));
}

void Keeper::report(const Card &card, const Held &held) {
    std::string text = label(card.names) + ": " + label(held.element) + " locked";
    const auto values = card.mixer->read(held.element);
    if (values && !values.value->empty()) {
        const std::int64_t highest = *std::max_element(values.value->begin(), values.value->end());
        const auto level = card.mixer->level(held.element, highest);
        text += " at " + std::to_string(highest) + (level ? " (" + decibels_text(*level) + ")" : "");
    }
    if (!held.scaled) text += "; it has no scale in dB, so it stays where it stood, or lower as configured";
    else if (held.above) text += "; that is its lowest, and above what is wanted";
    say_(held.above || (!held.scaled && held.capped) ? Level::warning : Level::notice, text);
}

void Keeper::value_changed(Card &card, std::uint32_t number, Time now) {
    const auto found = std::find_if(card.held.begin(), card.held.end(), [&](const Held &held) { return held.element.number == number; });
    if (found == card.held.end()) return;
    const auto values = card.mixer->read(found->element);
    if (values && std::all_of(values.value->begin(), values.value->end(), [&](std::int64_t value) { return value <= found->most; })) return;
    while (!card.rewrites.empty() && now - card.rewrites.front() > rewrite_window) card.rewrites.pop_front();
    if (card.rewrites.size() >= most_rewrites) {
        card.again_at = now + rewrite_window;
        return;
    }
    card.rewrites.push_back(now);
    lower(card, *found, false);
    say_(Level::warning, label(card.names) + ": " + label(found->element) + " had been raised, by its driver or while it was not locked; lowered again");
}

void Keeper::heed(std::uint32_t number, Time now) {
    constexpr int most = 1000; // more wake the loop again
    const auto found = cards_.find(number);
    if (found == cards_.end()) return;
    bool elements = false;
    std::set<std::uint32_t> changed;
    for (int turn = 0; turn < most; ++turn) {
        const auto event = found->second.mixer->next();
        if (!event && event.error == EAGAIN) break;
        if (!event) {
            left(number);
            // A node of the same number may be another card's already; one that is still there is opened again.
            return open(number, now);
        }
        elements = elements || event.value->elements;
        if (event.value->value) changed.insert(event.value->number);
    }
    if (elements) return take(found->second, now);
    for (const std::uint32_t each : changed) value_changed(found->second, each, now);
}

void Keeper::tend(Time now) {
    for (auto &[number, card] : cards_)
        if (card.again_at && now >= *card.again_at) take(card, now);
    for (const auto &[number, when] : std::map(closed_))
        if (now >= when) open(number, now);
}

std::optional<Time> Keeper::deadline() const {
    std::optional<Time> earliest;
    const auto want = [&](Time time) { earliest = earliest ? std::min(*earliest, time) : time; };
    for (const auto &[number, card] : cards_)
        if (card.again_at) want(*card.again_at);
    for (const auto &[number, when] : closed_) want(when);
    return earliest;
}

std::vector<std::pair<std::uint32_t, int>> Keeper::descriptors() const {
    std::vector<std::pair<std::uint32_t, int>> list;
    for (const auto &[number, card] : cards_) list.emplace_back(number, card.mixer->descriptor());
    return list;
}

std::string Keeper::summary() const {
    std::size_t volumes = 0;
    std::size_t failed = closed_.size();
    for (const auto &[number, card] : cards_) {
        volumes += card.locked.size();
        failed += card.refused.size();
    }
    return std::to_string(volumes) + (volumes == 1 ? " volume on " : " volumes on ") + std::to_string(cards_.size()) +
           (cards_.size() == 1 ? " card held" : " cards held") + (failed == 0 ? "" : ", " + std::to_string(failed) + " not");
}

} // namespace soundwarden::hold
