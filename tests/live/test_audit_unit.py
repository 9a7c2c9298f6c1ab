"""The systemd unit that thaw comes with, as systemd rates and reads it; whether it starts under these
limits is tests/kernels/test_audit_service.py's to say."""

import json
import re
import tempfile
import unittest
from pathlib import Path

import debian_systemd
from program import REPOSITORY

UNIT = REPOSITORY / "reports/fleet/thaw-audit.service"
MOST = 2.5  # of 10, where 0 is no exposure; 9.6 without any of it
RIGHTS = "CAP_BPF CAP_PERFMON CAP_SYS_PTRACE CAP_DAC_READ_SEARCH"


class AuditUnit(unittest.TestCase):
    def test_is_rated_at_most(self):
        result = debian_systemd.analyze("security", "--offline=yes", f"--threshold={MOST * 10:.0f}",
                                        "--json=short", UNIT)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertGreater(len(json.loads(result.stdout)), 50)

    def test_the_threshold_is_one(self):
        with tempfile.TemporaryDirectory() as folder:
            loose = Path(folder) / "thaw-audit.service"
            loose.write_text(re.sub(r"^(Protect|Restrict|Private|SystemCallFilter).*$", "",
                                    UNIT.read_text(), flags=re.MULTILINE))
            result = debian_systemd.analyze("security", "--offline=yes",
                                            f"--threshold={MOST * 10:.0f}", loose)
        self.assertNotEqual(result.returncode, 0)

    def test_is_understood(self):
        with tempfile.TemporaryDirectory() as folder:
            unit = Path(folder) / "thaw-audit.service"
            unit.write_text(UNIT.read_text().replace("/usr/local/bin/thaw", "/bin/true")
                            .replace("Documentation=man:thaw-audit(1)\n", ""))
            result = debian_systemd.analyze("verify", "--man=no", "--recursive-errors=no", unit)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_has_the_four_rights_and_no_other(self):
        text = UNIT.read_text()
        for setting in ("AmbientCapabilities", "CapabilityBoundingSet"):
            self.assertEqual(re.findall(rf"^{setting}=(.*)$", text, re.MULTILINE), [RIGHTS])


if __name__ == "__main__":
    unittest.main()
