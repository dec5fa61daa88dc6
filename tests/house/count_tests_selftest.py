#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Proves that tools/lib/count_tests.py counts a real `meson test` right: every way in which a test can end badly counts.

    count_tests_selftest.py SOURCE_TREE

The project it runs has no compiled code: its GoogleTest programs are this file's FAKE script, which writes the XML that
GoogleTest writes. What meson itself does (options it adds, files it leaves, what it calls a timeout) is the real thing.
"""

import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

SOURCE = Path(sys.argv.pop(1)).resolve()
COUNT = SOURCE / "tools" / "lib" / "count_tests.py"

FAKE = """\
#!/usr/bin/env python3
import sys, time
how = sys.argv[1]
xml = next(a for a in sys.argv if a.startswith("--gtest_output=xml:")).split(":", 1)[1]
def write(*cases):
    with open(xml, "w") as f:
        f.write('<?xml version="1.0" encoding="UTF-8"?><testsuites><testsuite name="S">')
        f.write("".join(cases) + "</testsuite></testsuites>")
def case(name, inner="", status="run", result="completed"):
    return f'<testcase name="{name}" status="{status}" result="{result}" classname="S">{inner}</testcase>'
good = case("Good")
if how == "good":
    write(good, case("Better"))
elif how == "bad":
    print("[ RUN      ] S.Good\\n[       OK ] S.Good (0 ms)\\n[ RUN      ] S.Bad\\nthe reason\\n[  FAILED  ] S.Bad (0 ms)")
    write(good, case("Bad", '<failure message="short" type=""/>'))
    sys.exit(1)
elif how == "skip":
    write(good, case("Skips", '<skipped message="f.cpp:1&#x0A;no card"/>', result="skipped"),
          case("DISABLED_Off", status="notrun", result="suppressed"))
elif how == "crash":
    print("[ RUN      ] S.Boom", flush=True)
    import os; os.abort()
elif how == "crash-at-exit":
    write(good)
    sys.exit(134)
elif how == "torn":
    # meson itself stumbles over such a file; see test_torn_results.
    open(xml, "w").write("<testsuites><testsuite")
elif how == "empty":
    write()
elif how == "hang":
    write(good)
    time.sleep(60)
"""


class Counting(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="soundwarden-count-")
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name)
        self.build = self.root / "build"
        (self.root / "fake.py").write_text(FAKE, encoding="utf-8")
        (self.root / "fake.py").chmod(0o755)
        (self.root / "allowed-skips").write_text("# none\n", encoding="utf-8")

    def project(self, *tests):
        lines = ["project('p', meson_version: '>= 1.0.1')", "fake = find_program('fake.py')", "sh = find_program('sh')"]
        (self.root / "meson.build").write_text("\n".join([*lines, *tests]) + "\n", encoding="utf-8")
        options = ["--reconfigure"] if self.build.exists() else []
        self.run_tool("meson", "setup", *options, self.build, self.root)

    def run_tool(self, *command):
        run = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def gtest(self, how, name=None, extra=""):
        return f"test('{name or how}', fake, args: ['{how}'], protocol: 'gtest', suite: 'unit'{extra})"

    def shell(self, name, script, extra=""):
        return f"test('{name}', sh, args: ['-c', '{script}'], suite: 'system'{extra})"

    def count(self, *arguments):
        """Runs the project's tests and the report. Returns (exit code, last line, everything said)."""
        meson = subprocess.run(
            ["meson", "test", "-C", self.build, "--no-rebuild"], capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        return self.report("--build", self.build, "--meson-exit", str(meson.returncode), *arguments)

    def report(self, *arguments):
        command = [sys.executable, COUNT, "report", "--platform", "debian12"]
        run = subprocess.run(
            [*command, "--allowed-skips", self.root / "allowed-skips", *arguments], capture_output=True, text=True
        )
        said = run.stdout + run.stderr
        return run.returncode, said.splitlines()[-1], said

    def test_each_case_and_each_plain_test_counts_once(self):
        self.project(
            self.gtest("good"),
            self.shell("plain", "exit 0"),
            self.shell("expected", "exit 1", ", should_fail: true"),
        )
        self.assertEqual(self.count("--also", "compile-gcc=passed")[:2], (0, "5 passed, 0 failed, 0 skipped"))

    def test_failures_are_counted_and_shown_with_their_logs(self):
        self.project(self.gtest("bad"), self.shell("plain", "echo it broke; exit 3"))
        code, last, said = self.count("--also", "compile-clang=failed")
        self.assertEqual((code, last), (1, "1 passed, 3 failed, 0 skipped"))
        self.assertIn("FAILED: bad/S.Bad\n    the reason\n", said)
        self.assertIn("FAILED: plain\n    FAIL, exit code 3\n    it broke\n", said)
        self.assertIn("FAILED: compile-clang\n", said)
        self.assertNotIn("S.Good", said)

    def test_programs_that_do_not_end_well_fail(self):
        self.project(
            self.gtest("crash"),
            self.gtest("crash-at-exit"),
            self.gtest("empty"),
            self.gtest("hang", extra=", timeout: 1"),
            self.shell("slow", "exec sleep 60", ", timeout: 1"),
            self.shell("error", "exit 99"),
            self.shell("unexpected", "exit 0", ", should_fail: true"),
        )
        code, last, said = self.count()
        # The two passed are the cases that crash-at-exit and hang had finished before.
        self.assertEqual((code, last), (1, "2 passed, 7 failed, 0 skipped"))
        self.assertIn("FAILED: crash\n    crashed or was stopped in S.Boom", said)
        self.assertIn("FAILED: crash-at-exit\n    all its cases passed, but the program did not end well", said)
        self.assertIn("FAILED: empty\n    ran no test case", said)
        for name in ("hang", "slow", "error", "unexpected"):
            self.assertIn(f"FAILED: {name}\n", said)

    def test_results_of_an_earlier_run_do_not_count(self):
        self.project(self.gtest("good", name="same"))
        self.assertEqual(self.count()[1], "2 passed, 0 failed, 0 skipped")
        self.project(self.gtest("crash", name="same"))
        self.run_tool(sys.executable, COUNT, "forget", self.build)
        self.assertEqual(self.count()[1], "0 passed, 1 failed, 0 skipped")

    def test_torn_results_fail(self):
        self.project(self.gtest("torn"), self.shell("plain", "exit 0"))
        code, last, _ = self.count()
        self.assertEqual(code, 1)
        self.assertNotIn(" 0 failed", last)

    def test_a_skip_counts_as_failed_unless_it_is_allowed_here(self):
        self.project(self.gtest("skip"), self.shell("plain", "echo no seat; exit 77"))
        code, last, said = self.count()
        self.assertEqual((code, last), (1, "1 passed, 3 failed, 0 skipped"))
        self.assertIn("FAILED: skip/S.Skips\n    skipped: no card\n", said)

        (self.root / "allowed-skips").write_text(
            textwrap.dedent(
                """\
                # a comment

                any       skip/S.*   this machine has no sound card
                debian13  plain      not this platform
                """
            ),
            encoding="utf-8",
        )
        code, last, said = self.report("--build", self.build)
        self.assertEqual((code, last), (1, "1 passed, 1 failed, 2 skipped"))
        self.assertIn("skipped: skip/S.Skips: no card (allowed: this machine has no sound card)\n", said)

        (self.root / "allowed-skips").write_text("any skip/S.* none\ndebian12 plain no seat in a chroot\n")
        self.assertEqual(self.report("--build", self.build)[:2], (0, "1 passed, 0 failed, 3 skipped"))

    def test_a_line_of_allowed_skips_without_reason_is_refused(self):
        self.project(self.shell("plain", "exit 0"))
        (self.root / "allowed-skips").write_text("any plain\n")
        code, last, _ = self.count()
        self.assertEqual(code, 2)
        self.assertIn("allowed-skips:1:", last)

    def test_nothing_ran_is_a_failure(self):
        self.project()
        self.assertEqual(self.count()[:2], (1, "0 passed, 1 failed, 0 skipped"))

    def test_meson_failing_by_itself_is_a_failure(self):
        self.assertEqual(self.report("--also", "a=passed", "--meson-exit", "2")[:2], (1, "1 passed, 1 failed, 0 skipped"))

    def test_two_tests_of_one_name_are_refused(self):
        self.project(self.shell("same", "exit 0"), self.gtest("good", name="same"))
        run = subprocess.run([sys.executable, COUNT, "forget", self.build], capture_output=True, text=True)
        self.assertEqual(run.returncode, 2)
        self.assertIn('two tests are called "same"', run.stderr)


if __name__ == "__main__":
    unittest.main()
