# SPDX-License-Identifier: MIT
# player.sh [SINK [CHANNELS]]: a tone without end, in two channels unless told otherwise, to the default sink or the one that is named.
while cat /tmp/tone.raw; do :; done |
    pw-cat --playback --raw --format s16 --rate 48000 --channels "${2:-2}" ${1:+--target "$1"} -
