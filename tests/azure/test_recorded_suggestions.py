# SPDX-License-Identifier: Apache-2.0
"""Which imports of a recorded app may wait: one app of traps, the verdict on each as advice is."""

import json
import os
import sys
import textwrap
import unittest

import demo

sys.path.insert(0, os.path.join(os.path.dirname(demo.HERE), "harness"))
from program import run_thaw  # noqa: E402
from recorded import record_with_ebpf  # noqa: E402

TIMEOUT_SECONDS = 300

# Long enough to be worth a suggestion each; sleeping leaves nothing behind.
SLOW = "import time\ntime.sleep(0.012)\n"

MODULES = {
    "m_safe": "import m_shared\n",
    "m_second": "import m_shared\n",
    "m_shared": "",
    "m_level": "VALUE = 1\n",
    "m_decorator": "def keep(function):\n    return function\n",
    "m_base": "class Base:\n    pass\n",
    "m_default": "VALUE = 1\n",
    "m_annotation": "class Kind:\n    pass\n",
    "m_text_annotation": "class Kind:\n    pass\n",
    "m_comprehension": "VALUES = [1]\n",
    "m_lambda": "VALUE = 1\n",
    "m_async": "",
    "m_thread": "import threading\nthreading.Thread(target=int).start()\n",
    "m_environment": "import os\nos.environ['THAW_TEST_SUGGESTION'] = 'x'\n",
    "m_process": "import subprocess\nsubprocess.run(['/bin/true'])\n",
    "m_file": "import tempfile\nwith tempfile.NamedTemporaryFile():\n    pass\n",
    "m_signal": "import signal\nsignal.signal(signal.SIGUSR2, signal.SIG_IGN)\n",
    "m_settings": "import os\nLEVEL = os.environ.get('THAW_TEST_LEVEL', '')\n",
    "m_client": "import m_level\nclient = [m_level.VALUE]\n",
    "m_unused": "",
    "m_patched": "",
    "m_taken": "",
    "m_both": "",
    "m_chain": "import pack.sub\n",
    "m_first": "VALUE = 'answered'\n",
    "m_conditional": "",
    "m_optional": "",
    "m_assigned": "",
    "m_checked": "",
    "pack/__init__": "",
    "pack/sub": "def call():\n    return 1\n",
}

FILES = {
    "reexport.py": "import m_taken\ndef again():\n    return m_taken\n",
    "tests/test_it.py": "from unittest import mock\n"
                        "with mock.patch('function_app.m_patched'):\n    pass\n"
                        "with mock.patch('function_app.m_both'):\n    pass\n",
    "z_later.py": "from function_app import m_both\n",
}

APP = """
import os
import typing
import azure.functions as func
import m_safe
import m_second as second
import m_level
import m_decorator
import m_base
import m_default
import m_annotation
import m_text_annotation
import m_comprehension
import m_lambda
import m_async
import m_thread
import m_environment
import m_process
import m_file
import m_signal
import m_settings
import m_client
import m_unused
import m_patched
import m_both
import m_chain
import pack
import m_first
import m_assigned
from reexport import m_taken
if os.environ.get("PATH"):
    import m_conditional
try:
    import m_optional
except ImportError:
    m_optional = None
if typing.TYPE_CHECKING:
    import m_checked

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
level = m_level.VALUE
listed = [value for value in m_comprehension.VALUES for other in m_comprehension.VALUES]
later = lambda: m_lambda.VALUE
m_assigned = m_assigned or None

class Own(m_base.Base):
    pass

@m_decorator.keep
def helped(one=m_default.VALUE):
    return one

def annotated(one: m_annotation.Kind, two: "typing.Optional[m_text_annotation.Kind]" = None):
    return one

@app.route(route="hello")
def hello(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(m_first.VALUE)

@app.route(route="work")
def work(req: func.HttpRequest) -> func.HttpResponse:
    used = (m_safe, second, m_thread, m_environment, m_process, m_file, m_signal, m_settings,
            m_client, m_patched, m_both, m_chain, m_taken, m_conditional, m_optional, m_assigned,
            m_comprehension, m_decorator)
    return func.HttpResponse(str(pack.sub.call()) + str(used))

@app.route(route="serve")
async def serve(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(str(m_async))
"""

SAFE, REFUSED = "", None
EXPECTED = {  # a text: needs a look, for a reason with it
    "m_safe": SAFE, "m_second": SAFE,
    "reexport": SAFE,  # in the file that takes the name from it
    "m_level": REFUSED, "m_decorator": REFUSED, "m_base": REFUSED, "m_default": REFUSED,
    "m_annotation": REFUSED, "m_text_annotation": REFUSED, "m_comprehension": REFUSED,
    "m_lambda": REFUSED, "m_first": REFUSED, "m_conditional": REFUSED, "m_optional": REFUSED,
    "m_assigned": REFUSED, "m_taken": REFUSED, "m_signal": REFUSED, "m_chain": REFUSED,
    "m_checked": REFUSED, "m_both": REFUSED, "m_unused": REFUSED, "pack": REFUSED,
    "m_async": "serve() is async (function_app.py line ",
    "m_thread": "m_thread starts a thread",
    "m_environment": "m_environment changes the environment: THAW_TEST_SUGGESTION set",
    "m_process": "m_process starts a process /",
    "m_file": "m_file writes /",
    "m_settings": "m_settings.py reads settings while it is loaded (module level at line ",
    "m_client": "m_client.py uses m_level while it is loaded (module level at line ",
    "m_patched": "(named in test_it.py at line 2)",
}


class Suggestions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        modules = {f"{name}.py": textwrap.dedent(code) + SLOW for name, code in MODULES.items()}
        app = demo.place_source("suggestions", APP, more={**modules, **FILES})
        folder = demo.temporary_folder()
        cls.addClassCleanup(folder.cleanup)
        owner = demo.as_owner()
        environment = dict(os.environ)
        if owner:
            environment.update(SUDO_UID=str(owner["user"]), SUDO_GID=str(owner["group"]))
        command = demo.host_command(app, os.path.join(folder.name, "host.log"), "--once",
                                    "--invoke", "hello")
        cls.recorded = record_with_ebpf(os.path.join(folder.name, "recording.thaw"), "--until",
                                        "first-reply", command=command, env=environment)
        if cls.recorded.status:
            raise AssertionError(cls.recorded.stderr)
        cls.report = cls.recorded.report
        cls.lines = {number: line for number, line in enumerate(APP.splitlines(), 1)}

    def findings(self, kind):
        """{module: finding}, by the statement at the finding's place."""
        found = {}
        for finding in self.report["findings"]:
            if finding["id"] == kind:
                line = self.lines[finding["location"]["line"]]
                found[line.replace("from ", "import ").split()[1]] = finding
        return found

    def test_each_trap(self):
        found = self.findings("lazy-import")
        self.assertLessEqual(set(found), set(EXPECTED))
        for module, expected in EXPECTED.items():
            with self.subTest(module):
                finding = found.get(module)
                if expected is REFUSED:
                    self.assertIsNone(finding)
                    continue
                self.assertIsNotNone(finding)
                self.assertEqual(finding["risk"], "needs a look" if expected else "safe")
                self.assertTrue(any(expected in reason for reason in finding["reasons"] or [""]),
                                finding["reasons"])
                self.assertEqual(bool(finding["reasons"]), bool(expected))

    def test_the_unused_one(self):
        found = self.findings("unused-import")
        self.assertEqual(set(found), {"m_unused"})
        self.assertEqual(found["m_unused"]["confidence"], "low")

    def test_the_set(self):
        sets = [one for one in self.report["findings"] if one["id"] == "lazy-import-set"]
        self.assertEqual(len(sets), 1)
        singles = self.findings("lazy-import")
        names = {module["id"]: module["name"] for module in self.report["modules"]}
        self.assertEqual({names[module] for module in sets[0]["modules"]},
                         {"m_safe", "m_second", "m_shared", "reexport", "m_taken"})
        self.assertEqual(sets[0]["saving"]["modules"], 5)
        alone = sum(singles[name]["saving"]["ns"] for name in ("m_safe", "m_second", "reexport"))
        self.assertGreater(sets[0]["saving"]["ns"], alone)  # both share m_shared
        self.assertEqual([call["function"] for call in sets[0]["first_calls"]], ["work"])
        self.assertEqual(sets[0]["first_calls"][0]["ns"], sets[0]["saving"]["ns"])

    def test_order(self):
        savings = [(one["saving"] or {"ns": 0})["ns"] for one in self.report["findings"]]
        self.assertEqual(savings, sorted(savings, reverse=True))

    def test_what_if(self):
        result = run_thaw("report", "--json", "--what-if", "lazy=m_safe,m_second,drop=pack",
                          self.recorded.path)
        answer = json.loads(result.stdout)
        self.assertEqual(set(answer["vanished"]),
                         {"m_safe", "m_second", "m_shared", "pack", "pack.sub"})
        self.assertEqual({(row["module"], self.lines[row["line"]] if row["module"] == "function_app"
                           else row["line"]) for row in answer["broken"]},
                         {("function_app", "import pack"), ("m_chain", 1)})
        words = run_thaw("report", "--what-if", "lazy=m_safe,drop=pack", self.recorded.path)
        self.assertIn("The first call of work() then pays ", words.stdout)
        self.assertIn("m_chain imports pack", words.stdout)
        for question, name in (("lazy=m_saef", "m_safe"), ("drop=m_scond", "m_second"),
                               ("drop=azure-function", "azure-functions")):
            wrong = run_thaw("report", "--what-if", question, self.recorded.path)
            self.assertEqual((wrong.returncode, wrong.stdout), (2, ""))
            self.assertIn(f"(did you mean '{name}'?)", wrong.stderr)
        for question in ("", "lazy", "lazy=", "eager=m_safe", "m_safe", "drop=,"):
            wrong = run_thaw("report", "--what-if", question, self.recorded.path)
            self.assertEqual(wrong.returncode, 2, question)
            self.assertIn("--what-if takes lazy=NAME,...", wrong.stderr)


if __name__ == "__main__":
    unittest.main()
