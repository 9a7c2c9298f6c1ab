"""A guest whose first process is systemd, as Debian has it.

Units are the few that a service needs, and the journal. The guest's command runs as a unit, too.
"""

import debian_systemd

TARGETS = ("basic", "final", "local-fs", "local-fs-pre", "network", "network-online", "network-pre",
           "paths", "shutdown", "slices", "sockets", "swap", "sysinit", "timers", "umount")
UNITS = ("systemd-journald.service", "systemd-journald.socket", "systemd-journald-dev-log.socket")
PROGRAMS = ("/lib/systemd/systemd", "/lib/systemd/systemd-journald", "/bin/systemctl",
            "/bin/journalctl")
INIT = b"#!/bin/sh\nexec /usr/lib/systemd/systemd --log-target=kmsg --log-level=warning\n"
DEFAULT = b"""[Unit]
Wants=systemd-journald.socket systemd-journald-dev-log.socket guest-command.service
After=basic.target
"""
COMMAND = b"""[Unit]
Wants=basic.target
After=basic.target systemd-journald.service

[Service]
Type=oneshot
ExecStart=/bin/sh /guest/init
TimeoutStartSec=infinity
StandardOutput=null
"""
JOURNAL = b"[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\nAudit=no\n"


def add_systemd(guest):
    """Makes systemd the first process of a Guest."""
    archive = guest.archive
    units = [f"/lib/systemd/system/{name}" for name in (*UNITS, *(f"{name}.target"
                                                                   for name in TARGETS))]
    for path, file in debian_systemd.files(*PROGRAMS, *units):
        archive.add_bytes(path, file.read_bytes(), file.stat().st_mode & 0o777)
    for path, file in debian_systemd.libraries():
        if file.is_symlink():
            archive.add_link(path, file.readlink())
        else:
            archive.add_bytes(path, file.read_bytes(), 0o755)
    archive.add_file(guest.init, "/guest/init")
    archive.add_bytes("/init", INIT, 0o755)
    archive.add_bytes("/etc/systemd/system/default.target", DEFAULT)
    archive.add_bytes("/etc/systemd/system/guest-command.service", COMMAND)
    archive.add_bytes("/etc/systemd/journald.conf", JOURNAL)
    archive.add_bytes("/etc/os-release", b"ID=guest\n")
    for folder in ("/var/lib", "/var/log", "/home"):
        archive.add_directory(folder)
