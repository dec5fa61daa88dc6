#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the documentation says of the code is so.

    docs.py TREE

- Every reason token of the daemon and every check of `soundwarden doctor` has its row in docs/troubleshooting.md, with the command that the
  code gives, and no row is about a token that is none.
- Every test that a page names in a table's column "Tests" is in the sources of the tests, or is a test of meson's.
- Every link from one file of the documentation to another leads somewhere.

Exit code 0: all of it; 1: each fault on a line.
"""

import re
import sys
from pathlib import Path

PAGES_WITH_TESTS = ("docs/safety.md", "docs/security-review.md")
TOKEN = r'"([a-z][a-z-]*[a-z])"'


def text_of(path):
    return path.read_text(encoding="utf-8")


def tables_of(text):
    """Each table as a list of rows, each row a list of cells; the first is the head."""
    table = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
            if not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
                table.append(cells)
        elif table:
            yield table
            table = []


def words_in(cell):
    return re.findall(r"`([^`]+)`", cell)


# ---- tokens


def tokens_of(tree):
    """Token -> the command that the code gives for it; "" where it gives none, or puts one together."""
    tokens = {}

    def add(found):
        for token in found:
            tokens.setdefault(token, "")

    for file in sorted((tree / "daemon").rglob("*.cpp")):
        text = text_of(file)
        add(re.findall(r"Degraded\{\s*" + TOKEN, text))
        add(re.findall(r"reasons\.push_back\(\s*\{\s*" + TOKEN, text))
        if "/host/" in file.as_posix():  # those that give or tell a Degraded as a plain list
            add(re.findall(r"engine::Degraded \w+::\w+\(\) const \{[^}]*?return \{" + TOKEN, text))
            add(re.findall(r"tell_\(\{" + TOKEN, text))
        add("sense-" + source for source in re.findall(r"troubles\.push_back\(\{" + TOKEN, text))
    checks = text_of(tree / "daemon/engine/checks.cpp")
    add(re.findall(r"checks\.push_back\(\{" + TOKEN + r", Grade::", checks))
    constants = dict(re.findall(r'constexpr const char \*(\w+) = "((?:\\.|[^"\\])*)";', checks))
    for token, text, constant in re.findall(r'Meaning\{"([a-z-]+)", Grade::\w+,\s*"(?:\\.|[^"\\])*",\s*(?:"((?:\\.|[^"\\])*)"|(\w+))\}', checks):
        tokens[token] = re.sub(r"\\(.)", r"\1", constants[constant] if constant else text)
    for file in (tree / "cli/local_checks.cpp", tree / "cli/verbs/doctor.cpp"):
        add(re.findall(r"\{" + TOKEN + r', "(?:fault|warning|note|ok)", (?:tr|filled|found)\b', text_of(file)))
    return tokens


# One of each kind of place where tokens are: where one is not found, this program cannot read the code any more.
KNOWN = ("no-bus", "no-pipewire", "panic", "state-store", "state-set-aside", "trace", "pulseaudio", "sense-codec", "side-path", "direct-alsa", "no-daemon",
         "not-enabled", "cards-unreadable")


def token_problems(tree):
    tokens = tokens_of(tree)
    problems = [f"no token {token} was found in the code; teach tests/house/docs.py where it is" for token in KNOWN if token not in tokens]
    rows = {}
    for table in tables_of(text_of(tree / "docs/troubleshooting.md")):
        if table[0][0] == "token":
            rows |= {word: row[-1] for row in table[1:] for word in words_in(row[0])}
    for token, command in sorted(tokens.items()):
        if token not in rows:
            problems.append(f"docs/troubleshooting.md has no row for {token}")
        elif command and command not in words_in(rows[token]):
            problems.append(f"docs/troubleshooting.md does not give the command that doctor gives for {token}: {command}")
    problems += [f"docs/troubleshooting.md has a row for {row}, which is no token" for row in sorted(rows) if row not in tokens]
    return problems


# ---- tests that are named


def tests_of(tree):
    names = set()
    for file in (tree / "tests").rglob("*.cpp"):
        names |= {f"{suite}.{case}" for suite, case in re.findall(r"^(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", text_of(file), re.MULTILINE)}
    for file in (tree / "tests").rglob("*.sh"):
        names |= set(re.findall(r"^try (\w+\.\w+) ", text_of(file), re.MULTILINE))
    for file in (tree / "tests").rglob("meson.build"):
        text = text_of(file)
        names |= set(re.findall(r"test\('([\w-]+)'", text)) | set(re.findall(r"^  '([\w-]+)': ", text, re.MULTILINE))
    return names


def named_test_problems(tree, pages=PAGES_WITH_TESTS):
    known = tests_of(tree)
    problems = []
    for page in pages:
        count = 0
        for table in tables_of(text_of(tree / page)):
            if "Tests" not in table[0]:
                continue
            column = table[0].index("Tests")
            for row in table[1:]:
                if len(row) != len(table[0]):
                    problems.append(f"{page}: a row has {len(row)} cells instead of {len(table[0])}: {row[0]}")
                    continue
                for name in words_in(row[column]):
                    count += 1
                    if name not in known:
                        problems.append(f"{page}: there is no test {name}")
        if count == 0:
            problems.append(f"{page} names no test")
    return problems


# ---- links


def anchors_of(page):
    """As forges make them of headings."""
    anchors = set()
    for heading in re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE):
        anchors.add(re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-"))
    return anchors


def link_problems(tree):
    problems = []
    for page in [*sorted(tree.glob("*.md")), *sorted((tree / "docs").rglob("*.md"))]:
        text = re.sub(r"^```.*?^```", "", text_of(page), flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            to = (page.parent / path).resolve() if path else page
            if not to.exists():
                problems.append(f"{page.relative_to(tree)}: there is no {target}")
            elif anchor and to.suffix == ".md" and anchor not in anchors_of(to):
                problems.append(f"{page.relative_to(tree)}: there is no heading for {target}")
    return problems


def main():
    tree = Path(sys.argv[1]).resolve()
    problems = token_problems(tree) + named_test_problems(tree) + link_problems(tree)
    for problem in problems:
        print(problem)
    print(f"docs: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
