"""The source helper for tests: its text as it is embedded, and the Pythons of this machine."""

import json
import os
import re
import subprocess
import unittest

from program import REPOSITORY, run_thaw

ROOM = REPOSITORY / "src/python"
ASK_SECONDS = 60


def parts():
    """The files of the helper in the order in which they are embedded."""
    listing = (ROOM / "source_script.S").read_text(encoding="utf-8")
    return [REPOSITORY / name for name in re.findall(r'\.incbin "(.*)"', listing)]


def script():
    return "".join(part.read_text(encoding="utf-8") for part in parts())


def library():
    """The helper without its last file, which runs it: for programs that use the rest."""
    return "".join(part.read_text(encoding="utf-8") for part in parts()[:-1])


def pythons():
    """[(version as numbers, executable)] of all that thaw finds and supports; skips without any."""
    found = {}
    for row in json.loads(run_thaw("doctor", "--json").stdout)["interpreters"]:
        version = tuple(map(int, row["version"].split(".")[:2])) if row["version"] else ()
        if version >= (3, 8) and os.access(row["executable"], os.X_OK):
            found.setdefault(version, row["executable"])
    if not found:
        raise unittest.SkipTest("thaw doctor finds no Python from 3.8 on")
    return sorted(found.items())


def run_isolated(executable, text, data=b""):
    """Runs a program as thaw runs its helper, by an interpreter or the words that start it; returns
    what it printed, as bytes."""
    command = [executable] if isinstance(executable, str) else executable
    result = subprocess.run([*command, "-I", "-S", "-B", "-W", "ignore", "-c", text], input=data,
                            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}, cwd="/",
                            capture_output=True, timeout=ASK_SECONDS, check=False)
    if result.returncode:
        raise AssertionError(f"{executable}: {result.stderr.decode(errors='replace')[-3000:]}")
    return result.stdout


class Answer:
    """Rows of the helper's answer by kind and file."""

    def __init__(self, output):
        self.rows = [json.loads(line) for line in output.splitlines()]

    def of(self, kind, file):
        return [row[2:] for row in self.rows if row[0] == kind and row[1:2] == [file]]

    def imports(self, file):
        """{(level, module, names): line}"""
        return {(level, module, tuple(names)): line
                for line, level, module, names in self.of("import", file)}

    def statements(self, file):
        """{name bound, or the module's name of import *: Statement}"""
        found = [Statement(*row) for row in self.of("statement", file)]
        return {one.bound or one.module: one for one in found}

    def definitions(self, file):
        """{qualified name: (line, kind, references, decorators, dynamic, bare)}"""
        return {name: (line, *rest) for line, name, *rest in self.of("definition", file)}

    def failure(self, file):
        """Why a file could not be read, None when it could."""
        return next((row[0] for row in self.of("failed", file)), None)


class Statement:
    def __init__(self, line, end_line, level, module, name, bound, use, functions, detail,
                 attributes):
        self.line, self.end_line, self.level, self.module = line, end_line, level, module
        self.name, self.bound, self.use, self.functions = name, bound, use, functions
        self.detail, self.attributes = detail, attributes


def ask(executable, paths, letter="o"):
    """Asks about files (paths as str or bytes)."""
    question = b"".join(letter.encode() + os.fsencode(path) + b"\0" for path in paths)
    return Answer(run_isolated(executable, script(), question))
