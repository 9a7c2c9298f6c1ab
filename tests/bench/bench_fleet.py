# SPDX-License-Identifier: Apache-2.0
"""How does the cost of a fleet grow with its nodes, for the engine that scrapes them and for a node?

    make bench-fleet       (APPS=20 MODULES=10, some 3 minutes)

Up to 200 nodes on this machine, each an endpoint whose page is made of the daemon's own tables (tests/
live/fleet_node.c), with 20 apps in 9 parts and their 10 longest imports. For 1, 10, 50, 100 and 200 of
them a new Prometheus of Debian, and for 50 VictoriaMetrics as well, scrape all a few times; told are
series, bytes of a page, how long a scrape takes, and what the engine needs: CPU time a scrape, the
first one (which makes the series) apart, and resident memory at the end. Scraping every 30 s is that CPU
time by 30 s.
"""

import argparse
import contextlib
import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
RESULT = TESTS / "bench/results/fleet.json"
NODES, ROUNDS, USUAL_INTERVAL_SECONDS = (1, 10, 50, 100, 200), 2, 30
VICTORIA_NODES = 50


def interval(nodes):
    """Seconds between scrapes here: what the first of them needs, twice."""
    return 2 if nodes <= 20 else 4 if nodes <= 50 else 6 if nodes <= 100 else 10


def usage_of(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def scraping(addresses, seconds):
    return {"global": {"scrape_interval": f"{seconds}s", "scrape_timeout": f"{seconds}s"},
            "scrape_configs": [{"job_name": "thaw", "static_configs": [
                {"targets": [address], "labels": {"node": f"node-{number:03}"}}
                for number, address in enumerate(addresses)]}]}


def measured(engine, served, nodes, seconds):
    """A row: waits until all were scraped, then looks on for some rounds."""
    from fleet_engines import eventually

    engine.visible()
    eventually(lambda: engine.query(f'count(up{{job="thaw"}} == 1) == {nodes}'), 90)
    first_cpu, _ = engine.usage()
    begin, cpu, page_cpu = time.monotonic(), first_cpu, usage_of(served.process)
    time.sleep(ROUNDS * seconds)
    rounds = (time.monotonic() - begin) / seconds
    cpu, resident = engine.usage()
    page_cpu = usage_of(served.process) - page_cpu
    engine.visible()
    row = {"nodes": nodes, "series": int(engine.query("sum(scrape_samples_scraped)")[0][1]),
           "down": int(engine.query('count(up{job="thaw"} == 0) or vector(0)')[0][1]),
           "scrape_seconds": engine.query("avg(scrape_duration_seconds)")[0][1],
           "scrape_seconds_most": engine.query("max(scrape_duration_seconds)")[0][1],
           "engine_cpu_seconds_first": first_cpu,
           "engine_cpu_seconds_a_round": (cpu - first_cpu) / rounds,
           "engine_resident_bytes": resident,
           "page_cpu_seconds": page_cpu / rounds / nodes}
    row["engine_cpu_share"] = row["engine_cpu_seconds_a_round"] / USUAL_INTERVAL_SECONDS
    return row


def page_of(served):
    """(bytes, samples, seconds to make it) of a node's page."""
    made = []
    for _ in range(3):
        served.say("page")
        size, samples, nanoseconds = map(int, served.process.stdout.readline().split())
        made.append(nanoseconds / 1e9)
    return size, samples, statistics.median(made)


def rows(options, folder):
    import fleet_engines
    import live_program

    program = live_program.built(folder, "fleet_node.c")
    fleet_engines.package("prometheus")
    for nodes in options.nodes:
        arguments = [program, options.apps, options.modules, *["127.0.0.1:0"] * nodes]
        with fleet_engines.Served(*arguments) as served:
            addresses = [served.address, *(served.process.stdout.readline().strip()
                                           for _ in range(nodes - 1))]
            size, samples, seconds = page_of(served)
            engines = [fleet_engines.Prometheus]
            if nodes == VICTORIA_NODES:
                engines.append(fleet_engines.ScrapingVictoriaMetrics)
            for engine in engines:
                room = folder / f"{engine.__name__}-{nodes}"
                room.mkdir()
                with engine(room, scraping(addresses, interval(nodes))) as running:
                    row = measured(running, served, nodes, interval(nodes))
                yield {"engine": engine.__name__, **row, "page_bytes": size,
                       "page_samples": samples, "page_seconds": seconds}


def show(row):
    print(f"{row['nodes']:5} {row['engine'][:10]:10} {row['series']:8} "
          f"{row['page_bytes'] / 1024:6.0f} kB {row['page_seconds'] * 1e3:6.2f} ms "
          f"{row['scrape_seconds'] * 1e3:7.1f} ms {row['engine_cpu_share']:8.2%} "
          f"{row['engine_resident_bytes'] / 2 ** 20:7.0f} MB {row['down']:4}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--apps", type=int, default=int(os.environ.get("APPS", "20")))
    parser.add_argument("--modules", type=int, default=int(os.environ.get("MODULES", "10")))
    parser.add_argument("--nodes", type=int, nargs="+", default=NODES)
    options = parser.parse_args()
    os.environ["THAW_BUILD"] = str(Path(options.build).resolve())
    sys.path[:0] = [str(TESTS / "harness"), str(TESTS / "bench")]
    from subject import write

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # six of each endpoint
    print("nodes engine       series      page   made in  scraped in  CPU/30 s  resident down")
    result = {"apps": options.apps, "modules": options.modules, "cpus": os.cpu_count(),
              "load": os.getloadavg()[0], "rounds": ROUNDS, "rows": []}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for row in rows(options, folder):
            show(row)
            result["rows"].append(row)
            if options.nodes == NODES:
                write(RESULT, result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
