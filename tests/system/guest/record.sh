# SPDX-License-Identifier: MIT
# Instead of main.sh: records what PipeWire, ALSA and the kernel's input layer say of cards and jacks. See ../record.
set -uo pipefail

. /share/guest/lib.sh

mkdir -p /etc/systemd/user/default.target.wants

# take NAME: the state of everything now, reduced to what the mirror reads.
take() {
    sleep 1
    say "$1"
    as_user pw-dump | python3 /share/guest/reduce.py >"/share/notes/$1.json"
    local card
    for card in /proc/asound/card[0-9]*; do
        printf '== card %s\n' "${card##*card}"
        amixer -c "${card##*card}" contents
    done >"/share/notes/$1.controls.txt" 2>&1
}

# The same moments as events: ALSA controls, switches, PipeWire.
watch_events() {
    alsactl monitor 2>&1 | while read -r line; do printf '%s %s\n' "$(cut -d' ' -f1 /proc/uptime)" "$line"; done >/share/notes/events.controls.txt &
    local node
    for node in /dev/input/event*; do
        grep -q 'Headphone\|Line Out' "/sys/class/input/${node##*/}/device/name" || continue
        stdbuf -oL evtest "$node" >"/share/notes/events.$(tr -c "a-zA-Z0-9\n" - <"/sys/class/input/${node##*/}/device/name").txt" 2>&1 &
    done
}

say 'booted'
wait_for 'the built-in card' 60 grep -q '^ 0 ' /proc/asound/cards
modprobe soundwarden_jacks card=0 line_out=0 headphone=1 || die 'the jacks cannot be added'
login
take headphones-in-at-login
watch_events
plug headphone 0
take both-out
plug line_out 1
take line-out-in
plug headphone 1
take both-in
plug line_out 0
take headphones-in
for turn in 0 1 0 1 0; do
    plug headphone "$turn"
    sleep 0.03
done
plug line_out 1
take after-bouncing
as_user wpctl set-profile "$(json_of 'print(next(o["id"] for o in objects if name(o).startswith("alsa_card.pci")))')" \
    "$(json_of 'print(next(p["index"] for o in objects if name(o).startswith("alsa_card.pci") for p in params(o, "EnumProfile") if p["name"] == "pro-audio"))')"
take pro-audio
as_user wpctl set-profile "$(json_of 'print(next(o["id"] for o in objects if name(o).startswith("alsa_card.pci")))')" \
    "$(json_of 'print(next(p["index"] for o in objects if name(o).startswith("alsa_card.pci") for p in params(o, "EnumProfile") if p["name"] == "output:analog-stereo"))')"
wait_for 'a sink on the built-in card' 30 built_in_sink
ask usb in
wait_for 'a sink on the USB card' 60 usb_sink
take usb-in
ask usb out
wait_for 'the end of the USB card' 30 no_usb_sink
take usb-out
modprobe snd-dummy
take dummy
modprobe snd-aloop
take loopback
logout
say 'done'
