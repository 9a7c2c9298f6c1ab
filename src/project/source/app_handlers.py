# SPDX-License-Identifier: Apache-2.0
# Functions that no decorator declares: of function.json, Lambda's, web apps as a whole. Compiled
# only where there are some.


def declare_web_app(app):
    """AsgiFunctionApp(), WsgiFunctionApp(): one function that answers every route."""
    told = given(app.node, ["app", "auth_level", "function_name"])
    name = literal(told["function_name"], app.scope) if "function_name" in told else None
    declared = Declared(None, app.module, app.node, name or "http_app_func", V2, app.variable)
    declared.kind, declared.of, declared.handler = ASGI, app, ""
    trigger = Binding(app.node, "httpTrigger", TRIGGER, "req")
    trigger.route = "/{*route}"
    declared.bindings = [trigger, Binding(app.node, "http", OUTPUT, "$return")]
    return declared


def handler_of(module, name, model):
    """A def by its name in a module, or what Orchestrator.create() made of one."""
    declared_name, node = name, None
    kind = PLAIN
    if name in module.created:
        created, call = module.created[name]
        kind = ORCHESTRATOR if ".Orchestrator" in created else ENTITY
        name = call.args[0].id if call.args and type(call.args[0]) is Name else name
    function = functions.get(canonical(module.names.get(name) or ""))
    if function is None or function.node is None:
        return None
    declared = Declared(function, function.module, function.node, declared_name, model)
    declared.handler, declared.kind, declared.script = declared_name, kind, module
    declared.checked = kind not in (ORCHESTRATOR, ENTITY)
    set_context(declared)
    return declared


def handlers_of(texts):
    """Lambda's "module.function", and "path.py:main" of function.json."""
    for text in texts:
        path, colon, name = text.rpartition(":")
        if colon:
            found = [module for module in every if module.path == path]
        else:
            path, _, name = text.replace("/", ".").rpartition(".")
            found = [modules[path]] if path in modules else [
                module for key, module in modules.items() if key.endswith("." + path)]
        for module in found[:1]:
            declared = handler_of(module, name, V1 if colon else LAMBDA)
            if declared:
                declared.name = text
                yield declared


def lambda_handlers():
    return [one for module in every if "/" not in module.path
            for one in (handler_of(module, "lambda_handler", LAMBDA),) if one]
