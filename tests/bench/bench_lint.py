# SPDX-License-Identifier: Apache-2.0
"""What does `thaw lint` find and miss, beside azure-functions-doctor, and how long do they take?

    make bench-lint        (ROUNDS=21, some 6 minutes; the doctor comes from the package index)

Corpus: tests/lint, see tests/harness/lint_corpus.py. thaw has to say of each case what is expected
there, and nothing else. Of the doctor, whose ids are others, is asked only whether it tells a case
that has to be complained of from the app it is a change of: by any complaint that it does not make
of that one. Where a case rests on exported settings, which the doctor can't read, it gets them in
local.settings.json as well. A false alarm of the doctor's is a complaint of the app that is as it
should be, or one more of a near miss.

Time: apps with 100 functions in 10 files, of 5 and of 17 lines each, and the corpus' app with a single
one, in turns with the doctor, and with thaw once more as the A/A control. Both read by Debian's Python.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "harness")]

RESULT = TESTS / "bench/results/lint.json"
FILES, FUNCTIONS_EACH = 10, 10
NS_PER_MS = 1e6
PYTHON = "/usr/bin/python3.11"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    os.environ["THAW_BUILD"] = options.build
    rounds = int(os.environ.get("ROUNDS", "21"))
    import functions_doctor
    doctor = functions_doctor.program()
    with tempfile.TemporaryDirectory(prefix="thaw-lint-") as scratch:
        result = {"corpus": measure_corpus(Path(scratch), doctor),
                  "time": measure_time(Path(scratch), doctor, rounds), "rounds": rounds}
    result["load"] = os.getloadavg()[0]
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    show(result)


# --- the corpus -----------------------------------------------------------------------------------


def measure_corpus(scratch, doctor):
    import functions_doctor
    import lint_corpus
    cases = lint_corpus.cases()
    base = made(scratch / "base", lint_corpus.Case("", "base"))
    usual = functions_doctor.complaints(doctor, base)
    rules = {}
    for number, case in enumerate(cases):
        folder = made(scratch / f"case{number}", case)
        missed, alarms = lint_corpus.judge(case, lint_corpus.findings_of(case, folder))
        row = rules.setdefault(case.rule, {"cases": 0, "speaks": 0, "missed": [], "false": [],
                                           "doctor_tells": 0, "doctor_false": [], "by": []})
        row["cases"] += 1
        row["speaks"] += case.speaks
        row["missed"] += [f"{case.name}: {' '.join(map(str, one))}" for one in missed]
        row["false"] += [f"{case.name}: {' '.join(map(str, one))}" for one in alarms]
        lint_corpus.give_settings(case, folder)
        said = functions_doctor.complaints(doctor, folder, case.options)
        more = None if said is None else sorted(set(said) - set(usual))
        if more is None:
            row["doctor_false"].append(f"{case.name}: crashed")
        elif case.speaks:
            row["doctor_tells"] += bool(more)
            row["by"] = sorted({*row["by"], *more})
        else:
            row["doctor_false"] += [f"{case.name}: {check}" for check in more]
    return {"rules": rules, "doctor_usual": usual}


def made(folder, case):
    folder.mkdir()
    case.make(folder)
    return folder


# --- time -----------------------------------------------------------------------------------------


def many_functions(folder, body):
    """The corpus' app with FILES blueprints of FUNCTIONS_EACH functions each."""
    import lint_corpus
    made(folder, lint_corpus.Case("", "many"))
    imports, registered = [], []
    for file in range(FILES):
        name = f"part{file}"
        imports.append(f"from {name} import bp as {name}")
        registered.append(f"app.register_functions({name})")
        (folder / f"{name}.py").write_text(part_of(file, body))
    entry = folder / "function_app.py"
    text = entry.read_text().replace("from orders import known_order",
                                     "\n".join(["from orders import known_order", *imports]))
    entry.write_text(text + "\n\n" + "\n".join(registered) + "\n")
    return folder


SHORT = '''    logging.info("asked for %s", req.route_params["id"])
    return func.HttpResponse(json.dumps(known_order(req.route_params["id"])))
'''
LONG = '''    logging.info("asked for %s", req.route_params["id"])
    order = known_order(req.route_params["id"])
    try:
        body = req.get_json()
    except ValueError:
        body = {}
    if order is None or not body.get("amount"):
        return func.HttpResponse("no such order", status_code=404)
    total = sum(item * 3 for item in range(order["amount"]))
    return func.HttpResponse(json.dumps({"order": order, "total": total}),
                             mimetype="application/json")
'''


def part_of(file, body):
    text = ("import json\nimport logging\n\nimport azure.functions as func\n\n"
            "from orders import known_order\n\nbp = func.Blueprint()\n")
    for number in range(FUNCTIONS_EACH):
        text += f'''

@bp.route(route="part{file}/{number}/{{id}}", methods=["GET", "POST"],
          auth_level=func.AuthLevel.FUNCTION)
async def handler_{file}_{number}(req: func.HttpRequest) -> func.HttpResponse:
{body}'''
    return text


def measure_time(scratch, doctor, rounds):
    import functions_doctor
    from program import THAW
    count = FILES * FUNCTIONS_EACH + 1
    apps = {"1 function": scratch / "base",
            f"{count} functions of 5 lines": many_functions(scratch / "short", SHORT),
            f"{count} functions of 17 lines": many_functions(scratch / "long", LONG)}
    result = {}
    for name, folder in apps.items():
        thaw = [THAW, "lint", str(folder), "--json", "--fail-on", "never",
                "--interpreter", PYTHON]
        commands = {"thaw": thaw, "thaw again": thaw,
                    "doctor": functions_doctor.command(doctor, folder)}
        times = {key: [] for key in commands}
        for number in range(rounds + 1):
            for key in list(commands)[::-1 if number % 2 else 1]:
                spent = timed(commands[key])
                if number:  # the first one fills caches
                    times[key].append(spent)
        result[name] = {key: {"median_ms": statistics.median(each), "least_ms": min(each),
                              "most_ms": max(each)} for key, each in times.items()}
        result[name]["again / thaw"] = statistics.median(
            again / once for again, once in zip(times["thaw again"], times["thaw"]))
        result[name]["doctor / thaw"] = statistics.median(
            other / once for other, once in zip(times["doctor"], times["thaw"]))
    return result


def timed(command):
    began = time.monotonic_ns()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return (time.monotonic_ns() - began) / NS_PER_MS


# --- what is printed ------------------------------------------------------------------------------


def show(result):
    rules = result["corpus"]["rules"]
    print(f"{'rule':34} {'cases':>5} {'speak':>5} {'thaw':>5} {'doctor':>6}  by the doctor's")
    for name, row in sorted(rules.items()):
        found = row["speaks"] - len({one.split(':')[0] for one in row["missed"]})
        print(f"{name:34} {row['cases']:5} {row['speaks']:5} {found:5} {row['doctor_tells']:6}  "
              f"{', '.join(row['by'])}")
    speaks = sum(row["speaks"] for row in rules.values())
    missed = sum(len(row["missed"]) for row in rules.values())
    told = sum(row["doctor_tells"] for row in rules.values())
    print(f"\n{len(rules)} rules, {sum(row['cases'] for row in rules.values())} cases, of which "
          f"{speaks} have to be complained of")
    print(f"thaw: missed {missed}, false alarms {sum(len(row['false']) for row in rules.values())}")
    for name, row in sorted(rules.items()):
        for kind in ("missed", "false"):
            for one in row[kind]:
                print(f"  {kind}: {name}: {one}")
    print(f"doctor: tells {told} apart; of the app that is as it should be it complains by "
          f"{len(result['corpus']['doctor_usual'])} checks, of near misses by "
          f"{sum(len(row['doctor_false']) for row in rules.values())} more")
    for check, text in result["corpus"]["doctor_usual"].items():
        print(f"  {check}: {text}")
    for name, each in result["time"].items():
        print(f"{name}: thaw {each['thaw']['median_ms']:.1f} ms (again: "
              f"{each['again / thaw']:.3f}), doctor {each['doctor']['median_ms']:.0f} ms "
              f"({each['doctor / thaw']:.1f} times thaw's)")


if __name__ == "__main__":
    main()
