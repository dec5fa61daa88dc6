#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Proves that hardening.py finds what is missing: small programs, each built without one thing.

    hardening_selftest.py TREE x86|other COMPILER…
"""

import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = """#include <cstdio>
#include <cstdlib>
#include <cstring>
int main(int count, char **words) {
    char text[64];
    std::memcpy(text, words[0], static_cast<size_t>(std::atoi(words[count - 1])));
    return std::puts(text) < 0;
}
"""
SOUND = ["-O2", "-fPIE", "-pie", "-fstack-protector-strong", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2", "-Wl,-z,relro,-z,now,-z,noexecstack"]
WITHOUT = {
    "position-independent": ["-fno-pie", "-no-pie"],
    "bound at the start": ["-Wl,-z,lazy"],
    "stay writable": ["-Wl,-z,norelro"],
    "stack is executable": ["-Wl,-z,execstack"],
    "is not noticed": ["-fno-stack-protector"],
    "no checked function": ["-U_FORTIFY_SOURCE"],
}


def main():
    checker = Path(sys.argv[1]) / "tests/house/hardening.py"
    is_x86 = sys.argv[2] == "x86"
    compiler = sys.argv[3:]
    failures = 0

    def check(what, file, *options, expected=None):
        nonlocal failures
        done = subprocess.run([sys.executable, checker, *options, file], capture_output=True, text=True, check=False)
        faults = [line for line in done.stdout.splitlines()[:-1]]
        good = done.returncode == 0 and not faults if expected is None else done.returncode == 1 and any(expected in line for line in faults)
        if not good:
            failures += 1
            print(f"FAILED: {what}: exit code {done.returncode}\n{done.stdout}{done.stderr}")

    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        source = scratch / "program.cpp"
        source.write_text(SOURCE, encoding="utf-8")

        def build(name, flags):
            subprocess.run([*compiler, *flags, source, "-o", scratch / name], check=True, capture_output=True)
            return scratch / name

        check("all of it", build("sound", SOUND), "--checked")
        for number, (fault, flags) in enumerate(WITHOUT.items()):
            check(f"without: {fault}", build(f"program-{number}", SOUND + flags), "--checked", expected=fault)
        check("a program without optimisation, which is not asked for checked functions", build("plain", SOUND + ["-O0", "-U_FORTIFY_SOURCE"]))
        if is_x86:
            for what, flag, expected in (("with marks", "full", None), ("without marks", "none", "without marks")):
                library = scratch / f"lib{flag}.a"
                one = build(f"{flag}.o", ["-c", f"-fcf-protection={flag}"])
                subprocess.run(["ar", "csr", library, one], check=True)
                check(what, library, "--jumps", expected=expected)
        empty = scratch / "libempty.a"
        subprocess.run(["ar", "csr", empty], check=True)
        check("an empty library", empty, "--jumps", expected="no objects")
        (scratch / "text").write_text("no program\n", encoding="utf-8")
        done = subprocess.run([sys.executable, checker, scratch / "text"], capture_output=True, check=False)
        if done.returncode != 2:
            failures += 1
            print(f"FAILED: a file that is no program: exit code {done.returncode}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
