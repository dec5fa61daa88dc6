# SPDX-License-Identifier: MIT
"""What `soundwarden status -o openmetrics` prints is OpenMetrics 1.0, and Prometheus' older text format too, by the parsers of
prometheus_client. Arguments: the project's source directory."""

import sys
from pathlib import Path

try:
    from prometheus_client import parser as older
    from prometheus_client.openmetrics import parser
except ImportError as missing:
    print(f"{missing}; install python3-prometheus-client")
    sys.exit(77)


def samples(families):
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for family in families for sample in family.samples}


golden = Path(sys.argv[1]) / "tests/unit/surface/golden"
for name in ("metrics.txt", "metrics.hostile.txt"):
    text = (golden / name).read_text(encoding="utf-8")
    new, old = samples(parser.text_string_to_metric_families(text)), samples(older.text_string_to_metric_families(text))
    assert new and new == old, f"{name}: the two formats differ in {set(new.items()) ^ set(old.items())}"
    assert new[("soundwarden_up", ())] == 1.0, name
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(lines) == len(new), f"{name}: {len(lines)} lines, {len(new)} samples"
for broken in ("soundwarden_up 1\n", "# TYPE a gauge\na{b=\"c\"x} 1\n# EOF\n"):
    try:
        list(parser.text_string_to_metric_families(broken))
    except ValueError:
        continue
    sys.exit(f"the parser takes everything: {broken!r}")
