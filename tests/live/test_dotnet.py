"""A real .NET runtime is told by the files it is made of, each once and in order, as strace saw them
in the same run. What runs on it is no Functions host: a library of its own that has no program."""

import json
import os
import shutil
import tempfile
import unittest
from pathlib import Path

import locked_environments
import strace_truth
from recorded import record_with_ebpf

TIMEOUT_SECONDS = 300
ASSEMBLY = "shared/Microsoft.NETCore.App/3.1.23/System.Xml.XPath.dll"
CONFIGURATION = {"runtimeOptions": {"tfm": "netcoreapp3.1", "framework": {
    "name": "Microsoft.NETCore.App", "version": "3.1.0"}}}
TOLD = ("libhostfxr.so", "program.runtimeconfig.json", "libhostpolicy.so", "libcoreclr.so",
        "host.json", "worker.config.json", "bundle.json", "extensions.json")


class Dotnet(unittest.TestCase):
    def setUp(self):
        if not shutil.which("strace"):
            self.skipTest("strace is not installed")
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.scratch.chmod(0o755)

    def opened(self, truth):
        """Base names of what was opened, in order, of those that are told."""
        names = []
        for _, name, arguments, result in strace_truth.whole_calls(truth.read_text()):
            if name in ("open", "openat") and result != "?" and int(result) >= 0:
                base = os.path.basename(arguments.split('"')[1])
                if base in TOLD:
                    names.append(base)
        return names

    def told(self, recorded):
        names = []
        for line in recorded.text.splitlines():
            words = line.split()
            if len(words) > 1 and words[1] == "host.file":
                names.append(json.loads(words[-1].removeprefix("file=")))
        return names

    def test_a_runtime_is_told_by_its_files(self):
        dotnet = locked_environments.dotnet()
        shutil.copy(dotnet.parent / ASSEMBLY, self.scratch / "program.dll")
        (self.scratch / "program.runtimeconfig.json").write_text(json.dumps(CONFIGURATION))
        for name in TOLD[4:] + ("ghost.json", "host.json.bak", "libcoreclr.so.1"):
            (self.scratch / name).write_text("{}")
        reads = " ".join(f"cat {name};" for name in sorted(os.listdir(self.scratch))
                         if "json" in name or "libcoreclr" in name)
        truth = self.scratch / "strace"
        script = f"{dotnet} exec program.dll; {reads} cat missing/host.json; exit 0"
        recorded = record_with_ebpf(
            self.scratch / "recording.thaw", "--until", "exit",
            command=strace_truth.command(truth, "sh", "-c", script), cwd=self.scratch,
            env={"PATH": os.environ["PATH"], "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",
                 "HOME": str(self.scratch)})
        self.assertEqual(recorded.status, 0, recorded.stderr)
        # The runtime ran: it looked for a program in the library, and there is none.
        self.assertIn("System.MissingMethodException", recorded.stderr)
        opened = self.opened(truth)
        self.assertEqual([name for name in opened if name in TOLD[:4]][:4], list(TOLD[:4]))
        self.assertEqual(self.told(recorded),
                         [name.replace("program.", "*.") for name in opened])
        self.assertEqual(recorded.report["losses"], [])
        self.assertNotIn(str(self.scratch / "host.json"), recorded.text)


if __name__ == "__main__":
    unittest.main()
