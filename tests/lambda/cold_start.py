# SPDX-License-Identifier: Apache-2.0
"""For tests and benches: real runtimes below $THAW_BUILD, started by our Runtime API server."""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), name) for name in ("azure", "harness")]
import demo  # noqa: E402  (of tests/azure: who owns the clone, and a folder of theirs)

BUILD = os.path.join(os.path.abspath(os.environ.get("THAW_BUILD", "build")), "lambda")
PYTHON = os.path.join(BUILD, "venv/bin/python")
SERVER = os.path.join(HERE, "runtime_api.py")


def prepare():
    """The runtime client is installed once, which takes some 10 s."""
    result = subprocess.run([sys.executable, "-B", os.path.join(HERE, "prepare.py"), "--build",
                             BUILD], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            check=False, **demo.as_owner())
    if result.returncode:
        raise RuntimeError(result.stderr)


def app(name):
    return os.path.join(HERE, "apps", name)


def command(name, log_path, *arguments):
    return [PYTHON, "-B", SERVER, "--app", app(name), "--log", log_path, *map(str, arguments)]


class Log:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.lines = sorted(map(json.loads, file), key=lambda line: line["time_ns"])

    def events(self, *names):
        return [line for line in self.lines if line["event"] in names]

    def messages(self):
        """(type, id, line) of each message that thaw tells of, in order: its names for them."""
        for line in self.events("request", "answer"):
            parts = line["path"].removeprefix("/2018-06-01").split("/")
            request_id = line.get("id") or ""
            if parts[2] == "invocation" and len(parts) == 5:
                parts[3], request_id = "ID", parts[3]
            if line["event"] == "request":
                yield f"{line['method']} {'/'.join(parts)}", request_id, line
            elif line["status"] == 200:
                yield f"200 {'/'.join(parts)}", request_id, line


def environment():
    """What a recording needs to run its command as the clone's owner."""
    owner = demo.as_owner()
    return {**os.environ, **({"SUDO_UID": str(owner["user"]), "SUDO_GID": str(owner["group"])}
                             if owner else {})}


def messages_of(recorded):
    """(type, id, first_ns, last_ns) of each message in a recording, in order."""
    for line in recorded.text.splitlines():
        time_ns, kind, rest = (line.split(" ", 2) + ["", ""])[:3]
        if kind != "message":
            continue
        start = rest.index("type=") + len("type=")
        message_type, end = json.JSONDecoder().raw_decode(rest[start:])
        fields = dict(word.split("=", 1) for word in rest[start + end:].split() if "=" in word)
        yield (message_type, json.loads(fields.get("invocation_id", '""')), int(time_ns),
               int(fields["last_ns"]))
