# SPDX-License-Identifier: Apache-2.0
"""`thaw deps` on trees made to hurt: each fault has its line, it ends within bounds, nothing outside
of the target is opened (strace is the truth), and no output carries what could act in it.
"""

import json
import os
import re
import shutil
import stat
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

from program import THAW

TIMEOUT_SECONDS = 120

COMPILER = os.environ.get("CC") or shutil.which("gcc")
ADDRESS_SPACE_KIB = 1 << 20  # 1 GiB, for ulimit -v
SPARSE_BYTES = 64 << 30
RUN_SECONDS = 30
# Where the dynamic loader, the C library and thaw itself may look; the target's loader likewise.
OWN_PLACES = ("/lib", "/usr/lib", "/etc/ld.so", "/usr/share/locale", "/proc/self", "/proc/sys/kernel/cap_last_cap", "/dev/null",
              "/dev/urandom",
              "/usr/share/zoneinfo", "/etc/localtime", "/etc/locale.alias", "/sys/devices/system/cpu")
NAMES = [b"new\nline.py", b"<script>alert(1)<!--.py", b"\xff\xfe\x80.py",
         b"\x1b[2J\x1b[31mred.py", "\u202egnp.py".encode(), b"a" * 240 + b".py", b"-rf", b"a;b|c$(d)"]
CALL = re.compile(r'^(?:\d+ +)?(\w+)\((?:AT_FDCWD(?:<[^>]*>)?|\d+<([^>]*)>|)(?:, )?"((?:[^"\\]|\\.)*)"', re.MULTILINE)
CLASS_32, BIG_ENDIAN = 1, 2


def shared_object(folder, name, *options):
    source = folder / f"{name}.c"
    source.write_text(f"int {name.replace('-', '_').split('.')[0]}_value = 1;\n")
    path = folder / name
    subprocess.run([COMPILER, "-shared", "-fPIC", "-o", path, source, *options], check=True,
                   capture_output=True)
    source.unlink()
    return path


def distribution(site, name, record=None, metadata=None):
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_bytes(
        metadata if metadata is not None else f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode())
    if record is not None:
        (info / "RECORD").write_bytes(record)
    return info


def patched(path, whole, at, value):
    path.write_bytes(whole[:at] + value + whole[at + len(value):])


@unittest.skipUnless(COMPILER, "no C compiler")
class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.scratch = Path(scratch.name)
        cls.whole = shared_object(cls.scratch, "whole.so").read_bytes()

    def setUp(self):
        self.target = self.scratch / self.id().rpartition(".")[2]
        self.bait = self.scratch / "bait"  # outside of every target
        self.site = self.target / "lib/python3.11/site-packages"
        self.site.mkdir(parents=True)
        self.bait.mkdir(exist_ok=True)
        (self.bait / "secret.py").write_text("secret = 'swordfish'\n")
        shutil.copy(self.scratch / "whole.so", self.bait / "bait.so")

    def deps(self, *options, expected=0, stream="stdout"):
        """Runs it within bounds; what it wrote."""
        result = subprocess.run(
            ["bash", "-c", f'ulimit -v {ADDRESS_SPACE_KIB}; exec "$@"', "bash", THAW, "deps",
             *options, str(self.target)], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=RUN_SECONDS, check=False)
        self.assertEqual(result.returncode, expected, result.stderr.decode(errors="replace"))
        return getattr(result, stream)

    def report(self):
        return json.loads(self.deps("--json"))

    def faults(self, report):
        found = {}
        for fault in report["faults"]:
            found.setdefault(fault["path"], []).append(fault["what"])
        return found

    def assert_faults(self, report, *names):
        found = self.faults(report)
        for name in names:
            self.assertTrue(any(path.endswith(name) for path in found), (name, found))

    def opened(self, *options):
        """What was opened, looked at or resolved by name: absolute paths, by strace."""
        trace = self.scratch / "trace"
        subprocess.run(["strace", "-f", "-y", "-s", "4096", "-e",
                        "trace=open,openat,openat2,execve,stat,lstat,newfstatat,statx,access,faccessat2",
                        "-o", str(trace), THAW, "deps", "--json", *options, str(self.target)],
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True,
                       timeout=RUN_SECONDS)
        for line in trace.read_text(errors="replace").splitlines():
            for name, folder, path in CALL.findall(line):
                yield name + (" O_PATH" if "O_PATH" in line else ""), \
                    os.path.normpath(os.path.join(folder or os.getcwd(), path))

    def assert_inert(self, shown, options):
        """Nothing in it that a terminal obeys, and UTF-8."""
        self.assertEqual([byte for byte in shown if (byte < 32 and byte != 10) or byte == 127], [],
                         options)
        self.assertFalse([sign for sign in shown.decode() if 0x80 <= ord(sign) < 0xa0], options)
        self.assertNotIn("\u202e".encode(), shown, options)

    def assert_stays_inside(self):
        """The interpreter that pyvenv.cfg names is looked for, but nothing of it is opened."""
        inside = str(self.target)
        elsewhere = [(name, path) for name, path in self.opened()
                     if path != THAW and not inside.startswith(path)
                     and not path.startswith((inside, *OWN_PLACES))
                     and not (path.endswith("/python3.11") and
                              (name.endswith(" O_PATH") or name == "newfstatat"))]
        self.assertEqual(elsewhere, [])

    # --- shared objects -------------------------------------------------------------------------

    def test_cut_objects_are_faults_each(self):
        sizes = [4, 16, 63, 64, 100, 600, len(self.whole) // 2]
        for size in sizes:
            (self.site / f"cut{size}.so").write_bytes(self.whole[:size])
        (self.site / "empty.so").write_bytes(b"")
        (self.site / "text.so").write_text("INPUT(libc.so.6)\n")  # a linker's script: no fault
        report = self.report()
        self.assert_faults(report, *[f"cut{size}.so" for size in sizes if size < 600])
        self.assertNotIn("text.so", " ".join(self.faults(report)))

    def test_sparse_objects_cost_nothing(self):
        for name, head in (("zeros.so", b""), ("tail.so", self.whole)):
            with open(self.site / name, "wb") as file:
                file.write(head)
                file.truncate(SPARSE_BYTES)
        report = self.report()
        self.assertEqual(report["totals"]["bytes"], 2 * SPARSE_BYTES)
        disk = subprocess.run(["du", "-s", "-B1", str(self.target)], capture_output=True, text=True,
                              check=True).stdout.split()[0]
        self.assertEqual(report["totals"]["disk_bytes"], int(disk))

    def test_damaged_headers(self):
        patched(self.site / "narrow.so", self.whole, 4, bytes([CLASS_32]))
        patched(self.site / "turned.so", self.whole, 5, bytes([BIG_ENDIAN]))
        patched(self.site / "sections.so", self.whole, 40, struct.pack("<Q", 1 << 62))  # e_shoff
        patched(self.site / "segments.so", self.whole, 32, struct.pack("<Q", (1 << 64) - 8))  # e_phoff
        patched(self.site / "counts.so", self.whole, 56, struct.pack("<H", 0xffff))  # e_phnum
        report = self.report()
        self.assert_faults(report, "narrow.so", "turned.so", "segments.so")

    def test_objects_that_need_each_other(self):
        shared_object(self.site, "one.so")
        shared_object(self.site, "two.so", str(self.site / "one.so"), "-Wl,-rpath,$ORIGIN",
                      "-Wl,-soname,two.so", "-Wl,--no-as-needed")
        shared_object(self.site, "one.so", "-Wl,--no-as-needed", str(self.site / "two.so"),
                      "-Wl,-soname,one.so", "-Wl,-rpath,$ORIGIN")
        report = self.report()
        libraries = {os.path.basename(one["path"]): one for one in report["libraries"]}
        wanted = {needed["name"]: needed["resolved"] for needed in libraries["one.so"]["needed"]}
        self.assertTrue(any(name.endswith("two.so") and resolved for name, resolved in wanted.items()),
                        wanted)

    def test_search_paths_that_lead_out_or_nowhere(self):
        shared_object(self.bait, "libwanted.so", "-Wl,-soname,libwanted.so")
        paths = [str(self.bait), "$ORIGIN/../../../../../../../../../../../" + str(self.bait),
                 "$ORIGIN/$ORIGIN/$ORIGIN", "${ORIGIN", "$LIB$PLATFORM", "relative/path", ":" * 500]
        for number, path in enumerate(paths):
            shared_object(self.site, f"wants{number}.so", "-Wl,--no-as-needed", f"-L{self.bait}",
                          "-lwanted", f"-Wl,-rpath,{path}")
        report = self.report()
        for number in range(len(paths)):
            library, = [one for one in report["libraries"] if one["path"].endswith(f"wants{number}.so")]
            needed, = [one for one in library["needed"] if one["name"] == "libwanted.so"]
            self.assertIsNone(needed["resolved"], (paths[number], needed))
        self.assert_stays_inside()

    def test_what_is_no_file(self):
        os.mkfifo(self.site / "pipe.so")
        os.mkfifo(self.site / "pipe.py")
        distribution(self.site, "piped")
        os.unlink(self.site / "piped-1.0.dist-info/METADATA")
        os.mkfifo(self.site / "piped-1.0.dist-info/METADATA")
        expected = 3
        if os.geteuid() == 0:
            os.mknod(self.site / "zero.so", stat.S_IFCHR | 0o666, os.makedev(1, 5))
            expected += 1
        report = self.report()
        self.assertEqual(report["totals"]["special"], expected)
        self.assert_stays_inside()

    def test_interpreters_that_are_none(self):
        elsewhere = self.scratch / "foreign"
        for folder in ("bin", "lib"):
            (elsewhere / folder).mkdir(parents=True)
        shutil.copy(self.scratch / "whole.so", elsewhere / "bin/python3.11")
        shared_object(elsewhere / "lib", "libwanted.so", "-Wl,-soname,libwanted.so")
        shared_object(self.site, "wants.so", "-Wl,--no-as-needed", f"-L{elsewhere}/lib", "-lwanted",
                      f"-Wl,-rpath,{elsewhere}/lib")
        os.mkfifo(elsewhere / "python3.11")
        for name in ("bin/python3.11", "python3.11"):
            (self.target / "pyvenv.cfg").write_text(
                f"home = {elsewhere}/bin\nversion = 3.11.2\nexecutable = {elsewhere}/{name}\n")
            library, = self.report()["libraries"][:1]
            needed, = [one for one in library["needed"] if one["name"] == "libwanted.so"]
            self.assertIsNone(needed["resolved"], name)
            self.assert_stays_inside()
        (self.target / "pyvenv.cfg").write_text(f"executable = {elsewhere}/bin/python3.11\n")
        self.assert_faults(self.report(), "foreign/bin/python3.11")
        (elsewhere / "lib/python3.11").mkdir()  # as CPython is installed: its libraries are, too
        library, = self.report()["libraries"][:1]
        self.assertIn(str(elsewhere / "lib/libwanted.so"), [one["resolved"] for one in library["needed"]])

    def test_names_of_sections_count_once_for_an_inode(self):
        source = self.scratch / "sections.s"
        source.write_text("".join(f'.section .{number:0200d},"",@progbits\n.zero 8192\n'
                                  for number in range(90)))
        subprocess.run([COMPILER, "-shared", "-nostdlib", "-o", self.site / "x.so", source], check=True)
        for number in range(3500):
            os.link(self.site / "x.so", self.site / f"x{number}.so")
        report = self.report()
        self.assertEqual(len([one for one in report["libraries"] if not one["outside"]]), 3501)
        self.assertEqual(len([one for one in report["libraries"] if one.get("sections")]), 1)
        self.assertEqual(report["faults"], [])

    # --- trees ----------------------------------------------------------------------------------

    def test_links_lead_nowhere(self):
        (self.site / "up").symlink_to("..")
        (self.site / "loop").symlink_to("loop")
        (self.site / "root").symlink_to("/")
        (self.site / "bait").symlink_to(self.bait)
        (self.site / "bait.so").symlink_to(self.bait / "bait.so")
        (self.site / "bait.py").symlink_to(self.bait / "secret.py")
        info = distribution(self.site, "linked")
        (info / "RECORD").symlink_to(self.bait / "secret.py")
        (info / "WHEEL").symlink_to("/etc/passwd")
        (self.target / "requirements.txt").symlink_to(self.bait / "secret.py")
        report = self.report()
        self.assertEqual(report["totals"]["links"], 9)
        self.assertNotIn("swordfish", json.dumps(report))
        self.assert_stays_inside()

    def test_deep_and_wide(self):
        deep = self.target
        for _ in range(200):
            deep = deep / "d"
        deep.mkdir(parents=True)
        (deep / "far.py").write_text("")
        report = self.report()
        self.assertEqual(len([fault for fault in report["faults"] if "deep" in fault["what"]]), 1,
                         report["faults"])
        shutil.rmtree(self.target / "d")

    def test_long_names_have_a_bound(self):
        """8,900 paths of 15 kB; and a folder whose names alone are more than 1 MB."""
        wide = self.target / "a"
        (wide / "zz").mkdir(parents=True)
        (wide / "zz/x.py").write_text("")
        for number in range(4500):
            (wide / f"{number:0240d}").touch()
        folder = os.open(self.target, os.O_RDONLY)
        for _ in range(61):
            os.mkdir("d" * 250, dir_fd=folder)
            below = os.open("d" * 250, os.O_RDONLY, dir_fd=folder)
            os.close(folder)
            folder = below
        for number in range(8900):
            os.close(os.open(f"{number:0240d}", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
        os.close(folder)
        report = self.report()
        cut = [fault for fault in report["faults"] if "128 MiB of paths" in fault["what"]]
        self.assertEqual(len(cut), 1, report["faults"])
        self.assertEqual(report["totals"]["kinds"]["python"]["files"], 1)
        self.assertLess(report["totals"]["files"], 13401)

    def test_hard_links_count_once(self):
        (self.site / "first.bin").write_bytes(b"x" * 10000)
        for number in range(5):
            os.link(self.site / "first.bin", self.site / f"again{number}.bin")
        self.assertEqual(self.report()["totals"]["bytes"], 10000)

    def test_names_are_inert_everywhere(self):
        for name in NAMES:
            path = os.path.join(os.fsencode(self.site), name)
            with open(path, "wb") as file:
                file.write(b"import \xff\n")
        distribution(self.site, "evil", metadata=b"Name: <b>evil</b>\x1b[31m\nVersion: 1\xff</script>\n"
                     b"Requires-Dist: \x1b]0;title\x07\nRequires-Dist: </script>>=1\nLicense: \x1b[2J\n")
        (self.target / "requirements.txt").write_bytes(b"\x1b[31mred==1\n</script>\n-r " + b"a" * 9000)
        report = self.report()
        self.assertEqual(report["totals"]["kinds"]["python"]["files"], len(NAMES) - 2)
        evil, = [one["name"] for one in report["distributions"] if "evil" in one["name"]]
        views = [line.split()[0] for line in self.deps("--view", "list").decode().splitlines()]
        self.assertLessEqual({"why", "reverse", "tree", "libraries", "faults"}, set(views))
        for options in ([], ["-f", "cyclonedx"], ["--json"],
                        *([f"--{view}", evil] if view in ("why", "reverse") else ["--view", view]
                          for view in views)):
            self.assert_inert(self.deps(*options), options)
        for options in (["--why", "\x1b[31m\u202e\n"], ["--reverse", "\x1b[31m\u202e\n"]):
            refusal = self.deps(*options, expected=2, stream="stderr")
            self.assertEqual(refusal.count(b"\n"), 1, refusal)
            self.assert_inert(refusal, options)
        page = self.deps("-f", "html").decode("utf-8")
        self.assertNotIn("<script>alert", page)

    # --- metadata -------------------------------------------------------------------------------

    def test_records_that_lead_out(self):
        distribution(self.site, "escaping", record=(
            f"../../../../bait/secret.py,,\n{self.bait}/secret.py,,\n/etc/passwd,,5\nescaping.py,,7\n"
            "../../../bin/script,,\n").encode())
        (self.site / "escaping.py").write_text("x = 1\n")
        report = self.report()
        one, = [one for one in report["distributions"] if one["name"] == "escaping"]
        self.assertEqual(one["record"]["outside"], 3)
        self.assert_stays_inside()

    def test_metadata_that_lies(self):
        distribution(self.site, "huge", metadata=b"Name: huge\n" + b"Requires-Dist: x" * 400000)
        distribution(self.site, "empty", record=b"", metadata=b"")
        distribution(self.site, "binary", record=bytes(range(256)) * 40, metadata=bytes(range(256)) * 40)
        distribution(self.site, "quoted", record=b'"never closed,,\n' * 100)
        distribution(self.site, "selfish", metadata=b"Name: selfish\nVersion: 1\n"
                     b"Requires-Dist: selfish[a]; extra == 'a'\nProvides-Extra: a\nRequires-Dist: selfish[a]\n")
        info = distribution(self.site, "direct")
        (info / "direct_url.json").write_text('{"url": "file:///etc", "dir_info": {"editable": true}, ' + "[" * 100000)
        (self.target / "pyvenv.cfg").write_bytes(b"home = /nonexistent\xff\nversion = 3.11.\x00\n" + b"=" * 70000)
        (self.target / "host.json").write_text("{" * 1000)
        report = self.report()
        self.assertLessEqual({"huge", "empty", "binary", "quoted", "selfish", "direct"},
                             {one["name"] for one in report["distributions"]})
        self.assert_stays_inside()

    def test_requirements_have_a_bound_together(self):
        text = b"Name: x\nVersion: 1\n" + b"".join(b"Requires-Dist: p%d\n" % number
                                                 for number in range(8192))
        first = distribution(self.site, "n0", metadata=text) / "METADATA"
        for number in range(1, 200):
            info = self.site / f"n{number}-1.0.dist-info"
            info.mkdir()
            os.link(first, info / "METADATA")
        report = self.report()
        self.assertEqual(len(report["distributions"]), 200)
        self.assertEqual([fault["what"][:30] for fault in report["faults"]],
                         ["more than 200,000 requirements"])

    def test_records_have_a_bound_together(self):
        with open(distribution(self.site, "n0", record=b"") / "RECORD", "wb") as file:
            file.truncate(64 << 20)
        for number in range(1, 300):
            info = distribution(self.site, f"n{number}")
            os.link(self.site / "n0-1.0.dist-info/RECORD", info / "RECORD")
        trace = self.scratch / "trace"
        subprocess.run(["strace", "-e", "trace=read", "-o", str(trace), THAW, "deps", "--json", str(self.target)],
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True, timeout=RUN_SECONDS)
        read = sum(int(got) for got in re.findall(r" = (\d+)$", trace.read_text(errors="replace"), re.MULTILINE))
        self.assertLess(read, 80 << 20)

    def test_names_in_many_places_have_a_bound(self):
        for number in range(900):
            info = self.site / f"e{number}.egg/EGG-INFO"
            info.mkdir(parents=True)
            (info / "PKG-INFO").write_text(f"Name: e{number}\nVersion: 1\n")
        (self.target / "requirements.txt").write_text("e1\n")
        (self.target / "app.py").write_text("".join(f"import n{number}\n" for number in range(2000)))
        self.assertTrue(any("places to look for" in fault["what"] for fault in self.report()["faults"]))

    def test_requirements_that_include_each_other(self):
        (self.target / "requirements.txt").write_text(
            "-r requirements.txt\n-r other.txt\n-r ../bait/secret.py\n-r /etc/passwd\nnumpy==1\n")
        (self.target / "other.txt").write_text("-r requirements.txt\n-c requirements.txt\n")
        report = self.report()
        self.assertIn("numpy", [one["name"] for one in report["requirements"]])
        self.assertNotIn("swordfish", json.dumps(report))
        self.assert_stays_inside()


if __name__ == "__main__":
    unittest.main()
