# SPDX-License-Identifier: MIT
# player.sh [SINK [CHANNELS]]: a tone without end, in two channels unless told otherwise, to the default sink or the one that is named.
channels=${2:-2}
raw=(--raw --rate 48000 --channels "$channels")
# PipeWire 0.3's pw-cat plays files only: 16 bit, 48 kHz in .au, little-endian and of no length that is told.
[[ $(pw-cat --help 2>&1) == *--raw* ]] || raw=()
{
    ((${#raw[@]} > 0)) || printf 'dns.\x18\0\0\0\xff\xff\xff\xff\x03\0\0\0\x80\xbb\0\0%b\0\0\0' "\\x0$channels"
    while cat /tmp/tone.raw; do :; done
} | pw-cat --playback --format s16 "${raw[@]}" ${1:+--target "$1"} -
