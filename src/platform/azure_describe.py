# SPDX-License-Identifier: Apache-2.0
# What Azure Functions makes of an app that is loaded: the way of its worker, whose own library takes
# the functions in where it is there (azure-functions-runtime from Python 3.13 on,
# azure-functions-worker before); see facts/azure-worker.md. get_functions() may be called once in a
# process: the second time it rejects all functions as not unique.


def azure_indexed(entries):
    """(who told, functions): through the worker's loader, else from the app itself."""
    for name in ("azure_functions_runtime", "azure_functions_worker"):
        try:
            package = __import__(name + ".loader")
        except Exception:  # not there, or not with these versions of what it needs
            continue
        return name, package.loader.index_function_app(entries + ".py")
    import azure.functions

    module = sys.modules[entries]
    apps = [value for value in list(module.__dict__.values())
            if isinstance(value, azure.functions.FunctionRegister)]
    if len({id(app) for app in apps}) != 1:
        raise ValueError("%d function apps in %s" % (len(apps), entries))
    return "azure.functions", apps[0].get_functions()


def azure_classic(entries):
    """Model v1: each function is its module's; what is bound stands in function.json beside it."""
    import json
    import os
    import typing

    functions = []
    for name in entries:
        module = sys.modules[name]
        folder = os.path.dirname(module.__file__)
        try:
            with open(os.path.join(folder, "function.json"), encoding="utf-8") as file:
                facts = json.load(file)
        except FileNotFoundError:
            continue
        function = getattr(module, facts.get("entryPoint") or "main")
        functions.append((os.path.basename(folder),
                          [json.dumps(one, sort_keys=True) for one in facts.get("bindings", ())],
                          repr(sorted(typing.get_type_hints(function).items()))))
    if not functions:
        raise ValueError("no function found")
    return "function.json", functions


def describe(entries, folder):
    import os
    import typing

    main = os.environ.get("PYTHON_SCRIPT_FILE_NAME", "function_app.py").rpartition(".")[0]
    if main not in entries:
        return azure_classic(entries)
    who, indexed = azure_indexed(main)
    return who, [(one.get_function_name(), [str(binding) for binding in one.get_raw_bindings()],
                  repr(sorted(typing.get_type_hints(one.get_user_function()).items(), key=repr)))
                 for one in indexed]
