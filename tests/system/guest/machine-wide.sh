# SPDX-License-Identifier: MIT
# One PipeWire for the whole machine, guarded by the system unit; polkit says who may change something. Sourced by service.sh. What this must
# give is in ../service_test.cpp.
# shellcheck shell=bash

# What a distribution for such machines brings: PipeWire and WirePlumber as services of a user of their own.
machine_wide_pipewire() {
    local profile=
    if [[ $(wireplumber --help) == *--profile* ]]; then
        profile='--profile main-systemwide'
    else
        # WirePlumber 0.4 has no profiles: what it asks of a session's bus is switched off by hand.
        mkdir -p /etc/wireplumber/main.lua.d /etc/wireplumber/bluetooth.lua.d
        printf 'alsa_monitor.properties["alsa.reserve"] = false\ndefault_access.properties["enable-flatpak-portal"] = false\n' >/etc/wireplumber/main.lua.d/60-system.lua
        printf 'bluez_monitor.properties["with-logind"] = false\n' >/etc/wireplumber/bluetooth.lua.d/60-system.lua
    fi
    useradd --system --gid pipewire --groups audio --home-dir /var/lib/pipewire --create-home pipewire || die 'no user for PipeWire'
    usermod --append --groups pipewire tester
    cat >/etc/systemd/system/pipewire.service <<'END'
[Service]
User=pipewire
UMask=0007
RuntimeDirectory=pipewire
RuntimeDirectoryMode=0755
RuntimeDirectoryPreserve=yes
Environment=PIPEWIRE_RUNTIME_DIR=/run/pipewire XDG_RUNTIME_DIR=/run/pipewire
ExecStart=/usr/bin/pipewire
Restart=on-failure
END
    cat >/etc/systemd/system/wireplumber.service <<END
[Unit]
BindsTo=pipewire.service
After=pipewire.service
[Service]
User=pipewire
Environment=PIPEWIRE_RUNTIME_DIR=/run/pipewire XDG_RUNTIME_DIR=/run/pipewire
ExecStart=/usr/bin/wireplumber $profile
Restart=on-failure
END
    systemctl daemon-reload
    systemctl start pipewire.service wireplumber.service || die 'PipeWire does not start as a service of the system'
    session=(PIPEWIRE_RUNTIME_DIR=/run/pipewire)
    manager=(systemctl)
    run_there=(systemd-run --uid=tester --setenv=PIPEWIRE_RUNTIME_DIR=/run/pipewire)
    asked=(soundwarden --system)
    wait_for 'a sink on the built-in card' 60 built_in_sink
}

# tried NAME WORD…: what came of the user's call, from no session at the machine.
tried() {
    local name=$1 code=0
    shift
    ask_daemon "$@" >"/share/notes/$name.txt" 2>&1 || code=$?
    write "$name" "$code"
}
# tried_at_the_seat NAME WORD…: the same from a session at the console.
tried_at_the_seat() {
    local name=$1
    shift
    at_the_seat "$name" --wait /bin/bash -c "soundwarden --system $* >/tmp/$name.txt 2>&1; echo \$? >/tmp/$name"
    cp "/tmp/$name" "/tmp/$name.txt" /share/notes/
}
everywhere_killed() { [[ $(systemctl show soundwarden.service --property=NRestarts --value) != 0 ]] && protecting; }

machine_wide() {
    local each
    say 'control: one PipeWire for the whole machine, and no Soundwarden'
    machine_wide_pipewire
    wait_for 'the headphones route' 30 active_route headphones
    play
    volume 1.0
    wait_for 'full volume' 20 full_by_graph "$built_in"
    steady everywhere-control 1
    silence

    say 'one PipeWire for the whole machine, guarded'
    dpkg -i /share/programs/soundwarden.deb || die 'the package cannot be installed'
    mkdir -p /etc/systemd/system/soundwarden.service.d
    printf '[Service]\nExecStart=\nExecStart=/usr/bin/soundwardend --system --ear-target 140\n' >/etc/systemd/system/soundwarden.service.d/options.conf
    systemctl daemon-reload
    # The part in WirePlumber comes with its next start.
    systemctl restart wireplumber.service
    systemctl enable --now soundwarden.service || { journalctl --no-pager -u soundwarden | tail -n 30; die 'the system unit does not start'; }
    wait_for 'soundwardend, of the system' 30 protecting
    systemctl show soundwarden.service --property=User --property=MainPID >/share/notes/everywhere-unit
    grep -E '^(Seccomp|NoNewPrivs|CapBnd):' "/proc/$(systemctl show soundwarden.service --property=MainPID --value)/status" >/share/notes/everywhere-sandbox
    stat -c '%U %a' /var/lib/soundwarden >/share/notes/everywhere-state
    wait_for 'the headphones route' 30 active_route headphones
    play
    loud
    steady everywhere 1
    note everywhere

    say 'who may change something'
    tried everywhere-status status
    for each in panic 'override Headphones --ceiling -6 --for 20s'; do
        # shellcheck disable=SC2086
        tried "everywhere-${each%% *}" $each
        # shellcheck disable=SC2086
        tried_at_the_seat "everywhere-seat-${each%% *}" $each
    done
    steady everywhere-panic 1
    soundwarden --system resume || die 'root may not resume'
    loud

    say 'killed outright, for the whole machine'
    mark everywhere-killed
    kill_unit soundwarden.service KILL
    wait_for 'soundwardend, of the system, again' 30 everywhere_killed
    loud
    steady everywhere-killed-after 1

    say 'the end of it'
    mark everywhere-removed
    dpkg --purge soundwarden || die 'the package cannot be removed'
    find /var/lib/soundwarden /etc/systemd/system -name '*soundwarden*' ! -name 'soundwarden.service.d' >/share/notes/everywhere-left 2>/dev/null || true
    steady everywhere-removed-after 1
    silence
    rm -r /etc/systemd/system/soundwarden.service.d
    systemctl stop wireplumber.service pipewire.service
}
