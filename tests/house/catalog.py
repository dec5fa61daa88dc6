#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each kind of event that the daemon reports has a MESSAGE_ID, and each of these an entry in the journal catalog, and nothing else has."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

source = Path(sys.argv[1])
wrong = []

reported = set()
for path in [*source.glob("daemon/engine/*.cpp"), *source.glob("daemon/engine/*.hpp"), *source.glob("daemon/*.cpp"), *source.glob("daemon/host/*.cpp")]:
    text = path.read_text()
    reported |= set(re.findall(r'\breport\(\s*[^;"]*?"([a-z-]+)"', text))
    reported |= set(re.findall(r'\blog(?:_event)?\(\{[^;"]*?"([a-z-]+)"', text))

table = re.search(r"ids\{\{(.*?)\}\};", (source / "daemon/host/journal.cpp").read_text(), re.S)
ids = dict(re.findall(r'\{"([a-z-]+)", "([0-9a-f]{32})"\}', table.group(1)))

catalog_path = source / "systemd/soundwarden.catalog"
catalog = catalog_path.read_text()
entries = re.findall(r"^-- ([0-9a-f]{32})\nSubject: (\S[^\n]*)\nDefined-By: Soundwarden\n(?:Documentation: [^\n]+\n)?\n(\S.*?)(?=\n-- |\Z)", catalog, re.M | re.S)

if len(reported) < 15:
    wrong.append(f"only {len(reported)} kinds of events were found in the source: this test does not read it any more")
if len(set(ids.values())) != len(ids):
    wrong.append("two kinds of events have the same MESSAGE_ID")
for kind in sorted(reported ^ ids.keys()):
    wrong.append(f"'{kind}' is " + ("reported, but has no MESSAGE_ID in daemon/host/journal.cpp" if kind in reported else "in daemon/host/journal.cpp, but nothing reports it"))
listed = [entry[0] for entry in entries]
for kind, number in ids.items():
    if listed.count(number) != 1:
        wrong.append(f"'{kind}' ({number}) has {listed.count(number)} entries in systemd/soundwarden.catalog, not one")
for number in set(listed) - set(ids.values()):
    wrong.append(f"systemd/soundwarden.catalog explains {number}, which nothing has")

# Placeholders are fields that the daemon writes.
written = set(re.findall(r'"(SOUNDWARDEN_[A-Z_]+)"', (source / "daemon/host/journal.cpp").read_text()))
for field in set(re.findall(r"@([A-Z_]+)@", catalog)) - written:
    wrong.append(f"systemd/soundwarden.catalog shows @{field}@, which no line has")

# And systemd reads it.
with tempfile.TemporaryDirectory() as root:
    place = Path(root) / "usr/lib/systemd/catalog"
    place.mkdir(parents=True)
    (Path(root) / "var/lib/systemd/catalog").mkdir(parents=True)
    (place / "soundwarden.catalog").write_text(catalog)
    for arguments in (["--update-catalog"], ["--list-catalog"]):
        run = subprocess.run(["journalctl", f"--root={root}", *arguments], capture_output=True, text=True)
        if run.returncode != 0:
            wrong.append(f"journalctl {arguments[0]}: {run.stderr.strip()}")
    for number in ids.values():
        if number not in run.stdout:
            wrong.append(f"journalctl does not find {number}")

for line in wrong:
    print(line)
sys.exit(1 if wrong else 0)
