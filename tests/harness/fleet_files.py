"""The rules and the dashboard of reports/fleet, as the tests read them, and pages of metrics."""

import json
import re

from program import REPOSITORY

FLEET = REPOSITORY / "reports/fleet"
GRAFANA = {"$__rate_interval": "5m", "$__interval": "1m", "$__range": "1h", "$node": ".*", "$app": ".*"}


def dashboard():
    return json.loads((FLEET / "grafana-dashboard.json").read_text(encoding="utf-8"))


def dashboard_expressions():
    """{where: expression}, as Grafana would send it."""
    found = {}
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", ()):
            found[f"{panel['title']} {target['refId']}"] = target["expr"]
    for annotation in dashboard()["annotations"]["list"]:
        found[annotation["name"]] = annotation["expr"]
    for where, expression in found.items():
        for name, value in GRAFANA.items():
            expression = expression.replace(name, value)
        found[where] = expression
    return found


def rules():
    """[(kind, name, expression)] of alerts.yml, as a reader of its few forms finds them."""
    found, text = [], (FLEET / "alerts.yml").read_text(encoding="utf-8")
    for block in re.split(r"^      - (?=record|alert)", text, flags=re.MULTILINE)[1:]:
        kind, name = re.match(r"(record|alert): (\S+)\n", block).groups()
        expression = re.search(r"^ +expr: (\|\n(?: {10,}.*\n)+|.*\n)", block, re.MULTILINE)[1]
        found.append((kind, name, expression.removeprefix("|\n")))
    return found


def page_names(text):
    """{family: its type} and {sample: names of its labels} of a page."""
    families = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    samples = {}
    for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? \S+(?: #.*)?$", text, re.MULTILINE):
        samples.setdefault(name, set()).update(re.findall(r'(\w+)="', labels.partition("} # ")[0]))
    return families, samples


def sample_names(families):
    """What the samples of all families are called, also of those that have none just now."""
    parts = {"counter": ("_total",), "gauge": ("",), "info": ("_info",),
             "histogram": ("_bucket", "_sum", "_count")}
    return {name + part for name, kind in families.items() for part in parts[kind]}
