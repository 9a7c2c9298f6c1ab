"""`thaw audit` itself under Debian's Prometheus: what it saw starting is what Prometheus says."""

import subprocess
import tempfile
import unittest
from pathlib import Path

import audit_daemon
import fleet_engines
from fleet_engines import eventually


class Scraped(unittest.TestCase):
    STARTS = 5

    def test_starts_of_this_machine(self):
        fleet_engines.package("prometheus")
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        app, kept, room = folder / "fleet/orders", folder / "daemon", folder / "prometheus"
        for one in (app, kept, room):
            one.mkdir(parents=True)
        with audit_daemon.Daemon(kept, "--all-python") as daemon, \
                fleet_engines.Prometheus(room, {
                    "global": {"scrape_interval": "500ms", "scrape_timeout": "500ms"},
                    "scrape_configs": [{"job_name": "thaw", "static_configs": [
                        {"targets": [f"127.0.0.1:{daemon.port}"]}]}]}) as engine:
            for _ in range(self.STARTS):
                subprocess.run(["/usr/bin/python3.11", "-c", "import json"], cwd=app, check=True,
                               timeout=60)
            eventually(lambda: engine.query(
                f'sum(thaw_cold_starts_total{{app="fleet/orders"}}) == {self.STARTS}'))
            (_, json_starts), = eventually(lambda: engine.query(
                'thaw_import_starts_total{app="fleet/orders", module="json"}'))
            self.assertEqual(json_starts, self.STARTS)
            for name in ("thaw_build_info", "thaw_cpu_seconds_total > 0", "thaw_events_total > 0",
                         "thaw_resident_memory_bytes > 0", "count(thaw_events_lost_total)"):
                self.assertTrue(engine.query(name), name)


if __name__ == "__main__":
    unittest.main()
