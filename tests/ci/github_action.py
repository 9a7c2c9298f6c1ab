"""A composite action's steps, executed as GitHub's runner does: expressions become variables, `run`
is a script for bash. No more of the language of expressions than the templates use.
"""

import json
import re
import subprocess

EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)
NAME = re.compile(r"\b(inputs|github|steps)((?:\.[A-Za-z_-][\w-]*)+)")
AS_YAML = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))"


def load(python, path):
    """A YAML file, by a Python that has a reader of it."""
    result = subprocess.run([python, "-I", "-c", AS_YAML, str(path)], stdin=subprocess.DEVNULL,
                            capture_output=True, text=True, timeout=60, check=True)
    return json.loads(result.stdout)


class Context:
    """What expressions can name."""

    def __init__(self, inputs, github, root):
        self.values = {"inputs": inputs, "github": github, "steps": {}}
        self.root = root

    def lookup(self, name):
        value = self.values
        for part in name.split("."):
            value = value.get(part, "") if isinstance(value, dict) else ""
        return value

    def hash_files(self, path):
        return "found" if (self.root / path).exists() else ""

    def evaluate(self, expression):
        code = NAME.sub(lambda found: f"lookup({found[0]!r})", expression)
        code = code.replace("!cancelled()", "True").replace("&&", " and ").replace("||", " or ")
        return eval(code, {"__builtins__": {}}, {  # of this repository's own files
            "lookup": self.lookup, "format": lambda text, *words: text.format(*words),
            "hashFiles": self.hash_files})

    def filled(self, text):
        return EXPRESSION.sub(lambda found: str(self.evaluate(found[1])), str(text))

    def holds(self, condition):
        found = EXPRESSION.fullmatch(condition)
        return bool(self.evaluate(found[1] if found else condition))


def inputs_of(action, given, github, root):
    """The inputs' values: given, else the defaults."""
    unknown = set(given) - set(action["inputs"])
    assert not unknown, unknown
    context = Context({}, github, root)
    return {name: given.get(name, context.filled(one.get("default", "")))
            for name, one in action["inputs"].items()}


def steps_to_run(action, context):
    """(name, script, variables) of each step that runs words, and whose condition holds. Conditions
    are looked at when the step comes: those before it have run."""
    for step in action["runs"]["steps"]:
        if "run" in step and context.holds(step.get("if", "True")):
            yield step, step["run"], {name: context.filled(value)
                                      for name, value in step.get("env", {}).items()}
