#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each hazard of docs/safety.md has a deliberate defect, and a test that is named for it.

    named_faults.py TREE [FAULTS]

- Every row of the tables of docs/safety.md stands in tests/faults.txt (or FAULTS), word for word, with a defect or with a reason; and no other.
- Every number of CONTRIBUTING.md, "What must never break", has its defects.
- Every defect of daemon/model/include/model/fault.hpp is in that file with a test that exists, and stands in one place of the code.

That the tests notice is proved by tools/faults. Exit code 0: all of it; 1: each fault on a line.
"""

import re
import sys
from collections import Counter
from pathlib import Path

sys.dont_write_bytecode = True
from docs import tables_of, tests_of, text_of  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools/lib"))
from fault_table import read_table  # noqa: E402


def problems_of(tree, faults):
    table = read_table(faults)
    yield from table.problems

    hazards = [row[0] for one in tables_of(text_of(tree / "docs/safety.md")) if one[0][0] == "hazard" for row in one[1:]]
    yield from (f"docs/safety.md has a hazard that has no defect: {hazard}" for hazard in hazards if hazard not in table.hazards)
    yield from (f"docs/safety.md has no hazard: {hazard}" for hazard in table.hazards if hazard not in hazards)
    for hazard, names in table.hazards.items():
        if bool(names) == (hazard in table.reasons):
            yield f"it takes defects, or a reason why there are none: {hazard}"

    section = re.search(r"^## What must never break\n(.*?)^## ", text_of(tree / "CONTRIBUTING.md"), re.MULTILINE | re.DOTALL)
    promised = {int(number) for number in re.findall(r"^(\d+)\. ", section[1] if section else "", re.MULTILINE)}
    if promised != set(table.promises):
        yield f"promises {sorted(table.promises)} have defects, CONTRIBUTING.md has {sorted(promised)}"

    header = text_of(tree / "daemon/model/include/model/fault.hpp")
    known = {name: enumerator for enumerator, name in re.findall(r'\{Fault::(\w+), "([a-z0-9-]+)"\}', header) if name != "none"}
    proved = set(table.faults())
    named = {name for names in [*table.hazards.values(), *table.promises.values()] for name in names}
    yield from (f"there is no defect {name}" for name in sorted(named - set(known)))
    yield from (f"nothing says who has to notice {name}" for name in sorted(set(known) - proved))
    yield from (f"{name} has no test anywhere" for name in sorted(named - proved))

    used = Counter()
    for file in [*(tree / "daemon").rglob("*.cpp"), *(tree / "daemon").rglob("*.hpp")]:
        used.update(re.findall(r"\bfault\(Fault::(\w+)\)", text_of(file)))
    yield from (f"{name} stands in {used[enumerator]} places of the code, not in one" for name, enumerator in known.items() if used[enumerator] != 1)

    tests = tests_of(tree)
    for proof in table.proofs:
        yield from (f"{proof.fault}: there is no test {name}" for name in (proof.program, *proof.cases) if name not in tests)


def main():
    tree = Path(sys.argv[1]).resolve()
    problems = list(problems_of(tree, Path(sys.argv[2]) if len(sys.argv) > 2 else tree / "tests/faults.txt"))
    for problem in problems:
        print(problem)
    print(f"named-faults: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
