"""A guest's own recording under that of its host: one boot of Debian's 6.1 in an emulator that is
recorded, while thaw records an import inside.

Oracle: the test talks with the guest on its console. A byte that it sends, and the guest's answer of
what its clock shows, bound the difference of the clocks from both sides, without thaw.
"""

import functools
import json
import re
import socket
import tempfile
import threading
import time
import unittest
from pathlib import Path

import elevate
from guest import GuestUnavailable, run_in_guest
from program import BUILD, THAW, run_thaw

TIMEOUT_SECONDS = 1000  # the first run fetches the kernel
PINGER = Path(__file__).with_name("answer_pings.py")
PYTHON = "/usr/bin/python3.11"
RUN_SECONDS = 400
PINGS = 20
PONG = re.compile(rb"pong (\d+)")
MARK = re.compile(rb"thaw-mark ([0-9a-f]{32}) (\d+)")


def now_ns():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


class Console(threading.Thread):
    """The other end of the guest's console: asks for its clock, and notes when lines came."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path = path
        self.pings = []  # (sent, answer, received): twice PINGS
        self.lines = []  # (when its end was there, bytes)
        self.failure = None

    def run(self):
        try:
            self.talk(self.connect())
        except OSError as error:
            self.failure = error

    def connect(self):
        deadline = time.monotonic() + RUN_SECONDS
        while True:
            end = socket.socket(socket.AF_UNIX)
            try:
                end.connect(str(self.path))
                return end
            except (FileNotFoundError, ConnectionRefusedError):
                end.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def talk(self, end):
        pending, sent, asked = b"", None, 0
        with end:
            while data := end.recv(4096):
                received = now_ns()
                pending += data
                while b"\n" in pending:
                    line, _, pending = pending.partition(b"\n")
                    self.lines.append((received, line))
                    pong = PONG.search(line)
                    if pong and sent:
                        self.pings.append((sent, int(pong[1]), received))
                        sent = None
                    if (pong and asked < PINGS) or line.strip() == b"ready":
                        asked = asked + 1 if pong else 1
                        sent = now_ns()
                        end.sendall(b"?")

    def bounds(self, pings):
        """What the host's clock less the guest's is at least, and at most."""
        return (max(sent - answer for sent, answer, _ in pings),
                min(received - answer for _, answer, received in pings))


class Run:
    """One boot, recorded from both sides."""

    def __init__(self, folder):
        self.host, self.console = folder / "host.thaw", Console(folder / "console")
        self.console.start()
        around = [*elevate.prefix_or_skip(), THAW, "record", "-q", "--until", "exit",
                  "-o", str(self.host), "--"]
        result = run_in_guest(
            "6.1", BUILD, [PYTHON, "/opt/answer_pings.py", "/bin/thaw", "record", "-q",
                           "--mark-console", "/dev/ttyS0", "-o", "/tmp/guest.thaw", "--",
                           PYTHON, "-c", "import json"],
            python=PYTHON, inputs=[(THAW, "/bin/thaw"), (PINGER, "/opt/answer_pings.py")],
            outputs=["/tmp/guest.thaw"], into=folder / "out", timeout_s=RUN_SECONDS,
            around=around, console_socket=folder / "console")
        if result.status or result.missing:
            raise AssertionError(f"in the guest: status {result.status}\n{result.stderr}")
        self.guest = result.files["/tmp/guest.thaw"]
        self.console.join(10)

    @functools.cached_property
    def report(self):
        result = run_thaw("report", self.host, "--guest", self.guest, "--json")
        if result.returncode:
            raise AssertionError(result.stderr)
        return json.loads(result.stdout)

    @property
    def machine(self):
        return self.report["virtual_machines"][0]


@functools.cache
def recorded_run():
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    try:
        return Run(Path(folder.name))
    except GuestUnavailable as error:
        raise unittest.SkipTest(str(error)) from error


class GuestUnderHost(unittest.TestCase):
    def setUp(self):
        self.run_ = recorded_run()
        if self.run_.report["run"]["backend"] != "ebpf":
            self.skipTest("eBPF is refused here, even to root")
        self.console, self.machine = self.run_.console, self.run_.machine
        self.guest = self.machine["guest"]

    def test_the_clocks_differ_as_the_test_itself_found(self):
        self.assertEqual(len(self.console.pings), 2 * PINGS, self.console.failure)
        both = [self.console.bounds(self.console.pings[:PINGS]),
                self.console.bounds(self.console.pings[PINGS:])]
        for least, most in both:
            self.assertLessEqual(least, most)
        # The clocks may drift meanwhile: before and after, the truth lies within one of them.
        least, most = min(one[0] for one in both), max(one[1] for one in both)
        offset, uncertainty = self.guest["offset_ns"], self.guest["uncertainty_ns"]
        self.assertLessEqual(offset - uncertainty, most)
        self.assertGreaterEqual(offset + uncertainty, least)
        # A mark bounds them by no more than what it took to write it, as the guest saw that.
        took = [int(drained) - int(begun) for begun, drained in
                re.findall(r"^(\d+) console\.mark .*drained_ns=(\d+)",
                           run_thaw("report", self.run_.guest, "-f", "text").stdout, re.MULTILINE)]
        self.assertTrue(took)
        if not self.guest["drifts"]:
            self.assertLessEqual(2 * uncertainty, min(took) + 2)

    def test_marks_are_the_lines_on_the_console(self):
        lines = [(received, MARK.search(line)) for received, line in self.console.lines]
        marks = [(received, match[1].decode(), int(match[2])) for received, match in lines if match]
        self.assertEqual({session for _, session, _ in marks}, {self.guest["session"]})
        # QEMU writes them to the test and to a file of its own: each is seen twice.
        told = re.findall(r'^\d+ guest\.mark .*session="(\w+)" guest_ns=(\d+)',
                          run_thaw("report", self.run_.host, "-f", "text").stdout, re.MULTILINE)
        self.assertEqual({int(ns) for _, ns in told}, {ns for _, _, ns in marks})
        self.assertEqual({session for session, _ in told}, {self.guest["session"]})
        self.assertEqual(self.guest["marks"], len(told))
        self.assertEqual(self.guest["contradicting_marks"], 0)
        for received, _, guest_ns in marks:
            self.assertLessEqual(guest_ns + self.guest["offset_ns"] - self.guest["uncertainty_ns"],
                                 received)

    def test_what_ran_inside_is_between_the_tests_own_instants(self):
        track = next(one for one in self.guest["tracks"] if one["headline"])
        before, after = self.console.pings[PINGS - 1], self.console.pings[PINGS]
        slack = self.guest["uncertainty_ns"]
        self.assertLessEqual(before[0], track["start_ns"] + slack)
        self.assertLessEqual(track["end_ns"] - slack, after[2])
        python = next(one for one in self.guest["processes"] if one["id"] == track["process"])
        self.assertEqual((python["executable"], python["role"]), (PYTHON, "process"))
        self.assertEqual([phase["name"] for phase in track["phases"]], ["worker", "import"])
        self.assertTrue(self.guest["machine"]["kernel"].startswith("6.1."))

    def test_the_emulator_is_the_monitor(self):
        monitor = next(one for one in self.run_.report["processes"]
                       if one["id"] == self.machine["process"])
        self.assertEqual((Path(monitor["executable"]).name, monitor["role"]),
                         ("qemu-system-x86_64", "monitor"))
        self.assertFalse(self.machine["kvm"])
        self.assertEqual([phase["name"] for phase in self.machine["phases"]], ["start", "guest"])
        self.assertEqual(self.machine["phases"][1]["start_ns"], self.guest["offset_ns"])
        self.assertEqual(self.machine["unattributed_ns"], 0)

    def test_console_output_is_not_recorded(self):
        content = self.run_.host.read_bytes()
        self.assertTrue(any(b"pong" in line for _, line in self.console.lines))
        for word in (b"pong", b"ready", b"reboot:"):
            self.assertNotIn(word, content)

    def test_another_recording_is_refused(self):
        result = run_thaw("report", self.run_.guest, "--guest", self.run_.host)
        self.assertEqual(result.returncode, 2)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn("--mark-console", result.stderr)

    def test_summary_has_both_in_one_waterfall(self):
        text = run_thaw("report", self.run_.host, "--guest", self.run_.guest, "--color",
                        "never").stdout
        for pattern in (r"Virtual machine of qemu-system-x86_64 \(pid \d+\), without KVM",
                        r"^  start ", r"^  guest ", r"^    before ", r"^    worker ", r"^    import ",
                        r"its guest's clock began at"):
            self.assertRegex(text, re.compile(pattern, re.MULTILINE))


if __name__ == "__main__":
    unittest.main()
