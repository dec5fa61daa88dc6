// SPDX-License-Identifier: MIT
#include "examples.hpp"

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
         {{"soundwarden", "how things are"},
          {"soundwarden status --exit-code", "for a script: 0 where all is well"},
          {"soundwarden -o openmetrics", "for node_exporter's textfile collector"}},
         "show, explain, doctor"},
        {"show", {{"soundwarden show headph", "a part of the name is enough"}, {"soundwarden show headphones -o json | jq '.outputs[0].cap_dbfs'", "one number"}}, "explain, answer"},
        {"explain", {{"soundwarden explain headphones", "which rule decided, and from what"}}, "policy test, soundwarden-policy(5)"},
        {"doctor", {{"soundwarden doctor", "what to mend, the gravest first"}}, "status, log"},
        {"graph", {{"soundwarden graph", "which program plays through which guard"}, {"soundwarden graph --dot | dot -Tsvg > graph.svg", "a picture"}}, "show"},
        {"monitor", {{"soundwarden monitor", "what changes, as it happens"}, {"soundwarden monitor --wait -o jsonl", "for a status bar"}}, "meter, log"},
        {"meter", {{"soundwarden meter", "all outputs in use; q quits"}, {"soundwarden meter headph -n 1 -o json", "one look, for a program"}}, "dose, monitor"},
        {"answer",
         {{"soundwarden answer headph headphones", "they are headphones"},
          {"soundwarden answer line active-speakers", "speakers with an amplifier of their own"},
          {"soundwarden answer headph headphones --model \"HD 600\" --impedance 300 --sensitivity \"97 dB/mW\"", "with what its box says"},
          {"soundwarden answer headph unknown", "not sure: stay careful"}},
         "forget, explain"},
        {"forget", {{"soundwarden forget headph", "ask me again"}, {"soundwarden forget --all", "as on the first day"}}, "answer"},
        {"guard", {{"soundwarden guard hdmi off", "leave it alone for good"}, {"soundwarden guard hdmi on", "guard it again"}}, "release, override"},
        {"release", {{"soundwarden release", "all, until the daemon starts anew"}, {"soundwarden release headph", "one output's sink"}}, "guard"},
        {"override",
         {{"soundwarden override headph --ceiling -6 --for 30min", "louder for half an hour"}, {"soundwarden override headph --cancel", "back to what the rule says"}},
         "explain, guard"},
        {"panic", {{"soundwarden panic", "silence now"}}, "resume"},
        {"resume", {{"soundwarden resume", "sound comes back slowly"}}, "panic"},
        {"dose", {{"soundwarden dose", "this week"}, {"soundwarden dose --since 2026-11-01 --html november.html", "a report"}}, "meter"},
        {"log", {{"soundwarden log headph --since yesterday", "what happened to the headphones"}, {"soundwarden log --what decision -n 20", "the last decisions"}}, "monitor"},
        {"replay", {{"soundwarden replay trace.jsonl", "what the engine decided, and decides now"}}, "soundwardend(8), --trace"},
        {"policy",
         {{"soundwarden policy check 60-mine.toml", "before it is put in place"},
          {"soundwarden policy show", "what holds, and which file says so"},
          {"soundwarden policy test headphone-out in-ear --facts full-scale=\"1.4 V\"", "what would happen"}},
         "explain, soundwarden-policy(5)"},
    };
    return all;
}

} // namespace

std::string examples_of(std::string_view verb) {
    const auto &all = all_help();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Help &help) { return help.verb == verb; });
    if (found == all.end()) return {};
    std::string text = "Examples:\n";
    for (const Example &example : found->examples) text += "  " + std::string{example.command} + "\n      " + example.what + "\n";
    return text + "\nSee also: " + found->see_also + "; soundwarden(1)";
}

} // namespace soundwarden::cli
