# SPDX-License-Identifier: Apache-2.0
"""Functions of the programming model v1, which the host finds itself: a folder with a function.json
each. The worker is told of them by FunctionLoadRequest and imports each one's script then.
"""
import json
import os

from worker_process import new_id

DEFAULT_SCRIPT = "__init__.py"


class Unreadable(Exception):
    """A function.json that says nothing usable."""


def read_functions(app, protos):
    """An RpcFunctionMetadata for each folder of the app with a function.json, in order of name."""
    folders = [entry.path for entry in os.scandir(app) if entry.is_dir()
               and os.path.isfile(os.path.join(entry.path, "function.json"))]
    return [function for function in (read_function(folder, protos) for folder in sorted(folders))
            if function]


def read_function(folder, protos):
    """The metadata as the host makes it; None where the file says that it is disabled."""
    path = os.path.join(folder, "function.json")
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if content.get("disabled"):
            return None
        return protos.RpcFunctionMetadata(
            name=os.path.basename(folder), function_id=new_id(), directory=folder,
            script_file=os.path.join(folder, content.get("scriptFile", DEFAULT_SCRIPT)),
            entry_point=content.get("entryPoint", ""),
            bindings={binding["name"]: binding_info(binding, protos)
                      for binding in content["bindings"]},
            raw_bindings=[json.dumps(binding) for binding in content["bindings"]])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"cannot read {path}: {type(error).__name__}: {error}")


def binding_info(binding, protos):
    info = protos.BindingInfo
    return info(type=binding["type"],
                direction=info.Direction.Value(binding.get("direction", "in").lower()),
                data_type=info.DataType.Value(binding.get("dataType", "undefined").lower()))
