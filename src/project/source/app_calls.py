# SPDX-License-Identifier: Apache-2.0
# One walk of a file: calls, imports, definitions, literals. Bodies of functions come last.
AWAITED, YIELDED, IN_LOOP, IN_ASYNC, HANDED_OFF, IN_WITH, KEPT, IN_HANDLER = \
    1, 2, 4, 8, 16, 32, 64, 128
DIRECT = AWAITED | YIELDED | IN_WITH
HANDS_OFF = {"asyncio.to_thread", "anyio.to_thread.run_sync", "asgiref.sync.sync_to_async",
             "fastapi.concurrency.run_in_threadpool", "starlette.concurrency.run_in_threadpool"}
APPS = {"azure.functions." + kind for kind in ("FunctionApp", "Blueprint", "AsgiFunctionApp",
                                                "WsgiFunctionApp")}
APPS |= {DURABLE + "DFApp", DURABLE + "Blueprint"}
SECRET_LEAST = 16  # characters; of one that is given to a name which says so:
NAMED_LEAST = 8
MARKS = ("AccountKey=", "SharedAccessKey=", "sig=", "code=", "://", "-----BEGIN", "word=", "pwd=",
         "Pwd=", "==")
BEGINNINGS = ("ghp_", "gho_", "github_pat_", "sk-", "xox", "AIza", "glpat-", "pypi-", "eyJ", "AKIA",
              "ASIA")
SECRET_NAMES = ("password", "passwd", "pwd", "secret", "apikey", "accesskey", "accountkey",
                "token", "privatekey", "sharedkey", "subscriptionkey", "functionkey", "authkey")
secret_names = {}  # name: is it one?
EXAMPLES = {"example", "examples"}
REGISTERS = {"register_functions", "register_blueprint"}
HANDING = {"run_in_executor", "submit"}
TASKS = {"task_all", "task_any"}
CACHES = {"cache", "lru_cache", "alru_cache", "cached", "cached_property"}
DEFAULTS = {"os.getenv", "os.environ.get"}
TELLING = {"open", "input", "print", "exec", "eval", "hash", "id", "breakpoint"}
SILENT = BUILTINS - TELLING  # calls of which no rule has anything to say
queue = []
plain_classes = set()  # of the app, that inherit from nothing that a binding takes
PLAIN_BASES = {"object", "Exception", "abc.ABC", "enum.Enum", "enum.IntEnum", "typing.NamedTuple",
               "typing.TypedDict", "typing_extensions.TypedDict", "pydantic.BaseModel"}


def walk(node, scope, flags):
    kind = type(node)
    if kind in VISIT:
        VISIT[kind](node, scope, flags)
        return
    for field in FIELDS[kind] if kind in FIELDS else fields_of(kind):
        value = getattr(node, field, None)
        kind = type(value)
        if kind is list:
            for one in value:
                kind = type(one)
                if kind in VISIT:
                    VISIT[kind](one, scope, flags)
                elif kind not in LEAVES:
                    walk(one, scope, flags)
        elif kind in VISIT:
            VISIT[kind](value, scope, flags)
        elif kind not in LEAVES:
            walk(value, scope, flags)


def visit_expression(node, scope, flags):
    node = node.value
    kind = type(node)
    if kind is Call:
        visit_call(node, scope, flags)
    elif kind is not Constant:  # a docstring
        walk(node, scope, flags)


def fields_of(kind):
    """Those of its fields that may have something to look at."""
    found = FIELDS[kind] = tuple(one for one in kind._fields if one not in NO_FIELDS)
    return found


def walk_all(nodes, scope, flags):
    for node in nodes:
        kind = type(node)
        if kind in VISIT:
            VISIT[kind](node, scope, flags)
        elif kind not in LEAVES:
            walk(node, scope, flags)


def visit_call(node, scope, flags):
    function = node.func
    name = name_of(function, scope)
    inner = flags & ~DIRECT
    attribute = hands_off = ""
    kind = type(function)
    if kind is Attribute:
        attribute = function.attr
        beneath = function.value
        while type(beneath) is Attribute:
            beneath = beneath.value
        if type(beneath) not in LEAVES:
            walk(beneath, scope, inner)
        if attribute in REGISTERS:
            scope.module.registrations.append((node, scope))
        hands_off = attribute in HANDING
    elif kind is not Name:
        walk(function, scope, inner)
    if name:
        add_call(node, name, scope, flags)
        if attribute in TASKS:
            inner |= flags & YIELDED
        if name in DEFAULTS:
            return name  # what stands in for a setting is made for development
        hands_off = hands_off or name in HANDS_OFF
    if hands_off:
        inner |= HANDED_OFF
        for one in node.args:
            given = name_of(one, scope) if type(one) in (Name, Attribute) else None
            if given:
                add_call(node, given, scope, inner)
    for one in node.args:
        kind = type(one)
        if kind is Constant:
            if type(one.value) is str and len(one.value) >= SECRET_LEAST:
                visit_constant(one, scope, inner)
        elif kind not in LEAVES:
            walk(one, scope, inner)
    for one in node.keywords:
        value = one.value
        kind = type(value)
        if kind is Constant:
            judge_named(one.arg, value, scope)
            visit_constant(value, scope, inner)
        elif kind not in LEAVES:
            walk(value, scope, inner)
    return name


def add_call(node, name, scope, flags):
    calls = scope.calls
    if calls is not None and name.partition(".")[0] not in SILENT:
        calls.append((node, name, flags))


def visit_await(node, scope, flags):
    walk(node.value, scope, flags & ~DIRECT | AWAITED)


def visit_yield(node, scope, flags):
    if scope.function:
        scope.function.generator = True
    if node.value is not None:
        walk(node.value, scope, flags & ~DIRECT | YIELDED)


def visit_loop(node, scope, flags):
    flags &= ~DIRECT
    if type(node) is While:
        walk(node.test, scope, flags | IN_LOOP)
    else:
        walk(node.iter, scope, flags)
        bind(node.target, None, scope)
        if type(node.target) is Name:
            keep_group(node.target.id, node.iter, scope)
    walk_all(node.body, scope, flags | IN_LOOP)
    walk_all(node.orelse, scope, flags)


def visit_comprehension(node, scope, flags):
    flags &= ~DIRECT | YIELDED
    first = True
    for one in node.generators:
        walk(one.iter, scope, flags if first else flags | IN_LOOP)
        walk_all(one.ifs, scope, flags | IN_LOOP)
        first = False
    for field in ("elt", "key", "value"):
        part = getattr(node, field, None)
        if part is not None:
            walk(part, scope, flags | IN_LOOP)


def visit_with(node, scope, flags):
    flags &= ~DIRECT
    for one in node.items:
        walk(one.context_expr, scope, flags | IN_WITH)
        if one.optional_vars is not None:
            bind(one.optional_vars, name_of(one.context_expr, scope), scope)
    walk_all(node.body, scope, flags)


def visit_handler(node, scope, flags):
    flags = flags & ~DIRECT | IN_HANDLER
    if node.type is not None:
        walk(node.type, scope, flags)
    walk_all(node.body, scope, flags)


def keep_group(name, value, scope):
    """Variables that stand for several: blueprints in a list, and the loop's variable over it."""
    if type(value) in (List, Tuple):
        scope.module.groups[name] = [name_of(one, scope) for one in value.elts]
    elif type(value) is Name and value.id in scope.module.groups:
        scope.module.groups[name] = scope.module.groups[value.id]


def outlives(target, function):
    """Is it a place that is still there when the function has returned?"""
    if type(target) is Name:
        return target.id in function.globals
    return type(target) in (Attribute, Subscript)


def is_cached(node, scope):
    for one in node.decorator_list:
        name = name_of(one.func if type(one) is Call else one, scope) or ""
        if name.rpartition(".")[2] in CACHES:
            return True
    return False


def visit_assign(node, scope, flags):
    value = node.value
    flags &= ~DIRECT
    targets = node.targets if type(node) is Assign else [node.target]
    if scope.function and any(outlives(one, scope.function) for one in targets):
        flags |= KEPT
    kind = type(value)
    name = None
    is_text = kind is Constant and type(value.value) is str
    for target in targets if is_text else ():
        judge_named(getattr(target, "id", None) or getattr(target, "attr", None) or key_of(target),
                    value, scope)
    if kind is Call:
        name = visit_call(value, scope, flags)
    elif value is not None:
        walk(value, scope, flags)
        name = name_of(value, scope) if kind in NAMED else None
    if kind is Call and name in APPS and type(targets[0]) is Name:
        variable = targets[0].id
        own = scope.prefix + "." + variable
        apps[own] = App(scope.module, value, variable, name.rpartition(".")[2], name)
        apps[own].scope = scope
        name = own
    elif name is None and type(node) is AnnAssign:
        name = of_annotation(node.annotation, scope)
    for target in targets:
        bind(target, name, scope, kind is Constant and value.value is None)
        if type(target) is Name:
            if is_text:
                if scope.function is None:
                    scope.module.constants[target.id] = value.value
            elif kind is Call and name and name.startswith(DURABLE) and name.endswith(".create"):
                scope.module.created[target.id] = (name, value)
            else:
                keep_group(target.id, value, scope)
        else:
            walk(target, scope, flags)


def key_of(target):
    return getattr(index_of(target), "value", None) if type(target) is Subscript else None


def visit_named(node, scope, flags):
    walk(node.value, scope, flags)
    bind(node.target, name_of(node.value, scope), scope)


def visit_subscript(node, scope, flags):
    value = node.value
    kind = type(value)
    flags &= ~DIRECT
    if (kind is Name or kind is Attribute and value.attr == "environ") and \
            type(node.ctx) is Load and name_of(value, scope) == "os.environ":
        add_call(node, "os.environ.__getitem__", scope, flags)
    if kind not in LEAVES:
        walk(value, scope, flags)
    walk(node.slice, scope, flags)


def visit_dict(node, scope, flags):
    for key, value in zip(node.keys, node.values):
        if type(key) is Constant and key.value in EXAMPLES:
            continue  # of a schema: made up, whatever it looks like
        if type(key) is Constant and type(value) is Constant:
            judge_named(key.value, value, scope)
        if key is not None:
            walk(key, scope, flags & ~DIRECT)
        walk(value, scope, flags & ~DIRECT)


def may_be_secret(text):
    if len(text) < SECRET_LEAST:
        return False
    if "=" in text or "://" in text or "-----" in text:  # one of them is in all of the marks
        for one in MARKS:
            if one in text:
                return True
    return text.startswith(BEGINNINGS)


def visit_constant(node, scope, flags):
    text = node.value
    if type(text) is str and len(text) >= SECRET_LEAST and may_be_secret(text):
        need("secrets")
        judge_text(node, text, scope)


def judge_named(name, node, scope):
    """A text that is given to a name which may say that it is secret. Before the walk of it."""
    text = node.value if type(node) is Constant else None
    if type(text) is not str or len(text) < NAMED_LEAST or type(name) is not str:
        return
    if may_be_secret(text):
        scope.module.named[id(node)] = name
    said = secret_names.get(name)
    if said is None:
        low = name.lower().replace("_", "").replace("-", "")
        said = secret_names[name] = 1 if low.endswith(SECRET_NAMES) else 2 if low.endswith("key") \
            else 0
    if said == 1 or said and len(text) >= 32:
        need("secrets")
        judge_named_text(name, node, text, scope)


def visit_return(node, scope, flags):
    if node.value is not None:
        walk(node.value, scope, flags & ~DIRECT)
        function = scope.function
        if function and not function.returns and type(node.value) in NAMED:
            function.returns = name_of(node.value, scope)


def visit_if(node, scope, flags):
    test, module = node.test, scope.module
    if type(test) in (Name, Attribute) and \
            (name_of(test, scope) or "").endswith("typing.TYPE_CHECKING"):
        before = set(scope.names)
        module.checking_depth += 1
        walk_all(node.body, scope, flags)
        module.checking_depth -= 1
        types = {one: scope.names.pop(one) for one in set(scope.names) - before}
        walk_all(node.orelse, scope, flags)  # may have the same for the time of execution
        module.checking |= types.keys() - scope.names.keys()
        scope.names.update((one, types[one]) for one in types.keys() - scope.names.keys())
        return
    left = getattr(test, "left", None)
    walk(test, scope, flags & ~DIRECT)
    if type(left) is Name and left.id == "__name__":
        calls, scope.calls = scope.calls, None  # not done by an import
        walk_all(node.body, scope, flags)
        scope.calls = calls
    else:
        walk_all(node.body, scope, flags)
    walk_all(node.orelse, scope, flags)


def visit_import(node, scope, flags):
    module = scope.module
    import_names(node, scope, module.unit)
    if module.checking and not module.checking_depth:
        module.checking -= {one.asname or one.name for one in node.names}


def visit_global(node, scope, flags):
    if scope.function:
        scope.function.globals = set(scope.function.globals) | set(node.names)


def is_plain(name):
    return name in PLAIN_BASES or name in plain_classes


def visit_class(node, scope, flags):
    prefix = scope.prefix + "." + node.name
    scope.names[node.name] = prefix
    if not node.keywords and all([is_plain(name_of(one, scope)) for one in node.bases]):
        plain_classes.add(prefix)
    walk_all(node.decorator_list, scope, flags)
    inner = Scope(spaces.setdefault(prefix, {}), scope, prefix)
    inner.function, inner.calls, inner.owner = scope.function, scope.calls, node.name
    walk_all(node.body, inner, flags)


def visit_def(node, scope, flags):
    owner = scope.owner
    prefix = scope.prefix + "." + node.name
    function = Function(node, scope, prefix, owner + "." + node.name if owner else node.name)
    scope.names[node.name] = prefix
    functions[prefix] = function
    function.returns = of_annotation(node.returns, scope) if node.returns else None
    if function.returns in BUILTINS:
        function.returns = None
    for one in node.decorator_list:
        if type(one) is Call and type(one.func) is Attribute:
            walk_all(one.args, scope, flags)
            for each in one.keywords:
                judge_named(each.arg, each.value, scope)
                walk(each.value, scope, flags)
        else:
            walk(one, scope, flags)
    walk_all(node.args.defaults, scope, flags)
    for argument, default in zip(reversed(node.args.args), reversed(node.args.defaults)):
        judge_named(argument.arg, default, scope)
    queue.append((function, owner and scope))


def arguments(node):
    args = node.args
    rest = [one for one in (args.vararg, args.kwarg) if one]
    return args.posonlyargs + args.args + args.kwonlyargs + rest


def walk_function(function, owner):
    """Its body, when the names of the module around it are known."""
    scope, node = function.scope, function.node
    inner = Scope({}, scope.parent if owner else scope, function.prefix)
    inner.function, inner.calls = function, function.calls
    for index, one in enumerate(arguments(node)):
        inner.names[one.arg] = of_annotation(one.annotation, scope) if one.annotation else None
        if owner and not index and not node.decorator_list:
            inner.names[one.arg] = owner.prefix
    inner.names.update(function.given)
    kept = KEPT if node.decorator_list and is_cached(node, scope) else 0
    walk_all(node.body, inner, (IN_ASYNC if type(node) is AsyncFunctionDef else 0) | kept)


def visit_lambda(node, scope, flags):
    inner = Scope({one.arg: None for one in arguments(node)}, scope, scope.prefix)
    inner.function, inner.calls = scope.function, scope.calls
    walk_all(node.args.defaults, scope, flags & ~DIRECT)
    walk(node.body, inner, flags & ~DIRECT)


NAMED = {Call, Await, Name, Attribute}
FIELDS = {}
NO_FIELDS = {"ctx", "op", "ops", "id", "attr", "arg", "kind", "type_comment", "name", "lineno"}
LEAVES = {Name, Load, str, int, type(None), _ast.Store, _ast.Pass, _ast.Del}
VISIT = {Call: visit_call, Await: visit_await, Yield: visit_yield, YieldFrom: visit_yield,
         For: visit_loop, AsyncFor: visit_loop, While: visit_loop, ListComp: visit_comprehension,
         SetComp: visit_comprehension, DictComp: visit_comprehension,
         GeneratorExp: visit_comprehension, With: visit_with, AsyncWith: visit_with,
         Assign: visit_assign, AnnAssign: visit_assign, NamedExpr: visit_named,
         Subscript: visit_subscript, Dict: visit_dict, Constant: visit_constant,
         Return: visit_return, If: visit_if, Import: visit_import, ImportFrom: visit_import,
         Global: visit_global, ClassDef: visit_class, FunctionDef: visit_def,
         AsyncFunctionDef: visit_def, Lambda: visit_lambda,
         _ast.ExceptHandler: visit_handler, _ast.Expr: visit_expression,
         Name: lambda *_: None}
