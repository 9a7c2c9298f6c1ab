"""Stores of `thaw audit` for tests: made up starts and requests, added by tests/live/starts_add.c."""

import json
import random
import subprocess

SECOND = 10**9
BEGIN = 1_792_800_000  # 2026-10-24 00:00 UTC: Berlin's clocks go back in the night after


def start(app, at, **more):
    """One that ended so many seconds after BEGIN, and took 1 s."""
    end = BEGIN * SECOND + int(at * SECOND)
    phases = [["host", 0, 300_000_000, True], ["pool", 300_000_000, 5 * SECOND, False],
              ["worker", 5_300_000_000, 100_000_000, True], ["import", 5_400_000_000, 550_000_000, True]]
    return {"start": {
        "app": app, "function": "Get", "platform": "azure_functions", "worker": "w", "python": "3.11.2",
        "process": 7, "begin_unix_ns": end - 6 * SECOND, "end_unix_ns": end, "total_ns": SECOND,
        "unattributed_ns": 50_000_000, "answered": True, "further": False, "complete": True,
        "incomplete": "", "phases": phases, "modules": 3, "imports_ns": 500_000_000,
        "imports": [["function_app", 0, 500_000_000, 1_000_000, 0, False]], **more}}


def arrivals(app, at, **more):
    return {"arrivals": {"app": app, "from_unix_ns": (BEGIN + at) * SECOND, "requests": 5, "cold": 0,
                         "busy_ns": 100_000_000, "most_at_once": 1, "most_all": 1, "processes": 1,
                         "limit_looks": 10, "at_limit": 0, "measured": True, **more}}


def watched(begin, end, lost=0):
    return {"watched": {"from_unix_ns": (BEGIN + begin) * SECOND, "until_unix_ns": (BEGIN + end) * SECOND,
                        "lost": lost}}


def lines(items):
    return "".join(json.dumps(item) + "\n" if item else "\n" for item in items)


def add(program, path, items, *bounds, **options):
    return subprocess.run([program, path, *map(str, bounds)], input=lines(items), text=True,
                          capture_output=True, timeout=120, check=False, **options)


def random_start(generator, app, at, slow, **more):
    def about(ms):
        return int(ms * 1e6 * generator.lognormvariate(0, .3))
    phases, begin = [], 0
    for name, ns, counted in (("host", about(300), True), ("pool", about(9000), False),
                              ("worker", about(90), True), ("pool", about(10), False),
                              ("import", int(about(500) * slow), True)):
        phases.append([name, begin, ns, counted])
        begin += ns
    rest = about(10)
    imports = [["function_app", 0, about(400), about(5), 0, False]]
    for name in generator.sample(["numpy", "pandas", "requests", "boto3"], 2):
        imports.append([name, 0, about(100), about(50), 1, generator.random() < .1])
        imports.append([name + ".core", 0, about(30), about(20), len(imports), False])
    begin_ns = BEGIN * SECOND + int(at * SECOND)
    return {"start": {
        **start(app, at)["start"], "begin_unix_ns": begin_ns, "end_unix_ns": begin_ns + begin + rest,
        "phases": phases, "imports": imports, "imports_ns": about(450), "unattributed_ns": rest,
        "total_ns": rest + sum(ns for _, _, ns, counted in phases if counted),
        "function": generator.choice(["Get", "Put", ""]), "answered": generator.random() < .95,
        "complete": generator.random() < .95, "further": generator.random() < .1, **more}}


def random_store(seed, days=3):
    """Of four apps, with a gap in what was watched."""
    generator = random.Random(seed)
    items = [watched(0, 100_000), watched(103_000, days * 86400, lost=3)]
    for number, app in enumerate(("orders", "mail", "etl", "dark")):
        change = (days - .8) * 86400
        for at in sorted(generator.uniform(0, days * 86400) for _ in range((150, 60, 30, 14)[number])):
            after = at > change
            items.append(random_start(generator, app, at, 1.6 if after and number == 0 else 1,
                                      deployment=f"{app}-{int(after)}" if number < 3 else ""))
        for at in range(0, days * 86400, 10):
            if generator.random() < (.02, .01, .003, .01)[number]:
                requests = generator.randrange(1, 40)
                most = generator.randrange(1, 9)
                items.append(arrivals(app, at, requests=requests, cold=min(requests, generator.randrange(3)),
                                      busy_ns=generator.randrange(1, 90 * SECOND), most_all=most,
                                      most_at_once=generator.randrange(1, 5), measured=number != 3,
                                      limit_looks=10 * (number < 2),
                                      at_limit=generator.randrange(3) if number == 0 else 0))
    return items
