# SPDX-License-Identifier: Apache-2.0
"""What `thaw deps` and `thaw diff` say of faults that are no loss, of editable packages, and of what
can't work though all of it was read. Packages are folders as pip leaves them; shared objects are real.
"""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
import urllib.parse
from pathlib import Path

from program import run_thaw

COMPILER = shutil.which("cc") or shutil.which("gcc")
OK, FINDING, INCOMPLETE = 0, 1, 3
SITE = ".python_packages/lib/site-packages"


def distribution(site, name, requires=(), **files):
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("".join(
        [f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", *(f"Requires-Dist: {one}\n" for one in requires)]))
    (info / "RECORD").write_text(f"{info.name}/METADATA,,\n")
    (info / "INSTALLER").write_text("pip\n")
    for file, text in files.items():
        (info / file).write_text(text)
    return info


class Words(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.app = Path(folder.name) / "app"
        self.site = self.app / SITE
        self.site.mkdir(parents=True)
        (self.app / "host.json").write_text("{}")

    def run_deps(self, *arguments, code=OK):
        result = run_thaw("deps", self.app, *arguments)
        self.assertEqual(result.returncode, code, result.stderr)
        return result

    def faults(self):
        return {one["path"]: one for one in json.loads(self.run_deps("--json").stdout)["faults"]}

    def test_files_that_are_not_as_listed(self):
        info = distribution(self.site, "torn")
        (self.site / "torn.py").write_text("x = 1\n")
        (self.site / "there.py").write_text("y = 1\n")
        with open(info / "RECORD", "ab") as record:
            record.write(b"torn.py,,99\nthere.py,,6\ntorn/./gone0.py,,\n" +
                         b"".join(b"torn/gone%d\xff.py,,5\n" % i for i in range(1, 5)))
        one, = json.loads(self.run_deps("--json").stdout)["distributions"]
        record = one["record"]
        self.assertEqual((record["listed"], record["absent"], record["changed"]), (8, 5, 1))
        self.assertEqual(record["changed_paths"], [f"{SITE}/torn.py"])
        self.assertEqual([os.fsencode(urllib.parse.unquote(path, errors="surrogateescape"))
                          for path in record["absent_paths_bytes"]],
                         [os.fsencode(self.site.relative_to(self.app) / "torn" / name) for name in
                          ("gone0.py", "gone1\udcff.py", "gone2\udcff.py")])
        text = " ".join(self.run_deps("--view", "conflicts").stdout.split())
        self.assertIn(f"5 are not there, 1 has another size ({SITE}/torn/gone0.py, {SITE}/torn/gone1\\xff.py, "
                      f"{SITE}/torn/gone2\\xff.py, {SITE}/torn.py, …)", text)

    def test_who_asks(self):
        distribution(self.site, "learn", ["scipy"], REQUESTED="")
        distribution(self.site, "scipy", REQUESTED="")
        self.assertIn("asked for directly, and by 1", self.run_deps("--why", "scipy").stdout)
        self.assertIn("asked for directly", self.run_deps("--reverse", "learn").stdout)
        self.assertNotIn("nothing", self.run_deps("--view", "packages").stdout)
        empty = self.app.parent / "empty"
        empty.mkdir()
        text = run_thaw("diff", empty, self.app, "--color", "never").stdout
        self.assertRegex(text, r"came +scipy 1.0\n +asked for directly \+1\n")
        self.assertNotIn("nothing asks", text)

    def test_what_goes_though_it_is_required(self):
        distribution(self.site, "flask", ["click"], REQUESTED="")
        info = distribution(self.site, "click")
        before = self.app.parent / "before"
        shutil.copytree(self.app, before)
        shutil.rmtree(info)
        text = (self.site / "flask-1.0.dist-info/METADATA").read_text()
        (self.site / "flask-1.0.dist-info/METADATA").write_text(text.replace("Version: 1.0", "Version: 2.0"))
        diff = json.loads(run_thaw("diff", before, self.app, "--json").stdout)
        change = {one["name"]: one for one in diff["distributions"]}["click"]
        self.assertEqual((change["change"], change["cause"]), ("went", None))
        (self.site / "flask-1.0.dist-info/METADATA").write_text(
            "Metadata-Version: 2.1\nName: flask\nVersion: 2.0\n")
        diff = json.loads(run_thaw("diff", before, self.app, "--json").stdout)
        change = {one["name"]: one for one in diff["distributions"]}["click"]
        self.assertEqual(change["cause"]["name"], "flask")

    def test_a_missing_file_of_constraints_is_no_loss(self):
        (self.app / "requirements.txt").write_text("-c constraints.txt\n")
        self.assertFalse(self.faults()["requirements.txt"]["unread"])
        self.run_deps("--strict")
        diff = json.loads(run_thaw("diff", self.app, self.app, "--json").stdout)
        self.assertEqual(diff["before"]["faults"], 0)
        self.assertNotIn("could not be read", run_thaw("diff", self.app, self.app).stdout)

    @unittest.skipUnless(COMPILER, "no C compiler")
    def test_shared_objects_that_cannot_work(self):
        source, good = self.app.parent / "x.c", self.site / "good.so"
        source.write_text("int x = 1;\n")
        subprocess.run([COMPILER, "-shared", "-fPIC", "-o", good, source,
                        "-Wl,--enable-new-dtags,-rpath,/opt/elsewhere"], check=True)
        self.run_deps("--check", "--strict")
        (self.site / "cut.so").write_bytes(good.read_bytes()[:600])
        (self.site / "libtext.so.1").write_text("no ELF")
        os.mkfifo(self.site / "pipe.so")
        lines = self.run_deps("--check", code=FINDING).stderr.splitlines()
        self.assertEqual(sorted(line.split(": ")[1] for line in lines),
                         [f"{SITE}/{name}" for name in ("cut.so", "libtext.so.1", "pipe.so")])
        self.assertEqual({Path(path).name: one["unread"] for path, one in self.faults().items()
                          if not path.endswith("good.so")},
                         {"cut.so": True, "libtext.so.1": False, "pipe.so": False})
        self.run_deps("--strict", code=INCOMPLETE)

    def test_a_folder_that_is_not_read(self):
        deep = self.app.joinpath(*["d"] * 66)
        deep.mkdir(parents=True)
        fault, = self.faults().values()
        self.assertEqual((fault["unread"], fault["folder"]), (True, True))
        self.assertIn("64 folders deep", self.run_deps("--check", code=FINDING).stderr)

    def test_editable_packages(self):
        inside, outside = self.app / "my src", self.app.parent / "elsewhere"
        for name, place in (("near", inside), ("far", outside)):
            place.mkdir()
            distribution(self.site, name, **{"direct_url.json": json.dumps(
                {"url": place.as_uri(), "dir_info": {"editable": True}})})
        text = self.run_deps("--view", "packages").stdout.replace("\n  ", " ")
        self.assertIn(f"far 1.0 is editable: {outside}, not weighed\n", text)
        self.assertIn(f"near 1.0 is editable: {inside}\n", text)
        self.assertEqual(self.run_deps("--check", code=FINDING).stderr,
                         f"thaw deps: far is editable: its source is {outside}, outside of the target\n")

    def test_no_name(self):
        for option in ("--why", "--reverse"):
            result = self.run_deps(option, "", code=2)
            self.assertEqual((result.stdout, len(result.stderr.splitlines())), ("", 1))

    def test_a_machine_that_nothing_tells(self):
        shutil.rmtree(self.app)
        self.app.mkdir()
        head = self.run_deps().stdout.splitlines()[0]
        self.assertTrue(head.endswith("a folder for an unknown Python"), head)
        self.assertIn("for CPython 3.12 (as asked for)", self.run_deps("--python-version", "3.12").stdout)


if __name__ == "__main__":
    unittest.main()
