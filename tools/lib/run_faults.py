#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The runner behind tools/faults: each fault of tests/faults.txt, each program that has to notice it.

    run_faults.py [--list | --targets] [--unit] [NAME…]

Reads the build directory from SOUNDWARDEN_BUILD. --targets: what has to be built for the run, as ninja calls it.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from fault_table import read_table  # noqa: E402

SOURCE = Path(__file__).resolve().parents[2]
LONGEST_S = 300


def introspect(build, what):
    return json.loads(subprocess.run(["meson", "introspect", what, build], capture_output=True, text=True, check=True).stdout)


def tests_in(build):
    """Name -> the test as meson describes it."""
    return {test["name"]: test for test in introspect(build, "--tests")}


def pattern(case):
    """A case as GoogleTest prints it: one with parameters has the name of the set before it, and the parameter behind."""
    return rf"(?:\S+/)?{re.escape(case)}(?:/\S+?)?(?=[ ,]|$)"


class Run:
    """One program with some of its cases, with one fault or none."""

    def __init__(self, test, cases, fault):
        environment = {**os.environ, **test["env"], "SOUNDWARDEN_FAULT": fault, "GTEST_COLOR": "no"}
        command = [*test["cmd"], "--gtest_filter=" + ":".join(f"{case}:*/{case}/*" for case in cases)]
        try:
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
                                  timeout=LONGEST_S, cwd=test.get("workdir") or SOURCE)
            self.code, self.output = done.returncode, done.stdout
        except subprocess.TimeoutExpired as late:
            self.code, self.output = None, (late.stdout or b"").decode(errors="replace")

    def said(self, what, case):
        return re.search(rf"^\[{what}\] {pattern(case)}", self.output, re.MULTILINE) is not None

    def passed(self, case):
        """It ran to a good end. One that was skipped proves nothing."""
        return self.code == 0 and self.said("       OK ", case) and not self.said("  SKIPPED ", case)

    def noticed(self, case):
        """It failed, or was the one that ran when the program ended: by a signal, by a sanitizer, or because its time was over."""
        if self.code == 0:
            return False
        started = re.findall(r"^\[ RUN      \] (\S+)", self.output, re.MULTILINE)
        unfinished = started and not re.search(rf"^\[ .*(?:OK|FAILED|SKIPPED) +\] {re.escape(started[-1])}", self.output, re.MULTILINE)
        return self.said("  FAILED  ", case) or bool(unfinished and re.fullmatch(pattern(case), started[-1]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--targets", action="store_true")
    parser.add_argument("--unit", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    table = read_table(SOURCE / "tests/faults.txt")
    for name in options.names:
        if name not in table.faults():
            print(f"faults: there is no fault {name}; see tools/faults --list", file=sys.stderr)
            return 1
    proofs = [proof for proof in table.proofs if not options.names or proof.fault in options.names]
    if options.list:
        for proof in proofs:
            print(f"{proof.fault:32} {proof.program:16} {' '.join(proof.cases)}")
        return 0

    build = os.environ["SOUNDWARDEN_BUILD"]
    tests = tests_in(build)
    if options.unit:
        proofs = [proof for proof in proofs if any(suite.endswith("unit") for suite in tests[proof.program]["suite"])]
    if options.targets:
        needed = {tests[proof.program]["cmd"][0] for proof in proofs} | {needs for proof in proofs for needs in tests[proof.program]["depends"]}
        files = {target["id"]: target["filename"] for target in introspect(build, "--targets")}
        for each in sorted(needed):
            for path in files.get(each, [each]):
                print(os.path.relpath(path, build))
        return 0

    passed = failed = 0
    for proof in proofs:
        sound = Run(tests[proof.program], proof.cases, "none")
        broken = [case for case in proof.cases if not sound.passed(case)]
        unnoticed = []
        if not broken:
            # Each by itself: what one leaves behind must not make the next one fail.
            unnoticed = [case for case in proof.cases if not Run(tests[proof.program], (case,), proof.fault).noticed(case)]
        for case in broken:
            print(f"FAILED: {proof.program} {case} does not pass without a fault")
        for case in unnoticed:
            print(f"FAILED: {proof.program} {case} does not notice {proof.fault}")
        good = not broken and not unnoticed
        print(f"{'noticed' if good else 'FAILED':8} {proof.fault:32} {proof.program:16} {' '.join(proof.cases)}", flush=True)
        passed, failed = passed + good, failed + (not good)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
