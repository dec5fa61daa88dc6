# SPDX-License-Identifier: MIT
# What people do at a desk, and what machines do to them: answers, overrides, policies, other cards, profiles, trouble with the state. What this
# must give is in ../desk_test.cpp, by the names of the marks and notes.
set -uo pipefail

. /share/guest/lib.sh

state=/home/tester/.local/state/soundwarden
policies=/home/tester/.config/soundwarden/policy.d
headphones=Headphones
reasons() { ask_daemon status -o json | python3 -c 'import json,sys; print(*json.load(sys.stdin)["reasons"])'; }
reason() { reasons | grep -qw -- "$1"; }
no_reason() { ! reason "$1"; }
# told KEY: what is told of the headphones' output under that key.
told() {
    ask_daemon status -o json | python3 -c '
import json, sys
name, key = sys.argv[1:]
print(*(o[key] for o in json.load(sys.stdin)["outputs"] if o["name"] == name and o["active"]))' "$headphones" "$1"
}
is_told() { python3 -c 'import sys; sys.exit(not abs(float(sys.argv[1]) - float(sys.argv[2])) < 0.05)' "$(told "$1")" "$2"; }
is_not_told() { [[ -n $(told "$1") ]] && ! is_told "$@"; }
begin_again() {
    as_user systemctl --user daemon-reload
    as_user systemctl --user restart soundwarden
}
again() {
    begin_again
    wait_for 'soundwardend' 30 protecting
    # The player may have moved to another card meanwhile.
    silence
    play "$(built_in_sink_name)"
    loud
}
# environment NAME=VALUE…: what the unit is given besides, until `environment` alone.
environment() {
    local file=/etc/systemd/user/soundwarden.service.d/environment.conf each
    rm -f "$file"
    (($# > 0)) || return 0
    printf '[Service]\n' >"$file"
    for each; do printf 'Environment=%s\n' "$each" >>"$file"; done
}
# loud_by_graph: the slider at 100 %, where the graph shows that it stays there.
loud_by_graph() {
    full_by_graph "soundwarden.$built_in" && return
    volume 1.0
    return 1 # it has to be so at the next look too
}
card_closed() { grep -q closed /proc/asound/card0/pcm0p/sub0/status; }
no_process() { [[ ! -e /proc/$1 ]]; }
no_built_in_sink() { ! built_in_sink; }
card_named() { as_user pw-dump | grep -q "\"node.name\": \"$1"; }
# Of the card whose name begins so; by default the built-in one.
device_id() { json_of 'print(next(o["id"] for o in objects if name(o).startswith("'"$1"'")))'; }
profile_index() {
    json_of 'print(next(p["index"] for o in objects if name(o).startswith("'"$1"'") for p in params(o, "EnumProfile") if p["name"] == "'"$2"'"))'
}
profile_list() { json_of 'print(*(p["name"] for o in objects if name(o).startswith("'"${1:-alsa_card.pci}"'") for p in params(o, "EnumProfile")))'; }
set_profile() {
    local card=${2:-alsa_card.pci}
    as_user wpctl set-profile "$(device_id "$card")" "$(profile_index "$card" "$1")"
}

say 'booted'
cp /share/tone.raw /tmp/tone.raw
wait_for 'the built-in card' 60 grep -q '^ 0 ' /proc/asound/cards
modprobe soundwarden_jacks card=0 line_out=0 headphone=1 || die 'the jacks cannot be added'
install_soundwarden
login
wait_for 'soundwardend' 60 protecting
wait_for 'the headphones route' 30 active_route headphones
play
loud
steady usual 1
note usual
cap=$(told cap_dbfs)

say 'an answer, and taken back'
mark answer
ask_daemon answer "$headphones" in-ear || die 'the answer is not taken'
wait_for 'the cap of in-ears' 10 is_not_told cap_dbfs "$cap"
loud
steady answered 1
note answered
ask_daemon forget "$headphones" || die 'the answer is not forgotten'
wait_for 'the cap as before' 20 is_told cap_dbfs "$cap"
loud

say 'an override that runs out'
mark overridden
ask_daemon override "$headphones" --ceiling -6 --for 20s || die 'the override is not taken'
loud -6
steady override 1
wait_for 'the end of the override' 40 is_told ceiling_dbfs "$cap"
steady override-over 1
ask_daemon override "$headphones" --ceiling 20 --for 8s >/share/notes/override-too-loud.txt 2>&1
printf '%s\n' $? >/share/notes/override-too-loud

say 'panic, and back'
mark panic
ask_daemon panic || die 'no panic'
sleep 1
steady panic 1
ask_daemon resume || die 'no way back'
loud
steady resumed 1

say 'a policy edited while it plays, broken, and mended'
as_user mkdir -p "$policies"
printf 'schema = 1\n[[rule]]\nname = "quiet"\nwhen = { kind = "headphone-out" }\nverdict = "limit"\ncap = "-30 dB"\n' >/tmp/quiet.toml
as_user cp /tmp/quiet.toml "$policies/50-quiet.toml"
mark edit
wait_for 'the edited policy' 10 is_told cap_dbfs -30.0
loud
steady edited 1
note edited
printf 'nonsense = = 3\n' | tee -a "$policies/50-quiet.toml" >/dev/null
wait_for 'what is said of the broken one' 10 reason policy-invalid
steady broken 1
note broken
as_user rm "$policies/50-quiet.toml"
wait_for 'the mended policy' 10 no_reason policy-invalid
loud
steady mended 1

say 'released, and begun again'
mark released
ask_daemon release || die 'no release'
keep_trace desk
wait_for 'the release' 20 no_phase
steady released-after 1
mark begun
again
steady begun-after 1

say 'the device rests, and wakes'
silence
wait_for 'the card to be closed' 30 card_closed
mark woken
play
loud
steady woken-after 1

say 'other cards'
modprobe snd-dummy
modprobe snd-aloop
wait_for 'snd-dummy' 30 card_named alsa_output.platform-snd_dummy
wait_for 'snd-aloop' 30 card_named alsa_output.platform-snd_aloop
loud
note cards
steady cards 1

say "the volumes inside a card are held"
# may_raise: whether the card's mixer takes a louder value, from the ordinary user and from root.
may_raise() {
    local by_user=refused by_root=refused
    as_user amixer -q -c Dummy cset name='Master Volume' 100 >/dev/null 2>&1 && by_user=taken
    amixer -q -c Dummy cset name='Master Volume' 100 >/dev/null 2>&1 && by_root=taken
    printf '%s: user %s, root %s, value %s\n' "$1" "$by_user" "$by_root" "$(amixer -c Dummy cget name='Master Volume' | sed -n 's/^  : values=//p')"
}
refused() { ! amixer -q -c Dummy cset name='Master Volume' 100 2>/dev/null; }
amixer -c Dummy controls >/share/notes/hold-controls.txt
{
    may_raise before
    systemctl start soundwarden-hold || die 'soundwarden-hold does not start'
    wait_for 'the lock' 20 refused
    may_raise held
    killed=$(systemctl show --property=MainPID --value soundwarden-hold)
    systemctl kill --signal=KILL soundwarden-hold
    wait_for 'its end' 10 no_process "$killed"
    wait_for 'the lock, again' 30 refused
    may_raise 'held again'
    systemctl stop soundwarden-hold
    may_raise stopped
} >/share/notes/hold.txt
loud
steady held 1

say 'other profiles'
profile_list >/share/notes/profiles.txt
mark profile
set_profile pro-audio || die 'no profile pro-audio'
sleep 3
note pro-audio
set_profile off
wait_for 'no sink on the built-in card' 30 no_built_in_sink
mark profile-back
set_profile "$(tr ' ' '\n' </share/notes/profiles.txt | grep -m 1 '^output:analog-stereo')"
wait_for 'a sink on the built-in card' 30 built_in_sink
silence
# By name: the default has gone to another card meanwhile.
play "$(built_in_sink_name)"
loud
steady profile-after 1

say 'a surround profile'
loopback=platform-snd_aloop
profile_list alsa_card.$loopback >/share/notes/loopback-profiles.txt
before=$player
set_profile output:analog-surround-51 alsa_card.$loopback || die 'no surround profile'
wait_for 'the surround sink' 30 card_named "alsa_output.$loopback.0.analog-surround-51"
play "alsa_output.$loopback.0.analog-surround-51" 6
loud '' alsa_output.$loopback
note surround
silence
player=$before

keep_trace profiles

say 'a contact that bounces, and both plugs in'
plug line_out 1
mark bounce
for turn in 0 1 0 1 0 1 0 1 0 1; do
    plug headphone "$turn"
    sleep 0.03
done
# Which of the two routes WirePlumber comes to rest at is its own affair.
loud
note bounced
ask_daemon log -n 50 >/share/notes/bounced.txt
steady bounce-after 1
# The edges below begin with headphones.
plug headphone 0
wait_for 'the line-out route' 30 active_route lineout
plug headphone 1
wait_for 'the headphones route' 30 active_route headphones

say 'edges, one after the other'
kept=$traced
traced=yes
write_options
mark edges
again
python3 - >/share/notes/edges.txt <<'END' &
import time

for edge in range(36):
    plugged = edge % 2
    with open("/sys/module/soundwarden_jacks/parameters/headphone", "w") as jack:
        before = time.monotonic_ns()
        jack.write(f"{plugged}\n")
        jack.flush()
    print(plugged, before, flush=True)
    time.sleep(1.2)
END
edges=$!
wait_for 'the first edge' 30 test -s /share/notes/edges.txt
mark edges-first
wait "$edges"
mark edges-last
plug headphone 1
wait_for 'the headphones route' 30 active_route headphones
loud
keep_trace edges
steady edges-after 1
traced=$kept
write_options

say 'trouble with what it remembers'
as_user systemctl --user stop soundwarden
for each in '' -wal -shm; do
    [[ ! -e $state/state.db$each ]] || printf 'this is no database, and never was one\n' >"$state/state.db$each"
done
mark corrupt
again
note corrupt
steady corrupt-after 1
keep_trace corrupt

mount -t tmpfs -o size=64k,uid=1000,gid=1000,mode=700 tmpfs "$state"
dd if=/dev/zero of="$state/full" bs=4k >/dev/null 2>&1
mark full
again
ask_daemon answer "$headphones" headphones >/share/notes/full-answer.txt 2>&1
note full
steady full-after 1
keep_trace full
umount "$state"
mount --bind "$state" "$state"
mount -o remount,bind,ro "$state"
mark read-only
again
note read-only
steady read-only-after 1
umount "$state"
environment HOME=/nonexistent XDG_STATE_HOME= XDG_CONFIG_HOME=
mark no-home
again
note no-home
steady no-home-after 1

say 'no D-Bus'
environment DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent
mark no-bus
begin_again
# Nobody can ask it: its guard is seen in the graph, and what it says in the journal.
wait_for 'full scale at 100 %' 60 loud_by_graph
steady no-bus-after 1
journal 40 >/share/notes/no-bus.txt
as_user systemctl --user is-active soundwarden >/share/notes/no-bus-active
environment
silence
logout
say 'done'
