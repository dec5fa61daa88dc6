# SPDX-License-Identifier: MIT
# The package under a real service manager, while loud music plays: installed, started by the login, killed, stuck, upgraded, disabled and
# removed. What this must give is in ../service_test.cpp, by the names of the marks and notes.
set -uo pipefail

. /share/guest/lib.sh
. /share/guest/machine-wide.sh

# property NAME: of the user's unit.
property() { as_user systemctl --user show soundwarden --property="$1" --value; }
active() { [[ $(property ActiveState) == active ]]; }
restarts() { property NRestarts; }
restarted_since() { (($(restarts) > $1)) && active; }
now_us() { awk '{ printf "%d", $1 * 1000000 }' /proc/uptime; }
write() { printf '%s\n' "$2" >"/share/notes/$1"; }
# "data-loop.0"; PipeWire 0.3 leaves it the process' name.
data_thread() {
    local pid task name
    pid=$(property MainPID)
    for task in "/proc/$pid/task"/*; do
        name=$(<"$task/comm")
        [[ $name != data-loop* && ($name != soundwardend || ${task##*/} == "$pid") ]] || { basename "$task"; return; }
    done
    die 'the daemon has no data thread'
}
# Everything on the file system that a package could have left.
files() { find /etc /usr /var /opt /run/systemd/system -xdev \( -path /var/log -o -path /var/cache -o -path /var/lib/dpkg -o -path /var/lib/apt \
    -o -path /var/lib/systemd -o -path /var/tmp \) -prune -o -print | sort; }

say 'booted'
cp /share/tone.raw /tmp/tone.raw
wait_for 'the built-in card' 60 grep -q '^ 0 ' /proc/asound/cards
modprobe soundwarden_jacks card=0 line_out=0 headphone=1 || die 'the jacks cannot be added'

say 'control: no Soundwarden, everything at 100 %'
login
wait_for 'the headphones route' 30 active_route headphones
play
volume 1.0
sleep 0.5
steady control 1
silence
logout

say 'installed, and the user logs in'
files >/tmp/files-before
dpkg -i /share/programs/soundwarden.deb || die 'the package cannot be installed'
write_options
write enabled "$(systemctl --global is-enabled soundwarden.service)"
write system-unit "$(systemctl is-enabled soundwarden.service)"
login
wait_for 'the unit, by the login alone' 30 active
wait_for 'soundwardend' 30 protecting
write ready "$(property NRestarts) $(property ActiveEnterTimestampMonotonic) $(property ExecMainStartTimestampMonotonic) $(property StatusText)"
grep -E '^(Seccomp|NoNewPrivs):' "/proc/$(property MainPID)/status" >/share/notes/sandbox
play
sleep 3
volume 1.0
sleep 4
steady first 1
note first
keep_trace login

say 'killed outright'
before=$(restarts)
mark killed
at=$(now_us)
kill_unit soundwarden KILL
wait_for 'the unit, again' 60 restarted_since "$before"
wait_for 'soundwardend, again' 60 protecting
write killed-us "$(($(property ActiveEnterTimestampMonotonic) - at))"
sleep 4
steady killed-after 1

say 'ten times in a row'
mark crashes
for ((round = 0; round < 10; ++round)); do
    before=$(restarts)
    kill_unit soundwarden KILL
    wait_for "the unit, after crash $round" 30 restarted_since "$before"
done
wait_for 'soundwardend, after all of them' 30 protecting
sleep 6
steady crashes-after 1
keep_trace crashes
write restarts "$(restarts)"

say 'the data thread stands still'
before=$(restarts)
mark stuck
thread=$(data_thread) || die "$thread"
/share/programs/soundwarden-freeze "$thread" &
freezer=$!
at=$SECONDS
wait_for 'the watchdog' 90 restarted_since "$before"
write watchdog-s "$((SECONDS - at))"
kill "$freezer" 2>/dev/null
wait_for 'soundwardend, after it' 30 protecting
sleep 4
steady stuck-after 1
as_user journalctl --user -u soundwarden --no-pager -o cat -n 200 >/share/notes/stuck.txt

say 'what the journal says'
journalctl --no-pager -o json SYSLOG_IDENTIFIER=soundwardend SOUNDWARDEN_EVENT=decision >/share/notes/decisions.jsonl
journalctl --no-pager -x SYSLOG_IDENTIFIER=soundwardend SOUNDWARDEN_EVENT=decision -n 1 >/share/notes/explained.txt

say 'PipeWire is killed'
mark pipewire-killed
kill_unit pipewire KILL
sleep 1
wait_for 'a sink on the built-in card' 60 built_in_sink
wait_for 'the unit, which is bound to it' 30 active
wait_for 'soundwardend' 30 protecting
play
sleep 5
steady pipewire-killed-after 1

say 'upgraded while it plays'
mark upgraded
dpkg -i /share/programs/soundwarden-newer.deb || die 'the newer package cannot be installed'
sleep 2
wait_for 'soundwardend, upgraded' 20 protecting
steady upgraded-after 1
mark restarted-upgraded
as_user systemctl --user daemon-reload
as_user systemctl --user restart soundwarden
wait_for 'soundwardend, the new one' 20 protecting
sleep 4
steady restarted-upgraded-after 1
write phase-restarted "$(phase)"
keep_trace upgraded

say 'disabled and stopped: nobody wants it'
mark disabled
systemctl --global disable soundwarden
as_user systemctl --user stop soundwarden
wait_for 'the release' 20 no_phase
sleep 1
steady disabled-after 1
journalctl --no-pager --output=short-monotonic _UID="$(id -u tester)" -n 150 >/share/notes/disabled-journal.txt
systemctl --global enable soundwarden
as_user systemctl --user start soundwarden
wait_for 'soundwardend, wanted again' 20 protecting

say 'released, masked and stopped: the user wants no protection'
sleep 2
volume 1.0
sleep 3
mark masked
as_user soundwarden release
as_user systemctl --user mask --now soundwarden
wait_for 'the release' 20 no_phase
sleep 1
steady masked-after 1
as_user systemctl --user unmask soundwarden
as_user systemctl --user start soundwarden
wait_for 'soundwardend, wanted again' 20 protecting
sleep 2
volume 1.0
sleep 4
steady unmasked 1

say 'started by whoever asks for it'
as_user systemctl --user stop soundwarden
as_user soundwarden status >/share/notes/activated.txt 2>&1
wait_for 'the unit, by D-Bus' 20 active
sleep 2
volume 1.0
sleep 4
steady activated 1

say 'removed while it plays'
mark removed
dpkg --purge soundwarden || die 'the package cannot be removed'
write removed-unit "$(property ActiveState)"
sleep 1
steady removed-after 1
rm -rf /etc/systemd/user/soundwarden.service.d
files >/tmp/files-after
diff /tmp/files-before /tmp/files-after >/share/notes/leftovers.txt
silence
logout
login
mark 'login-after first'
play
sleep 0.5
steady login-after 1
silence
logout

machine_wide
say 'done'
