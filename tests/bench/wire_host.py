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


class RowHost(test_host.TestHost):
    def serve(self, messages, context):
        """As the test host's, but the stream ends with the last answer, and the worker with it."""
        talk = None
        for raw, time_ns in messages:
            talk = talk or self.find_conversation(raw)
            yield from talk.take(raw, time_ns)
            if not talk.waiting_for:
                return


def hurry():
    """Ahead of whatever else this machine does, so that its load is not in the figures."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        print("wire_host.py: other programs may get in the way", file=sys.stderr)


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
            if host.conversations[worker.id].waiting_for:
                host.report_early_end(worker)
            return


def main():
    starts = int(sys.argv.pop(1))
    options = test_host.parse_arguments()
    test_host.check_files(options)
    hurry()
    host = RowHost(options, event_log.EventLog(options.log))
    port = host.listen()
    try:
        for number in range(starts):
            one_start(host, port, number)
    finally:
        host.close("the end of the row")


if __name__ == "__main__":
    main()
