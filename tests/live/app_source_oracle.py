"""What the real libraries make of an app: run by a Python that has azure.functions, in the app's
folder. Prints JSON: its functions, and why the worker's indexing rejects one (null: it doesn't)."""

import json
import sys
import types

sys.path.insert(0, ".")

DIRECTIONS = types.SimpleNamespace(out=1, inout=2, undefined=0)


def registry():
    """The worker's own, with the numbers that it takes from its protocol; None: not installed."""
    try:
        from azure_functions_runtime.bindings import meta
        from azure_functions_runtime.functions import Registry
    except ImportError:
        return None
    meta.load_binding_registry()
    return Registry()


def rejection(functions, index):
    if functions is None:
        return None
    try:
        functions.add_indexed_function(
            function=index, protos=types.SimpleNamespace(BindingInfo=DIRECTIONS))
    except Exception as error:  # whatever it is: indexing ends with it
        return f"{type(error).__name__}: {error}"
    return None


def told(function, functions):
    bindings = [json.loads(one) for one in function.get_raw_bindings()]
    return {"name": function.get_function_name(), "bindings": bindings,
            "rejected": rejection(functions, function)}


def main():
    import azure.functions as func
    import function_app
    found = [value for value in vars(function_app).values()
             if isinstance(value, func.FunctionRegister)]
    functions = registry()
    print(json.dumps({"checked": functions is not None,
                      "functions": [told(one, functions) for app in found[:1]
                                    for one in app.get_functions()]}))


main()
