// SPDX-License-Identifier: MIT
// `soundwarden` for people who read German: what is translated, what never is, and that tables stay aligned.
#include "bus_test.hpp"
#include "german.hpp"
#include "golden.hpp"

#include <algorithm>
#include <sstream>

namespace soundwarden {
namespace {

class GermanTest : public BusTest {
  protected:
    Result german(const std::vector<std::string> &arguments, const Environment &more = {}) const {
        Environment environment = test::german().environment();
        for (const auto &[name, value] : more) environment[name] = value;
        return cli(arguments, environment);
    }
};

bool says(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

/// Code points: no sign in these tables takes two columns.
std::size_t columns_of(const std::string &text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// Where a part begins in a line, in columns.
std::size_t column_of(const std::string &line, const std::string &part) { return columns_of(line.substr(0, line.find(part))); }

TEST_F(GermanTest, StatusAndShowAreAsKept) {
    const auto served = daemon();
    tell(*served, "meter -12.34 0.456");
    for (const std::string name : {"laptop", "settling", "blocked", "degraded", "unprotected", "not-protecting", "empty"}) {
        tell(*served, "scene " + name);
        const auto text = german({});
        EXPECT_EQ(text.out, test::golden("de." + name + ".status.txt", text.out)) << name;
        EXPECT_EQ(text.err, "");
    }
    tell(*served, "scene laptop");
    const auto shown = german({"show", "headph"});
    EXPECT_EQ(shown.out, test::golden("de.laptop.show.txt", shown.out));
}

TEST_F(GermanTest, ColumnsStandBelowTheirHeadings) {
    const auto served = daemon();
    std::istringstream lines{german({}).out};
    std::string first, blank, heading, headphones;
    std::getline(lines, first);
    std::getline(lines, blank);
    std::getline(lines, heading);
    std::getline(lines, headphones);
    EXPECT_EQ(first, "schützt");
    EXPECT_EQ(column_of(heading, "ANGESCHLOSSEN"), column_of(headphones, "Kopfhörer 92 %")) << heading << "\n" << headphones;
    EXPECT_EQ(column_of(heading, "OBERGRENZE"), column_of(headphones, "-9.4 dB")) << heading << "\n" << headphones;
}

TEST_F(GermanTest, ExplainDoctorAndGraphAreAsKept) {
    const auto served = daemon();
    const Environment nobody{{"PATH", "/nowhere"}};
    const auto explained = german({"explain", "headph"});
    EXPECT_EQ(explained.out, test::golden("de.explain.txt", explained.out));
    const auto doctor = german({"doctor"}, nobody);
    EXPECT_EQ(doctor.out, test::golden("de.doctor.txt", doctor.out));
    const auto graph = german({"graph"});
    EXPECT_EQ(graph.out, test::golden("de.graph.txt", graph.out));
}

TEST_F(GermanTest, HelpIsAsKept) {
    const auto help = german({"--help"});
    EXPECT_EQ(help.out, test::golden("de.help.txt", help.out));
    for (const std::string verb : {"status", "show", "explain", "doctor", "graph", "monitor", "meter", "answer", "forget", "guard", "release", "override", "panic",
                                   "resume", "dose", "log", "replay", "policy"}) {
        const auto of_verb = german({verb, "--help"});
        EXPECT_EQ(of_verb.exit_code, 0);
        EXPECT_TRUE(says(of_verb.out, "Beispiele:") && says(of_verb.out, "Siehe auch:") && says(of_verb.out, "Aufruf:")) << of_verb.out;
        EXPECT_FALSE(says(of_verb.out, "Options:") || says(of_verb.out, "Examples:") || says(of_verb.out, "Positionals:")) << of_verb.out;
    }
}

TEST_F(GermanTest, WhatVerbsSayIsTranslated) {
    const auto served = daemon();
    EXPECT_TRUE(says(german({"answer", "headph", "headphones"}).out, "Headphones: Kopfhörer, wie angegeben.\nJetzt: "));
    EXPECT_TRUE(says(german({"guard", "headph", "off"}).out, "Zurücknehmen mit: soundwarden guard "));
    EXPECT_TRUE(says(german({"panic"}).out, "Alles ist still, auch nach einem Neustart.\n"));
    const auto wrong = german({"show", "nirgends"});
    EXPECT_TRUE(wrong.err.starts_with("soundwarden: Fehler: kein Ausgang „nirgends“; es gibt:\n")) << wrong.err;
    EXPECT_EQ(wrong.exit_code, 4);
    EXPECT_EQ(german({"show"}).err, "soundwarden: Fehler: OUTPUT fehlt\nHilfe: soundwarden --help\n");
    EXPECT_EQ(german({"answer", "headph", "headphones", "--impedance", "viel"}).err.find("soundwarden: Fehler: --impedance: "), 0U);
    EXPECT_EQ(german({"override", "headph", "--ceiling", "3", "--for", "1h"}).err, "soundwarden: Fehler: --ceiling: 3 dB liegt nicht zwischen -150 dB und 0 dB\n");
}

TEST_F(GermanTest, WithoutADaemonItSaysSoInGerman) {
    const auto away = german({});
    EXPECT_EQ(away.exit_code, 3);
    EXPECT_EQ(away.err.find("soundwarden: Fehler: der Dienst läuft nicht in dieser Sitzung; starten mit: systemctl --user start soundwarden"), 0U) << away.err;
}

TEST_F(GermanTest, WhatProgramsReadIsTheSameInAllLanguages) {
    const auto served = daemon();
    tell(*served, "meter -12.34 0.456");
    const Environment nobody{{"PATH", "/nowhere"}};
    const std::vector<std::vector<std::string>> questions{{"-o", "json"},
                                                          {"status", "-o", "jsonl"},
                                                          {"status", "-o", "openmetrics"},
                                                          {"show", "headph", "-o", "json"},
                                                          {"explain", "headph", "-o", "json"},
                                                          {"doctor", "-o", "json"},
                                                          {"graph", "-o", "json"},
                                                          {"graph", "--dot"},
                                                          {"answer", "headph", "headphones", "-o", "json"},
                                                          {"complete", "outputs"},
                                                          {"complete", "loads"},
                                                          {"policy", "test", "headphone-out", "in-ear", "-o", "json"},
                                                          {"show", "nirgends", "-o", "json"}};
    for (const auto &question : questions) {
        const auto english = cli(question, nobody), translated = german(question, nobody);
        EXPECT_EQ(translated.out, english.out) << testing::PrintToString(question);
        EXPECT_EQ(translated.err, english.err) << testing::PrintToString(question);
        EXPECT_EQ(translated.exit_code, english.exit_code) << testing::PrintToString(question);
    }
}

TEST_F(GermanTest, DoctorWithoutADaemonIsEnglishForPrograms) {
    const auto json = Json::parse(german({"doctor", "-o", "json"}).out);
    EXPECT_EQ(json.at("checks").at(0).at("found").get<std::string>().find("the daemon is not running"), 0U);
}

TEST_F(GermanTest, AnotherCharacterSetGetsAsciiBesideTheNamesAsTheyAre) {
    const auto served = daemon();
    const auto text = cli({}, test::german().latin1());
    EXPECT_TRUE(says(text.out, "schuetzt\n") && says(text.out, "Kopfhoerer 92 %")) << text.out;
    EXPECT_TRUE(std::all_of(text.out.begin(), text.out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80U; })) << text.out;
}

TEST_F(GermanTest, WithoutALocaleOrACatalogItIsEnglish) {
    const auto served = daemon();
    const std::string english = cli({}).out;
    EXPECT_TRUE(says(english, "protecting\n"));
    EXPECT_EQ(german({}, {{"LC_ALL", "C"}, {"LANGUAGE", "de"}}).out, english);
    EXPECT_EQ(german({}, {{"LC_ALL", "xx_XX.UTF-8"}}).out, english) << "a locale that the system does not have";
    EXPECT_EQ(german({}, {{"TEXTDOMAINDIR", "/nowhere"}}).out, english);
    EXPECT_EQ(german({}, {{"LANGUAGE", "xx"}}).out, english) << "a language without a catalog";
}

} // namespace
} // namespace soundwarden
