// SPDX-License-Identifier: MIT
#include "answer_facts.hpp"

#include "bus/names.hpp"
#include "model/answer.hpp"
#include "utf8.hpp"

#include <algorithm>

namespace soundwarden::dbus {
namespace {

constexpr std::size_t most_model_bytes = 256;
constexpr std::size_t most_quoted_bytes = 60;

[[noreturn]] void wrong(const std::string &sentence) {
    throw sdbus::Error{bus::ErrorName{bus::error::invalid_argument}, sentence};
}

std::string quoted(const std::string &word) {
    return "'" + valid_utf8(std::string_view{word}.substr(0, most_quoted_bytes)) + (word.size() > most_quoted_bytes ? "…'" : "'");
}

double number(const std::string &name, const sdbus::Variant &value, double least, double most, const std::string &bounds) {
    const bool is_number = value.containsValueOfType<double>();
    const double given = is_number ? value.get<double>() : 0.0;
    if (!is_number || !(given >= least && given <= most)) wrong(name + " has to be a number of " + bounds);
    return given;
}

std::string model(const sdbus::Variant &value) {
    const bool is_text = value.containsValueOfType<std::string>();
    const auto name = is_text ? value.get<std::string>() : std::string{};
    const bool printable = std::none_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    if (!is_text || name.empty() || name.size() > most_model_bytes || !printable)
        wrong("model has to be a name of 1 to 256 bytes without control characters");
    return name;
}

} // namespace

Load answered_load(const std::string &name) {
    if (const auto load = from_name<Load>(name); load && answerable(*load)) return *load;
    std::string known;
    for (const auto &[load, word] : Names<Load>::table)
        if (answerable(load)) known += (known.empty() ? "" : ", ") + std::string{word};
    wrong(quoted(name) + " cannot be answered; one of " + known + " can");
}

LoadFacts answered_facts(const std::map<std::string, sdbus::Variant> &facts) {
    LoadFacts read;
    for (const auto &[name, value] : facts) {
        if (name == "model") read.model = model(value);
        else if (name == "impedance") read.impedance = Ohms{number(name, value, 0.1, 1e6, "ohms from 0.1 to 1,000,000")};
        else if (name == "sensitivity") read.sensitivity = Decibels{number(name, value, 60.0, 150.0, "dB SPL at 1 V from 60 to 150")};
        else wrong("there is no fact " + quoted(name) + "; there are model, impedance and sensitivity");
    }
    if (!facts.empty()) read.model_from = ModelFrom::user;
    return read;
}

} // namespace soundwarden::dbus
