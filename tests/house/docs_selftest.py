#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Proves that tests/house/docs.py and tools/diagrams --check find what they are for, in a small tree of its own.

    docs_selftest.py SOURCE_TREE
"""

import hashlib
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(sys.argv.pop(1)).resolve()

sys.dont_write_bytecode = True
sys.path.insert(0, str(SOURCE / "tests/house"))
import docs  # noqa: E402


class PlantedFaults(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="soundwarden-docs-")
        self.addCleanup(scratch.cleanup)
        self.tree = Path(scratch.name)
        for path in ("daemon/engine/checks.cpp", "daemon/engine/view.cpp", "daemon/host/store.cpp", "daemon/host/trace_file.cpp", "daemon/host/pulseaudio.cpp",
                     "daemon/sense/watcher.cpp", "daemon/sense/card_controls.cpp", "daemon/sense/codec_reader.cpp", "daemon/sense/place.cpp",
                     "daemon/pipewire/adapter.cpp", "daemon/daemon.cpp", "cli/local_checks.cpp", "cli/verbs/doctor.cpp", "docs/troubleshooting.md"):
            self.write(path, (SOURCE / path).read_text(encoding="utf-8"))

    def write(self, path, text):
        file = self.tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def replace(self, path, old, new):
        text = (self.tree / path).read_text(encoding="utf-8")
        self.assertIn(old, text)
        self.write(path, text.replace(old, new, 1))

    def test_the_tokens_as_they_are_have_no_fault(self):
        self.assertEqual(docs.token_problems(self.tree), [])

    def test_a_reason_without_a_row_is_found(self):
        self.write("daemon/sense/new.cpp", 'tell_(engine::Degraded{"new-trouble", "…"});\n')
        self.assertEqual(docs.token_problems(self.tree), ["docs/troubleshooting.md has no row for new-trouble"])

    def test_a_check_without_a_row_is_found(self):
        self.write("cli/local_checks.cpp", (SOURCE / "cli/local_checks.cpp").read_text(encoding="utf-8") + 'push({"new-check", "fault", tr("…")});\n')
        self.assertEqual(docs.token_problems(self.tree), ["docs/troubleshooting.md has no row for new-check"])

    def test_a_row_for_nothing_is_found(self):
        self.replace("docs/troubleshooting.md", "| `panic` |", "| `alarm` |")
        self.assertEqual(docs.token_problems(self.tree),
                         ["docs/troubleshooting.md has no row for panic", "docs/troubleshooting.md has a row for alarm, which is no token"])

    def test_another_command_than_doctors_is_found(self):
        self.replace("daemon/engine/checks.cpp", '"pw-link --list"', '"pw-link --links"')
        self.assertEqual(docs.token_problems(self.tree),
                         ["docs/troubleshooting.md does not give the command that doctor gives for foreign-link: pw-link --links"])

    def test_code_that_cannot_be_read_any_more_is_found(self):
        self.write("daemon/host/pulseaudio.cpp", "")
        self.replace("daemon/engine/checks.cpp", '"pulseaudio"', 'other')
        self.replace("cli/local_checks.cpp", '"pulseaudio", "fault"', "other")
        self.assertIn("no token pulseaudio was found in the code; teach tests/house/docs.py where it is", docs.token_problems(self.tree))

    def test_a_test_that_is_none_is_found(self):
        self.write("tests/unit/some_test.cpp", "TEST(Clamp, IsThere) {}\nTEST_F(Clamp, Holds) {}\nTEST_P(Clamp,\n       Rises) {}\n// TEST(Clamp, IsAComment)\n")
        self.write("tests/unit/meson.build", "test('fuzz-thing', exe)\ntests = {\n  'unit-thing': {'sources': x},\n}\n")
        good = "| hazard | Tests |\n|---|---|\n| a | `Clamp.IsThere`, `Clamp.Holds` |\n| b | `Clamp.Rises`; `fuzz-thing`, `unit-thing` |\n"
        self.write("docs/page.md", good)
        self.assertEqual(docs.named_test_problems(self.tree, ("docs/page.md",)), [])
        for wrong in ("Clamp.IsAway", "Clamps.IsThere", "Clamp.IsAComment", "unit-things"):
            self.write("docs/page.md", good + f"| c | `Clamp.Holds`, `{wrong}` |\n")
            self.assertEqual(docs.named_test_problems(self.tree, ("docs/page.md",)), [f"docs/page.md: there is no test {wrong}"])
        self.write("docs/page.md", "| hazard | Proof |\n|---|---|\n| a | `Clamp.IsThere` |\n")
        self.assertEqual(docs.named_test_problems(self.tree, ("docs/page.md",)), ["docs/page.md names no test"])
        self.write("docs/page.md", good + "| c |\n")
        self.assertEqual(docs.named_test_problems(self.tree, ("docs/page.md",)), ["docs/page.md: a row has 1 cells instead of 2: c"])

    def test_a_link_to_nothing_is_found(self):
        (self.tree / "docs/troubleshooting.md").unlink()
        self.write("docs/other.md", "# A heading, with `code`\n")
        self.write("README.md", "[a](docs/other.md) [b](docs/other.md#a-heading-with-code) [c](https://example.org/x.md) [d](docs)\n```\n[e](no.md)\n```\n")
        self.assertEqual(docs.link_problems(self.tree), [])
        self.write("README.md", "[a](docs/none.md) [b](docs/other.md#no-heading)\n")
        self.assertEqual(docs.link_problems(self.tree), ["README.md: there is no docs/none.md", "README.md: there is no heading for docs/other.md#no-heading"])

    def diagrams(self):
        run = subprocess.run([sys.executable, SOURCE / "tools/diagrams", "--check", self.tree], capture_output=True, text=True, check=False)
        return run.returncode, run.stdout.strip()

    def test_a_picture_of_another_source_is_found(self):
        source = "digraph a { b -> c }\n"
        digest = hashlib.sha256(source.encode()).hexdigest()
        self.write("docs/diagrams/a.dot", source)
        self.assertEqual(self.diagrams(), (1, "docs/pictures/diagram-a.svg is not there; run tools/diagrams"))
        self.write("docs/pictures/diagram-a.svg", f"<!-- tools/diagrams drew this from docs/diagrams/a.dot, SHA-256 {digest} -->\n<svg/>\n")
        self.assertEqual(self.diagrams()[0], 0)
        self.write("docs/diagrams/a.dot", source + "// another\n")
        self.assertEqual(self.diagrams(), (1, "docs/pictures/diagram-a.svg was not drawn from docs/diagrams/a.dot as it is now; run tools/diagrams"))
        self.write("docs/diagrams/a.dot", source)
        self.write("docs/pictures/diagram-b.svg", "<svg/>\n")
        self.assertEqual(self.diagrams(), (1, "docs/pictures/diagram-b.svg has no source any more; remove it"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
