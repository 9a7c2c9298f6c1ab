"""The files of reports/fleet, before any engine runs for long: rules do what they say (promtool's own
tests of rules), scraping is understood, and the dashboard asks for what the daemon has."""

import json
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import fleet_engines
import live_program
import locked_environments
from fleet_engines import promtool
from fleet_files import FLEET, dashboard, dashboard_expressions, page_names, rules, sample_names
from program import REPOSITORY

TESTS = REPOSITORY / "tests/live/fleet"
NAME = re.compile(r"(?<![\w:$\"])(?:\w+:)?thaw_\w+(?::\w+)?|(?<![\w:\"])up(?=\{)")


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)

    def test_rules_do_what_they_say(self):
        result = promtool("check", "rules", FLEET / "alerts.yml")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn(f"SUCCESS: {len(rules())} rules found", result.stdout)
        result = promtool("test", "rules", "alerts_test.yml", "alerts_over_weeks_test.yml", cwd=TESTS)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertEqual(result.stdout.count("SUCCESS"), 2)

    def test_every_alert_has_been_seen_firing(self):
        tested = set()
        for path in TESTS.glob("*_test.yml"):
            for block in re.split(r"alertname: ", path.read_text(encoding="utf-8"))[1:]:
                if "exp_labels" in block:
                    tested.add(re.match(r"\w+", block)[0])
        self.assertEqual(tested, {name for kind, name, _ in rules() if kind == "alert"})

    def test_vmalert_takes_the_rules(self):
        result = subprocess.run([fleet_engines.package("victoria-metrics") / "vmalert", "-dryRun",
                                 f"-rule={FLEET}/alerts.yml"], capture_output=True, text=True,
                                timeout=60, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_scraping(self):
        """Debian's Prometheus is built without Kubernetes; vmagent has it, and no rules."""
        text = (FLEET / "prometheus.yml").read_text(encoding="utf-8")
        head, kubernetes, machines = re.split(r"(?m)^(?=  # On Kubernetes|  # Machines by name)", text)
        config = self.folder / "prometheus.yml"
        config.write_text(head + machines, encoding="utf-8")
        (self.folder / "alerts.yml").write_bytes((FLEET / "alerts.yml").read_bytes())
        result = promtool("check", "config", config)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        config.write_text(re.sub(r"(?m)^rule_files:\n(  - .*\n)+", "", head) + kubernetes + machines,
                          encoding="utf-8")
        agent = fleet_engines.package("victoria-metrics") / "vmagent"
        result = subprocess.run([agent, f"-promscrape.config={config}", "-dryRun",
                                 "-remoteWrite.url=http://127.0.0.1:1/"], capture_output=True,
                                text=True, timeout=60, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_all_names_are_the_daemon_s(self):
        """Rows of the tables, rules and dashboard: none names what another has not."""
        program = live_program.built(self.folder, "fleet_node.c")
        with fleet_engines.Served(program, 1, 1, "127.0.0.1:0") as node:
            _, page = fleet_engines.get(f"http://{node.address}/metrics",
                                        "application/openmetrics-text")
        families, samples = page_names(page)
        known = sample_names(families) | {"up"}
        recorded = {name for kind, name, _ in rules() if kind == "record"}
        places = {name: expression for _, name, expression in rules()} | dashboard_expressions()
        used = set()
        for where, expression in places.items():
            with self.subTest(where):
                names = set(NAME.findall(expression))
                self.assertTrue(names)
                self.assertEqual(names - known - recorded, set())
                used |= names
                known_labels = {"le", "node", "instance", "job", "app", "phase"}.union(
                    *(samples.get(name, ()) for name in names))
                asked = re.findall(r"(\w+) *(?:=~|!~|!=|=(?!=)) *\"", expression)
                for group in re.findall(r"\b(?:by|on|group_left) *\(([^()]*)\)", expression):
                    asked += re.findall(r"\w+", group)
                self.assertEqual(set(asked) - known_labels, set())
        unused = {name for name, kind in families.items()
                  if not used & sample_names({name: kind})}
        self.assertLess(len(unused), len(families) / 2, unused)

    def test_readers_find_no_fault_with_the_page(self):
        """promtool's of the plain text, prometheus_client's of OpenMetrics."""
        program = live_program.built(self.folder, "fleet_node.c")
        with fleet_engines.Served(program, 2, 2, "127.0.0.1:0") as node:
            node.say("start app-00 900 0af7651916cd43dd8448eb211c80319c")
            _, plain = fleet_engines.get(f"http://{node.address}/metrics", "text/plain")
            _, text = fleet_engines.get(f"http://{node.address}/metrics",
                                        "application/openmetrics-text")
        result = promtool("check", "metrics", stdin=plain)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
        page = self.folder / "page"
        page.write_text(text, encoding="utf-8")
        result = subprocess.run([locked_environments.trace_readers() / "bin/python", "-I",
                                 REPOSITORY / "tests/live/traces/read.py", "openmetrics", page],
                                capture_output=True, check=True, timeout=60)
        families = json.loads(result.stdout)[str(page)]
        self.assertEqual({name: one["type"] for name, one in families.items()}, page_names(text)[0])

    def test_dashboard_is_well_formed(self):
        board = dashboard()
        self.assertGreaterEqual(board["schemaVersion"], 38)  # Grafana 10
        self.assertEqual([one["name"] for one in board["templating"]["list"]],
                         ["datasource", "node", "app"])
        numbers = [panel["id"] for panel in board["panels"]]
        self.assertEqual(len(set(numbers)), len(numbers))
        taken = set()
        for panel in board["panels"]:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                     for y in range(place["y"], place["y"] + place["h"])}
            self.assertFalse(cells & taken, panel["title"])
            self.assertLessEqual(place["x"] + place["w"], 24)
            taken |= cells
            if panel["type"] == "row":
                continue
            self.assertEqual(panel["datasource"], {"type": "prometheus", "uid": "${datasource}"})
            references = [target["refId"] for target in panel["targets"]]
            self.assertEqual(len(set(references)), len(references))
            for target in panel["targets"]:
                self.assertEqual(target["datasource"], panel["datasource"])
        self.assertNotRegex(json.dumps(board), r"https?://|localhost|password")


if __name__ == "__main__":
    unittest.main()
