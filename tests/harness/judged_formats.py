# SPDX-License-Identifier: Apache-2.0
"""Formats that are lists of complaints, rendered by write_format.c and judged by readers that know
nothing of thaw (tests/live/formats/judge.py)."""

import json
import subprocess
import tempfile
import unittest
from pathlib import Path

import locked_environments
from live_program import built
from program import REPOSITORY

ENDINGS = {"sarif": ".sarif", "gitlab": ".gitlab", "junit": ".xml", "markdown": ".md"}


def replaced(value, text, own_words, key=None):
    """A document with the text as every name, path and sentence in it, but for what keys of own_words
    have; bytes of such names are left out."""
    if isinstance(value, dict):
        return {name: replaced(one, text, own_words, name) for name, one in value.items()
                if not name.endswith("_bytes") or isinstance(one, int)}
    if isinstance(value, list):
        return [replaced(one, text, own_words, key) for one in value]
    return text if isinstance(value, str) and key not in own_words else value


class JudgedFormats(unittest.TestCase):
    document = ""  # "gate:", "lint:", "" a report: what is rendered, as write_format.c has it

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.scratch = Path(folder.name)
        cls.python = locked_environments.format_judges() / "bin/python"
        cls.program = built(cls.scratch, "write_format.c")

    def render(self, document, form):
        path = self.scratch / "document.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        result = subprocess.run([self.program, f"{self.document}{form}", path], capture_output=True,
                                text=True, timeout=60, check=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout

    def render_all(self, documents):
        return {(name, form): self.render(document, form)
                for name, document in documents.items() for form in ENDINGS}

    def judge(self, texts):
        """What the judges make of texts, by (name, format)."""
        files = {}
        for (name, form), text in texts.items():
            path = self.scratch / f"{len(files)}{ENDINGS[form]}"
            path.write_text(text, encoding="utf-8")
            files[str(path)] = (name, form)
        result = subprocess.run([self.python, "-I", REPOSITORY / "tests/live/formats/judge.py", *files],
                                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
                                check=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return {files[path]: verdict for path, verdict in json.loads(result.stdout).items()}

    def judged(self, documents):
        """(texts, verdicts of the judges) by (name, format), each of them good, and as the check of
        its format wants it: check_FORMAT(document, text, verdict)."""
        texts = self.render_all(documents)
        verdicts = self.judge(texts)
        for (name, form), verdict in verdicts.items():
            with self.subTest(name, form=form):
                self.assertIsNone(verdict.get("error"))
                getattr(self, f"check_{form}")(documents[name], texts[name, form], verdict)
        return texts, verdicts
