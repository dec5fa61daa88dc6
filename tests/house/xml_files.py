#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Proves that every XML file in the tree can be parsed: a bus daemon leaves out a configuration that cannot, and says so only in its log.

    xml_files.py SOURCE_TREE
"""

import sys
import xml.parsers.expat
from pathlib import Path

root = Path(sys.argv[1])
failures = 0
files = [p for folder in ("dbus", "systemd", "packaging") for p in (root / folder).rglob("*") if p.is_file() and p.read_bytes().startswith((b"<?xml", b"<!DOCTYPE"))]
for path in files:
    try:
        xml.parsers.expat.ParserCreate().Parse(path.read_bytes(), True)
    except xml.parsers.expat.ExpatError as error:
        print(f"FAILED: {path.relative_to(root)}: {error}")
        failures += 1
if len(files) < 5:
    print(f"FAILED: only {len(files)} files were found")
    failures += 1
sys.exit(failures > 0)
