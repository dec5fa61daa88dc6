#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a C++ source whose function returns the names and contents of text files.

    embed_texts.py OUTPUT NAMESPACE FUNCTION FILE…
"""

import sys
from pathlib import Path

PIECE = 8000  # bytes; compilers bound the length of one literal


def literals(text):
    """The text as C++ string literals, one a line of it, in pieces that no compiler complains about."""
    pieces, piece, size = [], [], 0
    for line in text.decode("utf-8").splitlines(keepends=True):
        escaped = "".join(
            {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "?": "\\?"}.get(c, c) for c in line
        )
        if size + len(line.encode()) > PIECE and piece:
            pieces.append(piece)
            piece, size = [], 0
        piece.append(f'        "{escaped}"')
        size += len(line.encode())
    return pieces + [piece] if piece else pieces


def main():
    output, namespace, function, *files = sys.argv[1:]
    lines = [
        "// Made by tools/lib/embed_texts.py; do not edit.",
        "#include <string>",
        "#include <utility>",
        "#include <vector>",
        "",
        f"namespace {namespace} {{",
        f"std::vector<std::pair<std::string, std::string>> {function}();",
        f"std::vector<std::pair<std::string, std::string>> {function}() {{",
        "    std::vector<std::pair<std::string, std::string>> texts;",
    ]
    for file in sorted(files, key=lambda f: Path(f).name):
        lines.append(f'    texts.emplace_back("{Path(file).name}", std::string{{}});')
        for piece in literals(Path(file).read_bytes()):
            lines.append("    texts.back().second.append(")
            lines.extend(piece)
            lines.append("    );")
    lines += ["    return texts;", "}", f"}} // namespace {namespace}", ""]
    Path(output).write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
