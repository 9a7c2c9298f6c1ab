# SPDX-License-Identifier: Apache-2.0
"""A program of its own: imports the function_app of a folder and tells what comes of it. Its input
is one JSON object, its output another one for each folder, in a list:

  {"result": FILE, "folders": [FOLDER, …],
   "preloaded": [module, …],       imported beforehand; each folder then has a fork of this one
   "worker": [FOLDER, …] or null,  Microsoft's indexing and our protocol: index it, too
   "tests": true or false}         then run the app's own tests, until one fails

"modules" and "cpu_ns" are those at the end of the import; a worker pays for no more. "failed" is
"import", "index", "tests" or "", and "text" says how.
"""
import os
import sys
import time


def import_app(result):
    before = time.process_time_ns()
    import function_app  # noqa: F401
    end = time.process_time_ns()
    result.update(cpu_ns=end, import_cpu_ns=end - before, modules=sorted(sys.modules),
                  files=sorted(loaded_from(os.getcwd())))


def loaded_from(folder):
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return [os.path.basename(file) for file in files if file and os.path.dirname(file) == folder]


def index(result, folders):
    """The way of the worker: azure_functions_runtime takes the functions in, or rejects the app."""
    import typing

    sys.path[:0] = folders
    from azure_functions_runtime import functions, loader
    from azure_functions_runtime.bindings.meta import load_binding_registry
    from function_rpc import protos

    load_binding_registry()
    indexed = loader.index_function_app("function_app.py")
    metadata, _ = loader.process_indexed_function(protos, functions.Registry(), indexed,
                                                  os.getcwd())
    result["functions"] = {one.name: list(one.raw_bindings) for one in metadata}
    result["hints"] = {one.get_function_name():
                       repr(sorted(typing.get_type_hints(one.get_user_function()).items()))
                       for one in indexed}
    for folder in folders:
        sys.path.remove(folder)


def run_tests(result):
    import io
    import unittest

    suite = unittest.defaultTestLoader.discover("tests", top_level_dir=".")
    stream = io.StringIO()
    ran = unittest.TextTestRunner(stream, failfast=True).run(suite)
    result["tests"] = ran.testsRun
    if not ran.wasSuccessful() or not ran.testsRun:
        raise AssertionError(stream.getvalue())


def find_out(task, folder):
    result = {"failed": "import", "text": ""}
    os.chdir(folder)
    sys.path.append(folder)
    try:
        import_app(result)
        if task["worker"]:
            result["failed"] = "index"
            index(result, task["worker"])
        if task["tests"]:
            result["failed"] = "tests"
            run_tests(result)
        result["failed"] = ""
    except Exception as error:
        result["text"] = f"{type(error).__name__}: {error}"
    return result


def in_fork(task, folder, path):
    """find_out() in a child, which leaves what it found in a file."""
    import json

    child = os.fork()
    if not child:
        try:
            with open(path, "w", encoding="utf-8") as file:
                json.dump(find_out(task, folder), file)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def preload(task):
    import importlib

    sys.path[:0] = task["worker"] or []
    for name in [*task["preloaded"], *(["azure_functions_runtime.loader", "function_rpc"]
                                       if task["worker"] else [])]:
        try:
            importlib.import_module(name)
        except ImportError:  # a module that only its package can make
            pass
    del sys.path[:len(task["worker"] or [])]


def main():
    import json

    del sys.path[0]  # ours is no part of the app's
    task = json.load(sys.stdin)
    if len(task["folders"]) == 1 and not task["preloaded"]:
        results = [find_out(task, task["folders"][0])]
    else:
        preload(task)
        results = [in_fork(task, folder, task["result"]) for folder in task["folders"]]
    with open(task["result"], "w", encoding="utf-8") as file:
        json.dump(results, file)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
