"""Imports the modules at these paths, each as "subject", and prints as JSON what each has and does:
rewrite_run.py PATH..."""
import importlib.util
import json
import sys
import typing


def facts(path):
    spec = importlib.util.spec_from_file_location("subject", path)
    module = sys.modules["subject"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    names = sorted(name for name in vars(module) if not name.startswith("__"))
    hints = {name: repr(typing.get_type_hints(value)) for name, value in vars(module).items()
             if getattr(value, "__module__", "") == "subject" and callable(value)}
    return [names, hints, repr(module.use())]


print(json.dumps([facts(path) for path in sys.argv[1:]]))
