#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The table behind tools/coverage, from gcovr's JSON.

    coverage_table.py all|unit COVERAGE.json
    coverage_table.py missing COVERAGE.json FOLDER
"""

import json
import sys
from collections import defaultdict

# Folder -> floors in per cent of lines and of branches, and whether unit tests alone have to reach them.
FLOORS = {
    "model": (95, 90, True),
    "classify": (95, 90, True),
    "policy": (95, 90, True),
    "engine": (95, 90, True),
    "dsp": (95, 90, True),
    "dose": (80, 0, True),
    "files": (80, 0, True),
    "host": (80, 0, True),
    "sense": (80, 0, True),
    "trace": (80, 0, True),
    "dbus": (80, 0, False),
    "loop": (80, 0, False),
    "pipewire": (80, 0, False),
}


def folder_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "daemon" else None


def files_of(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)["files"]


def lines_of(file):
    """Number -> whether it was reached, and its branches. A line of a template stands there more than once."""
    lines = {}
    for line in file["lines"]:
        if line.get("gcovr/noncode") or line.get("gcovr/excluded"):
            continue
        seen = lines.setdefault(line["line_number"], [False, []])
        seen[0] = seen[0] or line["count"] > 0
        branches = [branch for branch in line["branches"] if not branch.get("throw")]
        if len(branches) == len(seen[1]):
            seen[1] = [a or branch["count"] > 0 for a, branch in zip(seen[1], branches)]
        elif len(branches) > len(seen[1]):
            seen[1] = [branch["count"] > 0 for branch in branches]
    return lines


def per_cent(part, whole):
    return 100.0 * part / whole if whole else 100.0


def table(files, judge_all):
    counts = defaultdict(lambda: [0, 0, 0, 0])
    for file in files:
        folder = folder_of(file["file"])
        if folder is None:
            continue
        count = counts[folder]
        for reached, branches in lines_of(file).values():
            count[0] += reached
            count[1] += 1
            count[2] += sum(branches)
            count[3] += len(branches)
    below = 0
    print("| folder | lines | reached | floor | branches | taken | floor | |\n|---|---|---|---|---|---|---|---|")
    for folder in [*FLOORS, *sorted(set(counts) - set(FLOORS))]:
        reached, lines, taken, branches = counts[folder]
        line_floor, branch_floor, unit_alone = FLOORS.get(folder, (0, 0, False))
        judged = folder in FLOORS and (judge_all or unit_alone)
        good = per_cent(reached, lines) >= line_floor and per_cent(taken, branches) >= branch_floor and (lines > 0 or folder == "loop")
        below += judged and not good
        verdict = ("met" if good else "not met") if judged else "not judged"
        print(f"| {folder} | {lines} | {per_cent(reached, lines):.1f} % | {line_floor or '-'} | {branches} | {per_cent(taken, branches):.1f} % | "
              f"{branch_floor or '-'} | {verdict} |")
    return below


def missing(files, folder):
    for file in sorted(files, key=lambda each: each["file"]):
        if folder_of(file["file"]) != folder:
            continue
        for number, (reached, branches) in sorted(lines_of(file).items()):
            if not reached:
                print(f"{file['file']}:{number}: not reached")
            elif not all(branches):
                print(f"{file['file']}:{number}: {branches.count(False)} of {len(branches)} branches not taken")


def main():
    if sys.argv[1] == "missing":
        missing(files_of(sys.argv[2]), sys.argv[3])
        return 0
    return 1 if table(files_of(sys.argv[2]), sys.argv[1] == "all") else 0


if __name__ == "__main__":
    sys.exit(main())
