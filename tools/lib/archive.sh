# SPDX-License-Identifier: MIT
# A Debian tree made from the archives this machine uses itself. Shared by tools/debian13 and tests/system/make-image.
# Sourced after tools/lib.sh; it defines functions and changes nothing by itself.
# shellcheck shell=bash

# The archive's addresses come from this machine's own apt configuration, so that a mirror chosen here is used there.
# sources_like_the_hosts SUITE prints sources.list lines for it, or nothing when the configuration does not show Debian archives by codename.
sources_like_the_hosts() {
    local codename suite=$1
    codename=$(debian_codename)
    [[ -n $codename ]] || return 0
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' 2>/dev/null |
        awk -v from="$codename" -v to="$suite" '
            # Field 4 is there once apt has fetched the index; other vendors name their suites after Debian too.
            $3 != "main" || (NF >= 4 && $4 != "Debian") || $1 ~ /^cdrom:/ { next }
            $2 == from || $2 == from "-updates" || $2 == from "-security" {
                pocket = substr($2, length(from) + 1)
                if (pocket in seen) next
                seen[pocket] = 1
                lines = lines "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] " $1 " " to pocket " main\n"
            }
            END { if ("" in seen) printf "%s", lines }'
}

# apt settings that decide whether this machine can fetch at all: proxies, certificates, checks of dates.
apt_options_like_the_hosts() {
    apt-config dump | sed -nE \
        '/^Acquire::(https?::(Proxy|CaInfo|CaPath|Proxy-Auto-Detect|Verify-Peer)|Check-Valid-Until|Check-Date) "[^"]+";$/p'
}

# make_debian SUITE DIR PACKAGES [MMDEBSTRAP OPTION…]: a minimal system with these packages (one a line) in DIR.
# mmdebstrap's messages go to stderr; its failure is returned.
make_debian() {
    local suite=$1 dir=$2 packages=$3 sources line
    local -a options=() archive=()
    shift 3
    while IFS= read -r line; do options+=(--aptopt="$line"); done < <(apt_options_like_the_hosts)
    sources=$(sources_like_the_hosts "$suite")
    if [[ -z $sources ]]; then
        # apt may only not have fetched its indexes; else mmdebstrap takes Debian's default archive.
        apt_get update || true
        sources=$(sources_like_the_hosts "$suite")
    fi
    [[ -z $sources ]] || archive=(-)
    printf '%s\n' "$sources" | env -u TMPDIR LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        mmdebstrap --mode=root --variant=minbase --components=main \
        --include="$(paste -sd, <<<"$packages")" \
        --aptopt='Acquire::Retries "3"' --aptopt='Acquire::Languages "none"' \
        --aptopt='APT::Install-Recommends "false"' "${options[@]}" \
        --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        "$@" "$suite" "$dir" "${archive[@]}" >&2
}
