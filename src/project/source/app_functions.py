# SPDX-License-Identifier: Apache-2.0
# Functions, bindings and apps, by the decorators of azure.functions 2.3 and durable 1.7
# (github.com/Azure/azure-functions-python-library, read 2026-11-29).
V1, V2, LAMBDA = range(3)
PLAIN, ORCHESTRATOR, ACTIVITY, ENTITY, ASGI = range(5)
TRIGGER, OUTPUT, AT_STARTUP = 1, 2, 4
KINDS = {"orchestrationTrigger": ORCHESTRATOR, "activityTrigger": ACTIVITY, "entityTrigger": ENTITY}
# Decorator, type in function.json, trigger/input/output, names of its first arguments.
DECORATORS = {row.split()[0]: row.split()[1:] for row in """\
route httpTrigger t route trigger_arg_name binding_arg_name methods auth_level
orchestration_trigger orchestrationTrigger t arg_name
entity_trigger entityTrigger t arg_name
activity_trigger activityTrigger t arg_name
timer_trigger timerTrigger t arg_name schedule run_on_startup
schedule timerTrigger t arg_name schedule run_on_startup
warm_up_trigger warmupTrigger t arg_name
service_bus_queue_trigger serviceBusTrigger t arg_name connection path
service_bus_topic_trigger serviceBusTrigger t arg_name connection path subscription
queue_trigger queueTrigger t arg_name path connection
event_hub_message_trigger eventHubTrigger t arg_name connection path
cosmos_db_trigger_v3 cosmosDBTrigger t arg_name _ path connection
cosmos_db_trigger cosmosDBTrigger t arg_name connection _ path
blob_trigger blobTrigger t arg_name path connection
event_grid_trigger eventGridTrigger t arg_name
kafka_trigger kafkaTrigger t arg_name path _ connection
sql_trigger sqlTrigger t arg_name path connection
mysql_trigger mysqlTrigger t arg_name path connection
generic_trigger ? t arg_name type
connector_trigger connectorTrigger t arg_name
mcp_tool_trigger mcpToolTrigger t arg_name
mcp_tool mcpToolTrigger t
mcp_resource_trigger mcpResourceTrigger t arg_name
mcp_prompt_trigger mcpPromptTrigger t arg_name
dapr_service_invocation_trigger daprServiceInvocationTrigger t arg_name
dapr_binding_trigger daprBindingTrigger t arg_name
dapr_topic_trigger daprTopicTrigger t arg_name _ path route
assistant_skill_trigger assistantSkillTrigger t arg_name
durable_client_input durableClient i arg_name _ connection
service_bus_queue_output serviceBus o arg_name connection path
service_bus_topic_output serviceBus o arg_name connection path
queue_output queue o arg_name path connection
event_hub_output eventHub o arg_name connection path
cosmos_db_output_v3 cosmosDB o arg_name _ path connection
cosmos_db_output cosmosDB o arg_name connection _ path
cosmos_db_input_v3 cosmosDB i arg_name _ path connection
cosmos_db_input cosmosDB i arg_name connection _ path
blob_input blob i arg_name path connection
blob_output blob o arg_name path connection
event_grid_output eventGrid o arg_name _ _ connection
kafka_output kafka o arg_name path
table_input table i arg_name connection path
table_output table o arg_name connection path
sql_input sql i arg_name _ connection
sql_output sql o arg_name path connection
mysql_input mysql i arg_name _ connection
mysql_output mysql o arg_name path connection
generic_input_binding ? i arg_name type
generic_output_binding ? o arg_name type
dapr_state_input daprState i arg_name
dapr_secret_input daprSecret i arg_name
dapr_state_output daprState o arg_name
dapr_invoke_output daprInvoke o arg_name
dapr_publish_output daprPublish o arg_name _ path
dapr_binding_output daprBinding o arg_name
text_completion_input textCompletion i arg_name
assistant_create_output assistantCreate o arg_name
assistant_query_input assistantQuery i arg_name
assistant_post_input assistantPost i arg_name
embeddings_input embeddings i arg_name
semantic_search_input semanticSearch i arg_name connection
embeddings_store_output embeddingsStore o arg_name _ _ connection
""".splitlines()}
# Other names of the same, without "_" and in lower case as generic bindings may have them.
MEANINGS = {"argname": "arg_name", "triggerargname": "trigger_arg_name", "contextname": "arg_name",
            "inputname": "arg_name", "clientname": "arg_name", "name": "arg_name",
            "bindingargname": "binding_arg_name", "runonstartup": "run_on_startup", "authlevel": "auth_level",
            "connectionstringsetting": "connection", "connectionname": "connection",
            "eventhubconnectionstring": "connection", "searchconnectionname": "connection",
            "storeconnectionname": "connection", "subscriptionname": "subscription"}
for word in "queuename topicname eventhubname containername collectionname tablename topic".split():
    MEANINGS[word] = "path"


class Binding:
    __slots__ = ("type", "flags", "parameter", "connection", "route", "methods", "auth", "schedule",
                 "path", "node")

    def __init__(self, node, kind, flags, parameter):
        self.type, self.flags, self.parameter, self.node = kind, flags, parameter, node
        self.connection = self.route = self.auth = self.schedule = self.path = ""
        self.methods = []


class Declared:
    """A function as the host would have it."""
    def __init__(self, function, module, node, name, model, app=""):
        self.function, self.module, self.node, self.name = function, module, node, name
        self.model, self.app, self.kind, self.handler = model, app, PLAIN, name
        self.bindings, self.registered, self.checked = [], True, True
        self.strategy, self.most, self.retry = "", 0, None


def literal(node, scope):
    """A text; None where it is none that is known. The constants of the module count."""
    if type(node) is Constant:
        value = node.value
        return value if type(value) is str else "" if value is None else str(value)
    if type(node) is Name:
        return scope.module.constants.get(node.id)
    if type(node) is UnaryOp and type(node.op) is USub and type(node.operand) is Constant:
        return "-" + str(node.operand.value)
    return None


def lower(text):
    """Not of what is too long for a level or a method: a secret would not be known any more."""
    return text.lower() if text and len(text) < 20 else text


def level(node, scope):
    name = name_of(node, scope) if type(node) is Attribute else None
    if name and ".AuthLevel." in name:
        return name.rpartition(".")[2].lower()
    return lower(literal(node, scope))


def methods_of(node, scope):
    found = []
    for one in getattr(node, "elts", ()):
        text = literal(one, scope)
        if text is None and type(one) is Attribute:
            text = one.attr
        if text:
            found.append(lower(text))
    return found


def given(call, names):
    """{meaning: node} of a call's arguments."""
    told = dict(zip(names, call.args))
    for one in call.keywords:
        key = (one.arg or "").replace("_", "").lower()
        told[MEANINGS.get(key, one.arg)] = one.value
    return told


def bindings_of(call, method, scope):
    kind, direction, *names = DECORATORS[method]
    told = given(call, names)
    text = {key: literal(node, scope) for key, node in told.items()}
    kind = text.get("type") if kind == "?" else kind
    flags = TRIGGER if direction == "t" else OUTPUT if direction == "o" else 0
    if text.get("run_on_startup") in ("True", "true"):
        flags |= AT_STARTUP
    parameter = text.get("arg_name", "")
    if method == "route":
        parameter = text.get("trigger_arg_name", "req")
    elif method == "mcp_tool":
        parameter = "context"
    one = Binding(call, kind, flags, parameter)
    for key in ("connection", "route", "schedule", "path"):
        setattr(one, key, text.get(key, ""))
    if one.connection and set("=; /").intersection(one.connection):
        one.connection = None  # no name of a setting: a connection string, that nobody should see
    if kind == "serviceBusTrigger" and "subscription" in told:  # of a topic: its entity's path
        parts = one.path, text["subscription"]
        one.path = "/Subscriptions/".join(parts) if all(parts) else None
    if method.endswith("sql_output"):
        one.path = text.get("command_text", one.path)
    if "auth_level" in told:
        one.auth = level(told["auth_level"], scope)
    one.methods = methods_of(told.get("methods"), scope)
    if method != "route":
        return [one]
    return [one, Binding(call, "http", OUTPUT, text.get("binding_arg_name", "$return"))]


def declare(function):
    """What its decorators make of a def; None: they are of no app."""
    declared, scope = None, function.scope
    for node in function.node.decorator_list:
        call = node if type(node) is Call else None
        method = call.func if call else node
        app = type(method) is Attribute and app_of(name_of(method.value, scope))
        if not app:
            if declared:  # beneath those of the app: the signature is what it makes of it
                declared.checked = False
            continue
        if not declared:
            declared = Declared(function, function.module, function.node, function.node.name, V2,
                                app.variable)
            declared.of = app
        method = method.attr
        if method in DECORATORS and call:
            declared.bindings += bindings_of(call, method, scope)
            declared.checked &= method != "mcp_tool"
        elif method == "function_name" and call:
            told = given(call, ["arg_name"]).get("arg_name")
            declared.name = told and literal(told, scope) or declared.name
        elif method == "retry" and call:
            declare_retry(declared, call, scope)
        elif method == "durable_openai_agent_orchestrator":
            declared.checked = False
    if declared:
        set_kind(declared)
    return declared


def declare_retry(declared, call, scope):
    told = given(call, ["strategy", "max_retry_count"])
    declared.retry = call
    declared.strategy = literal(told.get("strategy"), scope)
    try:
        declared.most = int(literal(told.get("max_retry_count"), scope))
    except (TypeError, ValueError):
        declared.most = None


def set_kind(declared):
    for one in declared.bindings:
        if one.flags & TRIGGER and one.type in KINDS:
            declared.kind = KINDS[one.type]
        elif one.type == "durableClient":
            declared.function.given[one.parameter] = DURABLE + "DurableOrchestrationClient"
    set_context(declared)


def set_context(declared):
    """The type of an orchestrator's or entity's only parameter, whatever is said of it."""
    first, function = declared.function.node.args.args[:1], declared.function
    if first and declared.kind == ORCHESTRATOR:
        function.given[first[0].arg] = DURABLE + "DurableOrchestrationContext"
    elif first and declared.kind == ENTITY:
        function.given[first[0].arg] = DURABLE + "DurableEntityContext"


def app_level(app):
    """What holds for its functions that tell none: those of a blueprint are built by the app that
    registers it, with that one's level."""
    if app.kind == "Blueprint":
        return app_level(app.registrar) if app.registrar else "function"
    told = {"auth_level" if (one.arg or "").endswith("auth_level") else one.arg: one.value
            for one in app.node.keywords}
    at = 1 if app.kind in ("AsgiFunctionApp", "WsgiFunctionApp") else 0
    if len(app.node.args) > at:
        told["auth_level"] = app.node.args[at]
    return level(told["auth_level"], app.scope) if "auth_level" in told else "function"


def register(entry):
    """Marks the apps that the host finds, beginning at those that the entry has in its names."""
    for module in every:
        for call, scope in module.registrations:
            own = app_of(name_of(call.func.value, scope))
            told = call.args + [one.value for one in call.keywords]
            for one in told if own else ():
                group = scope.module.groups.get(one.id) if type(one) is Name else None
                for name in group or [name_of(one, scope)]:
                    own.registers.append(app_of(name))
    names = list(entry.names.values()) if entry else []
    for star in entry.stars if entry else ():
        names += spaces.get(star, {}).values()
    found = [app_of(name) for name in names if name]
    found = [app for app in found if app and app.kind != "Blueprint"]
    while found:
        app = found.pop()
        if app and not app.registered:
            app.registered = True
            for one in app.registers:
                if one and app.kind != "Blueprint":
                    one.registrar = app
            found += app.registers


# What is right at first sight: the class for each trigger that nearly all have.
QUICK = {tuple(one.split()) for one in """\
httpTrigger HttpRequest
timerTrigger TimerRequest
queueTrigger QueueMessage
serviceBusTrigger ServiceBusMessage
eventHubTrigger EventHubEvent
blobTrigger InputStream
blob InputStream
cosmosDBTrigger DocumentList
cosmosDB DocumentList
eventGridTrigger EventGridEvent
http HttpResponse""".splitlines()}


def is_quick(annotation, kind, scope, out=False):
    node = annotation
    if annotation is None:
        return True
    if out:
        if type(node) is not Subscript or getattr(index_of(node), "id", "") != "str":
            return False
        node = node.value
    if kind is None:  # what is returned to nobody
        return type(node) is Constant and node.value is None
    base = node.value if type(node) is Attribute else node
    if type(base) is not Name or base.id in scope.module.checking:
        return False
    name = name_of(node, scope)
    if out:
        return name == "azure.functions.Out"
    if kind == "durableClient":
        return name is not None and name.startswith(DURABLE)
    if name == "str":
        return kind in ("http", "activityTrigger")
    return name is not None and name[:16] == "azure.functions." and (kind, name[16:]) in QUICK


def parameters_of(declared):
    """[(node of the place, name, annotation's node, why it is rejected)]."""
    node, scope = declared.function.node, declared.function.scope
    args, bindings = node.args, declared.bindings
    bound = {one.parameter: one for one in bindings}
    returned = bound.pop("$return", None)
    quick = declared.model == V2 and declared.checked and len(bound) == len(args.args) and not (
        args.vararg or args.kwarg or args.kwonlyargs or args.posonlyargs) and is_quick(
            node.returns, returned and returned.type, scope)
    for one in args.args if quick else ():
        binding = bound.get(one.arg)
        quick = quick and binding is not None and is_quick(
            one.annotation, binding.type, scope, binding.flags & OUTPUT) and (
                binding.type != "entityTrigger" and binding.type != "orchestrationTrigger"
                or one.arg == "context")
    if quick:
        return [(one, one.arg, one.annotation, "") for one in args.args]
    need("annotations")
    return checked_parameters(declared)
