"""`thaw deps` as people and scripts meet it: what it says of a real app, and of what is none.

The app's packages are real wheels, as pip installed them for site_packages.py; what is installed is
asked of importlib.metadata, space on the disk of du, the report's form of the schema.
"""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

import report_rules
from program import REPOSITORY, run_thaw
from site_packages import site_packages

try:
    from jsonschema import Draft202012Validator
except ImportError:
    raise unittest.SkipTest("no module jsonschema (Debian: python3-jsonschema)") from None

COMPILER = shutil.which("cc") or shutil.which("gcc")
OK, FINDING, USAGE, INCOMPLETE, FAILED = 0, 1, 2, 3, 125
VALIDATOR = Draft202012Validator(
    json.loads((REPOSITORY / "reports/schema/thaw-report-1.schema.json").read_text()))
SITE = ".python_packages/lib/site-packages"
HOSTILE = ("two\nlines.py", "<script>alert(1).py", "\x1b[31mred\x1b[0m.py", "\u202eevil.py",
           os.fsdecode(b"bad\xff\xc3name.py"), "\u6f22\u5b57.py", "x" * 200 + ".py")
COMPILER = shutil.which("cc") or shutil.which("gcc")
LDD = shutil.which("ldd")
RUNS = "import numpy, sys; print('ready', flush=True); sys.stdin.read()"


def views():
    lines = run_thaw("deps", "--view", "list").stdout.splitlines()
    return [line.split()[0] for line in lines]


def plain_name(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def setUpModule():
    """An app with its packages, once for all tests."""
    site = site_packages(11)
    if "numpy" not in site.modules:
        raise unittest.SkipTest(f"numpy can't be installed: {site.left_out.get('numpy')}")
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    Deps.folder = Path(folder.name)
    app = Deps.app = Deps.folder / "app"
    shutil.copytree(site.folder, app / SITE, symlinks=True, copy_function=os.link)
    [numpy] = importlib.metadata.distributions(name="numpy", path=[str(app / SITE)])
    Deps.numpy_version = numpy.version
    (app / "host.json").write_text("{}")
    (app / "function_app.py").write_text("import pandas\n")
    (app / "requirements.txt").write_text("pandas\nnumpy==1.0\nnot-there==2\n")


class Deps(unittest.TestCase):
    folder = app = numpy_version = None

    def run_deps(self, *arguments, code=OK, **options):
        result = run_thaw("deps", *arguments, **options)
        self.assertEqual(result.returncode, code, result.stderr)
        return result

    def assert_refused(self, text, *arguments, code=USAGE):
        """One line on stderr that holds text, nothing on stdout."""
        result = self.run_deps(*arguments, code=code)
        self.assertEqual(result.stdout, "")
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertTrue(result.stderr.startswith("thaw deps: "), result.stderr)
        self.assertIn(text, result.stderr)

    def report_of(self, *arguments):
        result = self.run_deps("--json", *arguments)
        self.assertEqual(result.stderr, "")
        self.assertTrue(result.stdout.isascii())
        report = json.loads(result.stdout)
        self.assertEqual([error.message for error in VALIDATOR.iter_errors(report)], [])
        self.assertEqual(report_rules.problems(report), [])
        return report

    def assert_presentable(self, text, width=80):
        self.assertTrue(text.endswith("\n"))
        for line in text.splitlines():
            self.assertLessEqual(len(line), width, line)
            self.assertTrue(line.isprintable() or not line, line)
            self.assertEqual(line, line.rstrip())


class Report(Deps):
    def test_holds_what_is_installed(self):
        report = self.report_of(self.app)
        installed = {plain_name(one.metadata["Name"]): one.version
                     for one in importlib.metadata.distributions(path=[str(self.app / SITE)])}
        self.assertEqual({plain_name(one["name"]): one["version"]
                          for one in report["distributions"]}, installed)
        self.assertEqual(report["target"]["kind"], "app")
        self.assertEqual(report["target"]["sites"], [SITE])
        self.assertEqual(report["target"]["python"]["version"], "3.11")
        used = subprocess.run(["du", "-s", "-B1", self.app], capture_output=True, text=True,
                              check=True).stdout.split()[0]
        self.assertEqual(report["totals"]["disk_bytes"], int(used))
        self.assertEqual((report["run"], report["complete"], report["modules"]), (None, True, []))

    def test_names_who_asks(self):
        report = self.report_of(self.app)
        by_name = {plain_name(one["name"]): one for one in report["distributions"]}
        self.assertEqual(by_name["pandas"]["why"], ["requirements.txt:1", "pandas"])
        self.assertTrue(by_name["pandas"]["imported_by_app"])
        self.assertIn("pandas", by_name["numpy"]["required_by"])
        self.assertEqual({(one["kind"], one["what"]) for one in report["conflicts"]
                          if one["where"]},
                         {("version", "numpy==1.0"), ("missing", "not-there==2")})
        self.assertEqual([(one["line"], one["pinned"], one["satisfied"])
                          for one in report["requirements"]],
                         [(1, False, True), (2, True, False), (3, True, False)])

    def test_a_zip_has_the_same_distributions(self):
        layer = self.folder / "layer.zip"
        with zipfile.ZipFile(layer, "w") as archive:
            for path in sorted((self.app / SITE).glob("requests*/**/*")):
                if path.is_file():
                    archive.write(path, f"python/{path.relative_to(self.app / SITE)}")
        report = self.report_of(layer)
        self.assertEqual([one["name"] for one in report["distributions"]], ["requests"])
        self.assertEqual(report["distributions"][0]["location"], "python")

    def test_output_and_format(self):
        output = self.folder / "report.json"
        result = self.run_deps(self.app, "-f", "json", "-o", output)
        self.assertEqual((result.stdout, result.stderr), ("", ""))
        self.assertEqual(json.loads(output.read_text())["schema"], "thaw-report/1")
        formats = self.run_deps("-f", "list").stdout.splitlines()
        self.assertEqual([line.split()[0] for line in formats].count("summary"), 1)
        with open("/dev/full", "w", encoding="utf-8") as full:
            result = self.run_deps(self.app, stdout=full, code=FAILED)
        self.assertIn("No space left on device", result.stderr)

    def test_a_running_process(self):
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(self.app / SITE)}
        with subprocess.Popen([sys.executable, "-c", RUNS], env=environment, cwd=self.app,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            self.addCleanup(process.kill)
            self.assertEqual(process.stdout.readline(), b"ready\n")
            report = self.report_of(str(process.pid))
            self.assertEqual(self.report_of("--pid", str(process.pid))["target"], report["target"])
            process.stdin.close()
        self.assertEqual(report["target"]["kind"], "process")
        self.assertEqual(report["target"]["path"], str(process.pid))
        self.assertIn(str(self.app), report["target"]["folders_read"])
        self.assertIn("numpy", {one["name"] for one in report["distributions"]
                                if one["location"] == str(self.app / SITE)})
        self.assertEqual(report["target"]["python"]["version"], "3.11")
        executable = report["target"]["python"]["executable"]
        self.assertEqual(os.path.realpath(executable), os.path.realpath(sys.executable))
        loaders = {need["owner"] for one in report["libraries"] if not one["outside"]
                   for need in one["needed"] if need["name"] == "libc.so.6"}
        self.assertEqual(loaders, {os.path.realpath(sys.executable)})

    def build(self, path, code, *options):
        subprocess.run([COMPILER, "-shared", "-fPIC", "-nostdlib", "-o", path, "-x", "c", "-",
                        "-x", "none", "-Wl,--no-as-needed", *options], input=code, text=True,
                       check=True)

    def loaders(self):
        """Two objects that load a library that needs another: one RPATH is inherited, one not."""
        folder = self.folder / "loaders"
        shutil.rmtree(folder, ignore_errors=True)
        for name in ("a", "b"):
            (folder / name).mkdir(parents=True)
            self.build(folder / name / "libg.so", "int g(void) { return 1; }",
                       "-Wl,-soname,libg.so")
        self.build(folder / "a/libf.so", "int f(void) { return 1; }", folder / "a/libg.so",
                   "-Wl,-soname,libf.so")
        for name, tags in (("rp.so", "disable"), ("runp.so", "enable")):
            self.build(folder / name, "int r(void) { return 1; }", f"-L{folder}/a", "-lf",
                       f"-Wl,-rpath-link,{folder}/a", f"-Wl,--{tags}-new-dtags",
                       "-Wl,-rpath,$ORIGIN/a")
        return folder

    @unittest.skipUnless(COMPILER and LDD, "no C compiler, or no ldd")
    def test_each_loader_counts(self):
        folder = self.loaders()
        found = {name: subprocess.run([LDD, folder / name], check=True, text=True,
                                      stdout=subprocess.PIPE).stdout for name in ("rp.so", "runp.so")}
        self.assertIn("libg.so => not found", found["runp.so"])
        self.assertNotIn("not found", found["rp.so"])
        result = self.run_deps(folder, "--check", code=FINDING)
        self.assertEqual(result.stderr, "thaw deps: a/libf.so wants libg.so, which is not found when"
                                        " loaded by runp.so\n")
        self.assertIn("MISSING when loaded by runp.so",
                      self.run_deps(folder, "--view", "libraries", "--width", "200").stdout)

    @unittest.skipUnless(COMPILER and LDD, "no C compiler, or no ldd")
    def test_library_path_is_that_of_the_loader(self):
        folder = self.loaders()
        for loader in ("rp.so", "runp.so"):
            (folder / ("runp.so" if loader == "rp.so" else "rp.so")).unlink()
            said = subprocess.run([LDD, loader], check=True, text=True, cwd=folder,
                                  env={**os.environ, "LD_LIBRARY_PATH": "b"},
                                  stdout=subprocess.PIPE).stdout
            path = re.search(r"libg.so => (\S+)", said)[1]
            report = json.loads(self.run_deps(".", "--json", "--library-path", "b", cwd=folder).stdout)
            need = {one["path"]: one for one in report["libraries"]}["a/libf.so"]["needed"][0]
            self.assertEqual(folder / need["resolved"], (folder / path).resolve(), need)
            self.loaders()
        self.assert_refused("without '$'", folder, "--library-path", "$ORIGIN/b")

    def test_a_recording(self):
        recording = self.folder / "recording.txt"
        numpy = self.app / SITE / "numpy/__init__.py"
        site, module = json.dumps(str(self.app / SITE)), json.dumps(str(numpy))
        recording.write_text(
            "thaw-recording-text 1\n"
            '1_000 session.begin backend="ebpf" cpus=2 command=["func"] until="exit"\n'
            '2_000 inventory.interpreter executable="/usr/bin/python3.11" version="3.11.7"\n'
            f'2_000 inventory.distribution name="numpy" version="1" location={site} files=1\n'
            f'2_000 inventory.file path={module} distribution="numpy" bytes={numpy.stat().st_size}\n'
            '9_000 session.end reason="exit"\n', encoding="utf-8")
        report = self.report_of(recording)
        self.assertEqual(report["target"]["kind"], "recording")
        self.assertEqual(report["target"]["folders_read"], [str(self.app / SITE)])
        self.assertEqual(report["run"]["command"], ["func"])
        self.assertIn("pandas", {one["name"] for one in report["distributions"]})


class Views(Deps):
    def test_each_fits_a_terminal(self):
        for view in views():
            arguments = {"why": ["--why", "numpy"], "reverse": ["--reverse", "NumPy"]}.get(
                view, ["--view", view])
            with self.subTest(view):
                result = self.run_deps(self.app, *arguments)
                self.assertEqual(result.stderr, "")
                self.assert_presentable(result.stdout)

    def test_summary_answers(self):
        text = self.run_deps(self.app).stdout
        self.assertRegex(text, r"an app's folder for CPython 3\.11")
        self.assertRegex(text, r"(?m)^ *\d+\.\d MB +\d+\.\d MB .*pandas .*requirements\.txt:1")
        self.assertIn("requirements.txt:2 wants numpy==1.0", text)
        self.assertIn("requirements.txt:3: not-there==2 is not installed", text)

    def test_tree_depth_top_and_sort(self):
        text = self.run_deps(self.app, "--view", "tree", "--depth", "1").stdout
        self.assertRegex(text, r"(?m)^ *\d+\.\d MB .{10}  pandas ")
        self.assertNotRegex(text, "─|`-")
        lines = self.run_deps(self.app, "--view", "packages", "--sort", "name", "--top", "3"
                              ).stdout.splitlines()
        self.assertEqual(len(lines), 5, lines)  # headings, three, how many more there are

    def test_top_counts_what_is_a_root(self):
        whole = self.run_deps(self.app, "--view", "tree").stdout.splitlines()
        roots = [line for line in whole[1:] if re.match(r".{22}\w", line)]
        text = self.run_deps(self.app, "--view", "tree", "--top", "1").stdout
        self.assertGreater(len(roots), 1, whole)
        self.assertIn(f"- further roots: {len(roots) - 1} (--top", text)
        text = self.run_deps(self.app, "--view", "tree", "--top", str(len(roots))).stdout
        self.assertEqual(text.splitlines(), whole)

    def test_sorts_are_listed(self):
        sorts = [line.split()[0] for line in
                 self.run_deps("--sort", "list").stdout.splitlines()]
        self.assertIn("exclusive", sorts)
        for sort in sorts:
            self.run_deps(self.app, "--view", "packages", "--sort", sort)

    def test_libraries_not_looked_at(self):
        report = self.report_of(self.app, "--no-libraries")
        self.assertIsNone(report["libraries"])
        self.assertNotIn("duplicates", report)
        for view in ("summary", "libraries", "objects", "duplicates"):
            text = self.run_deps(self.app, "--no-libraries", "--view", view).stdout
            self.assertIn("Shared objects were not looked at (--no-libraries)", text)
        bill = json.loads(self.run_deps(self.app, "--no-libraries", "-f", "cyclonedx").stdout)
        self.assertEqual([one["aggregate"] for one in bill["compositions"]], ["incomplete"])
        self.assert_refused("shared objects were not looked at", self.app, "--no-libraries",
                            "--why", "libnothing.so")
        output = self.folder / "without.json"
        self.run_deps(self.app, "--no-libraries", "--json", "-o", output)
        diff = json.loads(run_thaw("diff", output, self.app, "--json").stdout)
        self.assertEqual([diff[key] for key in ("libraries", "missing", "duplicates")],
                         [None, None, None])
        self.assertNotIn("Shared libraries", run_thaw("diff", output, self.app).stdout)

    def test_why_and_reverse(self):
        self.assertRegex(self.run_deps(self.app, "--why", "numpy").stdout,
                         r"(?m)^- requirements\.txt:1 .* pandas .* numpy$")
        self.assertIn("requirements.txt:1", self.run_deps(self.app, "--reverse", "NUMPY").stdout)
        self.assert_refused("no package and no shared object 'nothing-there'", self.app, "--why",
                            "nothing-there")
        self.assert_refused("no package 'nothing-there'", self.app, "--reverse", "nothing-there")


class ExitCodes(Deps):
    def test_check_says_each_error(self):
        result = self.run_deps(self.app, "--check", "--json", code=FINDING)
        self.assertEqual(json.loads(result.stdout)["schema"], "thaw-report/1")
        self.assertIn("thaw deps: requirements.txt:3 wants not-there==2, which is not installed\n",
                      result.stderr)
        self.assertIn("requirements.txt:2 wants numpy==1.0, which does not fit what is installed: numpy "
                      f"{self.numpy_version}\n", result.stderr)

    def test_check_of_what_is_fine(self):
        good = self.folder / "good"
        good.mkdir()
        (good / "function_app.py").write_text("import json\n")
        self.assertEqual(self.run_deps(good, "--check", "--strict").stderr, "")

    def test_strict_where_not_all_was_read(self):
        folder = self.folder / "broken"
        info = folder / "broken-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
        (info / "direct_url.json").write_text("{")
        result = self.run_deps(folder, "--strict", code=INCOMPLETE)
        self.assertEqual(len(result.stderr.splitlines()), 1)
        self.assertIn("direct_url.json", self.run_deps(folder, "--view", "faults").stdout)

    def test_check_comes_before_strict(self):
        folder = self.folder / "strict"
        info = folder / "broken-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
        (info / "direct_url.json").write_text("{")
        self.run_deps(folder, "--check", "--strict", code=INCOMPLETE)
        (folder / "requirements.txt").write_text("not-there==2\n")
        result = self.run_deps(folder, "--check", "--strict", code=FINDING)
        self.assertIn("wants not-there==2", result.stderr)

    def test_check_of_a_hard_limit(self):
        """Lambda takes 250 MiB unzipped: the file has a size, but nothing in it."""
        folder = self.folder / "function"
        folder.mkdir()
        (folder / "lambda_function.py").write_text("import json\n")
        with open(folder / "model.bin", "wb") as file:
            file.truncate(200 << 20)
        self.run_deps(folder, "--check")
        os.truncate(folder / "model.bin", 251 << 20)
        result = self.run_deps(folder, "--check", code=FINDING)
        self.assertRegex(result.stderr, r"^thaw deps: .*250 MB.* 262144000 are allowed\n$")

    def build(self, path, *arguments):
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([COMPILER, "-shared", "-fPIC", "-nostdlib", "-xc", "/dev/null", "-o", path,
                        "-xnone", f"-Wl,--no-as-needed,-soname,{path.name}", *arguments], check=True)
        return path

    @unittest.skipUnless(COMPILER, "no C compiler (Debian: gcc)")
    def test_check_of_a_library_behind_the_systems(self):
        folder = self.folder / "behind"
        far = self.build(folder / "far/libfar.so")
        middle = self.build(folder / "system/libmiddle.so", far)
        self.build(folder / "app/extension.so", middle)
        (folder / "app/function_app.py").write_text("import extension\n")
        options = (folder / "app", "--check", "--library-path", f"{folder}/system:{folder}/far")
        self.assertEqual(self.run_deps(*options).stderr, "")
        far.unlink()
        result = self.run_deps(*options, code=FINDING)
        self.assertRegex(result.stderr, r"^thaw deps: \S+/libmiddle\.so wants \S*libfar\.so, which")
        text = self.run_deps(folder / "app", "--library-path", f"{folder}/system").stdout
        self.assertRegex(text, r"- missing: \S*libfar\.so, wanted by")

    @unittest.skipUnless(COMPILER, "no C compiler (Debian: gcc)")
    def test_check_of_another_machine(self):
        """A stand-in: an object of this machine whose header says that it is for aarch64."""
        folder = self.folder / "machine"
        path = self.build(folder / "extension.so")
        (folder / "function_app.py").write_text("import extension\n")
        data = bytearray(path.read_bytes())
        data[18:20] = (183).to_bytes(2, "little")  # e_machine: EM_AARCH64
        path.write_bytes(data)
        for name in ("aarch64", "arm64"):
            self.assertEqual(self.run_deps(folder, "--machine", name, "--check").stderr, "")
            report = self.report_of(folder, "--machine", name)
            self.assertEqual(report["target"]["python"]["machine"], "aarch64")
        for name in ("x86_64", "amd64"):
            result = self.run_deps(folder, "--machine", name, "--check", code=FINDING)
            self.assertEqual(result.stderr, "thaw deps: extension.so is for aarch64\n")
        self.assert_refused("x86_64, aarch64", folder, "--machine", "foo")
        self.assert_refused("'foo' is no machine", folder, "--machine", "foo", "--check")

    def test_bad_targets(self):
        pipe, text = self.folder / "pipe", self.folder / "notes.txt"
        os.mkfifo(pipe)
        text.write_text("no zip")
        self.assert_refused("no target given")
        self.assert_refused("No such file", self.folder / "nothing")
        self.assert_refused("neither a folder nor a zip", pipe)
        self.assert_refused("neither a folder nor a zip", "/dev/zero")
        self.assert_refused("no zip that can be read", text)
        self.assert_refused("one argument too many", self.app, self.app)
        self.assert_refused("--pid PID is a target itself", self.app, "--pid", "1")
        self.assert_refused("2147483646", "2147483646")
        self.assert_refused(r"no\x0athing", self.folder / "no\nthing")
        with subprocess.Popen(["sleep", "60"]) as sleeper:
            self.addCleanup(sleeper.kill)
            self.assert_refused("runs no Python", "--pid", str(sleeper.pid))
            sleeper.kill()

    def test_bad_options(self):
        self.assert_refused("did you mean 'packages'?", self.app, "--view", "package")
        self.assert_refused("needs a name: --why NAME", self.app, "--view", "why")
        self.assert_refused("exclude each other", self.app, "--why", "a", "--reverse", "b")
        self.assert_refused("they exclude -f json", self.app, "--json", "--view", "tree")
        self.assert_refused("can't be sorted by 'colour'", self.app, "--sort", "colour")
        self.assert_refused("no version of Python", self.app, "--python-version", "three")
        self.assert_refused("No such file", self.app, "--recording", "/nonexistent.thaw")


class Hostile(Deps):
    def test_names_are_escaped(self):
        folder = self.folder / "hostile"
        site = folder / "lib/python3.11/site-packages"
        site.mkdir(parents=True)
        (folder / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.2\n")
        for number, name in enumerate(HOSTILE):
            (site / name).write_bytes(b"x" * 100000)
            info = site / f"{name[:-3][:100].replace('-', '_')}-{number}.dist-info"
            try:
                info.mkdir()
            except OSError:
                continue
            (info / "METADATA").write_bytes(
                b"Metadata-Version: 2.1\nName: " + os.fsencode(name).replace(b"\n", b" ") +
                b"\nVersion: 1\nRequires-Dist: " + os.fsencode(name).replace(b"\n", b" ") + b"\n")
            (info / "RECORD").write_bytes(os.fsencode(f'"{name}",,\n../../../../../etc/passwd,,\n'))
        self.report_of(folder)
        for view in views():
            if view in ("why", "reverse"):
                continue
            with self.subTest(view):
                lines = self.run_deps(folder, "--view", view, text=False).stdout
                self.assertFalse([byte for byte in lines if byte < 32 and byte != 10], lines)
                self.assertNotIn("\u202e".encode(), lines)
                lines.decode()


if __name__ == "__main__":
    unittest.main()
