"""What imports spent, effects and native code on a page, against the JSON behind it."""

import json
import math
import re

import page as pages
from page import ms, shown
from program import REPOSITORY

DEFINITIONS = json.loads((REPOSITORY / "reports/schema/thaw-report-1.schema.json").read_text())["$defs"]


def titles(name):
    """Member -> what it is called: the schema's titles, which the terminal has too."""
    return {key: member["title"] for key, member in DEFINITIONS[name]["properties"].items()}


def in_ms(title):
    return f"{title[0].upper()}{title[1:]} (ms)"


# Part of split -> what it is called on the page, in order; likewise of waiting the columns.
PARTS = titles("waits")
WAITS = {key: in_ms(title) for key, title in titles("wait").items()}

# Column -> key in waits, and what a module has when that was measured.
USES = {column: (key, "wait") for key, column in WAITS.items()}
USES |= {"Minor faults": ("minor_faults", "faults"), "Major faults": ("major_faults", "faults"), "Read": ("read_bytes", "read_bytes"),
        "From the disk": ("disk_bytes", "disk_bytes"), "Memory": ("memory_bytes", "memory_bytes")}
OFF_CPU = ("io_ns", "runqueue_ns", "sleep_ns")

# Column of the table of modules -> where its figure is.
COLUMNS = {in_ms(words): ("split", f"{part}_ns") for part, words in PARTS.items() if part != "gc"}
COLUMNS |= {column: ("wait", key) for key, column in WAITS.items()}
COLUMNS |= {"Retained (ms)": ("retained_ns",), "On the CPU (ms)": ("cpu_ns",),
            "GC (ms)": ("gc_ns",),
            "Minor faults": ("faults", "minor"), "Major faults": ("faults", "major"),
            "Memory": ("memory_bytes",), "Opened": ("opened_bytes",), "Read": ("read_bytes",),
            "From the disk": ("disk_bytes",), "Looked for at": ("lookups", "count"),
            "Not there": ("lookups", "failed")}
CHOICES = ("Parts of self", "CPU and waits", "Faults", "Memory and files", "Lookups")
MOST_LINES, MOST_ROWS = 24, 15


def check(test, page, report):
    tables = page.tables()
    check_spent(test, page, tables, report)
    check_effects(test, page, tables, report)
    check_native(test, page, tables, report)


def figures(table, head):
    index = table["heads"].index(head)
    return [row[index]["values"][0] if row[index]["values"] else None for row in table["rows"]]


def texts(table, head):
    index = table["heads"].index(head)
    return [row[index]["text"] for row in table["rows"]]


# --- what the imports' time went into ---

def headline_modules(report):
    track = next((one for one in report["tracks"] if one["headline"]), None)
    track = track or next(iter(report["tracks"]), None)
    if not track:
        return report["modules"]
    return [one for one in report["modules"]
            if (one["process"] == track["process"] or is_of_server(report, track, one))
            and is_counted(track, one)]


def is_of_server(report, track, module):
    """Did a host above the server of the track, which belongs to no platform, import it first?"""
    processes = {one["id"]: one for one in report["processes"]}
    hosts, below = set(), processes[track["process"]]
    while below["platform"] == "generic" and processes.get(below["parent"], {}).get("role") == "host":
        below = processes[below["parent"]]
        hosts.add(below["id"])
    ends = [phase["end_ns"] for phase in track["phases"] if phase["name"] == "host"]
    return module["process"] in hosts and bool(ends) and module["start_ns"] < ends[0]


def is_counted(track, module):
    """Is it in the time that the track's total counts? Instants that were derived are no evidence."""
    start_ns = module["start_ns"]
    if module.get("timed") is False:
        return True
    if track["answered"] and track["end_ns"] is not None and start_ns >= track["end_ns"]:
        return False
    return not any(not phase["counted"] and phase["start_ns"] <= start_ns < phase["end_ns"]
                   for phase in track["phases"])


def part_ns(module, part):
    return module.get("gc_ns", 0) if part == "gc" else module["split"].get(f"{part}_ns", 0)


def spent(modules):
    """Name -> its figures by column; what no module tells is None."""
    rows = {}
    for part, words in PARTS.items():
        own = [one for one in modules if part_ns(one, part) or part in one.get("waits", {})]
        waits = {one["id"]: one.get("waits", {}).get(part, {}) for one in own}
        row = {"Time (ms)": sum(part_ns(one, part) for one in own)}
        for column, (key, told_by) in USES.items():
            told = [one for one in own if "waits" in one and told_by in one]
            row[column] = sum(waits[one["id"]].get(key, 0) for one in told) if told else None
        timed = [one for one in own if "waits" in one and "wait" in one]
        row["On the CPU (ms)"] = sum(
            max(part_ns(one, part) - sum(waits[one["id"]].get(key, 0) for key in OFF_CPU), 0)
            for one in timed) if timed else None
        if row["Time (ms)"] or row["Minor faults"] or row["Major faults"]:
            rows[words] = row
    return rows


def check_spent_table(test, table, expected):
    test.assertEqual(texts(table, "Part"), list(expected))
    whole = sum(row["Time (ms)"] for row in expected.values())
    if whole:
        test.assertEqual(texts(table, "Share"),
                         [pages.share(row["Time (ms)"], whole) for row in expected.values()])
    for column in ("Time (ms)", "On the CPU (ms)", *USES):
        wanted = [row[column] for row in expected.values()]
        if all(one is None for one in wanted):
            test.assertNotIn(column, table["heads"])
        else:
            test.assertEqual(figures(table, column), wanted, column)


def check_spent(test, page, tables, report):
    modules = headline_modules(report)
    if not modules:
        test.assertIn("No import was observed", page.text("#spent"))
        return
    expected = spent(modules)
    whole = sum(one["self_ns"] + one.get("gc_ns", 0) for one in modules)
    test.assertEqual(page.value("#spent data"), whole)
    if whole:
        check_spent_table(test, tables["Parts of imports"], expected)
    text = page.text("#spent")
    for probe in report["probes"]:
        if probe["status"] != "attached" and probe["name"].startswith(("python.", "loader.", "files.", "thread.")):
            test.assertIn(f"not measured: {' '.join(shown(probe, 'without').split())}", text)


# --- effects ---

def folded(module):
    """What the lines of a module say, without instants, each with its count."""
    lines = {}
    for effect in module["effects"]:
        key = tuple(effect.get(name) for name in ("kind", "detail", "detail_bytes", "process", "error",
                                                  "module"))
        lines.setdefault(key, []).append(effect)
    return list(lines.values())


def line_text(report, module, effects):
    first = effects[0]
    said = [shown(first, "detail")] if first["detail"] is not None else []
    if "duration_ns" in first:
        ns = sum(one.get("duration_ns", 0) for one in effects)
        said.append(f"{ms(ns)} ms" if ns < 10 ** 10 else f"{ns / 1e9:.2f} s")
    if first.get("error") == "EINPROGRESS":
        said.append("in progress")
    elif "error" in first:
        said.append(f"failed: {first['error']}")
    if len(effects) > 1:
        said.append(f"{len(effects):,} times")
    if any("more" in one for one in effects):
        said.append("perhaps more")
    text = ", ".join(said)
    names = {one["id"]: one for one in report["modules"]}
    if first["module"] not in (None, module["id"]):
        text += f" in {shown(names[first['module']], 'name')}"
    process = next((one for one in report["processes"] if one["id"] == first.get("process")), None)
    if process and process["id"] != module["process"]:
        text += f" (in process {process['pid']}, which it started)"
    return shown(first, "kind") + (f": {text}" if text else "")


def chain_text(report, module):
    names = {one["id"]: one for one in report["modules"]}
    text = shown(module, "name")
    for _ in range(8):
        if module["parent"] is None:
            return text
        module = names[module["parent"]]
        text += f" ← {shown(module, 'name')}"
    return text + (" ← …" if module["parent"] is not None else "")


def check_effects(test, page, tables, report):
    modules, text = report["modules"], page.text("#effects")
    acting = [one for one in modules if one.get("effects")]
    if not modules:
        test.assertIn("No import was observed", text)
    elif not any("effects" in one for one in modules):
        test.assertIn("Effects were not observed", text)
    elif not acting:
        test.assertIn("No module did anything but define names", text)
    if not acting:
        test.assertNotIn("Effects of modules", tables)
        return
    test.assertIn("io_uring", text)
    table = tables["Effects of modules"]
    test.assertEqual([row[0]["text"] for row in table["rows"]],
                     [chain_text(report, one) for one in acting][:pages.PAGE_ROWS])
    lines = page.browser.run("""return [...document.querySelectorAll("#effects tbody tr")].map((row) =>
        [...row.querySelectorAll("li")].map((line) => [line.children[0].textContent.trim(),
            [...line.children].slice(1).map((one) => one.textContent).join("")]))""")
    track = next((one for one in report["tracks"] if one["headline"]), {})
    begin = track.get("start_ns") or report["run"].get("start_ns", 0)

    def at(effect):
        ns = effect.get("time_ns", begin - 1) - begin
        return "" if ns < 0 else f"{ms(ns)} ms"

    test.assertEqual(lines, [[[at(one[0]), line_text(report, module, one)] for one in folded(module)]
                             for module in acting[:pages.PAGE_ROWS]])


# --- native code ---

def whole_share(part, whole):
    percent = math.floor(100 * part / whole + 0.5)
    return "<1 %" if part and not percent else f"{percent} %"


def error(samples):
    if samples < 10:
        return "1 sample" if samples == 1 else f"{samples} samples"
    return f"±{math.ceil(100 / math.sqrt(samples))} %"


def base_name(path):
    return path.rpartition("/")[2]


def function_name(one):
    return shown(one, "name") if one["name"] else f"{base_name(shown(one, 'library'))}+{one['offset']:#x}"


def library_text(library):
    name = re.sub(r"(.)\.cpython-.*\.so$", r"\1.so", base_name(shown(library, "path")), flags=re.DOTALL)
    return name + {"file": "", "vdso": "the kernel's", "anonymous": "made at run time",
                   "probe": "thaw's own probes"}[library["kind"]]


def path_text(frames):
    text, before = "", ""
    for index, frame in enumerate(frames):
        library = base_name(shown(frame, "library"))
        text += " ← " if index else ""
        text += f"{library}!" if frame["name"] and library != before else ""
        text += function_name(frame)
        before = library
    return text


def most_of_it(report, item):
    names = {one["id"]: shown(one, "name") for one in report["modules"]}
    return names[item["modules"][0]["module"]] if item["modules"] else "–"


def check_native(test, page, tables, report):
    native, text = report.get("native"), page.text("#native")
    if not native:
        test.assertIn("Native code was not sampled", text)
        for probe in report["probes"]:
            if probe["name"] == "native.sample" and probe["reason"]:
                test.assertIn(" ".join(shown(probe, "reason").split()), text)
        return
    test.assertIn(f"({native['samples']:,} sample{'' if native['samples'] == 1 else 's'}, "
                  f"{ms(native['period_ns'])} ms apart;", text)
    check_sampled(test, tables.get("Native libraries"), native["libraries"], native,
                  {"Library": library_text, "Path": lambda one: shown(one, "path"),
                   "Most of it in": lambda one: most_of_it(report, one)})
    check_sampled(test, tables.get("Native functions"), native["functions"], native,
                  {"Function": function_name, "Library": lambda one: base_name(shown(one, "library"))})
    stacks = native["stacks"]
    if not stacks:
        test.assertIn("--stacks", text)
        return
    check_sampled(test, tables.get("Native calls"), stacks["paths"], native,
                  {"Calls, innermost first": lambda one: path_text(one["frames"]),
                   "Most of it in": lambda one: most_of_it(report, one)})
    for key, words in (("complete", "{} were followed to the thread's start"),
                       ("probed", "{} to dlopen"), ("truncated", "{} are longer than what was copied"),
                       ("broken", "{} end elsewhere")):
        test.assertIn(words.format(f"{stacks[key]:,}"), text)


def check_sampled(test, table, items, native, columns):
    if not items:
        test.assertIsNone(table)
        return
    items = items[:MOST_ROWS]
    test.assertEqual(figures(table, "Time (ms)"), [one["time_ns"] for one in items])
    test.assertEqual(figures(table, "Error"), [one["samples"] for one in items])
    test.assertEqual(texts(table, "Error"), [error(one["samples"]) for one in items])
    test.assertEqual(texts(table, "Share"),
                     [whole_share(one["samples"], native["samples"]) for one in items])
    if "kernel_samples" in items[0]:
        test.assertEqual(texts(table, "Kernel"),
                         [whole_share(one["kernel_samples"], one["samples"]) for one in items])
    for column, text in columns.items():
        wanted = [text(one) for one in items]
        if any(one != "–" for one in wanted):
            test.assertEqual(texts(table, column), wanted, column)


# --- columns of the table of modules ---

def member(module, path):
    for key in path:
        module = (module or {}).get(key)
    return module


def check_columns(test, page, report):
    """Every column that can be chosen, of every module; as a list."""
    buttons = page.texts("#imports [role=group] button")
    for choice in set(CHOICES) & set(buttons):
        page.press_button(choice)
    for index, choice in enumerate(page.texts("#imports select option")):
        page.choose(index)
        caption = f"Modules of {choice.rpartition(' (')[0]}"
        page.more(caption)
        table = page.tables()[caption]
        # The pids may be of more processes than the choices: what is shown is told by its totals.
        totals = sorted(figures(table, "Total (ms)"))
        modules = next(own for own in by_process(report) if sorted(one["total_ns"] for one in own) == totals)
        for column, path in COLUMNS.items():
            wanted = [member(one, path) for one in modules]
            if any(one is not None for one in wanted):
                test.assertCountEqual(figures(table, column), wanted, column)
            else:
                test.assertNotIn(column, table["heads"])
    for choice in set(CHOICES) & set(buttons):
        page.press_button(choice)
    page.choose(0)


def by_process(report):
    found = {}
    for module in report["modules"]:
        found.setdefault(module["process"], []).append(module)
    return found.values()
