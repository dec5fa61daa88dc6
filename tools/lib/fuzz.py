#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs libFuzzer on the targets of tests/fuzz: see tools/fuzz.

    fuzz.py SOURCE BUILD [--minutes N] [--jobs N] [--no-merge] [--fresh] [--as-built] [--table] [--list] [NAME…]

Targets are the tests of the suite "fuzz" as meson knows them; their arguments are the longest input and the folders of inputs.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

LONGEST_S = 60  # an input that takes longer hangs


@dataclass
class Target:
    name: str
    program: Path
    longest: int
    folders: list
    environment: dict = field(default_factory=dict)


@dataclass
class Run:
    executions: int = 0
    seconds: float = 0.0
    crashers: list = field(default_factory=list)
    trouble: str = ""


def targets_of(build):
    listing = json.loads(subprocess.run(["meson", "introspect", "--tests", str(build)], check=True, capture_output=True, text=True).stdout)
    targets = []
    for test in listing:
        if "fuzz" not in test["suite"] and not any(s.endswith(":fuzz") for s in test["suite"]):
            continue
        name = test["name"].removeprefix("fuzz-")
        _, longest, *folders = test["cmd"]
        targets.append(Target(name, build / "tests/fuzz" / f"{name}-fuzz", int(longest), [Path(f) for f in folders], test["env"]))
    return sorted(targets, key=lambda t: t.name)


def executions_in(text):
    """libFuzzer's own count: the final statistics, or the last line of progress of a run that was stopped."""
    found = re.findall(r"stat::number_of_executed_units:\s*(\d+)", text) or re.findall(r"^#(\d+)\s", text, re.MULTILINE)
    return int(found[-1]) if found else 0


class Fuzzing:
    def __init__(self, source, build):
        self.source, self.build = source, build
        self.work = build / "fuzz"
        self.totals_file = self.work / "executions.json"
        self.lock = threading.Lock()

    def kept(self, kind, target):
        return self.source / "tests/fuzz" / kind / target.name

    def found(self, target):
        """The working corpus: everything found so far, larger than what is kept."""
        folder = self.work / "found" / target.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def environment(self, target, profile="/dev/null"):
        return {**os.environ, **target.environment, "LLVM_PROFILE_FILE": str(profile)}

    def run(self, target, seconds):
        result = Run()
        artifacts = Path(tempfile.mkdtemp(prefix="soundwarden-fuzz-"))
        log = self.work / f"{target.name}.log"
        begin = time.monotonic()
        with open(log, "w", encoding="utf-8") as out:
            code = subprocess.run(
                [target.program, f"-max_total_time={int(seconds)}", f"-max_len={target.longest}", f"-timeout={LONGEST_S}", "-rss_limit_mb=2048",
                 "-print_final_stats=1", "-reload=0", f"-artifact_prefix={artifacts}/", self.found(target), *existing(target.folders)],
                stdout=out, stderr=subprocess.STDOUT, env=self.environment(target), check=False).returncode
        result.seconds = time.monotonic() - begin
        result.executions = executions_in(log.read_text(encoding="utf-8", errors="replace"))
        for artifact in sorted(artifacts.iterdir()):
            if artifact.name.startswith("slow-unit"):
                continue
            folder = self.kept("crashers", target)
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(artifact, folder / artifact.name)
            result.crashers.append(folder / artifact.name)
        shutil.rmtree(artifacts)
        if code != 0 and not result.crashers:
            result.trouble = f"ended with exit code {code} and kept no input; see {log}"
        with self.lock:
            totals = self.totals()
            totals[target.name] = totals.get(target.name, 0) + result.executions
            self.totals_file.write_text(json.dumps(totals, indent=1) + "\n", encoding="utf-8")
            print(f"{target.name}: {result.executions:,} executions in {result.seconds:.0f} s"
                  + "".join(f"\n  broken by {c.relative_to(self.source)}" for c in result.crashers)
                  + (f"\n  {result.trouble}" if result.trouble else ""), file=sys.stderr, flush=True)
        return result

    def totals(self):
        return json.loads(self.totals_file.read_text(encoding="utf-8")) if self.totals_file.exists() else {}

    def run_all(self, targets, minutes, jobs):
        """Each gets the same time. The longest that any takes is that of one round of `jobs`."""
        seconds = minutes * 60 * min(jobs, len(targets)) / len(targets)
        waiting, results = list(targets), {}

        def work():
            while True:
                with self.lock:
                    if not waiting:
                        return
                    target = waiting.pop(0)
                result = self.run(target, max(1, seconds))
                with self.lock:
                    results[target.name] = result

        threads = [threading.Thread(target=work) for _ in range(min(jobs, len(targets)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    def merge(self, target):
        """Least inputs that reach every edge: first of what was found, then of that and what was kept. How often an edge is taken does not count."""
        kept = self.kept("corpora", target)
        fresh = Path(tempfile.mkdtemp(prefix="soundwarden-fuzz-"))
        by_hand = [f for f in existing(target.folders) if f != kept]
        done = subprocess.run(
            [target.program, "-merge=1", "-use_counters=0", f"-max_len={target.longest}", f"-timeout={LONGEST_S}", f"-artifact_prefix={self.work}/", fresh, *([kept] if kept.is_dir() else []),
             self.found(target), *by_hand], capture_output=True, text=True, errors="replace", env=self.environment(target), check=False)
        if done.returncode != 0 or not any(fresh.iterdir()):
            shutil.rmtree(fresh)
            print(f"{target.name}: its inputs could not be merged, and stay as they are\n{done.stderr[-2000:]}", file=sys.stderr)
            return
        # What is there by hand is not kept twice.
        known = {f.read_bytes() for folder in by_hand for f in folder.iterdir() if f.is_file()}
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for file in fresh.iterdir():
            if file.read_bytes() not in known:
                shutil.copyfile(file, kept / file.name)
        shutil.rmtree(fresh)
        if not any(kept.iterdir()):
            kept.rmdir()

    def coverage(self, target):
        """Lines and branches of the product's code in the target that the kept inputs reach: (reached, all) each."""
        raw, indexed = self.work / f"{target.name}.profraw", self.work / f"{target.name}.profdata"
        raw.unlink(missing_ok=True)
        folders = existing([*target.folders, self.kept("corpora", target)])
        subprocess.run([target.program, "-runs=0", f"-max_len={target.longest}", f"-artifact_prefix={self.work}/", *dict.fromkeys(folders)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env=self.environment(target, raw), check=False)
        if not raw.exists():
            return None
        subprocess.run(["llvm-profdata", "merge", "-sparse", raw, "-o", indexed], check=True)
        report = json.loads(subprocess.run(["llvm-cov", "export", "-summary-only", f"-instr-profile={indexed}", target.program], check=True,
                                           capture_output=True, text=True).stdout)
        sums = {"lines": [0, 0], "branches": [0, 0]}
        for file in report["data"][0]["files"]:
            path = Path(os.path.normpath(self.build / file["filename"]))
            if not path.is_relative_to(self.source / "daemon") or "/include/" in str(path):
                continue
            for what, sum_ in sums.items():
                sum_[0] += file["summary"][what]["covered"]
                sum_[1] += file["summary"][what]["count"]
        return sums


def existing(folders):
    return [f for f in folders if f.is_dir()]


def size_of(folders):
    files = [f for folder in existing(list(dict.fromkeys(folders))) for f in folder.iterdir() if f.is_file()]
    return len(files), sum(f.stat().st_size for f in files)


def percent(pair):
    return f"{100 * pair[0] / pair[1]:.0f} %" if pair[1] else "–"


def table(fuzzing, targets, results):
    totals = fuzzing.totals()
    print("| target | inputs kept | executions, this run | a second | executions, all runs | lines | branches | broken by |")
    print("|---|---|---|---|---|---|---|---|")
    for target in targets:
        run = results.get(target.name, Run())
        count, size = size_of([*target.folders, fuzzing.kept("corpora", target)])
        reached = fuzzing.coverage(target) or {"lines": [0, 0], "branches": [0, 0]}
        broken = ", ".join(c.name for c in run.crashers) or run.trouble or "nothing"
        rate = f"{run.executions / run.seconds:,.0f}" if run.seconds else "–"
        print(f"| `{target.name}` | {count} ({(size + 1023) // 1024} KiB) | {run.executions:,} | {rate} | {totals.get(target.name, 0):,} "
              f"| {percent(reached['lines'])} | {percent(reached['branches'])} | {broken} |")
    print(f"| all | | {sum(r.executions for r in results.values()):,} | | {sum(totals.get(t.name, 0) for t in targets):,} | | | "
          f"{sum(len(r.crashers) for r in results.values()) or 'nothing'} |", flush=True)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="tools/fuzz")
    parser.add_argument("source", type=Path)
    parser.add_argument("build", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--no-merge", action="store_true")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--as-built", action="store_true")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_intermixed_args(arguments)
    targets = targets_of(options.build)
    if options.list:
        print("\n".join(t.name for t in targets))
        return 0
    unknown = set(options.names) - {t.name for t in targets}
    if unknown:
        parser.error(f"there is no target {', '.join(sorted(unknown))}; --list tells their names")
    if options.minutes is None and not options.table:
        parser.error("say how long: --minutes N")
    targets = [t for t in targets if not options.names or t.name in options.names]
    fuzzing = Fuzzing(options.source, options.build)
    fuzzing.work.mkdir(exist_ok=True)
    if options.fresh:
        fuzzing.totals_file.unlink(missing_ok=True)
    if not options.as_built and subprocess.run(["ninja", "-C", options.build, *(t.program.relative_to(options.build) for t in targets)], stdout=sys.stderr, check=False).returncode:
        print("tools/fuzz: the targets do not build; see above (libFuzzer comes with clang)", file=sys.stderr)
        return 1
    results = {} if options.table else fuzzing.run_all(targets, options.minutes, options.jobs)
    if not options.table and not options.no_merge:
        for target in targets:
            fuzzing.merge(target)
    table(fuzzing, targets, results)
    return 1 if any(r.crashers or r.trouble for r in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
