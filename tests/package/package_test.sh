#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the package of a Debian release in a minimal system of that release, looks at what is there, runs the daemon, removes it.
#
#   package_test.sh debian12|debian13 [--gtest_output=xml:FILE]
#   package_test.sh --prepare debian12|debian13      only makes the system, and prints where it is
#
# The packages are those in SOUNDWARDEN_PACKAGES (default: build-package), as tools/package leaves them. The system is made once and cached, and
# used through an overlay in memory that is gone afterwards. SOUNDWARDEN_UPDATE_GOLDEN=1 writes tests/package/files-RELEASE.txt anew.
# SOUNDWARDEN_NIGHTLY=1: the package is built a second time, somewhere else, and must be the same.
set -euo pipefail

here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
. "$here/../../tools/lib.sh"
. "$here/../../tools/lib/archive.sh"
. "$here/cases.sh"

# Raise when the recipe below changes in a way that makes cached systems stale.
readonly recipe=1
cache=${XDG_CACHE_HOME:-~/.cache}/soundwarden
packages=$(realpath -m -- "${SOUNDWARDEN_PACKAGES:-$SOUNDWARDEN_SOURCE/build-package}")

codename_of() { case $1 in debian12) echo bookworm ;; debian13) echo trixie ;; *) die "\"$1\" is neither debian12 nor debian13" ;; esac }

# make_root DIR RELEASE DEB: what the package needs is in it, from the archive; the package is not.
make_root() {
    local root=$1 partial=$1.partial started=$SECONDS
    rm -rf --one-file-system -- "$partial"
    say "making a minimal $2 in $root (once; a minute)"
    # apt keeps what it knows until here, so that it can be asked for exactly what the package depends on.
    if ! make_debian "$(codename_of "$2")" "$partial" "$(packages_for "$(codename_of "$2")" installed)" \
        --customize-hook="$(printf 'chroot "$1" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get satisfy -qq --yes --no-install-recommends %q' "$(dpkg-deb -f "$3" Depends)")"; then
        rm -rf --one-file-system -- "$partial"
        say "mmdebstrap could not make it; its message is above"
        return 1
    fi
    # The whole package is wanted here: documentation, too.
    rm -f -- "$partial/etc/dpkg/dpkg.cfg.d/99mmdebstrap"
    chroot "$partial" useradd --create-home --uid 1000 --shell /bin/bash tester
    mkdir -p -- "$partial/tree"
    mv -T -- "$partial" "$root"
    say "it is ready ($((SECONDS - started)) s)"
}

# prepare RELEASE DEB: makes it unless it is there, and prints where.
prepare() {
    local hash codename root
    codename=$(codename_of "$1")
    hash=$({ echo "recipe $recipe" && packages_for "$codename" installed && dpkg-deb -f "$2" Depends; } | sha256sum | cut -c1-12)
    root=$cache/package-$1-$hash
    mkdir -p -- "$cache"
    (
        flock 9
        [[ -d $root ]] || make_root "$root" "$1" "$2" >&2
        touch -- "$root.used"
        # A month without use means that no checkout wants them any more.
        find "$cache" -maxdepth 1 -name "package-$1-*.used" -mtime +30 | while IFS= read -r stamp; do
            rm -rf --one-file-system -- "${stamp%.used}" && rm -f -- "$stamp"
        done
    ) 9>"$cache/package-$1.lock" || return
    printf '%s\n' "$root"
}

# inside SPACE ROOT DEB RELEASE: process 1 of private namespaces, which take along all that is started and mounted in them.
inside() {
    local space=$1 lower=$2 deb=$3 release=$4 root=$1/root node code=0
    mount --make-rprivate /
    mount -t tmpfs -o mode=755 tmpfs "$space"
    mkdir "$space"/{over,work,root}
    # No overlay on top of an overlay, as in some containers: then a copy.
    mount -t overlay -o "lowerdir=$lower,upperdir=$space/over,workdir=$space/work" overlay "$root" ||
        { cp -a -- "$lower/." "$root/" && mount --bind "$root" "$root"; }
    mount --bind "$SOUNDWARDEN_SOURCE" "$root/tree"
    mount -o remount,bind,ro "$root/tree"
    mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
    # Nothing of this machine's devices.
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    for node in null zero full random urandom; do touch "$root/dev/$node" && mount --bind "/dev/$node" "$root/dev/$node"; done
    ln -s /proc/self/fd "$root/dev/fd"
    mkdir -m 1777 "$root/dev/shm"
    mkdir "$root/dev/pts"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
    ln -s pts/ptmx "$root/dev/ptmx"
    mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
    mount -t tmpfs -o mode=755 tmpfs "$root/run"
    cp -- "$deb" "$root/run/soundwarden.deb"
    chroot "$root" env -i -C / PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive \
        SOUNDWARDEN_UPDATE_GOLDEN="${SOUNDWARDEN_UPDATE_GOLDEN:-}" bash /tree/tests/package/inside.sh "$release" </dev/null || code=$?
    # The tree is read-only in there.
    if [[ -f $root/run/files.txt ]]; then cp -- "$root/run/files.txt" "$here/files-$release.txt"; fi
    return "$code"
}

# All that lintian of that release has to say.
lint() {
    local changes through=()
    changes=$(echo "$packages/$1"/*.changes)
    if [[ $1 != "$(platform)" ]]; then
        through=("$SOUNDWARDEN_SOURCE/tools/debian13")
        changes=/soundwarden/$(realpath --relative-to="$SOUNDWARDEN_SOURCE" -- "$changes")
    fi
    # lintian takes bytes of machine code for misspelt words ("wTH"). They come and go with the compiler, and an override of what is not there is a
    # fault too. The policy that the packaging follows is newer than 12's lintian.
    "${through[@]}" lintian --allow-root --display-info --pedantic --fail-on error,warning,info,pedantic --suppress-tags spelling-error-in-binary,newer-standards-version "$changes"
}

# On one processor, elsewhere on the globe, by somebody who shares less.
built_twice() {
    local again=$1 first
    shift
    (umask 027 && CCACHE_DISABLE=1 TZ=Pacific/Kiritimati taskset -c 0 "$SOUNDWARDEN_SOURCE/tools/package" debian "$1" --out "$again" --tarball "$(echo "$packages"/soundwarden-*.tar.xz)")
    for first in "$packages/$1"/*.deb "$packages/$1"/*.dsc; do cmp -- "$first" "$again/$1/${first##*/}" || return; done
}

tests() {
    local release=$1 deb root
    deb=$(echo "$packages/$release"/soundwarden_*.deb)
    if [[ ! -f $deb ]]; then
        echo "[  SKIPPED ] Package.IsMade there is none in $packages/$release; tools/package debian $release makes it"
        return
    fi
    if ! can_be_root; then
        echo '[  SKIPPED ] Package.CanBeInstalled a system to install it in needs root'
        return
    fi
    try Package.PassesLintian lint "$release"
    if [[ -n ${SOUNDWARDEN_NIGHTLY:-} ]]; then
        mkdir -- "$scratch/again"
        try Package.IsTheSameBuiltTwice built_twice "$scratch/again" "$release"
    fi
    root=$("$BASH" "${BASH_SOURCE[0]}" --prepare "$release" "$deb") || return
    mkdir -- "$scratch/space"
    as_root env SOUNDWARDEN_UPDATE_GOLDEN="${SOUNDWARDEN_UPDATE_GOLDEN:-}" unshare --mount --pid --fork --kill-child \
        "$BASH" "${BASH_SOURCE[0]}" --inside "$scratch/space" "$root" "$deb" "$release"
}

case $1 in
--inside)
    shift
    inside "$@"
    exit
    ;;
--prepare)
    # With the package that it is for, or that which tools/package left.
    [[ -n ${3:-} ]] || set -- "$1" "$2" "$(echo "$packages/$2"/soundwarden_*.deb)"
    if ((EUID == 0)); then prepare "$2" "$3"; else as_root env XDG_CACHE_HOME="${cache%/soundwarden}" "$BASH" "${BASH_SOURCE[0]}" "$@"; fi
    exit
    ;;
esac

scratch=$(mktemp -d)
trap 'rm -rf --one-file-system -- "$scratch"' EXIT
code=0
(tests "$1") 2>&1 | tee -- "$scratch/log" || code=$?
if [[ ${2:-} == --gtest_output=xml:* ]]; then results "$scratch/log" "${2#--gtest_output=xml:}"; fi
grep -q '^\[  FAILED  \]' "$scratch/log" && code=1
exit "$code"
