// SPDX-License-Identifier: MIT
#include "dose.hpp"

#include "client.hpp"
#include "deadline.hpp"
#include "failure.hpp"
#include "translate.hpp"
#include "render/dose_csv.hpp"
#include "render/dose_html.hpp"
#include "render/dose_json.hpp"
#include "render/dose_svg.hpp"
#include "render/dose_text.hpp"
#include "verbs/verbs.hpp"
#include "whole_file.hpp"

#include <chrono>
#include <unistd.h>

namespace soundwarden::cli {
namespace {

constexpr const char *standard_output = "-";

/// Data, besides the files: where it was asked for.
bool data_wanted(const Global &global, const DoseRequest &request) { return request.csv || global.format != Format::text; }

void check(const Global &global, const DoseRequest &request) {
    const int to_stdout = (request.svg == standard_output) + (request.html == standard_output) + data_wanted(global, request);
    if (to_stdout > 1) throw Failure{exit_usage, tr("only one of --svg -, --html - and -o can go to standard output")};
}

DoseReport fetch(const Global &global, const DoseRequest &request) {
    const Deadline deadline{2 * global.timeout};
    const std::int64_t now_s = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    const std::int64_t since_s = request.since_s.value_or(start_of_week(now_s));
    return dose_report(BusClient{global}.dose(since_s, minutes_from(since_s, now_s)), request.since_s, now_s);
}

void write_picture(const std::string &file, const std::string &content) {
    if (file == standard_output) {
        write_out(content);
        return;
    }
    write_whole_file(file, content);
    if (isatty(STDERR_FILENO) == 1) write_diagnostics("soundwarden: " + filled(tr("wrote {0}"), printable(file)) + "\n");
}

void write_data(const Global &global, const DoseRequest &request, const DoseReport &report) {
    if (request.csv) {
        write_out(dose_csv(report));
        return;
    }
    switch (global.format) {
    case Format::text: write_out(dose_text(report, style_of_stdout(global.colour))); break;
    case Format::json: write_out(dose_json(report, JsonLayout::indented)); break;
    case Format::jsonl: write_out(dose_json(report, JsonLayout::one_line)); break;
    }
}

} // namespace

int run_dose(const Global &global, const DoseRequest &request) {
    check(global, request);
    const DoseReport report = fetch(global, request);
    if (request.svg) write_picture(*request.svg, dose_svg(report));
    if (request.html) write_picture(*request.html, dose_html(report));
    const bool files = request.svg || request.html;
    if (!files || data_wanted(global, request)) write_data(global, request, report);
    return exit_ok;
}

} // namespace soundwarden::cli
