// SPDX-License-Identifier: MIT
#include "examples.hpp"

#include "translate.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace soundwarden::cli {
namespace {

struct Example {
    const char *command;
    const char *what;
};
struct Help {
    std::string_view verb;
    std::vector<Example> examples;
    const char *see_also;
};

const std::vector<Help> &all_help() {
    static const std::vector<Help> all{
        {"status",
         {{"soundwarden", N_("how things are")},
          {"soundwarden status --exit-code", N_("for a script: 0 where all is well")},
          {"soundwarden -o openmetrics", N_("for node_exporter's textfile collector")}},
         "show, explain, doctor"},
        {"show", {{"soundwarden show headph", N_("a part of the name is enough")}, {"soundwarden show headphones -o json | jq '.outputs[0].cap_dbfs'", N_("one number")}}, "explain, answer"},
        {"explain", {{"soundwarden explain headphones", N_("which rule decided, and from what")}}, "policy test, soundwarden-policy(5)"},
        {"doctor", {{"soundwarden doctor", N_("what to mend, the gravest first")}}, "status, log"},
        {"graph", {{"soundwarden graph", N_("which program plays through which guard")}, {"soundwarden graph --dot | dot -Tsvg > graph.svg", N_("a picture")}}, "show"},
        {"monitor", {{"soundwarden monitor", N_("what changes, as it happens")}, {"soundwarden monitor --wait -o jsonl", N_("for a status bar")}}, "meter, log"},
        {"meter", {{"soundwarden meter", N_("all outputs in use; q quits")}, {"soundwarden meter headph -n 1 -o json", N_("one look, for a program")}}, "dose, monitor"},
        {"answer",
         {{"soundwarden answer headph headphones", N_("they are headphones")},
          {"soundwarden answer line active-speakers", N_("speakers with an amplifier of their own")},
          {"soundwarden answer headph headphones --model \"HD 600\" --impedance 300 --sensitivity \"97 dB/mW\"", N_("with what its box says")},
          {"soundwarden answer headph unknown", N_("not sure: stay careful")}},
         "forget, explain"},
        {"forget", {{"soundwarden forget headph", N_("ask me again")}, {"soundwarden forget --all", N_("as on the first day")}}, "answer"},
        {"guard", {{"soundwarden guard hdmi off", N_("leave it alone for good")}, {"soundwarden guard hdmi on", N_("guard it again")}}, "release, override"},
        {"release", {{"soundwarden release", N_("all, until the daemon starts anew")}, {"soundwarden release headph", N_("one output's sink")}}, "guard"},
        {"override",
         {{"soundwarden override headph --ceiling -6 --for 30min", N_("louder for half an hour")}, {"soundwarden override headph --cancel", N_("back to what the rule says")}},
         "explain, guard"},
        {"panic", {{"soundwarden panic", N_("silence now")}}, "resume"},
        {"resume", {{"soundwarden resume", N_("sound comes back slowly")}}, "panic"},
        {"dose", {{"soundwarden dose", N_("this week")}, {"soundwarden dose --since 2026-11-01 --html november.html", N_("a report")}}, "meter"},
        {"log", {{"soundwarden log headph --since yesterday", N_("what happened to the headphones")}, {"soundwarden log --what decision -n 20", N_("the last decisions")}}, "monitor"},
        {"replay", {{"soundwarden replay trace.jsonl", N_("what the engine decided, and decides now")}}, "soundwardend(8), --trace"},
        {"policy",
         {{"soundwarden policy check 60-mine.toml", N_("before it is put in place")},
          {"soundwarden policy show", N_("what holds, and which file says so")},
          {"soundwarden policy test headphone-out in-ear --facts full-scale=\"1.4 V\"", N_("what would happen")}},
         "explain, soundwarden-policy(5)"},
    };
    return all;
}

} // namespace

std::string examples_of(std::string_view verb) {
    const auto &all = all_help();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Help &help) { return help.verb == verb; });
    if (found == all.end()) return {};
    std::string text = tr("Examples:") + "\n";
    for (const Example &example : found->examples) text += "  " + std::string{example.command} + "\n      " + tr(example.what) + "\n";
    return text + "\n" + filled(tr("See also: {0}; soundwarden(1)"), found->see_also);
}

} // namespace soundwarden::cli
