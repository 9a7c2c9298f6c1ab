# SPDX-License-Identifier: Apache-2.0
"""How fast is the HTML report? First frame, zoom and search in headless Chromium, a new one for each run.

    make bench-page        (RUNS=7, some 4 minutes; the other charts come from npm)

Measured for the demo's report (when `make demo` has left one), and for made-up ones of 1,000 and
10,000 modules; of the latter beside other charts of the same imports (page_peers.py). First frame:
Chromium's own first-contentful-paint, since the page's navigation began; before it the page is
blank. A page may go on drawing behind it: frames_alone, from nothing done to a frame, tells. Zoom,
search, sort: from the key or the input to the frame that shows it.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "browser"), str(TESTS / "harness")]

import page as pages  # noqa: E402
import page_peers  # noqa: E402
import webdriver  # noqa: E402

RESULT = TESTS / "bench/results/page.json"
FULL = json.loads((TESTS / "golden/full_report.json").read_text(encoding="utf-8"))

FIRST_FRAME = """
    return performance.getEntriesByType("paint").find((one) => one.name === "first-contentful-paint")?.startTime"""
LONG_TASKS = """
    return new Promise((done) => { new PerformanceObserver((list) =>
        done(list.getEntries().reduce((most, one) => Math.max(most, one.duration), 0)))
        .observe({type: "longtask", buffered: true}); setTimeout(() => done(0), 200); })"""
# From something done to the frame behind the one that shows it.
TIMED = """
    return new Promise((done) => { const begin = performance.now(); (%s)();
        requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(() => setTimeout(() =>
            done(performance.now() - begin))))); })"""
ZOOM = """() => { const canvas = document.querySelector(".icicle canvas"); canvas.focus();
    for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "Enter"])
        canvas.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true})); }"""
SEARCH = """() => { const input = document.querySelector("#imports input"); input.value = "module7";
    input.dispatchEvent(new InputEvent("input", {bubbles: true})); }"""
# A hundred rows of the list, by another column.
LIST = """const list = [...document.querySelectorAll("#imports button")].find((one) => one.textContent === "List");
    list.click();
    return new Promise((done) => setTimeout(done, 300));"""
SORT = """() => [...document.querySelectorAll("[role=treegrid] th button")]
    .find((one) => one.textContent.endsWith("Self (ms)")).click()"""
LANE_ZOOM = """() => document.querySelector(".tracks canvas")
    .dispatchEvent(new KeyboardEvent("keydown", {key: "+", bubbles: true}))"""
NOTHING = "() => {}"


def measure(path, zoom=ZOOM, search=SEARCH):
    with webdriver.Browser(1280, 900) as browser:
        browser.open(path)
        first = browser.wait(FIRST_FRAME)
        longest = browser.run(LONG_TASKS)
        found = {"first_frame_ms": first, "longest_task_ms": longest,
                 "frames_alone_ms": browser.run(TIMED % NOTHING), "zoom_ms": browser.run(TIMED % zoom),
                 "search_ms": browser.run(TIMED % search)}
        if zoom == ZOOM:
            browser.run(LIST)
            found["sort_ms"] = browser.run(TIMED % SORT)
            found["lane_zoom_ms"] = browser.run(TIMED % LANE_ZOOM)
        said = [line for line in browser.console() if line.startswith("SEVERE")]
        if said:
            raise SystemExit(f"{path}: {said}")
        return {**found, "elements": browser.run("return document.querySelectorAll('*').length")}


def spread(values):
    return {"median": round(statistics.median(values), 1), "low": round(min(values), 1),
            "high": round(max(values), 1)}


def cases(build):
    demo = build / "demo/report.json"
    if demo.exists():
        yield "demo", json.loads(demo.read_text(encoding="utf-8"))
    for count in (1000, 10_000):
        yield f"{count} modules", pages.synthetic(FULL, count, 20)


def show(name, found, **more):
    """Prints what was measured of a page, and returns it."""
    case = {key: spread([one[key] for one in found]) for key in found[0]}
    print(name)
    for key, value in case.items():
        print(f"  {key:16} {value['median']:8} ({value['low']} to {value['high']})", flush=True)
    return {**more, **case}


def beside(build, folder, runs):
    """The same 10,000 imports by the report's page and by others: new browsers in turn, each round the other way."""
    report = pages.synthetic(FULL, 10_000, 20)
    own = Path(folder, "own.html")
    own.write_text(pages.fill(report), encoding="utf-8")
    each = [("thaw", own, ZOOM, SEARCH), *page_peers.write(report, build, folder)]
    found = {name: [] for name, *_ in each}
    for number in range(runs):
        for name, path, zoom, search in each if number % 2 == 0 else reversed(each):
            found[name].append(measure(path, zoom, search))
    return {name: show(f"{name}, beside the others", found[name], bytes=path.stat().st_size) for name, path, *_ in each}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Path("build"))
    arguments = parser.parse_args()
    runs = int(os.environ.get("RUNS", "7"))
    result = {"runs": runs, "load": os.getloadavg()[0], "cases": {}}
    with tempfile.TemporaryDirectory() as folder:
        for name, report in cases(arguments.build):
            path = Path(folder, "report.html")
            path.write_text(pages.fill(report), encoding="utf-8")
            title = f"{name}: {len(report['modules'])} modules, {path.stat().st_size / 1e6:.1f} MB"
            result["cases"][name] = show(title, [measure(path) for _ in range(runs)],
                                         modules=len(report["modules"]), bytes=path.stat().st_size)
        result["beside"] = beside(arguments.build, folder, runs)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
