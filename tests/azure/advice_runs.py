# SPDX-License-Identifier: Apache-2.0
"""Runs of an advice app, as it is or with imports moved: what it loads, its functions, its tests."""
import json
import os
import subprocess

import advice_moves
import demo

PYTHON = "/usr/bin/python3.11"
FACTS = os.path.join(demo.HERE, "advice_facts.py")
WORKER = [demo.WORKER_FOLDER, os.path.join(demo.HERE, "protocol")]
RUN_SECONDS = 100


def environment(app):
    """A worker's, with the app's own settings; and no threads of OpenBLAS, which forks lack."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
            **app.settings, "PYTHONPATH": app.packages, "OPENBLAS_NUM_THREADS": "1"}


def facts(app, folders, preloaded=(), worker=True, tests=True, bytecode=False):
    """What advice_facts.py finds out about the app in each of these folders."""
    with demo.temporary_folder() as scratch:
        result = os.path.join(scratch, "result.json")
        task = {"result": result, "folders": list(folders), "preloaded": list(preloaded),
                "worker": WORKER if worker else None, "tests": tests}
        variables = {} if bytecode else {"PYTHONDONTWRITEBYTECODE": "1"}
        run = subprocess.run([PYTHON, FACTS], input=json.dumps(task), cwd=scratch,
                             env={**environment(app), **variables}, capture_output=True, text=True,
                             timeout=RUN_SECONDS, check=False)
        if run.returncode:
            raise RuntimeError(f"{app.name}: {run.stderr[-500:]}")
        with open(result, encoding="utf-8") as file:
            return json.load(file)


def what_breaks(found, original):
    """Of a moved app: "import", "index", "tests" or "" for nothing; other functions are no app of
    the same kind either."""
    if found["failed"] in ("", "tests") and any(found[key] != original[key]
                                                for key in ("functions", "hints")):
        return "index"
    return found["failed"]


def copies(app, choices, scratch):
    """A copy of the app for each choice of imports, with those moved; their folders."""
    return [advice_moves.copy_app(app.folder, os.path.join(scratch, str(number)), imports)
            for number, imports in enumerate(choices)]
