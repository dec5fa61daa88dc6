#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What was built is hardened, as it lies on the disk.

    hardening.py [--checked] [--jumps] FILE…

FILE is a program, or a static library that goes into one.

- A program is position-independent, with all of its symbols bound and their table read-only before main, its stack not executable, no
  segment writable and executable, no relocation of its text, and it ends where its stack was written over.
- --checked: it uses the checked functions of the C library (what is not optimised does not).
- --jumps: every object of a library has the marks of indirect branch tracking and of the shadow stack. A linked program has them only where
  the C library's own start-up code does, and Debian's does not.

Reads them with readelf. Exit code 0: all of it; 1: each fault on a line; 2: a file cannot be read.
"""

import argparse
import re
import subprocess
import sys


def readelf(*arguments):
    done = subprocess.run(["readelf", "--wide", *arguments], capture_output=True, text=True, check=False, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
    # Of what is no object in an archive readelf only warns.
    if done.returncode != 0 or "Error:" in done.stderr:
        print(f"readelf {' '.join(arguments)}: {done.stderr.strip()}", file=sys.stderr)
        sys.exit(2)
    return done.stdout


def segments(program):
    """Type -> flags, as readelf prints them."""
    found = []
    for line in readelf("--program-headers", program).splitlines():
        row = re.match(r"\s+([A-Z_]+)\s+0x\w+ 0x\w+ 0x\w+ 0x\w+ 0x\w+ ([RWE ]{3}) ", line)
        if row:
            found.append((row[1], row[2].replace(" ", "")))
    return found


def program_problems(program, checked):
    kind = re.search(r"^\s+Type:\s+(\w+)", readelf("--file-header", program), re.MULTILINE)
    dynamic = readelf("--dynamic", program)
    parts = segments(program)
    symbols = set(re.findall(r"\bUND (\w+)", readelf("--dyn-syms", program)))
    if not kind or kind[1] != "DYN" or not re.search(r"\(FLAGS_1\).*\bPIE\b", dynamic):
        yield "it is not position-independent (-pie)"
    if not re.search(r"\bBIND_NOW\b|\(FLAGS_1\).*\bNOW\b", dynamic):
        yield "its symbols are not bound at the start (-z now)"
    if "GNU_RELRO" not in [name for name, _ in parts]:
        yield "its tables stay writable (-z relro)"
    stacks = [flags for name, flags in parts if name == "GNU_STACK"]
    if not stacks or any("E" in flags for flags in stacks):
        yield "its stack is executable (-z noexecstack)"
    if any("W" in flags and "E" in flags for name, flags in parts if name == "LOAD"):
        yield "a segment is writable and executable"
    if "(TEXTREL)" in dynamic:
        yield "its text is relocated"
    if "__stack_chk_fail" not in symbols:
        yield "a stack that was written over is not noticed (-fstack-protector-strong)"
    if checked and not any(re.fullmatch(r"__\w+_chk", name) for name in symbols):
        yield "no checked function of the C library is used (_FORTIFY_SOURCE)"


def library_problems(library):
    """Each object has its notes under a line "File: …"."""
    count = 0
    for object_ in readelf("--notes", library).split("\nFile: ")[1:]:
        count += 1
        name = object_.split("\n", 1)[0]
        features = re.findall(r"x86 feature: ([A-Z, ]+)", object_)
        if not any("IBT" in each and "SHSTK" in each for each in features):
            yield f"{name} is without marks for jumps and returns (-fcf-protection)"
    if count == 0:
        yield "it has no objects"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--checked", action="store_true")
    parser.add_argument("--jumps", action="store_true")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    problems = []
    for file in options.files:
        if file.endswith(".a"):
            found = library_problems(file) if options.jumps else ()
        else:
            found = program_problems(file, options.checked)
        problems += [f"{file}: {problem}" for problem in found]
    for problem in problems:
        print(problem)
    print(f"hardening: {len(options.files)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
