#!/bin/sh
# First process of the guest (or a unit, where that is systemd: systemd_root.py): mounts what a command
# of ours may need, runs /guest/command as root, sends its status, output and files to the second serial
# line, and ends the machine.
# Lines on that line: "booted UPTIME", "ended UPTIME STATUS", "result SIZE SHA256" and then the
# compressed tar archive itself. /guest/limit: seconds after which the command is killed.

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

if [ $$ = 1 ]; then
    mount -t proc proc /proc
    mount -t sysfs sysfs /sys
    mount -t devtmpfs devtmpfs /dev
    mkdir -p /dev/shm /dev/pts
    mount -t tmpfs -o mode=1777 tmpfs /dev/shm
    mount -t devpts devpts /dev/pts
    mount -t bpf -o mode=700 bpf /sys/fs/bpf
    mount -t tracefs tracefs /sys/kernel/tracing
    mount -t debugfs debugfs /sys/kernel/debug
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    ip link set lo up
    hostname guest
fi

uptime_now() {
    cut -d ' ' -f 1 /proc/uptime
}

stty -F /dev/ttyS1 raw -echo
exec 3>/dev/ttyS1
mkdir -p /guest/result

echo "booted $(uptime_now)" >&3
timeout -s KILL "$(cat /guest/limit)" sh /guest/command \
    </dev/null >/guest/result/stdout 2>/guest/result/stderr 3>&-
status=$?
echo "ended $(uptime_now) $status" >&3

dmesg >/guest/result/dmesg
set -- guest/result
while read -r path; do
    if [ -e "$path" ]; then
        set -- "$@" "${path#/}"
    fi
done </guest/outputs
tar -c -h -C / "$@" | gzip -1 >/guest/archive
echo "result $(stat -c %s /guest/archive) $(sha256sum /guest/archive | cut -d ' ' -f 1)" >&3
cat /guest/archive >&3
exec 3>&-
reboot -f
