"""How the reader of an app's source begins: as bytecode where it is the interpreter's, or as text."""

import os
import subprocess
import tempfile
import unittest

import source_helper
from app_source import ASK_SECONDS, question, run, script
from program import REPOSITORY

LISTING = "src/project/source/app_source_script.S"
FILES = {
    "function_app.py": "import os\nimport azure.functions as func\napp = func.FunctionApp()\n"
                       "KEY = 'AccountKey=" + "aZ3/" * 21 + "Qw=='\n"  # secrets
                       "@app.route()\ndef f(req: Missing): return os.getenv('A')\n",  # annotations
    "pyproject.toml": "[project]\nrequires-python = '>=3.10'\n",  # manifests
    "lambda_function.py": "def lambda_handler(event, context): open('x')\n",  # handlers
}
HANDLERS = ("lambda_function.lambda_handler",)


def bytecode(executable):
    return subprocess.run([executable, "-I", "-S", "-B", "src/project/source/app_code.py", LISTING],
                          cwd=REPOSITORY, capture_output=True, check=True).stdout


def started(executable, code, text):
    """What it answers when all of it lies there, and when the question follows."""
    begin = (REPOSITORY / "src/project/source/app_start.py").read_text(encoding="utf-8")
    command = [executable, "-I", "-S", "-B", "-W", "ignore", "-c", begin]
    asked = question(FILES, handlers=HANDLERS)
    reading, writing = os.pipe()
    with tempfile.TemporaryFile(buffering=0) as file, open(writing, "wb") as end, \
            open(reading, "rb") as waited:
        file.write(b"%10d%10d" % (len(code), len(text)) + code + text)
        offset = file.tell()
        file.seek(0)
        with subprocess.Popen(
                ["sh", "-c", f"exec \"$@\" 4<&{waited.fileno()}", "sh", *command], stdin=file,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=[waited.fileno()],
                cwd="/") as process:
            try:
                ended_early = process.wait(0.3)
            except subprocess.TimeoutExpired:
                ended_early = None
            os.pwrite(file.fileno(), asked, offset)  # as thaw: the offset is shared
            end.close()
            output, errors = process.communicate(timeout=ASK_SECONDS)
    return ended_early, process.returncode, output, errors.decode()


class Start(unittest.TestCase):
    def test_bytecode_and_text_answer_the_same(self):
        for version, executable in source_helper.pythons():
            text = script().encode()
            expected = run(executable, FILES, handlers=HANDLERS).stdout
            self.assertTrue(expected.endswith(b'["end"]\n'))
            own = bytecode(executable)
            rows = {"own": (own, b"raise SystemExit('the text was taken')"),
                    "none": (b"", text),
                    "of another form": (b"\1\2\r\n" + own[4:], text)}
            for name, (code, given) in rows.items():
                with self.subTest(version=version, bytecode=name):
                    self.assertEqual(started(executable, code, given), (None, 0, expected, ""))

    def test_the_same_sources_make_the_same_bytecode(self):
        _, executable = source_helper.pythons()[-1]
        self.assertEqual(bytecode(executable), bytecode(executable))


if __name__ == "__main__":
    unittest.main()
