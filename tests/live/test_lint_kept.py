# SPDX-License-Identifier: Apache-2.0
"""`thaw lint` on folders in repositories that git made: is local.settings.json kept there?"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))

from program import run_thaw  # noqa: E402

RULE = "local-settings-tracked"


class Kept(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.top = Path(self.scratch.name) / "repository"
        self.app = self.top / "services" / "orders"
        self.make(self.app)

    def make(self, app):
        app.mkdir(parents=True)
        (app / "host.json").write_text('{"version": "2.0"}\n')
        (app / "local.settings.json").write_text('{"Values": {}}\n')

    def git(self, *words, at=None):
        subprocess.run(["git", "-C", at or self.top, "-c", "init.defaultBranch=main",
                        "-c", "user.name=Somebody", "-c", "user.email=somebody@example.org",
                        "-c", "protocol.file.allow=always", *map(str, words)],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def is_told(self, app=None):
        ended = run_thaw("lint", app or self.app, "--json", "--fail-on", "never")
        self.assertEqual("", ended.stderr)
        return any(one["id"] == RULE for one in json.loads(ended.stdout)["findings"])

    def test_all_versions_of_the_index(self):
        for form in ("sha1", "sha256"):
            for version in (2, 3, 4):
                with self.subTest(form=form, version=version):
                    subprocess.run(["rm", "-rf", self.top / ".git"], check=True)
                    self.git("init", "--object-format", form)
                    self.git("add", "services/orders/host.json")
                    if version == 3:  # git writes it for entries with flags that 2 has no room for
                        (self.app / "later.py").write_text("")
                        self.git("add", "-N", "services/orders/later.py")
                    self.git("update-index", "--index-version", version)
                    index = (self.top / ".git" / "index").read_bytes()
                    self.assertEqual(version, index[7])
                    self.assertFalse(self.is_told())
                    self.git("add", "-f", "services/orders/local.settings.json")
                    self.assertTrue(self.is_told())

    def test_another_one_of_the_name_is_not_it(self):
        self.git("init")
        self.make(self.top / "services" / "stock")
        (self.top / "local.settings.json").write_text("{}")
        self.git("add", "-f", "local.settings.json", "services/stock")
        self.assertFalse(self.is_told())
        self.assertTrue(self.is_told(self.top / "services" / "stock"))

    def test_without_a_repository(self):
        self.assertFalse(self.is_told())

    def test_taken_out_again(self):
        self.git("init")
        self.git("add", "-f", ".")
        self.git("commit", "-m", "all")
        self.git("rm", "--cached", "services/orders/local.settings.json")
        self.assertFalse(self.is_told())

    def test_work_tree_and_submodule(self):
        self.git("init")
        self.git("add", "-f", ".")
        self.git("commit", "-m", "all")
        other = Path(self.scratch.name) / "other"
        self.git("worktree", "add", "-b", "other", other)
        self.assertTrue((other / ".git").is_file())
        self.assertTrue(self.is_told(other / "services" / "orders"))
        around = Path(self.scratch.name) / "around"
        around.mkdir()
        self.git("init", at=around)
        self.git("submodule", "add", self.top, "inner", at=around)
        self.assertTrue((around / "inner" / ".git").is_file())
        self.assertTrue(self.is_told(around / "inner" / "services" / "orders"))


if __name__ == "__main__":
    unittest.main()
