# SPDX-License-Identifier: Apache-2.0
# Why indexing would reject a function: the worker evaluates annotations (typing.get_type_hints),
# then holds parameters against bindings (azure_functions_runtime 1.3.0, functions.py and bindings/;
# azure.functions 2.3.0; read 2026-11-29). What cannot be told is taken to be right. Compiled only
# where a function is not right at first sight.
# Classes of azure.functions that a binding takes; + those it gives; *of: lists of it, too.
TAKES = {row.split()[0]: row.split()[1:] for row in """\
httpTrigger HttpRequest
timerTrigger TimerRequest
queueTrigger QueueMessage
queue + QueueMessage str bytes *str *bytes
serviceBusTrigger ServiceBusMessage *ServiceBusMessage
serviceBus + str bytes
eventHubTrigger EventHubEvent *EventHubEvent
eventHub EventHubEvent *EventHubEvent + str bytes *str
kafkaTrigger KafkaEvent *KafkaEvent
kafka KafkaEvent *KafkaEvent + str bytes *str
blobTrigger InputStream str bytes + InputStream str bytes bytearray
blob InputStream str bytes + InputStream str bytes bytearray
cosmosDBTrigger DocumentList
cosmosDB DocumentList + DocumentList Document
eventGridTrigger EventGridEvent CloudEvent
eventGrid + str bytes EventGridOutputEvent *str *EventGridOutputEvent
sql SqlRowList + SqlRowList SqlRow
mysqlTrigger MySqlRowList
mysql MySqlRowList + MySqlRowList MySqlRow
warmupTrigger warmup.WarmUpContext
http + HttpResponse str
""".splitlines()}
UNCHECKED = ("activityTrigger", "orchestrationTrigger", "entityTrigger", "durableClient",
             "mcpToolTrigger", "mcpResourceTrigger", "mcpPromptTrigger", "connectorTrigger")
PLAIN_TYPES = {"str", "bytes", "bytearray", "dict", "list", "int", "float", "bool", "tuple", "set",
               "None", "object"}
GENERIC = {"List", "Dict", "Set", "Sequence", "Iterable", "Mapping", "FrozenSet", "Deque",
           "MutableMapping", "MutableSequence", "Collection", "Iterator", "Generator"}
NO_LISTS = {"Literal", "Type", "AsyncIterator", "AsyncIterable", "AsyncGenerator"}
NO_TYPES = {"Optional": "a union", "Union": "a union", "Tuple": "typing.Tuple",
            "Callable": "typing.Callable"}
BUILTIN_GENERIC = {"list": "List", "dict": "Dict", "tuple": "Tuple", "set": "Set",
                   "frozenset": "FrozenSet"}


def unresolved(node, function, quoted):
    """Why the names in an annotation can't be evaluated, "" they can. quoted: it is text; None: what
    is text is not evaluated."""
    module = function.module
    if type(node) is Constant and type(node.value) is str:
        if quoted is None:
            return ""
        inner = expression(node.value)
        if inner is None:
            return "it is no expression that Python could evaluate"
        return unresolved(inner, function, True)
    if type(node) is Name:
        return unresolved_name(node.id, function, quoted or module.future)
    if type(node) is Subscript:
        head = name_of(node.value, function.scope) or ""
        if head.endswith((".Literal", ".Annotated")):
            return unresolved(node.value, function, quoted)
    if type(node) is Attribute and node.attr == "WarmUpContext" and \
            name_of(node.value, function.scope) == "azure.functions":
        return "azure.functions has no WarmUpContext, though it lists it: azure.functions.warmup has"
    for field in node._fields:
        value = getattr(node, field, None)
        for one in value if type(value) is list else (value,):
            why = unresolved(one, function, quoted) if isinstance(one, AST) else ""
            if why:
                return why
    return ""


def unresolved_name(name, function, later):
    module = function.module
    if name in module.checking:
        return f"{name} is imported under TYPE_CHECKING only: it is not defined when the worker " \
               "evaluates annotations"
    if name in module.names or name in BUILTINS or module.stars:
        return ""
    if not later and find(function.scope, name):
        return ""
    scope, inside = function.scope, False
    while scope is not module and not inside:
        inside, scope = name in scope.names, scope.parent
    if inside:
        return f"{name} is not defined in the module, where annotations that are kept as text " \
               "are evaluated"
    return f"{name} is defined nowhere in the module"


def type_of(node, scope):
    """(name, what it is a list or Out of, why it is no type): the last "" if it may be one."""
    if type(node) is Constant and type(node.value) is str:
        node = expression(node.value)
    if type(node) is Constant:
        return ("None", (), "") if node.value is None else ("", (), "it is a value, no type")
    if type(node) is BinOp and type(node.op) is BitOr:
        return "", (), "a union is no type to the worker"
    if type(node) is Subscript:
        return subscript_type(node, scope)
    name = canonical(name_of(node, scope)) if type(node) in (Name, Attribute) else None
    last = name and name.rpartition(".")[2]
    if name == "typing.Any" or name in plain_classes:
        return last, (), ""  # neither is a class that a binding takes
    if name and name.startswith("typing."):
        return of_typing(last)
    if name in PLAIN_TYPES or name and name.count(".") == 2 and name.startswith(
            ("azure.functions.", DURABLE)):
        return last, (), ""
    return name and "?", (), ""


def subscript_type(node, scope):
    head = name_of(node.value, scope) or ""
    inner = index_of(node)
    each = inner.elts if type(inner) is Tuple else [inner]
    if head == "azure.functions.Out":
        return "Out", (type_of(inner, scope),), ""
    if head in BUILTIN_GENERIC or head.startswith("collections.abc."):
        return "", (), f"{head}[...] is no type to the worker from Python 3.11 on"
    module, _, last = head.rpartition(".")
    if module not in ("typing", "typing_extensions"):
        return "?", (), ""
    if last == "Annotated":
        return type_of(each[0], scope)
    if last in GENERIC:
        return "generic", tuple([type_of(one, scope) for one in each]), ""
    return of_typing(last)


def of_typing(last):
    """What typing has, without what it is of."""
    if last in NO_TYPES:
        return "", (), f"{NO_TYPES[last]} is no type to the worker"
    return "generic" if last in GENERIC or last in NO_LISTS else "?", (), ""


def fits(told, accepted):
    name, inner, _ = told
    if name == "generic":  # the worker asks whether what it would give is one of those
        return any([one[0] in (None, "?", "object") or "*" + one[0] in accepted
                    for one in inner]) and any([one[0] == "*" for one in accepted])
    return name in accepted or name in (None, "?")


def accepted_by(binding, gives):
    words = TAKES.get(binding.type)
    if words is None:
        return ["str", "bytes", "bytearray"] if gives else ["str", "bytes"]
    at = words.index("+") if "+" in words else len(words)
    words = words[at + 1:] if gives else words[:at]
    return words + ["str", "bytes"] if binding.type != "http" else words


def takes(why, binding, gives):
    """A reason, and what the binding takes instead."""
    if binding.type in UNCHECKED:
        head = why.partition("[")[0]
        fitting = BUILTIN_GENERIC.get(head, head[16:])
        return f"{why}, typing.{fitting}[...] is" if fitting in GENERIC else why
    named = []
    for one in accepted_by(binding, gives):
        last = one.lstrip("*")
        last = last if last in PLAIN_TYPES else "func." + last
        named.append(f"typing.List[{last}]" if one[0] == "*" else last)
    return f"{why}; {binding.type} takes {', '.join(dict.fromkeys(named))}"


def mismatch(binding, node, scope):
    """Why an annotation does not fit its binding."""
    why = unfit(binding, node, scope)
    return takes(why, binding, binding.flags & OUTPUT) if why and binding.type else why


def unfit(binding, node, scope):
    name, inner, why = told = type_of(node, scope)
    gives = binding.flags & OUTPUT
    if name == "Out" or (name == "?" and gives):
        if not gives:
            return "Out[...] is for outputs, and its binding is an input"
        if not inner:
            return "Out without the type of what is set" if name == "Out" else ""
        told, why = inner[0], inner[0][2]
    elif why:
        return why
    elif gives and name is not None:
        return "its binding is an output: it must be func.Out[...]"
    if why:
        return why
    if binding.type is None or binding.type in UNCHECKED or fits(told, accepted_by(binding, gives)):
        return ""
    return "it does not go with its binding"


def bare_out(node, scope):
    return type(node) in (Name, Attribute) and name_of(node, scope) == "azure.functions.Out"


def returned(declared, node):
    """Why the annotation of what is returned does not go with the binding $return."""
    scope = declared.function.scope
    binding = [one for one in declared.bindings if one.parameter == "$return"]
    if not binding or binding[0].type is None:
        return ""
    name, _, why = told = type_of(node, scope)
    if why or name == "generic":
        return takes(why or "a generic type is no type to the worker", binding[0], True)
    if fits(told, accepted_by(binding[0], True)):
        return ""
    return takes("what is returned does not go with its binding", binding[0], True)


def checked_parameters(declared):
    function = declared.function
    scope, found = function.scope, []
    http_library = any(name.startswith("azurefunctions.") for _, name, _ in function.module.imports)
    bound = {one.parameter: one for one in declared.bindings if one.parameter != "$return"}
    known = declared.model == V2 and declared.checked and None not in bound
    is_durable = declared.kind in (ORCHESTRATOR, ENTITY)
    for one in arguments(function.node):
        annotation, why = one.annotation, ""
        binding = bound.get(one.arg)
        is_client = binding is not None and binding.type == "durableClient"
        is_replaced = is_client and function.module.future  # by str, before anybody evaluates it
        if annotation is not None and declared.checked and not is_durable and not is_replaced and \
                declared.model != LAMBDA:
            why = unresolved(annotation, function, None if is_client else False)
        if known and not is_durable and not why and not http_library:
            if binding is None and one.arg != "context":
                why = "no binding has this name"
            elif binding is None:
                if annotation is not None and type_of(annotation, scope)[0] not in (
                        None, "?", "Context"):
                    why = "context must be func.Context"
            elif annotation is not None and not is_client:
                why = "Out without the type of what is set" if bare_out(annotation, scope) \
                    else mismatch(binding, annotation, scope)
        found.append((one, one.arg, annotation, why))
    node = function.node.returns
    if node is not None and declared.checked and declared.model != LAMBDA and not is_durable:
        why = unresolved(node, function, False) or \
            (returned(declared, node) if known and not http_library else "")
        if why:
            found.append((node, "return", node, why))
    if known and not http_library:
        has = {"context"} if is_durable else {one[1] for one in found}
        for name, binding in bound.items():
            if name not in has:
                found.append((binding.node, name, None, "the handler of an orchestrator or entity "
                              "must name it context" if is_durable else
                              "the function has no parameter of this name"))
    return found
