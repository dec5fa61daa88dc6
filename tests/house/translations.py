#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every text for people is marked for translation, and every catalog in po/ has all of them, and rightly.

    translations.py TREE XGETTEXT-ARGUMENT…

Looks at what xgettext finds in the files of po/POTFILES, at the catalogs of po/LINGUAS, at string literals in cli/ that are not marked, and
at the sentences of others in cli/said.cpp: the daemon has to say them as they stand there.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

tree, arguments = Path(sys.argv[1]), sys.argv[2:]
problems = []

STRING = r'"(?:\\.|[^"\\\n])*"'
JOINED = rf"{STRING}(?:\s*{STRING})*"
MARKED = re.compile(rf"\b(?:tr|trn|N_|word|known_in)\(\s*(?:{JOINED}\s*,?\s*)+")
COMMENT_OR_STRING = re.compile(rf"{STRING}|'(?:\\.|[^'\\\n])'|//[^\n]*|/\*.*?\*/", re.DOTALL)
PLACE = re.compile(r"\{[0-9]\}")


def expect(holds, message):
    if not holds:
        problems.append(message)


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, cwd=tree)
    expect(done.returncode == 0, f"{' '.join(map(str, command[:2]))}: {done.stderr.strip()}")
    return done.stdout


def lines_of(path):
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def without_comments(text):
    return COMMENT_OR_STRING.sub(lambda found: found.group() if found.group()[0] in "\"'" else " ", text)


def value_of(literals):
    """Of "one" "after the other"; of the escapes those that messages have."""
    escapes = {"n": "\n"}
    return "".join(re.sub(r"\\(.)", lambda found: escapes.get(found.group(1), found.group(1)), part[1:-1]) for part in re.findall(STRING, literals))


def entries_of(catalog):
    """(msgctxt, msgid, msgid_plural, [msgstr…]) of each; msgattrib brings them into one form."""
    text = run("msgattrib", "--no-wrap", "--no-location", "--no-obsolete", catalog)
    for block in text.split("\n\n"):
        fields = {}
        for key, value in re.findall(rf"^(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) ({STRING}(?:\n{STRING})*)", block, re.MULTILINE):
            fields[key] = value_of(value)
        if fields.get("msgid"):
            yield fields.get("msgctxt"), fields["msgid"], fields.get("msgid_plural"), [v for k, v in fields.items() if k.startswith("msgstr")], block


# ---- the source

sources = {path.relative_to(tree).as_posix(): without_comments(path.read_text(encoding="utf-8")) for path in sorted((tree / "cli").rglob("*.cpp"))}
listed = lines_of(tree / "po/POTFILES")
using = [name for name, text in sources.items() if MARKED.search(text)]
expect(listed == using, f"po/POTFILES has to be, in this order: {using}")

# Files whose words are for programs, or names of verbs.
FOR_PROGRAMS = re.compile(r"cli/(examples|render/(json|metrics|policy_json|dose_json|dose_csv|markup)|client/.*|translate|said|subprocess)\.cpp$")
# Data: markup, commands, quantities as they are typed, what goes to another program.
NOT_WORDS = re.compile(r"[<>]|^--|=\\\"|systemctl|soundwarden( |$)|pw-metadata|%|stroke|fill=|rankdir|node \[|style=|color=|^Soundwarden, $")


def unmarked(text):
    for literal in re.findall(STRING, MARKED.sub("", text)):
        if re.search(r"[A-Za-z]{2,}[,;:]? [A-Za-z(]{2,}", literal) and not NOT_WORDS.search(literal[1:-1]):
            yield literal


for name, text in sources.items():
    if not FOR_PROGRAMS.search(name):
        code = re.sub(r"#include[^\n]*|R\"\(.*?\)\"", "", text, flags=re.DOTALL)
        for literal in unmarked(code):
            problems.append(f"{name}: {literal} is for people and not marked with tr()")

# ---- the sentences of others

daemon = "\n".join(without_comments(path.read_text(encoding="utf-8")) for path in sorted((tree / "daemon").rglob("*.cpp")))
# Neighbouring literals are one.
spoken = "\0".join(value_of(found) for found in re.findall(JOINED, daemon))
known = [value_of(found) for found in re.findall(rf"N_\(({JOINED})\)", sources["cli/said.cpp"])]
of_library = {"The following argument was not expected: {0}", "The following arguments were not expected: {0}", "A subcommand is required", "{0} is required",
              "{0}: 1 required {1} missing", "{0}: At least {1} required but received {2}", "{0}: At Most {1} required but received {2}",
              "Could not convert: {0} = {1}", "{0}: Value {1} not in range {2} to {3}", "{0}: Value {1} not in range [{2} - {3}]"}


def said_somewhere(piece):
    """Whether it is made of what stands in the source: in one literal, or in a few that are put together."""
    for _ in range(4):
        longest = next((at for at in range(len(piece), 2, -1) if piece[:at] in spoken), 0)
        piece = piece[longest:]
        if not piece or not longest:
            break
    return not piece


for sentence in known:
    if sentence not in of_library:
        for piece in filter(lambda part: len(part.split()) > 1, PLACE.split(sentence)):
            expect(said_somewhere(piece), f"cli/said.cpp: nobody in daemon/ says {piece!r} any more")

checks = without_comments((tree / "daemon/engine/checks.cpp").read_text(encoding="utf-8"))
for literals in re.findall(JOINED, checks):
    sentence = value_of(literals)
    if re.match(r"[A-Z].* .*\.$", sentence):
        expect(sentence in known, f"cli/said.cpp does not have what a check of the daemon's means: {sentence!r}")

# ---- the catalogs

with tempfile.TemporaryDirectory() as directory:
    template = Path(directory) / "soundwarden.pot"
    run("xgettext", *arguments, "--output", template, *listed)
    expect("c-format" not in template.read_text(encoding="utf-8"), "a message looks like a format of printf: put its per cent sign into a part")
    for language in lines_of(tree / "po/LINGUAS"):
        catalog = tree / f"po/{language}.po"
        run("msgfmt", "--check", "--check-format", "--output-file", Path(directory) / "checked.mo", catalog)
        run("msgcmp", catalog, template)  # nothing is missing, nothing fuzzy
        wanted = {(context, message) for context, message, *_ in entries_of(template)}
        for context, message, plural, translations, block in entries_of(catalog):
            about = f"po/{language}.po: {message!r}"
            expect((context, message) in wanted, f"{about} is in no source any more")
            expect("#, fuzzy" not in block, f"{about} is fuzzy")
            for translated in translations:
                expect(sorted(PLACE.findall(translated)) == sorted(PLACE.findall(plural or message)), f"{about}: other places than in {translated!r}")
                expect(re.match(r"\s*", translated).group() == re.match(r"\s*", message).group() and translated.endswith("\n") == message.endswith("\n"),
                       f"{about}: begins or ends with other blanks than {translated!r}")
                expect(re.sub(r"[^:.]", "", message[-1:]) == re.sub(r"[^:.]", "", translated[-1:]) or context, f"{about} ends otherwise than {translated!r}")

for problem in problems:
    print(problem)
print(f"translations: {len(known)} sentences of others, {len(listed)} files, {len(problems)} problems")
sys.exit(1 if problems else 0)
