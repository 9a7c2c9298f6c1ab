#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# demo.sh BUILD: records the cold start of the demo's function app, writes the report, shows it.
# Only the recording runs as root (for eBPF); thaw starts the app as the clone's owner all the same.
# Where root can't be had, thaw records without eBPF and says what is missing.
set -eu
build=$1
demo=$build/demo
owner=$(stat -c %u .)
group=$(stat -c %g .)

# Words to put before a command so that it runs as root.
elevate=()
# Words to put before a command so that it runs as the clone's owner.
as_owner=()
if [ "$(id -u)" = 0 ]; then
    # thaw runs the app as the user SUDO_UID names: here that is the owner, whoever called sudo.
    unset SUDO_UID SUDO_GID SUDO_USER
    if [ "${THAW_OWNER:-none}" != none ]; then
        elevate=(env "SUDO_UID=$owner" "SUDO_GID=$group")
        as_owner=(setpriv "--reuid=$owner" "--regid=$group" --clear-groups)
    fi
elif command -v sudo >/dev/null; then
    if sudo -n true 2>/dev/null; then
        elevate=(sudo -n)
    elif [ -t 0 ] && echo "eBPF needs root; the recording, and nothing else, runs through sudo." &&
        sudo -v; then
        elevate=(sudo)
    fi
fi

# With eBPF the recording ends with the first reply, while the worker still runs and can be looked
# at; without, it ends when the host does (--once).
once=(--once)
"${elevate[@]}" "$build/thaw" doctor --json | grep -q '"ebpf": true' && once=()
echo "Recording the cold start of $demo/wwwroot ..."
rm -f "$demo/recording.thaw" "$demo/host.log"
"${elevate[@]}" "$build/thaw" record --quiet -o "$demo/recording.thaw" -- \
    "$demo/venv/bin/python" tests/azure/host/test_host.py --app "$demo/wwwroot" \
    --log "$demo/host.log" "${once[@]}"

"${as_owner[@]}" "$build/thaw" report "$demo/recording.thaw" --json -o "$demo/report.json"
"${as_owner[@]}" "$build/thaw" report "$demo/recording.thaw" -f html -o "$demo/report.html"
echo
"${as_owner[@]}" "$build/thaw" report "$demo/recording.thaw"
echo
printf '%-12s %s\n' Recording "$demo/recording.thaw" Report "$demo/report.json" \
    Page "$demo/report.html"     "Host's log" "$demo/host.log"
