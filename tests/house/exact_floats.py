#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No build file and no source relaxes what floating point means: a test for NaN could vanish, and no two processors would agree.

    exact_floats.py SOURCE_TREE
"""

import os
import re
import sys
import unittest
from pathlib import Path

SOURCE = Path(sys.argv.pop(1)).resolve()
RELAXED = re.compile(
    r"fast-?math|-Ofast\b|-f(unsafe-math-optimizations|associative-math|reciprocal-math|finite-math-only|no-signed-zeros)"
    r"|-ffp-contract=fast|-mdaz-ftz|/fp:fast"
)
LOOKED_AT = (".build", ".options", ".txt", ".cpp", ".hpp", ".c", ".h")


def relaxed(tree):
    """path:line of everything that asks for inexact floating point below `tree`."""
    found = []
    for folder, folders, files in os.walk(tree):
        folders[:] = [name for name in folders if not name.startswith((".", "build")) and name != "docs"]
        for name in files:
            if not name.endswith(LOOKED_AT):
                continue
            lines = Path(folder, name).read_text(encoding="utf-8", errors="replace").splitlines()
            found += [f"{Path(folder, name)}:{number}" for number, line in enumerate(lines, 1) if RELAXED.search(line)]
    return found


class ExactFloats(unittest.TestCase):
    def test_nothing_relaxes_floating_point(self):
        self.assertTrue((SOURCE / "daemon/dsp/meson.build").is_file(), "looked in the wrong place")
        self.assertEqual(relaxed(SOURCE), [])

    def test_what_would_is_recognised(self):
        for line in ("cpp_args: '-ffast-math'", "['-Ofast']", "-funsafe-math-optimizations", '__attribute__((optimize("fast-math")))'):
            self.assertTrue(RELAXED.search(line), line)
        for line in ("'-ffp-contract=off'", "-O3", "-fno-math-errno", "breakfast"):
            self.assertFalse(RELAXED.search(line), line)


if __name__ == "__main__":
    unittest.main()
