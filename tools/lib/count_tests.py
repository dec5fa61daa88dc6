#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts what `meson test` ran: one for each GoogleTest case, one for each other test.

    count_tests.py forget BUILD
        Before the run: removes the results of earlier runs, so that none of them can be taken for this one's.

    count_tests.py report [--build BUILD] [--meson-exit N] [--also NAME=passed|failed]…
                          --platform P --allowed-skips FILE
        After it: prints each failure with the end of its log, each skip with its reason, and as the last line
        "N passed, N failed, N skipped". Exit code 1 if anything failed or nothing ran.

meson's own JUnit file cannot be used for this: it shows a timeout of a plain test as passed, drops GoogleTest's word
for skipped, and picks up the XML of an earlier run when a test crashes before it has written its own. So the source
is testlog.json (the verdict on each program) and the XML that each GoogleTest program wrote.

A GoogleTest program that crashed, timed out, wrote no XML or ran no case counts as one failure beside its cases.
A skip (also a DISABLED_ case) that no line of the allowed-skips file covers on this platform counts as failed.
"""

import argparse
import fnmatch
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
LOG_LINES = 40


@dataclass
class Case:
    """One counted test. `name` is "PROGRAM/SUITE.CASE" for GoogleTest, else "PROGRAM"."""

    name: str
    outcome: str
    detail: str = ""  # why it was skipped, or the log of a failure


@dataclass
class AllowedSkip:
    platform: str
    pattern: str
    reason: str


def tail(text, lines=LOG_LINES):
    kept = text.rstrip().splitlines()
    if len(kept) <= lines:
        return "\n".join(kept)
    return "\n".join([f"[{len(kept) - lines} lines left out]"] + kept[-lines:])


def read_allowed_skips(path):
    """Raises ValueError naming file and line for a line that is not "platform  glob  reason"."""
    allowed = []
    for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        fields = line.split(None, 2)
        if len(fields) < 3 or fields[0] not in ("debian12", "debian13", "any"):
            raise ValueError(
                f'{path}:{number}: "{line.strip()}" is not an allowed skip; '
                "write: debian12|debian13|any  TEST-NAME-GLOB  REASON"
            )
        allowed.append(AllowedSkip(*fields))
    return allowed


def program_log(entry):
    return "\n".join(part for part in (entry.get("stdout"), entry.get("stderr")) if part)


def case_log(log, case):
    """What GoogleTest printed between "[ RUN      ] case" and its verdict, or nothing."""
    lines = log.splitlines()
    begin = next((i for i, line in enumerate(lines) if line.strip() == f"[ RUN      ] {case}"), None)
    if begin is None:
        return ""
    for i in range(begin + 1, len(lines)):
        if lines[i].startswith(("[  FAILED  ]", "[       OK ]", "[  SKIPPED ]", "[ RUN      ]")):
            return "\n".join(lines[begin + 1 : i])
    return "\n".join(lines[begin + 1 :])


def unfinished_case(log):
    """The case that GoogleTest began and gave no verdict on, or nothing."""
    verdicts = [line[:12] for line in log.splitlines()]
    begins = [i for i, word in enumerate(verdicts) if word == "[ RUN      ]"]
    if not begins or any(w in ("[  FAILED  ]", "[       OK ]", "[  SKIPPED ]") for w in verdicts[begins[-1] :]):
        return ""
    return log.splitlines()[begins[-1]][12:].strip()


def gtest_cases(program, entry, xml_path):
    log = program_log(entry)
    verdict = f"{entry['result']}, exit code {entry['returncode']}"

    def broken(what):
        return Case(program, FAILED, f"{what} ({verdict})\n{tail(log)}")

    if not xml_path.exists():
        where = unfinished_case(log)
        return [broken(f"crashed or was stopped in {where}" if where else "wrote no results: it could not start or crashed")]
    try:
        root = ET.parse(xml_path).getroot()
    except ET.ParseError as error:
        return [broken(f"wrote results that cannot be read: {error}")]

    cases = []
    for element in root.iter("testcase"):
        case = f"{element.get('classname')}.{element.get('name')}"
        name = f"{program}/{case}"
        failures = element.findall("failure") + element.findall("error")
        skipped = element.find("skipped")
        if failures:
            text = case_log(log, case) or "\n".join(f.get("message") or f.text or "" for f in failures)
            cases.append(Case(name, FAILED, tail(text)))
        elif skipped is not None or element.get("result") == "skipped":
            message = skipped.get("message") if skipped is not None else None
            cases.append(Case(name, SKIPPED, (message or "no reason given").strip().splitlines()[-1]))
        elif element.get("status") == "notrun" or element.get("result") == "suppressed":
            cases.append(Case(name, SKIPPED, "disabled in the source"))
        else:
            cases.append(Case(name, PASSED))

    if not cases:
        return [broken("ran no test case")]
    if entry["result"] != "OK" and not any(c.outcome == FAILED for c in cases):
        cases.append(broken("all its cases passed, but the program did not end well"))
    return cases


def plain_case(program, entry):
    if entry["result"] in ("OK", "EXPECTEDFAIL"):
        return Case(program, PASSED)
    log = program_log(entry)
    if entry["result"] == "SKIP":
        lines = log.strip().splitlines()
        return Case(program, SKIPPED, lines[-1].strip() if lines else "no reason given")
    return Case(program, FAILED, f"{entry['result']}, exit code {entry['returncode']}\n{tail(log)}")


def gtest_results(build):
    """GoogleTest program -> the XML file that meson makes it write. Raises ValueError where two would share one."""
    listing = subprocess.run(
        ["meson", "introspect", "--tests", str(build)], check=True, capture_output=True, text=True
    ).stdout
    results = {}
    names = set()
    for test in json.loads(listing):
        name = test["name"]
        if name in names:
            raise ValueError(
                f'two tests are called "{name}", so their results cannot be told apart; rename one in its meson.build'
            )
        names.add(name)
        if test["protocol"] == "gtest":
            # meson starts tests in the build directory unless they name a workdir.
            results[name] = build / (test.get("workdir") or "") / f"{name}.xml"
    return results


def read_build(build):
    """The cases of the run whose testlog.json lies in the build directory."""
    log = build / "meson-logs" / "testlog.json"
    if not log.exists():
        return []
    results = gtest_results(build)
    cases = []
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if not line.strip():
            continue
        entry = json.loads(line)
        program = entry["name"].rsplit(" / ", 1)[-1]  # "project:suite / program"
        if program in results and entry["result"] != "EXPECTEDFAIL":
            cases += gtest_cases(program, entry, results[program])
        else:
            cases.append(plain_case(program, entry))
    return cases


def judge_skips(cases, allowed, platform):
    """Turns a skip that no line allows into a failure; the detail of an allowed one gains the reason."""
    judged = []
    for case in cases:
        if case.outcome != SKIPPED:
            judged.append(case)
            continue
        match = next(
            (a for a in allowed if a.platform in (platform, "any") and fnmatch.fnmatchcase(case.name, a.pattern)), None
        )
        if match:
            judged.append(Case(case.name, SKIPPED, f"{case.detail} (allowed: {match.reason})"))
        else:
            judged.append(Case(case.name, FAILED, f"skipped: {case.detail}\nno line of allowed-skips allows that here"))
    return judged


def forget(build):
    """Removes testlog.json and every XML that a GoogleTest program of this build writes."""
    (build / "meson-logs" / "testlog.json").unlink(missing_ok=True)
    for xml in gtest_results(build).values():
        xml.unlink(missing_ok=True)


def report(cases, out):
    """Prints the report and returns the exit code."""
    counts = {outcome: sum(1 for c in cases if c.outcome == outcome) for outcome in (PASSED, FAILED, SKIPPED)}
    skipped = [c for c in cases if c.outcome == SKIPPED]
    failed = [c for c in cases if c.outcome == FAILED]
    for case in skipped:
        print(f"skipped: {case.name}: {case.detail}", file=out)
    for case in failed:
        print(f"\nFAILED: {case.name}", file=out)
        for line in case.detail.splitlines():
            print(f"    {line}", file=out)
    if failed:
        print(file=out)
    print(f"{counts[PASSED]} passed, {counts[FAILED]} failed, {counts[SKIPPED]} skipped", file=out, flush=True)
    return 1 if failed else 0


def parse_also(text):
    name, _, outcome = text.rpartition("=")
    if not name or outcome not in (PASSED, FAILED):
        raise argparse.ArgumentTypeError(f'"{text}" is not NAME=passed or NAME=failed')
    return Case(name, outcome, "its output is above" if outcome == FAILED else "")


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Counts what `meson test` ran.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    forget_verb = verbs.add_parser("forget")
    forget_verb.add_argument("build", type=Path)
    report_verb = verbs.add_parser("report")
    report_verb.add_argument("--build", type=Path)
    report_verb.add_argument("--meson-exit", type=int, default=0)
    report_verb.add_argument("--also", type=parse_also, action="append", default=[])
    report_verb.add_argument("--platform", required=True)
    report_verb.add_argument("--allowed-skips", type=Path, required=True)
    options = parser.parse_args(arguments)

    try:
        if options.verb == "forget":
            forget(options.build)
            return 0
        cases = list(options.also)
        if options.build:
            tests = read_build(options.build)
            if not tests:
                tests = [Case("meson-test", FAILED, "no test ran: nothing matches what was asked for")]
            cases += judge_skips(tests, read_allowed_skips(options.allowed_skips), options.platform)
    except (ValueError, OSError, subprocess.CalledProcessError) as error:
        print(f"count_tests: {error}", file=sys.stderr)
        return 2
    if options.meson_exit != 0 and not any(c.outcome == FAILED for c in cases):
        cases.append(
            Case("meson-test", FAILED, f"meson test ended with exit code {options.meson_exit}, though no test failed")
        )
    return report(cases, sys.stdout)


if __name__ == "__main__":
    sys.exit(main())
