# SPDX-License-Identifier: Apache-2.0
"""A platform is one file and a row: nothing else in the program knows its words."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEFINITION = re.compile(r"^const struct thaw_platform (thaw_\w+) = \{", re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.){4,})"')
# Of a recording itself: the kernel side tells these files apart (bpf/host_files.h).
RECORDED = {"host.json"}
# Rules and the files they read are a platform's own: its settings, templates, host.json. What is
# recorded, told and shown is not.
OF_PLATFORMS = {"lint", "project"}
PHASE = re.compile(r"[a-z-]+")  # of a phase: "init", which other platforms may have, too


def platform_files():
    return {path: DEFINITION.search(path.read_text(encoding="utf-8"))
            for path in sorted((ROOT / "src/platform").glob("*.c"))
            if DEFINITION.search(path.read_text(encoding="utf-8"))}


def literals_of(path):
    return set(LITERAL.findall(COMMENT.sub("", path.read_text(encoding="utf-8"))))


def words_of(path):
    """The texts in a platform's file that are its own."""
    return {word for word in literals_of(path)
            if not PHASE.fullmatch(word) and not word.endswith(".h") and word not in RECORDED}


class Platforms(unittest.TestCase):
    def test_there_are_some(self):
        self.assertIn("thaw_aws_lambda", [found[1] for found in platform_files().values()])
        self.assertIn("StartStream", words_of(ROOT / "src/platform/azure_functions.c"))

    def test_a_row_in_the_table_and_no_more(self):
        table = (ROOT / "src/platform/platforms.c").read_text(encoding="utf-8")
        for path, found in platform_files().items():
            self.assertEqual(len(re.findall(rf"&{found[1]},", table)), 1, path)

    def test_nobody_else_knows_a_platform_s_words(self):
        others = [path for folder in ("src", "bpf", "include") for path in
                  (ROOT / folder).rglob("*.[ch]") if path.parent != ROOT / "src/platform"
                  and not OF_PLATFORMS.intersection(path.relative_to(ROOT).parts)]
        self.assertGreater(len(others), 100)
        texts = {path: literals_of(path) for path in others}
        for platform in platform_files():
            for path, literals in texts.items():
                self.assertEqual(words_of(platform) & literals, set(), path)


if __name__ == "__main__":
    unittest.main()
