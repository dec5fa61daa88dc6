// SPDX-License-Identifier: MIT
#include "render/dose_csv.hpp"

#include "render/dose_words.hpp"

#include <array>
#include <cstdio>

namespace soundwarden::cli {

std::string csv_field(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string{text};
    std::string quoted = "\"";
    for (const char letter : text) quoted += letter == '"' ? std::string{"\"\""} : std::string{letter};
    return quoted + "\"";
}

std::string dose_csv(const DoseReport &report) {
    std::string text = "start,output,pa2h,estimated_pa2h,percent,seconds,loudest_dba\r\n";
    constexpr std::int64_t hour_s = 3600;
    for (const DoseRow &row : report.dose.hours) {
        if (row.start_s + hour_s <= report.since_s) continue;
        const dose::Exposure &exposure = row.exposure;
        std::array<char, 160> numbers{};
        std::snprintf(numbers.data(), numbers.size(), ",%.9f,%.9f,%.3f,%.0f,%.1f\r\n", exposure.pa2h, exposure.estimated_pa2h,
                      percent_of_week(report.dose, exposure.pa2h), exposure.seconds, exposure.loudest_dba);
        text += local_moment(row.start_s, true) + "," + csv_field(row.output) + numbers.data();
    }
    return text;
}

} // namespace soundwarden::cli
