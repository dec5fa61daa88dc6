#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs as root in a minimal system (package_test.sh), with the package in /run/soundwarden.deb and the source tree in /tree.
#
#   inside.sh debian12|debian13
set -euo pipefail

. /tree/tests/package/cases.sh

readonly release=$1
readonly user_unit=/usr/lib/systemd/user/soundwarden.service
system_unit=/usr/lib/systemd/system/soundwarden.service
[[ -e /usr/lib/systemd/system || ! -d /lib/systemd/system ]] || system_unit=/lib/systemd/system/soundwarden.service
readonly session=/tmp/session
# Of somebody else, and one whose daemon is killed before the package goes.
readonly others=/tmp/others abandoned=/tmp/abandoned
readonly private_session=/tree/packaging/debian/tests/private-session

# as_user COMMAND…
as_user() { setpriv --reuid 1000 --regid 1000 --clear-groups -- env -i PATH=/usr/bin:/bin HOME=/home/tester LC_ALL=C.UTF-8 "$@"; }
as_other() { setpriv --reuid games --regid games --clear-groups -- env -i PATH=/usr/bin:/bin HOME=/tmp LC_ALL=C.UTF-8 "$@"; }

apt() { apt-get -qq --yes -o Dpkg::Use-Pty=0 "$@"; }

# All there is but homes, what lives in memory, and what dpkg, apt and debconf keep about every package that ever was there.
everything() {
    find / -xdev \( -path /home -o -path /root -o -path /tree -o -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/cache/apt \
        -o -path /var/cache/debconf -o -path /var/log \) -prune -o -printf '%p %y %l\n' | LC_ALL=C sort
}

installs() {
    apt install --no-install-recommends /run/soundwarden.deb
    [[ $(dpkg-query -W -f '${db:Status-Status}' soundwarden) == installed ]]
    soundwarden --version
    soundwarden policy check
}

# What is in /lib is in /usr/lib, since the two are one.
files() {
    dpkg -L soundwarden | while IFS= read -r path; do
        if [[ ! -d $path ]]; then printf '%s\n' "$path" | sed 's|^/lib/|/usr/lib/|'; fi
    done | LC_ALL=C sort
}

files_are_in_their_places() {
    if [[ -n ${SOUNDWARDEN_UPDATE_GOLDEN:-} ]]; then
        files >/run/files.txt
        return
    fi
    diff -u /tree/tests/package/files-"$release".txt <(files) && echo 'every file is where it should be' && return
    echo 'if that is meant: SOUNDWARDEN_UPDATE_GOLDEN=1 tools/test --package'
    return 1
}

# One for all users, the other for nobody before the administrator says so.
only_the_user_unit_is_enabled() {
    find /etc/systemd -name soundwarden.service
    [[ -L $(find /etc/systemd/user -name soundwarden.service) ]]
    [[ -f $system_unit ]]
    [[ -z $(find /etc/systemd/system -name soundwarden.service) ]]
}

user_unit_verifies() { as_user XDG_RUNTIME_DIR=/run/user/1000 systemd-analyze verify --user --man=no "$user_unit"; }

# Debian has no such unit of PipeWire's; who enables ours has made one.
system_unit_verifies() {
    mkdir -p /run/systemd/system
    printf '[Service]\nExecStart=/bin/true\n' >/run/systemd/system/pipewire.service
    systemd-analyze verify --man=no "$system_unit"
}

# exposure UNIT TENTHS: its figure is at most that.
exposure() {
    systemd-analyze security --offline=yes --no-pager "$1" | grep 'Overall exposure level'
    systemd-analyze security --offline=yes --no-pager --threshold="$2" "$1" >/dev/null
}

guards() {
    as_user SOUNDWARDEN_UNDER="python3 /tree/tests/package/under_unit.py $user_unit" "$private_session" start "$session" ||
        { tail -n 30 "$session"/log/*.log && return 1; }
    as_user "$private_session" check "$session"
    grep under_unit "$session/log/soundwardend.log"
    # Every call that the daemon makes has gone through it.
    grep Seccomp: "/proc/$(daemon_pid)/status"
    grep -qE '^Seccomp:\s+2$' "/proc/$(daemon_pid)/status"
}

# daemon_pid [SESSION]
daemon_pid() { cat -- "${1:-$session}/pid.soundwardend"; }

# daemon_lives [SESSION]
daemon_lives() { [[ $(readlink "/proc/$(daemon_pid "${1:-}")/exe") == "/usr/bin/soundwardend"* ]]; }

# The autopkgtest, as its runner calls it.
autopkgtest() { cd /tree && as_user packaging/debian/tests/private-session; }

# phase USER SESSION: what WirePlumber's part says of the sink.
phase() { "$1" bash -c '. "$1/env" && pw-metadata -n soundwarden' bash "$2" | sed -n "s/.*key:'sink.test-sink' value:'\([a-z]*\)'.*/\1/p"; }

upgrade_leaves_it_running() {
    daemon_lives
    apt install --reinstall --no-install-recommends /run/soundwarden.deb
    daemon_lives
    as_user "$private_session" check "$session" >/dev/null
}

# in_terminal COMMAND…: with one of its own.
in_terminal() { python3 -c 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))' "$@"; }

# Two more sessions with sound, and a process that says of itself what must not be believed: its buses are programs, and who runs them where
# is noted.
others_are_there() {
    as_other "$private_session" start "$others"
    as_other "$private_session" check "$others" >/dev/null
    as_user "$private_session" start "$abandoned"
    as_user "$private_session" check "$abandoned" >/dev/null
    kill -KILL "$(daemon_pid "$abandoned")"
    within 10 lost_its_guard
    mkdir -m 1777 /run/said
    # shellcheck disable=SC2016
    printf '#!/bin/sh\necho "$(id -u) $(ps -o tty= -p $$)" >>/run/said/"$(id -u)"\n' >/run/hostile
    chmod 755 /run/hostile
    in_terminal setpriv --reuid 1000 --clear-groups /run/hostile
    tail -v -n +1 -- /run/said/*
    grep -qx '1000 pts/.*' /run/said/1000
    within 20 stands
    rm /run/said/*
}

# It is stopped as soon as it is the daemon.
stands() {
    local pid
    (exec setpriv --reuid 1000 --regid 1000 --clear-groups env -i PATH=/usr/bin:/bin HOME=/home/tester DBUS_SYSTEM_BUS_ADDRESS=unixexec:path=/run/hostile \
        DBUS_SESSION_BUS_ADDRESS=unixexec:path=/run/hostile soundwardend --system </dev/null >/dev/null 2>&1) &
    pid=$!
    until [[ $(readlink "/proc/$pid/exe") == /usr/bin/soundwardend ]]; do kill -0 "$pid" 2>/dev/null || return 1; done
    kill -STOP "$pid" && echo "$pid" >/run/hostile.pid && is_stopped "$pid"
}

lost_its_guard() { [[ $(phase as_user "$abandoned") == @(silent|quiet) ]]; }
is_stopped() { [[ $(ps -o stat= -p "$1") == T* ]]; }
# within SECONDS COMMAND…: tries it until it succeeds.
within() {
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < until)) || return 1
        sleep 0.1
    done
}

# is_open USER SESSION: released, with its daemon gone. The part writes silent or quiet where there is no daemon and was no release.
is_open() {
    if daemon_lives "$2"; then echo "$2: the daemon still runs" && return 1; fi
    tail -n 5 -- "$2/log/soundwardend.log"
    echo "$2: $(phase "$1" "$2")"
    if [[ $(phase "$1" "$2") == @(silent|quiet|held|guarded) ]]; then return 1; fi
    if "$1" bash -c '. "$1/env" && pw-cli ls Node' bash "$2" | grep 'soundwarden\.'; then return 1; fi
}

# Released first, so that the sink is open and its guard gone, and then ended.
removal_releases() {
    daemon_lives
    daemon_lives "$others"
    lost_its_guard
    in_terminal apt-get -qq --yes -o Dpkg::Use-Pty=0 remove soundwarden
    grep -q 'release: Test sink: free' "$session/log/soundwardend.log"
    grep -q 'release: Test sink: free' "$others/log/soundwardend.log"
    is_open as_user "$session"
    is_open as_other "$others"
    is_open as_user "$abandoned"
}

# What its environment named was run, but as itself, and away from the terminal.
removal_believes_nobody() {
    tail -v -n +1 -- /run/said/*
    [[ $(ls /run/said) == 1000 ]]
    if grep -vx '1000 ?' /run/said/1000; then return 1; fi
    if is_stopped "$(cat /run/hostile.pid)"; then echo 'it still stands' && return 1; fi
}

purge_leaves_nothing() {
    apt purge soundwarden
    everything >/run/after
    diff /run/before /run/after && echo 'nothing is left'
}

install -d -o 1000 -g 1000 -m 700 /run/user /run/user/1000
chmod 755 /run/user
everything >/run/before
try Package.Installs installs
if [[ $(dpkg-query -W -f '${db:Status-Status}' soundwarden 2>/dev/null) != installed ]]; then
    echo 'it is not installed, and nothing more can be tried'
    exit 1
fi
try Package.FilesAreInTheirPlaces files_are_in_their_places
try Package.OnlyTheUserUnitIsEnabled only_the_user_unit_is_enabled
try Package.UserUnitVerifies user_unit_verifies
try Package.SystemUnitVerifies system_unit_verifies
# On systemd 252 two of its options would keep it from starting (docs/decisions/013).
most=56
[[ $release != debian12 ]] || most=62
try Package.UserUnitIsNoMoreExposedThanItMayBe exposure "$user_unit" "$most"
try Package.SystemUnitIsExposedByAtMost1Point5 exposure "$system_unit" 15
try Package.GuardsUnderTheFilterOfItsUnit guards
try Package.UpgradeLeavesTheDaemonRunning upgrade_leaves_it_running
try Package.Autopkgtest autopkgtest
try Package.OthersAreThere others_are_there
try Package.RemovalReleasesEverySession removal_releases
try Package.RemovalBelievesNoProcess removal_believes_nobody
as_user "$private_session" stop "$session" || true
as_other "$private_session" stop "$others" || true
as_user "$private_session" stop "$abandoned" || true
kill -KILL "$(cat /run/hostile.pid)" 2>/dev/null || true
rm -rf -- "$session" "$others" "$abandoned"
# What the unit for the whole machine would have left.
install -d -m 700 /var/lib/soundwarden
touch /var/lib/soundwarden/state.db
try Package.PurgeLeavesNothingOutsideHomes purge_leaves_nothing
exit 0
