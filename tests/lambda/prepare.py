# SPDX-License-Identifier: Apache-2.0
"""Makes venv/ below --build, with AWS's runtime client from the locked packages.

What is there and unchanged is left alone. Writes nothing outside --build.
"""
import argparse
import fcntl
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "azure"))
import prepare as packages  # noqa: E402  (of tests/azure: how packages are installed from a lock)

LOCK = os.path.join(HERE, "requirements/client")


class Builder(packages.Builder):
    def make_venv(self):
        self.run([self.python, "-m", "venv", self.path("venv")], f"{self.python} -m venv")
        self.install(LOCK)


def prepare(build, python):
    builder = Builder(build, python)
    os.makedirs(build, exist_ok=True)
    lock = open(builder.path("lock"), "w", encoding="utf-8")
    fcntl.flock(lock, fcntl.LOCK_EX)  # let go when this process ends
    builder.make("the Lambda runtime's packages", [LOCK], builder.path("venv"), builder.make_venv)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--build", required=True, metavar="DIR", help="where all this goes")
    parser.add_argument("--python", default="/usr/bin/python3.11", metavar="PATH")
    options = parser.parse_args()
    try:
        packages.check_python(options.python)
        prepare(os.path.abspath(options.build), options.python)
    except (packages.Failure, OSError) as error:
        packages.say(f"prepare.py: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
