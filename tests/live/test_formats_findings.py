"""The formats that are lists of findings (-f sarif, gitlab, junit, markdown), judged by readers that know
nothing of thaw: the schema of SARIF and sarif-tools, junitparser and expat, GitHub's own Markdown.

Reports that no recording gives are rendered by write_format.c: hostile names, thousands of modules.
"""

import collections
import copy
import html.parser
import json
import subprocess
import unicodedata
import unittest
import xml.etree.ElementTree as ElementTree
from urllib.parse import unquote, urlsplit

import judged_formats
from judged_formats import ENDINGS, JudgedFormats
from program import REPOSITORY, run_thaw

FULL = json.loads((REPOSITORY / "tests/golden/full_report.json").read_text(encoding="utf-8"))
GOLDEN = sorted((REPOSITORY / "tests/golden").glob("*/recording.txt"))
LEVELS = {"error": "critical", "warning": "minor", "note": "info"}
LONGEST = 65536  # characters of a comment
# Texts of these keys are words of the report's own, told apart by their spelling.
OWN_WORDS = {"schema", "started", "status", "severity", "confidence", "role", "kind", "backend", "ended",
             "coverage", "verdict", "result", "way", "state", "type", "proof", "match", "owner", "via"}
# So that names do not decide which modules are one package.
NAMED = {**FULL, "modules": [{**module, "distribution": "x"} for module in FULL["modules"]]}
HOSTILE = (
    "`", "``x`", "a`b``c", "a|b", "a\\|b", "trailing\\", "a\\`b", "<!-- x -->", "--> <!--", "</details>",
    "<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "@someone", "a@b.example",
    "#123", "o/r#1", "GH-12", "![a](http://x/y.png)", "[a](javascript:alert(1))", "[a]: http://x",
    "https://evil.example", "see www.evil.example now", "xmpp:a@b.example", "**b**", "__init__", "_a_",
    "~~x~~", ":smile:", "$x$", "| a | b |", "> q", "# h", "---", "===", "1. x", "- [ ] task", "[^1]",
    "```", "~~~", "    code", "two\nlines", "two\n\nparagraphs", "\x1b[31m", "\x9b31m", "evil\u202egnp.py",
    "a\u2028b", "&lt;", "&#64;x", "\\", "a  b", "\u6f22\u5b57", "\U0001f40d", "\ufffe\uffff",
    "</summary>", "{0}", "%2", "%41", "..", "a/../../b", "]]>", "<![CDATA[", "a" * 240, "!x", "a!1",
)
ALLOWED_TAGS = {"h2", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "details",
                "summary", "sub", "blockquote", "code"}


def shown(text):
    """As thaw shows a text on a line: what is not plain is escaped."""
    return "".join(
        character if unicodedata.category(character) not in ("Cc", "Cf", "Zl", "Zp")
        else f"\\x{ord(character):02x}" if character < "\x80" else f"\\u{{{ord(character):04x}}}"
        for character in text)


def replaced(value, text):
    return judged_formats.replaced(value, text, OWN_WORDS)


def words(rows, old="", new=""):
    """The words of each cell, with the old text replaced by the new one."""
    return [[cell.replace(old, new).split() if old else cell.split() for cell in row] for row in rows]


class Page(html.parser.HTMLParser):
    """What a browser would make of the HTML: tags, comments, texts, cells of tables."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.comments = collections.Counter(), set(), []
        self.open, self.rows, self.text, self.outside_code = [], [], "", ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes |= {name for name, _ in attrs}
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_comment(self, data):
        self.comments.append(data.strip())

    def handle_data(self, data):
        self.text += data
        self.outside_code += "\0" if "code" in self.open else data
        if "td" in self.open:
            self.rows[-1][-1] += data

    def structure(self):
        return {tag: count for tag, count in self.tags.items() if tag != "code"}


class Formats(JudgedFormats):
    def check(self, reports, texts):
        """That what was written of the reports is valid, and what they say. The judges' answers."""
        verdicts = self.judge(texts)
        for (name, form), verdict in verdicts.items():
            with self.subTest(name, form=form):
                getattr(self, f"check_{form}")(reports[name], texts[name, form], verdict)
        return verdicts

    def check_sarif(self, report, text, verdict):
        self.assertIsNone(verdict["error"])
        self.assertTrue(text.isascii())
        run, = json.loads(text)["runs"]
        results, rules = run["results"], run["tool"]["driver"]["rules"]
        findings = (report["findings"] or []) + [one["finding"]
                                                 for one in report.get("suppressed") or []]
        of_recording = [one for one in results if "confidence" in one["properties"]]
        self.assertEqual([one["ruleId"] for one in of_recording],
                         [shown(one["id"]) for one in findings])
        for result in results:
            self.assertEqual(rules[result["ruleIndex"]]["id"], result["ruleId"])
            for location in result["locations"] + result.get("relatedLocations", []):
                self.check_location(location["physicalLocation"])
        self.assertEqual(len({rule["id"] for rule in rules}), len(rules))
        prints = [tuple(one["partialFingerprints"].values()) for one in results]
        self.assertEqual(len(set(prints)), len(prints))
        self.assertEqual([(one["Code"], one["Severity"]) for one in verdict["records"]],
                         [(one["ruleId"], one["level"]) for one in results])
        invocation, = run["invocations"]
        notified = {one["descriptor"]["id"] for one in invocation["toolExecutionNotifications"]}
        if not report["complete"]:
            self.assertFalse(invocation["executionSuccessful"])
        self.assertEqual(not invocation["executionSuccessful"], "incomplete" in notified)

    def check_location(self, physical):
        artifact = physical["artifactLocation"]
        parts = urlsplit(artifact["uri"])
        if "uriBaseId" in artifact:
            self.assertEqual((artifact["uriBaseId"], parts.scheme, parts.netloc, parts.query,
                              parts.fragment), ("%SRCROOT%", "", "", "", ""))
            self.assertFalse(unquote(parts.path).startswith("/"))
        else:
            self.assertEqual((parts.scheme, parts.netloc), ("file", ""))
        self.assertGreater(physical.get("region", {}).get("startLine", 1), 0)

    def check_gitlab(self, report, text, verdict):
        self.assertIsNone(verdict["error"])
        self.assertTrue(text.isascii())
        issues = json.loads(text)
        names = [one["check_name"] for one in issues]
        self.assertEqual("incomplete-measurement" in names, not report["complete"])
        self.assertEqual(len({one["fingerprint"] for one in issues}), len(issues))
        self.assertLessEqual({one["severity"] for one in issues}, set(LEVELS.values()))

    def check_junit(self, report, text, verdict):
        self.assertIsNone(verdict["error"])
        root = ElementTree.fromstring(text.encode())  # expat: refuses what is no XML
        cases = list(root.iter("testcase"))
        counts = {"tests": len(cases)} | {
            name: len(list(root.iter(element)))
            for name, element in (("failures", "failure"), ("errors", "error"))}
        self.assertEqual({name: int(root.get(name)) for name in counts}, counts)
        self.assertEqual({name: verdict[name] for name in counts}, counts)
        self.assertEqual(int(root.find("testsuite").get("skipped")), len(list(root.iter("skipped"))))
        self.assertEqual([one["name"] for one in verdict["cases"]],
                         [one.get("name") for one in cases])
        if not report["complete"]:
            self.assertEqual(counts["errors"], 1)
        failing = [one for one in report["findings"] or [] if one["severity"] == "error"]
        self.assertGreaterEqual(counts["failures"], len(failing))

    def check_markdown(self, report, text, verdict):
        page = Page(verdict["html"])
        self.assertLessEqual(len(text), LONGEST)
        self.assertLessEqual(set(page.tags), ALLOWED_TAGS)
        self.assertLessEqual(page.attributes, {"align"})
        self.assertTrue(text.startswith("<!-- thaw:"))
        self.assertLessEqual(set(page.comments), {"thaw:report", "thaw:target"})
        self.assertEqual("INCOMPLETE" in page.text, not report["complete"])
        self.assertNotRegex(page.outside_code, r"@|#\d|://|www\.|:\w+:|GH-\d")
        widths = {len(row) for row in page.rows}
        self.assertLessEqual(widths, {2, 3, 4, 5, 6})

    def test_reports_of_recordings(self):
        reports, texts = {}, {}
        for recording in GOLDEN:
            name = recording.parent.name
            reports[name] = json.loads((recording.parent / "expected.json").read_text("utf-8"))
            for form in ENDINGS:
                result = run_thaw("report", recording, "-f", form)
                self.assertEqual((result.returncode, result.stderr), (0, ""))
                texts[name, form] = result.stdout
        self.check(reports, texts)
        self.assertGreater(sum(bool(one["findings"]) for one in reports.values()), 3)
        self.assertGreater(sum(not one["complete"] for one in reports.values()), 3)

    def test_the_full_report(self):
        texts = self.render_all({"full": FULL})
        verdicts = self.check({"full": FULL}, texts)
        self.assertEqual(texts, self.render_all({"full": FULL}))  # the same each time
        run, = json.loads(texts["full", "sarif"])["runs"]
        result = run["results"][0]
        self.assertEqual(result["properties"]["trial"], "proved")
        self.assertEqual(result["properties"]["saving_ns"], 214000000)
        self.assertIn("Proved by 9 pairs", result["message"]["text"])
        suppressed, = [one for one in run["results"] if "suppressions" in one]
        self.assertEqual(suppressed["ruleId"], "process-at-import")
        self.assertEqual(suppressed["suppressions"][0]["kind"], "external")
        self.assertLess({"lazy-import", "version-conflict"},
                        {rule["id"] for rule in run["tool"]["driver"]["rules"]})
        page = Page(verdicts["full", "markdown"]["html"])
        self.assertIn("proved", [cell for row in page.rows for cell in row])
        skipped = [one for one in verdicts["full", "junit"]["cases"]
                   if one["results"] and one["results"][0][0] == "Skipped"]
        self.assertEqual({one["class"] for one in skipped},
                         {"thaw.process-at-import", "thaw.import-garbage"})

    def test_targets(self):
        folder = self.scratch / "app"
        folder.mkdir()
        (folder / "requirements.txt").write_text("not-there==1.0\n\nnor-this\n!no requirement\n")
        (folder / "app.py").write_text("import os\n")
        (folder / "broken.so").write_bytes(b"\x7fELF")
        texts, reports = {}, {}
        for form in ENDINGS:
            result = run_thaw("deps", "app", "-f", form, cwd=self.scratch)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            texts["app", form] = result.stdout
        reports["app"] = json.loads(run_thaw("deps", "app", "--json", cwd=self.scratch).stdout)
        self.check(reports, texts)
        run, = json.loads(texts["app", "sarif"])["runs"]
        found = {(one["ruleId"], one["level"],
                  one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
                  one["locations"][0]["physicalLocation"].get("region", {}).get("startLine"))
                 for one in run["results"]}
        self.assertEqual(found, {
            ("missing-requirement", "error", "app/requirements.txt", 1),
            ("missing-requirement", "error", "app/requirements.txt", 3),
            ("unpinned-requirement", "note", "app/requirements.txt", 3),
            ("unreadable-requirement", "warning", "app/requirements.txt", 4),
            ("damaged-file", "error", "app/broken.so", None)})
        complaints = run_thaw("deps", "app", "--check", "-f", "gitlab", cwd=self.scratch)
        self.assertEqual(complaints.returncode, 1)
        errors = [one["message"]["text"] for one in run["results"] if one["level"] == "error"]
        self.assertEqual(complaints.stderr,
                         "".join(f"thaw deps: {one.removesuffix('.')}\n" for one in errors))
        critical = [one for one in json.loads(complaints.stdout) if one["severity"] == "critical"]
        self.assertEqual([one["description"] for one in critical], errors)

    def test_a_real_recording(self):
        app = self.scratch / "real"
        app.mkdir()
        (app / "main.py").write_text("import json\nimport helper\n")
        (app / "helper.py").write_text("import decimal\n")
        recording = self.scratch / "real.thaw"
        result = run_thaw("record", "--quiet", "--backend", "importtime", "-o", recording, "--",
                          "/usr/bin/python3.11", "main.py", cwd=app)
        self.assertEqual(result.returncode, 0, result.stderr)
        texts = {("real", form): run_thaw("report", recording, "-f", form).stdout
                 for form in ENDINGS}
        report = json.loads(run_thaw("report", recording, "--json").stdout)
        verdicts = self.check({"real": report}, texts)
        page = Page(verdicts["real", "markdown"]["html"])
        self.assertIn("helper", [cell for row in page.rows for cell in row])

    def test_a_log_of_imports(self):
        log = self.scratch / "startup.log"
        log.write_text(subprocess.run(["/usr/bin/python3.11", "-X", "importtime", "-c", "import json"],
                                      capture_output=True, text=True, timeout=60, check=True).stderr)
        given = ("report", "--from", "importtime", log)
        texts = {("log", form): run_thaw(*given, "-f", form).stdout for form in ENDINGS}
        report = json.loads(run_thaw(*given, "--json").stdout)
        self.assertIsNone(report["findings"])
        verdicts = self.check({"log": report}, texts)
        self.assertEqual(json.loads(texts["log", "gitlab"]), [])
        self.assertIn("none were looked for", verdicts["log", "markdown"]["html"])
        results = {result[0] for case in verdicts["log", "junit"]["cases"]
                   for result in case["results"]}
        self.assertEqual(results, {"Skipped"})

    def test_hostile_names(self):
        reports = {text: replaced(NAMED, text) for text in HOSTILE}
        texts = self.render_all(reports)
        verdicts = self.check(reports, texts)
        usual = Page(self.judge({("usual", "markdown"): self.render(replaced(NAMED, "usual"),
                                                                    "markdown")}
                                )["usual", "markdown"]["html"])
        for text in HOSTILE:
            with self.subTest(text):
                page = Page(verdicts[text, "markdown"]["html"])
                self.assertEqual(page.structure(), usual.structure())
                self.assertIn(shown(text), [cell for row in page.rows for cell in row])
                if len(text) < 100:  # else sentences are cut
                    self.assertEqual(words(page.rows), words(usual.rows, "usual", shown(text)))
                for form in ("sarif", "gitlab", "junit", "markdown"):
                    self.assertNotRegex(texts[text, form], "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]")
                document = json.loads(texts[text, "sarif"])
                self.assertNotIn("](", document["runs"][0]["results"][0]["message"]["text"])
                expected = shown(text).replace("\ufffe\uffff", "\\u{fffe}\\u{ffff}")
                self.assertIn(expected, [one["name"] for one in verdicts[text, "junit"]["cases"]])

    def test_explanations_are_markdown(self):
        run, = json.loads(self.render(FULL, "sarif"))["runs"]
        rules = [rule for rule in run["tool"]["driver"]["rules"] if "help" in rule]
        verdicts = self.judge({(rule["id"], "markdown"): rule["help"]["markdown"] for rule in rules})
        self.assertGreater(len(rules), 20)
        for rule in rules:
            with self.subTest(rule["id"]):
                page = Page(verdicts[rule["id"], "markdown"]["html"])
                self.assertLessEqual(set(page.tags), {"p", "strong", "code"})
                self.assertEqual(page.text.split(),
                                 rule["help"]["text"].replace("`", "").split())
                listed = run_thaw("explain", rule["id"])
                if listed.returncode == 0:  # a finding's: the words are those of thaw explain
                    self.assertLessEqual(set(rule["help"]["text"].split()),
                                         set(listed.stdout.split()) | {"there", "is:"}
                                         | {f"{word}." for word in listed.stdout.split()})

    def test_ten_thousand_modules(self):
        modules = [{**copy.deepcopy(FULL["modules"][1]), "id": number, "parent": None,
                    "name": f"package{number}.module", "distribution": f"package{number}"}
                   for number in range(1, 10001)]
        reports = {"large": {**FULL, "modules": modules,
                             "findings": FULL["findings"] * 1000}}
        texts = self.render_all(reports)
        self.check(reports, texts)
        self.assertLess(len(texts["large", "markdown"]), LONGEST)

    def test_the_judges_refuse_what_is_wrong(self):
        good = json.loads(self.render(FULL, "sarif"))
        issues = json.loads(self.render(FULL, "gitlab"))
        cases = self.render(FULL, "junit")
        broken = {}
        for name, change in {
                "level": lambda one: one["results"][0].update(level="fatal"),
                "message": lambda one: one["results"][0].update(message={}),
                "line": lambda one: one["results"][0]["locations"][0]["physicalLocation"].update(
                    region={"startLine": 0}),
                "key": lambda one: one.update(unknown=1),
                "time": lambda one: one["invocations"][0].update(startTimeUtc="yesterday"),
                "address": lambda one: one["results"][0]["locations"][0]["physicalLocation"][
                    "artifactLocation"].update(uri="a b")}.items():
            document = copy.deepcopy(good)
            change(document["runs"][0])
            broken[name, "sarif"] = json.dumps(document)
        for name, change in {"severity": {"severity": "warning"}, "path": {"location": {}},
                             "name": {"check_name": ""}}.items():
            broken[name, "gitlab"] = json.dumps([{**issues[0], **change}])
        broken["markup", "junit"] = cases.replace("<testcase ", "<testcase <b>", 1)
        broken["control", "junit"] = cases.replace("name=\"", "name=\"\x01", 1)
        for (name, form), verdict in self.judge(broken).items():
            with self.subTest(name, form=form):
                self.assertIsNotNone(verdict["error"])

    def test_markdown_that_is_not_escaped_would_be_seen(self):
        text = self.render(replaced(NAMED, "usual"), "markdown")
        usual = Page(self.judge({("usual", "markdown"): text})["usual", "markdown"]["html"])
        for name in ("<b>x</b>", "a|b", "@x", "http://x", "**b**", "<!-- x -->"):
            with self.subTest(name):
                raw = text.replace("`usual`", name)
                self.assertNotEqual(raw, text)
                page = Page(self.judge({("raw", "markdown"): raw})["raw", "markdown"]["html"])
                seen = (page.structure() != usual.structure() or "@" in page.outside_code
                        or words(page.rows) != words(usual.rows, "usual", name))
                self.assertTrue(seen)


if __name__ == "__main__":
    unittest.main()
