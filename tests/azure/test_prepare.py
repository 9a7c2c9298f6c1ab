# SPDX-License-Identifier: Apache-2.0
"""prepare.py: what is there is left alone, the app is copied anew, failures are one clear line."""
import json
import os
import re
import unittest

import demo

LOCKS = ("host", "worker", "runtime", "app", "durable", "advice-ai", "advice-azure", "advice-orm")


class Prepare(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plain = demo.place_own("plain")

    def fails(self, pattern, *arguments):
        result = demo.prepare(*arguments)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertRegex(result.stderr.splitlines()[-1], pattern)

    def test_a_second_run_installs_nothing(self):
        result = demo.prepare("--build", demo.DEMO)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_the_app_is_copied_anew_and_its_packages_stay(self):
        stale = os.path.join(self.plain, "left_over.py")
        package = os.path.join(self.plain, demo.USER_PACKAGES, "azure/functions/__init__.py")
        with open(stale, "w", encoding="utf-8"):
            pass
        before = os.stat(package).st_ino
        demo.place_own("plain")
        self.assertFalse(os.path.exists(stale))
        self.assertEqual(os.stat(package).st_ino, before)

    def test_packages_are_compiled(self):
        for folder in (os.path.join(self.plain, demo.USER_PACKAGES, "azure/functions"),
                       os.path.join(demo.WORKER_FOLDER, "thin_worker"),
                       os.path.join(demo.WORKER_FOLDER, "azure_functions_runtime"),
                       os.path.join(demo.WORKER_FOLDER, "azure_functions_runtime_v1")):
            sources = [name for name in os.listdir(folder) if name.endswith(".py")]
            compiled = os.listdir(os.path.join(folder, "__pycache__"))
            for name in sources:
                self.assertIn(f"{name[:-3]}.cpython-311.pyc", compiled)

    def test_what_is_installed_is_what_is_locked(self):
        for lock, folder in (("worker", demo.WORKER_FOLDER), ("runtime", demo.WORKER_FOLDER),
                             ("app", os.path.join(demo.DEMO, "wwwroot", demo.USER_PACKAGES))):
            present = {re.sub(r"[-_.]+", "-", name[:-len(".dist-info")]).lower()
                       for name in os.listdir(folder) if name.endswith(".dist-info")}
            for line in lock_lines(lock):
                name, _, version = line.split()[0].partition("==")
                self.assertIn(f"{name}-{version}".replace(".", "-"), present)

    def test_failures(self):
        with demo.temporary_folder() as folder:
            build = os.path.join(folder, "build")
            self.fails("is no function app: it has no host.json$",
                       "--build", build, "--app", folder)
            self.fails("can't be run .*; install the package python3.11$",
                       "--build", build, "--python", "/nowhere/python3.11")
            self.fails("can't make virtual environments; install the package python3.11-venv$",
                       "--build", build, "--python", "/bin/false")
            # A file where a folder must be: no traceback either.
            self.fails("^prepare.py: .*File exists", "--build", demo.HOST)

    def test_no_network(self):
        os.environ.update({"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"})
        self.addCleanup(os.environ.pop, "PIP_RETRIES")
        self.addCleanup(os.environ.pop, "PIP_INDEX_URL")
        with demo.temporary_folder() as folder:
            self.fails("pip install of .*host.txt failed with status 1: "
                       "the package index can't be reached; is there a network\\?$",
                       "--build", folder)
            self.assertNotIn("tmp", os.listdir(folder))


class Locks(unittest.TestCase):
    def test_every_line_is_a_pinned_package_with_a_hash_and_no_address(self):
        for lock in LOCKS:
            lines = lock_lines(lock)
            self.assertTrue(lines)
            for line in lines:
                self.assertRegex(line, r"^[a-z0-9-]+==[\w.]+( --hash=sha256:[0-9a-f]{64})+$")

    def test_what_is_asked_for_is_locked(self):
        for lock in LOCKS:
            with open(os.path.join(demo.HERE, "requirements", lock + ".in"),
                      encoding="utf-8") as file:
                wanted = {re.split("[<=>]", line.strip())[0] for line in file
                          if line.strip() and not line.startswith("#")}
            locked = {line.partition("==")[0] for line in lock_lines(lock)}
            self.assertLessEqual(wanted, locked)

    def test_the_apps_requirements_are_locked(self):
        locked = {line.partition("==")[0] for line in lock_lines("app")}
        for app in ("analyze", "plain", "plain-v1"):
            with open(os.path.join(demo.HERE, "apps", app, "requirements.txt"),
                      encoding="utf-8") as file:
                self.assertLessEqual(set(file.read().split()), locked)
            with open(os.path.join(demo.HERE, "apps", app, "local.settings.json"),
                      encoding="utf-8") as file:
                self.assertIn("Values", json.load(file))


def lock_lines(name):
    with open(os.path.join(demo.HERE, "requirements", name + ".txt"), encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


if __name__ == "__main__":
    unittest.main()
