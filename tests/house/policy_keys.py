#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The reader of policy files, the schema for editors and soundwarden-policy(5) say the same.

    policy_keys.py TREE SOUNDWARDEN

Compares the keys of each table and the ranges of all quantities; hands one file for each key, and some with mistakes, to
`soundwarden policy check` and to the schema; and checks so every policy that is shipped, and every example in the manual page and
in docs/policies.md. The schema is judged by the few lines below, which know as much of draft-07 as it uses.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

TABLES = ("top", "settings", "output", "match", "load", "rule", "when")

problems = []


def expect(holds, message):
    if not holds:
        problems.append(message)


# ---- the schema

KNOWN_KEYWORDS = frozenset(
    "$schema $comment title description default examples definitions type const enum pattern minLength maxLength minimum maximum "
    "items minItems maxItems uniqueItems properties required additionalProperties minProperties allOf anyOf not if then else $ref".split()
)
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}


def has_type(value, name):
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def schema_errors(value, schema, whole, path="the file"):
    """Why the value is not what the schema has, as lines; none: it is."""
    if schema is True:
        return []
    unknown = set(schema) - KNOWN_KEYWORDS
    if unknown:
        raise ValueError(f"policy_keys.py knows no {unknown} in a schema; teach it")

    def errors_of(part, other=value, place=path):
        return schema_errors(other, part, whole, place)

    if "$ref" in schema:
        return errors_of(whole["definitions"][schema["$ref"].removeprefix("#/definitions/")])
    errors = []
    if "type" in schema and not has_type(value, schema["type"]):
        return [f"{path} is no {schema['type']}"]
    if "const" in schema and (value != schema["const"] or type(value) is not type(schema["const"])):
        errors.append(f"{path} is not {schema['const']}")
    if "enum" in schema and value not in schema["enum"]:
        errors.append(f"{path} is none of {schema['enum']}")
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            errors.append(f"{path}: {value!r} does not fit {schema['pattern']}")
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            errors.append(f"{path} is too short or too long")
    if has_type(value, "number") and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        errors.append(f"{path} is out of its range")
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            errors.append(f"{path} has too few or too many entries")
        if schema.get("uniqueItems") and len({json.dumps(each) for each in value}) < len(value):
            errors.append(f"{path} has an entry twice")
        for index, each in enumerate(value):
            errors += errors_of(schema.get("items", True), each, f"{path}[{index}]")
    if isinstance(value, dict):
        errors += [f"{path} has no {key}" for key in schema.get("required", ()) if key not in value]
        if len(value) < schema.get("minProperties", 0):
            errors.append(f"{path} is empty")
        for key, each in value.items():
            if key in schema.get("properties", {}):
                errors += errors_of(schema["properties"][key], each, f"{path}.{key}")
            elif schema.get("additionalProperties") is False:
                errors.append(f"{path} has an unknown key {key}")
    for part in schema.get("allOf", ()):
        errors += errors_of(part)
    if "anyOf" in schema and all(errors_of(part) for part in schema["anyOf"]):
        errors.append(f"{path} fits none of what it may be")
    if "not" in schema and not errors_of(schema["not"]):
        errors.append(f"{path} is what it must not be: {schema['not']}")
    if "if" in schema:
        errors += errors_of(schema.get("else" if errors_of(schema["if"]) else "then", True))
    return errors


def schema_tables(schema):
    """Table -> its part of the schema."""
    top = schema["properties"]
    output, rule = top["output"]["items"], top["rule"]["items"]
    return {
        "top": schema,
        "settings": top["settings"],
        "output": output,
        "match": output["properties"]["match"],
        "load": top["load"]["items"],
        "rule": rule,
        "when": rule["properties"]["when"],
    }


# ---- the manual page

MAN_TABLES = {"Top level": "top", "[settings]": "settings", "[[output]]": "output", "match": "match", "[[load]]": "load", "[[rule]]": "rule", "when": "when"}


def man_tables(page):
    tables = {table: set() for table in TABLES}
    table = None
    for line in page.splitlines():
        if line.startswith((".Sh ", ".Ss ")):
            table = MAN_TABLES.get(line[4:])
        elif table and line.startswith(".It Ic "):
            tables[table].update(word for word in line.split()[1:] if word not in ("Ic", ","))
    return tables


# ---- the reader


def reader_tables(keys_header):
    return {
        table: set(re.findall(r'Key\("([^"]+)"\)', body))
        for table, body in re.findall(r"std::array (\w+)_keys\{(.*?)\};", keys_header, re.DOTALL)
    }


def reader_ranges(keys_header):
    """Twin key -> (least, most) in the unit of its name."""
    ranges = {}
    for least, most, twins in re.findall(r'QuantityKey \w+\{"[\w-]+",\s*Quantity::\w+,\s*([\w.+-]+),\s*([\w.+-]+),\s*\{(.*?)\}\};', keys_header, re.DOTALL):
        for key, multiply, divide in re.findall(r'Twin\{"([\w-]+)"(?:,\s*([\d.]+))?(?:,\s*([\d.]+))?', twins):
            scale = float(divide or 1) / float(multiply or 1)
            ranges[key] = (float(least) * scale, float(most) * scale)
    return ranges


def enumeration(header, name):
    body = re.search(r"struct Names<" + name + r">\s*\{(.*?)\}\};", header, re.DOTALL).group(1)
    return re.findall(r'"([^"]+)"', body)


class Reader:
    def __init__(self, soundwarden, directory):
        self.soundwarden = soundwarden
        self.directory = Path(directory)

    def errors(self, text):
        file = self.directory / "policy.toml"
        file.write_text(text, encoding="utf-8")
        run = subprocess.run([self.soundwarden, "policy", "check", "-o", "json", file], capture_output=True, text=True, check=False)
        if run.returncode not in (0, 6):
            raise RuntimeError(f"soundwarden policy check: exit code {run.returncode}: {run.stderr}")
        diagnostics = json.loads(run.stdout)["diagnostics"]
        return [f"{each['line']}: {each['message']}" for each in diagnostics if each["severity"] == "error"]


# ---- files with one key each

SAMPLES = {
    "settings": {
        "posture": '"strict"', "settle": '"0.5 s"', "settle-ms": "500", "unplug-hold": '"1 s"', "unplug-hold-ms": "1000.5",
        "orphan-silence": '"0 s"', "orphan-silence-s": "600", "orphan-level": '"−40 dB"', "orphan-level-db": "-40",
        "notifications": "false", "cue": "false", "dose-allowance": '"0.8 Pa²h"', "dose-allowance-pa2h": "0.8",
        "dose-notices": '["50 %", "100%"]', "dose-soft-landing": '"80 %"', "dose-soft-landing-percent": "80", "dose-stop": '"100 %"',
        "dose-stop-percent": "100.5", "dose-warn-above": '"95 dB(A)"', "dose-warn-above-dba": "95", "mode": '"smooth"',
        "release": '"80 ms"', "release-ms": "80", "locked": "true",
    },
    "output": {
        "name": '"b"', "match": '{ card = "b" }', "kind": '"line-out"', "channels": "[9, 10]", "full-scale": '"1.4V"', "full-scale-v": "1.4",
        "output-impedance": '"10 Ω"', "output-impedance-ohm": "0", "gain-after-dac": '"+6 dB"', "gain-after-dac-db": "6",
        "shares": '["b"]', "mode": '"low"', "release": '"1 s"', "release-ms": "1", "hold-device": "true", "passthrough": '"block"', "source": '"s"',
    },
    "match": {
        "node": '"*"', "device": '"*"', "description": '"[ab]*"', "api": '"alsa"', "bus": '"!usb"', "bus-path": '"*"', "card": '"*"', "driver": '"*"',
        "form-factor": '"headset"', "route": '"*"', "route-description": '"*"', "port-type": '"*"', "product": '"*"', "vendor-id": '"0x1235"',
        "product-id": '"8210"', "usb": '"1235:8210"',
    },
    "load": {
        "name": '"b"', "kind": '"in-ear"', "match": '["a*", "b"]', "impedance": '"1 kohm"', "impedance-ohm": "32", "sensitivity": '"103 dB/V"',
        "sensitivity-db-per-v": "103", "sensitivity-db-per-mw": '97\nimpedance = "32 ohm"', "rating": '"500 mW"', "rating-w": "20", "source": '"s"',
    },
    "rule": {
        "name": '"b"', "when": "{ }", "verdict": '"block"', "cap": '"-12 dB"', "cap-db": "-12", "target": '"94 dB(A)"', "target-dba": "94",
        "below": '"6 dB"\ntarget-dba = 94', "below-db": "6\ntarget-dba = 94", "governor": "false\ncap-db = -12", "to-rating": "true", "start-low": "true",
        "start-level": '"-20 dB"', "start-level-db": "-20", "ask": "true", "reason": '"a-b-1"', "message": '"Because."', "override-max": '"-20 dBFS"',
        "override-max-dbfs": "-20", "override-for-max": '"2 h"', "override-for-max-min": "1440", "locked": "true",
    },
    "when": {
        "kind": '["*-out", "!speaker-out"]', "load": '"head*"', "confidence": '["certain", "high"]', "output": '"*Desk*"', "channels": '"> 2"', "impedance": '"<= 8 ohm"',
    },
}
VERDICT_FOR = {"to-rating": "allow", "start-low": "allow", "cap": "limit", "cap-db": "limit", "target": "limit", "target-dba": "limit",
               "below": "limit", "below-db": "limit", "governor": "limit"}


def file_with(table, key, sample):
    """A whole policy file that has this key, and what must stand beside it."""
    def lines(**wanted):
        return "".join(f"{name} = {value}\n" for name, value in wanted.items() if name != key)

    own = f"{key} = {sample}\n"
    if table == "settings":
        return "schema = 1\n[settings]\n" + own
    if table == "output":
        return "schema = 1\n[[output]]\n" + lines(name='"a"', match='{ card = "a" }') + own
    if table == "match":
        return f'schema = 1\n[[output]]\nname = "a"\nmatch = {{ {key} = {sample} }}\n'
    if table == "load":
        return "schema = 1\n[[load]]\n" + lines(name='"a"', kind='"headphones"') + own
    if table == "when":
        return f'schema = 1\n[[rule]]\nname = "a"\nverdict = "allow"\nwhen = {{ {key} = {sample} }}\n'
    return "schema = 1\n[[rule]]\n" + lines(name='"a"', verdict=f'"{VERDICT_FOR.get(key, "allow")}"') + own


RULE = 'schema = 1\n[[rule]]\nname = "a"\n'
MISTAKES = (
    'x = 1\n[settings]\nposture = "strict"\n',
    "schema = 2\n",
    'schema = "1"\n',
    "schema = 1\nunknown = 1\n",
    "schema = 1\n[settings]\nsettle = 300\n",
    'schema = 1\n[settings]\nsettle = "300"\n',
    'schema = 1\n[settings]\nsettle = "300 ms"\nsettle-ms = 300\n',
    "schema = 1\n[settings]\nsettle-ms = 99\n",
    "schema = 1\n[settings]\ndose-notices = [50]\n",
    "schema = 1\n[settings]\ndose-notices = []\n",
    'schema = 1\n[settings]\nmode = "fast"\n',
    'schema = 1\n[settings]\nnotifications = "no"\n',
    'schema = 1\n[[output]]\nname = "a"\n',
    'schema = 1\n[[output]]\nname = "a"\nmatch = { }\n',
    'schema = 1\n[[output]]\nname = ""\nmatch = { card = "a" }\n',
    'schema = 1\n[[output]]\nname = "a"\nmatch = { usb = "1235" }\n',
    'schema = 1\n[[output]]\nname = "a"\nmatch = { usb = "1235:8210", bus = "usb" }\n',
    'schema = 1\n[[output]]\nname = "a"\nmatch = { card = "a" }\nchannels = []\n',
    'schema = 1\n[[output]]\nname = "a"\nmatch = { card = "a" }\nchannels = [0]\n',
    'schema = 1\n[[output]]\nname = "a"\nmatch = { card = "a" }\nchannels = [9, 9]\n',
    'schema = 1\n[[output]]\nname = "a"\nmatch = { card = "a" }\nfull-scale = "1,4 V"\n',
    'schema = 1\n[[output]]\nname = "a"\nmatch = { card = "a" }\nfull-scale = "1.4 v"\n',
    'schema = 1\n[[load]]\nname = "a"\n',
    'schema = 1\n[[load]]\nname = "a"\nkind = "unknown"\n',
    RULE,
    RULE + 'verdict = "limit"\n',
    RULE + 'verdict = "limmit"\ncap = "-12 dB"\n',
    RULE + 'verdict = "limit"\ncap = "1 dB"\ncap-db = 1\n',
    RULE + 'verdict = "limit"\ncap-db = 1\n',
    RULE + 'verdict = "limit"\ncap = "-12"\n',
    RULE + 'verdict = "limit"\ncap = "-12 dB"\nbelow = "6 dB"\n',
    RULE + 'verdict = "limit"\ncap = "-12 dB"\ngovernor = true\n',
    RULE + 'verdict = "allow"\ncap = "-12 dB"\n',
    RULE + 'verdict = "block"\nstart-low = true\n',
    RULE + 'verdict = "limit"\ncap = "-12 dB"\nto-rating = true\n',
    RULE + 'verdict = "allow"\nreason = "Two words"\n',
    RULE + 'verdict = "allow"\nmessage = "' + "x" * 501 + '"\n',
    RULE + 'verdict = "allow"\nwhen = { kind = "headphone" }\n',
    RULE + 'verdict = "allow"\nwhen = { kind = [] }\n',
    RULE + 'verdict = "allow"\nwhen = { channels = "two" }\n',
    RULE + 'verdict = "allow"\nwhen = { impedance = ">= 8 ohm" }\n',
)


def examples(page):
    """The whole policy files in a manual page or in Markdown."""
    if page.suffix == ".md":
        blocks = re.findall(r"^```toml\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    else:
        blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [block.replace("\\(dq", '"').replace("\\-", "-") for block in blocks if "schema = 1" in block]


def main():
    tree, soundwarden = Path(sys.argv[1]), sys.argv[2]
    schema = json.loads((tree / "policies/policy.schema.json").read_text(encoding="utf-8"))
    header = (tree / "daemon/policy/keys.hpp").read_text(encoding="utf-8")
    parts = schema_tables(schema)

    # The keys of each table.
    of_reader = reader_tables(header)
    of_man = man_tables((tree / "man/soundwarden-policy.5").read_text(encoding="utf-8"))
    for table in TABLES:
        of_schema = set(parts[table]["properties"])
        keys = of_reader.get(table, set())
        expect(keys, f"daemon/policy/keys.hpp: no keys of {table} were found")
        expect(of_schema == keys, f"{table}: the schema and the reader differ in {sorted(of_schema ^ keys)}")
        expect(of_man[table] == keys, f"{table}: soundwarden-policy(5) and the reader differ in {sorted(of_man[table] ^ keys)}")
        if table != "top":
            expect(set(SAMPLES[table]) == keys, f"{table}: tests/house/policy_keys.py has no sample of {sorted(set(SAMPLES[table]) ^ keys)}")

    # The ranges of quantities; that of override-for-max-min ends in thirds.
    ranges = reader_ranges(header)
    expect(len(ranges) > 15, "daemon/policy/keys.hpp: the quantities were not found")
    for key, (least, most) in ranges.items():
        for table in TABLES:
            part = parts[table]["properties"].get(key)
            if part:
                same = abs(part["minimum"] - least) < 0.001 and abs(part["maximum"] - most) < 0.001
                expect(same, f"{table}: {key} is from {least} to {most} for the reader, and not in the schema")

    # The names.
    model = "".join((tree / f"daemon/model/include/model/{name}.hpp").read_text(encoding="utf-8") for name in ("classification", "decision", "limiter_mode", "load", "output"))
    definitions = schema["definitions"]
    for name, found in (
        ("OutputKind", definitions["output-kind"]["anyOf"][0]["enum"]),
        ("OutputKind", parts["output"]["properties"]["kind"]["enum"]),
        ("Load", definitions["load-kind"]["anyOf"][0]["enum"]),
        ("Confidence", definitions["confidence"]["anyOf"][0]["enum"]),
        ("Verdict", parts["rule"]["properties"]["verdict"]["enum"]),
        ("Posture", parts["settings"]["properties"]["posture"]["enum"]),
        ("LimiterMode", definitions["mode"]["enum"]),
    ):
        expect(found == enumeration(model, name), f"the schema does not have the names of {name}")

    with tempfile.TemporaryDirectory() as directory:
        reader = Reader(soundwarden, directory)

        def judge(text, what):
            for error in reader.errors(text):
                problems.append(f"{what}: the reader says: {error}")
            for error in schema_errors(tomllib.loads(text), schema, schema):
                problems.append(f"{what}: the schema says: {error}")

        for table, samples in SAMPLES.items():
            for key, sample in samples.items():
                judge(file_with(table, key, sample), f"{table}: {key} = {sample}")
        for text in MISTAKES:
            expect(reader.errors(text), f"the reader accepts a mistake:\n{text}")
            expect(schema_errors(tomllib.loads(text), schema, schema), f"the schema accepts a mistake:\n{text}")

        files = sorted((tree / "policies").rglob("*.toml"))
        expect(files, "policies/ has no policy")
        for file in files:
            judge(file.read_text(encoding="utf-8"), file.relative_to(tree))
        for page in (tree / "man/soundwarden-policy.5", tree / "docs/policies.md"):
            found = examples(page)
            expect(len(found) >= 3, f"{page.relative_to(tree)}: no examples were found")
            for text in found:
                judge(text, page.relative_to(tree))

    for problem in problems:
        print(problem)
    print(f"policy-keys: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
