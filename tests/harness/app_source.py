"""The reader of an app's source for tests: its script as it is embedded, and its answers."""

import json
import re
import subprocess
import tempfile

from program import REPOSITORY

ASK_SECONDS = 120
# awaited, yielded, in a loop, in async, handed off, in with, kept, in an except handler
LETTERS = "AYLNHWKE"


def script():
    listing = (REPOSITORY / "src/project/source/app_source_script.S").read_text(encoding="utf-8")
    parts = re.findall(r'\.(incbin|ascii) "(.*)"', listing)
    return "".join((REPOSITORY / text).read_text(encoding="utf-8") if kind == "incbin"
                   else text.replace("\\n", "\n") for kind, text in parts)


def question(files, entry="function_app.py", handlers=()):
    parts = [entry, str(len(handlers)), *handlers]
    for name, source in files.items():
        parts += [name, source]
    encoded = [part if isinstance(part, bytes) else part.encode("utf-8", "surrogateescape")
               for part in parts]
    return b"".join(b"%d\n%s" % (len(part), part) for part in encoded)


def run(executable, files, entry="function_app.py", handlers=(), asked=None):
    """How it ended, and what it printed."""
    command = [executable, "-I", "-S", "-B", "-W", "ignore", "-c", script()]
    with tempfile.TemporaryFile() as file:  # as it gets its question
        file.write(asked or question(files, entry, handlers))
        file.seek(0)
        return subprocess.run(command, stdin=file, cwd="/", capture_output=True,
                              env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
                              timeout=ASK_SECONDS, check=False)


class Answer:
    def __init__(self, executable, files, entry="function_app.py", handlers=()):
        result = run(executable, files, entry, handlers)
        if result.returncode or not result.stdout.endswith(b'["end"]\n'):
            raise AssertionError(f"{executable}: {result.returncode} {result.stdout[-300:]} "
                                 f"{result.stderr.decode(errors='replace')[-3000:]}")
        self.rows = [json.loads(line) for line in result.stdout.splitlines()]
        self.files = [row[1] for row in self.rows if row[0] == "file"]
        self.functions = {}
        numbers = []
        for kind, *row in self.rows:
            if kind == "function":
                numbers.append(row[3])
                last = self.functions[row[3]] = {"row": row, "bindings": [], "parameters": {}}
            elif kind == "binding":
                last["bindings"].append(row)
            elif kind == "parameter":
                last["parameters"][row[2]] = (row[3], row[4])
        self.numbers = dict(enumerate(numbers))

    def of(self, kind):
        return [row[1:] for row in self.rows if row[0] == kind]

    def registered(self):
        return {name for name, one in self.functions.items() if one["row"][7] & 4}

    def rejected(self):
        """{function: [names of parameters]}"""
        found = {name: [key for key, (_, why) in one["parameters"].items() if why]
                 for name, one in self.functions.items()}
        return {name: names for name, names in found.items() if names}

    def calls(self, function=None):
        """["requests.get via fetch LN" …] of a function, None: at import."""
        found = []
        for _, _, _, name, number, via, flags, _, _ in self.of("call"):
            if self.numbers.get(number) == function:
                letters = "".join(letter for bit, letter in enumerate(LETTERS)
                                  if flags & 1 << bit)
                found.append(name + (f" via {via}" if via else "")
                             + (f" {letters}" if letters else ""))
        return found

    def literals(self):
        return [(line, shape, name) for _, line, _, shape, name in self.of("literal")]

    def problems(self):
        return [(self.files[file], kind, line) for file, kind, line, _, _ in self.of("problem")]
