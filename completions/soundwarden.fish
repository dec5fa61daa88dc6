# SPDX-License-Identifier: MIT
# fish completion for soundwarden. Names of outputs come from the daemon that runs; loads from the command.

set -l verbs status show explain doctor graph monitor meter answer forget guard release override panic resume dose log replay policy

function __soundwarden_outputs
    set -l where
    if contains -- --system (commandline -opc)
        set where --system
    end
    soundwarden $where complete outputs 2>/dev/null
end

# How many words that are no options stand behind the verb.
function __soundwarden_argument -a number verb
    __fish_seen_subcommand_from $verb; or return 1
    set -l found 0
    set -l seen no
    set -l skip no
    for word in (commandline -opc)
        if test $skip = yes
            set skip no
            continue
        end
        switch $word
            case -o --output --color --timeout --since --for --what --class --confidence --posture --svg --html --policy-dir --interval -n --model --impedance --sensitivity --ceiling --facts --name
                set skip yes
            case '-*'
                continue
            case $verb
                set seen yes
            case '*'
                if test $seen = yes
                    set found (math $found + 1)
                end
        end
    end
    test $found -eq $number
end

complete -c soundwarden -f
complete -c soundwarden -s h -l help -d 'help'
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -l version -d 'version'
complete -c soundwarden -s o -l output -x -a 'text json jsonl openmetrics csv' -d 'how to print'
complete -c soundwarden -l color -x -a 'auto always never' -d 'colours'
complete -c soundwarden -l system -d 'the daemon of the whole machine'
complete -c soundwarden -l timeout -x -d 'how long to wait'
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -a status -d 'one line per output'
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -a show -d 'everything about one output'
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -a explain -d 'why it may get what it gets'
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -a doctor -d 'what weakens protection here'
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -a graph -d "the guarded part of PipeWire's graph"
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -a monitor -d 'a line per change'
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -a meter -d 'live bars'
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -a answer -d 'say what is plugged in'
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -a forget -d 'take an answer back'
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -a guard -d 'leave an output alone, or guard it again'
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -a release -d 'end protection cleanly'
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -a override -d 'another ceiling for a while'
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -a panic -d 'everything to silence now'
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -a resume -d 'take panic back'
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -a dose -d "the week's sound allowance"
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -a log -d 'what has happened'
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -a replay -d 'a recorded trace'
complete -c soundwarden -n "not __fish_seen_subcommand_from $verbs" -a policy -d 'check, show or try out the policy files'
complete -c soundwarden -n '__fish_seen_subcommand_from status' -l exit-code -d 'tell by the exit code'
complete -c soundwarden -n '__fish_seen_subcommand_from graph' -l dot -d 'for Graphviz'
complete -c soundwarden -n '__fish_seen_subcommand_from monitor' -l wait -d 'wait for the daemon'
complete -c soundwarden -n '__fish_seen_subcommand_from meter' -l interval -x -d 'from one look to the next'
complete -c soundwarden -n '__fish_seen_subcommand_from meter' -s n -x -d 'end after so many looks'
complete -c soundwarden -n '__fish_seen_subcommand_from answer' -l model -x -d 'what it is called'
complete -c soundwarden -n '__fish_seen_subcommand_from answer' -l impedance -x -d 'in ohms'
complete -c soundwarden -n '__fish_seen_subcommand_from answer' -l sensitivity -x -d 'in dB'
complete -c soundwarden -n '__fish_seen_subcommand_from forget' -l all -d 'all answers'
complete -c soundwarden -n '__fish_seen_subcommand_from override' -l ceiling -x -d 'how loud at most, dBFS'
complete -c soundwarden -n '__fish_seen_subcommand_from override' -l for -x -a '10min 30min 1h' -d 'for how long'
complete -c soundwarden -n '__fish_seen_subcommand_from override' -l cancel -d 'end it now'
complete -c soundwarden -n '__fish_seen_subcommand_from log' -l since -x -a 'today yesterday 1h 1d 7d' -d 'only from then on'
complete -c soundwarden -n '__fish_seen_subcommand_from dose' -l since -x -a 'today yesterday 1h 1d 7d' -d 'only from then on'
complete -c soundwarden -n '__fish_seen_subcommand_from log' -s n -x -d 'the newest so many'
complete -c soundwarden -n '__fish_seen_subcommand_from log' -l what -x -a 'answer contact decision degraded direct-alsa dose edge foreign-link guard limit log mute override panic pipewire policy release shutdown sink tampering volume' -d 'only this kind'
complete -c soundwarden -n '__fish_seen_subcommand_from dose' -l svg -r -F -d 'a picture into this file'
complete -c soundwarden -n '__fish_seen_subcommand_from dose' -l html -r -F -d 'a report into this file'
complete -c soundwarden -n '__soundwarden_argument 0 policy' -a 'check show test'
complete -c soundwarden -n '__fish_seen_subcommand_from policy' -l policy-dir -r -F -d 'read this directory instead'
complete -c soundwarden -n '__fish_seen_subcommand_from policy' -l facts -x -d 'what is known'
complete -c soundwarden -n '__fish_seen_subcommand_from policy' -l class -x -a 'dongle laptop desktop interface' -d 'what the output belongs to'
complete -c soundwarden -n '__fish_seen_subcommand_from policy' -l name -x -d 'what the output is called'
complete -c soundwarden -n '__fish_seen_subcommand_from policy' -l confidence -x -a 'certain high medium low' -d 'how sure the load is'
complete -c soundwarden -n '__fish_seen_subcommand_from policy' -l posture -x -a 'observe protect strict' -d 'in place of the own one'
complete -c soundwarden -n '__soundwarden_argument 0 test' -a 'headphone-out line-out shared-out speaker-out internal-speaker hdmi spdif usb-fixed bluetooth virtual unknown'
complete -c soundwarden -n '__soundwarden_argument 1 test' -a '(soundwarden complete loads 2>/dev/null)'
complete -c soundwarden -n '__soundwarden_argument 0 check; or __soundwarden_argument 0 replay' -F
complete -c soundwarden -n '__soundwarden_argument 0 show' -a '(__soundwarden_outputs)'
complete -c soundwarden -n '__soundwarden_argument 0 explain' -a '(__soundwarden_outputs)'
complete -c soundwarden -n '__soundwarden_argument 0 meter' -a '(__soundwarden_outputs)'
complete -c soundwarden -n '__soundwarden_argument 0 release' -a '(__soundwarden_outputs)'
complete -c soundwarden -n '__soundwarden_argument 0 forget' -a '(__soundwarden_outputs)'
complete -c soundwarden -n '__soundwarden_argument 0 override' -a '(__soundwarden_outputs)'
complete -c soundwarden -n '__soundwarden_argument 0 log' -a '(__soundwarden_outputs)'
complete -c soundwarden -n '__soundwarden_argument 0 answer' -a '(__soundwarden_outputs)'
complete -c soundwarden -n '__soundwarden_argument 0 guard' -a '(__soundwarden_outputs)'
complete -c soundwarden -n '__soundwarden_argument 1 answer' -a '(soundwarden complete loads 2>/dev/null)'
complete -c soundwarden -n '__soundwarden_argument 1 guard' -a 'on off'
