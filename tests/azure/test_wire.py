# SPDX-License-Identifier: Apache-2.0
"""The link read off the wire where it is out of the ordinary: large, several, hostile, cut off.

Oracle: what the peers themselves say has passed (wire_peers.py), or the test host's log.
"""
import collections
import json
import os
import shlex
import sys
import unittest

import demo

sys.path.insert(0, os.path.join(os.path.dirname(demo.HERE), "harness"))
import report_rules  # noqa: E402
from recorded import record_with_ebpf  # noqa: E402

TIMEOUT_SECONDS = 300
PEERS = os.path.join(demo.HERE, "wire_peers.py")
BARE_WORKER = os.path.join(demo.HERE, "worker/bare_worker.py")
WORKERS = 20


def environment(**more):
    owner = demo.as_owner()
    values = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", **more)
    if owner:
        values.update(SUDO_UID=str(owner["user"]), SUDO_GID=str(owner["group"]))
    return values


def messages(recorded):
    """{pid: Counter of (direction, type, bytes)} of the recording."""
    found = collections.defaultdict(collections.Counter)
    for line in recorded.text.splitlines():
        words = line.split()
        if len(words) > 1 and words[1] == "message":
            fields = dict(word.split("=", 1) for word in words[2:] if "=" in word)
            direction = "to-host" if fields.get("outgoing") == "1" else "to-worker"
            found[int(fields["pid"])][
                direction, json.loads(fields["type"]), int(fields["bytes"])] += 1
    return found


def logged(log):
    """The same of a test host's log."""
    pids = {line["worker"]: line["pid"] for line in log.events("spawned")}
    found = collections.defaultdict(collections.Counter)
    for line in log.events("message"):
        found[pids[line["worker"]]][line["direction"], line["type"], line["bytes"]] += 1
    return found


class Recorded(unittest.TestCase):
    def setUp(self):
        demo.place_own("plain")  # with the venv that all this runs in
        folder = demo.temporary_folder()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def record(self, command, *options, status=0, **more):
        recorded = record_with_ebpf(self.path("recording.thaw"), "--until", "exit", *options,
                                    command=command, env=environment(**more))
        self.assertEqual(recorded.status, status, recorded.stderr)
        report = recorded.report
        self.assertEqual(report_rules.problems(report), [])
        return recorded, report

    def causes(self, report):
        return {loss["cause"]: loss["count"] for loss in report["losses"]}


class Peers(Recorded):
    def play(self, case, status=0):
        """The report; the recording has exactly the messages that the peers say have passed."""
        truth = self.path("truth")
        recorded, report = self.record([demo.VENV_PYTHON, PEERS, case, truth], status=status)
        with open(truth, encoding="utf-8") as file:
            told = collections.Counter(tuple(json.loads(line)) for line in file)
        seen = sum(messages(recorded).values(), collections.Counter())
        self.assertEqual(seen - told, {}, "messages that nobody sent")
        self.assertEqual(told - seen, {}, "messages that are missing")
        self.truncated = recorded.text.count(" truncated=1")
        track, = report["tracks"]
        self.assertEqual(track["answered"], ("to-host", "InvocationResponse") in
                         {message[:2] for message in told})
        return report

    def play_without_loss(self, case):
        report = self.play(case)
        self.assertEqual(self.causes(report), {})
        self.assertTrue(report["complete"])

    def test_a_megabyte_each_way(self):
        self.play_without_loss("megabytes")

    def test_streams_of_one_connection(self):
        self.play_without_loss("streams")

    def test_a_worker_that_connects_twice(self):
        self.play_without_loss("connects_twice")

    def test_bodies_over_a_connection_of_their_own(self):
        self.play_without_loss("bodies_beside")

    def test_orchestrations_are_read_whole(self):
        """As soon as there is one, nothing is left out of longer messages."""
        self.play_without_loss("orchestrations")
        self.assertEqual(self.truncated, 0)

    def test_of_other_messages_the_begin_is_enough(self):
        self.play_without_loss("activities")
        self.assertGreater(self.truncated, 0)

    def test_garbage_beside_the_link(self):
        self.play_without_loss("garbage")

    def test_a_flood_of_connections(self):
        report = self.play("connections")
        self.assertGreater(self.causes(report)["connections-not-followed"], 0)
        self.assertFalse(report["complete"])

    def test_a_host_that_is_killed(self):
        report = self.play("host_killed", 128 + 9)
        roles = {process["role"]: process for process in report["processes"]}
        self.assertEqual(roles["host"]["exit"], {"code": None, "signal": 9})

    def test_a_worker_that_never_connects(self):
        report = self.play("never_connects")
        names = [phase["name"] for phase in report["tracks"][0]["phases"]]
        self.assertEqual([name for name in names if name not in ("vm", "pool")],
                         ["host", "worker"])


class Hosts(Recorded):
    def host(self, name, *arguments, worker=None):
        own = ["--worker", worker] if worker else []
        return demo.host_command(os.path.join(demo.DEMO, "apps/plain"), self.path(name), "--once",
                                 *own, *arguments)

    def compare(self, recorded, *names):
        told = {}
        for name in names:
            told.update(logged(demo.Log(self.path(name))))
        self.assertEqual(messages(recorded), told)
        return told

    def bare(self):
        return {"BARE_WORKER_PACKAGES": demo.WORKER_FOLDER}

    def test_two_hosts_at_once(self):
        hosts = [shlex.join(map(str, self.host(name, worker=BARE_WORKER)))
                 for name in ("one.log", "two.log")]
        recorded, report = self.record(["sh", "-c", " & ".join(hosts) + " & wait"], **self.bare())
        self.compare(recorded, "one.log", "two.log")
        self.assertEqual(len(report["tracks"]), 2)
        parents = {process["parent"] for process in report["processes"]
                   if process["role"] == "worker"}
        self.assertEqual(len(parents), 2)
        self.assertEqual(self.causes(report), {})

    def test_many_workers_at_once(self):
        recorded, report = self.record(self.host("host.log", "--workers", WORKERS,
                                                 worker=BARE_WORKER), **self.bare())
        self.assertEqual(len(self.compare(recorded, "host.log")), WORKERS)
        self.assertEqual(sum(track["answered"] for track in report["tracks"]), WORKERS)
        self.assertEqual(self.causes(report), {})

    def test_workers_one_after_the_other(self):
        """The kernel gives a worker's socket, once it is gone, to the host's end of the next one."""
        row = os.path.join(os.path.dirname(demo.HERE), "bench/wire_host.py")
        command = self.host("host.log", "--invocations", 2, worker=BARE_WORKER)
        command[1:2] = [row, "6"]
        recorded, report = self.record(command, **self.bare())
        self.assertEqual(len(self.compare(recorded, "host.log")), 6)
        self.assertEqual(len(report["tracks"]), 6)
        self.assertEqual(self.causes(report), {})

    def test_an_interpreter_of_another_name(self):
        python = self.path("functions-worker")
        with open(python, "wb") as file, open(os.path.realpath(demo.VENV_PYTHON), "rb") as real:
            file.write(real.read())
        os.chmod(python, 0o755)
        # Nobody could know it before: held, since its first modules are not to be missed.
        recorded, report = self.record(self.host("host.log", "--python", python), "--hold")
        told = self.compare(recorded, "host.log")
        worker, = [process for process in report["processes"] if process["role"] == "worker"]
        self.assertEqual([worker["pid"]], list(told))
        self.assertEqual(worker["executable"], python)
        self.assertEqual(len(worker["execs"]), 2)  # worker.py starts it anew, in the same process
        modules = {module["name"] for module in report["modules"]
                   if module["process"] == worker["id"]}
        self.assertLessEqual({"function_app", "azure_functions_runtime", "grpc"}, modules)
        self.assertIn("import", [phase["name"] for phase in report["tracks"][0]["phases"]])

    def test_modules_that_are_imported_again(self):
        """The worker drops its own packages when the app is known: the app gets a second grpc."""
        app = demo.place_source("again", "import grpc\n" + open(os.path.join(
            demo.HERE, "apps/plain/function_app.py"), encoding="utf-8").read())
        recorded, report = self.record(demo.host_command(app, self.path("host.log"), "--once"))
        self.compare(recorded, "host.log")
        worker, = [process for process in report["processes"] if process["role"] == "worker"]
        for name in ("grpc", "grpc._compression"):
            again = [module for module in report["modules"]
                     if module["name"] == name and module["process"] == worker["id"]]
            self.assertEqual(len(again), 2, name)
            self.assertTrue(all(module["status"] == "loaded" for module in again), again)
            self.assertEqual(len({module["path"] for module in again}), 1)
            self.assertLess(again[0]["start_ns"] + again[0]["total_ns"], again[1]["start_ns"])


if __name__ == "__main__":
    unittest.main()
