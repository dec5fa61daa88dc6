# SPDX-License-Identifier: MIT
# A tone without end to the default sink, or to the one that is named.
while cat /tmp/tone.raw; do :; done |
    pw-cat --playback --raw --format s16 --rate 48000 --channels 2 ${1:+--target "$1"} -
