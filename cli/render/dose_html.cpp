// SPDX-License-Identifier: MIT
#include "render/dose_html.hpp"

#include "render/dose_svg.hpp"
#include "render/dose_words.hpp"
#include "render/markup.hpp"
#include "translate.hpp"

namespace soundwarden::cli {
namespace {

/// The page's own policy stands against whatever a name might smuggle in: only these styles are allowed.
constexpr const char *head = R"(<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 "DejaVu Sans", Verdana, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; background: Canvas; color: CanvasText; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.use { font-size: 1.15rem; font-weight: bold; }
svg { width: 100%; height: auto; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
svg .words { fill: CanvasText; }
th, td { padding: .3rem .6rem; text-align: right; vertical-align: top; border-bottom: 1px solid #7676765a; }
td { white-space: nowrap; }
th:first-child, td:first-child { text-align: left; min-width: 9rem; white-space: normal; overflow-wrap: break-word; }
.small { font-size: .85rem; }
</style>
)";

std::string element(const char *name, const std::string &words) { return std::string{"<"} + name + ">" + escaped(words) + "</" + name + ">"; }
std::string paragraph(const std::string &words) { return element("p", words) + "\n"; }

std::string row(const Dose &dose, const std::string &first, const dose::Exposure &exposure) {
    const bool any = exposure.pa2h > 0.0;
    return "<tr>" + element("td", first) + element("td", day_percent(dose, exposure, dose_signs(true))) +
           element("td", any ? bare_range_text(dose, dose::least_pa2h(exposure), dose::most_pa2h(exposure)) : "-") + element("td", exposure_number(exposure.pa2h)) +
           element("td", listened_text(exposure.seconds)) + element("td", loudest_text(exposure.loudest_dba)) + "</tr>\n";
}

std::string table(const std::string &first, const std::string &rows) {
    std::string text = "<div class=\"wide\"><table>\n<thead><tr>";
    for (const std::string &heading :
         {first, tr("Of a week's allowance"), tr("Really between"), std::string{"Pa²h"}, tr("Listened, h:mm"), tr("Loudest second")})
        text += std::string{"<th scope=\"col\">"} + escaped(heading) + "</th>";
    return text + "</tr></thead>\n<tbody>\n" + rows + "</tbody>\n</table></div>\n";
}

std::string days(const DoseReport &report) {
    std::string rows;
    for (auto day = report.days.rbegin(); day != report.days.rend(); ++day) rows += row(report.dose, day_text(*day), day->exposure);
    return table(tr("Day"), rows + row(report.dose, tr("Together"), report.period));
}

std::string outputs(const DoseReport &report) {
    if (report.outputs.empty()) return paragraph(tr("Nothing was counted at any output."));
    std::string rows;
    for (const DoseShare &share : report.outputs) rows += row(report.dose, share.name ? *share.name + " (" + share.output + ")" : filled(tr("{0}, not there now"), share.output), share.exposure);
    return table(tr("Output"), rows);
}

std::string meaning(const Dose &dose) {
    std::string text = "<ul>\n";
    for (const std::string &words :
         {allowance_sentence(dose, dose_signs(true)),
          tr("Exposure is A-weighted sound pressure squared, times hours (Pa²h). 3 dB more for half the time is the same exposure. Only what is worn on the "
             "ears counts, and only seconds of 65 dB(A) and more; the level is that of the louder ear."),
          filled(tr("≈ and hatched bars: {0}. Elsewhere levels may be off by 3 dB. “Really between” is what that comes to."), estimated_sentence()),
          tr("The week is the last seven days, to the minute; days begin at midnight, local time. Before the last eight days only full hours are kept: "
             "each counts in the day in which it begins."),
          tr("These numbers are no medical advice.") + " " + no_conformity()})
        text += element("li", words) + "\n";
    return text + "</ul>\n";
}

} // namespace

std::string dose_html(const DoseReport &report) {
    const DoseSigns &signs = dose_signs(true);
    const Dose &dose = report.dose;
    // Of the words, that is: the code of the language that a catalog is in.
    std::string text = "<!DOCTYPE html>\n<html lang=\"" + escaped(word("language of this page", "en")) + "\">\n" + head;
    text += element("title", filled(tr("Sound at the ears, {0} to {1}"), report.days.front().date, report.days.back().date)) + "\n</head>\n<body>\n<main>\n";
    text += element("h1", tr("Sound at the ears")) + "\n<p class=\"use\">" + escaped(week_sentence(dose, signs)) + "</p>\n";
    text += paragraph(now_sentence(dose) + " (" + local_moment(report.now_s, false) + ").");
    if (const std::string limit = limit_sentence(dose); !limit.empty()) text += paragraph(limit + ".");
    if (report.since_given) text += paragraph(period_sentence(report, signs) + ".");
    text += dose_svg(report);
    text += element("h2", tr("By day")) + "\n" + days(report) + element("h2", tr("By output")) + "\n" + outputs(report);
    text += element("h2", tr("What the numbers mean")) + "\n" + meaning(dose);
    return text + "<p class=\"small\">" + escaped(filled(tr("Made by soundwarden dose, {0}."), local_moment(report.now_s, false))) + "</p>\n</main>\n</body>\n</html>\n";
}

} // namespace soundwarden::cli
