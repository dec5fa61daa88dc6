// SPDX-License-Identifier: MIT
// What the objects say, as values of the bus: made from a snapshot, compared with what was said last.
#pragma once

#include "bus/sdbus_compat.hpp"
#include "dbus/service.hpp"
#include "engine/snapshot.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace soundwarden::dbus {

using StringPair = sdbus::Struct<std::string, std::string>;
using Offender = sdbus::Struct<std::string, std::uint32_t>;
using LoadShare = sdbus::Struct<std::string, double>;
using Rule = sdbus::Struct<std::string, std::string, std::uint32_t>;

using PolicyNotice = sdbus::Struct<std::string, std::string, std::uint32_t, std::uint32_t, std::string>;

using LogRow = sdbus::Struct<std::int64_t, std::int64_t, std::string, std::string, std::string, std::string>;

using ExplainedRule = sdbus::Struct<std::string, std::string, std::uint32_t, std::uint32_t, bool, bool, bool, std::string>;
using ExplainedAddend = sdbus::Struct<std::string, double, bool>;
/// load, rules, sum, more
using ExplainedValues = std::tuple<std::string, std::vector<ExplainedRule>, std::vector<ExplainedAddend>, std::map<std::string, sdbus::Variant>>;
using CheckRow = sdbus::Struct<std::string, std::string, std::string, std::string, std::string>;
using GraphNodeRow = sdbus::Struct<std::uint32_t, std::string, std::string, std::string, std::string>;
using GraphLinkRow = sdbus::Struct<std::uint32_t, std::uint32_t, bool>;
/// nodes, links
using GraphValues = std::tuple<std::vector<GraphNodeRow>, std::vector<GraphLinkRow>>;

struct PolicyValues {
    std::uint32_t generation = 0;
    std::vector<PolicyNotice> notices;
};

/// The properties of …SoundWarden1.Manager that change.
struct ManagerValues {
    std::string state;
    std::vector<StringPair> reasons;
    std::string posture;
    PolicyValues policy;
};

/// Output.Facts: only what is known.
struct FactValues {
    std::map<std::string, double> numbers; ///< by key
    std::string model;
    bool operator==(const FactValues &) const = default;
};

/// The properties of …SoundWarden1.Output but the meters; units as in the XML.
struct OutputValues {
    std::string id;
    std::string name;
    std::string sink;
    engine::SinkKey sink_key; ///< as PipeWire has it: for the meters; `sink` is the same as the bus can carry it
    std::string kind;
    bool active = false;
    std::string availability;
    std::vector<LoadShare> loads;
    std::string confidence;
    std::vector<StringPair> evidence;
    std::string verdict;
    double ceiling_dbfs = 0.0;
    double cap_dbfs = 0.0;
    std::string state;
    std::string reason;
    Rule rule;
    std::vector<std::string> assumed;
    bool ask = false;
    bool governor = false;
    double start_level_db = 0.0;
    double full_scale_volts = 0.0;
    FactValues facts;
    double volume = 1.0;
    bool mute = false;
    std::vector<Offender> offenders;
};

/// All strings come out as valid UTF-8.
ManagerValues manager_values(const engine::Snapshot &snapshot, Posture posture);
OutputValues output_values(const engine::OutputView &view);
PolicyValues policy_values(const PolicyWords &policy);
std::vector<LogRow> log_rows(const std::vector<LogLine> &lines);
std::map<std::string, sdbus::Variant> fact_variants(const FactValues &facts);
ExplainedValues explained_values(const Explained &explained);
std::vector<CheckRow> check_rows(const std::vector<CheckLine> &checks);
GraphValues graph_values(const GraphPicture &picture);

/// Whether `id` can be the last part of an object path: [a-z0-9_]+.
bool valid_id(const std::string &id);

/// Names of the properties in which the two differ.
std::vector<bus::PropertyName> differences(const ManagerValues &before, const ManagerValues &after);
std::vector<bus::PropertyName> differences(const OutputValues &before, const OutputValues &after);

} // namespace soundwarden::dbus
