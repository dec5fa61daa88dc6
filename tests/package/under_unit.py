#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Starts a command under the system call filter of a systemd unit, where no systemd is there to do it.

    under_unit.py UNIT COMMAND [ARGUMENT…]

Reads SystemCallFilter=, SystemCallErrorNumber=, SystemCallArchitectures=, RestrictAddressFamilies=, MemoryDenyWriteExecute=
and RestrictRealtime= of [Service]; groups (@system-service) are asked of `systemd-analyze syscall-filter`. Other settings need more than a
filter, and are not applied. Exit code 2: the unit cannot be read, or has no filter.
"""

import errno
import os
import re
import socket
import subprocess
import sys

import seccomp

PROT_WRITE, PROT_EXEC = 2, 4


def service(path):
    """Key -> values in the order of the file; an empty assignment takes back those before it."""
    settings = {}
    section = ""
    text = re.sub(r"\\\n", " ", open(path, encoding="utf-8").read())
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("["):
            section = line
        elif section == "[Service]" and "=" in line and line[0] not in "#;":
            key, value = (part.strip() for part in line.split("=", 1))
            if value:
                settings.setdefault(key, []).append(value)
            else:
                settings[key] = []
    return settings


def calls_of(group):
    """The names in a group, those of groups in it too."""
    listing = subprocess.run(["systemd-analyze", "syscall-filter", group], check=True, capture_output=True, text=True).stdout
    names = set()
    for line in listing.splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            names |= calls_of(word)
        elif word and not word.startswith("#"):
            names.add(word)
    return names


def allowed_calls(lines):
    """systemd starts every list of what is allowed from @default; a line with ~ takes away."""
    if lines[0].startswith("~"):
        sys.exit("under_unit: a filter that begins with ~ is not understood here")
    allowed = calls_of("@default")
    for line in lines:
        names = set()
        for word in line.lstrip("~").split():
            word = word.split(":")[0]
            names |= calls_of(word) if word.startswith("@") else {word}
        allowed = allowed - names if line.startswith("~") else allowed | names
    return allowed


def main():
    unit, command = sys.argv[1], sys.argv[2:]
    settings = service(unit)
    if not settings.get("SystemCallFilter"):
        print(f"under_unit: {unit} has no SystemCallFilter=", file=sys.stderr)
        return 2
    number = getattr(errno, settings.get("SystemCallErrorNumber", ["EPERM"])[-1])
    refuse = seccomp.ERRNO(number)
    filter_ = seccomp.SyscallFilter(refuse)

    families = " ".join(settings.get("RestrictAddressFamilies", [])).split()
    no_write_execute = settings.get("MemoryDenyWriteExecute", ["no"])[-1] in ("yes", "true", "1", "on")
    count = 0
    # The command itself has to be started, which is done by systemd before its filter holds.
    for name in sorted(allowed_calls(settings["SystemCallFilter"]) | {"execve"}):
        try:
            seccomp.resolve_syscall(seccomp.Arch(), name)
            if name == "socket" and families:
                for family in families:
                    filter_.add_rule(seccomp.ALLOW, name, seccomp.Arg(0, seccomp.EQ, getattr(socket, family)))
            elif no_write_execute and name in ("mmap", "mprotect", "pkey_mprotect"):
                forbidden = PROT_WRITE | PROT_EXEC if name == "mmap" else PROT_EXEC
                for bits in {0, PROT_WRITE & forbidden, PROT_EXEC & forbidden} - {forbidden}:
                    filter_.add_rule(seccomp.ALLOW, name, seccomp.Arg(2, seccomp.MASKED_EQ, forbidden, bits))
            else:
                filter_.add_rule(seccomp.ALLOW, name)
            count += 1
        except (ValueError, RuntimeError, OSError):
            continue  # another processor's, or newer than libseccomp
    print(f"under_unit: {count} system calls are allowed, all others fail with {errno.errorcode[number]}", file=sys.stderr)
    sys.stderr.flush()
    program = command[0]
    # The dynamic linker maps code before main: systemd's filter holds then, too.
    filter_.load()
    os.execv(program, command)


if __name__ == "__main__":
    sys.exit(main())
