#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Proves what tools/lib.sh does with tools/packages.txt: markers, comments, mistakes, and telling what is missing.
#
#   packages_selftest.sh SOURCE_TREE
set -euo pipefail

. "$1/tools/lib.sh"

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
mkdir -- "$scratch/tools"

failures=0
expect() {
    local what=$1 wanted=$2 got=$3
    [[ $got == "$wanted" ]] && return
    printf 'FAILED: %s\n  wanted: %q\n  got:    %q\n' "$what" "$wanted" "$got"
    failures=$((failures + 1))
}

# The project's own list can be read for both releases, and the chroot's has neither the second compiler nor itself.
for codename in bookworm trixie; do
    names=$(packages_for "$codename")
    expect "$codename has the compiler" g++ "$(grep -Fx g++ <<<"$names" || true)"
    expect "$codename without [host]" '' "$(grep -Fx mmdebstrap <<<"$names" || true)"
    expect "$codename with [host]" mmdebstrap "$(packages_for "$codename" host | grep -Fx mmdebstrap || true)"
done

SOUNDWARDEN_SOURCE=$scratch
cat >"$scratch/tools/packages.txt" <<'LIST'
# a comment
both   # and another

old [bookworm]
new [trixie]
either [bookworm] [trixie]
clang [host]
late [trixie] [host]
inside [guest] [trixie]
beside [vm]
measured [peers]
shown [desktop]
made [package] [chroot]
packed [package]
first [installed]
looking [static]
LIST
expect 'bookworm' $'both\neither\nold' "$(packages_for bookworm)"
expect 'trixie' $'both\neither\nnew' "$(packages_for trixie)"
expect 'trixie, host' $'both\nclang\neither\nlate\nnew' "$(packages_for trixie host)"
expect 'trixie, guest' 'inside' "$(packages_for trixie guest)"
expect 'bookworm, vm' 'beside' "$(packages_for bookworm vm)"
expect 'trixie, peers' 'measured' "$(packages_for trixie peers)"
expect 'trixie, desktop' 'shown' "$(packages_for trixie desktop)"
expect 'trixie, chroot' $'both\neither\nmade\nnew' "$(packages_for trixie chroot)"
expect 'trixie, package' $'made\npacked' "$(packages_for trixie package)"
expect 'trixie, installed' 'first' "$(packages_for trixie installed)"
expect 'trixie, static' 'looking' "$(packages_for trixie static)"
expect 'another system' 'both' "$(packages_for '')"

printf 'name maybe\n' >"$scratch/tools/packages.txt"
if said=$(packages_for trixie 2>&1); then expect 'a word that is no marker' 'refused' 'accepted'; fi
expect 'the message names the line' "$scratch/tools/packages.txt:1:" "${said%% *}"

if command -v dpkg-query >/dev/null; then
    expect 'missing' $'no-such-package-a\nno-such-package-b' \
        "$(missing_packages no-such-package-a bash no-such-package-b dpkg)"
    expect 'nothing missing' '' "$(missing_packages bash dpkg)"
fi

exit $((failures > 0))
