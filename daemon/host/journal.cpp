// SPDX-License-Identifier: MIT
#include "host/journal.hpp"

#include "host/logging.hpp"

#include <spdlog/spdlog.h>
#include <systemd/sd-journal.h>

#include <sys/uio.h>
#include <syslog.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace soundwarden::host {
namespace {

// Never changed, never used for another kind: people and programs look for them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 22> ids{{
    {"answer", "0f09a8b1b186405f919e56a87dc3c4ae"},
    {"contact", "74b85c2071164cd292398fb550d5f431"},
    {"decision", "eab828b3089c440184ed3177687ef6c2"},
    {"degraded", "df7f339575c44666885ee3cb8d50f81d"},
    {"direct-alsa", "ccbb382292dd41b68ad52cec7530f087"},
    {"dose", "05eb8d73721246b1a07ae8d55a483b57"},
    {"edge", "1b6abe45eb50477789d48a2f3e5e8e25"},
    {"foreign-link", "69f251e508434763ac07aeb9c53dbe0c"},
    {"guard", "0209bd0100c44f8fac8637c12ed760b2"},
    {"limit", "9e5ca5fed1f44b169dba89aab31cefac"},
    {"mute", "69694a8dd44f4075978c975be36df681"},
    {"override", "2f05cc3a47224a49bca58f01b42c0aee"},
    {"panic", "96dcddc11d434d129593ad22fa868d56"},
    {"pipewire", "cf3af687189c49eab5731019ab7608ef"},
    {"policy", "09bc98d262ac4fd594b8ce00851e3def"},
    {"release", "ce7f8fda9d53445ba4318f2cb1ea4ac6"},
    {"shutdown", "edca99b224744294a82b5986cc732d5d"},
    {"sink", "e355964e726940d99eb1c958ee465f90"},
    {"start", "b65a30ec879044ef8a25e1ad23ab046b"},
    {"tampering", "264587b398d44fe48deb0de00bc4ae23"},
    {"volume", "7badc17e82dc429d988fd938e839a756"},
    {"watchdog", "15bce37e6f3b4109b1cc16f390d30b96"},
}};

int priority_of(engine::Level level) {
    switch (level) {
    case engine::Level::debug: return LOG_DEBUG;
    case engine::Level::info: return LOG_INFO;
    case engine::Level::warning: return LOG_WARNING;
    case engine::Level::error: return LOG_ERR;
    }
    return LOG_INFO;
}

spdlog::level::level_enum level_of(engine::Level level) {
    switch (level) {
    case engine::Level::debug: return spdlog::level::debug;
    case engine::Level::info: return spdlog::level::info;
    case engine::Level::warning: return spdlog::level::warn;
    case engine::Level::error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

std::string field(std::string_view name, const std::string &value) {
    return std::string{name} + "=" + plain_text(value);
}

std::string decimal(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

void add_output(std::vector<std::string> &fields, const engine::OutputView &output) {
    const Decision &decision = output.decision;
    fields.push_back(field("SOUNDWARDEN_OUTPUT", output.id));
    if (!output.classification.loads.empty())
        fields.push_back(field("SOUNDWARDEN_LOAD", std::string{name_of(output.classification.loads.front().load)}));
    fields.push_back(field("SOUNDWARDEN_VERDICT", std::string{name_of(decision.verdict)}));
    fields.push_back(field("SOUNDWARDEN_REASON", decision.reason));
    fields.push_back(field("SOUNDWARDEN_RULE", decision.rule.file + ":" + std::to_string(decision.rule.line) + " " + decision.rule.name));
    if (decision.cap) fields.push_back(field("SOUNDWARDEN_CAP_DB", decimal(decision.cap->value)));
}

} // namespace

std::string_view message_id(std::string_view what) {
    const auto found = std::find_if(ids.begin(), ids.end(), [&](const auto &each) { return each.first == what; });
    return found == ids.end() ? std::string_view{} : found->second;
}

std::vector<std::string> journal_fields(const engine::Report &report, const engine::OutputView *output) {
    std::vector<std::string> fields{
        field("MESSAGE", report.what + ": " + report.text),
        field("PRIORITY", std::to_string(priority_of(report.level))),
        field("SYSLOG_IDENTIFIER", "soundwardend"),
        field("SOUNDWARDEN_EVENT", report.what),
    };
    if (const auto id = message_id(report.what); !id.empty()) fields.push_back(field("MESSAGE_ID", std::string{id}));
    if (!report.sink.empty()) fields.push_back(field("SOUNDWARDEN_SINK", report.sink));
    if (output != nullptr) add_output(fields, *output);
    return fields;
}

void log_event(const engine::Report &report, const engine::OutputView *output) {
    if (stderr_is_the_journal() && report.level != engine::Level::debug) {
        const auto fields = journal_fields(report, output);
        std::vector<iovec> pieces;
        for (const std::string &each : fields) pieces.push_back({const_cast<char *>(each.data()), each.size()});
        if (sd_journal_sendv(pieces.data(), static_cast<int>(pieces.size())) == 0) return;
    }
    spdlog::log(level_of(report.level), "{}: {}", report.what, report.text);
}

} // namespace soundwarden::host
