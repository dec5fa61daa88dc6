# SPDX-License-Identifier: MIT
"""The pictures and reports that cli-dose-test makes are well-formed, and hold nothing that runs or comes from elsewhere.

    dose_report_xml.py CLI_DOSE_TEST
"""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"
# Of a report's head, of its body, and of a picture; any other element is here by mistake.
ELEMENTS = set("html head meta style title body main h1 h2 p div table thead tbody tr th td ul li".split())
DRAWN = set("svg title desc defs pattern rect line text g".split())


def complaints(path):
    """What is wrong with the file, a line each."""
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        yield f"not well-formed: {error}"
        return
    pictures = [root] if path.suffix == ".svg" else list(root.iter(SVG + "svg"))
    if len(pictures) != 1 or not pictures[0].get("viewBox"):
        yield "not exactly one picture with a viewBox"
    if path.suffix == ".html" and (root.get("lang") not in ("en", "de") or not root.findtext("head/title")):
        yield "no language or no title"
    for element in root.iter():
        known = element.tag in ELEMENTS or (element.tag.startswith(SVG) and element.tag.removeprefix(SVG) in DRAWN)
        if not known:
            yield f"element {element.tag}"
        for name, value in element.attrib.items():
            if name.lower().startswith("on") or name.split("}")[-1] in ("href", "src", "style") or "//" in value:
                yield f"attribute {name}={value!r}"
            if "url(" in value and not value.startswith("url(#"):
                yield f"attribute {name}={value!r}"


def main():
    with tempfile.TemporaryDirectory() as directory:
        environment = {**os.environ, "SOUNDWARDEN_DOSE_SAMPLES": directory}
        subprocess.run([sys.argv[1], "--gtest_filter=*Pictures*"], env=environment, check=True, stdout=subprocess.DEVNULL)
        files = sorted(Path(directory).iterdir())
        wrong = [f"{path.name}: {what}" for path in files for what in complaints(path)]
    print("\n".join(wrong) if wrong else f"{len(files)} files are well-formed")
    return 1 if wrong or len(files) < 8 else 0


if __name__ == "__main__":
    sys.exit(main())
