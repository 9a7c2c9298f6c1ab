"""The facts of lint keep to their form: names, days, sources, types (src/lint/facts.h)."""

import json
import re
import unittest
from datetime import date
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "src/lint/facts"
SUBJECTS = ("azure_functions", "python_code", "aws_lambda")
PLANS = {"consumption", "flex", "premium", "dedicated", "container-apps"}
TEXT, NUMBER, BOOL, TEXTS, BY_PLAN = "text", "number", "boolean", "texts", "text by plan"
LONGEST_AGE_DAYS = 200

# What every entry has, or may have.
COMMON = {"id": TEXT, "source": TEXT, "dated": TEXT}
COMMON_OPTIONAL = {"verified": BOOL, "doubt": TEXT, "what": TEXT, "why": TEXT}

# subject/section -> (members that must be there, members that may be there)
SECTIONS = {
    "azure_functions/settings": ({}, {
        "plans": TEXTS, "without_effect_on": BY_PLAN, "replaced_on": BY_PLAN, "gone": TEXT,
        "gone_from_python": TEXT, "from_python": TEXT, "gone_from_runtime": TEXT,
        "replaced_by": TEXT, "values": TEXTS, "minimum": NUMBER, "maximum": NUMBER,
        "default": TEXT, "harms": TEXT, "harms_when": TEXTS, "preview": BOOL, "secret": BOOL,
        "spawned_every_s": NUMBER}),
    "azure_functions/host": ({"type": TEXT}, {
        "minimum": NUMBER, "maximum": NUMBER, "values": TEXTS, "default": None,
        "default_on": None, "without_effect_on": BY_PLAN, "holds_back": BOOL, "gone_from_bundle": TEXT,
        "replaced_by": TEXT, "harms": None, "preview": BOOL}),
    "azure_functions/host_gone": ({"why": TEXT, "replaced_by": TEXT}, {}),
    "azure_functions/plans": ({
        "title": TEXT, "timeout_default_s": NUMBER, "timeout_most_s": None,
        "http_timeout_s": NUMBER, "slots": NUMBER, "instances_most": NUMBER,
        "always_ready": BOOL, "prewarmed": BOOL, "key_vault_references": BOOL,
        "remote_build": TEXT}, {
        "init_s": NUMBER, "instances_least": NUMBER, "instances_default": NUMBER,
        "memory_mb": None, "memory_default_mb": NUMBER, "cpu": None,
        "http_concurrency_default": NUMBER, "always_ready_least_zoned": NUMBER,
        "always_on": BOOL, "minimum_replicas": BOOL, "status": TEXT, "retires": TEXT,
        "python_last": TEXT, "package_setting": TEXT, "scale_in_grace_s": NUMBER,
        "replaces": TEXT, "replaced_by": TEXT}),
    "azure_functions/python": ({"ends": TEXT, "status": TEXT, "worker": TEXT}, {}),
    "azure_functions/bundles": ({"range": TEXT, "status": TEXT},
                                {"ends": TEXT, "replaced_by": TEXT}),
    "azure_functions/runtimes": ({"status": TEXT}, {"ends": TEXT, "replaced_by": TEXT}),
    "azure_functions/retries": ({"policy": TEXT, "poison": TEXT}, {
        "host_key": TEXT, "poison_queue": TEXT, "tries": NUMBER, "stores_position": BOOL}),
    "azure_functions/bindings": ({"direction": TEXT, "directions": TEXTS}, {
        "extension": TEXT, "connection": TEXT, "plans": TEXTS, "gone": TEXT,
        "replaced_by": TEXT}),
    "azure_functions/limits": ({"value": NUMBER, "unit": TEXT, "what": TEXT}, {}),
    "azure_functions/telemetry": ({"what": TEXT}, {
        "ends": TEXT, "replaced_by": TEXT, "default": None, "recommended": TEXTS,
        "known": TEXTS, "verbose": TEXTS, "harmful": TEXTS, "least": TEXT, "preview": BOOL}),
    "azure_functions/behaviours": ({"what": TEXT}, {
        "reads": TEXTS, "may_read": TEXTS, "suffixes": TEXTS, "groups": TEXTS}),
    "azure_functions/outdated": ({"claim": TEXT, "now": TEXT, "rule": TEXT}, {}),
    "python_code/blocking": ({"instead": TEXT}, {"kind": TEXT, "cpu": BOOL, "waits": BOOL}),
    "python_code/nondeterministic": ({"class": TEXT, "instead": TEXT}, {}),
    "python_code/clients": ({"what": TEXT, "keep": TEXT}, {"is_async": BOOL, "binding": TEXT}),
    "python_code/packages": ({"why": TEXT, "class": TEXT}, {
        "from_python": TEXT, "model": TEXT, "module": TEXT, "required": BOOL, "brings": TEXTS,
        "binding": TEXT, "replaced_by": TEXT}),
    "python_code/held_open": ({"why": TEXT, "instead": TEXT}, {}),
    "python_code/web_frameworks": ({"class": TEXT}, {"instead": TEXT}),
    "python_code/durable": ({"schedules": BOOL}, {"with_retry": TEXT, "retries": BOOL}),
    "aws_lambda/runtimes": ({"status": TEXT}, {
        "ends": TEXT, "blocked_create": TEXT, "blocked_update": TEXT, "os": TEXT}),
    "aws_lambda/limits": ({"value": NUMBER, "unit": TEXT, "what": TEXT}, {}),
    "aws_lambda/settings": ({"what": TEXT}, {"reserved": BOOL, "secret": BOOL, "harms": TEXT}),
    "aws_lambda/architectures": ({"machine": TEXT}, {"default": BOOL}),
    "aws_lambda/telemetry": ({"what": TEXT}, {"verbose": TEXTS}),
    "aws_lambda/base_images": ({"heavy": BOOL, "mb": NUMBER}, {"instead": TEXT}),
}

# subject/section -> member -> its words
WORDS = {
    "azure_functions/host": {"type": {
        "integer", "number", "boolean", "text", "timespan", "array", "object", "any"}},
    "azure_functions/plans": {"id": PLANS, "status": {"legacy", "retired"},
                              "package_setting": {"forbidden", "recommended", "url"}},
    "azure_functions/python": {"status": {"supported", "ended", "preview"}},
    "azure_functions/bundles": {"status": {"active", "deprecated"}},
    "azure_functions/runtimes": {"status": {"active", "ended"}},
    "azure_functions/retries": {"policy": {"function", "host", "none"}},
    "azure_functions/bindings": {"direction": {"trigger", "in", "out"}},
    "python_code/blocking": {"kind": {"client"}},
    "python_code/nondeterministic": {"class": {"time", "random", "io", "environment", "thread"}},
    "python_code/packages": {"class": {
        "worker", "runtime", "library", "development", "build", "not-for-functions", "tracing",
        "binding-sdk", "standard-library", "ended"}},
    "python_code/web_frameworks": {"class": {"framework", "bridge"}},
    "aws_lambda/runtimes": {"status": {"supported", "ended", "preview"}},
}
DAYS = ("dated", "ends", "retires", "blocked_create", "blocked_update")
PACKAGE = r"\A[a-z0-9]+(-[a-z0-9]+)*\Z"
LEAST = {"azure_functions/settings": 90, "azure_functions/host": 150,
         "azure_functions/outdated": 12, "python_code/blocking": 60}


def no_key_twice(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"a key stands twice: {keys}")
    return dict(pairs)


def read(subject):
    text = (FOLDER / f"{subject}.json").read_text(encoding="utf-8")
    return json.loads(text, object_pairs_hook=no_key_twice)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def has_type(value, kind):
    if kind is None:
        return True
    if kind == TEXTS:
        return bool(value) and isinstance(value, list) and all(isinstance(v, str) for v in value)
    if kind == BY_PLAN:
        return isinstance(value, dict) and bool(value) and set(value) <= PLANS and \
            all(isinstance(why, str) and why for why in value.values())
    return {TEXT: isinstance(value, str), NUMBER: is_number(value),
            BOOL: isinstance(value, bool)}[kind]


def is_plain_line(text):
    return text == text.strip() and text.isprintable()


class LintFacts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = {subject: read(subject) for subject in SUBJECTS}

    def entries(self):
        for subject, file in self.files.items():
            for section, entries in file["sections"].items():
                for entry in entries:
                    yield f"{subject}/{section}", entry

    def section(self, name):
        subject, section = name.split("/")
        return self.files[subject]["sections"][section]

    def ids(self, name):
        return {entry["id"] for entry in self.section(name)}

    def test_files(self):
        self.assertEqual(sorted(path.stem for path in FOLDER.iterdir()), sorted(SUBJECTS))
        for subject, file in self.files.items():
            self.assertEqual(set(file), {"schema", "subject", "dated", "expires", "sections"})
            self.assertEqual(file["schema"], "thaw-lint-facts/1")
            self.assertEqual(file["subject"], subject)

    def test_expiry(self):
        for file in self.files.values():
            dated, expires = (date.fromisoformat(file[key]) for key in ("dated", "expires"))
            self.assertTrue(0 < (expires - dated).days <= LONGEST_AGE_DAYS)

    def test_sections(self):
        there = {f"{subject}/{section}" for subject, file in self.files.items()
                 for section in file["sections"]}
        self.assertEqual(there, set(SECTIONS))
        for name in sorted(there):
            self.assertGreaterEqual(len(self.section(name)), LEAST.get(name, 1), name)

    def test_ids_are_unique(self):
        for name in SECTIONS:
            ids = [entry["id"].lower() for entry in self.section(name)]
            self.assertEqual([one for one in set(ids) if ids.count(one) > 1], [], name)

    def test_a_pattern_ends_in_its_star(self):
        for name, entry in self.entries():
            self.assertNotIn("*", entry["id"][:-1], f"{name} {entry['id']}")
            self.assertTrue(entry["id"] and is_plain_line(entry["id"]), name)

    def test_members(self):
        for name, entry in self.entries():
            must, may = SECTIONS[name]
            known = {**COMMON, **COMMON_OPTIONAL, **may, **must}
            with self.subTest(name=name, id=entry["id"]):
                self.assertEqual(set(entry) - set(known), set())
                self.assertEqual({*COMMON, *must} - set(entry), set())
                for key, value in entry.items():
                    self.assertTrue(has_type(value, known[key]), f"{key}: {value!r}")

    def test_texts_are_lines(self):
        for name, entry in self.entries():
            for key, value in entry.items():
                if isinstance(value, str):
                    self.assertTrue(is_plain_line(value), f"{name} {entry['id']} {key}")
                    self.assertTrue(value or key in ("replaced_by", "rule", "default"),
                                    f"{name} {entry['id']} {key}")

    def test_words(self):
        for name, members in WORDS.items():
            for entry in self.section(name):
                for key, words in members.items():
                    self.assertIn(entry.get(key, next(iter(words))), words,
                                  f"{name} {entry['id']}")

    def test_sources(self):
        for name, entry in self.entries():
            self.assertRegex(entry["source"], r"\Ahttps://[a-z0-9.-]+\.[a-z]+/\S*\Z",
                             f"{name} {entry['id']}")

    def test_days(self):
        for name, entry in self.entries():
            for key in DAYS:
                if key in entry:
                    with self.subTest(name=name, id=entry["id"], key=key):
                        self.assertEqual(date.fromisoformat(entry[key]).isoformat(), entry[key])
            file = self.files[name.split("/")[0]]
            self.assertLessEqual(entry["dated"], file["dated"], f"{name} {entry['id']}")

    def test_what_ended_ended(self):
        for name in ("azure_functions/python", "azure_functions/runtimes", "aws_lambda/runtimes"):
            for entry in self.section(name):
                if "ends" in entry:
                    self.assertEqual(entry["ends"] < self.files[name.split("/")[0]]["dated"],
                                     entry["status"] == "ended", f"{name} {entry['id']}")

    def test_doubts(self):
        """What is not verified says why, and nothing else has a doubt."""
        for name, entry in self.entries():
            self.assertEqual(entry.get("verified", True), "doubt" not in entry,
                             f"{name} {entry['id']}")

    def test_plans(self):
        self.assertEqual(self.ids("azure_functions/plans"), PLANS)
        for name, entry in self.entries():
            self.assertLessEqual(set(entry.get("plans", ())), PLANS, f"{name} {entry['id']}")
            self.assertLessEqual(set(entry.get("default_on", ())), PLANS, f"{name} {entry['id']}")

    def test_ranges(self):
        for name, entry in self.entries():
            if "minimum" in entry and "maximum" in entry:
                self.assertLess(entry["minimum"], entry["maximum"], f"{name} {entry['id']}")

    def test_host_values(self):
        """Defaults and ranges are of the key's type; only what has one may have a range."""
        kinds = {"integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
                 "number": is_number, "boolean": lambda v: isinstance(v, bool),
                 "text": lambda v: isinstance(v, str), "any": lambda v: True,
                 "timespan": lambda v: bool(re.fullmatch(
                     r"(\d+\.)?([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?", v))}
        for entry in self.section("azure_functions/host"):
            with self.subTest(id=entry["id"]):
                if "default" in entry:
                    self.assertTrue(kinds[entry["type"]](entry["default"]))
                    self.assertIn(entry["default"], entry.get("values", [entry["default"]]))
                if "minimum" in entry or "maximum" in entry:
                    self.assertIn(entry["type"], ("integer", "number", "timespan"))
                if entry["type"] in ("integer", "number") and "default" in entry:
                    self.assertLessEqual(entry.get("minimum", entry["default"]), entry["default"])
                    self.assertGreaterEqual(entry.get("maximum", entry["default"]),
                                            entry["default"])

    def test_every_host_key_has_its_parents(self):
        ids = self.ids("azure_functions/host")
        for one in ids:
            parent = one.rpartition(".")[0]
            while parent:
                self.assertTrue(parent in ids or parent + ".*" in ids or
                                parent.rpartition(".")[0] == "logging.applicationInsights" or
                                parent == "extensions.cosmosDB", f"{one}: {parent}")
                parent = parent.rpartition(".")[0]

    def test_what_is_gone_is_not_there(self):
        self.assertEqual(self.ids("azure_functions/host") & self.ids("azure_functions/host_gone"),
                         set())

    def test_replacements_are_known(self):
        """A name of the same kind, or words that no name could be."""
        known = {
            "azure_functions/settings": self.ids("azure_functions/settings"),
            "azure_functions/host": self.ids("azure_functions/host"),
            "azure_functions/host_gone":
                self.ids("azure_functions/host") | self.ids("azure_functions/settings") | {""},
            "azure_functions/telemetry": self.ids("azure_functions/settings"),
        }
        for name, entry in self.entries():
            replacement = entry.get("replaced_by")
            if replacement is None or " " in replacement:
                continue
            if name == "python_code/packages":  # any package may be the better one
                self.assertRegex(replacement, PACKAGE)
                continue
            self.assertIn(replacement, known.get(name, self.ids(name)), f"{name} {entry['id']}")

    def test_names_of_bindings(self):
        bindings = self.ids("azure_functions/bindings")
        for name in ("python_code/clients", "python_code/packages"):
            for entry in self.section(name):
                self.assertIn(entry.get("binding", "blob"), bindings, f"{name} {entry['id']}")
        for entry in self.section("azure_functions/retries"):
            self.assertIn(entry["id"], bindings)
            if "host_key" in entry:
                self.assertIn(entry["host_key"], self.ids("azure_functions/host"))
            self.assertEqual("host_key" in entry, entry["policy"] == "host")
        for entry in self.section("azure_functions/bindings"):
            self.assertEqual(entry["direction"], entry["directions"][0])
            if "extension" in entry:
                self.assertIn("extensions." + entry["extension"], self.ids("azure_functions/host"))

    def test_packages_are_normalised(self):
        for entry in self.section("python_code/packages"):
            self.assertRegex(entry["id"].rstrip("*").rstrip("-"), PACKAGE)
            for brought in entry.get("brings", ()):
                self.assertIn(brought, self.ids("python_code/packages"))

    def test_dotted_names(self):
        for section in ("blocking", "nondeterministic", "clients", "held_open",
                        "web_frameworks"):
            for entry in self.section(f"python_code/{section}"):
                self.assertRegex(entry["id"], r"\A[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(\*|\.\*)?\Z")

    def test_durable_methods(self):
        methods = self.ids("python_code/durable")
        for entry in self.section("python_code/durable"):
            self.assertIn(entry.get("with_retry", entry["id"]), methods)

    def test_nothing_that_is_not_blocking_is_blocking(self):
        """No pattern takes in the async kin of what it names."""
        patterns = [entry["id"] for entry in self.section("python_code/blocking")]
        for name in ("asyncio.sleep", "httpx.AsyncClient.get", "aiohttp.ClientSession.get",
                     "redis.asyncio.Redis.get", "azure.storage.blob.aio.BlobClient.upload_blob",
                     "azure.cosmos.aio.CosmosClient.get_database_client",
                     "asyncio.create_subprocess_exec", "pymongo.AsyncMongoClient.close",
                     "sqlalchemy.ext.asyncio.create_async_engine", "asyncio.Queue.get",
                     "psycopg.AsyncConnection.connect", "asyncio.Event.wait",
                     "oracledb.connect_async", "openai.AsyncOpenAI.chat.completions.create"):
            hits = [one for one in patterns
                    if one == name or one.endswith("*") and name.startswith(one[:-1])]
            self.assertEqual(hits, [], name)

    def test_clients_and_their_async_kin(self):
        for entry in self.section("python_code/clients"):
            if ".aio." in entry["id"] or ".asyncio." in entry["id"]:
                self.assertTrue(entry.get("is_async"), entry["id"])


if __name__ == "__main__":
    unittest.main()
