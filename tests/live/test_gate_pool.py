"""Gates don't flake: the short form of `make bench-gate`, on a small app.

Its starts are recorded with every core busy, and gates are made of draws from them.
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from program import BUILD, REPOSITORY, THAW

sys.path.insert(0, str(REPOSITORY / "tests/bench"))
from gate_pool import Pool  # noqa: E402

TIMEOUT_SECONDS = 300
PASS, FAIL, INCONCLUSIVE = 0, 1, 4
GATES, RUNS, FEW_RUNS = 12, 10, 2
SOURCE = "import email.message\nimport json\n{imports}{work}\n\ndef later():\n    import asyncio\n"


class GatePool(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.pool = Pool(BUILD, folder.name, "", SOURCE, "import asyncio")
        cls.pool.make({"unchanged": 14, "unlazied": 4}, shares=())

    def gate(self, name, runs, seed):
        """Exit status and the checks of a gate of runs that are drawn."""
        with tempfile.TemporaryDirectory(dir=self.pool.folder) as scratch:
            head, base = self.pool.draw(name, runs, seed, scratch)
            result = subprocess.run(
                [THAW, "gate", "--json", "--config", self.pool.app("plain") / "thaw.json", head,
                 "--base", base], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                cwd=Path(scratch), check=False)
        self.assertIn(result.returncode, (PASS, FAIL, INCONCLUSIVE), result.stderr)
        return result.returncode, {check["metric"]: check
                                   for check in json.loads(result.stdout)["checks"]}

    def test_unchanged_code_is_never_red(self):
        for seed in range(GATES):
            status, checks = self.gate("unchanged", RUNS, seed)
            self.assertNotEqual(status, FAIL, checks)
            self.assertEqual(checks["modules"]["status"], "pass")
            self.assertIn(checks["import_time"]["status"], ("pass", "inconclusive"))

    def test_an_import_that_no_longer_waits_is_always_red(self):
        for seed in range(GATES):
            status, checks = self.gate("unlazied", FEW_RUNS, seed)
            self.assertEqual(status, FAIL, checks)
            self.assertEqual(checks["modules"]["status"], "fail")
            self.assertIn("asyncio", json.dumps(checks["modules"]["offenders"]))


if __name__ == "__main__":
    unittest.main()
