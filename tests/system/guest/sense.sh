# SPDX-License-Identifier: MIT
# What the sources of sensing say of real cards to an ordinary user, without the udev rule and with it. Sourced by cards.sh. What the
# notes must hold is in ../system_test.cpp.
# shellcheck shell=bash

watcher=
# watch_cards NAME: the ordinary user watches the cards into that note, until `unwatch`.
watch_cards() {
    watched=/share/notes/$1.jsonl
    : >"$watched"
    # Not runuser: that one stays, and has words of its own when it is ended.
    setpriv --reuid=tester --regid=tester --init-groups /share/programs/soundwarden-sensewatch </dev/null >"$watched" &
    watcher=$!
    wait_for 'what the cards say' 30 saw 0 '"jacks":'
}
unwatch() {
    kill "$watcher"
    wait "$watcher" || true
}

# saw CARD PATTERN: the last picture of that card has this in it.
saw() { grep "^{\"event\":\"card\",\"card\":$1," "$watched" | tail -n 1 | grep -q -- "$2"; }
saw_not() { saw "$1" '"jacks":' && ! saw "$1" "$2"; }
heard() { grep -q -- "$1" "$watched"; }

# card_number ID: of the card with that short name.
card_number() { basename -- "$(readlink -f "/proc/asound/$1")" | tr -dc 0-9; }
there() { [[ -e /proc/asound/$1 ]]; }

# plugs_start NAME ARGUMENT…: a jack without hardware, commanded by `plugs NAME LINE`.
declare -A plugs_in plugs_out
plugs_start() {
    local name=$1 in out line
    shift
    mkfifo "/tmp/$name.in" "/tmp/$name.out"
    /share/programs/soundwarden-plugs "$@" <"/tmp/$name.in" >"/tmp/$name.out" &
    exec {in}>"/tmp/$name.in" {out}<"/tmp/$name.out"
    plugs_in[$name]=$in plugs_out[$name]=$out
    read -r -t 20 -u "$out" line || die "soundwarden-plugs $*: it did not begin"
}
plugs() {
    local line
    printf '%s\n' "$2" >&"${plugs_in[$1]}"
    read -r -t 20 -u "${plugs_out[$1]}" line || die "soundwarden-plugs $1: $2"
}
plugs_end() {
    local in=${plugs_in[$1]} out=${plugs_out[$1]}
    exec {in}>&- {out}<&-
}

jack_in() { printf '"name":"%s",[^}]*"plugged":true' "$1"; }
jack_out() { printf '"name":"%s",[^}]*"plugged":false' "$1"; }
switch_on() { printf '"name":"%s","able":[^]]*],"on":\["headphone"' "$1"; }
switch_off() { printf '"name":"%s","able":[^]]*],"on":\[\]' "$1"; }

# sit_down: the ordinary user has the active session of the seat, as after a login at the console.
sit_down() {
    at_the_seat at-the-seat /bin/sleep infinity
    wait_for 'a session at the seat' 30 seat_taken
}
no_user_there() { ! loginctl show-user tester; }
seat_taken() { loginctl show-seat seat0 --property=ActiveSession | grep -q '=.'; }

# readable_inputs: the input devices that the ordinary user may read, with their physical paths.
readable_inputs() {
    local node
    for node in /dev/input/event*; do
        if runuser -u tester -- test -r "$node"; then
            printf '%s %s\n' "${node##*/}" "$(cat "/sys/class/input/${node##*/}/device/phys")"
        fi
    done
}

sense_without_rule() {
    say 'sensing: an ordinary user, without the udev rule'
    grep -H . /sys/class/input/event*/device/phys >/share/notes/inputs.txt
    readable_inputs >/share/notes/readable-without-rule.txt
    watch_cards sense-without-rule
    plug headphone 1
    wait_for 'the headphone jack, in' 20 saw 0 "$(jack_in Headphone)"
    plug headphone 0
    wait_for 'the headphone jack, out' 20 saw 0 "$(jack_out Headphone)"

    ask usb in
    wait_for 'the USB card' 60 heard '"driver":"USB-Audio"'
    ask usb out
    wait_for 'the end of the USB card' 30 heard '"event":"gone"'

    modprobe snd-dummy
    wait_for 'snd-dummy' 20 there Dummy
    dummy=$(card_number Dummy)
    wait_for 'snd-dummy, told' 20 saw "$dummy" '"id":"Dummy"'
    plugs_start control control "$dummy" 'Headphone Jack'
    wait_for "a program's control" 20 saw "$dummy" "$(jack_out Headphone)"
    plugs control in
    wait_for "a program's control, in" 20 saw "$dummy" "$(jack_in Headphone)"
    plugs control out
    wait_for "a program's control, out" 20 saw "$dummy" "$(jack_out Headphone)"
    plugs_end control
    wait_for "the end of a program's control" 20 saw_not "$dummy" '"name":"Headphone"'
}

sense_with_rule() {
    say 'sensing: the udev rule comes while it watches'
    sit_down
    mark 'rule'
    # Debian 12's udev cannot be asked.
    [[ $(udevadm --help) != *verify* ]] || udevadm verify /share/programs/70-soundwarden-jacks.rules || die 'udev does not like the rule'
    install -D -m 644 /share/programs/70-soundwarden-jacks.rules /etc/udev/rules.d/70-soundwarden-jacks.rules
    udevadm control --reload
    udevadm trigger --action=change --subsystem-match=input
    wait_for 'the switches' 30 saw 0 "$(switch_off 'HDA Intel Headphone')"
    wait_for 'the end of the trouble' 20 saw_not 0 '"source":"switches"'
    unwatch
    readable_inputs >/share/notes/readable-with-rule.txt

    say 'sensing: with the udev rule'
    watch_cards sense-with-rule
    plug headphone 1
    wait_for 'the headphone switch, on' 20 saw 0 "$(switch_on 'HDA Intel Headphone')"
    plug headphone 0
    wait_for 'the headphone switch, off' 20 saw 0 "$(switch_off 'HDA Intel Headphone')"

    modprobe uinput
    wait_for 'uinput' 20 test -c /dev/uinput
    plugs_start keyboard input 'HDA Intel Imposter' isa0060/serio9/input0
    plugs_start headset input 'HDA Intel Headset' ALSA
    wait_for "a program's switches" 30 saw 0 "$(switch_off 'HDA Intel Headset')"
    plugs keyboard in
    plugs headset in
    wait_for "a program's switches, on" 20 saw 0 "$(switch_on 'HDA Intel Headset')"
    plugs headset button
    wait_for 'the button' 20 saw 0 '"name":"HDA Intel Headset",[^}]*"buttons":true'
    plugs headset out
    wait_for "a program's switches, off" 20 saw 0 '"name":"HDA Intel Headset",[^}]*"on":\[\],"buttons":false'
    plugs_end headset
    plugs_end keyboard
    wait_for "the end of a program's switches" 20 saw_not 0 'HDA Intel Headset'
    unwatch
    # As it was: what follows knows neither rule nor seat nor dummy.
    rm /etc/udev/rules.d/70-soundwarden-jacks.rules
    udevadm control --reload
    systemctl stop at-the-seat
    # Ten seconds after a user's last session logind ends all that is the user's, whoever began it meanwhile.
    loginctl terminate-user tester
    wait_for "the end of the user's session" 30 no_user_there
    modprobe -r snd-dummy
}
