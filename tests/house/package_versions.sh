#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Proves that all of packaging/ has the version of meson.build, and that its scripts can be read.
#
#   package_versions.sh SOURCE_TREE VERSION
set -euo pipefail

cd -- "$1/packaging"
failures=0
has() {
    local file=$1 wanted=$2 got=$3
    [[ $got == "$wanted" ]] && return
    printf 'FAILED: packaging/%s has version "%s"; meson.build has "%s"\n' "$file" "$got" "$wanted"
    failures=$((failures + 1))
}
has debian/changelog "$2" "$(sed -nE '1s/^soundwarden \(([^-]*)-.*/\1/p' debian/changelog)"
has rpm/soundwarden.spec "$2" "$(sed -nE 's/^Version: *//p' rpm/soundwarden.spec)"
has arch/PKGBUILD "$2" "$(sed -nE 's/^pkgver=//p' arch/PKGBUILD)"
has org.soundwarden.SoundWarden1.metainfo.xml "$2" "$(sed -nE '0,/<release /s/.*<release version="([^"]*)".*/\1/p' org.soundwarden.SoundWarden1.metainfo.xml)"

for script in arch/PKGBUILD arch/soundwarden.install; do bash -n "$script"; done
for script in before-removal.in after-install debian/soundwarden.{postinst,prerm,postrm}; do sh -n "$script"; done
exit $((failures > 0))
