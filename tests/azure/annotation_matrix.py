# SPDX-License-Identifier: Apache-2.0
"""Every binding of the libraries with every form of annotation, and what the worker makes of each.

Run by a Python that has azure.functions, Durable and the worker's runtime. Prints JSON: the source
of an app (its head, and each function by its name), and why indexing rejects a function, null: it
does not.
"""
import importlib
import inspect
import json
import os
import sys
import tempfile
import types

HEAD = """\
import collections.abc
import dataclasses
import enum
import typing
from typing import TYPE_CHECKING, Annotated, Any, Dict, List, Literal, Optional, Tuple, Union
import azure.durable_functions as df
import azure.functions as func

if TYPE_CHECKING:
    import pandas as pd

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


class Own:
    pass


class Text(str):
    pass


@dataclasses.dataclass
class Order:
    number: int


class Colour(enum.Enum):
    RED = 1

"""
PLAIN = """str bytes bytearray dict list int float bool tuple set object None Any Own Text Order
Colour dict[str,str] list[str] list[dict[str,Any]] tuple[str,int] Dict[str,str] List[str] List[dict]
typing.List typing.Dict Tuple[str,int] Optional[str] Union[str,int] str|None Order|None 'str' 'Own'
'pd.DataFrame' 'Missing' 'List[str]' 'list[str]' Literal['a'] Annotated[str,1]
collections.abc.Sequence[str] typing.Sequence[str] typing.Callable typing.Mapping[str,Any]
df.DurableOrchestrationClient df.DurableOrchestrationContext 'func.Out[str]'
func.Out func.Out['str'] func.Out[Optional[str]] func.Out[list[str]] func.Out[List[dict]]
func.Out[dict] func.Out[int] func.Out[bytearray] func.Out[Own] Optional[func.Out[str]]
List[object] List[Any] List[List[str]] Dict[str,func.EventHubEvent] Dict[func.KafkaEvent,str]
typing.Type[str] typing.AsyncIterator[func.EventHubEvent] typing.Iterable[func.ServiceBusMessage]
typing.Generator[func.EventHubEvent,None,None] func.Out[List[object]] func.Out[Dict[str,str]]
func.Out[Tuple[str,str]] func.Out[Literal['a']] func.Out[str|None] func.Out['Missing']
func.warmup.WarmUpContext list[func.EventHubEvent] Optional[func.HttpRequest]
'func.HttpRequest' func.HttpRequest|None""".split()
CLASSES = """HttpRequest HttpResponse TimerRequest InputStream QueueMessage ServiceBusMessage Context
EventHubEvent EventGridEvent EventGridOutputEvent KafkaEvent Document DocumentList SqlRow SqlRowList
MySqlRow MySqlRowList""".split()
NAMES = {"arg_name", "input_name", "context_name", "client_name", "trigger_arg_name"}
# They read what the handler says of itself, or need packages of their own.
LEFT_OUT = {"mcp_tool", "mcp_tool_trigger", "durable_openai_agent_orchestrator"}
GENERIC = {"generic_trigger": ("queueTrigger", "activityTrigger", "unheardOfTrigger"),
           "generic_input_binding": ("blob", "unheardOf"),
           "generic_output_binding": ("queue", "unheardOf")}
MORE = {"event_grid_output": ", connection='s'"}
DIRECTIONS = types.SimpleNamespace(out=1, inout=2, undefined=0)


def annotations():
    yield ""
    yield from PLAIN
    for name in CLASSES:
        yield from (f"func.{name}", f"List[func.{name}]", f"func.Out[func.{name}]",
                    f"func.Out[List[func.{name}]]")


def decorators():
    """(name, call) of all that bind a parameter, with no more arguments than they need."""
    import azure.durable_functions as df
    for name, method in inspect.getmembers(df.DFApp, inspect.isfunction):
        needed = [one.name for one in inspect.signature(method).parameters.values()
                  if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD][1:]
        bound = NAMES.intersection(needed)
        if name.startswith("_") or name in LEFT_OUT or not bound:
            continue
        parameter = "context" if "context_name" in bound else "x"
        for kind in GENERIC.get(name, ("s",)):
            said = ", ".join(f"{one}={(parameter if one in bound else kind)!r}" for one in needed)
            yield name, parameter, f"{name}({said}{MORE.get(name, '')})"


def functions():
    """{name: source}; each has one trigger."""
    made = []
    for name, parameter, call in decorators():
        is_trigger = "_trigger" in name or name == "schedule"
        route, first = ("", "") if is_trigger else ("@app.route()\n", "req, ")
        for one in annotations():
            said = f"{parameter}: {one}" if one else parameter
            made.append(f"{route}@app.{call}\nasync def NAME({first}{said}):\n    pass\n")
    for one in annotations():
        said = f": {one}" if one else ""
        made.append(f"@app.route()\ndef NAME(req{said}):\n    pass\n")
        made.append(f"@app.route()\ndef NAME(req: func.HttpRequest, context{said}):\n    pass\n")
        if one:
            for above in ("@app.route()\ndef NAME(req)", "@app.activity_trigger('x')\ndef NAME(x)",
                          "@app.timer_trigger('x', '0 0 * * * *')\ndef NAME(x)"):
                made.append(f"{above} -> {one}:\n    pass\n")
    for parameters in ("", "other", "x, other", "x, other=1", "x, *args", "x, **more", "*, x",
                       "x, /", "x: str, context: func.Context, *, other: int = 1"):
        made.append(f"@app.activity_trigger('x')\ndef NAME({parameters}):\n    pass\n")
    return {f"case_{number}": text.replace("NAME", f"case_{number}")
            for number, text in enumerate(made)}


def rejection(registry, function):
    try:
        registry.add_indexed_function(function=function,
                                      protos=types.SimpleNamespace(BindingInfo=DIRECTIONS))
    except Exception as error:  # whatever it is: indexing ends with it
        return f"{type(error).__name__}: {error}"
    return None


def main():
    from azure_functions_runtime.bindings import meta
    from azure_functions_runtime.functions import Registry
    head = ("from __future__ import annotations\n" if sys.argv[1:] == ["future"] else "") + HEAD
    made = functions()
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "matrix_app.py"), "w", encoding="utf-8") as file:
            file.write(head + "\n\n".join(made.values()))
        sys.path.insert(0, folder)
        app = importlib.import_module("matrix_app").app
        meta.load_binding_registry()
        registry = Registry()
        found = app.get_functions()
    why = {one.get_function_name(): rejection(registry, one) for one in found}
    json.dump({"head": head, "functions": made, "rejected": why}, sys.stdout)


if __name__ == "__main__":
    main()
