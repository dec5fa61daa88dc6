// SPDX-License-Identifier: MIT
#include "link_watch.hpp"

#include "model/fault.hpp"

#include <algorithm>
#include <utility>

namespace soundwarden::pipewire_adapter {
namespace {

// A session manager without our part moves a stream to the guard by itself, within 60 ms of the guard's making
// (reference: guard-pair.md §4); more on a busy machine. A second link made meanwhile would be one that it does not
// know of.
constexpr unsigned patience_ms = 500;

bool is_sink(const LinkWatch::Node &node) {
    return node.media_class.starts_with("Audio/Sink") || node.media_class.starts_with("Audio/Duplex");
}

} // namespace

const WatchedSink *LinkWatch::guarded_by(const Node &sink) const {
    if (!is_sink(sink) || sink.client == orders_.daemon) return nullptr;
    const auto it = std::find_if(orders_.sinks.begin(), orders_.sinks.end(),
                                 [&](const auto &item) { return item.sink == sink.name; });
    return it == orders_.sinks.end() ? nullptr : &*it;
}

// The client's id is the server's word; a name alone could be anybody's.
const WatchedSink *LinkWatch::guard_of_out(const Node &node) const {
    if (node.client != orders_.daemon) return nullptr;
    const auto it = std::find_if(orders_.sinks.begin(), orders_.sinks.end(),
                                 [&](const auto &item) { return item.guard + ".out" == node.name; });
    return it == orders_.sinks.end() ? nullptr : &*it;
}

bool LinkWatch::is_out_of(const Node &node, const std::string &sink) const {
    const auto *watched = guard_of_out(node);
    return watched != nullptr && watched->sink == sink;
}

bool LinkWatch::is_session_managers(const Link &link) const {
    const auto maker = clients_.find(link.client);
    return maker != clients_.end() && maker->second.starts_with("WirePlumber");
}

// Before the guard stands a session manager leads its streams where it always did.
bool LinkWatch::is_offence(const Link &link, const WatchedSink &watched) const {
    if (!complete_) return false;
    return !is_session_managers(link) || std::any_of(nodes_.begin(), nodes_.end(), [&](const auto &item) {
        return item.second.client == orders_.daemon && item.second.name == watched.guard;
    });
}

std::string LinkWatch::offender(const Link &link) const {
    const auto node = nodes_.find(link.output_node);
    std::string text = node == nodes_.end() ? "unknown" : node->second.name;
    const auto maker = clients_.find(link.client);
    if (maker != clients_.end() && node != nodes_.end() && node->second.client != link.client && !maker->second.empty())
        text += ", linked by " + maker->second;
    return text;
}

bool LinkWatch::judge(std::uint32_t id, const Link &link, bool report) {
    const auto input = nodes_.find(link.input_node);
    const auto output = nodes_.find(link.output_node);
    if (input == nodes_.end() || fault(Fault::links_left)) return false;
    if (const auto *watched = guarded_by(input->second)) {
        if (output != nodes_.end() && is_out_of(output->second, watched->sink)) return false;
        expel(id, link, *watched, report);
        return true;
    }
    // What was limited for one sink is not for another. That a recorder listens is nobody's harm.
    const auto *own = output == nodes_.end() ? nullptr : guard_of_out(output->second);
    if (own == nullptr || !is_sink(input->second)) return false;
    hands_.destroy(id);
    if (report && complete_) hands_.tell({own->guard, offender(link) + " -> " + input->second.name});
    return true;
}

void LinkWatch::expel(std::uint32_t id, const Link &link, const WatchedSink &watched, bool report) {
    hands_.destroy(id);
    if (report && is_offence(link, watched)) hands_.tell({watched.guard, offender(link)});
    lead_home(link, watched);
}

void LinkWatch::lead_home(const Link &link, const WatchedSink &watched) {
    const auto source = ports_.find(link.output_port);
    const auto target = ports_.find(link.input_port);
    const auto output = nodes_.find(link.output_node);
    // What listens to the sink or to the guard itself would be led round in a circle.
    if (source == ports_.end() || target == ports_.end() || output == nodes_.end() || source->second.monitor ||
        output->second.client == orders_.daemon)
        return;
    const bool managed = is_session_managers(link);
    if (managed && orders_.session_part) return;
    Homeless homeless{link.output_port, watched.guard, target->second.index, target->second.channel, managed};
    if (managed)
        hands_.wake(patience_ms);
    else if (try_home(homeless))
        return;
    homeless_.push_back(std::move(homeless));
}

// True: there is nothing more to do for it.
bool LinkWatch::try_home(const Homeless &homeless) {
    if (!ports_.contains(homeless.output_port)) return true;
    const auto ours = [&](const Port &port) {
        const auto node = nodes_.find(port.node);
        return port.input && node != nodes_.end() && node->second.client == orders_.daemon &&
               node->second.name == homeless.guard;
    };
    const auto same = [&](const auto &item) {
        const Port &port = item.second;
        if (!ours(port)) return false;
        return homeless.channel.empty() || port.channel.empty() ? port.index == homeless.index
                                                                : port.channel == homeless.channel;
    };
    const auto target = std::find_if(ports_.begin(), ports_.end(), same);
    if (target == ports_.end()) return false;
    const bool there = std::any_of(links_.begin(), links_.end(), [&](const auto &item) {
        if (item.second.output_port != homeless.output_port) return false;
        return item.second.input_port == target->first ||
               (homeless.patient && item.second.input_node == target->second.node);
    });
    if (!there && asked_.insert({homeless.output_port, target->first}).second)
        hands_.make(homeless.output_port, target->first);
    return true;
}

void LinkWatch::try_all() {
    std::erase_if(homeless_, [&](const Homeless &homeless) { return !homeless.patient && try_home(homeless); });
}

void LinkWatch::judge_waiting() {
    for (auto &homeless : homeless_) {
        const bool linked = std::any_of(links_.begin(), links_.end(), [&](const auto &item) {
            return item.second.output_port == homeless.output_port;
        });
        // Led somewhere by those whose business it is: to the guard, or to another output.
        if (homeless.patient && linked) homeless.output_port = UINT32_MAX;
        homeless.patient = false;
    }
    try_all();
}

void LinkWatch::add_port(std::uint32_t id, Port port) {
    const bool input = port.input;
    ports_[id] = std::move(port);
    if (input && !homeless_.empty()) try_all();
}

void LinkWatch::add_link(std::uint32_t id, const Link &link) {
    asked_.erase({link.output_port, link.input_port});
    if (!judge(id, link, true)) links_[id] = link;
}

void LinkWatch::remove(std::uint32_t id) {
    if (ports_.erase(id) != 0)
        std::erase_if(asked_, [&](const auto &pair) { return pair.first == id || pair.second == id; });
    links_.erase(id);
    nodes_.erase(id);
    clients_.erase(id);
}

void LinkWatch::order(WatchOrders orders) {
    orders_ = std::move(orders);
    std::erase_if(homeless_, [&](const Homeless &homeless) {
        return std::none_of(orders_.sinks.begin(), orders_.sinks.end(),
                            [&](const auto &item) { return item.guard == homeless.guard; });
    });
    // Those from before the guard did nothing wrong.
    std::erase_if(links_, [&](const auto &item) { return judge(item.first, item.second, false); });
    try_all();
}

} // namespace soundwarden::pipewire_adapter
