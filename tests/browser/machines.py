"""Virtual machines on a page, against the JSON behind it."""

import page as pages
from page import ms

MOST_MARKS = 20


def check(test, page, tables, report):
    machines = report.get("virtual_machines", [])
    test.assertEqual({caption for caption in tables if caption.startswith("Virtual machine")},
                     {f"Virtual machine {one['id']}" for one in machines})
    for one in machines:
        with test.subTest(f"virtual machine {one['id']}"):
            table = tables[f"Virtual machine {one['id']}"]
            test.assertEqual([row_of(cells) for cells in table["rows"]], list(expected_rows(one)))
            test.assertEqual(len({cells[4]["text"] for cells in table["rows"]} & {""}), 0)
    if machines:
        check_words(test, page.text("#machines"), machines)


def row_of(cells):
    name = cells[0]["text"]
    return ("in no phase" if name.startswith("in no phase") else name.split()[0],
            cells[2]["values"][0], cells[3]["text"])


def expected_rows(machine):
    for phase in machine["phases"]:
        yield row(machine, phase, phase["name"])
        for child in children(machine, phase):
            yield row(machine, child, child["name"])
    if machine["unattributed_ns"]:
        ns = machine["unattributed_ns"]
        yield ("in no phase", ns, pages.share(ns, machine["total_ns"]))


def children(machine, phase):
    track = next((one for one in (machine["guest"] or {"tracks": ()})["tracks"] if one["headline"]),
                 None)
    if not track or phase["name"] != "guest":
        return [{**child, "name": child["name"].partition(".")[2]} for child in phase["children"]]
    before = {"name": "before", "start_ns": phase["start_ns"], "end_ns": track["start_ns"]}
    return [before, *track["phases"]] if track["start_ns"] > phase["start_ns"] else track["phases"]


def row(machine, phase, name):
    ns = phase["end_ns"] - phase["start_ns"]
    return (name, ns, pages.share(ns, machine["total_ns"]))


def check_words(test, text, machines):
    for one in machines:
        process = one["process"]
        test.assertIn("With KVM" if one["kvm"] else "Without KVM", text)
        test.assertIn("Monitor: ", text, process)
        marks = [step for step in one["steps"] if step["what"] == "mark"][:MOST_MARKS]
        for step in marks:
            test.assertIn(f"mark 0x{step['value']:x} at port 0x{step['port']:x} after "
                          f"{ms(step['time_ns'] - one['start_ns'])} ms", text)
        if (one["port_marks"] or 0) > len(marks):
            test.assertIn(f"{one['port_marks'] - len(marks)} more marks", text)
        if one["guest"]:
            check_clock(test, text, one["guest"])


def check_clock(test, text, guest):
    test.assertIn("Its guest's clock began at ", text)
    if guest["uncertainty_ns"] is None:
        test.assertIn("at most", text)
    else:
        test.assertIn(f"± {ms(guest['uncertainty_ns'])} ms", text)
    test.assertIn(f"by {guest['marks']} mark", text)
    if guest["drift_ppm"] is not None:
        test.assertIn(f"{guest['drift_ppm']:.1f} ± {guest['drift_uncertainty_ppm']:.1f} ppm", text)
    test.assertEqual("is incomplete" in text, not guest["complete"])
