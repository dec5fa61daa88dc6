# SPDX-License-Identifier: MIT
# The scenarios of one boot. What they must give is in ../system_test.cpp, by the names of the marks.
set -uo pipefail

. /share/guest/lib.sh

cp /share/tone.raw /tmp/tone.raw
mkdir -p /etc/systemd/user/default.target.wants
wait_for 'the built-in card' 60 grep -q '^ 0 ' /proc/asound/cards
modprobe soundwarden_jacks card=0 line_out=1 headphone=0 || die 'the jacks cannot be added'

say 'control: no Soundwarden, everything at 100 %'
login
wait_for 'the line-out route' 30 active_route lineout
play
volume 1.0
sleep 1
steady control-line-out 2
plug headphone 1
wait_for 'the headphones route' 30 active_route headphones
volume 1.0
sleep 1
steady control-headphones 2
volumes
plug headphone 0
wait_for 'the line-out route' 30 active_route lineout
sleep 1

say 'Soundwarden starts while it plays'
install_soundwarden
mark start
as_user systemctl --user daemon-reload
as_user systemctl --user start soundwarden
wait_for 'soundwardend' 30 protecting
sleep 6
steady line-out 2
volumes
as_user /usr/local/bin/soundwarden status

say 'headphones are plugged in'
mark plug
plug headphone 1
wait_for 'the headphones route' 30 active_route headphones
sleep 1
volume 1.0
sleep 6
steady headphones 2
volumes
as_user /usr/local/bin/soundwarden status

say 'headphones are pulled out'
mark unplug
plug headphone 0
wait_for 'the line-out route' 30 active_route lineout
sleep 8
steady line-out-again 2

say 'a USB card is plugged in'
mark usb-in
ask usb in
wait_for 'a sink on the USB card' 60 usb_sink
silence
play "$(json_of 'print(next(name(o) for o in objects if name(o).startswith("alsa_output.usb")))')"
sleep 5
steady usb 2
as_user /usr/local/bin/soundwarden status
volumes
silence
ask usb out
wait_for 'the end of the USB card' 30 no_usb_sink
play

journal

say 'removed while it runs'
sleep 2
as_user systemctl --user stop soundwarden
remove_soundwarden
as_user systemctl --user daemon-reload
sleep 1
steady stopped 2
volumes
silence
logout
say 'next login'
login
volumes
play
sleep 1
steady login-after-removal 2
silence

say 'removed while logged out'
volume 1.0
install_soundwarden
as_user systemctl --user daemon-reload
as_user systemctl --user start soundwarden
wait_for 'soundwardend' 30 protecting
play
sleep 6
steady line-out-before-logout 1
volumes
silence
logout
remove_soundwarden
say 'next login'
login
volumes
play
sleep 1
steady login-after-logged-out-removal 2
silence
logout
say 'done'
