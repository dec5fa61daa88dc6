// SPDX-License-Identifier: MIT
// `explain`, `doctor`, `graph` and `status -o openmetrics` over the bus: what is printed, and how it ends.
#include "bus_test.hpp"
#include "golden.hpp"

namespace soundwarden {
namespace {

std::string as_kept(const Result &result, const std::string &name) {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return test::golden(name, result.out);
}

TEST_F(BusTest, ExplainShowsEveryRuleAndTheNumbers) {
    const auto served = daemon();
    const auto text = cli({"explain", "headph"});
    EXPECT_EQ(text.out, as_kept(text, "explain.txt"));
    EXPECT_TRUE(served->read_until(std::string{"asked: explain "} + test::laptop_headphones));
    const auto json = cli({"explain", "headph", "-o", "json"});
    EXPECT_EQ(json.out, as_kept(json, "explain.json"));
    EXPECT_EQ(Json::parse(cli({"-o", "jsonl", "explain", "headph"}).out), Json::parse(json.out));
}

TEST_F(BusTest, ExplainOfNothingKnownIsNoSuchOutput) {
    const auto served = daemon();
    EXPECT_EQ(cli({"explain", "nowhere"}).exit_code, 4);
    EXPECT_EQ(cli({"explain"}).exit_code, 2);
    // It has gone between the question what there is and this one: the daemon says so.
    const auto gone = cli({"explain", test::laptop_speaker});
    EXPECT_EQ(gone.exit_code, 4);
    EXPECT_NE(gone.err.find(test::laptop_speaker), std::string::npos) << gone.err;
}

TEST_F(BusTest, DoctorSaysWhatItMeansAndWhatMendsIt) {
    const auto served = daemon();
    const Environment nobody{{"PATH", "/nowhere"}}; // no systemctl to ask
    const auto text = cli({"doctor"}, nobody);
    EXPECT_NE(text.out.find("-> systemctl --user restart wireplumber\n"), std::string::npos) << text.out;
    EXPECT_NE(text.out.find("1 fault, 2 warnings; 1 note, 1 in order.\n"), std::string::npos) << text.out;
    const auto printed = cli({"doctor", "-o", "json"}, nobody);
    EXPECT_EQ(printed.out, as_kept(printed, "doctor.json"));
    const auto json = Json::parse(printed.out);
    EXPECT_EQ(json.at("faults"), 1);
    std::vector<std::string> grades;
    for (const auto &check : json.at("checks")) grades.push_back(check.at("grade"));
    EXPECT_EQ(grades, (std::vector<std::string>{"fault", "warning", "warning", "note", "ok"})) << "the gravest first";
    EXPECT_EQ(json.at("checks").at(3).at("command"), nullptr);
}

TEST_F(BusTest, DoctorTellsOfAnUpdatedCommand) {
    const auto served = daemon(); // "1.2.3-test"
    EXPECT_NE(cli({"doctor"}).out.find("[version]"), std::string::npos);
}

TEST_F(BusTest, DoctorWithoutADaemonSaysThatAndMore) {
    const auto away = cli({"doctor", "-o", "json"});
    EXPECT_EQ(away.exit_code, 3);
    const auto json = Json::parse(away.out);
    EXPECT_EQ(json.at("checks").at(0).at("token"), "no-daemon");
    EXPECT_EQ(json.at("checks").at(0).at("command"), "systemctl --user enable --now soundwarden");
}

TEST_F(BusTest, GraphIsTextOrGraphvizOrJson) {
    const auto served = daemon();
    const auto text = cli({"graph"});
    EXPECT_EQ(text.out, as_kept(text, "graph.txt"));
    const auto dot = cli({"graph", "--dot"});
    EXPECT_EQ(dot.out, as_kept(dot, "graph.dot"));
    const auto json = cli({"graph", "-o", "json"});
    EXPECT_EQ(json.out, as_kept(json, "graph.json"));
    EXPECT_EQ(cli({"graph", "--dot", "-o", "json"}).exit_code, 2);
}

TEST_F(BusTest, MetricsAreAsKept) {
    const auto served = daemon();
    tell(*served, "meter -12.34 0.5");
    const auto metrics = cli({"-o", "openmetrics"});
    EXPECT_EQ(metrics.out, as_kept(metrics, "metrics.txt"));
    tell(*served, "scene degraded");
    EXPECT_NE(cli({"status", "-o", "openmetrics"}).out.find("soundwarden_state{state=\"degraded\"} 1\n"), std::string::npos);
    tell(*served, "scene hostile");
    const auto hostile = cli({"status", "-o", "openmetrics"});
    EXPECT_EQ(hostile.out, as_kept(hostile, "metrics.hostile.txt"));
}

TEST_F(BusTest, MetricsWithoutADaemonSayThat) {
    const auto away = cli({"status", "-o", "openmetrics"});
    EXPECT_EQ(away.exit_code, 3);
    EXPECT_NE(away.out.find("soundwarden_up 0\n# EOF\n"), std::string::npos) << away.out;
    for (const std::vector<std::string> &wrong : {std::vector<std::string>{"monitor", "-o", "openmetrics"}, {"status", "--exit-code", "-o", "openmetrics"}})
        EXPECT_EQ(cli(wrong).exit_code, 2);
}

} // namespace
} // namespace soundwarden
