# SPDX-License-Identifier: MIT
# Inside the machine: words for the host, the user's session, cards and jacks. Sourced by a boot's script, as root.
# shellcheck shell=bash

request=0

# ask TEXT: what the host does for us (see ../vm). Fails with its sentence.
ask() {
    local base answer
    base=/share/requests/$((request += 1))
    printf '%s\n' "$*" >"$base.part"
    mv "$base.part" "$base.ask"
    until [[ -e $base.answer ]]; do sleep 0.05; done
    answer=$(<"$base.answer")
    rm "$base.answer"
    [[ $answer == ok ]] || die "the host could not \"$*\": $answer"
}

mark() { ask "mark $1"; }
say() {
    printf '== %s\n' "$*"
    ask "say $*"
}
die() {
    printf 'FAILED: %s\n' "$*"
    exit 1
}

# wait_for WHAT SECONDS CMD…: until CMD succeeds.
wait_for() {
    local what=$1 seconds=$2 end=$((SECONDS + $2))
    shift 2
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || { state_of_things; die "$what: not within $seconds s"; }
        sleep 0.1
    done
}

# as_user CMD…: in the session of the ordinary user, or where `session` says that PipeWire is.
session=(XDG_RUNTIME_DIR=/run/user/1000 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus)
as_user() { as_user_with_input "$@" </dev/null; }
as_user_with_input() { runuser -u tester -- env -C /home/tester HOME=/home/tester "${session[@]}" "$@"; }
# ask_daemon WORD…: the user asks the daemon of that session.
asked=(soundwarden)
ask_daemon() { as_user "${asked[@]}" "$@"; }

login() {
    systemctl start user@1000.service
    wait_for "PipeWire of the user's session" 60 as_user pw-cli info 0
    wait_for 'a sink on the built-in card' 60 built_in_sink
}
logout() { systemctl stop user@1000.service; }

# at_the_seat UNIT CMD…: as the ordinary user in a session at the machine's console, until CMD ends.
at_the_seat() {
    local unit=$1
    shift
    printf 'auth required pam_permit.so\naccount required pam_permit.so\nsession required pam_systemd.so\n' >/etc/pam.d/at-the-seat
    systemd-run --quiet --collect --unit="$unit" --property=User=tester --property=PAMName=at-the-seat --property=TTYPath=/dev/tty1 \
        --property=StandardInput=tty --property=StandardOutput=journal "$@"
}

# write_options OPTION…: what the daemon is started with. Without a governor levels stand still: it would bring a steady full-scale tone
# down by 1 dB/s from its cap (tests/integration judges it).
# Where the host wants traces, or `traced=yes`, each start records a new one.
traced=$([[ ! -e /share/traced ]] && echo no || echo yes)
write_options() {
    local drop_in=/etc/systemd/user/soundwarden.service.d trace=
    mkdir -p "$drop_in"
    [[ $traced == no ]] || trace='--trace %t/soundwarden.trace'
    printf '[Service]\nExecStartPre=-/bin/rm -f %%t/soundwarden.trace\nExecStart=\nExecStart=/usr/bin/soundwardend --ear-target 140 %s %s\n' \
        "$trace" "$*" >"$drop_in/options.conf"
}
# keep_trace NAME: what was recorded since the daemon's last start.
keep_trace() { [[ $traced == no ]] || cp /run/user/1000/soundwarden.trace "/share/notes/$1.trace"; }
# daemon_options OPTION…: the daemon anew, with these.
daemon_options() {
    write_options "$@"
    as_user systemctl --user daemon-reload
    as_user systemctl --user restart soundwarden
}
card_open() { ! grep -q closed /proc/asound/card0/pcm0p/sub0/status; }

# json_of FILTER: python's answer over pw-dump's objects (the list `objects`; `props(o)` gives its properties).
json_of() {
    as_user pw-dump | python3 -c '
import json, sys
objects = json.load(sys.stdin)
props = lambda o: (o.get("info") or {}).get("props") or {}
name = lambda o: props(o).get("node.name") or props(o).get("device.name") or ""
params = lambda o, k: ((o.get("info") or {}).get("params") or {}).get(k) or []
'"$1"
}

built_in=alsa_output.pci
usb_card=alsa_output.usb
usb_sink_name() { json_of 'print(next(name(o) for o in objects if name(o).startswith("alsa_output.usb")))'; }
built_in_sink_name() { json_of 'print(next(name(o) for o in objects if name(o).startswith("alsa_output.pci")))'; }
built_in_sink() { json_of 'sys.exit(not any(name(o).startswith("alsa_output.pci") for o in objects))'; }
usb_sink() { json_of 'sys.exit(not any(name(o).startswith("alsa_output.usb") for o in objects))'; }
no_usb_sink() { ! usb_sink; }

# active_route NAME: the built-in card plays through a route with this in its name.
active_route() {
    json_of 'sys.exit(not any("'"$1"'" in r.get("name", "") for o in objects if name(o).startswith("alsa_card.pci")
        for r in params(o, "Route") if r.get("direction") == "Output"))'
}

# The routes and their volumes as the graph shows them, and as WirePlumber has stored them.
volumes() {
    json_of '
for o in objects:
    if name(o).startswith("alsa_card."):
        for r in params(o, "Route"):
            if r.get("direction") == "Output":
                p = r.get("props") or {}
                print("route", r.get("name"), "volume", (p.get("channelVolumes") or [None])[0], "soft",
                      (p.get("softVolumes") or [None])[0], "save", r.get("save"), "hw", "route.hw-volume" in str(r.get("info")))
    if "output" in name(o) or name(o).startswith("soundwarden."):
        for p in params(o, "Props"):
            if "channelVolumes" in p:
                print("node", name(o), "volume", p["channelVolumes"][:1], "soft", p.get("softVolumes", [None])[:1],
                      "max", [v for k, v in zip(p.get("params", [])[::2], p.get("params", [])[1::2]) if k == "channelmix.max-volume"])
'
    grep -s analog-output /home/tester/.local/state/wireplumber/default-routes || true
}

# What soundwardend said so far.
journal() { journalctl --no-pager -o short-monotonic _UID=1000 _COMM=soundwardend | tail -n "${1:-60}"; }

# What one wants to know when something did not happen.
state_of_things() {
    printf -- '--- state\n'
    as_user wpctl status || true
    volumes || true
    journal || true
    # What the sound server, the session manager and the service manager had to say.
    journalctl --no-pager -o short-monotonic _COMM=pipewire + _COMM=wireplumber + _UID=1000 _COMM=systemd | tail -n 40 || true
    ls -l /dev/snd || true
    printf -- '---\n'
}

# plug headphone|line_out 0|1
plug() { printf '%s\n' "$2" >"/sys/module/soundwarden_jacks/parameters/$1"; }

# The service manager of that session, and how it runs what nobody waits for.
manager=(as_user systemctl --user)
run_there=(as_user systemd-run --user)
# play [TARGET]: a 997 Hz tone at full scale until `silence`; sets $player.
player=
players=0
play() {
    player=player$((players += 1))
    "${run_there[@]}" --quiet --collect --unit="$player" /bin/bash /share/guest/player.sh "$@"
}
silence() { "${manager[@]}" stop "$player"; }

# volume SLIDER [SINK]: as a desktop's slider does it, on the built-in card or the one whose sink begins so; on its guard, where there is one.
volume() {
    local id
    id=$(json_of '
nodes = {name(o): o["id"] for o in objects}
print(next(nodes[n] for p in ("soundwarden.'"${2:-$built_in}"'", "'"${2:-$built_in}"'") for n in nodes if n.startswith(p) and not n.endswith(".out")))')
    as_user wpctl set-volume "$id" "$1"
}

# full_by_graph NODE: the volume of the node that begins so is 100 %.
full_by_graph() {
    json_of '
volumes = [v for o in objects if name(o).startswith("'"$1"'") and not name(o).endswith(".out")
           for p in params(o, "Props") for v in p.get("channelVolumes", [])]
sys.exit(not (volumes and min(volumes) > 0.99))'
}

# loud [DB [SINK]]: the slider to 100 % until that much is handed to the card; without DB, what the daemon permits when all has settled.
loud() { wait_for "${2:-$built_in} at ${1:-its cap}" 60 as_loud_as "$@"; }
as_loud_as() {
    volume 1.0 "${2:-$built_in}"
    ask_daemon status -o json | python3 -c '
import json, sys
wanted, sink = sys.argv[1:]
played = [(o["peak_dbfs"], float(wanted) if wanted else o["cap_dbfs"]) for o in json.load(sys.stdin)["outputs"]
          if o["active"] and o["sink"].startswith(sink)]
sys.exit(not any(peak is not None and level is not None and peak >= level - 0.2 for peak, level in played))' "${1:-}" "${2:-$built_in}"
}

# steady NAME SECONDS: two marks around a stretch in which nothing is done.
steady() {
    mark "$1 begin"
    sleep "$2"
    mark "$1 end"
}

# --- Soundwarden, put in and taken out -----------------------------------------------------------------------------------

# As a distribution brings it; the unit is enabled for everybody, and starts at the next login.
install_soundwarden() {
    dpkg -i /share/programs/soundwarden.deb || die 'the package cannot be installed'
    write_options
}
remove_soundwarden() {
    dpkg --purge soundwarden || die 'the package cannot be removed'
    rm -rf /etc/systemd/user/soundwarden.service.d
}
# The part in WirePlumber, taken out of the package and put back; WirePlumber reads it at its next start.
part=(scripts/soundwarden wireplumber.conf.d/50-soundwarden.conf policy.lua.d/05-soundwarden.lua)
remove_part() { move_part /usr/share/wireplumber /root/part; }
install_part() { move_part /root/part /usr/share/wireplumber; }
move_part() {
    local each
    for each in "${part[@]}"; do
        # Each series of WirePlumber has files of its own.
        [[ -e $1/$each ]] || continue
        mkdir -p "$2/$(dirname "$each")"
        mv "$1/$each" "$2/$each"
    done
}
# begin_alone: installed and started in the session that runs, without the part in WirePlumber.
begin_alone() {
    install_soundwarden
    remove_part
    as_user systemctl --user daemon-reload
    as_user systemctl --user start soundwarden
    wait_for 'soundwardend' 30 protecting
    volume 1.0
}
main_pid() { "${manager[@]}" show "$1" --property=MainPID --value; }
# begun_anew UNIT PID: it runs, and no longer as that process.
begun_anew() {
    local now
    now=$(main_pid "$1")
    [[ $now != 0 && $now != "$2" ]]
}
# kill_unit UNIT SIGNAL
kill_unit() { "${manager[@]}" kill --signal="$2" "$1"; }
# note NAME: what the daemon says of the outputs now, for the host.
note() { ask_daemon status -o json >"/share/notes/$1.json" || true; }
direct_use() { ask_daemon status -o json | grep -q '"direct-alsa"'; }
no_direct_use() { ! direct_use; }
protecting() { ask_daemon status | grep -q '^protecting'; }
# What WirePlumber's part says of the built-in sink.
phase() { as_user pw-metadata -n soundwarden 0 | sed -n "s/.*key:'sink.alsa_output.pci[^']*' value:'\([a-z]*\)'.*/\1/p"; }
phase_is() { [[ $(phase) == "$1" ]]; }
no_phase() { [[ -z $(phase) || $(phase) == free ]]; }
