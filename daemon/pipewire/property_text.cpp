// SPDX-License-Identifier: MIT
#include "property_text.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <cstdlib>

namespace soundwarden::pipewire_adapter {

std::string hardware_id(const std::string &text) {
    const std::size_t colon = text.rfind(':');
    const bool hexadecimal = text.starts_with("0x") || colon != std::string::npos;
    const std::string digits = text.starts_with("0x") ? text.substr(2) : colon == std::string::npos ? text : text.substr(colon + 1);
    char *end = nullptr;
    const unsigned long value = std::strtoul(digits.c_str(), &end, hexadecimal ? 16 : 10);
    if (digits.empty() || *end != '\0' || value > 0xffff) return {};
    return fmt::format("{:04x}", value);
}

std::string name_in_json(const std::string &value) {
    const auto json = nlohmann::json::parse(value, nullptr, false);
    return json.is_object() && json.contains("name") && json["name"].is_string() ? json["name"].get<std::string>() : "";
}

} // namespace soundwarden::pipewire_adapter
