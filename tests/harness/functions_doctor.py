# SPDX-License-Identifier: Apache-2.0
"""azure-functions-doctor from its registry, for comparison with `thaw lint` on the same apps."""

import json
import subprocess

from locked_environments import made
from program import REPOSITORY

LOCK = REPOSITORY / "tests/lint/doctor.txt"
SECONDS = 60

# Checks of the developer's machine, not of the app: nothing that could be said of a case.
OF_THE_MACHINE = {"check_venv", "check_python_executable", "check_func_cli",
                  "check_func_core_tools_version", "check_python_version",
                  "check_python_runtime_lifecycle"}

PLANS = {"consumption": "linux-consumption", "flex": "flex-consumption", "premium": "premium",
         "dedicated": "dedicated"}


def program():
    """Installs it, where it is not yet."""
    return made(LOCK, "--no-compile") / "bin/azure-functions-doctor"


def command(doctor, folder, options=()):
    """What is told thaw of plan and Python is told it, too; exported settings it can't take."""
    given = dict(zip(options[::2], options[1::2]))
    further = []
    if given.get("--plan") in PLANS:
        further += ["--hosting-plan", PLANS[given["--plan"]]]
    if "--python" in given:
        further += ["--target-python", given["--python"]]
    return [str(doctor), "doctor", "--path", str(folder), "--format", "json", *further]


def complaints(doctor, folder, options=()):
    """{check: what it says} of all that is not as it should be; None: it crashed."""
    ended = subprocess.run(command(doctor, folder, options), capture_output=True, text=True,
                           timeout=SECONDS, check=False)
    try:
        results = json.loads(ended.stdout)["results"]
    except (ValueError, KeyError):
        return None
    return {item["rule_id"]: str(item["value"]).split("\n")[0] for section in results
            for item in section["items"]
            if item["status"] in ("warn", "fail") and item["rule_id"] not in OF_THE_MACHINE}
