# SPDX-License-Identifier: MIT
# Cases of a test in bash, told as GoogleTest tells them. Sourced.
# shellcheck shell=bash

# try SUITE.NAME COMMAND…: one case.
try() {
    local name=$1 code=0
    shift
    printf '[ RUN      ] %s\n' "$name"
    # Not in a condition, where -e would mean nothing to the function.
    set +e
    (set -e; "$@") 2>&1
    code=$?
    set -e
    if ((code == 0)); then printf '[       OK ] %s\n' "$name"; else printf '[  FAILED  ] %s\n' "$name"; fi
}

# passed_by_name LOG SUITE.NAME: that case has passed.
passed() { grep -qFx "[       OK ] $2" "$1"; }

# results LOG XML: what GoogleTest writes with --gtest_output=xml:. A case that began and has no verdict is not in it, so that
# whoever reads it sees that the program did not end well.
results() {
    awk '
        function escape(text) { gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/"/, "\\&quot;", text); return text }
        /^\[       OK \] / || /^\[  FAILED  \] / {
            split(substr($0, 14), part, ".")
            printf "<testcase classname=\"%s\" name=\"%s\" status=\"run\" result=\"completed\">", escape(part[1]), escape(part[2])
            if ($2 == "FAILED") printf "<failure message=\"its output is in the log\"/>"
            print "</testcase>"
        }
        /^\[  SKIPPED \] / {
            name = substr($0, 14); reason = name; sub(/ .*/, "", name); sub(/^[^ ]* /, "", reason); split(name, part, ".")
            printf "<testcase classname=\"%s\" name=\"%s\" status=\"run\" result=\"skipped\"><skipped message=\"%s\"/></testcase>\n", escape(part[1]), escape(part[2]), escape(reason)
        }
        BEGIN { print "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"AllTests\"><testsuite name=\"Package\">" }
        END { print "</testsuite></testsuites>" }
    ' "$1" >"$2"
}
