// SPDX-License-Identifier: MIT
// One file: every key, every edge of a range, every mistake with its place and its words.
#include "plain_parse.hpp"
#include "policy/policy_set.hpp"
#include "toml_parse.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace soundwarden::policy {
namespace {

using namespace std::chrono_literals;

Loaded read(std::string content, Layer layer = Layer::etc, const std::string &path = "test.toml") {
    return check({{.path = path, .layer = layer, .content = std::move(content)}});
}

std::string told(const Loaded &loaded) {
    std::string out;
    for (const Diagnostic &diagnostic : loaded.diagnostics) out += text_of(diagnostic);
    return out;
}

/// The first diagnostic without its source: "1:2: error: …".
std::string first(const Loaded &loaded) {
    if (loaded.diagnostics.empty()) return "nothing";
    const Diagnostic &d = loaded.diagnostics.front();
    return std::to_string(d.line) + ":" + std::to_string(d.column) + ": " +
           (d.severity == Severity::error ? "error: " : "warning: ") + d.message;
}

const std::string file_head = "schema = 1\n[[rule]]\nname = \"r\"\n";

Rule only_rule(const Loaded &loaded) {
    EXPECT_TRUE(loaded.set) << told(loaded);
    return loaded.set && loaded.set->rules.size() == 1 ? loaded.set->rules.front() : Rule{};
}

TEST(ReadRule, EveryKeyArrives) {
    const Loaded loaded = read(R"toml(schema = 1
[[rule]]
name = "everything"
when = { kind = ["hdmi", "spdif"], load = "in-ear", confidence = ["!low"], output = ["Head*", "HDMI"], channels = "3-8", impedance = "<= 8 ohm" }
verdict = "limit"
cap = "-12 dB"
target = "94 dB(A)"
below = "3 dB"
governor = false
start-level = "-20 dB"
ask = true
reason = "my-reason"
message = "Because."
override-max = "-6 dBFS"
override-for-max = "10 min"
locked = true
)toml");
    const Rule rule = only_rule(loaded);
    EXPECT_EQ(rule.name, "everything");
    EXPECT_EQ(rule.place, (Place{0, 2, 1}));
    SetOf<OutputKind> kinds;
    kinds.insert(OutputKind::hdmi);
    kinds.insert(OutputKind::spdif);
    EXPECT_EQ(rule.when.kinds, kinds);
    SetOf<Load> loads;
    loads.insert(Load::in_ear);
    EXPECT_EQ(rule.when.loads, loads);
    EXPECT_EQ(rule.when.confidences.bits, 0b0111);
    EXPECT_EQ(rule.when.outputs, (std::vector<Glob>{Glob("Head*"), Glob("HDMI")}));
    EXPECT_EQ(rule.when.least_channels, 3U);
    EXPECT_EQ(rule.when.most_channels, 8U);
    EXPECT_EQ(rule.when.most_impedance, Ohms{8});
    const Gives expected{.verdict = Verdict::limit,
                         .cap = Decibels{-12},
                         .target = Decibels{94},
                         .below = {3},
                         .governor = false,
                         .start_level = Decibels{-20},
                         .ask = true,
                         .reason = "my-reason",
                         .message = "Because.",
                         .override_max = Decibels{-6},
                         .override_for_max = 10min};
    EXPECT_EQ(rule.gives, expected);
    EXPECT_TRUE(rule.locked);
    EXPECT_EQ(loaded.set->locked.size(), 1U);
    EXPECT_EQ(loaded.set->ref(rule), (RuleRef{"everything", "test.toml", 2, 1}));
    EXPECT_EQ(loaded.set->where(rule.place), "test.toml:2:1");
}

TEST(ReadRule, WhatIsNotNamedHasItsDefault) {
    const Rule allow = only_rule(read(file_head + "verdict = \"allow\"\n"));
    EXPECT_EQ(allow.when, When{});
    EXPECT_EQ(allow.gives, (Gives{.verdict = Verdict::allow, .reason = "allowed"}));
    EXPECT_EQ(only_rule(read(file_head + "verdict = \"block\"\n")).gives,
              (Gives{.verdict = Verdict::block, .reason = "blocked"}));
    EXPECT_EQ(only_rule(read(file_head + "verdict = \"limit\"\ncap = \"-1 dB\"\n")).gives,
              (Gives{.verdict = Verdict::limit, .cap = Decibels{-1}, .governor = false, .reason = "limited"}));
    EXPECT_EQ(only_rule(read(file_head + "verdict = \"limit\"\ntarget = \"94 dBA\"\n")).gives,
              (Gives{.verdict = Verdict::limit, .target = Decibels{94}, .governor = true, .reason = "limited"}));
    const Gives gives = only_rule(read(file_head + "verdict = \"allow\"\nto-rating = true\nstart-low = true\n")).gives;
    EXPECT_TRUE(gives.to_rating && gives.start_low);
}

TEST(ReadRule, SetsAreUnionsLessWhatIsTakenAway) {
    const auto loads = [](const std::string &list) {
        return only_rule(read(file_head + "verdict = \"block\"\nwhen = { load = " + list + " }\n")).when.loads;
    };
    const auto of = [](std::initializer_list<Load> values) {
        SetOf<Load> set;
        for (const Load value : values) set.insert(value);
        return set;
    };
    EXPECT_EQ(loads("\"*speaker*\""), of({Load::active_speakers, Load::passive_speakers, Load::internal_speaker}));
    EXPECT_EQ(loads("[\"*speakers\", \"in-ear\", \"!passive*\"]"), of({Load::active_speakers, Load::in_ear}));
    EXPECT_EQ(loads("[\"!passive*\", \"*speakers\"]"), of({Load::active_speakers}));
    EXPECT_EQ(loads("\"*\""), SetOf<Load>::all());
    SetOf<Load> all_but = SetOf<Load>::all();
    all_but.bits = static_cast<std::uint16_t>(all_but.bits & ~of({Load::unknown, Load::nothing}).bits);
    EXPECT_EQ(loads("[\"!unknown\", \"!nothing\"]"), all_but);
}

TEST(ReadRule, ChannelsAreRanges) {
    const struct {
        const char *text;
        std::uint32_t least, most;
    } table[] = {{"2", 2, 2},         {"\"2\"", 2, 2},    {"\"> 2\"", 3, 64}, {"\">2\"", 3, 64},
                 {"\">= 2\"", 2, 64}, {"\"<= 2\"", 0, 2}, {"\"< 3\"", 0, 2},  {"\"3-8\"", 3, 8},
                 {"\"1-64\"", 1, 64}, {"64", 64, 64},     {"1", 1, 1}};
    for (const auto &row : table) {
        const When when = only_rule(read(file_head + "verdict = \"block\"\nwhen = { channels = " + row.text + " }\n")).when;
        EXPECT_EQ(std::pair(when.least_channels, when.most_channels), std::pair(row.least, row.most)) << row.text;
    }
    for (const char *text : {"0", "65", "-1", "\"0\"", "\"65\"", "\"> 64\"", "\"< 1\"", "\"8-3\"", "\"two\"", "\"\"",
                             "\"2-\"", "\"== 2\"", "2.0", "[2]"})
        EXPECT_FALSE(read(file_head + "verdict = \"block\"\nwhen = { channels = " + text + " }\n").set) << text;
}

/// Every quantity: where it stands, its edges, and what is just beyond them, both ways to write it.
struct Edge {
    std::string before;
    std::string key, unit;
    std::string twin;
    double factor; // of the twin
    double least, most;
};
void PrintTo(const Edge &edge, std::ostream *out) { *out << edge.before << edge.key; }

const std::string limit = file_head + "verdict = \"limit\"\ntarget = \"94 dBA\"\n";
const std::string limit_cap = file_head + "verdict = \"limit\"\n";
const std::string settings = "schema = 1\n[settings]\n";
const std::string output = "schema = 1\n[[output]]\nname = \"o\"\nmatch = { api = \"alsa\" }\n";
const std::string load_head = "schema = 1\n[[load]]\nname = \"l\"\nkind = \"in-ear\"\n";

class Ranges : public testing::TestWithParam<Edge> {};
std::string digits(double value) {
    std::ostringstream out;
    out.precision(12);
    out << std::fixed << value;
    return out.str();
}
TEST_P(Ranges, AreWhatTheManualSays) {
    const Edge &e = GetParam();
    const double step = 1e-6;
    for (const double value : {e.least, e.most}) {
        const Loaded quantity = read(e.before + e.key + " = \"" + digits(value) + " " + e.unit + "\"\n");
        EXPECT_TRUE(quantity.set) << told(quantity);
        const Loaded twin = read(e.before + e.twin + " = " + digits(value / e.factor) + "\n");
        EXPECT_TRUE(twin.set) << told(twin);
    }
    for (const double value : {e.least - step, e.most + step, e.least - 1e9, e.most + 1e9}) {
        EXPECT_FALSE(read(e.before + e.key + " = \"" + digits(value) + " " + e.unit + "\"\n").set) << value;
        EXPECT_FALSE(read(e.before + e.twin + " = " + digits(value / e.factor) + "\n").set) << value;
    }
    for (const char *wrong : {"nan", "inf", "-inf", "\"\"", "true", "[1]", "{}", "2026-11-01"})
        for (const std::string &key : {e.key, e.twin})
            EXPECT_FALSE(read(e.before + key + " = " + wrong + "\n").set) << key << " = " << wrong;
    EXPECT_FALSE(read(e.before + e.key + " = 1\n").set);
    EXPECT_FALSE(read(e.before + e.twin + " = \"1 " + e.unit + "\"\n").set);
    const std::string both =
        e.key + " = \"" + digits(e.most) + " " + e.unit + "\"\n" + e.twin + " = " + digits(e.most / e.factor) + "\n";
    EXPECT_NE(told(read(e.before + both)).find("\"" + e.twin + "\" says the same as \"" + e.key + "\""),
              std::string::npos);
}
INSTANTIATE_TEST_SUITE_P(Keys, Ranges,
                         testing::Values(Edge{limit, "cap", "dB", "cap-db", 1, -150, 0},
                                         Edge{limit_cap, "target", "dB(A)", "target-dba", 1, 40, 120},
                                         Edge{limit, "below", "dB", "below-db", 1, 0, 100},
                                         Edge{limit, "start-level", "dB", "start-level-db", 1, -100, 0},
                                         Edge{limit, "override-max", "dBFS", "override-max-dbfs", 1, -150, 0},
                                         Edge{limit, "override-for-max", "s", "override-for-max-min", 60, 1, 86400},
                                         Edge{output, "full-scale", "V", "full-scale-v", 1, 0.01, 200},
                                         Edge{output, "output-impedance", "ohm", "output-impedance-ohm", 1, 0, 10000},
                                         Edge{output, "gain-after-dac", "dB", "gain-after-dac-db", 1, -100, 100},
                                         Edge{output, "release", "s", "release-ms", 0.001, 0.001, 10},
                                         Edge{load_head, "impedance", "ohm", "impedance-ohm", 1, 0.1, 1e6},
                                         Edge{load_head, "sensitivity", "dB SPL/V", "sensitivity-db-per-v", 1, 60, 150},
                                         Edge{load_head, "sensitivity", "dB/mW", "sensitivity-db-per-mw", 1, 60, 150},
                                         Edge{load_head, "rating", "W", "rating-w", 1, 0.1, 10000},
                                         Edge{settings, "settle", "s", "settle-ms", 0.001, 0.1, 10},
                                         Edge{settings, "unplug-hold", "s", "unplug-hold-ms", 0.001, 0.1, 10},
                                         Edge{settings, "orphan-silence", "s", "orphan-silence-s", 1, 0, 600},
                                         Edge{settings, "orphan-level", "dB", "orphan-level-db", 1, -100, -10},
                                         Edge{settings, "dose-allowance", "Pa2h", "dose-allowance-pa2h", 1, 0.01, 16},
                                         Edge{settings, "dose-soft-landing", "%", "dose-soft-landing-percent", 1, 1, 10000},
                                         Edge{settings, "dose-stop", "%", "dose-stop-percent", 1, 1, 10000},
                                         Edge{settings, "dose-warn-above", "dB(A)", "dose-warn-above-dba", 1, 80, 120},
                                         Edge{settings, "release", "s", "release-ms", 0.001, 0.001, 10}));

TEST(ReadOutput, EveryKeyArrives) {
    const Loaded loaded = read(R"toml(schema = 1
[[output]]
name = "Phones"
match = { node = "a*", device = "b", description = "c", api = "alsa", bus = "pci", bus-path = "d", card = "e", driver = "f", form-factor = "g", route = "h", route-description = "i", port-type = "j", product = "", vendor-id = "0x8086", product-id = "A0C8" }
kind = "shared-out"
channels = [9, 10]
full-scale = "4 V"
output-impedance-ohm = 10
gain-after-dac = "6 dB"
shares = ["Line"]
mode = "default"
release = "20 ms"
hold-device = true
passthrough = "block"
source = "https://example.org (2026-11-01)"
)toml");
    ASSERT_TRUE(loaded.set) << told(loaded);
    const OutputEntry &o = loaded.set->outputs.at(0);
    Match match{.node = Glob("a*"),
                .device = Glob("b"),
                .description = Glob("c"),
                .api = Glob("alsa"),
                .bus = Glob("pci"),
                .bus_path = Glob("d"),
                .card = Glob("e"),
                .driver = Glob("f"),
                .form_factor = Glob("g"),
                .route = Glob("h"),
                .route_description = Glob("i"),
                .port_type = Glob("j"),
                .product = Glob(""),
                .vendor_id = "8086",
                .product_id = "a0c8"};
    EXPECT_EQ(o.match, match);
    EXPECT_EQ(o.name, "Phones");
    EXPECT_EQ(o.kind->value, OutputKind::shared_out);
    EXPECT_EQ(o.kind->place, (Place{0, 5, 8}));
    EXPECT_EQ(o.channels->value, (std::vector<std::uint32_t>{9, 10}));
    EXPECT_EQ(o.full_scale->value, Volts{4});
    EXPECT_EQ(o.output_impedance->value, Ohms{10});
    EXPECT_EQ(o.output_impedance->place, (Place{0, 8, 24}));
    EXPECT_EQ(o.gain_after_dac->value, Decibels{6});
    EXPECT_EQ(o.shares->value, std::vector<std::string>{"Line"});
    EXPECT_EQ(o.mode->value, LimiterMode::standard);
    EXPECT_EQ(o.release_ms->value, 20);
    EXPECT_TRUE(o.hold_device->value);
    EXPECT_EQ(o.passthrough->value, Passthrough::block);
    EXPECT_EQ(o.source, "https://example.org (2026-11-01)");
    EXPECT_EQ(o.layer, Layer::etc);
}

TEST(ReadOutput, UsbIsAShorthand) {
    const Loaded loaded = read("schema = 1\n[[output]]\nname = \"o\"\nmatch = { usb = \"1235:8210\" }\n");
    ASSERT_TRUE(loaded.set) << told(loaded);
    EXPECT_EQ(loaded.set->outputs.at(0).match, (Match{.bus = Glob("usb"), .vendor_id = "1235", .product_id = "8210"}));
}

TEST(ReadLoad, EveryKeyArrivesAndSensitivityIsGivenPerVolt) {
    const Loaded loaded = read(R"toml(schema = 1
[[load]]
name = "HD 600"
kind = "headphones"
match = ["*HD 600*", "*HD600*"]
impedance = "300 ohm"
sensitivity = "97 dB SPL/mW"
source = "https://example.org (2026-11-01)"
[[load]]
name = "Box"
kind = "passive-speakers"
match = "Box"
rating-w = 20
sensitivity-db-per-mw = 60
[[load]]
name = "hd 600"
kind = "headphones"
sensitivity-db-per-v = 104
)toml");
    ASSERT_TRUE(loaded.set) << told(loaded);
    const LoadModel &load = loaded.set->loads.at(0);
    EXPECT_EQ(load.match, (std::vector<Glob>{Glob("*HD 600*"), Glob("*HD600*")}));
    EXPECT_EQ(load.impedance, Ohms{300});
    EXPECT_EQ(load.sensitivity, (Sensitivity{Decibels{97}, true}));
    EXPECT_NEAR(load.sensitivity_per_volt()->value, 102.23, 0.01);
    EXPECT_EQ(loaded.set->loads.at(1).rating_watts, 20);
    EXPECT_FALSE(loaded.set->loads.at(1).sensitivity_per_volt());
    EXPECT_EQ(loaded.set->loads.at(2).sensitivity_per_volt(), Decibels{104});
    EXPECT_EQ(loaded.set->find_load("HD 600"), &loaded.set->loads.at(2)) << "the last one read stands";
    EXPECT_EQ(loaded.set->find_load("nobody's"), nullptr);
}

TEST(ReadSettings, EveryKeyArrivesWithItsPlace) {
    const Loaded loaded = read(R"toml(schema = 1
[settings]
posture = "strict"
settle-ms = 400
unplug-hold = "1 s"
orphan-silence = "10 min"
orphan-level = "-40 dB"
notifications = false
cue = false
dose-allowance = "0.8 Pa²h"
dose-notices = ["25 %", "100%"]
dose-soft-landing = "80 %"
dose-stop-percent = 150
dose-warn-above = "95 dB(A)"
mode = "low"
release = "12.3 ms"
)toml");
    ASSERT_TRUE(loaded.set) << told(loaded);
    const SettingValues &s = loaded.set->settings;
    EXPECT_EQ(s.posture, (Placed<Posture>{Posture::strict, {0, 3, 11}}));
    EXPECT_EQ(s.settle->value, 400ms);
    EXPECT_EQ(s.unplug_hold->value, 1s);
    EXPECT_EQ(s.orphan_silence->value, 10min);
    EXPECT_EQ(s.orphan_level->value, Decibels{-40});
    EXPECT_FALSE(s.notifications->value);
    EXPECT_FALSE(s.cue->value);
    EXPECT_EQ(s.dose_allowance->value, 0.8);
    EXPECT_EQ(s.dose_notices->value, (std::vector<double>{25, 100}));
    EXPECT_EQ(s.dose_soft_landing->value, 80);
    EXPECT_EQ(s.dose_stop->value, 150);
    EXPECT_EQ(s.dose_warn_above->value, Decibels{95});
    EXPECT_EQ(s.mode->value, LimiterMode::low);
    EXPECT_EQ(s.release_ms->value, 12.3);
    EXPECT_FALSE(loaded.set->locked_settings.posture);
}

TEST(ReadSettings, NoticesAreOneShareOrAListThatRises) {
    const auto with = [](const std::string &notices) { return read("schema = 1\n[settings]\ndose-notices = " + notices + "\n"); };
    EXPECT_EQ(with("\"70 %\"").set->settings.dose_notices->value, (std::vector<double>{70}));
    for (const char *wrong : {"[]", "50", "[50]", "[\"50\"]", "[\"0 %\"]", "[\"50 %\", \"50 %\"]", "[\"80 %\", \"50 %\"]", "[\"10001 %\"]"})
        EXPECT_FALSE(with(wrong).set) << wrong;
    EXPECT_NE(told(with("[\"80 %\", \"50 %\"]")).find("3:25"), std::string::npos) << told(with("[\"80 %\", \"50 %\"]"));
}

TEST(Read, AllOfTomlIsTakenWhicheverWayItIsWritten) {
    const std::string plain =
        file_head + "verdict = \"limit\"\ncap = \"-12 dB\"\nwhen = { load = [\"headphones\", \"headset\"] }\n";
    const std::string ways[] = {
        "schema = 1\n[[rule]]\n'name' = 'r'\n\"verdict\" = \"\"\"\nlimit\"\"\"\ncap = '''-12 dB'''\n[rule.when]\nload "
        "= [\n  'headphones', # one\n  \"heads\\u0065t\",\n]\n",
        "schema = 1\nrule = [{ name = \"r\", verdict = \"limit\", cap-db = -12.0, when.load = [\"headphones\", "
        "\"headset\"] }]\n",
        "schema = 1 # one\n[[rule]] # a "
        "rule\nname=\"r\"\nwhen.load=[\"headphones\",\"headset\"]\nverdict=\"limit\"\ncap-db=-1_2\n",
        "schema = 1\n\n[[rule]]\nname = \"r\"\nverdict = \"limit\"\ncap = \"-12 dB\"\n[settings]\n[rule.when]\nload = "
        "[\"headphones\", \"headset\"]\n",
        "\xEF\xBB\xBFschema = 1\r\n[[rule]]\r\nname = \"r\"\r\nverdict = \"limit\"\r\ncap = \"-12 dB\"\r\nwhen = { "
        "load = [\"headphones\", \"headset\"] }\r\n",
        "schema = 1\n[[ rule ]]\nname = \"r\"\nverdict = \"limit\"\ncap = \"-12 dB\"\nwhen = { load = [\"headphones\", "
        "\"headset\"] }",
    };
    const Rule expected = only_rule(read(plain));
    for (const std::string &way : ways) {
        const Rule rule = only_rule(read(way));
        EXPECT_TRUE(rule.name == expected.name && rule.when == expected.when && rule.gives == expected.gives) << way;
    }
    EXPECT_TRUE(read("schema = 1\nsettings.posture = \"strict\"\n").set);
}

TEST(Read, AnEmptyTextOrCommentsOnlyAreAMask) {
    for (const char *text : {"", "\n\n", "# nothing\n", "  # nothing", "\xEF\xBB\xBF", "\r\n"}) {
        const Loaded loaded = read(text);
        EXPECT_TRUE(loaded.set) << told(loaded);
        EXPECT_TRUE(loaded.diagnostics.empty());
    }
}

/// Mistakes that people make, each with what is said about it in a file beside it.
std::vector<std::string> mistakes() {
    std::vector<std::string> names;
    for (const auto &entry : std::filesystem::directory_iterator(SOUNDWARDEN_MISTAKES))
        if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
    std::sort(names.begin(), names.end());
    return names;
}
std::string slurp(const std::filesystem::path &path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}
class Mistakes : public testing::TestWithParam<std::string> {};
TEST_P(Mistakes, AreNamedWithTheirPlaceAndWhatToDo) {
    const std::filesystem::path folder = SOUNDWARDEN_MISTAKES;
    const std::filesystem::path expected = folder / (GetParam() + ".expected");
    ASSERT_TRUE(std::filesystem::exists(expected));
    const std::string now = told(read(slurp(folder / (GetParam() + ".toml")), Layer::directory, GetParam() + ".toml"));
    EXPECT_EQ(now, slurp(expected));
    EXPECT_NE(now, "");
}
INSTANTIATE_TEST_SUITE_P(Corpus, Mistakes, testing::ValuesIn(mistakes()), [](const auto &mistake) {
    std::string name = mistake.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});
TEST(MistakesCorpus, IsThere) { EXPECT_GE(mistakes().size(), 40U); }

TEST(Hostile, NothingIsLargerThanFourMebibytes) {
    EXPECT_EQ(first(read(std::string((4U << 20U) + 1, '#'))), "0:0: error: larger than 4 MiB: this is no policy");
    EXPECT_TRUE(read(std::string(4U << 20U, '#')).set);
}

TEST(Hostile, WhatCouldNotBeReadIsAnError) {
    const Loaded loaded =
        check({{.path = "/etc/x.toml", .layer = Layer::etc, .content = {}, .problem = "a FIFO, not a file"}});
    EXPECT_EQ(told(loaded), "/etc/x.toml: error: cannot be read: a FIFO, not a file\n");
    EXPECT_FALSE(loaded.set);
}

TEST(Hostile, ManyErrorsAreCountedAndNotAllShown) {
    std::string text = "schema = 1\n[[rule]]\nname = \"r\"\nverdict = \"block\"\n";
    for (int i = 0; i < 100'000; ++i) text += "k" + std::to_string(i) + " = 1\n";
    const Loaded loaded = read(text);
    ASSERT_EQ(loaded.diagnostics.size(), 101U);
    EXPECT_EQ(loaded.diagnostics.back().message, "99900 more errors in this file are not shown; mend these first");
    std::string syntax = "schema = 1\n";
    for (int i = 0; i < 100'000; ++i) syntax += "[[rule]]\nname = r\n";
    EXPECT_EQ(read(syntax).diagnostics.size(), 101U);
}

TEST(Hostile, DeepAndLongThingsNeitherOverflowNorHang) {
    const std::size_t much = 1'000'000;
    std::string dotted_keys = "schema = 1\n";
    for (int i = 0; i < 100'000; ++i) dotted_keys += "a" + std::to_string(i) + ".x = 1\n";
    for (int i = 0; i < 100'000; ++i) dotted_keys += "a" + std::to_string(i) + ".y = 1\n";
    std::string dotted_headers = "schema = 1\n";
    for (int i = 0; i < 100'000; ++i) dotted_headers += "[rule.z" + std::to_string(i) + ".y]\n";
    for (int i = 0; i < 100'000; ++i) dotted_headers += "[rule.z" + std::to_string(i) + "]\n";
    std::string dots = "a";
    for (std::size_t i = 0; i < much; ++i) dots += ".a";
    std::string quoted = "\"a\"";
    for (std::size_t i = 0; i < much; ++i) quoted += ".\"a\"";
    const std::string texts[] = {
        dotted_keys,
        dotted_headers,
        dots + " = 1\n",
        quoted + " = 1\n",
        "x = { " + dots + " = 1 }\n",
        "[" + dots + "]\n",
        "[[" + dots + "]]\n",
        "x = " + std::string(much, '[') + "\n",
        "x = " + std::string(much, '[') + std::string(much, ']') + "\n",
        std::string(much, '[') + "\n",
        std::string(much, '"') + "\n",
        std::string(much, '\'') + "\n",
        "x = " + std::string(much, '9') + "\n",
        "x = \"" + std::string(much, 'x') + "\n",
        "x = '''" + std::string(much, '\n'),
        std::string(much, '=') + "\n",
        std::string(much, '\xFF'),
        std::string(much, '\x01'),
        std::string(much, '\r'),
    };
    for (const std::string &text : texts) {
        const auto begin = std::chrono::steady_clock::now();
        EXPECT_FALSE(read(text).set) << text.substr(0, 40);
        EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s) << text.substr(0, 40);
    }
}

TEST(Hostile, EveryPrefixOfAPolicyHasAnAnswer) {
    const std::string whole = builtin_texts().at(0).content.substr(0, 4000);
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const Loaded loaded = read(whole.substr(0, length));
        EXPECT_EQ(loaded.set == nullptr, has_errors(loaded.diagnostics));
    }
}

TEST(Diagnostics, AreWrittenLikeACompilersAndWithColour) {
    const Diagnostic diagnostic{Severity::warning, "a.toml", 3, 5, "odd", "  x = 1", 5};
    EXPECT_EQ(text_of(diagnostic), "a.toml:3:5: warning: odd\n    x = 1\n      ^\n");
    EXPECT_EQ(text_of(diagnostic, true),
              "\x1B[1ma.toml:3:5:\x1B[0m \x1B[1;35mwarning:\x1B[0m odd\n    x = 1\n  \x1B[1;32m    ^\x1B[0m\n");
    EXPECT_EQ(text_of({Severity::error, "a.toml", 0, 0, "gone"}), "a.toml: error: gone\n");
}

TEST(Diagnostics, ComeInTheOrderOfFilesLinesAndColumns) {
    const Loaded loaded =
        check({{.path = "b.toml", .layer = Layer::etc, .content = "schema = 2\n"},
               {.path = "a.toml", .layer = Layer::etc, .content = "schema = 1\n[[rule]]\nname = 1\nverdict = 2\n"}});
    ASSERT_EQ(loaded.diagnostics.size(), 3U);
    EXPECT_EQ(loaded.diagnostics[0].line, 3U);
    EXPECT_EQ(loaded.diagnostics[1].line, 4U);
    EXPECT_EQ(loaded.diagnostics[2].file, "b.toml");
}

TEST(Diagnostics, FilesWithHarmfulNamesAreShownHarmless) {
    const Loaded loaded = read("x", Layer::etc, "evil\x1B[31m\n.toml");
    EXPECT_EQ(loaded.diagnostics.at(0).file, "evil\\x1B[31m\\x0A.toml");
}

TEST(PlainToml, IsReadAsTomlPlusPlusReadsIt) {
    const std::string all = builtin_texts().at(0).content;
    std::size_t sections = 0;
    for (std::size_t begin = all.find("[[rule]]"); begin != std::string::npos;) {
        const std::size_t end = all.find("[[rule]]", begin + 1);
        const std::string section = all.substr(begin, end == std::string::npos ? end : end - begin);
        const auto plain = parse_plain(section);
        ASSERT_TRUE(plain) << section;
        EXPECT_EQ(*plain, parse_toml(section).table) << section;
        begin = end;
        ++sections;
    }
    EXPECT_GT(sections, 20U);
    for (const char *text : {"a = 1.5\nb = -0\nc = [1, 2,]\nd = {}\ne = ''\nf = \"\u00E4\" # \u00E4\n",
                             "[a]\n\tb = { c = [ { d = true } ], e = \"\u00E4\u00E4\", f = -0.0 }\r\n",
                             "x = 100000000000000\n", "[[ a ]] # c\n"}) {
        const auto plain = parse_plain(text);
        ASSERT_TRUE(plain) << text;
        EXPECT_EQ(*plain, parse_toml(text).table) << text;
    }
    for (const char *text :
         {"a = 1\na = 2\n", "a.b = 1\n", "a = 01\n", "a = 1_0\n", "a = \"\\n\"\n", "a = \"\"\"x\"\"\"\n",
          "a = 1 b = 2\n", "a = {b = 1,}\n", "a = [1\n]\n", "[a]\n[b]\n", "a = 1\n[b]\n", "a = truex\n",
          "a = 1979-05-27\n", "a = +1\n", "a = [,]\n", "a\n", "a = \n", "[a\n", "[[a]\n"})
        EXPECT_FALSE(parse_plain(text)) << text;
}

} // namespace
} // namespace soundwarden::policy
