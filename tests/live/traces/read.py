"""Reads what thaw wrote for other tools by these tools' own readers: read.py KIND FILE... prints
JSON, of each file what its reader made of it, or {"error": text}. Run by the Python of the
readers' environment. Kinds: importtime (tuna), otlp and otlp_metrics (the protocol's messages),
openmetrics (prometheus_client).
"""

import importlib
import json
import pkgutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "harness"))
import otlp_read


def importtime(path):
    """tuna's tree: [name, seconds of its own, children]; of the root no time."""
    from tuna._import_profile import read_import_profile

    def plain(node):
        return [node["text"][0], node.get("value"), [plain(one) for one in node.get("children", ())]]
    return plain(read_import_profile(path))


def otlp(path):
    """Spans of the request after the protocol's own messages took it."""
    return otlp_read.traces(Path(path).read_text(encoding="utf-8"))


def otlp_metrics(path):
    """The same of metrics: their points."""
    return otlp_read.metrics(Path(path).read_text(encoding="utf-8"))


def conventions():
    """Names of attributes and addresses of versions, as OpenTelemetry's package has them."""
    import opentelemetry.semconv._incubating.attributes as incubating
    import opentelemetry.semconv.attributes as stable
    from opentelemetry.semconv.schemas import Schemas

    names = set()
    for package in (stable, incubating):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            values = vars(importlib.import_module(module.name)).values()
            names.update(value for value in values if isinstance(value, str) and "." in value)
    return {"names": sorted(names), "schemas": [one.value for one in Schemas]}


def openmetrics(path):
    """{family: {"type", "unit", "help", "samples": [[name, labels, value]]}}"""
    from prometheus_client.openmetrics.parser import text_string_to_metric_families

    families = text_string_to_metric_families(Path(path).read_text(encoding="utf-8"))
    return {one.name: {"type": one.type, "unit": one.unit, "help": one.documentation,
                       "samples": [[sample.name, sample.labels, sample.value]
                                   for sample in one.samples]} for one in families}


def main(kind, *paths):
    if kind == "conventions":
        return conventions()
    read, result = globals()[kind], {}
    for path in paths:
        try:
            result[path] = read(path)
        except Exception as error:  # whatever a reader refuses a file with
            result[path] = {"error": f"{type(error).__name__}: {error}"}
    return result


if __name__ == "__main__":
    json.dump(main(*sys.argv[1:]), sys.stdout)
