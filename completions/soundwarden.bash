# SPDX-License-Identifier: MIT
# bash completion for soundwarden. Names of outputs come from the daemon that runs; loads from the command.
# shellcheck shell=bash disable=SC2207

_soundwarden_words() { COMPREPLY+=($(compgen -W "$1" -- "$cur")); }

# compgen -W would expand what it is given, commands and all: only the command's own words go there. An id is [a-z0-9_]+.
_soundwarden_outputs() {
    local id
    while IFS=$'\t' read -r id _; do
        if [[ $id == "$cur"* && $id =~ ^[a-z0-9_]+$ ]]; then COMPREPLY+=("$id"); fi
    done < <(soundwarden ${system:+--system} complete outputs 2>/dev/null)
}

_soundwarden_files() {
    compopt -o filenames 2>/dev/null
    COMPREPLY+=($(compgen -f -- "$cur"))
}

# The options of a verb; the empty one's go with every verb.
_soundwarden_options() {
    case $1 in
    "") echo "-h --help --version -o --output --color --system --timeout" ;;
    status) echo "--exit-code" ;;
    graph) echo "--dot" ;;
    monitor) echo "--wait" ;;
    meter) echo "--interval -n" ;;
    answer) echo "--model --impedance --sensitivity" ;;
    forget) echo "--all" ;;
    override) echo "--ceiling --for --cancel" ;;
    log) echo "--since -n --what" ;;
    dose) echo "--since --svg --html" ;;
    "policy check" | "policy show") echo "--policy-dir" ;;
    "policy test") echo "--policy-dir --facts --class --name --confidence --posture" ;;
    esac
}

# What may follow an option that takes a value; false where it takes none.
_soundwarden_value() {
    case $1 in
    -o | --output) _soundwarden_words "text json jsonl openmetrics csv" ;;
    --color) _soundwarden_words "auto always never" ;;
    --since) _soundwarden_words "today yesterday 1h 1d 7d" ;;
    --for) _soundwarden_words "10min 30min 1h" ;;
    --what) _soundwarden_words "answer contact decision degraded direct-alsa dose edge foreign-link guard limit log mute override panic pipewire policy release shutdown sink tampering volume" ;;
    --class) _soundwarden_words "dongle laptop desktop interface" ;;
    --confidence) _soundwarden_words "certain high medium low" ;;
    --posture) _soundwarden_words "observe protect strict" ;;
    --svg | --html | --policy-dir) _soundwarden_files ;;
    --timeout | --interval | -n | --model | --impedance | --sensitivity | --ceiling | --facts | --name) ;;
    *) return 1 ;;
    esac
}

_soundwarden() {
    local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} verb="" system="" at word skip=""
    local -a arguments=()
    COMPREPLY=()
    for ((at = 1; at < COMP_CWORD; at++)); do
        word=${COMP_WORDS[at]}
        if [[ -n $skip ]]; then skip=""; continue; fi
        case $word in
        --system) system=yes ;;
        -o | --output | --color | --timeout | --since | --for | --what | --class | --confidence | --posture | --svg | --html | --policy-dir | --interval | -n | \
            --model | --impedance | --sensitivity | --ceiling | --facts | --name) skip=yes ;;
        -*) ;;
        *) if [[ -z $verb ]]; then verb=$word; elif [[ $verb == policy ]]; then verb="policy $word"; else arguments+=("$word"); fi ;;
        esac
    done
    if _soundwarden_value "$previous"; then return; fi
    if [[ $cur == -* ]]; then
        _soundwarden_words "$(_soundwarden_options "") $(_soundwarden_options "$verb")"
        return
    fi
    case $verb in
    "") _soundwarden_words "status show explain doctor graph monitor meter answer forget guard release override panic resume dose log replay policy" ;;
    policy) _soundwarden_words "check show test" ;;
    "policy check" | replay) _soundwarden_files ;;
    "policy test")
        if ((${#arguments[@]} == 0)); then
            _soundwarden_words "headphone-out line-out shared-out speaker-out internal-speaker hdmi spdif usb-fixed bluetooth virtual unknown"
        else
            _soundwarden_words "$(soundwarden complete loads 2>/dev/null)"
        fi
        ;;
    show | explain | meter | release | forget | override | log) ((${#arguments[@]} > 0)) || _soundwarden_outputs ;;
    answer) if ((${#arguments[@]} == 0)); then _soundwarden_outputs; else _soundwarden_words "$(soundwarden complete loads 2>/dev/null)"; fi ;;
    guard) if ((${#arguments[@]} == 0)); then _soundwarden_outputs; else _soundwarden_words "on off"; fi ;;
    esac
}

complete -F _soundwarden soundwarden
