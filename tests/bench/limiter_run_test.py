#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What limiter_run promises: samples, block partitions, and what it says when it cannot.

    limiter_run_test.py LIMITER_RUN
"""

import json
import math
import random
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

LIMITER_RUN = sys.argv.pop(1)
RATE = 48000
CEILING = 10 ** (-6 / 20)
FLOAT_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def wav_bytes(channels, extensible=False):
    """A 32-bit float WAV of these planes."""
    count = len(channels)
    form = struct.pack("<HHIIHH", 0xFFFE if extensible else 3, count, RATE, RATE * 4 * count, 4 * count, 32)
    if extensible:
        form += struct.pack("<HHIH", 22, 32, 0, 3) + FLOAT_GUID_TAIL
    data = b"".join(struct.pack(f"<{count}f", *frame) for frame in zip(*channels))
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def read_wav(path):
    """(format tag, planes)"""
    raw = Path(path).read_bytes()
    at, tag, count = 12, 0, 0
    while at < len(raw):
        name, size = raw[at : at + 4], struct.unpack_from("<I", raw, at + 4)[0]
        if name == b"fmt ":
            tag, count = struct.unpack_from("<HH", raw, at + 8)
        if name == b"data":
            values = struct.unpack_from(f"<{size // 4}f", raw, at + 8)
            return tag, [list(values[c::count]) for c in range(count)]
        at += 8 + size + size % 2
    raise AssertionError("no data chunk")


def signal(frames=6000, channels=2):
    """A tone that comes up to 14 dB over full scale, and noise."""
    dice = random.Random(1)
    tone = [5 * min(1, i / 4000) * math.sin(i * 0.13) for i in range(frames)]
    return [tone] + [[dice.gauss(0, 0.5) for _ in range(frames)] for _ in range(channels - 1)]


class LimiterRun(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_it(self, *arguments):
        return subprocess.run([LIMITER_RUN, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)

    def process(self, channels, *arguments, extensible=False):
        """The output's planes, its format tag, and the report."""
        (self.folder / "in.wav").write_bytes(wav_bytes(channels, extensible))
        done = self.run_it(self.folder / "in.wav", self.folder / "out.wav", "--report", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        tag, planes = read_wav(self.folder / "out.wav")
        return planes, tag, json.loads(done.stdout)

    def test_nothing_comes_out_above_the_ceiling(self):
        loud = signal()
        self.assertGreater(max(map(abs, loud[0])), 4.9)
        for mode in ("guard", "low", "default", "smooth"):
            with self.subTest(mode):
                out, _, report = self.process(loud, "--mode", mode, "--ceiling", "-6")
                peak = max(abs(x) for plane in out for x in plane)
                self.assertLessEqual(peak, CEILING)
                self.assertGreater(peak, CEILING * 0.9)
                self.assertAlmostEqual(report["sample_peak_dbfs"], 20 * math.log10(peak), places=9)
                self.assertEqual([len(plane) for plane in out], [6000, 6000])

    def test_the_ceiling_is_what_lowers_it(self):
        loud = signal()
        out, _, report = self.process(loud, "--ceiling", "20", "--compensate")
        _, as_written = read_wav(self.folder / "in.wav")
        self.assertEqual(out, as_written)
        self.assertGreater(report["sample_peak_dbfs"], 13)

    def test_partitions_do_not_matter(self):
        loud = signal()
        whole, _, _ = self.process(loud, "--ceiling", "-6", "--block", 8192)
        for partition in (["--block", 61], ["--block", "random", "--seed", 3], ["--block", "random", "--seed", 4]):
            with self.subTest(partition):
                self.assertEqual(self.process(loud, "--ceiling", "-6", *partition)[0], whole)
        self.assertNotEqual(self.process(loud, "--ceiling", "-6.1")[0], whole)

    def test_latency_is_kept_unless_compensated(self):
        early, late = [0.0] * 1000, [0.0] * 1000
        early[10] = late[993] = 0.25
        for mode, latency in (("guard", 0), ("low", 24), ("default", 72), ("smooth", 240)):
            with self.subTest(mode):
                out, _, report = self.process([early, late], "--mode", mode)
                self.assertEqual(report["latency_frames"], latency)
                self.assertEqual(out[0].index(0.25), 10 + latency)
                self.assertEqual(self.process([early, late], "--mode", mode, "--compensate")[0], [early, late])

    def test_formats_up_to_64_channels(self):
        for count in (1, 6, 64):
            with self.subTest(count):
                out, tag, _ = self.process(signal(500, count), "--ceiling", "-6", extensible=True)
                self.assertEqual((tag, len(out)), (0xFFFE, count))
                self.assertLessEqual(max(abs(x) for plane in out for x in plane), CEILING)
        self.assertEqual(self.process(signal(500))[1], 3)

    def test_faults_are_counted(self):
        bad = signal(500)
        bad[0][100], bad[1][200] = math.nan, math.inf
        out, _, report = self.process(bad, "--ceiling", "20", "--compensate")
        self.assertEqual((report["faults"], out[0][100], out[1][200]), (2, 0.0, 0.0))

    def test_what_cannot_be_done_is_said(self):
        good, out = self.folder / "in.wav", self.folder / "out.wav"
        good.write_bytes(wav_bytes(signal(100)))
        (self.folder / "text.wav").write_text("not audio")
        integer = bytearray(wav_bytes([[0.0] * 10]))
        integer[20] = 1  # PCM
        (self.folder / "pcm.wav").write_bytes(integer)
        (self.folder / "wide.wav").write_bytes(wav_bytes([[0.0]] * 65))
        for arguments, code, said in (
            ([self.folder / "none.wav", out], 1, "none.wav: cannot be read"),
            ([self.folder / "text.wav", out], 1, "give a 32-bit float WAV"),
            ([self.folder / "pcm.wav", out], 1, "not 32-bit float; convert it"),
            ([self.folder / "wide.wav", out], 1, "65 channels"),
            ([good, self.folder / "no" / "out.wav"], 1, "out.wav: cannot be written"),
            ([good], 2, "OUT.wav"),
            ([good, out, "--mode", "loud"], 2, "--mode"),
            ([good, out, "--block", "0"], 2, "1 to 8192"),
            ([good, out, "--block", "8x"], 2, "1 to 8192"),
            ([good, out, "--isa", "mmx"], 2, "choose one of auto, scalar"),
            ([good, out, "--peer", "none"], 2, "choose one of dpl"),
        ):
            with self.subTest(said):
                done = self.run_it(*arguments)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(said, done.stderr)
                self.assertFalse(out.exists())
        self.assertIn("--compensate", self.run_it("--help").stdout)


if __name__ == "__main__":
    unittest.main()
