"""Findings on a report's page, held against the report: what a change saves, as predicted and as a
trial showed, what first calls pay for it, why it needs a look.
"""

import page as pages
from page import ms, share, shown

VERDICTS = {"proved": "Proved", "refuted": "Refuted", "inconclusive": "Inconclusive"}

# Of each card its terms and, of each, the words, the exact figures, the bars: [[x, width], line, line].
READ_CARD = """
const words = (one) => one.textContent.split(/\\s+/).join(" ").trim();
return Object.fromEntries([...document.querySelectorAll(`${arguments[0]} dl > div`)].map((one) => [
  words(one.querySelector("dt")), {
    text: words(one.querySelector("dd")),
    items: [...one.querySelectorAll("dd > ul > li")].map(words),
    values: [...one.querySelectorAll("dd > data, dd > b > data")].map((one) => Number(one.value)),
    codes: [...one.querySelectorAll("dd > code")].map(words),
    bars: [...one.querySelectorAll(".intervals svg")].map((bar) => ({
      words: words(bar.previousElementSibling),
      range: ["x", "width"].map((key) => parseFloat(bar.querySelector("rect").getAttribute(key))),
      lines: [...bar.querySelectorAll("line")].map((line) => parseFloat(line.getAttribute("x1"))),
    })),
  }]));
"""


def card(page, selector):
    return page.browser.run(READ_CARD, selector)


def words(of, key):
    return " ".join(shown(of, key).split())


def check(test, page, report):
    findings = report["findings"] or []
    test.assertEqual(page.texts("#findings .finding h3"), [shown(one, "title") for one in findings])
    test.assertEqual(len(page.texts("#first")), bool(findings))
    tables = page.tables()
    for index, finding in enumerate(findings):
        check_one(test, page, f"#finding-{index}", finding)
        check_calls(test, tables.get(f"First calls: {shown(finding, 'title')}"), finding)
    if findings:
        check_first(test, page, findings[0])
    section = page.text("#findings")
    for one in report.get("suppressed", ()):
        test.assertIn(words(one["finding"], "title"), section)
        test.assertIn(words(one, "reason") + (f"; until {words(one, 'until')}" if one["until"] else ""), section)
    if report["findings"] is not None:
        for kind in report.get("not_looked_for", ()):
            test.assertIn(f"{kind['id']} needs {words(kind, 'needs')}", section)
    said = {None: "Nothing was looked for", 0: "found nothing"}
    count = None if report["findings"] is None else len(findings)
    if count in said:
        test.assertIn(said[count], section)


def check_one(test, page, selector, finding):
    text, terms = page.text(selector), card(page, selector)
    place, saving, proof = finding.get("location"), finding.get("saving"), finding.get("proof")
    if place:
        test.assertIn(shown(place, "file") + (f":{place['line']}" if place["line"] else ""), text)
    test.assertEqual("Saves" in terms, bool(saving))
    if saving:
        test.assertEqual(terms["Saves"]["values"], [saving["ns"]])
        test.assertIn(f"({ms(saving['low_ns'])} to {ms(saving['high_ns'])})", terms["Saves"]["text"])
        test.assertIn("predicted", terms["Saves"]["text"])
    check_proof(test, terms, saving, proof)
    test.assertEqual(terms["Risk"]["items"] if "Risk" in terms else [],
                     [" ".join(pages.escape(one).split()) for one in finding.get("reasons", [])])
    for key in ("risk", "moves_to", "fix"):
        if finding.get(key):
            test.assertIn(words(finding, key), text)
    if (finding.get("fix") or "").startswith("thaw "):
        test.assertEqual(terms["To apply it"]["codes"], [words(finding, "fix")])
    provable = not proof and (finding.get("fix") or "").startswith("thaw fix ")
    test.assertEqual(terms.get("To prove it", {"codes": []})["codes"],
                     ["thaw prove " + words(finding, "fix").removeprefix("thaw fix ")] if provable else [])
    test.assertEqual(terms["More"]["text"], f"thaw explain {finding['id']}")


def check_proof(test, terms, saving, proof):
    test.assertEqual("Proof" in terms, bool(proof))
    test.assertEqual("Measured" in terms, bool(proof and proof["pairs"]))
    if not proof:
        return
    test.assertEqual(terms["Proof"]["text"], f"{VERDICTS[proof['verdict']]} {words(proof, 'reason')}".strip())
    counts = [f"{words(one, 'name')} {one['original']:,} → {one['changed']:,}" for one in proof["counts"]]
    test.assertEqual(terms.get("Counted", {"text": ""})["text"], ", ".join(counts))
    test.assertEqual(terms.get("Checked", {"items": []})["items"], [
        f"{words(one, 'name')}: {one['result']}" + (f": {words(one, 'detail')}" if one["detail"] else "")
        for one in proof["checks"]])
    test.assertEqual("Diff" in terms, bool(proof.get("diff")))
    for line in (proof.get("diff") or "").splitlines():
        test.assertIn(" ".join(pages.escape(line).split()), " ".join(terms["Diff"]["text"].split()))
    if proof["pairs"]:
        check_measured(test, terms["Measured"], saving, proof)


def check_measured(test, measured, saving, proof):
    whole = proof["original_ns"]
    low, middle, high = (proof["share"][key] for key in ("low", "middle", "high"))
    test.assertAlmostEqual(measured["values"][0], middle * whole, delta=1)
    test.assertEqual(measured["values"][1], whole)
    for part in (f"({ms(low * whole)} to {ms(high * whole)})",
                 f"{share(middle, 1)} ({share(low, 1)} to {share(high, 1)})",
                 f"{share(proof['wall']['middle'], 1)} ({share(proof['wall']['low'], 1)} to "
                 f"{share(proof['wall']['high'], 1)})",
                 f"from {proof['pairs']} pair{'s' if proof['pairs'] != 1 else ''} of runs"):
        test.assertIn(part, measured["text"])
    # The bars: what is drawn, read back by their common scale.
    intervals = {"measured": (low * whole, middle * whole, high * whole)}
    if saving:
        intervals["predicted"] = (saving["low_ns"], saving["ns"], saving["high_ns"])
    test.assertEqual({one["words"] for one in measured["bars"]}, set(intervals) if saving else set())
    floor = min(0, *(one[0] for one in intervals.values()))
    ceiling = max(one[2] for one in intervals.values())
    for bar in measured["bars"]:
        expected = [100 * (value - floor) / (ceiling - floor) for value in (0, *intervals[bar["words"]])]
        drawn = [bar["lines"][0], bar["range"][0], bar["lines"][1], sum(bar["range"])]
        for one, other in zip(drawn, expected):
            test.assertAlmostEqual(one, other, places=3)


def check_calls(test, table, finding):
    """Each function that pays, once, with what was predicted and what was measured for it."""
    expected = {}
    for key, calls in (("Predicted (ms)", finding.get("first_calls", ())),
                       ("Measured (ms)", (finding.get("proof") or {}).get("calls", ()))):
        for one in calls:
            expected.setdefault((shown(one, "function"), shown(one, "file")), {})[key] = one["ns"]
    test.assertEqual(table is not None, bool(expected))
    if not table:
        return
    rows = [dict(zip(table["heads"], row)) for row in table["rows"]]
    test.assertEqual(len(rows), min(len(expected), 5))
    for row in rows:
        name = row["Function"]["text"]
        found = next(value for (function, file), value in expected.items()
                     if function == name and row["Where"]["text"].startswith(file))
        for key in ("Predicted (ms)", "Measured (ms)"):
            values = row[key]["values"] if key in row else []
            test.assertEqual(values, [found[key]] if key in found else [])


def check_first(test, page, finding):
    """The first of all has no more than what is done and what comes of it."""
    terms = card(page, "#first")
    test.assertLessEqual(set(terms), {"Saves", "Proof", "Risk", "About", "To apply it"})
    whole = card(page, "#finding-0")
    for term, said in terms.items():
        test.assertEqual(said["text"], whole[term]["text"])
    test.assertEqual(page.browser.run("return document.querySelector('aside > p a').hash"), "#finding-0")
