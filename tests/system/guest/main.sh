# SPDX-License-Identifier: MIT
# The scenarios of one boot. What they must give is in ../system_test.cpp, by the names of the marks.
set -uo pipefail

. /share/guest/lib.sh

say 'booted'
cp /share/tone.raw /tmp/tone.raw
mkdir -p /etc/systemd/user/default.target.wants
wait_for 'the built-in card' 60 grep -q '^ 0 ' /proc/asound/cards
modprobe soundwarden_jacks card=0 line_out=1 headphone=0 || die 'the jacks cannot be added'

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
install_soundwarden
as_user systemctl --user daemon-reload
as_user systemctl --user start soundwarden
wait_for 'soundwardend' 30 protecting
volume 1.0
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
play "$(json_of 'print(next(name(o) for o in objects if name(o).startswith("alsa_output.usb")))')"
sleep 3
steady usb 1
note usb
volumes
silence
ask usb out
wait_for 'the end of the USB card' 30 no_usb_sink
play

say 'removed while it runs'
sleep 3
steady before-stop 1
mark stop
as_user systemctl --user stop soundwarden
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
install_soundwarden
as_user systemctl --user daemon-reload
as_user systemctl --user start soundwarden
wait_for 'soundwardend' 30 protecting
volume 1.0
sleep 2
volumes
logout
remove_soundwarden
login
volumes
mark 'login-after-logged-out-removal first'
play
sleep 0.5
steady login-after-logged-out-removal 1
logout
say 'done'
