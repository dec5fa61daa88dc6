#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Proves that tests/house/named_faults.py finds what is missing, in copies of tests/faults.txt with one change each.

    named_faults_selftest.py SOURCE_TREE
"""

import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(sys.argv.pop(1)).resolve()

sys.dont_write_bytecode = True
sys.path.insert(0, str(SOURCE / "tests/house"))
import named_faults  # noqa: E402

PROOF = "  direct-use-unseen  unit-engine  DirectUse.OfAGuardedCardIsDegradedAsLongAsItLasts\n"


class Changes(unittest.TestCase):
    def problems(self, old="", new=""):
        text = (SOURCE / "tests/faults.txt").read_text(encoding="utf-8")
        self.assertIn(old, text)
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
            file.write(text.replace(old, new, 1))
            file.flush()
            return list(named_faults.problems_of(SOURCE, Path(file.name)))

    def test_as_it_is_there_is_none(self):
        self.assertEqual(self.problems(), [])

    def test_a_hazard_without_a_defect(self):
        self.assertEqual(self.problems("hazard: the clock is set", "hazard: the clock stops"),
                         ["docs/safety.md has a hazard that has no defect: the clock is set", "docs/safety.md has no hazard: the clock stops"])

    def test_a_hazard_with_nothing_below_it(self):
        self.assertIn("it takes defects, or a reason why there are none: a program that opens the card past PipeWire", self.problems(PROOF))

    def test_a_reason_beside_a_defect(self):
        self.assertEqual(self.problems(PROOF, PROOF + "  none: it is too hard\n"),
                         ["it takes defects, or a reason why there are none: a program that opens the card past PipeWire"])

    def test_a_defect_that_nobody_has_to_notice(self):
        self.assertIn("nothing says who has to notice direct-use-unseen", self.problems(PROOF))

    def test_a_defect_that_is_none(self):
        self.assertIn("there is no defect direct-use", self.problems("direct-use-unseen", "direct-use"))

    def test_a_test_that_is_none(self):
        self.assertEqual(self.problems("Machinery.ReasonsComeAndGo", "Machinery.ReasonsCome"), ["degradation-untold: there is no test Machinery.ReasonsCome"])

    def test_a_program_without_a_test(self):
        self.assertTrue(self.problems(PROOF, "  direct-use-unseen  unit-engine\n")[0].endswith("unit-engine stands without a test"))

    def test_a_promise_without_a_defect(self):
        self.assertEqual(self.problems("promise 5: volumes-shared\n"),
                         ["promises [1, 2, 3, 4, 6, 7, 8] have defects, CONTRIBUTING.md has [1, 2, 3, 4, 5, 6, 7, 8]"])


if __name__ == "__main__":
    unittest.main()
