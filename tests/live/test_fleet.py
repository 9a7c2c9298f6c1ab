"""What a fleet's engines make of `thaw audit`: Debian's Prometheus and VictoriaMetrics scrape nodes whose
pages are made of the daemon's own tables (fleet_node.c), and are asked back what they know."""

import tempfile
import unittest
from pathlib import Path

import fleet_engines
import live_program
from fleet_engines import eventually
from fleet_files import FLEET, dashboard_expressions

APPS, MODULES, STARTS = 3, 5, 30
PHASES = {"host": 0.10, "worker": 0.15, "specialize": 0.05, "import": 0.50, "ready": 0.08,
          "first-invocation": 0.10}  # of each start, fleet_node.c; the rest is unattributed
TRACE = "0af7651916cd43dd8448eb211c80319c"


def duration_ms(app, number):
    """How long the start of that number took, fleet_node.c."""
    return 200 + 97 * (number * 7 % STARTS) + 31 * app


def durations(app):
    return sorted(duration_ms(app, number) / 1000 for number in range(STARTS))


class FleetCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.program = live_program.built(cls.folder, "fleet_node.c")

    @classmethod
    def node(cls):
        served = fleet_engines.Served(cls.program, APPS, MODULES, "127.0.0.1:0")
        cls.addClassCleanup(served.end)
        return served

    @classmethod
    def room(cls, name):
        """A folder for an engine."""
        folder = cls.folder / name
        folder.mkdir()
        return folder


class RealPrometheus(FleetCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        fleet_engines.package("prometheus")
        cls.nodes = [cls.node(), cls.node()]
        cls.engine = fleet_engines.Prometheus(cls.room("prometheus"), {
            "global": {"scrape_interval": "500ms", "scrape_timeout": "500ms",
                       "evaluation_interval": "500ms"},
            "rule_files": [str(FLEET / "alerts.yml")],
            "scrape_configs": [{"job_name": "thaw", "static_configs": [
                {"targets": [node.address], "labels": {"node": f"node-{number}"}}
                for number, node in enumerate(cls.nodes)]}]})
        cls.addClassCleanup(cls.engine.end)
        eventually(cls.engine.is_ready)
        eventually(lambda: cls.engine.query("count(up == 1) == 2"))

    def number(self, expression):
        """One value; a page that came too late would leave nothing for a moment."""
        (_, value), = eventually(lambda: self.engine.query(expression))
        return value

    def test_counters_and_sums(self):
        each = [durations(app) for app in range(APPS)]
        self.assertEqual(self.number('sum(thaw_cold_starts_total{app=~"app-.*"})'),
                         len(self.nodes) * APPS * STARTS)
        self.assertEqual(self.number('sum(thaw_requests_total{app="app-01"})'), 2 * 1001)
        self.assertEqual(self.number('sum(thaw_requests_cold_total{app="app-01"})'), 2 * STARTS)
        for app in range(APPS):
            self.assertAlmostEqual(
                self.number(f'sum(thaw_cold_start_duration_seconds_sum{{app="app-{app:02}"}})'),
                len(self.nodes) * sum(each[app]), places=6)
        self.assertEqual(self.number('count(thaw_build_info{node="node-1"})'), 1)

    def test_quantiles_by_phase(self):
        """Within the bucket of the true one; parts add up to the whole."""
        true = durations(1)[round(0.95 * (STARTS - 1))]
        found = {labels["phase"]: value for labels, value in self.engine.query(
            'histogram_quantile(0.95, sum by (phase, le) '
            '(thaw_cold_start_phase_duration_seconds_bucket{app="app-01"}))')}
        self.assertEqual(set(found), {*PHASES, "unattributed"})
        for phase, share in PHASES.items():
            self.assertLessEqual(found[phase] / (true * share), 2, phase)
            self.assertGreaterEqual(found[phase] / (true * share), 1 / 2, phase)
        whole = self.number('histogram_quantile(0.95, sum by (le) '
                            '(thaw_cold_start_duration_seconds_bucket{app="app-01"}))')
        self.assertLessEqual(max(whole / true, true / whole), 2 ** 0.5 * 1.05)
        self.assertAlmostEqual(
            self.number('sum(thaw_cold_start_phase_duration_seconds_sum{app="app-01"}) - '
                        'sum(thaw_cold_start_duration_seconds_sum{app="app-01"})'), 0, places=6)

    def test_exemplars_lead_to_traces(self):
        self.nodes[0].say(f"start traced 1500 {TRACE}")

        def exemplars():
            rows = self.engine.api("query_exemplars", start="0", end="9999999999",
                                   query='thaw_cold_start_duration_seconds_bucket{app="traced"}')
            return [(row["seriesLabels"], one) for row in rows for one in row["exemplars"]]
        (labels, exemplar), *_ = eventually(exemplars)
        self.assertEqual((labels["app"], labels["node"]), ("traced", "node-0"))
        self.assertEqual(exemplar["labels"], {"trace_id": TRACE, "span_id": "b7ad6b7169203331"})
        self.assertEqual(float(exemplar["value"]), 1.5)
        self.assertGreaterEqual(float(labels["le"]), 1.5)

    def test_an_alert_fires_for_a_planted_loss(self):
        def firing():
            return [alert for alert in self.engine.api("alerts")["alerts"]
                    if alert["labels"]["alertname"] == "ThawEventsLost"]
        self.assertEqual(firing(), [])
        self.nodes[1].say("lose 7")
        alert, = eventually(firing)
        self.assertEqual((alert["state"], alert["labels"]["node"], alert["labels"]["cause"]),
                         ("firing", "node-1", "ring-buffer-full"))

    def test_rules_are_fine_and_the_dashboard_s_questions_are_answered(self):
        def evaluated():
            found = [rule for group in self.engine.api("rules")["groups"] for rule in group["rules"]]
            return found if all(rule["health"] != "unknown" for rule in found) else None
        for rule in eventually(evaluated):
            self.assertEqual((rule["health"], rule.get("lastError")), ("ok", None), rule["name"])
        answered = set()
        for where, expression in dashboard_expressions().items():
            with self.subTest(where):
                if self.engine.query(expression):
                    answered.add(where)
        for where in ("p95 A", "Cold starts A", "Where the time goes A", "Memory A", "Nodes seen A",
                      "Imports that take longest A", "Processes and requests in flight B"):
            self.assertIn(where, answered)


class ManyNodes(FleetCase):
    """A vmagent on each node, all of which write into one VictoriaMetrics."""

    NODES = 3

    def test_all_is_there_once(self):
        fleet_engines.package("victoria-metrics")
        nodes = [self.node() for _ in range(self.NODES)]
        with fleet_engines.VictoriaMetrics(self.room("victoria-metrics")) as store:
            agents = []
            for number, node in enumerate(nodes):
                agent = fleet_engines.Agent(self.room(f"agent-{number}"), {
                    "global": {"scrape_interval": "1s"},
                    "scrape_configs": [{"job_name": "thaw", "static_configs": [
                        {"targets": [node.address], "labels": {"node": f"node-{number}"}}]}]}, store)
                self.addCleanup(agent.end)
                agents.append(agent)

            def complete():
                store.visible()
                rows = store.query('count by (node) (thaw_cold_starts_total{answered="true"})')
                return rows if len(rows) == self.NODES else None
            self.assertEqual({(labels["node"], value) for labels, value in eventually(complete)},
                             {(f"node-{number}", APPS) for number in range(self.NODES)})
            self.assertEqual(store.query("sum(thaw_cold_starts_total)"),
                             [({}, self.NODES * APPS * STARTS)])
            whole = store.query('sum(thaw_cold_start_duration_seconds_sum{app="app-02"})')[0][1]
            self.assertAlmostEqual(whole, self.NODES * sum(durations(2)), places=6)
            nodes[2].say("start late 900")
            eventually(lambda: (store.visible(), store.query(
                'thaw_cold_starts_total{app="late", node="node-2"} == 1'))[1])
            for where, expression in dashboard_expressions().items():
                with self.subTest(where):
                    store.query(expression)


if __name__ == "__main__":
    unittest.main()
