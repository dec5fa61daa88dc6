#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Proves what tests/system/vm does when things go wrong, with stand-ins for QEMU: each end is told, and none hangs.
#
#   vm_selftest.sh SOURCE_TREE
set -euo pipefail

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
mkdir "$scratch/image" "$scratch/bin"
touch "$scratch"/image/{vmlinuz,initrd.img,disk.img}
printf '%s no\n' "$(</proc/sys/kernel/random/boot_id)" >"$scratch/image/kvm-probe"
failures=0

# expect WHAT CODE PATTERN PATH: how vm ends with the QEMU that stands in $scratch/bin, and what it says.
expect() {
    local what=$1 code=$2 pattern=$3 got=0
    rm -rf -- "$scratch/work"
    mkdir -p "$scratch/work/share"
    PATH=$scratch/bin:$4 "$python" "$source/tests/system/vm" --image "$scratch/image" --work "$scratch/work" --timeout "${limit:-60}" \
        >"$scratch/said" 2>&1 || got=$?
    if [[ $got != "$code" ]] || { [[ -n $pattern ]] && ! grep -q -- "$pattern" "$scratch/said"; }; then
        printf 'FAILED: %s: exit code %d, wanted %d; it said:\n' "$what" "$got" "$code"
        cat -- "$scratch/said"
        failures=$((failures + 1))
    fi
}
stand_in() {
    printf '#!/bin/bash\nshare=%q\n%s\n' "$scratch/work/share" "$1" >"$scratch/bin/qemu-system-x86_64"
    chmod +x "$scratch/bin/qemu-system-x86_64"
}

source=$1
python=$(python3 -c 'import sys; print(sys.executable)')
expect 'a missing QEMU' 2 'not installed' "$scratch"
stand_in 'sleep 60'
limit=2 expect 'a guest that hangs' 1 'did not end within 2 s' "$PATH"
stand_in 'echo no such machine >&2; exit 1'
expect 'a QEMU that does not start' 1 'no such machine' "$PATH"
stand_in 'echo "soundwardend: not within 30 s" >"$share/guest.log"; echo 1 >"$share/exit-code"'
expect 'a script that fails' 1 'not within 30 s' "$PATH"
stand_in 'echo "mark here" >"$share/requests/1.part"; mv "$share/requests/1.part" "$share/requests/1.ask"; until [[ -e $share/requests/1.answer ]]; do sleep 0.05; done; echo 0 >"$share/exit-code"'
expect 'a run that is well' 0 '' "$PATH"
grep -q '"name": "here"' "$scratch/work/result.json" || { printf 'FAILED: the mark is not in the result\n'; failures=$((failures + 1)); }

exit $((failures > 0))
