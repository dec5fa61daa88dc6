#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Proves that tools/check-includes catches what it is there for: forbidden includes planted in a copy of the tree.

    check_includes_selftest.py SOURCE_TREE
"""

import importlib.machinery
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(sys.argv.pop(1)).resolve()

sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("check_includes", str(SOURCE / "tools" / "check-includes"))
check_includes = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
sys.modules[loader.name] = check_includes
loader.exec_module(check_includes)


class PlantedIncludes(unittest.TestCase):
    """Each test gets a tree of its own with one clean file a folder, so that nothing depends on today's code."""

    FOLDERS = ("model", "classify", "policy", "files", "engine", "trace", "dsp", "loop", "pipewire", "sense", "dbus", "host")

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="soundwarden-includes-")
        self.addCleanup(scratch.cleanup)
        self.tree = Path(scratch.name)
        for folder in self.FOLDERS:
            self.write(f"daemon/{folder}/include/{folder}/thing.hpp", "#pragma once\n#include <cstdint>\n")
            self.write(f"daemon/{folder}/thing.cpp", f'#include "{folder}/thing.hpp"\n#include "private.hpp"\n')
            self.write(f"daemon/{folder}/private.hpp", "#pragma once\n")
        for name in ("event", "effect", "snapshot", "engine"):
            self.write(f"daemon/engine/include/engine/{name}.hpp", '#pragma once\n#include "model/thing.hpp"\n')
        self.write("daemon/main.cpp", '#include "engine/engine.hpp"\n#include "pipewire/thing.hpp"\n')
        self.write("dbus/include/bus/names.hpp", "#pragma once\n#include <string>\n")
        self.write("dbus/include/bus/sdbus_compat.hpp", "#pragma once\n#include <sdbus-c++/sdbus-c++.h>\n")
        self.write("cli/main.cpp", '#include <CLI/CLI.hpp>\n#include "policy/thing.hpp"\n')
        self.assertEqual(self.check(), [])

    def write(self, path, text):
        file = self.tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def check(self):
        problems, _ = check_includes.check(self.tree)
        return problems

    def forbidden(self, path, include):
        """`include` at line 2 of `path` is reported there, and only there."""
        before = (self.tree / path).read_text(encoding="utf-8") if (self.tree / path).exists() else None
        self.write(path, f"// planted\n#include {include}\n")
        said = self.check()
        self.assertEqual(len(said), 1, f"{path} with #include {include}: {said}")
        self.assertTrue(said[0].startswith(f"{path}:2: error: "), said)
        (self.tree / path).unlink() if before is None else self.write(path, before)

    def allowed(self, path, include):
        self.write(path, f"// planted\n#include {include}\n")
        self.assertEqual(self.check(), [])

    def test_wrong_direction_between_folders(self):
        for path, include in (
            ("daemon/model/a.cpp", '"engine/event.hpp"'),
            ("daemon/model/include/model/a.hpp", '"policy/thing.hpp"'),
            ("daemon/classify/a.cpp", '"policy/thing.hpp"'),
            ("daemon/policy/a.cpp", '"classify/thing.hpp"'),
            ("daemon/policy/a.cpp", '"files/thing.hpp"'),
            ("daemon/files/a.cpp", '"engine/event.hpp"'),
            ("daemon/engine/a.cpp", '"pipewire/thing.hpp"'),
            ("daemon/engine/a.cpp", '"dsp/thing.hpp"'),
            ("daemon/engine/a.cpp", '"loop/thing.hpp"'),
            ("daemon/engine/a.cpp", '"trace/thing.hpp"'),
            ("daemon/trace/a.cpp", '"files/thing.hpp"'),
            ("daemon/host/a.cpp", '"trace/thing.hpp"'),
            ("daemon/dsp/a.cpp", '"engine/effect.hpp"'),
            ("daemon/loop/a.cpp", '"model/thing.hpp"'),
            ("daemon/host/a.cpp", '"bus/names.hpp"'),
            ("dbus/include/bus/names.hpp", '"model/thing.hpp"'),
        ):
            with self.subTest(path=path, include=include):
                self.forbidden(path, include)

    def test_adapters_do_not_see_each_other_nor_how_the_engine_decides(self):
        for adapter in ("pipewire", "sense", "dbus", "host"):
            for other in ("pipewire", "sense", "dbus", "host"):
                if other != adapter:
                    with self.subTest(adapter=adapter, other=other):
                        self.forbidden(f"daemon/{adapter}/a.cpp", f'"{other}/thing.hpp"')
                        self.forbidden(f"daemon/{adapter}/a.cpp", f'"{other}_adapter/thing.hpp"')
            with self.subTest(adapter=adapter):
                self.forbidden(f"daemon/{adapter}/a.cpp", '"engine/engine.hpp"')
                self.forbidden(f"daemon/{adapter}/a.cpp", '"classify/thing.hpp"')
                self.forbidden(f"daemon/{adapter}/a.cpp", '"policy/thing.hpp"')
        self.forbidden("daemon/sense/a.cpp", '"dsp/thing.hpp"')

    def test_cli_sees_no_adapter(self):
        for folder in ("pipewire", "sense", "dbus", "host", "loop", "dsp"):
            with self.subTest(folder=folder):
                self.forbidden("cli/a.cpp", f'"{folder}/thing.hpp"')

    def test_libraries_outside_their_one_folder(self):
        for path, include in (
            ("daemon/engine/a.cpp", "<pipewire/pipewire.h>"),
            ("daemon/dsp/a.cpp", "<spa/utils/defs.h>"),
            ("daemon/host/a.cpp", '"pipewire/pipewire.h"'),
            ("daemon/main.cpp", "<pipewire/pipewire.h>"),
            ("cli/a.cpp", "<pipewire/pipewire.h>"),
            ("daemon/host/a.cpp", "<sdbus-c++/sdbus-c++.h>"),
            ("cli/status.cpp", "<sdbus-c++/sdbus-c++.h>"),
            ("daemon/main.cpp", "<sdbus-c++/sdbus-c++.h>"),
            ("cli/status.cpp", '"bus/sdbus_compat.hpp"'),
            ("daemon/host/a.cpp", '"bus/sdbus_compat.hpp"'),
            ("dbus/include/bus/names.hpp", "<sdbus-c++/sdbus-c++.h>"),
            ("cli/status.cpp", '"manager_proxy.hpp"'),
            ("cli/client.cpp", '"manager_adaptor.hpp"'),
            ("daemon/dbus/a.cpp", '"manager_proxy.hpp"'),
            ("daemon/engine/a.cpp", "<spdlog/spdlog.h>"),
            ("daemon/policy/a.cpp", "<fmt/format.h>"),
            ("cli/a.cpp", "<spdlog/spdlog.h>"),
            ("daemon/files/a.cpp", "<toml++/toml.h>"),
            ("daemon/engine/a.cpp", "<sqlite3.h>"),
            ("daemon/dbus/a.cpp", "<systemd/sd-daemon.h>"),
            ("daemon/pipewire/a.cpp", "<alsa/asoundlib.h>"),
            ("daemon/host/a.cpp", "<libudev.h>"),
            ("daemon/host/a.cpp", "<libevdev/libevdev.h>"),
            ("daemon/engine/a.cpp", "<nlohmann/json.hpp>"),
            ("daemon/host/a.cpp", "<CLI/CLI.hpp>"),
            ("daemon/host/a.cpp", "<immintrin.h>"),
        ):
            with self.subTest(path=path, include=include):
                self.forbidden(path, include)

    def test_pure_folders_have_no_system_clock_file_or_thread(self):
        for folder in ("model", "classify", "policy", "engine", "trace", "dsp"):
            for header in ("unistd.h", "sys/timerfd.h", "fstream", "filesystem", "thread", "mutex", "iostream"):
                with self.subTest(folder=folder, header=header):
                    self.forbidden(f"daemon/{folder}/a.cpp", f"<{header}>")
        self.forbidden("daemon/files/a.cpp", "<fcntl.h>")
        self.forbidden("daemon/loop/a.cpp", "<poll.h>")

    def test_ways_around(self):
        for path, include in (
            ("daemon/engine/a.cpp", '"../pipewire/private.hpp"'),
            ("daemon/engine/a.cpp", "<model/thing.hpp>"),
            ("daemon/engine/a.cpp", '"support/thing.hpp"'),
            ("daemon/engine/a.cpp", "<boost/any.hpp>"),
            ("daemon/engine/a.cpp", "SOME_MACRO"),
            ("daemon/engine/deeper/a.cpp", '"host/thing.hpp"'),
            ("daemon/engine/a.inc", '"host/thing.hpp"'),
        ):
            with self.subTest(path=path, include=include):
                self.forbidden(path, include)

    def test_a_new_folder_needs_a_row(self):
        self.write("daemon/extra/a.cpp", "#include <vector>\n")
        said = self.check()
        self.assertEqual(len(said), 1)
        self.assertIn("daemon/extra/a.cpp:1: error: this folder is not in the table", said[0])

    def test_what_the_architecture_allows(self):
        for path, include in (
            ("daemon/engine/a.cpp", '"policy/thing.hpp"'),
            ("daemon/trace/a.cpp", '"engine/engine.hpp"'),
            ("daemon/trace/a.cpp", '"policy/thing.hpp"'),
            ("daemon/trace/a.cpp", "<nlohmann/json.hpp>"),
            ("cli/a.cpp", '"trace/thing.hpp"'),
            ("daemon/pipewire/a.cpp", '"dsp/thing.hpp"'),
            ("daemon/pipewire/b.cpp", "<spa/pod/builder.h>"),
            ("daemon/dbus/a.cpp", '"engine/snapshot.hpp"'),
            ("daemon/dbus/b.cpp", '"manager_adaptor.hpp"'),
            ("daemon/dbus/c.cpp", '"bus/names.hpp"'),
            ("daemon/dbus/c.cpp", '"bus/sdbus_compat.hpp"'),
            ("daemon/host/a.cpp", "<systemd/sd-daemon.h>"),
            ("cli/b.cpp", '"bus/names.hpp"'),
            ("cli/a.cpp", '"engine/engine.hpp"'),
            ("cli/client.cpp", "<sdbus-c++/sdbus-c++.h>"),
            ("daemon/files/a.cpp", "<filesystem>"),
            ("daemon/dsp/a.cpp", "<immintrin.h>"),
            ("daemon/main.cpp", '"host/thing.hpp"'),
            ("daemon/daemon.hpp", '"dbus/thing.hpp"'),
        ):
            with self.subTest(path=path, include=include):
                self.allowed(path, include)

    def test_comments_do_not_count(self):
        self.write("daemon/engine/a.cpp", '/*\n#include <sqlite3.h>\n*/\n// #include <alsa/asoundlib.h>\nauto s = "/*";\n')
        self.assertEqual(self.check(), [])
        self.write("daemon/engine/a.cpp", 'auto s = "/*";\n#include <sqlite3.h>\nauto t = "*/";\n')
        self.assertEqual(len(self.check()), 1)


class TheRealTree(unittest.TestCase):
    def test_a_forbidden_include_in_a_copy_of_the_sources_is_caught(self):
        with tempfile.TemporaryDirectory(prefix="soundwarden-includes-") as scratch:
            for top in ("daemon", "cli", "dbus"):
                if (SOURCE / top).is_dir():
                    shutil.copytree(SOURCE / top, Path(scratch) / top)
            victim = min((Path(scratch) / "daemon" / "engine").rglob("*.hpp"))
            with victim.open("a", encoding="utf-8") as file:
                file.write("\n#include <pipewire/pipewire.h>\n")
            run = subprocess.run(
                [sys.executable, SOURCE / "tools" / "check-includes", scratch], capture_output=True, text=True
            )
            self.assertEqual(run.returncode, 1)
            self.assertIn(f"{victim.relative_to(scratch)}:", run.stdout)


if __name__ == "__main__":
    unittest.main()
