"""What `thaw gate` measures, of real targets and cold starts, against other ways to find it out.

Each is measured five times: what is exact must be the same to the digit. Modules are counted by
CPython itself (-X importtime, sys.modules), sizes by du and os.walk, distributions by
importlib.metadata. Baselines are held against their published schema.
"""

import copy
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import elevate
import importtime
import live_program
from program import BUILD, REPOSITORY, THAW, run_thaw

try:
    from jsonschema import Draft202012Validator
except ImportError:
    raise unittest.SkipTest("no module jsonschema (Debian: python3-jsonschema)") from None

TIMEOUT_SECONDS = 300
PYTHON = "/usr/bin/python3.11"
TIMES = 5
DEMO = BUILD / "demo"
PLAIN_USER = 65534  # nobody: root reads every folder
SCHEMA = Draft202012Validator(
    json.loads((REPOSITORY / "reports/schema/thaw-baseline-1.schema.json").read_text()))
OF_TARGET = {"shipped_disk_bytes", "shipped_bytes", "shipped_files", "distributions", "libraries",
             "relocations", "duplicate_bytes", "conflicts", "bytecode_stale", "bytecode_missing"}
OF_COUNTS = {"files_opened", "failed_lookups", "libraries_mapped", "system_calls", "read_bytes",
             "threads"}
OF_IMPORTTIME = {"modules", "total_time", "import_time", "cpu_time"}

# Tells how many modules there are in the end; imported with the same ones loaded before.
COUNT = "import sys\nprint(len(sys.modules))\n"
MAIN = "import json, decimal, xml.dom.minidom, email.message\nimport paint\n" + COUNT
PAINT = "from paint import brushes, colours\n"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def at(value, place):
    """What stands at the end of a path of keys and numbers."""
    for step in place:
        value = value[step]
    return value


def make_distribution(site, name, version, files):
    """An installed distribution with its RECORD."""
    info = f"{name}-{version}.dist-info"
    files = {**files, f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\n"
                                          f"Version: {version}\n",
             f"{info}/INSTALLER": "pip\n"}
    for path, text in files.items():
        write(site / path, text)
    write(site / info / "RECORD", "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"]))


class Sides(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.scratch = Path(folder.name)
        cls.program = live_program.built(folder.name, "gate_side.c")
        cls.app = cls.scratch / "app"
        site = cls.app / ".python_packages/lib/site-packages"
        write(cls.app / "host.json", "{}")
        write(cls.app / "main.py", MAIN)
        write(cls.app / "requirements.txt", "paint==1.2\n")
        make_distribution(site, "paint", "1.2", {
            "paint/__init__.py": PAINT, "paint/brushes.py": "BRUSHES = 3\n" * 700,
            "paint/colours.py": "RED = 1\n", "paint/never.py": "NEVER = 1\n"})
        make_distribution(site, "unused", "0.3", {"unused.py": "'''unused'''\n"})
        shutil.copy(shutil.which("true"), site / "paint/not_a_library.dat")
        cls.site = site
        cls.environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
        cls.environment.pop("PYTHONPROFILEIMPORTTIME", None)
        subprocess.run([PYTHON, "-m", "compileall", "-q", site / "paint/brushes.py"], check=True)

    def thaw(self, *arguments):
        """A file with the JSON of its standard output."""
        path = self.scratch / f"{len(list(self.scratch.iterdir()))}.json"
        result = run_thaw(*arguments, env=self.environment)
        self.assertEqual(result.returncode, 0, result.stderr)
        path.write_text(result.stdout)
        return path

    def target(self, target=None):
        return self.thaw("deps", target or self.app, "--json")

    def recorded(self, backend, command, *options):
        """A report. A run that lost events, as on a machine that does much else, is made anew: it
        is told apart from others, and of it nothing is counted."""
        recording = self.scratch / "run.thaw"
        for _ in range(3):
            result = run_thaw("record", "--backend", backend, "-q", "-o", recording, *options,
                              "--", *command, cwd=self.app, env=self.environment)
            self.assertEqual(result.returncode, 0, result.stderr)
            report = self.thaw("report", recording, "--json")
            causes = {loss["cause"] for loss in json.loads(report.read_text())["losses"]}
            if not causes & {"ring-buffer-full", "name-not-resident"}:
                break
        return report

    def asked(self, *words):
        return subprocess.run([self.program, *map(str, words)], capture_output=True, text=True,
                              timeout=60)

    def side(self, target, runs, module="", distribution=""):
        result = self.asked(module, distribution, target or "-", *runs)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return json.loads(result.stdout)

    def metrics(self, *arguments, **options):
        return self.side(*arguments, **options)["metrics"]

    def check_repeats(self, metrics, names, times):
        """Each of these has as many samples, and what is exact has one value."""
        for name in names:
            samples = metrics[name]["samples"]
            self.assertEqual(len(samples), times, (name, metrics[name]["why"]))
            self.assertFalse(metrics[name]["varies"], (name, samples))
            if metrics[name]["class"] == "exact":
                self.assertEqual(len(set(samples)), 1, (name, samples))

    def importtime_names(self, command):
        result = subprocess.run([command[0], "-X", "importtime", *command[1:]], cwd=self.app,
                                capture_output=True, text=True, check=True, timeout=60,
                                env=self.environment)
        return [name for _, _, _, name in importtime.LINE.findall(result.stderr)]

    # --- what is shipped ---

    def test_sizes_are_those_of_du_and_a_walk(self):
        measured = [self.metrics(self.target(), []) for _ in range(TIMES)]
        for name in OF_TARGET:
            values = {tuple(one[name]["samples"]) for one in measured}
            self.assertEqual(len(values), 1, name)
            self.assertEqual(len(values.pop()), 1, (name, measured[0][name]["why"]))
        one = {name: measured[0][name]["samples"][0] for name in OF_TARGET}
        du = subprocess.run(["du", "-s", "-B1", self.app], check=True, capture_output=True,
                            text=True, timeout=60)
        files = [path for path in self.app.rglob("*") if path.is_file()]
        self.assertEqual(one["shipped_disk_bytes"], int(du.stdout.split()[0]))
        self.assertEqual(one["shipped_files"], len(files))
        self.assertEqual(one["shipped_bytes"], sum(path.stat().st_size for path in files))
        self.assertEqual(one["distributions"], 2)
        self.assertEqual(one["conflicts"], 0)
        self.assertEqual(one["bytecode_stale"], 0)
        sources = [path for path in files if path.suffix == ".py"]
        self.assertEqual(one["bytecode_missing"], len(sources) - 1)

    def test_a_distribution_is_measured_by_its_record(self):
        listing = subprocess.run(
            [PYTHON, "-c", "import importlib.metadata as m, json\n"
             "print(json.dumps([str(f.locate()) for f in m.files('paint')]))"],
            env=self.environment, check=True, capture_output=True, text=True, timeout=60)
        files = {Path(path) for path in json.loads(listing.stdout)}
        files |= set((self.site / "paint").rglob("*.pyc"))
        files |= {self.site / "paint/not_a_library.dat"}
        metrics = self.metrics(self.target(), [], distribution="Paint")
        owned = {path for path in files if path.is_file()}
        self.assertIn(metrics["shipped_bytes"]["samples"][0],
                      (sum(path.stat().st_size for path in owned),
                       sum(path.stat().st_size for path in owned
                           if path.name != "not_a_library.dat")))
        self.assertEqual(self.metrics(self.target(), [], distribution="gone")
                         ["shipped_bytes"]["samples"], [0])

    def test_one_more_package_and_stale_bytecode_are_seen(self):
        larger = self.scratch / "larger"
        shutil.copytree(self.app, larger, symlinks=True)
        site = larger / self.site.relative_to(self.app)
        before = self.metrics(self.target(), [])
        make_distribution(site, "extra", "9", {"extra.py": "x" * 5000})
        source = site / "paint/brushes.py"
        os.utime(source, (1, 1))
        after = self.metrics(self.target(larger), [])
        change = {name: after[name]["samples"][0] - before[name]["samples"][0]
                  for name in OF_TARGET}
        self.assertEqual(change["distributions"], 1)
        self.assertEqual(change["shipped_files"], 4)
        self.assertEqual(change["bytecode_stale"], 1)
        self.assertEqual(change["bytecode_missing"], 1)
        self.assertGreater(change["shipped_bytes"], 5000)

    def test_a_folder_that_cannot_be_read_is_no_zero(self):
        closed, program = self.scratch / "closed", self.scratch / "thaw"
        shutil.copytree(self.app, closed, symlinks=True)
        shutil.copy(THAW, program)
        self.scratch.chmod(0o755)
        (closed / self.site.relative_to(self.app) / "paint").chmod(0)
        plain = {"user": PLAIN_USER, "group": PLAIN_USER} if os.geteuid() == 0 else {}
        result = subprocess.run([program, "deps", closed, "--json"], capture_output=True,
                                text=True, timeout=60, env=self.environment, **plain)
        (closed / self.site.relative_to(self.app) / "paint").chmod(0o755)
        report = self.scratch / "closed.json"
        report.write_text(result.stdout)
        metrics = self.metrics(report, [])
        for name in OF_TARGET:
            self.assertEqual(metrics[name]["samples"], [], name)
            self.assertIn("paint can't be read", metrics[name]["why"])

    # --- cold starts ---

    def test_importtime_counts_what_cpython_lists(self):
        command = [PYTHON, "-s", "main.py"]
        runs = [self.recorded("importtime", command) for _ in range(TIMES)]
        metrics = self.metrics(None, runs)
        names = self.importtime_names(command)
        self.check_repeats(metrics, OF_IMPORTTIME, TIMES)
        self.assertEqual(metrics["modules"]["samples"], [len(names)] * TIMES)
        self.assertEqual(self.metrics(None, runs, module="paint")["modules"]["samples"],
                         [3] * TIMES)
        self.assertEqual(self.metrics(None, runs, module="xml.*")["modules"]["samples"],
                         [len([name for name in names if name.startswith("xml.")])] * TIMES)
        for name in ("files_opened", "failed_lookups", "compiled_modules", "failed_imports",
                     "mapped_relocations", "instructions", "shipped_bytes"):
            self.assertEqual(metrics[name]["samples"], [], name)
            self.assertTrue(metrics[name]["why"], name)
        by_distribution = self.metrics(None, runs, distribution="paint")["modules"]
        self.assertIn("importtime backend", by_distribution["why"])

    def test_ebpf_counts_what_is_in_sys_modules(self):
        if elevate.prefix() != []:
            self.skipTest("needs root (eBPF)")
        command = [PYTHON, "-s", "main.py"]
        runs = [self.recorded("ebpf", command) for _ in range(TIMES)]
        bare = [self.recorded("ebpf", [PYTHON, "-s", "-c", COUNT]) for _ in range(2)]
        side, least = self.side(self.target(), runs), self.metrics(None, bare)
        metrics = side["metrics"]
        self.check_repeats(metrics, OF_IMPORTTIME | OF_COUNTS |
                           {"compiled_modules", "failed_imports"}, TIMES)

        def loaded(words):
            result = subprocess.run(words, cwd=self.app, env=self.environment, check=True,
                                    capture_output=True, text=True, timeout=60)
            return int(result.stdout)

        # What the interpreter has from its start is in no recording: the difference tells.
        self.assertEqual(
            metrics["modules"]["samples"][0] - least["modules"]["samples"][0],
            loaded(command) - loaded([PYTHON, "-s", "-c", COUNT]))
        own = self.metrics(None, runs, distribution="Paint")
        self.assertEqual(own["modules"]["samples"], [3] * TIMES)
        self.assertEqual(own["compiled_modules"]["samples"], [2] * TIMES)
        self.assertLess(own["import_time"]["samples"][0], metrics["import_time"]["samples"][0])
        contents = side["contents"]
        self.assertEqual(contents["paint"]["modules"], 3)
        self.assertEqual(contents["paint"]["version"], "1.2")
        self.assertEqual(contents["unused"]["modules"], 0)
        self.assertEqual(side["key"]["interpreter"], "3.11")
        self.assertEqual(side["key"]["kernel"], os.uname().release)
        self.assertEqual(side["key"]["architecture"], os.uname().machine)
        self.assertEqual(side["key"]["backend"], "ebpf")

    def test_a_worker_repeats_to_the_digit(self):
        """A real app with pandas under a host of Azure Functions, whatever else the machine does."""
        if elevate.prefix() != []:
            self.skipTest("needs root (eBPF)")
        if not (DEMO / "wwwroot").is_dir():
            self.skipTest("the demo is not there (make demo)")
        command = [DEMO / "venv/bin/python", REPOSITORY / "tests/azure/host/test_host.py", "--app",
                   DEMO / "wwwroot", "--log", self.scratch / "host.log"]
        metrics = self.metrics(None, [self.recorded("ebpf", command) for _ in range(3)])
        self.check_repeats(metrics, {"modules", "failed_imports", "compiled_modules",
                                     "libraries_mapped", "mapped_relocations", "files_opened",
                                     "failed_lookups", "total_time"}, 3)
        self.assertGreater(metrics["modules"]["samples"][0], 500)
        self.assertGreater(metrics["mapped_relocations"]["samples"][0], 10000)

    def test_a_counting_run_has_the_counts_and_the_others_the_times(self):
        command = [PYTHON, "-s", "main.py"]
        runs = [self.recorded("importtime", command) for _ in range(2)]
        runs += [self.recorded("importtime", command, "--count")]
        metrics = self.metrics(None, runs)
        self.check_repeats(metrics, OF_COUNTS, 1)
        self.check_repeats(metrics, {"total_time", "import_time", "cpu_time"}, 2)
        self.check_repeats(metrics, {"modules"}, 3)
        if elevate.prefix() != []:
            self.skipTest("needs root to be compared with eBPF's counts")
        other = self.metrics(None, [self.recorded("ebpf", command)])
        for name in ("files_opened", "failed_lookups", "libraries_mapped", "threads"):
            self.assertEqual(other[name]["samples"], metrics[name]["samples"], name)

    def test_names_tell_without_ebpf_whose_modules_are(self):
        """`thaw gate` of both backends says the same of distributions."""
        budgets = [{"metric": "modules", "distribution": name, "max": 1000}
                   for name in ("paint", "unused", "not-there")]
        configuration = self.scratch / "gate/thaw.json"  # with no baseline beside it
        write(configuration, json.dumps({"budgets": budgets}))
        values = {}
        for backend in ("importtime", "ebpf")[:1 if elevate.prefix() != [] else 2]:
            result = run_thaw("gate", self.app, "--config", configuration, "-n", "2",
                              "--warmup", "0", "--backend", backend, "--json", "--", PYTHON, "-s",
                              "main.py", cwd=self.app, env=self.environment)
            self.assertEqual(result.returncode, 0, result.stderr)
            values[backend] = [check["value"]["median"]
                               for check in json.loads(result.stdout)["checks"]]
        self.assertEqual(values, {backend: [3, 0, 0] for backend in values})

    def test_a_command_that_fails_is_no_cold_start(self):
        recording = self.scratch / "failed.thaw"
        run_thaw("record", "--backend", "importtime", "-q", "-o", recording, "--", PYTHON, "-c",
                 "import json, sys; sys.exit(3)", env=self.environment)
        metrics = self.metrics(None, [self.thaw("report", recording, "--json")])
        for name in OF_IMPORTTIME:
            self.assertEqual(metrics[name]["samples"], [], name)
            self.assertIn("exit status 3", metrics[name]["why"])

    # --- baselines ---

    def test_baselines_keep_to_their_schema(self):
        runs = [self.recorded("importtime", [PYTHON, "-s", "main.py"]) for _ in range(2)]
        target, path = self.target(), self.scratch / "thaw-baseline.json"
        made = self.asked("update", "-", target, *runs)
        self.assertEqual((made.returncode, made.stderr), (0, ""))
        again = self.asked("update", "-", target, *runs)
        self.assertEqual(made.stdout, again.stdout)
        path.write_text(made.stdout)
        baseline = json.loads(made.stdout)
        names = [name.partition(".")[0] for name in
                 self.importtime_names([PYTHON, "-s", "main.py"])]
        self.assertEqual(baseline["entries"][0]["imports"],
                         [{"name": name, "modules": names.count(name)}
                          for name in sorted(set(names))])
        self.assertEqual([], [error.message for error in SCHEMA.iter_errors(baseline)])
        self.assertEqual(run_thaw("schema", "baseline").stdout,
                         json.dumps(SCHEMA.schema, indent=2) + "\n")
        update = self.asked("update", path, target, *runs)
        self.assertEqual(update.stdout, made.stdout)  # nothing has changed: nor does the file
        self.check_broken(baseline)

    def check_broken(self, baseline):
        """What the schema refuses is refused, and what it allows is read."""
        entry = ("entries", 0)
        places = ((), ("tool",), entry, (*entry, "key"), (*entry, "values", 0),
                  (*entry, "contents", 0), (*entry, "imports", 0))
        path, broken = self.scratch / "broken.json", 0
        for place in places:
            for key in [*at(baseline, place), "none"]:
                for new in (None, -1, 0, "x", [], {}, [1], [{}], [-1], "remove"):
                    other = copy.deepcopy(baseline)
                    if new == "remove":
                        at(other, place).pop(key, None)
                    else:
                        at(other, place)[key] = new
                    path.write_text(json.dumps(other))
                    result = self.asked("read", path)
                    # That one is there twice, or "runs" not beside one sample, no schema says.
                    if "twice" not in result.stderr and "beside one" not in result.stderr:
                        self.assertEqual(result.returncode == 0, SCHEMA.is_valid(other),
                                         (place, key, new, result.stderr))
                    if result.returncode:
                        broken += 1
                        self.assertRegex(result.stderr, rf"^{path}:\d+:\d+: .*--update`\n$")
        self.assertGreater(broken, 150)


if __name__ == "__main__":
    unittest.main()
