// SPDX-License-Identifier: MIT
// The matrix of product.md. That table is the specification; this is its shipped form until policy files carry it.
#include "policy/policy.hpp"

#include <array>

namespace soundwarden::policy {
namespace {

constexpr Cell asking(Cell c) {
    c.ask = true;
    return c;
}
constexpr Cell because(std::string_view reason, Cell c) {
    c.reason = reason;
    return c;
}
constexpr Cell fixed_limit(double db, std::string_view reason) {
    return {.verdict = Verdict::limit, .cap_from = CapFrom::fixed, .fixed = {db}, .ask = true, .reason = reason};
}
constexpr Cell stereo(Cell c) {
    c.stereo_only = true;
    return c;
}

constexpr Cell hs{
    .verdict = Verdict::limit, .cap_from = CapFrom::headphones, .governor = true, .reason = "headphone-cap"};
constexpr Cell ie{.verdict = Verdict::limit, .cap_from = CapFrom::in_ear, .governor = true, .reason = "in-ear-cap"};
constexpr Cell gov{
    .verdict = Verdict::limit, .cap_from = CapFrom::fixed, .fixed = {0.0}, .governor = true, .reason = "governor"};
constexpr Cell gov8{.verdict = Verdict::limit,
                    .cap_from = CapFrom::fixed,
                    .fixed = {-8.0},
                    .governor = true,
                    .reason = "governor-in-ear"};
constexpr Cell low{.start_low = true, .reason = "start-low"};
constexpr Cell allow{.reason = "allowed"};
constexpr Cell psv{.verdict = Verdict::limit, .cap_from = CapFrom::passive, .ask = true, .reason = "passive-speakers"};
constexpr Cell amp = asking(because("needs-amplifier", {.verdict = Verdict::block}));
constexpr Cell spk = because("speaker-level", {.verdict = Verdict::block});
constexpr Cell spkq = asking(spk);
constexpr Cell hsq = asking(hs);
constexpr Cell ieq = asking(ie);
constexpr Cell m10 = stereo(fixed_limit(-10.0, "line-out-unknown"));
constexpr Cell m30 = fixed_limit(-30.0, "speaker-out-unknown");

constexpr std::size_t columns = 7;
constexpr std::array<Load, columns> column_loads{Load::headphones,       Load::in_ear,     Load::active_speakers,
                                                 Load::passive_speakers, Load::line_input, Load::headphone_amplifier,
                                                 Load::unknown};

struct Row {
    OutputKind kind;
    std::array<Cell, columns> cells;
};

using K = OutputKind;
// clang-format off
constexpr std::array<Row, 11> matrix{{
    // q: ask. "cannot be" stands as the row's unknown.
    //                      headphones  in-ear  active  passive line   h-amp  unknown
    {K::headphone_out,    {{hs,         ie,     low,    psv,    allow, low,   hsq}}},
    {K::line_out,         {{hsq,        ieq,    low,    amp,    allow, low,   m10}}},
    {K::shared_out,       {{hs,         ie,     hsq,    psv,    hsq,   hsq,   hsq}}},
    {K::speaker_out,      {{spk,        spk,    spkq,   allow,  spk,   spk,   m30}}},
    {K::internal_speaker, {{allow,      allow,  allow,  allow,  allow, allow, allow}}},
    {K::hdmi,             {{gov,        gov8,   allow,  allow,  allow, allow, allow}}},
    {K::spdif,            {{gov,        gov8,   allow,  allow,  allow, allow, allow}}},
    {K::usb_fixed,        {{gov,        gov8,   low,    gov,    gov,   gov,   gov}}},
    {K::bluetooth,        {{gov,        gov8,   low,    gov,    gov,   gov,   gov}}},
    {K::virtual_output,   {{allow,      allow,  allow,  allow,  allow, allow, allow}}},
    {K::unknown,          {{hs,         ie,     low,    psv,    allow, low,   hsq}}},
}};
// clang-format on

constexpr Load column_load(Load load) {
    switch (load) {
    case Load::headset: return Load::headphones;
    case Load::nothing:
    case Load::internal_speaker:
    case Load::display: return Load::unknown;
    default: return load;
    }
}

} // namespace

const Cell &cell(OutputKind kind, Load load) {
    const Load column = column_load(load);
    for (const Row &row : matrix)
        if (row.kind == kind)
            for (std::size_t i = 0; i < columns; ++i)
                if (column_loads[i] == column) return row.cells[i];
    static constexpr Cell strictest = hsq;
    return strictest;
}

Load column_of(OutputKind kind, Load load) {
    // Two loads that only one kind of output has, and that its row speaks of by name.
    if (load == Load::internal_speaker && kind == OutputKind::internal_speaker) return load;
    if (load == Load::display && (kind == OutputKind::hdmi || kind == OutputKind::spdif)) return load;
    return column_load(load);
}

} // namespace soundwarden::policy
