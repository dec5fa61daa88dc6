# SPDX-License-Identifier: MIT
"""Reads tests/faults.txt: which defect belongs to which hazard, and which tests have to notice it."""

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Proof:
    fault: str
    program: str
    cases: tuple


@dataclass
class Table:
    hazards: dict = field(default_factory=dict)  # hazard -> names of faults; none where a reason stands instead
    reasons: dict = field(default_factory=dict)  # hazard -> why it has none
    promises: dict = field(default_factory=dict)  # number -> names of faults
    proofs: list = field(default_factory=list)
    problems: list = field(default_factory=list)

    def faults(self):
        return list(dict.fromkeys(proof.fault for proof in self.proofs))


def read_table(path):
    table = Table()
    hazard = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if line.startswith("hazard: "):
            hazard = line.removeprefix("hazard: ")
            if hazard in table.hazards:
                table.problems.append(f"line {number}: a second time: {hazard}")
            table.hazards[hazard] = []
        elif promise := re.fullmatch(r"promise (\d+): (.+)", line):
            table.promises[int(promise[1])] = promise[2].split()
        elif not line.startswith("  ") or hazard is None:
            table.problems.append(f"line {number} is none of the forms that stand above")
        elif words[0] == "none:" and len(words) > 1:
            table.reasons[hazard] = " ".join(words[1:])
        elif len(words) == 2:
            table.problems.append(f"line {number}: {words[1]} stands without a test")
        else:
            table.hazards[hazard].append(words[0])
            if len(words) > 2:
                table.proofs.append(Proof(words[0], words[1], tuple(words[2:])))
    return table
