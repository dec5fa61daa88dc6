// SPDX-License-Identifier: MIT
#include "client/dose_question.hpp"

#include "bus/names.hpp"
#include "client/numbers.hpp"

#include <cmath>

namespace soundwarden::cli {
namespace {

std::optional<double> number_or_none(double number) { return std::isnan(number) ? std::nullopt : std::optional{number}; }

} // namespace

DoseQuestion::DoseQuestion(sdbus::IConnection &connection, sdbus::IProxy &root, std::int64_t hours_since_s, std::int64_t minutes_since_s)
    : object_(sdbus::createProxy(connection, bus::ServiceName{bus::service_name}, sdbus::ObjectPath{bus::dose_path})) {
    ask_properties();
    ask_history("hour", hours_since_s, &Dose::hours);
    ask_history("minute", minutes_since_s, &Dose::minutes);
    ask_names(root);
}

/// Nothing may be thrown through sdbus-c++; a value of another type than promised is an error as well.
template <class Body>
void DoseQuestion::take_answer(const bus::CallError &error, Body &&body) {
    --missing_;
    if (failed_) return;
    if (error) {
        failed_ = *error;
        return;
    }
    try {
        body();
    } catch (const sdbus::Error &thrown) {
        failed_ = thrown;
    }
}

void DoseQuestion::ask_properties() {
    object_->callMethodAsync("GetAll")
        .onInterface(bus::properties_interface)
        .withArguments(std::string{bus::dose_interface})
        .uponReplyInvoke([this](bus::CallError error, const Properties &properties) { take_answer(error, [&] { apply(properties); }); });
}

void DoseQuestion::apply(const Properties &properties) {
    const auto number = [&](const char *name, double otherwise) {
        const auto found = properties.find(name);
        return found == properties.end() ? otherwise : found->second.get<double>();
    };
    const double nothing = std::nan("");
    dose_.allowance_pa2h = number("Allowance", dose_.allowance_pa2h);
    dose_.week_pa2h = number("Week", 0.0);
    dose_.week_estimated_pa2h = number("WeekEstimated", 0.0);
    if (const auto range = properties.find("WeekRange"); range != properties.end()) {
        const auto ends = range->second.get<sdbus::Struct<double, double>>();
        dose_.week_least_pa2h = std::get<0>(ends);
        dose_.week_most_pa2h = std::get<1>(ends);
    }
    dose_.level_dba = finite(number("Level", nothing));
    const auto estimated = properties.find("LevelEstimated");
    dose_.level_estimated = estimated != properties.end() && estimated->second.get<bool>();
    dose_.seconds_left = number_or_none(number("TimeLeft", nothing));
    dose_.limit_dba = finite(number("Limit", nothing));
}

void DoseQuestion::ask_history(const char *span, std::int64_t since_s, std::vector<DoseRow> Dose::*rows) {
    object_->callMethodAsync("History")
        .onInterface(bus::dose_interface)
        .withArguments(std::string{span}, since_s)
        .uponReplyInvoke([this, rows](bus::CallError error, const std::vector<Row> &answer) {
            take_answer(error, [&] {
                auto &target = dose_.*rows;
                target.reserve(answer.size());
                for (const Row &row : answer)
                    target.push_back({std::get<0>(row), std::get<1>(row), {std::get<2>(row), std::get<3>(row), std::get<4>(row), std::get<5>(row)}});
            });
        });
}

void DoseQuestion::ask_names(sdbus::IProxy &root) {
    using Objects = std::map<sdbus::ObjectPath, std::map<std::string, Properties>>;
    root.callMethodAsync("GetManagedObjects").onInterface(bus::object_manager_interface).uponReplyInvoke([this](bus::CallError error, const Objects &objects) {
        take_answer(error, [&] {
            for (const auto &[path, interfaces] : objects) {
                const auto output = interfaces.find(bus::output_interface);
                if (output == interfaces.end()) continue;
                const auto id = output->second.find("Id"), name = output->second.find("Name");
                if (id != output->second.end() && name != output->second.end())
                    dose_.names[id->second.get<std::string>()] = name->second.get<std::string>();
            }
        });
    });
}

bool DoseQuestion::unknown_there() const {
    if (!failed_) return false;
    const std::string name = failed_->getName();
    for (const char *what : {"UnknownObject", "UnknownInterface", "UnknownMethod"})
        if (name == std::string{"org.freedesktop.DBus.Error."} + what) return true;
    return false;
}

} // namespace soundwarden::cli
