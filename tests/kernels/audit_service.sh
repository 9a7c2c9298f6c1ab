#!/bin/sh
# What test_audit_service.py has done in its guest: thaw-audit.service is started, sees a start, meets a
# clock that is set and two configurations, and is stopped. Files about it go to /tmp/out.
# /root/more.conf, where it is there: more of the unit, for a second try when the first has failed.

page() {
    wget -q -O "$1" http://127.0.0.1:9479/metrics
}

# Once a second, at most 60 times.
until_told() {
    for _ in $(seq 60); do
        page /tmp/page && grep -q "$1" /tmp/page && return
        sleep 1
    done
    echo "never told: $1" >&2
}

programs() {
    bpftool -j prog show
}

mkdir -p /tmp/out
cd /tmp/out || exit
programs >before
if [ -e /root/more.conf ]; then
    systemctl start thaw-audit 2>/dev/null
    echo $? >first
    systemctl stop thaw-audit
    journalctl -q -u thaw-audit -o short-monotonic >first-journal
    mkdir -p /etc/systemd/system/thaw-audit.service.d
    cp /root/more.conf /etc/systemd/system/thaw-audit.service.d/
    systemctl daemon-reload
fi
systemctl start thaw-audit
status=$?
if [ $status != 0 ]; then
    journalctl -q -u thaw-audit -o short-monotonic >&2
    exit $status
fi
systemctl show -p ActiveState,SubState,StatusText,Result,ExecMainStatus thaw-audit >show
cat "/proc/$(systemctl show -p MainPID --value thaw-audit)/status" >status
programs >while
python3.11 -c 'import json, decimal'
until_told '^thaw_store_starts_total 1$'
date -s @1900000000 >/dev/null
until_told '^thaw_clock_steps_total 1$'
echo '{"audit": {"node": "another"}}' >/etc/thaw/thaw.json
systemctl reload thaw-audit
until_told '^thaw_config_reloads_total 1$'
echo '{"audit": {"nodes": 1}}' >/etc/thaw/thaw.json
systemctl reload thaw-audit
until_told '^thaw_config_reload_failures_total 1$'
page metrics
systemctl show -p ActiveState,SubState,StatusText thaw-audit >later
thaw audit --top --json --store /var/lib/thaw/audit.sqlite >top
systemctl stop thaw-audit
systemctl show -p Result,ExecMainStatus,ActiveState thaw-audit >stopped
programs >after
journalctl -q -u thaw-audit -o short-monotonic >journal
