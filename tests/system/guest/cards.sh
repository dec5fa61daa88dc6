# SPDX-License-Identifier: MIT
# Cards, plugs, the worst day, removals: the scenarios of one boot. What they must give is in ../system_test.cpp, by the names of the marks.
set -uo pipefail

. /share/guest/lib.sh
. /share/guest/sense.sh

policies=/home/tester/.config/soundwarden/policy.d
# usb_capped_below DB: the USB card's output has a cap lower than that.
usb_capped_below() {
    ask_daemon status -o json | python3 -c '
import json, sys
caps = [o["cap_dbfs"] for o in json.load(sys.stdin)["outputs"] if o["active"] and o["sink"].startswith("alsa_output.usb")]
sys.exit(not any(cap is not None and cap < float(sys.argv[1]) for cap in caps))' "$1"
}

say 'booted'
cp /share/tone.raw /tmp/tone.raw
wait_for 'the built-in card' 60 grep -q '^ 0 ' /proc/asound/cards
modprobe soundwarden_jacks card=0 line_out=1 headphone=0 || die 'the jacks cannot be added'

sense_without_rule
sense_with_rule

say 'control: no Soundwarden, everything at 100 %'
login
wait_for 'the line-out route' 30 active_route lineout
play
volume 1.0
sleep 0.5
steady control-line-out 1
plug headphone 1
wait_for 'the headphones route' 30 active_route headphones
volume 1.0
sleep 0.5
steady control-headphones 1
plug headphone 0
wait_for 'the line-out route' 30 active_route lineout
volumes

say 'Soundwarden starts while it plays'
begin_alone
sleep 5
steady line-out 1
note line-out
volumes

say 'headphones are plugged in'
mark plug
plug headphone 1
wait_for 'the headphones route' 30 active_route headphones
sleep 1
volume 1.0
sleep 5
steady headphones 1
note headphones
volumes

say 'headphones are pulled out'
mark unplug
plug headphone 0
sleep 4
steady line-out-again 1

say 'a USB card is plugged in'
mark usb-in
ask usb in
wait_for 'a sink on the USB card' 60 usb_sink
silence
play "$(usb_sink_name)"
sleep 3
steady usb 1
note usb
volumes

say 'the USB card is described by its ids while it plays'
loud '' "$usb_card"
steady usb-known-nothing 1
as_user mkdir -p "$policies"
mark usb-described
printf 'schema = 1\n[[output]]\nname = "strong headphone amplifier"\nmatch = { usb = "46f4:0002" }\nkind = "headphone-out"\nfull-scale = "20 V"\n' |
    as_user_with_input tee "$policies/60-usb.toml" >/dev/null
wait_for 'its lower cap' 20 usb_capped_below -25
steady usb-described-after 1
note usb-described

say 'the USB card is pulled out in the middle of the tone, and put back'
mark usb-yanked
ask usb out
wait_for 'the end of the USB card' 30 no_usb_sink
wait_for 'the built-in card to play instead' 30 card_open
steady usb-yanked-after 1
silence
mark usb-back
ask usb in
wait_for 'a sink on the USB card' 60 usb_sink
play "$(usb_sink_name)"
loud '' "$usb_card"
steady usb-back-after 1
note usb-back
as_user rm "$policies/60-usb.toml"
silence
ask usb out
wait_for 'the end of the USB card' 30 no_usb_sink
play

keep_trace cards
say 'killed outright, without the part in WirePlumber'
sleep 2
volume 1.0
steady before-killed-alone 1
mark 'killed-alone begin'
kill_unit soundwarden KILL
sleep 1
mark 'killed-alone end'
wait_for 'soundwardend' 30 protecting
silence
logout

say 'the worst day, with the part'
install_part
login
wait_for 'soundwardend' 30 protecting
play
sleep 3
volume 1.0
sleep 3
steady worst-day 1
note worst-day
mark killed
kill_unit soundwarden KILL
sleep 3
wait_for 'soundwardend' 30 protecting
steady killed-after 1
mark restarted
as_user systemctl --user restart soundwarden
wait_for 'soundwardend' 30 protecting
sleep 3
steady restarted-after 1
mark frozen
kill_unit soundwarden STOP
sleep 3
kill_unit soundwarden CONT
sleep 1
steady frozen-after 1
killed=$(main_pid wireplumber)
mark wireplumber-killed
kill_unit wireplumber KILL
wait_for 'WirePlumber, anew' 30 begun_anew wireplumber "$killed"
wait_for 'a sink on the built-in card' 60 built_in_sink
wait_for 'soundwardend' 30 protecting
# A player may have been told meanwhile that there is no sink, and have ended.
"${manager[@]}" --quiet is-active "$player" || play
loud -40
steady wireplumber-killed-after 1
silence
say 'a program plays past PipeWire'
wait_for 'the card to be closed' 30 grep -q closed /proc/asound/card0/pcm0p/sub0/status
as_user systemd-run --user --quiet --collect --unit=direct aplay -q -D hw:0,0 -t raw -f S16_LE -r 48000 -c 2 /tmp/tone.raw
wait_for 'the report of direct use' 20 direct_use
note direct
keep_trace worst-day
as_user systemctl --user stop direct || true
wait_for 'the end of direct use' 20 no_direct_use
say 'the same with the card held'
daemon_options --hold-devices
wait_for 'soundwardend' 30 protecting
wait_for 'the card to be open' 20 card_open
if as_user aplay -q -D hw:0,0 -t raw -f S16_LE -r 48000 -c 2 -d 1 /tmp/tone.raw; then
    die 'a held card was opened past PipeWire'
fi
daemon_options
wait_for 'soundwardend' 30 protecting
play
sleep 2
mark pipewire-crash
kill_unit pipewire KILL
sleep 1
wait_for 'a sink on the built-in card' 60 built_in_sink
play
wait_for 'soundwardend' 30 protecting
sleep 3
steady pipewire-crash-after 1
keep_trace pipewire-crash
volumes
journal
silence
logout
remove_part
login
wait_for 'soundwardend' 30 protecting
play
loud

say 'removed while it runs'
steady before-stop 1
mark stop
as_user systemctl --user stop soundwarden
install_part
remove_soundwarden
steady stopped 1
volumes
journal
silence
logout
login
volumes
mark 'login-after-removal first'
play
sleep 0.5
steady login-after-removal 1

say 'removed while logged out'
begin_alone
sleep 2
volumes
logout
install_part
remove_soundwarden
login
volumes
mark 'login-after-logged-out-removal first'
play
sleep 0.5
steady login-after-logged-out-removal 1
logout
say 'done'
