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
readonly private_session=/tree/packaging/debian/tests/private-session

# as_user COMMAND…
as_user() { setpriv --reuid 1000 --regid 1000 --clear-groups -- env -i PATH=/usr/bin:/bin HOME=/home/tester LC_ALL=C.UTF-8 "$@"; }

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

daemon_pid() { cat -- "$session/pid.soundwardend"; }

daemon_lives() { [[ $(readlink "/proc/$(daemon_pid)/exe") == "/usr/bin/soundwardend"* ]]; }

upgrade_leaves_it_running() {
    daemon_lives
    apt install --reinstall --no-install-recommends /run/soundwarden.deb
    daemon_lives
    as_user "$private_session" check "$session" >/dev/null
}

# Released first, so that the sink is open and its guard gone, and then ended.
removal_releases() {
    local pid
    pid=$(daemon_pid)
    daemon_lives
    apt remove soundwarden
    [[ ! -e /proc/$pid/exe ]] || { echo "the daemon still runs" && return 1; }
    tail -n 5 -- "$session/log/soundwardend.log"
    grep -q 'release: Test sink: free' "$session/log/soundwardend.log"
    # The part in WirePlumber writes what it makes of the sink here: with no daemon and no release that is silent or quiet.
    as_user bash -c '. "$1/env" && pw-metadata -n soundwarden' bash "$session" | tee /run/metadata
    if grep -E "sink\.test-sink.*(silent|quiet|guarded)" /run/metadata; then return 1; fi
    if as_user bash -c '. "$1/env" && pw-cli ls Node' bash "$session" | grep 'soundwarden\.'; then return 1; fi
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
try Package.UserUnitIsExposedByAtMost5Point6 exposure "$user_unit" 56
try Package.SystemUnitIsExposedByAtMost1Point5 exposure "$system_unit" 15
try Package.GuardsUnderTheFilterOfItsUnit guards
try Package.UpgradeLeavesTheDaemonRunning upgrade_leaves_it_running
try Package.RemovalReleasesAndEndsTheDaemon removal_releases
as_user "$private_session" stop "$session" || true
rm -rf -- "$session"
try Package.PurgeLeavesNothingOutsideHomes purge_leaves_nothing
exit 0
