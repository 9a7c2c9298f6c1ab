# SPDX-License-Identifier: Apache-2.0
"""A recorded function app proved: by what it has in the report, and without its settings in it."""

import json
import os
import sys
import unittest

import advice_apps
import demo

sys.path.insert(0, os.path.join(os.path.dirname(demo.HERE), "harness"))
from program import run_thaw  # noqa: E402
from recorded import record_with_ebpf  # noqa: E402

TIMEOUT_SECONDS = 300
PROVED = 0
SECRET = "AccountKey-that-nobody-may-see"
ROUTE = "health"  # needs none of the packages


class Proof(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        files = {}
        for name in os.listdir(advice_apps.DATA.folder):
            path = os.path.join(advice_apps.DATA.folder, name)
            if os.path.isfile(path):
                with open(path, encoding="utf-8") as file:
                    files[name] = file.read()
        settings = json.loads(files["local.settings.json"])
        settings["Values"]["STORAGE_KEY"] = SECRET
        files["local.settings.json"] = json.dumps(settings)
        cls.app = demo.place_files("proof", files)
        folder = demo.temporary_folder()
        cls.addClassCleanup(folder.cleanup)
        owner = demo.as_owner()
        environment = dict(os.environ)
        if owner:
            environment.update(SUDO_UID=str(owner["user"]), SUDO_GID=str(owner["group"]))
        cls.recording = os.path.join(folder.name, "recording.thaw")
        cls.seen = os.path.join(folder.name, "seen")
        recorded = record_with_ebpf(
            cls.recording, "--until", "first-reply", env=environment,
            command=demo.host_command(cls.app, os.path.join(folder.name, "host.log"), "--once",
                                      "--invoke", ROUTE))
        if recorded.status:
            raise AssertionError(recorded.stderr)

    def test_it_is_proved_and_its_settings_stay_its_own(self):
        tests = f"echo $STORAGE_KEY >>{self.seen}; echo $STORAGE_KEY"
        proved = run_thaw("prove", self.recording, "--test", tests, timeout=TIMEOUT_SECONDS)
        self.assertEqual(proved.returncode, PROVED, proved.stdout + proved.stderr)
        with open(self.seen, encoding="utf-8") as file:
            self.assertEqual(set(file.read().split()), {SECRET})
        with open(f"{self.recording}.proof.json", encoding="utf-8") as file:
            kept = file.read()
        report = run_thaw("report", self.recording, "--json").stdout
        for text in (proved.stdout, proved.stderr, kept, report):
            self.assertNotIn(SECRET[:10], text)
        self.check_proof(json.loads(kept)["proofs"], json.loads(report))

    def check_proof(self, proofs, report):
        proof, = proofs
        checks = {one["name"]: one["result"] for one in proof["checks"]}
        self.assertEqual(set(checks.values()), {"same"}, proof["checks"])
        self.assertLessEqual({"functions", "bindings", "type hints", "tests"}, set(checks))
        finding, = (one for one in report["findings"] if one["proof"])
        self.assertEqual((finding["id"], finding["saving"]["proof"]), ("lazy-import-set", "proved"))
        modules, = (one for one in proof["counts"] if one["name"] == "modules")
        self.assertGreater(modules["original"] - modules["changed"], 100)
        self.assertIn("revenue_by_product", [one["function"] for one in proof["calls"]])


if __name__ == "__main__":
    unittest.main()
