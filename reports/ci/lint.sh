#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs `thaw lint` once in a CI job, with every output that a CI system shows: started in the root of
# the checkout, told by variables, as a word of a variable is never taken for a command. Nothing of
# the app is executed.
#
#   THAW_PROGRAM   thaw itself ("thaw")
#   THAW_APP       the app's folder, or the zip that is deployed (".")
#   THAW_PLAN, THAW_PROFILE, THAW_FAIL_ON
#                  as --plan, --profile and --fail-on of `thaw lint` ("": as thaw.json says)
#   THAW_SETTINGS  a file of exported app settings ("": none)
#   THAW_OUTPUT    folder of the outputs ("thaw-lint"): comment.md, lint.json, lint.sarif, junit.xml,
#                  gitlab.json, annotations.txt
#
# Status: that of `thaw lint`: 0 nothing as severe as THAW_FAIL_ON, 1 something is, 2 can't be used, 3
# not all could be read, 125 thaw failed. Where GITHUB_ACTIONS is "true" the job's summary is written
# and annotations are printed.
set -u

program=${THAW_PROGRAM:-thaw}
output=${THAW_OUTPUT:-thaw-lint}
on_github=${GITHUB_ACTIONS:-false}

mkdir -p -- "$output" || exit 2
set --
for pair in markdown:comment.md json:lint.json sarif:lint.sarif junit:junit.xml \
    gitlab:gitlab.json github:annotations.txt; do
    rm -f -- "$output/${pair#*:}" # of an earlier job
    set -- "$@" -f "${pair%%:*}" -o "$output/${pair#*:}"
done
[ -z "${THAW_PLAN:-}" ] || set -- "$@" --plan "$THAW_PLAN"
[ -z "${THAW_PROFILE:-}" ] || set -- "$@" --profile "$THAW_PROFILE"
[ -z "${THAW_FAIL_ON:-}" ] || set -- "$@" --fail-on "$THAW_FAIL_ON"
[ -z "${THAW_SETTINGS:-}" ] || set -- "$@" --settings "$THAW_SETTINGS"

# From outside are also names of files and functions: of what is between these two lines GitHub runs
# nothing. The annotations behind them are escaped.
if [ "$on_github" = true ]; then
    token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    printf '::stop-commands::%s\n' "$token"
fi
"$program" lint "$@" -- "${THAW_APP:-.}" 2>&1
status=$?
if [ "$on_github" = true ]; then
    printf '\n::%s::\n' "$token"
    [ ! -f "$output/annotations.txt" ] || cat -- "$output/annotations.txt"
fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$output/comment.md" ]; then
    cat -- "$output/comment.md" >>"$GITHUB_STEP_SUMMARY"
fi
exit "$status"
