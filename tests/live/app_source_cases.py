"""Functions of an app, each of which the worker takes or rejects: held against the real libraries
by test_app_source.py."""

HEAD = """
import typing
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Optional, Union
import azure.functions as func
from azure.functions import HttpRequest as Request
import decimal

if TYPE_CHECKING:
    import pandas as pd
    from decimal import Context as Lost

QUEUE = "orders"
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
bp = func.Blueprint()

class Own:
    pass

"""
TAIL = """
app.register_functions(bp)
"""
HTTP_PARAMETERS = (
    "req", "req: func.HttpRequest", "req: Request", "req: str", "req: bytes", "req: dict", "req: int",
    "req: 'func.HttpRequest'", "req: 'Request'", "req: Optional[func.HttpRequest]", "req: None",
    "req: typing.Union[func.HttpRequest, None]", "req: 1", "req: 'pd.DataFrame'", "req: 'Lost'",
    "req: 'no such thing'", "req: 'Missing'", "req: func.QueueMessage", "req: list",
    "req: List[func.HttpRequest]", "req: func.Out[str]", "req: object", "req: bytearray",
    "req: list[str]", "req: Own", "req: decimal.Decimal", "req: 'Later'", "req: Any",
    "req: func.HttpRequest, context", "req: func.HttpRequest, context: func.Context",
    "req: func.HttpRequest, context: str", "req: func.HttpRequest, context: 'func.Context'",
    "req: func.HttpRequest, other", "req: func.HttpRequest, other: int = 3", "request", "",
    "req, *args", "req, **kwargs", "req, *, other", "*, req: func.HttpRequest", "req, /",
)
HTTP_RETURNS = (
    "func.HttpResponse", "str", "bytes", "dict", "None", "int", "Optional[func.HttpResponse]",
    "'func.HttpResponse'", "'pd.DataFrame'", "'Lost'", "List[str]", "func.Out[str]", "Any", "Own",
    "Dict[str, str]", "func.HttpRequest", "'Missing'", "list[int]", "func.HttpResponse | None",
)
# Decorators below a route, and what is said of the parameter that they bind.
OTHERS = (
    ("queue_output(arg_name='x', queue_name=QUEUE, connection='S')",
     ("func.Out[str]", "func.Out[func.QueueMessage]", "str", "func.Out", "func.Out[List[str]]",
      "func.Out[int]", "func.Out['str']", "func.QueueMessage", "Optional[func.Out[str]]",
      "func.Out[Optional[str]]", "func.Out[bytes]", "func.Out[Own]", "func.Out[dict]")),
    ("blob_input(arg_name='x', path='in/{name}', connection='S')",
     ("func.InputStream", "str", "bytes", "dict", "func.Out[str]", "func.HttpRequest")),
    ("blob_output('x', 'out/{name}', 'S')",
     ("func.Out[str]", "func.Out[func.InputStream]", "func.Out[bytes]", "func.InputStream",
      "func.Out[dict]")),
    ("cosmos_db_input(arg_name='x', connection='C', database_name='d', container_name='c')",
     ("func.DocumentList", "func.Document", "str", "list", "List[func.Document]")),
    ("cosmos_db_output('x', 'C', 'd', 'c')",
     ("func.Out[func.Document]", "func.Out[func.DocumentList]", "func.Out[str]", "func.Out[list]",
      "func.Out[List[func.Document]]")),
    ("event_hub_output(arg_name='x', connection='E', event_hub_name='h')",
     ("func.Out[str]", "func.Out[List[str]]", "func.Out[bytes]", "func.Out[int]")),
    ("service_bus_queue_output(arg_name='x', connection='B', queue_name='q')",
     ("func.Out[str]", "func.Out[func.ServiceBusMessage]", "func.Out[bytes]")),
    ("service_bus_topic_output('x', 'B', 't')", ("func.Out[str]",)),
    ("table_input(arg_name='x', connection='S', table_name='t')",
     ("str", "func.InputStream", "dict")),
    ("table_output(arg_name='x', connection='S', table_name='t')",
     ("func.Out[str]", "func.Out[dict]")),
    ("sql_input(arg_name='x', command_text='select', connection_string_setting='Q')",
     ("func.SqlRowList", "func.SqlRow", "str")),
    ("sql_output(arg_name='x', command_text='[dbo].[t]', connection_string_setting='Q')",
     ("func.Out[func.SqlRow]", "func.Out[func.SqlRowList]", "func.Out[str]", "func.Out[int]")),
    ("event_grid_output(arg_name='x', topic_endpoint_uri='U', topic_key_setting='K')",
     ("func.Out[func.EventGridOutputEvent]", "func.Out[str]", "func.Out[func.EventGridEvent]",
      "func.Out[List[func.EventGridOutputEvent]]")),
    ("kafka_output(arg_name='x', topic='t', broker_list='l')", ("func.Out[str]", "func.Out[int]")),
    ("generic_input_binding(arg_name='x', type='blob', path='p', connection='S')",
     ("func.InputStream", "str", "dict")),
    ("generic_output_binding(arg_name='x', type='queue', queue_name='q', connection='S')",
     ("func.Out[str]", "func.Out[int]")),
    ("generic_input_binding(arg_name='x', type='unheardOf')", ("str", "bytes", "dict", "func.InputStream")),
    ("dapr_state_input(arg_name='x', state_store='s', key='k')", ("str", "dict")),
    ("dapr_publish_output(arg_name='x', pub_sub_name='p', topic='t')", ("func.Out[str]", "func.Out[bytearray]")),
)
# Triggers that give what they return to nobody.
TRIGGERS = (
    ("timer_trigger(arg_name='x', schedule='0 */5 * * * *', run_on_startup=False)",
     ("func.TimerRequest", "str", "dict", "func.HttpRequest", "Optional[func.TimerRequest]")),
    ("schedule('0 0 * * * *', 'x')", ()),
    ("queue_trigger(arg_name='x', queue_name='q', connection='S')",
     ("func.QueueMessage", "str", "bytes", "func.ServiceBusMessage", "List[func.QueueMessage]",
      "list[func.QueueMessage]", "int")),
    ("service_bus_queue_trigger(arg_name='x', connection='B', queue_name='q')",
     ("func.ServiceBusMessage", "List[func.ServiceBusMessage]", "str", "func.QueueMessage",
      "List[func.QueueMessage]", "Iterable[func.ServiceBusMessage]")),
    ("service_bus_topic_trigger('x', 'B', 't', 's')", ("func.ServiceBusMessage",)),
    ("event_hub_message_trigger(arg_name='x', connection='E', event_hub_name='h')",
     ("func.EventHubEvent", "List[func.EventHubEvent]", "list[func.EventHubEvent]", "str", "list")),
    ("cosmos_db_trigger(arg_name='x', connection='C', database_name='d', container_name='c')",
     ("func.DocumentList", "str", "list", "List[func.Document]")),
    ("blob_trigger(arg_name='x', path='in/{name}', connection='S')",
     ("func.InputStream", "bytes", "str", "dict")),
    ("event_grid_trigger(arg_name='x')", ("func.EventGridEvent", "str", "dict")),
    ("kafka_trigger(arg_name='x', topic='t', broker_list='l')",
     ("func.KafkaEvent", "List[func.KafkaEvent]", "func.EventHubEvent")),
    ("sql_trigger(arg_name='x', table_name='t', connection_string_setting='Q')",
     ("func.SqlRowList", "str", "dict")),
    ("generic_trigger(arg_name='x', type='timerTrigger', schedule='0 * * * * *')",
     ("func.TimerRequest", "int")),
    ("generic_trigger(arg_name='x', type='activityTrigger')", ("dict", "str", "Optional[str]", "Own",
                                                               "List[str]", "list[str]", "Any")),
    ("generic_trigger(arg_name='x', type='unheardOfTrigger')", ("str", "dict")),
    ("warm_up_trigger('x')", ("func.Context", "func.HttpRequest")),
    ("dapr_service_invocation_trigger('x', 'm')", ("str", "dict")),
    ("dapr_binding_trigger('x', 'b')", ("str",)),
    ("dapr_topic_trigger('x', 'p', 't', 'r')", ("str",)),
)


def cases():
    """Sources of functions, named case_0 …"""
    for parameters in HTTP_PARAMETERS:
        yield f"@app.route(route='a/b', methods=['GET', func.HttpMethod.POST])\ndef NAME({parameters}):\n    pass\n"
    for returned in HTTP_RETURNS:
        yield f"@bp.route(auth_level='function')\nasync def NAME(req) -> {returned}:\n    pass\n"
        yield f"@app.timer_trigger('x', '0 * * * * *')\ndef NAME(x) -> {returned}:\n    pass\n"
    for decorator, annotations in OTHERS:
        for annotation in ("", *annotations):
            said = f"x: {annotation}" if annotation else "x"
            yield (f"@app.route()\n@app.{decorator}\n"
                   f"def NAME(req: func.HttpRequest, {said}) -> str:\n    pass\n")
    for decorator, annotations in TRIGGERS:
        for annotation in ("", *annotations):
            said = f"x: {annotation}" if annotation else "x"
            if decorator.startswith("schedule("):
                decorator = decorator.replace("'0 0 * * * *', 'x'", "'x', '0 0 * * * *'")
            yield f"@app.{decorator}\ndef NAME({said}):\n    pass\n"


def source(future):
    """All of them in one file, with or without annotations that are kept as text."""
    functions = [case.replace("NAME", f"case_{number}") for number, case in enumerate(cases())]
    return ("from __future__ import annotations\n" if future else "") + HEAD + \
        "\n".join(functions) + TAIL + "\nLater = func.HttpRequest\n"
