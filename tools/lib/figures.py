#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures the figures that Soundwarden is held to: see tools/figures.

    figures.py SOURCE BUILD BENCH [--without-peers] [--only WORD] [--write] [--as-built]

A figure is read from what a test recorded (GoogleTest's RecordProperty, in its JSON), or from limiter_bench's summary. What was not
measured, for whatever reason, is not met.
"""

import argparse
import datetime
import fnmatch
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable


class Missing(Exception):
    """A figure that was not measured, and why."""


# What is run: meson test, GoogleTest filter, whether in its long form. A program that appears twice is run twice.
RUNS = (
    ("unit-limiter", "LimiterCeiling.HoldsForEveryBitPatternInEveryModeAndBlockLength:LimiterTruePeak.ToneBursts*:LimiterDistortion.*", False),
    ("guard-signal", "*", True),
    ("limiter", "Limiter/Modes.*", False),
    ("guard-timing", "*", True),
    ("enforcement", "Redirect.a_stream_that_names_the_raw_sink_is_led_to_the_guard", True),
    ("enforcement", "Quanta/Crash.*", False),
    ("warden", "Quanta/*", True),
    ("supervision", "Start.*", False),
    ("daemon-life", "Rest.*", True),
    ("guard-cost", "*", True),
)

BENCH_FILTER = "^(soundwarden/default-true-peak/(sse2|avx2)/active/256/(2|64)|x42-dpl/true-peak/packaged/active/256/2)$"


class Measured:
    """What the tests and the benchmark said."""

    def __init__(self):
        self.cases = {}  # (program, "Suite.case") -> {"failed": bool, "skipped": bool, property: text}
        self.trouble = {}  # program -> why it said nothing
        self.bench = []

    def take_report(self, program, report):
        for suite in report["testsuites"]:
            for case in suite["testsuite"]:
                if case.get("status") != "RUN":
                    continue  # not asked for
                known = {"name", "value_param", "type_param", "file", "line", "status", "result", "timestamp", "time", "classname", "failures", "skipped"}
                properties = {key: value for key, value in case.items() if key not in known}
                self.cases[program, f"{suite['name']}.{case['name']}"] = {
                    "failed": bool(case.get("failures")), "skipped": case.get("result") == "SKIPPED", **properties}

    def matching(self, program, pattern):
        """The cases that the pattern names. One of several that was skipped leaves the figure unmeasured."""
        found = {name: case for (of, name), case in self.cases.items() if of == program and fnmatch.fnmatchcase(name, pattern)}
        skipped = sorted(name for name, case in found.items() if case["skipped"])
        if skipped:
            raise Missing(f"{program}: {skipped[0]} was skipped")
        if not found:
            raise Missing(self.trouble.get(program, f"{program}: {pattern} did not run"))
        return found

    def texts(self, program, pattern, name):
        """The property of each case that the pattern names. All have it, and none has failed."""
        found = self.matching(program, pattern)
        for case_name, case in found.items():
            if name not in case:
                raise Missing(f"{program}: {case_name} does not tell {name}")
        return {case_name: case[name] for case_name, case in found.items()}

    def numbers(self, program, pattern, name):
        return {case: float(text) for case, text in self.texts(program, pattern, name).items()}

    def every_number(self, program, pattern):
        """All properties of the cases."""
        found = self.matching(program, pattern)
        numbers = [float(value) for case in found.values() for key, value in case.items() if key not in ("failed", "skipped")]
        if not numbers:
            raise Missing(f"{program}: {pattern} tells nothing")
        return numbers

    def failed(self, program, pattern):
        return sorted(name for name, case in self.matching(program, pattern).items() if case["failed"])

    def ns(self, who, mode, isa, channels):
        for time in self.bench:
            if (time["who"], time["mode"], time["isa"], time["channels"]) == (who, mode, isa, channels):
                return time["ns_per_frame"]
        raise Missing(self.trouble.get("limiter_bench") or f"limiter_bench has no {who} {mode} {isa} with {channels} channels here")


@dataclass
class Figure:
    name: str
    promised: str
    measure: Callable  # Measured -> (what was measured, whether it is met)
    source: tuple  # what it comes from: (program, pattern)…; a case of it that failed is not met, whatever it measured
    peers: bool = False  # needs limiters of others


def none_of(program, pattern, wrong, of=None, what="samples"):
    """As many as `wrong` says in all cases, none of which may be."""
    def measure(measured):
        count = sum(measured.numbers(program, pattern, wrong).values())
        text = f"{count:,.0f}"
        if of:
            text += f" of {sum(measured.numbers(program, pattern, of).values()):,.0f} {what}"
        cases = len(measured.matching(program, pattern))
        return text + (f" in {cases} runs" if cases > 1 and not of else ""), count == 0
    return measure


def least(program, pattern, name, limit, unit, scale=1.0, digits=1):
    def measure(measured):
        most = max(measured.numbers(program, pattern, name).values()) * scale
        return f"{most:.{digits}f} {unit}", most <= limit
    return measure


def true_peak(measured):
    worst = max(measured.every_number("unit-limiter", "LimiterTruePeak.ToneBurstsStayWithinATenthOfADecibel"))
    return f"{worst:.3f} dB", worst <= 0.1


def distortion(measured):
    worst = max(measured.every_number("unit-limiter", "LimiterDistortion.SteadyTonesAreNotDistorted"))
    return f"{worst:.0f} dB", worst <= -120


def quiet_listening(measured):
    pattern = "QuietListening.a_slider_at_thirty_percent_*"
    blocks = sum(measured.numbers("guard-signal", pattern, "blocks").values())
    reduced = sum(measured.numbers("guard-signal", pattern, "blocks_reduced").values())
    share = 100 * (blocks - reduced) / blocks
    return f"{share:.1f} % of {blocks:.0f} blocks at full scale", share >= 99


def speed(isa, channels, limit):
    def measure(measured):
        ns = measured.ns("soundwarden", "default-true-peak", isa, channels)
        return f"{ns:.1f} ns", ns <= limit
    return measure


def beside_dpl(measured):
    ours, theirs = measured.ns("soundwarden", "default-true-peak", "avx2", 2), measured.ns("x42 dpl", "true-peak", "packaged", 2)
    return f"{theirs / ours:.1f} times ({theirs:.0f} ns)", theirs / ours >= 15


def latency(mode, limit_ms):
    def measure(measured):
        pattern = f"Limiter/Modes.delay_by_what_they_tell_the_graph_and_hold_the_ceiling/{mode}"
        heard = max(measured.numbers("limiter", pattern, "latency_ms").values())
        told = max(measured.numbers("limiter", pattern, "told_ms").values())
        return f"{heard:.2f} ms, {told:.2f} ms told", heard == limit_ms and told == heard
    return measure


def edge(measured):
    p99 = max(measured.numbers("guard-timing", "EdgeTiming.*", "p99_ms").values())
    promised = max(measured.numbers("guard-timing", "EdgeTiming.*", "promised_ms").values())
    return f"{p99:.1f} ms (promised at this quantum: {promised:.1f})", p99 <= promised


def links(bounded, patterns, properties):
    """Samples above; where nothing bounds the sink itself, how long the worst was: 10 ms and a quantum at 48 kHz."""
    def measure(measured):
        count, worst, met = 0.0, 0.0, True
        quanta = set()
        for pattern in patterns:
            for name in properties:
                for case, above in measured.numbers("warden", pattern, name).items():
                    quantum = int(re.search(r"/q(\d+)$", case)[1])
                    quanta.add(quantum)
                    ms = measured.numbers("warden", case, f"{name}_worst_ms")[case]
                    count, worst = count + above, max(worst, ms)
                    met = met and (above == 0 or (bounded and ms <= 10 + quantum / 48))
        if quanta != {64, 256, 1024}:
            raise Missing(f"only at quantum {', '.join(map(str, sorted(quanta)))}")
        return f"{count:,.0f} samples" + (f", {worst:.1f} ms at most" if count else ""), met
    return measure


def cost(measured):
    pattern = "GuardCost.of_eight_limited_sinks_beside_eight_filter_chains"
    ours = max(measured.numbers("guard-cost", pattern, "guard_percent").values())
    theirs = max(measured.numbers("guard-cost", pattern, "chain_percent").values())
    chain = next(iter(measured.texts("guard-cost", pattern, "chain").values()))
    return f"{ours:.2f} % of a core; {theirs:.2f} % for a filter chain with {chain}", True


def figures(wireplumber_0_4):
    foreign = "0 samples" if not wireplumber_0_4 else "10 ms + one quantum (0.4)"
    hand, jack = "Quanta/Warden.*", "Quanta/Jack.*"
    return (
        Figure("Samples above the ceiling: any bit pattern, every mode, rate and block length", "0",
               none_of("unit-limiter", "LimiterCeiling.HoldsForEvery*", "samples_above", "samples"), (("unit-limiter", "LimiterCeiling.HoldsForEvery*"),)),
        Figure("Samples above the ceiling at the sink, input 20 dB over full scale: quantum 64 to 2048, 44.1 to 96 kHz, 1 to 8 channels", "0",
               none_of("guard-signal", "Formats/Ceiling.*", "samples_above"), (("guard-signal", "Formats/Ceiling.*"),)),
        Figure("Behind a sink that resamples: above the ceiling", "0.3 dB", least("guard-signal", "Resampling.*", "over_ceiling_db", 0.3, "dB", digits=2),
               (("guard-signal", "Resampling.*"),)),
        Figure("True peak above the ceiling, content to 20 kHz", "0.1 dB", true_peak, (("unit-limiter", "LimiterTruePeak.ToneBursts*"),)),
        Figure("Samples changed while nothing is limited", "0", none_of("guard-signal", "BitExact.*", "samples_wrong", "samples"), (("guard-signal", "BitExact.*"),)),
        Figure("THD+N of steady tones, 30 Hz to 10 kHz, 6 dB over the ceiling (20 ms hold)", "−120 dB", distortion, (("unit-limiter", "LimiterDistortion.*"),)),
        Figure("Slider at 30 % under a cap of −10 dB: blocks without gain reduction", "99 %", quiet_listening, (("guard-signal", "QuietListening.a_slider_at_thirty_percent_*"),)),
        Figure("Limiter, stereo, true peak, AVX2: one frame", "8 ns", speed("avx2", 2, 8), ()),
        Figure("The same, SSE2 only", "16 ns", speed("sse2", 2, 16), ()),
        Figure("The same, 64 linked channels, AVX2", "250 ns", speed("avx2", 64, 250), ()),
        Figure("Faster than x42 dpl with true peaks, same process", "15 times", beside_dpl, (), peers=True),
        Figure("Added latency, mode `guard`", "0 ms, told", latency("guard", 0.0), (("limiter", "Limiter/Modes.*/guard"),)),
        Figure("Added latency, mode `default`", "1.5 ms, told", latency("default", 1.5), (("limiter", "Limiter/Modes.*/default"),)),
        Figure("Of driver, quantum, rate and suspending of the graph, changed by a guard", "0", none_of("guard-signal", "Graph.*", "changed"),
               (("guard-signal", "Graph.*"),)),
        Figure("Jack edge to the first clamped sample, 99th percentile", "10 ms + one quantum", edge, (("guard-timing", "EdgeTiming.*"),)),
        Figure("Foreign audio above the ceiling: streams that name the sink, led by the session manager, quantum 64, 256, 1024", "0 samples",
               none_of("enforcement", "Redirect.*", "samples_above"), (("enforcement", "Redirect.*"),)),
        Figure("Foreign audio above the ceiling: links by hand, idle, quantum 64, 256, 1024", foreign, links(wireplumber_0_4, [hand], ["samples_above"]),
               (("warden", hand),)),
        Figure("The same, every core busy", foreign, links(wireplumber_0_4, [hand], ["samples_above_busy"]), (("warden", hand),)),
        Figure("Foreign audio above the ceiling: JACK, quantum 64, 256, 1024", foreign, links(wireplumber_0_4, [jack], ["samples_above"]), (("warden", jack),)),
        Figure("Samples above the ceiling after `kill -9`, quantum 64, 256, 1024", "0", none_of("enforcement", "Quanta/Crash.*", "samples_above"),
               (("enforcement", "Quanta/Crash.*"),)),
        Figure("From exec to READY, median", "150 ms", least("supervision", "Start.*", "ready_ms", 150, "ms", digits=0), (("supervision", "Start.*"),)),
        Figure("Resident at rest", "16 MiB", least("supervision", "Start.*", "resident_kib", 16, "MiB", 1 / 1024), (("supervision", "Start.*"),)),
        Figure("Wake-ups at rest in 60 s, no watchdog", "0",
               lambda m: (f"{max(m.numbers('daemon-life', 'Rest.*', 'wake_ups').values()):.0f}",
                          max(m.numbers("daemon-life", "Rest.*", "wake_ups").values()) == 0 and min(m.numbers("daemon-life", "Rest.*", "seconds").values()) >= 60),
               (("daemon-life", "Rest.*"),)),
        Figure("Processor for each of 8 guarded stereo sinks, quantum 256, and for a filter chain's limiter in the same run", "shown", cost,
               (("guard-cost", "*"),), peers=True),
    )


def say(text):
    print(f"figures: {text}", file=sys.stderr, flush=True)


def build_programs(build, tests):
    """The programs of the tests, and what those start."""
    listing = json.loads(subprocess.run(["meson", "introspect", "--targets", str(build)], check=True, capture_output=True, text=True).stdout)
    files = {target["id"]: target["filename"] for target in listing}
    needed = {test["cmd"][0] for test in tests} | {file for test in tests for target in test["depends"] for file in files.get(target, [])}
    subprocess.run(["ninja", "-C", build, *sorted(os.path.relpath(file, build) for file in needed)], stdout=sys.stderr, check=True)


def run_tests(build, wanted, as_built):
    listing = json.loads(subprocess.run(["meson", "introspect", "--tests", str(build)], check=True, capture_output=True, text=True).stdout)
    tests = {test["name"]: test for test in listing}
    measured = Measured()
    if not as_built:
        build_programs(build, [test for name, test in tests.items() if name in wanted])
    for program, pattern, long in RUNS:
        if program not in wanted:
            continue
        test = tests.get(program)
        if test is None:
            measured.trouble[program] = f"{program} is no test of this build"
            continue
        environment = {**os.environ, **test["env"]}
        environment.pop("SOUNDWARDEN_NIGHTLY", None)
        if long:
            environment["SOUNDWARDEN_NIGHTLY"] = "1"
        say(f"{program} {pattern}")
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            try:
                done = subprocess.run([*test["cmd"], f"--gtest_filter={pattern}", f"--gtest_output=json:{report}"], env=environment, cwd=build, text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace", timeout=3600, check=False)
            except subprocess.TimeoutExpired:
                measured.trouble[program] = f"{program} did not end within an hour"
                continue
            if done.returncode != 0:
                print(done.stdout[-6000:], file=sys.stderr)
            if report.exists():
                measured.take_report(program, json.loads(report.read_text(encoding="utf-8")))
            else:
                measured.trouble[program] = f"{program} ended with exit code {done.returncode} before it told anything"
    return measured


def run_bench(bench, measured, as_built):
    if not as_built:
        subprocess.run(["ninja", "-C", bench, "tests/bench/limiter_bench"], stdout=sys.stderr, check=True)
    say("limiter_bench")
    with tempfile.TemporaryDirectory() as folder:
        summary = Path(folder) / "summary.json"
        done = subprocess.run([bench / "tests/bench/limiter_bench", f"--benchmark_filter={BENCH_FILTER}", "--summary", summary], capture_output=True, text=True,
                              errors="replace", check=False)
        if done.returncode == 0 and summary.exists():
            measured.bench = json.loads(summary.read_text(encoding="utf-8"))
        else:
            measured.trouble["limiter_bench"] = f"limiter_bench ended with exit code {done.returncode}"
            print(done.stderr[-2000:], file=sys.stderr)


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def version_of(program):
    found = re.search(r"\d+\.\d+(\.\d+)?", output_of(program, "--version"))
    return found[0] if found else "unknown"


def machine():
    cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8")

    def field(name):
        found = re.search(rf"^{name}\s*:\s*(.*)$", cpuinfo, re.MULTILINE)
        return found[1] if found else "?"

    flags = field("flags").split()
    vectors = [name for flag, name in (("avx2", "AVX2"), ("avx512f", "AVX-512")) if flag in flags]
    virtual = output_of("systemd-detect-virt", "--vm")
    if virtual in ("", "none") and "hypervisor" in flags:
        virtual = "yes"
    release = platform.freedesktop_os_release()
    return {
        "Processor": f"{field('model name')}, family {field('cpu family')}, model {field('model')}; {', '.join(vectors) or 'no AVX2'}",
        "Cores": f"{os.cpu_count()}, " + (f"virtual ({virtual})" if virtual not in ("", "none") else "of its own"),
        "Load before": f"{os.getloadavg()[0]:.1f}",
        "Kernel": platform.release(),
        "Distribution": release.get("PRETTY_NAME", "?"),
        "PipeWire": version_of("pipewire"),
        "WirePlumber": version_of("wireplumber"),
        "Date": datetime.date.today().isoformat(),
    }


def judge(figure, measured):
    try:
        text, met = figure.measure(measured)
        failed = [name for program, pattern in figure.source for name in measured.failed(program, pattern)]
        if failed:
            text, met = f"{text}; failed: {', '.join(failed)}", False
    except Missing as missing:
        text, met = f"not measured: {missing}", False
    return text, met


def table(facts, rows):
    lines = ["| machine | |", "|---|---|", *(f"| {name} | {value} |" for name, value in facts.items()), "",
             "| figure | promised | measured | |", "|---|---|---|---|",
             *(f"| {figure.name} | {figure.promised} | {text} | {verdict} |" for figure, text, verdict in rows)]
    return "\n".join(lines) + "\n"


def write(source, distribution, text):
    """Puts the table between the marks of its distribution in docs/figures.md, at the end where there are none."""
    page = source / "docs/figures.md"
    before = page.read_text(encoding="utf-8")
    section = f"## {distribution}\n\n{text}"
    pattern = re.compile(rf"## {re.escape(distribution)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    after = pattern.sub(lambda _: section + "\n", before) if pattern.search(before) else before.rstrip("\n") + "\n\n" + section
    page.write_text(after.rstrip("\n") + "\n", encoding="utf-8")


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="tools/figures")
    parser.add_argument("source", type=Path)
    parser.add_argument("build", type=Path)
    parser.add_argument("bench", type=Path)
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument("--only", metavar="WORD")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--as-built", action="store_true")
    options = parser.parse_args(arguments)
    if options.write and options.only:
        parser.error("what is written is all of it: not with --only")
    facts = machine()
    chosen = [f for f in figures(facts["WirePlumber"].startswith("0.4")) if not options.only or re.search(options.only, f.name, re.IGNORECASE)]
    if not chosen:
        parser.error(f"no figure has {options.only} in its name")
    measured = run_tests(options.build, {program for f in chosen for program, _ in f.source}, options.as_built)
    if any(not f.source for f in chosen):
        run_bench(options.bench, measured, options.as_built)
    rows, not_met = [], 0
    for figure in chosen:
        text, met = judge(figure, measured)
        if options.without_peers and figure.peers and not met:
            rows.append((figure, text, "left out"))
            continue
        not_met += not met
        rows.append((figure, text, "met" if met else "not met"))
    text = table(facts, rows)
    print(text)
    if options.write:
        write(options.source, facts["Distribution"], text)
    if not_met:
        say(f"{not_met} of {len(rows)} not met")
    return 1 if not_met else 0


if __name__ == "__main__":
    sys.exit(main())
