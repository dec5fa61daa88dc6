#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Walks through docs/policies-tutorial.md as its reader does, on a machine of its own, and compares what the command says.

    tutorial.py TREE SOUNDWARDEN-ELSEWHERE
    tutorial.py --print TREE SOUNDWARDEN-ELSEWHERE PAGE…     shows what the commands say now, to bring the page up to date

A block of ```toml goes into the file that the line before it names last, in backticks. In blocks that are indented by four, "$ " begins a command, and what
stands below is what it has to say, errors included; a line "…" stands for any lines, also for none. Each ```toml block of each page of
the documentation has to be a policy that `policy check` takes, unless its first line is a comment that says "wrong:".

The command is one that looks for the machine's files below $SOUNDWARDEN_TEST_ROOT.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PAGE = "docs/policies-tutorial.md"


class Machine:
    def __init__(self, tree, command, root):
        self.command, self.root, self.code = str(Path(command).resolve()), Path(root), 0
        shutil.copytree(tree / "policies/policy.d", self.root / "usr/share/soundwarden/policy.d")
        shutil.copytree(tree / "policies/profiles", self.root / "usr/share/soundwarden/profiles")
        for directory in ("etc/soundwarden/policy.d", "run/soundwarden/policy.d", "home/.config/soundwarden/policy.d"):
            (self.root / directory).mkdir(parents=True)

    def path(self, text):
        """Where a file of the page lies here."""
        if text.startswith("~/"):
            return self.root / "home" / text[2:]
        return self.root / text.lstrip("/") if text.startswith("/") else self.root / "home" / text

    def run(self, line):
        if line == "echo $?":
            return [str(self.code)]
        line = re.sub(r"^sudo ", "", line)
        line = re.sub(r"(?<=\s)(/usr/share|/etc|/run)(?=/)", str(self.root) + r"\1", line)
        line = re.sub(r"(?<=\s)~(?=/)", str(self.root / "home"), line)
        line = re.sub(r"^soundwarden\b", self.command, line)
        environment = {"PATH": os.environ["PATH"], "SOUNDWARDEN_TEST_ROOT": str(self.root), "LC_ALL": "C.UTF-8", "HOME": str(self.root / "home")}
        run = subprocess.run(["/bin/bash", "-c", line], cwd=self.root / "home", env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.code = run.returncode
        said = run.stdout.replace(str(self.root / "home"), "/home/you").replace(str(self.root), "")
        return [each.rstrip() for each in said.rstrip("\n").split("\n")] if said else []


def steps_of(text):
    """("file", name, content) and ("run", command, lines), in order, with the line of the page."""
    lines = text.split("\n")
    at, named = 0, None
    while at < len(lines):
        line = lines[at]
        if line == "```toml":
            end = lines.index("```", at)
            yield at + 1, "file", named, "\n".join(lines[at + 1 : end]) + "\n"
            at = end
        elif line.startswith("    $ "):
            command, at = line[6:], at + 1
            said = []
            while at < len(lines) and (lines[at].startswith("    ") or (lines[at] == "" and at + 1 < len(lines) and lines[at + 1].startswith("    "))):
                if lines[at].startswith("    $ "):
                    break
                said.append(lines[at][4:].rstrip())
                at += 1
            yield at, "run", command, said
            continue
        elif names := re.findall(r"`([^`]+\.toml)`", line):
            named = names[-1]
        at += 1


def same(wanted, said):
    """Whether the lines are those that were said, "…" standing for any."""
    if not wanted:
        return not said
    if wanted[0].strip() == "…":
        return any(same(wanted[1:], said[skip:]) for skip in range(len(said) + 1))
    return bool(said) and wanted[0] == said[0] and same(wanted[1:], said[1:])


def walk(tree, command, page, printing=False):
    problems = []
    with tempfile.TemporaryDirectory(prefix="soundwarden-tutorial-") as root:
        machine = Machine(tree, command, root)
        runs = 0
        for number, kind, what, content in steps_of((tree / page).read_text(encoding="utf-8")):
            if kind == "file":
                if what is None:
                    problems.append(f"{page}:{number}: no file is named for this block")
                    continue
                file = machine.path(what)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(content, encoding="utf-8")
                continue
            runs += 1
            said = machine.run(what)
            if printing:
                print("    $ " + what)
                print("\n".join("    " + line if line else "" for line in said))
            elif not same(content, said):
                problems.append(f"{page}:{number}: $ {what}\n  says\n" + "\n".join("    " + line for line in said) + "\n  and not\n" + "\n".join("    " + line for line in content))
        if runs < 8 and not printing:
            problems.append(f"{page}: only {runs} commands were found")
    return problems


def blocks_problems(tree, command):
    """Every policy in the documentation is one."""
    problems, blocks = [], 0
    with tempfile.TemporaryDirectory(prefix="soundwarden-blocks-") as root:
        machine = Machine(tree, command, root)
        for page in [*sorted(tree.glob("*.md")), *sorted((tree / "docs").rglob("*.md"))]:
            for number, block in enumerate(re.findall(r"^```toml\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL), 1):
                if block.startswith("# wrong:"):
                    continue
                blocks += 1
                file = machine.path("block.toml")
                file.write_text(block if "schema = 1" in block else "schema = 1\n" + block, encoding="utf-8")
                said = machine.run("soundwarden policy check block.toml")
                if machine.code != 0:
                    problems.append(f"{page.relative_to(tree)}: block {number}: " + "\n".join(said))
    return problems if blocks >= 8 else [*problems, f"only {blocks} policies were found in the documentation"]


def selftest(tree, command):
    """A page with faults, each of which has to be found."""
    problems = []
    faults = {
        "another number": "    $ soundwarden policy test headphone-out headphones --class laptop\n    headphone-out, headphones: limit, cap -9.5 dB\n    …\n",
        "a line too much": "    $ echo one\n    one\n    two\n",
        "a line too little": "    $ printf 'one\\ntwo\\n'\n    one\n",
        "another exit code": "    $ false\n    $ echo $?\n    0\n",
    }
    with tempfile.TemporaryDirectory(prefix="soundwarden-tutorial-") as scratch:
        copy = Path(scratch)
        (copy / "policies").symlink_to(tree / "policies")
        for name, fault in faults.items():
            (copy / "page.md").write_text(fault + "\n" + "    $ true\n" * 8, encoding="utf-8")
            if len(walk(copy, command, "page.md")) != 1:
                problems.append(f"the walk does not find {name}")
        (copy / "docs").mkdir()
        (copy / "docs/page.md").write_text("```toml\n[[rule]]\nname = \"a\"\nverdict = \"limmit\"\n```\n" + "```toml\nschema = 1\n```\n" * 8, encoding="utf-8")
        if len(blocks_problems(copy, command)) != 1:
            problems.append("a policy with an error is not found")
    return problems


def main():
    if sys.argv[1] == "--print":
        for page in sys.argv[4:]:
            walk(Path(sys.argv[2]).resolve(), sys.argv[3], page, printing=True)
        return 0
    tree, command = Path(sys.argv[1]).resolve(), sys.argv[2]
    problems = walk(tree, command, PAGE) + blocks_problems(tree, command) + selftest(tree, command)
    for problem in problems:
        print(problem)
    print(f"tutorial: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
