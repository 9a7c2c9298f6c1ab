"""The checker of layers finds what it is there to find."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECKER = Path(__file__).with_name("check_layers.py")
ROOMS = ("base", "native", "platform", "python", "inventory", "capture", "recording", "timeline",
         "analysis", "report", "cli")


class CheckLayers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for room in ROOMS:
            self.write(f"src/{room}/{room}.h", "")
        for name in ("event", "error", "timeline"):
            self.write(f"include/thaw/{name}.h", "")
        for path in ("bpf/x.bpf.c", "reports/schema/x.json", "tests/unit/x.c"):
            self.write(path, "")
        (self.root / "tests/harness").mkdir()
        shutil.copy(CHECKER, self.root / "tests/harness")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def faults(self):
        """What it prints; also checks the exit status against that."""
        done = subprocess.run([sys.executable, "-B", self.root / "tests/harness/check_layers.py"],
                              stdout=subprocess.PIPE, text=True)
        lines = [line for line in done.stdout.splitlines() if not line.startswith("layers: ")]
        self.assertEqual(done.returncode, 1 if lines else 0)
        return lines

    def test_what_is_allowed(self):
        self.write("src/timeline/a.c", '#include "timeline/timeline.h"\n#include "base/base.h"\n'
                   '#include "thaw/timeline.h"\n#include "recording/recording.h"\n#include <stdio.h>\n'
                   '#include "python/python.h"\n')
        self.write("src/capture/a.c", "#include <bpf/libbpf.h>\n")
        self.write("src/native/a.c", "#include <libelf.h>\n")
        self.write("bpf/a.bpf.c", '#include "x.bpf.c"\n#include <bpf/bpf_helpers.h>\n'
                   '#include "thaw/event.h"\n')
        self.assertEqual(self.faults(), [])

    def test_each_forbidden_include(self):
        for room, line in (("base", '"report/report.h"'), ("python", '"inventory/inventory.h"'),
                           ("platform", '"recording/recording.h"'), ("capture", '"timeline/timeline.h"'),
                           ("capture", '"recording/recording.h"'), ("capture", '"thaw/timeline.h"'),
                           ("timeline", '"capture/capture.h"'), ("timeline", '"thaw/event.h"'),
                           ("recording", '"timeline/timeline.h"'), ("timeline", "<bpf/libbpf.h>"),
                           ("cli", "<libelf.h>"), ("report", "<sqlite3.h>"), ("cli", '"help.h"'),
                           ("cli", '"cli/nowhere.h"'), ("analysis", '"report/report.h"')):
            with self.subTest(room=room, line=line):
                self.write(f"src/{room}/bad.c", f"\n#include {line}\n")
                faults = self.faults()
                self.assertEqual(len(faults), 1, faults)
                self.assertTrue(faults[0].startswith(f"src/{room}/bad.c:2: "), faults)
                (self.root / f"src/{room}/bad.c").unlink()

    def test_sizes(self):
        body = "    x();\n" * 79
        self.write("src/base/a.c", f"int f(void)\n{{\n{body}}}\n")
        self.write("src/base/b.c", "\n" * 500)
        self.assertEqual(self.faults(), [])
        self.write("src/base/a.c", f"int f(void)\n{{\n{body}{body}}}\n")
        self.write("src/base/b.c", "\n" * 501)
        self.assertEqual([fault.split(":")[0] for fault in self.faults()],
                         ["src/base/a.c", "src/base/b.c"])

    def test_folders(self):
        for path in ("docs/a.md", "src/misc/a.h", "src/a.c", "tests/other/a.py", ".hidden/a"):
            with self.subTest(path):
                self.write(path, "")
                self.assertTrue(self.faults())
                (self.root / path).unlink()
                parent = (self.root / path).parent
                if not any(parent.iterdir()):
                    parent.rmdir()


if __name__ == "__main__":
    unittest.main()
