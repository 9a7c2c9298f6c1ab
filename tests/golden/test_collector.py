"""reports/fleet/collector.yml: as YAML, against a schema made of the documentation of what it uses, and
by the Collector's own rules for what belongs together. No Collector is asked: there is none for tests.
"""

import copy
import json
import unittest

from program import REPOSITORY
from schema_walk import changed, places

try:
    import yaml
    from jsonschema import Draft202012Validator
except ImportError:
    raise unittest.SkipTest("no module yaml or jsonschema (Debian: python3-yaml, python3-jsonschema)") \
        from None

TEXT = (REPOSITORY / "reports/fleet/collector.yml").read_text(encoding="utf-8")
SCHEMA = json.loads((REPOSITORY / "tests/golden/collector.schema.json").read_text(encoding="utf-8"))
KINDS = ("receivers", "processors", "exporters")


class UniqueKeys(yaml.SafeLoader):
    """YAML lets a key be there twice; the Collector doesn't."""


def mapping(loader, node):
    keys = [loader.construct_object(key) for key, _ in node.value]
    if len(set(keys)) != len(keys):
        raise ValueError(f"twice: {keys}")
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)


class Collector(unittest.TestCase):
    def setUp(self):
        self.configuration = yaml.load(TEXT, UniqueKeys)
        self.validator = Draft202012Validator(SCHEMA)

    def test_by_the_schema(self):
        Draft202012Validator.check_schema(SCHEMA)
        self.assertEqual([error.message for error in self.validator.iter_errors(self.configuration)], [])

    def test_the_schema_refuses_what_is_misspelt(self):
        for path, value in places(self.configuration):
            # Names of components are the user's; what statements say is in no schema.
            if len(path) < 3 or isinstance(path[-1], int) or path[1] == "pipelines":
                continue

            def misspell(container, key):
                container[f"{key}s"] = container.pop(key)
            with self.subTest(path):
                self.assertFalse(self.validator.is_valid(changed(self.configuration, path, misspell)))

    def test_all_that_is_named_is_there_and_used(self):
        service = self.configuration["service"]
        used = {kind: set() for kind in KINDS}
        for pipeline in service["pipelines"].values():
            for kind in KINDS:
                used[kind] |= set(pipeline.get(kind, ()))
        for kind in KINDS:
            self.assertEqual(used[kind], set(self.configuration[kind]))
        self.assertEqual(set(service["extensions"]), set(self.configuration["extensions"]))
        for exporter in self.configuration["exporters"].values():
            storage = exporter.get("sending_queue", {}).get("storage", "file_storage")
            self.assertIn(storage, service["extensions"])

    def test_order(self):
        for name, pipeline in self.configuration["service"]["pipelines"].items():
            self.assertEqual(pipeline["processors"][0], "memory_limiter", name)
            self.assertNotIn("batch", pipeline["processors"][:-1])
        self.assertNotIn("batch", self.configuration["service"]["pipelines"]["traces"]["processors"])

    def test_room_for_a_request(self):
        http = self.configuration["receivers"]["otlp"]["protocols"]["http"]
        self.assertGreater(http["max_request_body_size"], 2 << 20)

    def test_no_secret_is_in_it(self):
        broken = copy.deepcopy(self.configuration)
        broken["exporters"]["azuremonitor"]["connection_string"] = "InstrumentationKey=1"
        self.assertFalse(self.validator.is_valid(broken))


if __name__ == "__main__":
    unittest.main()
