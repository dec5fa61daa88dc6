# SPDX-License-Identifier: MIT
# One PipeWire for the whole machine, guarded by the system unit; polkit says who may change something. Sourced by desk.sh.
# shellcheck shell=bash

# What a distribution for such machines brings: PipeWire and WirePlumber as services of a user of their own.
write_machine_wide_units() {
    useradd --system --groups audio --home-dir /var/lib/pipewire --create-home pipewire
    local each
    for each in pipewire wireplumber; do
        cat >"/etc/systemd/system/$each.service" <<END
[Unit]
After=dbus.service $([[ $each == pipewire ]] || echo pipewire.service)
$([[ $each == pipewire ]] || echo BindsTo=pipewire.service)
[Service]
User=pipewire
SupplementaryGroups=audio
Environment=PIPEWIRE_RUNTIME_DIR=/run/pipewire XDG_RUNTIME_DIR=/run/pipewire DBUS_SESSION_BUS_ADDRESS=disabled:
$([[ $each != pipewire ]] || printf 'RuntimeDirectory=pipewire\nRuntimeDirectoryPreserve=yes\nRuntimeDirectoryMode=0755\nUMask=0007')
ExecStart=/usr/bin/$each
Restart=on-failure
END
    done
}
machine() { env PIPEWIRE_RUNTIME_DIR=/run/pipewire "$@" </dev/null; }
machine_sink() { machine pw-cli ls Node | grep -q 'node.name = "alsa_output.pci'; }
machine_status() { soundwarden --system status; }
machine_protecting() { machine_status | grep -q '^protecting'; }
machine_volume() {
    local id
    id=$(machine pw-dump | python3 -c '
import json, sys
names = {((o.get("info") or {}).get("props") or {}).get("node.name", ""): o["id"] for o in json.load(sys.stdin)}
print(next(names[n] for n in names if n.startswith("soundwarden.alsa_output.pci") and not n.endswith(".out")))')
    machine wpctl set-volume "$id" 1.0
}

machine_wide() {
    say 'one PipeWire for the whole machine'
    systemctl stop user@1000.service
    write_machine_wide_units
    mkdir -p /etc/systemd/system/soundwarden.service.d
    printf '[Service]\nExecStart=\nExecStart=/usr/bin/soundwardend --system --ear-target 140\n' >/etc/systemd/system/soundwarden.service.d/options.conf
    systemctl daemon-reload
    systemctl start pipewire.service wireplumber.service || die 'PipeWire does not start as a service of the system'
    wait_for 'a sink on the built-in card' 60 machine_sink
    systemctl enable --now soundwarden.service || { journalctl --no-pager -u soundwarden | tail -n 30; die 'the system unit does not start'; }
    wait_for 'soundwardend, of the system' 30 machine_protecting
    systemctl show soundwarden.service --property=User --property=MainPID --property=NRestarts >/share/notes/machine-unit
    machine systemd-run --quiet --collect --unit=machine-player --setenv=PIPEWIRE_RUNTIME_DIR=/run/pipewire /bin/bash /share/guest/player.sh
    sleep 3
    machine_volume
    sleep 5
    steady machine-wide 1
    soundwarden --system status -o json >/share/notes/machine-wide.json
    # Everybody may ask; who is not at the machine and is no administrator may change nothing.
    as_user soundwarden --system status >/share/notes/machine-user-status.txt 2>&1
    as_user soundwarden --system panic >/share/notes/machine-user-panic.txt 2>&1
    printf '%s\n' $? >/share/notes/machine-user-panic
    soundwarden --system panic || die 'root may not panic'
    sleep 1
    steady machine-panic 1
    soundwarden --system resume || die 'root may not resume'
    mark machine-killed
    systemctl kill --signal=KILL soundwarden.service
    sleep 1
    wait_for 'soundwardend, of the system, again' 30 machine_protecting
    sleep 6
    steady machine-killed-after 1
    ls -ld /var/lib/soundwarden >/share/notes/machine-state
    systemctl stop machine-player soundwarden wireplumber pipewire
}
