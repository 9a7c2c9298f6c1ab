# SPDX-License-Identifier: Apache-2.0
"""What `thaw lint` writes of one app, in all its formats at once, and whether it may be written so.

A run is kept within bounds of memory and time. The judges of tests/live/formats/judge.py are asked
about all runs together, as each start of theirs takes a second.
"""

import json
import re
import shutil
import subprocess
import tempfile
import unicodedata
import unittest
from dataclasses import dataclass
from pathlib import Path

import lint_corpus
import locked_environments
from program import BUILD, REPOSITORY, THAW

try:
    from jsonschema import Draft202012Validator
except ImportError:
    raise unittest.SkipTest("no module jsonschema (Debian: python3-jsonschema)") from None

OK, FINDING, USAGE, INCOMPLETE, FAILED = 0, 1, 2, 3, 125
SCHEMA = Draft202012Validator(
    json.loads((REPOSITORY / "reports/schema/thaw-lint-1.schema.json").read_text()))

ENDINGS = {"json": ".json", "sarif": ".sarif", "gitlab": ".gitlab", "junit": ".xml",
           "markdown": ".md", "github": ".github", "summary": ".txt"}
JUDGED = (".sarif", ".gitlab", ".xml", ".md")
RUN_SECONDS = 60
ADDRESS_SPACE_KIB = 1 << 20  # 1 GiB, for ulimit -v: the sanitizers need far more
COMMAND = re.compile(
    r"::(error|warning|notice) (?:file=[^,:]+,(?:line=\d+,)?(?:col=\d+,)?title=[^,:]*::.+"
    r"|title=thaw lint::and \d+ more)")
# What a terminal or a browser obeys; in none of the formats is a tab needed.
OBEYED = ("Cc", "Cf", "Zl", "Zp", "Cs")


def is_sanitized():
    return "-fsanitize" in (BUILD / "flags").read_text()


@dataclass
class Run:
    """How it ended, and what it wrote, by format."""
    name: str
    code: int
    words: str  # on stdout and stderr: of wrong usage alone
    outputs: dict

    @property
    def document(self):
        return json.loads(self.outputs["json"])

    @property
    def problems(self):
        """[(file, kind, what)]"""
        return [((one["location"] or {}).get("file", ""), one["kind"], one["what"])
                for one in self.document["problems"]]


def lint(app, scratch, *options, program=THAW, **run):
    """Checks the app, given as a path in text or bytes; its outputs are files below scratch."""
    name = f"run{len(list(scratch.iterdir()))}"
    paths = {form: scratch / f"{name}{ending}" for form, ending in ENDINGS.items()}
    words = [word for form, path in paths.items() for word in ("-f", form, "-o", path)]
    limit = "unlimited" if is_sanitized() else ADDRESS_SPACE_KIB
    result = subprocess.run(["bash", "-c", f'ulimit -c 0 -v {limit}; exec "$@"', "bash", program,
                             "lint", *options, "-q", *words, "--", app], timeout=RUN_SECONDS,
                            check=False, **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                                            "stderr": subprocess.STDOUT, **run})
    outputs = {form: path.read_bytes().decode() for form, path in paths.items() if path.exists()}
    return Run(name, result.returncode, result.stdout.decode(), outputs)


def obeyed(text):
    """The characters of a text that might act where it is shown, but for ends of lines."""
    return sorted({character for character in text
                   if character != "\n" and unicodedata.category(character) in OBEYED})


def complaints(folder):
    """What the judges have against the files of a folder: [(name, complaint)]."""
    files = [path for path in sorted(folder.iterdir()) if path.suffix in JUDGED]
    result = subprocess.run([locked_environments.format_judges() / "bin/python", "-I",
                             REPOSITORY / "tests/live/formats/judge.py", *files],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
                            check=True)
    verdicts = json.loads(result.stdout)
    assert len(verdicts) == len(files)
    return [(Path(path).name, verdict["error"]) for path, verdict in verdicts.items()
            if verdict.get("error")]


class Judged(unittest.TestCase):
    """Runs on apps that are made here, each judged by all that holds of any."""

    secrets = ()  # that no output may have

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.scratch = Path(folder.name)
        cls.outputs = cls.scratch / "outputs"
        cls.outputs.mkdir()
        cls.files = lint_corpus.base_files()

    def make(self, how, name="app"):
        """The good app with something done to it; gone at the end of the test."""
        folder = tempfile.mkdtemp(dir=self.scratch)
        self.addCleanup(shutil.rmtree, folder)
        app = Path(folder, name)
        for file, text in self.files.items():
            path = app / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        how(app)
        return app

    def judge(self):
        self.assertEqual(complaints(self.outputs), [])

    def check(self, app, code, told=None, *options, **run):
        """Runs it, and judges all that holds of any app; the run."""
        result = lint(app, self.outputs, *options, **run)
        codes = (OK, FINDING, INCOMPLETE) if code is None else (code,)
        self.assertIn(result.code, codes, result.words)
        for secret in self.secrets:
            for form, text in {**result.outputs, "words": result.words}.items():
                self.assertFalse(secret in text, (form, secret))
        self.assertEqual(obeyed(result.words), [])
        if code == USAGE:
            self.assertEqual((len(result.words.splitlines()), result.outputs), (1, {}))
            return result
        self.assertEqual((result.words, set(result.outputs)), ("", set(ENDINGS)))
        for form, text in result.outputs.items():
            self.assertEqual((form, obeyed(text)), (form, []))
        self.check_document(result, told)
        for line in result.outputs["github"].splitlines():
            self.assertRegex(line, COMMAND)
        return result

    def check_document(self, result, told):
        document = result.document
        self.assertEqual([error.message for error in SCHEMA.iter_errors(document)], [])
        harmless = {"duplicate-key", "type"}
        self.assertEqual(document["complete"], all(kind in harmless for _, kind, _ in result.problems))
        summary = result.outputs["summary"]
        for severity, count in document["counts"].items():
            self.assertEqual(len(re.findall(rf"(?m)^(?:\S.*: )?{severity[:-1]}: ", summary)), count)
        if told is None:
            return
        self.assertEqual({file for file, _, _ in result.problems}, set(told))
        for file, kind, what in result.problems:
            self.assertIn(told[file][0] or kind, kind)
            self.assertIn(told[file][1], what)
