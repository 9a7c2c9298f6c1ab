"""In the guest: says on its console what its clock shows, before and after a command runs.

Reads a byte, writes "pong NANOSECONDS": whoever sends the byte and reads the line knows two instants
that the guest's own lies between.
"""

import os
import sys
import termios
import time
import tty

CONSOLE, PINGS = "/dev/ttyS0", 20


def answer(console):
    os.write(console, b"\nready\n")
    for _ in range(PINGS):
        os.read(console, 1)
        os.write(console, b"pong %d\n" % time.clock_gettime_ns(time.CLOCK_BOOTTIME))


console = os.open(CONSOLE, os.O_RDWR | os.O_NOCTTY)
tty.setraw(console)
termios.tcflush(console, termios.TCIFLUSH)
answer(console)
status = os.waitstatus_to_exitcode(os.waitpid(
    os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)[1])
answer(console)
sys.exit(status)
