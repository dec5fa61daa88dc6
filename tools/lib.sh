# SPDX-License-Identifier: MIT
# Shared by tools/demo, tools/test, tools/bench and tools/debian13: packages, the build directory, words for people.
# Sourced by bash scripts that run under `set -euo pipefail`; it defines functions and changes nothing by itself.
# shellcheck shell=bash

SOUNDWARDEN_SOURCE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)

# Where the build lives; SOUNDWARDEN_BUILD_DIR, when set, is taken relative to the caller's directory.
SOUNDWARDEN_BUILD=$(realpath -m -- "${SOUNDWARDEN_BUILD_DIR:-$SOUNDWARDEN_SOURCE/build}")

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# die MESSAGE: says what happened (and what to do) and ends the program with exit code 1.
die() {
    say "$*"
    exit 1
}

# The comment at the head of the calling script, as help.
usage() { awk 'NR < 3 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$0"; }

# Debian's name of this release (bookworm, trixie), or nothing on other systems.
debian_codename() (
    [[ -r /etc/os-release ]] || return 0
    # shellcheck disable=SC1091
    . /etc/os-release
    [[ ${ID:-} != debian ]] || printf '%s' "${VERSION_CODENAME:-}"
)

# The platform word of tests/allowed-skips: debian12, debian13, or other.
platform() (
    [[ -r /etc/os-release ]] || { printf other; return 0; }
    # shellcheck disable=SC1091
    . /etc/os-release
    if [[ ${ID:-} == debian && -n ${VERSION_ID:-} ]]; then printf 'debian%s' "$VERSION_ID"; else printf other; fi
)

# packages_for CODENAME [host|chroot|vm|guest|cross|peers|desktop|package|installed|static]: the names in tools/packages.txt that apply, one a
# line, sorted. Without a role the unmarked ones; "host" and "chroot" add their own to them, the others are lists by themselves.
packages_for() {
    awk -v codename="$1" -v role="${2:-}" '
        { sub(/#.*/, "") }
        NF == 0 { next }
        {
            releases = 0; matches = 0; roles = 0; skip = role != "" && role != "host" && role != "chroot"
            for (i = 2; i <= NF; i++) {
                if ($i ~ /^\[(host|chroot|vm|guest|cross|peers|desktop|package|installed|static)\]$/) {
                    if ($i == "[" role "]") { skip = 0; roles = -1 } else if (roles == 0) { skip = 1; roles = 1 }
                }
                else if ($i ~ /^\[[a-z]+\]$/) { releases++; if ($i == "[" codename "]") matches++ }
                else {
                    printf "%s:%d: \"%s\" is not a marker; write [bookworm], [trixie], [host], [chroot], [vm], [guest], [cross], [peers], [desktop], [package], [installed] or [static]\n", FILENAME, FNR, $i > "/dev/stderr"
                    bad = 1
                }
            }
            if (!skip && (releases == 0 || matches > 0)) print $1
        }
        END { exit bad }
    ' "$SOUNDWARDEN_SOURCE/tools/packages.txt" | LC_ALL=C sort -u
}

# missing_packages NAME…: those that are not installed. Fast: one dpkg-query.
missing_packages() {
    local installed
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' -- "$@" 2>/dev/null | sed -n 's/^installed //p' || true)
    printf '%s\n' "$@" | grep -Fxv -f <(printf '%s\n' "$installed") || true
}

# Prints nothing and succeeds when commands can be run as root without asking anybody.
can_be_root() { ((EUID == 0)) || sudo -n true 2>/dev/null; }

as_root() { if ((EUID == 0)); then "$@"; else sudo -n -- "$@"; fi; }

# ensure_packages [host|vm|cross|peers|desktop|package|static]: installs what is missing, or prints the one command that does and exits 1.
ensure_packages() {
    local codename names missing
    if ! command -v dpkg-query >/dev/null; then
        say "this system has no dpkg, so nothing is installed for you; see tools/packages.txt for what the build needs"
        return 0
    fi
    codename=$(debian_codename)
    names=$(packages_for "$codename" "${1:-}") || die "tools/packages.txt cannot be read; see the line above"
    # shellcheck disable=SC2086
    missing=$(missing_packages $names)
    [[ -n $missing ]] || return 0

    # The list goes on one line, so that the printed command can be copied.
    missing=${missing//$'\n'/ }
    if ! can_be_root; then
        say "these packages are missing, and installing them needs root. Run this, then start ${0##*/} again:"
        printf '\n    sudo sh -c "apt-get update && apt-get install --no-install-recommends %s"\n\n' "$missing" >&2
        exit 1
    fi
    say "installing $missing"
    apt_get update || die "apt-get update failed (its message is above); check the network and /etc/apt, then try again"
    # shellcheck disable=SC2086
    apt_get install --yes --no-install-recommends $missing ||
        die "apt-get could not install the packages above; mend what it reports, then start ${0##*/} again"
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -qq \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "$@" </dev/null >&2
}

# configure DIR [MESON OPTION…]: `meson setup` once; later calls only change options that differ.
# An option that is not given keeps the value it has in DIR.
configure() {
    local dir=$1 option differs=no
    shift
    if ! [[ -f $dir/meson-private/coredata.dat && -f $dir/build.ninja ]]; then
        # The files of a target compiled as one, in a third of the time; what follows may say otherwise.
        meson setup "$dir" "$SOUNDWARDEN_SOURCE" -Dunity=on -Dunity_size=16 "$@"
        return
    fi
    # meson configures anew even where nothing changes, so ask first.
    for option; do
        option=${option#-D}
        grep -qFx -- "${option%%=*} = ${option#*=}" "$dir/meson-private/cmd_line.txt" || differs=yes
    done
    [[ $differs == no ]] || meson configure "$dir" "$@" || return
    # Targets that came since are known to meson only after this.
    ninja -C "$dir" --quiet build.ninja
}

# build [MESON OPTION…]: brings $SOUNDWARDEN_BUILD up to date. Progress goes to stderr; returns meson's failure.
build() {
    configure "$SOUNDWARDEN_BUILD" "$@" >&2 || return
    meson compile -C "$SOUNDWARDEN_BUILD" >&2
}
