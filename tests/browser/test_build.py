"""The committed pages: what their policy says, how large they are, and that their sources make them."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from page import DATA_BEGIN, DIFF_TEMPLATE, TEMPLATE
from program import REPOSITORY

TIMEOUT_SECONDS = 300
REPORTS = REPOSITORY / "reports"
MOST_BYTES = {"report": 100_000, "diff": 60_000}  # of script and style
NODE_FLOOR = 18
BUILD_SECONDS = 240
# What npm says where there is no network, or none that it may use.
NO_NETWORK = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH"
                        r"|ENOTCACHED|CERT|E403|E407|network")


class Page:
    """One page, and what its template is; in classes below."""

    name = template = None

    def setUp(self):
        self.html = self.template.read_text(encoding="utf-8")
        self.script, self.style = self.between("<script>", "</script>"), self.between("<style>", "</style>")

    def between(self, begin, end):
        found = re.findall(re.escape(begin) + "(.*?)" + re.escape(end), self.html, re.DOTALL)
        self.assertEqual(len(found), 1, begin)
        return found[0]

    def test_policy(self):
        policy = dict(part.split(" ", 1) for part in self.between(
            '<meta http-equiv="Content-Security-Policy" content="', '">').split("; "))

        def hashed(text):
            return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

        self.assertEqual(policy, {
            "default-src": "'none'", "script-src": hashed(self.script), "style-src": hashed(self.style),
            "img-src": "data:", "base-uri": "'none'", "form-action": "'none'",
            "require-trusted-types-for": "'script'", "trusted-types": "'none'"})

    def test_policy_comes_before_what_it_is_about(self):
        policy = self.html.index("Content-Security-Policy")
        self.assertLess(policy, self.html.index("<style>"))
        self.assertLess(policy, self.html.index("<script"))

    def test_size(self):
        self.assertLessEqual(len(self.script) + len(self.style), MOST_BYTES[self.name])

    def test_one_place_for_data(self):
        self.assertEqual(self.html.count(DATA_BEGIN), 1)
        self.assertTrue(self.html.isascii())

    def test_nothing_is_loaded_from_elsewhere(self):
        markup = self.html.replace(self.script, "").replace(self.style, "")
        markup = re.sub("<!--.*?-->", "", markup, flags=re.DOTALL)
        self.assertEqual(re.findall(r"""(?:src|href|action)=["']?([^"' >]+)""", markup), ["data:,"])
        self.assertEqual(re.findall(r"url\(|@import", self.style), [])
        self.assertEqual(set(re.findall(r"https?://[^\"'`\s]+", self.script)),
                         {"http://www.w3.org/2000/svg"})

    def test_notices(self):
        lock = json.loads((REPORTS / "package-lock.json").read_text())
        shipped = json.loads((REPORTS / "package.json").read_text())["dependencies"]
        for name in shipped:
            version = lock["packages"][f"node_modules/{name}"]["version"]
            self.assertIn(f"{name} {version}\n", self.html)
        self.assertIn("Permission is hereby granted, free of charge", self.html)

    def test_it_is_in_the_program(self):
        program = Path(os.environ.get("THAW_BUILD", REPOSITORY / "build")) / "thaw"
        if not program.exists():
            self.skipTest(f"{program} is not built")
        # Not assertIn(): it would print the program.
        self.assertTrue(self.template.read_bytes() in program.read_bytes(), f"{program} has another {self.name} page: make all")


class ReportPage(Page, unittest.TestCase):
    name, template = "report", TEMPLATE


class DiffPage(Page, unittest.TestCase):
    name, template = "diff", DIFF_TEMPLATE


class Sources(unittest.TestCase):
    def test_locked_versions(self):
        package = json.loads((REPORTS / "package.json").read_text())
        lock = json.loads((REPORTS / "package-lock.json").read_text())
        for versions in (package["dependencies"], package["devDependencies"]):
            for version in versions.values():
                self.assertRegex(version, r"^\d+\.\d+\.\d+$")
        for name, entry in lock["packages"].items():
            self.assertNotIn("resolved", entry, name)
            if name:
                self.assertTrue(entry["integrity"].startswith("sha512-"), name)

    def interfaces(self, page):
        """Interface -> its members, as the page's types have them: name -> whether it is optional."""
        text = (REPORTS / f"src/{page}.ts").read_text()
        for name, body in re.findall(r"export interface (\w+) \{\n(.*?)\n\}", text, re.DOTALL):
            yield name, {key: bool(mark) for key, mark in re.findall(r"^  (\w+)(\??): ", body, re.M)}

    def test_types_and_schema_have_the_same_members(self):
        for page in MOST_BYTES:
            schema = json.loads((REPORTS / f"schema/thaw-{page}-1.schema.json").read_text())
            self.assertEqual(dict(self.interfaces(page)), dict(self.expected(page, schema)),
                             f"`make frontend` makes src/{page}.ts anew")

    def expected(self, page, root):
        for name, schema in ((page, root), *root["$defs"].items()):
            if schema["type"] != "object":
                continue
            members = {key: key not in schema["required"] for key in schema["properties"]}
            for pattern in schema.get("patternProperties", {}) if members else ():  # else any name may be there
                keys = re.fullmatch(r"\^\(([a-z_|]+)\)_bytes\$", pattern)[1].split("|")
                members |= {f"{key}_bytes": True for key in keys}
            yield "".join(word.capitalize() for word in name.split("_")), members

    def test_small_files(self):
        for path in (REPORTS / "src").iterdir():
            lines = path.read_text(encoding="utf-8").splitlines()
            self.assertIn("SPDX-License-Identifier: Apache-2.0", lines[0] if path.suffix != ".html"
                          else "SPDX-License-Identifier: Apache-2.0")
            if path.name not in ("report.ts", "diff.ts"):
                self.assertLessEqual(len(lines), 500, path.name)
            if path.suffix in (".ts", ".tsx"):
                text = "\n".join(lines)
                self.assertNotRegex(text, r"innerHTML|insertAdjacentHTML|\beval\b|new Function|\bfetch\(",
                                    path.name)


class Rebuild(unittest.TestCase):
    """`make frontend` in a copy: the committed files come out of it, twice the same."""

    why_not = copy = scratch = None  # a reason to skip; the copy, once its packages are installed

    @classmethod
    def tearDownClass(cls):
        if cls.scratch:
            cls.scratch.cleanup()

    def setUp(self):
        if not self.copy and not self.why_not:
            type(self).why_not = self.missing_program() or self.prepare()
        if self.why_not:
            self.skipTest(self.why_not)

    def missing_program(self):
        for program in ("node", "npm"):
            if not shutil.which(program):
                return f"no {program}: the page is not built anew"
        version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
        if int(version.lstrip("v").split(".")[0]) < NODE_FLOOR:
            return f"Node {version.strip()} is older than {NODE_FLOOR}"
        return None

    def prepare(self):
        """Copies the sources and installs their packages; returns why that can't be done."""
        cls = type(self)
        cls.scratch = tempfile.TemporaryDirectory()
        cls.copy = Path(cls.scratch.name, "reports")
        shutil.copytree(REPORTS, cls.copy, ignore=shutil.ignore_patterns("node_modules", "dist"))
        result = self.npm("ci", "--prefer-offline", "--no-audit", "--no-fund", "--fetch-retries=1")
        if result.returncode and NO_NETWORK.search(result.stderr):
            why = next(line for line in result.stderr.splitlines() if NO_NETWORK.search(line))
            return f"npm's packages are not to be had: {why}"
        self.assertEqual(result.returncode, 0, f"npm ci: {result.stderr}")
        return None

    def npm(self, *arguments):
        return subprocess.run(["npm", *arguments], cwd=self.copy, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)

    def build(self):
        result = self.npm("run", "build")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return [(self.copy / f"dist/{page}.html").read_bytes() for page in MOST_BYTES]

    def test_the_committed_pages_are_what_their_sources_make(self):
        first = self.build()
        self.assertTrue(first == self.build(), "two builds differ")
        for page, built in zip(MOST_BYTES, first):
            committed = (REPORTS / f"dist/{page}.html").read_bytes()
            self.assertTrue(built == committed, f"`make frontend` makes dist/{page}.html anew")
            self.assertEqual((self.copy / f"src/{page}.ts").read_bytes(), (REPORTS / f"src/{page}.ts").read_bytes())

    def test_only_the_page_s_own_names_are_shortened(self):
        path = self.copy / "build.mjs"
        text = path.read_text()
        self.addCleanup(path.write_text, text)
        self.assertEqual(text.count("const OWN = `"), 1)
        for name, why in (("columns", "standard"), ("flat", "standard"), ("x1", "standard"), ("canvas", "standard"),
                          ("used_bytes", "report's"), ("search_folders_more", "report's"), ("path_bytes", "report's"),
                          ("modules_passed", "report's"), ("treegrid", "a text"), ("rowlist", "not a member")):
            path.write_text(text.replace("const OWN = `", f"const OWN = `{name} "))
            result = subprocess.run(["node", "build.mjs", "never"], cwd=self.copy, capture_output=True, text=True,
                                    timeout=BUILD_SECONDS, check=False)
            self.assertNotEqual(result.returncode, 0, name)
            self.assertRegex(result.stderr, f'"{name}" is .*{why}')

    def test_a_wrong_type_fails(self):
        path = self.copy / "src/model.ts"
        text = path.read_text()
        self.addCleanup(path.write_text, text)
        path.write_text(text.replace("report.tracks.find", "report.trucks.find"))
        self.assertNotEqual(self.npm("run", "build").returncode, 0)


if __name__ == "__main__":
    unittest.main()
