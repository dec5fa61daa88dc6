#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Proves that tools/figures judges: what was not measured, what failed and what is over its limit is not met.

    figures_selftest.py SOURCE_TREE
"""

import copy
import sys
import unittest
from pathlib import Path

TREE = Path(sys.argv.pop(1))
sys.dont_write_bytecode = True
sys.path.insert(0, str(TREE / "tools/lib"))
import figures  # noqa: E402

# Program, suite, case, what it tells: everything as promised.
GOOD = (
    ("unit-limiter", "LimiterCeiling", "HoldsForEveryBitPatternInEveryModeAndBlockLength", {"samples": "1000000", "samples_above": "0"}),
    ("unit-limiter", "LimiterTruePeak", "ToneBurstsStayWithinATenthOfADecibel", {"default": "0.1", "low": "-0.01"}),
    ("unit-limiter", "LimiterDistortion", "SteadyTonesAreNotDistorted", {"997": "-150", "30": "-120"}),
    ("guard-signal", "Formats/Ceiling", "no_sample_above_it/q64", {"samples_above": "0"}),
    ("guard-signal", "Resampling", "stays", {"over_ceiling_db": "0.3"}),
    ("guard-signal", "BitExact", "changes_nothing", {"samples": "48000", "samples_wrong": "0"}),
    ("guard-signal", "QuietListening", "a_slider_at_thirty_percent_under_minus_ten_is_never_reduced", {"blocks": "100", "blocks_reduced": "1"}),
    ("guard-signal", "Graph", "is_the_same", {"changed": "0"}),
    ("limiter", "Limiter/Modes", "delay_by_what_they_tell_the_graph_and_hold_the_ceiling/guard", {"latency_ms": "0.0", "told_ms": "0.0"}),
    ("limiter", "Limiter/Modes", "delay_by_what_they_tell_the_graph_and_hold_the_ceiling/default", {"latency_ms": "1.5", "told_ms": "1.5"}),
    ("guard-timing", "EdgeTiming", "from_the_flip", {"p99_ms": "15.3", "promised_ms": "15.333"}),
    ("enforcement", "Redirect", "is_led", {"samples_above": "0"}),
    ("enforcement", "Quanta/Crash", "nothing/q64", {"samples_above": "0"}),
    *(("warden", f"Quanta/{suite}", f"case/q{quantum}", {name: "0" for name in names})
      for suite, names in (("Warden", ("samples_above", "samples_above_worst_ms", "samples_above_busy", "samples_above_busy_worst_ms")),
                           ("Jack", ("samples_above", "samples_above_worst_ms")))
      for quantum in (64, 256, 1024)),
    ("supervision", "Start", "takes_little", {"ready_ms": "150", "resident_kib": "16384"}),
    ("daemon-life", "Rest", "does_not_wake_up", {"seconds": "60", "wake_ups": "0"}),
    ("guard-cost", "GuardCost", "of_eight_limited_sinks_beside_eight_filter_chains", {"guard_percent": "0.5", "chain_percent": "0.7", "chain": "SWH"}),
)
TIMES = [{"who": "soundwarden", "mode": "default-true-peak", "isa": isa, "signal": "active", "block": 256, "channels": channels, "ns_per_frame": ns}
         for isa, channels, ns in (("avx2", 2, 8.0), ("sse2", 2, 16.0), ("avx2", 64, 250.0))]
TIMES.append({"who": "x42 dpl", "mode": "true-peak", "isa": "packaged", "signal": "active", "block": 256, "channels": 2, "ns_per_frame": 120.0})


def measured(entries=GOOD, times=TIMES, failed=None, skipped=None):
    result = figures.Measured()
    for program, suite, case, properties in entries:
        name = f"{suite}.{case}"
        result.take_report(program, {"testsuites": [{"name": suite, "testsuite": [{
            "name": case, "status": "RUN", "result": "SKIPPED" if name == skipped else "COMPLETED", "time": "1s", "classname": suite,
            **({"failures": [{"failure": "x"}]} if name == failed else {}), **properties}]}]})
    result.bench = list(times)
    return result


def not_met(of, bounded=False):
    return [figure.name for figure in figures.figures(bounded) if not figures.judge(figure, of)[1]]


class Figures(unittest.TestCase):
    def test_what_is_as_promised_is_met(self):
        self.assertEqual(not_met(measured()), [])

    def test_what_was_not_measured_is_not_met(self):
        self.assertEqual(len(not_met(figures.Measured())), len(figures.figures(False)))
        for text in (figures.judge(figure, figures.Measured())[0] for figure in figures.figures(False)):
            self.assertIn("not measured", text)

    def test_each_case_that_is_missing_failed_skipped_or_tells_nothing_counts(self):
        for i, (program, suite, case, _) in enumerate(GOOD):
            with self.subTest(program=program, case=f"{suite}.{case}"):
                self.assertTrue(not_met(measured(GOOD[:i] + GOOD[i + 1:])))
                self.assertTrue(not_met(measured(failed=f"{suite}.{case}")))
                self.assertTrue(not_met(measured(skipped=f"{suite}.{case}")))
                self.assertTrue(not_met(measured((*GOOD[:i], (program, suite, case, {}), *GOOD[i + 1:]))))

    def test_one_of_several_cases_that_was_skipped_counts(self):
        program, suite, case, properties = next(entry for entry in GOOD if entry[1] == "Quanta/Crash")
        another = (program, suite, case + "0", properties)
        self.assertEqual(not_met(measured((*GOOD, another))), [])
        self.assertTrue(not_met(measured((*GOOD, another), skipped=f"{suite}.{case}0")))

    def test_one_step_beyond_each_limit_is_not_met(self):
        beyond = {"samples_above": "1", "samples_above_busy": "1", "samples_wrong": "1", "default": "0.101", "30": "-119.9", "over_ceiling_db": "0.31",
                  "blocks_reduced": "2", "changed": "1", "latency_ms": "0.1", "told_ms": "0.1", "p99_ms": "15.4", "ready_ms": "151",
                  "resident_kib": "16385", "wake_ups": "1", "seconds": "59"}
        for i, (_, suite, case, properties) in enumerate(GOOD):
            for name in properties.keys() & beyond.keys():
                with self.subTest(case=f"{suite}.{case}", name=name):
                    entries = copy.deepcopy(list(GOOD))
                    entries[i][3][name] = beyond[name]
                    self.assertEqual(len(not_met(measured(entries))), 1)
        for i in range(len(TIMES)):
            times = copy.deepcopy(TIMES)
            times[i]["ns_per_frame"] += -1 if times[i]["who"] == "x42 dpl" else 0.1
            self.assertTrue(not_met(measured(times=times)))

    def test_where_nothing_bounds_the_sink_a_link_is_heard_for_ten_milliseconds_and_a_quantum_at_most(self):
        entries = copy.deepcopy(list(GOOD))
        of = next(properties for program, suite, case, properties in entries if suite == "Quanta/Warden" and case.endswith("q64"))
        of.update({"samples_above": "100", "samples_above_worst_ms": "11.3"})
        self.assertEqual(not_met(measured(entries), bounded=True), [])
        self.assertEqual(len(not_met(measured(entries))), 1)
        of["samples_above_worst_ms"] = "11.4"
        self.assertEqual(len(not_met(measured(entries), bounded=True)), 1)


if __name__ == "__main__":
    unittest.main()
