#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What limiter_bench says of what it measured, and of what it could not. No figure is judged.

    limiter_bench_test.py LIMITER_BENCH
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

LIMITER_BENCH = sys.argv.pop(1)
# No plugins here, so that the test is the same on every machine.
NOWHERE = {**os.environ, "LV2_PATH": "/nonexistent", "LADSPA_PATH": "/nonexistent"}


def run(*arguments):
    short = ["--benchmark_repetitions=2", "--benchmark_filter=soundwarden/default-true-peak/scalar/active/(32|256)/(1|2)$"]
    return subprocess.run([LIMITER_BENCH, *short, *arguments], capture_output=True, text=True, timeout=120, check=False, env=NOWHERE)


class LimiterBench(unittest.TestCase):
    def test_the_summary_lists_each_case_once(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "summary.json"
            done = run("--summary", file)
            self.assertEqual(done.returncode, 0, done.stderr)
            entries = json.loads(file.read_text())
        common = {"who": "soundwarden", "mode": "default-true-peak", "isa": "scalar", "signal": "active"}
        self.assertEqual(sorted((e["block"], e["channels"]) for e in entries), [(32, 2), (256, 1), (256, 2)])
        for entry in entries:
            self.assertEqual(set(entry), {*common, "block", "channels", "ns_per_frame"})
            self.assertLessEqual(common.items(), entry.items())
            self.assertGreater(entry["ns_per_frame"], 0)
            # The table shows the same time.
            self.assertIn(f"{entry['ns_per_frame']:.2f} (", done.stdout)
        self.assertIn("active, 2 channels", done.stdout)

    def test_what_is_missing_is_named_and_no_failure(self):
        done = run()
        self.assertEqual(done.returncode, 0)
        missing = [line for line in done.stderr.splitlines() if line.startswith("missing: ")]
        self.assertEqual(len(missing), 5)
        for words in ("x42 dpl (x42-plugins)", "LSP (lsp-plugins-lv2)", "SWH 1913 (swh-plugins)", "Calf (calf-plugins)", "ZaMaximX2 (zam-plugins)"):
            self.assertEqual(sum(line.startswith(f"missing: {words}") for line in missing), 1, words)

    def test_a_summary_that_cannot_be_written_is_said(self):
        done = run("--summary=/nonexistent/summary.json")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot write /nonexistent/summary.json: No such file", done.stderr)
        self.assertEqual(run("--summary").returncode, 2)


if __name__ == "__main__":
    unittest.main()
