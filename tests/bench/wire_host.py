# SPDX-License-Identifier: Apache-2.0
"""Many cold starts in a row by one test host: a worker is started, called and ended, then the next.

    wire_host.py STARTS OPTION…        (the options are the test host's)

Each worker is a process of its own with a connection of its own. Every tenth one is called with a
body of a megabyte, which it sends back.
"""
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../azure/host"), os.path.join(HERE, "../azure/protocol")]

import event_log
import test_host

START_SECONDS = 60
LARGE_EVERY, LARGE_BYTES = 10, 1 << 20


def one_start(host, port, number):
    """Until its calls are answered and its process has ended."""
    host.body = b"\n" * (LARGE_BYTES if number % LARGE_EVERY == LARGE_EVERY - 1 else 100)
    host.start_worker(port, None)
    worker = list(host.workers.values())[-1]
    deadline = time.monotonic() + START_SECONDS
    while True:
        what, value = host.next_event(deadline)
        if what == "failure":
            raise test_host.Failure(*value)
        if what == "exited" and value is worker:
            host.report_early_end(worker)
        if what == "done":
            worker.stop()
            return


def main():
    starts = int(sys.argv.pop(1))
    options = test_host.parse_arguments()
    test_host.check_files(options)
    host = test_host.TestHost(options, event_log.EventLog(options.log))
    port = host.listen()
    try:
        for number in range(starts):
            one_start(host, port, number)
    finally:
        host.close("the end of the row")


if __name__ == "__main__":
    main()
