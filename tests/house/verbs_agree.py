# SPDX-License-Identifier: MIT
"""Every verb and option of `soundwarden` is in its manual page and in each shell's completion, and the other way round; every verb has a help
with examples, and its exit codes are told. Arguments: the project's source directory, the command."""

import re
import subprocess
import sys
from pathlib import Path

SOURCE, COMMAND = Path(sys.argv[1]), sys.argv[2]
GLOBAL = {"-h", "--help", "--version", "-o", "--output", "--color", "--system", "--timeout"}
wrong = []


def help_of(*words):
    run = subprocess.run([COMMAND, *words, "--help"], capture_output=True, text=True, check=False, env={"LC_ALL": "C.UTF-8"})
    if run.returncode != 0 or run.stderr:
        wrong.append(f"{' '.join(words)} --help ends with {run.returncode}: {run.stderr}")
    return run.stdout


def section(text, title):
    found = re.search(rf"^{title}:\n(.*?)(\n\n|\Z)", text, re.S | re.M)
    return found.group(1) if found else ""


def options_in(text):
    words = re.findall(r"^  (-[^ ]+)", section(text, "Options"), re.M)
    return {option for word in words for option in word.split(",")}


def verbs_in(text):
    return re.findall(r"^  ([a-z]+)", section(text, "Subcommands"), re.M)


top = help_of()
verbs = {}
for verb in verbs_in(top):
    text = help_of(verb)
    below = verbs_in(text)
    if "Examples:" not in text or "See also:" not in text:
        wrong.append(f"{verb} --help has no examples, or does not say what to read next")
    if below:
        for other in below:
            verbs[f"{verb} {other}"] = options_in(help_of(verb, other)) - GLOBAL
    else:
        verbs[verb] = options_in(text) - GLOBAL
if len(verbs) < 15 or options_in(top) != GLOBAL:
    sys.exit(f"the help cannot be read any more: {sorted(verbs)}, {sorted(options_in(top))}")

page = (SOURCE / "man/soundwarden.1").read_text(encoding="utf-8")
items = set(re.findall(r"^\.It Cm ([a-z]+(?: (?:check|show|test))?)\b", page, re.M)) - {"replay Ar"}
if items != set(verbs):
    wrong.append(f"soundwarden.1 and the command differ in verbs: {sorted(items ^ set(verbs))}")
written = {("-" if len(flag) == 1 else "-") + flag for flag in re.findall(r"Fl (-?[a-z][a-z-]*)", page)}
for verb, options in verbs.items():
    for option in options | GLOBAL:
        if option not in written:
            wrong.append(f"soundwarden.1 does not tell of {verb} {option}")
synopsis = page.split(".Sh SYNOPSIS")[1].split(".Sh DESCRIPTION")[0]
for verb in verbs:
    if not all(re.search(rf"\b{word}\b", synopsis) for word in verb.split()):
        wrong.append(f"{verb} is not in the synopsis of soundwarden.1")
codes = page.split(".Sh EXIT STATUS")[1].split(".Sh EXAMPLES")[0]
header = (SOURCE / "cli/exit_codes.hpp").read_text(encoding="utf-8")
for name, code in re.findall(r"(exit_\w+) = (\d+)", header):
    if f".It {code}\n" not in codes:
        wrong.append(f"soundwarden.1 does not tell of the exit code {code} ({name})")

for shell in ("soundwarden.bash", "_soundwarden", "soundwarden.fish"):
    text = (SOURCE / "completions" / shell).read_text(encoding="utf-8")
    options_text = text
    if shell.endswith(".fish"):
        options_text = "\n".join(line for line in text.splitlines() if line.startswith("complete -c"))
    known = re.sub(r"-[sl] ([a-z][a-z-]*)", lambda found: ("-" if len(found.group(1)) == 1 else "--") + found.group(1), options_text)
    for verb, options in verbs.items():
        for word in verb.split():
            if not re.search(rf"(?<![\w-]){word}(?![\w-])", text):
                wrong.append(f"{shell} does not know the verb {verb}")
        for option in options | GLOBAL:
            if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", known):
                wrong.append(f"{shell} does not know {verb} {option}")
    for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", known)) - {"--"}:
        if not any(option in options for options in verbs.values()) and option not in GLOBAL:
            wrong.append(f"{shell} completes {option}, which no verb has")

for line in wrong:
    print(line)
print(f"{len(verbs)} verbs, {len(wrong)} differences")
sys.exit(1 if wrong else 0)
