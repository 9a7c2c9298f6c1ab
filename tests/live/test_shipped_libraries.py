"""Shared objects of real wheels: what thaw says of them, against binutils and the dynamic loader."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from collections import defaultdict
from pathlib import Path

from debian_package import locked
from program import run_thaw
from site_packages import CACHE, install

PYTHON = "/usr/bin/python3.11"
WHEELS = ["numpy", "pandas", "scipy"]  # OpenBLAS and libgfortran twice, RPATHs that are inherited
STRIPPED = 40  # files that strip is run on: it takes 30 ms for each
# What a program that uses them loads.
IMPORTS = ("import numpy, numpy.linalg, numpy.random, numpy.fft, pandas, scipy.linalg, scipy.special,"
           " scipy.sparse.linalg, scipy.interpolate, scipy.optimize, scipy.stats, ssl, sqlite3")
TIMEOUT_SECONDS = 120


def environment():
    """A virtual environment with the wheels, made once; None without a package index."""
    folder, stamp = CACHE / "libraries-3.11", CACHE / "libraries-3.11.json"
    CACHE.mkdir(parents=True, exist_ok=True)
    with locked(CACHE / "libraries-3.11.lock"):
        if not stamp.exists() or json.loads(stamp.read_text()) != WHEELS:
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([PYTHON, "-m", "venv", "--without-pip", str(folder)], check=True,
                           timeout=TIMEOUT_SECONDS)
            if install(11, folder / "lib/python3.11/site-packages", WHEELS) is not None:
                return None
            stamp.write_text(json.dumps(WHEELS))
    return folder


def output(*command, **options):
    return subprocess.run([str(word) for word in command], check=False, text=True,
                          timeout=TIMEOUT_SECONDS, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **options).stdout


def readelf(option, paths, keep):
    """Lines with one of the words, by file."""
    lines, current = defaultdict(list), str(paths[0])
    for line in output("readelf", "-W", option, *paths, env={**os.environ, "LC_ALL": "C"}
                       ).splitlines():
        if line.startswith("File: "):
            current = line[6:]
        elif any(word in line for word in keep):
            lines[current].append(line)
    return lines


def debugged(text, target):
    """(needing object, name) -> path, of what LD_DEBUG=files,libs says was loaded for the target."""
    found, needing, trying = {}, {}, None
    for line in text.splitlines():
        line = line.partition(":")[2].strip()
        match = re.match(r"file=(\S+) \[0\];  needed by (\S+) \[0\]", line)
        if match:
            needing[match[1]], trying = match[2], None
        match = re.match(r"trying file=(\S+)", line)
        if match:
            trying = match[1]
        match = re.match(r"file=(\S+) \[0\];  generating link map", line)
        if match and match[1] in needing and trying:
            by = needing.pop(match[1])
            if by.startswith(f"{target}/"):
                found[os.path.realpath(by), match[1]] = os.path.realpath(trying)
    return found


class ShippedLibraries(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.scratch = Path(folder.name)
        target = environment()
        if target is None:
            raise unittest.SkipTest("no package index to install wheels from")
        cls.target = target.resolve()
        result = run_thaw("deps", "--json", cls.target)
        if result.returncode:
            raise AssertionError(f"thaw deps {cls.target}: {result.stderr}")
        cls.report = json.loads(result.stdout)
        cls.own = {str(cls.target / each["path"]): each for each in cls.report["libraries"]
                   if not each["outside"]}

    def real(self, path):
        return os.path.realpath(self.target / path)

    def resolved(self):
        """(object, name) -> where thaw says it is found."""
        return {(os.path.realpath(path), need["name"]): need for path, each in self.own.items()
                for need in each["needed"]}

    def test_every_object_is_there(self):
        expected = {str(path) for path in self.target.rglob("*.so*")
                    if path.is_file() and path.read_bytes()[:4] == b"\x7fELF"}
        self.assertGreater(len(expected), 100)
        self.assertEqual(set(self.own), expected)
        self.assertEqual([fault for fault in self.report["faults"]
                          if "outside of the target" not in fault["what"]], [])

    def test_names_are_those_of_readelf(self):
        words = {"(NEEDED)": "needed", "(SONAME)": "soname", "(RPATH)": "rpath",
                 "(RUNPATH)": "runpath"}
        lines = readelf("-d", list(self.own), words)
        for path, each in self.own.items():
            said = defaultdict(list)
            for line in lines[path]:
                said[line.split()[1]].append(re.search(r"\[(.*)\]", line)[1])
            self.assertEqual([need["name"] for need in each["needed"]], said["(NEEDED)"], path)
            for word in ("(SONAME)", "(RPATH)", "(RUNPATH)"):
                self.assertEqual(each[words[word]] or "", "".join(said[word]), path)

    def test_relocations_are_those_of_readelf(self):
        lines = readelf("-r", list(self.own), [" contains ", " offsets"])
        total = 0
        for path, each in self.own.items():
            count = 0
            for line in lines[path]:
                if " offsets" in line:
                    count += int(line.split()[0])
                elif ".relr" not in line:
                    count += int(re.search(r"contains (\d+) entr", line)[1])
            self.assertEqual(each["relocations"], count, path)
            total += count
        self.assertGreater(total, 10000)

    def test_sections_are_those_of_readelf(self):
        lines = readelf("-S", list(self.own), ["  [", " ["])
        for path, each in self.own.items():
            sizes, debug, symbols = {}, 0, 0
            for line in lines[path]:
                words = line.partition("]")[2].split()
                if len(words) < 6 or words[1] in ("NOBITS", "Type"):
                    continue
                sizes[words[0]] = int(words[4], 16)
                debug += sizes[words[0]] if words[0].startswith(".debug") else 0
                symbols += sizes[words[0]] if words[0] in (".symtab", ".strtab") else 0
            self.assertEqual((each["debug_bytes"], each["symbol_bytes"]), (debug, symbols), path)
            for section in each["sections"]:
                self.assertEqual(section["bytes"], sizes[section["name"]], (path, section))

    def test_strip_saves_what_is_said(self):
        """To the byte, for GNU strip that doesn't merge notes."""
        with_symbols = sorted((path for path, each in self.own.items() if each["strip_bytes"]),
                              key=lambda path: self.own[path]["bytes"])
        compared = with_symbols[::max(1, len(with_symbols) // STRIPPED)]
        self.assertGreater(len(compared), 10)
        for path in compared:
            stripped = self.scratch / "stripped"
            subprocess.run(["strip", "--no-merge-notes", "-s", "-o", stripped, path], check=True,
                           timeout=TIMEOUT_SECONDS, stderr=subprocess.DEVNULL)
            self.assertEqual(self.own[path]["strip_bytes"],
                             self.own[path]["bytes"] - stripped.stat().st_size, path)

    def test_needs_are_found_where_ldd_finds_them(self):
        """ldd loads each file alone, without an interpreter: what only a loader's RPATH finds is
        missing there."""
        files = list(self.own)
        current, found = None, defaultdict(dict)
        for line in output("ldd", *files, env={**os.environ, "LC_ALL": "C"}).splitlines():
            if line.endswith(":") and line[:-1] in self.own:
                current = line[:-1]
            elif " => " in line:
                name, _, path = line.strip().partition(" => ")
                found[current][name] = path.partition(" (")[0]
        compared = missing = 0
        for path in files:
            for need in self.own[path]["needed"]:
                said = found[path].get(need["name"], need["name"])
                if said == "not found":
                    missing += 1
                    self.assertTrue(need["only_by"] or not need["resolved"], (path, need))
                elif "/" in said:
                    compared += 1
                    self.assertEqual(self.real(need["resolved"] or ""), os.path.realpath(said),
                                     (path, need))
        self.assertGreater(compared, 300)
        self.assertGreater(missing, 0)

    def test_needs_are_found_where_a_real_program_finds_them(self):
        log = self.scratch / "log"
        site = self.target / "lib/python3.11/site-packages"
        variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(site), "HOME": "/nonexistent",
                     "LD_DEBUG": "files,libs", "LD_DEBUG_OUTPUT": str(log)}
        subprocess.run([PYTHON, "-B", "-c", IMPORTS], check=True, env=variables,
                       timeout=TIMEOUT_SECONDS, stdin=subprocess.DEVNULL)
        loaded = {}
        for part in self.scratch.glob("log.*"):
            loaded.update(debugged(part.read_text(errors="replace"), self.target))
        resolved = self.resolved()
        self.assertGreater(len(loaded), 5)
        for (by, name), path in loaded.items():
            self.assertEqual(self.real(resolved[by, name]["resolved"] or ""), path, (by, name))

    def test_copies_of_a_library_are_told(self):
        groups = {tuple(each["paths"]): each for each in self.report["duplicates"]}
        for paths, each in groups.items():
            contents = {self.own[str(self.target / path)]["bytes"] for path in paths}
            bytes_of = [(self.target / path).read_bytes() for path in paths]
            self.assertEqual(each["kind"] == "content", len(set(bytes_of)) == 1, paths)
            self.assertEqual(each["waste_bytes"], sum(map(len, bytes_of)) - max(contents), paths)
        self.assertIn("libgfortran.so.5", {each["key"] for each in groups.values()})

    def test_a_copys_key_finds_it(self):
        for each in self.report["duplicates"]:
            result = run_thaw("deps", self.target, "--why", each["key"], "--top", 1000)
            self.assertEqual(result.returncode, 0, result.stderr)
            for path in each["paths"]:
                self.assertIn(f"{Path(path).name},", "".join(result.stdout.split()))


if __name__ == "__main__":
    unittest.main()
