// SPDX-License-Identifier: MIT
#include "client/output_properties.hpp"

#include "bus/names.hpp"
#include "client/numbers.hpp"

#include <cerrno>
#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace soundwarden::cli {
namespace {

template <class T>
T taken(sdbus::Message &message) {
    T value{};
    message >> value;
    return value;
}

template <auto member>
void read_as_it_is(sdbus::Message &message, Output &output) {
    output.*member = taken<std::remove_cvref_t<decltype(output.*member)>>(message);
}

/// +infinity ("none") and NaN ("nothing plays") become nothing; so does −infinity, digital silence.
template <auto member>
void read_level(sdbus::Message &message, Output &output) {
    output.*member = finite(taken<double>(message));
}

/// Pairs, each into an element of the member.
template <auto member, class First, class Second>
void read_pairs(sdbus::Message &message, Output &output) {
    (output.*member).clear();
    for (auto &pair : taken<std::vector<sdbus::Struct<First, Second>>>(message))
        (output.*member).push_back({std::move(std::get<0>(pair)), std::move(std::get<1>(pair))});
}

void read_rule(sdbus::Message &message, Output &output) {
    auto rule = taken<sdbus::Struct<std::string, std::string, std::uint32_t>>(message);
    output.rule = {std::move(std::get<0>(rule)), std::move(std::get<1>(rule)), std::get<2>(rule)};
}

void read_full_scale(sdbus::Message &message, Output &output) {
    const double volts = taken<double>(message);
    output.full_scale_volts = volts > 0 ? finite(volts) : std::nullopt;
}

void read_facts(sdbus::Message &message, Output &output);

struct Property {
    const char *signature;
    void (*read)(sdbus::Message &message, Output &output);
};

/// The member that each property of …SoundWarden1.Output stands for.
const std::map<std::string, Property> properties{
    {"Id", {"s", read_as_it_is<&Output::id>}},
    {"Name", {"s", read_as_it_is<&Output::name>}},
    {"Sink", {"s", read_as_it_is<&Output::sink>}},
    {"Kind", {"s", read_as_it_is<&Output::kind>}},
    {"Active", {"b", read_as_it_is<&Output::active>}},
    {"Availability", {"s", read_as_it_is<&Output::availability>}},
    {"Loads", {"a(sd)", read_pairs<&Output::loads, std::string, double>}},
    {"Confidence", {"s", read_as_it_is<&Output::confidence>}},
    {"Evidence", {"a(ss)", read_pairs<&Output::evidence, std::string, std::string>}},
    {"Verdict", {"s", read_as_it_is<&Output::verdict>}},
    {"CeilingDbfs", {"d", read_level<&Output::ceiling_dbfs>}},
    {"CapDbfs", {"d", read_level<&Output::cap_dbfs>}},
    {"State", {"s", read_as_it_is<&Output::state>}},
    {"Reason", {"s", read_as_it_is<&Output::reason>}},
    {"Rule", {"(ssu)", read_rule}},
    {"Assumed", {"as", read_as_it_is<&Output::assumed>}},
    {"Ask", {"b", read_as_it_is<&Output::ask>}},
    {"Governor", {"b", read_as_it_is<&Output::governor>}},
    {"StartLevelDb", {"d", read_level<&Output::start_level_db>}},
    {"FullScaleVolts", {"d", read_full_scale}},
    {"Facts", {"a{sv}", read_facts}},
    {"Volume", {"d", read_as_it_is<&Output::volume>}},
    {"Mute", {"b", read_as_it_is<&Output::mute>}},
    {"Offenders", {"a(su)", read_pairs<&Output::offenders, std::string, std::uint32_t>}},
    {"PeakDbfs", {"d", read_level<&Output::peak_dbfs>}},
    {"GainReductionDb", {"d", read_level<&Output::gain_reduction_db>}},
};

void read_property(sdbus::Message &message, Output &output) {
    const auto name = taken<std::string>(message);
    const auto known = properties.find(name);
    if (known == properties.end()) {
        taken<sdbus::Variant>(message);
        return;
    }
    if (const auto there = bus::signature_in_variant(message); there != known->second.signature)
        throw sdbus::createError(EINVAL, "property " + name + " is of type " + there + ", not " + known->second.signature);
    message.enterVariant(known->second.signature);
    known->second.read(message, output);
    message.exitVariant();
}

/// Calls `read` at each entry of an array of dictionary entries.
template <class Read>
void each_entry(sdbus::Message &message, const char *entry, Read &&read) {
    const std::string array = "{" + std::string{entry} + "}";
    if (message.enterContainer(array.c_str())) {
        while (message.enterDictEntry(entry)) {
            read();
            message.exitDictEntry();
        }
        message.clearFlags(); // of the end
        message.exitContainer();
    }
    message.clearFlags();
}

void read_facts(sdbus::Message &message, Output &output) {
    output.facts.clear();
    output.model.clear();
    each_entry(message, "sv", [&] {
        const auto key = taken<std::string>(message);
        const auto type = bus::signature_in_variant(message);
        if (type != "d" && type != "s") {
            taken<sdbus::Variant>(message); // a newer daemon's
            return;
        }
        message.enterVariant(type.c_str());
        if (type == "d") output.facts[key] = taken<double>(message);
        else if (key == "load_model") output.model = taken<std::string>(message);
        else taken<std::string>(message);
        message.exitVariant();
    });
}

} // namespace

void read_properties(sdbus::Message &message, Output &output) {
    each_entry(message, "sv", [&] { read_property(message, output); });
}

std::optional<Output> read_output(sdbus::Message &message) {
    std::optional<Output> output;
    each_entry(message, "sa{sv}", [&] {
        if (taken<std::string>(message) == bus::output_interface) read_properties(message, output.emplace());
        else taken<std::map<std::string, sdbus::Variant>>(message);
    });
    return output;
}

sdbus::Message &operator>>(sdbus::Message &message, ManagedOutputs &objects) {
    try {
        each_entry(message, "oa{sa{sv}}", [&] {
            taken<sdbus::ObjectPath>(message);
            if (auto output = read_output(message)) objects.outputs.push_back(std::move(*output));
        });
    } catch (const sdbus::Error &error) {
        objects.failed = error;
    }
    return message;
}

} // namespace soundwarden::cli
