# SPDX-License-Identifier: Apache-2.0
"""What a server says itself of when it did what: a line each in the file $TRUTH."""
import json
import os
import time


def say(what):
    line = {"what": what, "pid": os.getpid(), "time_ns": time.clock_gettime_ns(time.CLOCK_BOOTTIME)}
    with open(os.environ["TRUTH"], "a", encoding="utf-8") as file:  # O_APPEND: workers share it
        file.write(json.dumps(line) + "\n")
