# SPDX-License-Identifier: MIT
"""What the command prints as JSON is what its schema promises: every kept output is valid against its verb's definition, and spoilt ones are
not. Arguments: the project's source directory."""

import copy
import json
import sys
from pathlib import Path

try:
    import jsonschema
except ImportError as missing:
    print(f"{missing}; install python3-jsonschema")
    sys.exit(77)

SOURCE = Path(sys.argv[1])
GOLDEN = SOURCE / "tests/unit/surface/golden"
KINDS = (("policy-check", "policy_check"), ("policy-show", "policy_show"), ("policy-test", "policy_test"), ("explain", "explain"), ("graph", "graph"),
         ("dose", "dose"), ("log", "log"), ("meter", "meter"), ("monitor", "monitor"), ("replay", "replay"), ("doctor", "doctor"), ("release", "release"))

schema = json.loads((SOURCE / "cli/soundwarden.schema.json").read_text(encoding="utf-8"))
Validator = jsonschema.Draft202012Validator
Validator.check_schema(schema)
wrong, seen, documents = [], set(), 0


def definition_of(path):
    if ".status." in path.name or ".show." in path.name:
        return "status"
    return next((kind for prefix, kind in KINDS if path.name.startswith(prefix)), None)


def validator(kind):
    return Validator({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})


def spoilt(document):
    """Each without one of its keys, and each with one of another type."""
    for key in document:
        less = copy.deepcopy(document)
        del less[key]
        yield f"without {key}", less
        odd = copy.deepcopy(document)
        odd[key] = {"an": "object"} if not isinstance(odd[key], dict) else 5
        yield f"with another {key}", odd


for path in sorted([*GOLDEN.glob("*.json"), *GOLDEN.glob("*.jsonl")]):
    kind = definition_of(path)
    if kind is None:
        wrong.append(f"{path.name}: no definition is for it")
        continue
    text = path.read_text(encoding="utf-8")
    for document in [json.loads(text)] if path.suffix == ".json" else [json.loads(line) for line in text.splitlines() if line.strip()]:
        documents += 1
        seen.add(kind)
        for error in validator(kind).iter_errors(document):
            wrong.append(f"{path.name}: {'/'.join(str(part) for part in error.absolute_path)}: {error.message[:200]}")
        for what, other in spoilt(document):
            if document.get("event") == "output" and "event" not in what and "schema" not in what:
                continue
            if validator(kind).is_valid(other):
                wrong.append(f"{path.name}: {what} is valid too")
missing = {kind for _, kind in KINDS} | {"status"}
missing -= seen
if missing:
    wrong.append(f"nothing is kept of {sorted(missing)}")

# The manual page lists what status has.
page = (SOURCE / "man/soundwarden.1").read_text(encoding="utf-8")
for key in {**schema["$defs"]["status"]["properties"], **schema["$defs"]["output"]["properties"]}:
    if not any(key in line for line in page.splitlines() if line.startswith((".It Ql", ".Ql"))):
        wrong.append(f"soundwarden.1 does not tell of the key {key}")

for line in wrong:
    print(line)
print(f"{documents} documents of {len(seen)} kinds, {len(wrong)} wrong")
sys.exit(1 if wrong else 0)
