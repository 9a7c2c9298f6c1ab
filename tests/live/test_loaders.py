"""Where thaw deps says that libraries are found, against the dynamic loaders themselves: generated
folders of libraries and links for glibc's and for musl's, a real wheel for musl, and a root
with musl in which wheels for another C library are foreign."""

import json
import os
import random
import re
import shutil
import subprocess
import tempfile
import unittest
import zipfile
from pathlib import Path

from debian_musl import LOADER, musl
from program import run_thaw
from site_packages import CACHE, PIP_PYTHON

GLIBC = "/lib64/ld-linux-x86-64.so.2"
TIMEOUT_SECONDS = 120
LAYOUTS = 25  # for each loader
NAMES = ["liba.so", "libb.so", "libc1.so", "libd.so", "libe.so"]
FOLDERS = ["bin", "one", "two", "three/deep"]
SEARCH_PATHS = ["", "$ORIGIN", "${ORIGIN}/../one", "$ORIGIN/../two", "{top}/one:{top}/two",
                "$ORIGIN:{top}/three/deep", "{top}/two:$LIB/x", "$ORIGIN/../one:$ORIGIN/../two"]
WHEEL = "numpy==2.2.6"
WHEEL_PYTHON, WHEEL_PLATFORM = "3.12", "musllinux_1_2_x86_64"
SITE = "usr/lib/python3.12/site-packages"


def run(*command, **options):
    return subprocess.run([str(word) for word in command], text=True, timeout=TIMEOUT_SECONDS,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)


def libraries_of(test, target, *words):
    result = run_thaw("deps", "--json", target, *words)
    test.assertEqual(result.returncode, 0, result.stderr)
    return json.loads(result.stdout)


def musl_root(folder):
    """A root with musl's loader and no other."""
    files, version = musl()
    root = Path(folder)
    for name in ("lib", "usr/lib", "etc", "app"):
        (root / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(files / LOADER.lstrip("/"), root / LOADER.lstrip("/"))
    (root / "etc/os-release").write_text("ID=none\n", encoding="ascii")
    return root, version


def entered(root):
    words = ("chroot",) if os.geteuid() == 0 else ("unshare", "--map-root-user", "--root")
    return [*words, str(root)]


def listed(text):
    """(name -> path, names that some object did not get), of what a loader says."""
    found, missing = {}, set()
    for line in text.splitlines():
        match = re.match(r"\s+(\S+) => (/\S+)", line)
        if match:
            found.setdefault(match[1], match[2])
        match = re.match(r"\s+(\S+) => not found|Error loading shared library (\S+):", line)
        if match:
            missing.add(match[1] or match[2])
    return found, missing


class Linker:
    """Makes objects that need names."""

    def __init__(self, folder):
        self.folder = folder
        self.folder.mkdir()
        (folder / "code.c").write_text("int _start(void) { return 0; }", encoding="ascii")
        subprocess.run(["cc", "-c", "-fPIC", "-o", folder / "code.o", folder / "code.c"],
                       check=True)

    def stub(self, name):
        path = self.folder / name
        if not path.exists():
            subprocess.run(["ld", "-shared", "-soname", name, "-o", path, self.folder / "code.o"],
                           check=True)
        return path

    def make(self, path, needed, *options):
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["ld", "--no-as-needed", "--allow-shlib-undefined", *options, "-o", path,
                        self.folder / "code.o", *(self.stub(name) for name in needed)], check=True)


def search_path(rng, top, paths):
    path = rng.choice(paths).replace("{top}", top)
    tags = rng.choice(["--enable-new-dtags", "--disable-new-dtags"])
    return ["-rpath", path, tags] if path else []


def make_layout(rng, linker, folder, top, interpreter, folders=FOLDERS):
    """A program and libraries in folders of FOLDER, which objects call TOP. Some are links into
    another folder, some have another SONAME than their file's name."""
    folder.mkdir(parents=True, exist_ok=True)
    needs = {name: rng.sample(NAMES, rng.choice([0, 1, 1, 2, 3])) for name in NAMES}
    first = rng.sample(NAMES, 2)
    asked = set(first).union(*needs.values())
    for name in sorted(asked):
        for place in rng.sample(folders, rng.choice([1, 2, 2, 3])):
            soname = name if rng.random() < 0.7 else rng.choice(NAMES)
            path = folder / place / name
            if rng.random() < 0.35:
                real = folder / rng.choice(folders) / f"real-{place.replace('/', '-')}-{name}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.symlink_to(os.path.relpath(real, path.parent))
                path, soname = real, name
            linker.make(path, needs[name], "-shared", "-soname", soname, *search_path(rng, top, SEARCH_PATHS))
    linker.make(folder / "bin/program", first, "-pie", "-dynamic-linker", interpreter,
                *search_path(rng, top, SEARCH_PATHS[-4:]))


class Compared:
    """Answers of thaw for a layout against those of a loader. What one object did not get, another
    may have got from its own search path; glibc asks no more for such a name when it lists."""

    def __init__(self, test):
        self.test, self.found, self.missing, self.links = test, 0, 0, 0

    def __call__(self, report, top, said, real, what):
        found, missing = said
        own = {real(f"{top}/{each['path']}"): each for each in report["libraries"]
               if not each["outside"]}
        loaded = {real(path) for path in found.values()}
        told_missing = set()
        for path, each in own.items():
            if path not in loaded and each["type"] != "executable":
                continue
            for need in each["needed"]:
                name, told = need["name"], need["resolved"]
                if need["missing_by"] not in (None, "bin/program"):
                    continue  # by another that begins a load, too
                if need["missing_by"] or not told:
                    told_missing.add(name)
                    self.test.assertTrue(name in missing or name not in found,
                                         (what, path, need, said))
                elif name in found:
                    expected = real(found[name])
                    told = real(told if told.startswith("/") else f"{top}/{told}")
                    self.test.assertEqual(told, expected, (what, path, need, said))
                    self.found += 1
                    self.links += expected != found[name]
        self.missing += len(missing)
        self.test.assertLessEqual(missing, told_missing, (what, said))


class Layouts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.scratch = Path(os.path.realpath(folder.name))
        self.linker = Linker(self.scratch / "linker")
        self.compare = Compared(self)

    def compared_enough(self):
        self.assertGreater(self.compare.found, 3 * LAYOUTS // 2)
        self.assertGreater(self.compare.missing, LAYOUTS // 2)
        self.assertGreater(self.compare.links, LAYOUTS // 5)

    def test_libraries_are_found_where_glibc_finds_them(self):
        for seed in range(LAYOUTS):
            top = self.scratch / f"layout-{seed}"
            make_layout(random.Random(seed), self.linker, top, str(top), GLIBC)
            said = listed(run(GLIBC, top / "bin/program",
                              env={"LD_TRACE_LOADED_OBJECTS": "1", "LC_ALL": "C"}).stdout)
            self.compare(libraries_of(self, top), str(top), said, os.path.realpath, seed)
        self.compared_enough()

    def test_libraries_are_found_where_musl_finds_them(self):
        for seed in range(LAYOUTS):
            root, _ = musl_root(self.scratch / f"root-{seed}")
            rng = random.Random(seed)
            make_layout(rng, self.linker, root, "", LOADER,
                        [*FOLDERS, "usr/lib"])
            if rng.random() < 0.4:
                (root / "etc/ld-musl-x86_64.path").write_text(
                    rng.choice(["/two\n/three/deep\n", "/one:/usr/lib", ""]), encoding="ascii")

            def real(path, root=root):
                path = os.path.normpath(path)
                return path if path == LOADER else "/" + os.path.relpath(
                    os.path.realpath(root / path.lstrip("/")), root)

            said = listed(run(*entered(root), LOADER, "--list", "/bin/program").stdout)
            self.compare(libraries_of(self, root), "", said, real, seed)
        self.compared_enough()


class Musl(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root, self.version = musl_root(Path(os.path.realpath(folder.name)) / "root")

    def distribution(self, name, tag):
        info = self.root / SITE / f"{name}-1.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n",
                                       encoding="ascii")
        (info / "WHEEL").write_text(f"Wheel-Version: 1.0\nTag: {tag}\n", encoding="ascii")
        (info / "RECORD").write_text("", encoding="ascii")

    def test_wheels_for_another_c_library_are_foreign(self):
        major, minor = self.version.split(".")[:2]
        for name, platform in {"fits": f"musllinux_{major}_{minor}", "old": f"musllinux_{major}_0",
                               "new": f"musllinux_{major}_{int(minor) + 1}",
                               "gnu": "manylinux_2_17", "plain": "linux"}.items():
            self.distribution(name, f"cp312-cp312-{platform}_x86_64")
        report = libraries_of(self, self.root, "--machine", "x86_64")
        self.assertEqual({each["path"].rpartition("/")[2]: each["why"]
                          for each in report["foreign"]},
                         {"gnu-1.dist-info": "for glibc",
                          "new-1.dist-info": f"for musl {major}.{int(minor) + 1} and later"})

    def test_a_real_wheel_finds_what_musl_finds(self):
        wheels = CACHE / "wheels-musl"
        if not list(wheels.glob("*.whl")):
            run(PIP_PYTHON, "-m", "pip", "download", "--no-deps", "--only-binary=:all:",
                "--python-version", WHEEL_PYTHON, "--platform", WHEEL_PLATFORM, "-d", wheels, WHEEL)
        for wheel in wheels.glob("*.whl"):
            zipfile.ZipFile(wheel).extractall(self.root / SITE)
        files = sorted(self.root.glob(f"{SITE}/**/*.so*"))
        if not files:
            self.skipTest("no package index to take a wheel from")
        report = libraries_of(self, self.root)
        self.assertEqual(report["foreign"], [])
        own = {each["path"]: each for each in report["libraries"] if not each["outside"]}
        compared = 0
        for file in files:
            inside = os.path.relpath(file, self.root)
            if own[inside]["type"] != "extension":
                continue  # loaded by these: not as if each were alone
            found, _ = listed(run(*entered(self.root), LOADER, "--list", f"/{inside}").stdout)
            for need in own[inside]["needed"]:
                told = "/" + (need["resolved"] or "").lstrip("/")
                self.assertEqual(told, os.path.normpath(found[need["name"]]), (inside, need))
                compared += 1
        self.assertGreater(compared, 20)


if __name__ == "__main__":
    unittest.main()
