# SPDX-License-Identifier: Apache-2.0
"""The test host's own record of what it did and saw: one JSON object a line.

Every line has "time_ns" (CLOCK_BOOTTIME) and "event":
  process-start  this process was created; "resolution_ns" says how coarse that is (/proc/self/stat)
  main           the first line of the program runs
  listening      the gRPC server accepts connections; "port"
  spawning       just before a worker is started; "worker"
  spawned        its exec is done; "worker", "pid"
  exited         it ended; "worker", "pid", "status" (negative: a signal's number)
  message        "direction" (to-worker, to-host), "type", "worker", "bytes" (serialized size),
                 and where the message has them "function_id", "invocation_id", "status", "text"
  functions      what the app has: "worker" (that was asked), "functions" (each with its name,
                 script, and bindings as in function.json)
  first-reply    the first InvocationResponse was read; "worker"
  stopping       the host begins to end; "reason"
A message to a worker is stamped just before gRPC's core gets it, one from a worker as soon as the
core hands over its bytes, before they are parsed. A line may be written a little later than its stamp: sort by
"time_ns"; a single worker's messages are in order as they stand.
"""
import json
import os
import threading
import time


def now_ns():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


class EventLog:
    """Writes to `path`, or nowhere when it is None. Safe to use from any thread."""

    def __init__(self, path):
        self.file = open(path, "w", encoding="utf-8", buffering=1) if path else None
        self.lock = threading.Lock()

    def write(self, event, time_ns=None, **fields):
        if not self.file:
            return
        line = {"time_ns": time_ns or now_ns(), "event": event}
        line.update((key, value) for key, value in fields.items() if value not in (None, ""))
        text = json.dumps(line) + "\n"
        with self.lock:
            self.file.write(text)

    def write_process_start(self):
        with open("/proc/self/stat", encoding="utf-8") as file:
            # Field 22 of proc(5), in clock ticks since boot; the name before it may hold spaces.
            ticks = int(file.read().rpartition(")")[2].split()[19])
        tick_ns = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
        self.write("process-start", ticks * tick_ns, pid=os.getpid(), resolution_ns=tick_ns)
