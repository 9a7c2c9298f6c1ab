# SPDX-License-Identifier: Apache-2.0
# Scopes of the app's files and what names in them stand for. All parts share one namespace.
import sys, posix, gc, builtins, _ast
from _ast import (PyCF_ONLY_AST, AST, AnnAssign, Assign, AsyncFor, AsyncFunctionDef, AsyncWith,
                  Attribute, Await, BinOp, BitOr, Call, ClassDef, Constant, Dict, DictComp, For,
                  FunctionDef, GeneratorExp, Global, If, Import, ImportFrom, JoinedStr, Lambda,
                  List, ListComp, Load, Name, NamedExpr, Return, Set, SetComp, Starred, Subscript,
                  Tuple, UnaryOp, USub, While, With, Yield, YieldFrom)
gc.disable()

BUILTINS = set(dir(builtins))
DURABLE = "azure.durable_functions."
NAME_MOST = 300
HOPS_MOST = 16
spaces = {}     # dotted name of a module or class of the app -> {name: dotted name or None}
tops = set()    # what their names begin with
modules = {}    # dotted name -> Scope
every = []      # also those of which another has the name
functions = {}  # dotted name -> Function
apps = {}       # dotted name of the variable -> App


def need(part):
    """Compiles a part of this script that most apps do without."""
    if part in PARTS:
        exec(PARTS.pop(part), globals())


class Scope:
    function = calls = owner = None  # the innermost def, its calls; a class's name

    def __init__(self, names, parent, prefix):
        self.names, self.parent, self.prefix = names, parent, prefix
        self.module = parent.module if parent else self


class Module(Scope):
    future = False
    checking_depth = 0

    def __init__(self, index, name, unit):
        tops.add(name.partition(".")[0])
        Scope.__init__(self, spaces.setdefault(name, {}), None, name)
        self.index, self.unit = index, unit
        self.stars, self.groups, self.constants, self.created = [], {}, {}, {}
        self.named = {}  # id of a literal's node -> what it is given to
        self.imports, self.literals, self.reached, self.registrations = [], [], [], []
        self.checking = set()  # names of `if TYPE_CHECKING:` alone
        self.main = Function(None, self, name, "")
        self.calls = self.main.calls


class Function:
    """A def of the app, or (node None) what a module does when it is imported."""
    def __init__(self, node, scope, prefix, via):
        self.node, self.scope, self.prefix, self.via = node, scope, prefix, via
        self.module = scope.module
        self.calls, self.returns, self.generator, self.globals = [], None, False, ()
        self.given = {}  # types of parameters, by its bindings


class App:
    def __init__(self, module, node, variable, kind, name):
        self.module, self.node, self.variable, self.kind = module, node, variable, kind
        self.name, self.registers, self.registered, self.registrar = name, [], False, None


def find(scope, name):
    while scope:
        names = scope.names
        if name in names:
            return names[name]
        module, scope = scope, scope.parent
    if name in BUILTINS:
        return name
    for star in module.stars:
        if name in spaces.get(star, ()):
            return star + "." + name
    return None


def name_of(node, scope):
    """The dotted name of what an expression gives: a call's is that of what is called."""
    tail = ""
    while True:
        kind = type(node)
        if kind is Name:
            head = find(scope, node.id)
            if not tail or not head:
                return head
            return head + tail if len(head) + len(tail) <= NAME_MOST else None
        if kind is Attribute:
            tail = "." + node.attr + tail
            node = node.value
        elif kind is Call:
            node = node.func
        elif kind is Await:
            node = node.value
        else:
            return None


def canonical(name):
    """Through the app's own modules, classes and returned values to what it is."""
    if name and name.partition(".")[0] not in tops:
        return name
    for _ in range(HOPS_MOST):
        end = len(name) if name else -1
        while end > 0:
            head = name[:end]
            rest = name[end + 1:]
            if rest and head in functions and functions[head].returns:
                target = functions[head].returns
                break
            if rest and head in spaces:
                first, _, rest = rest.partition(".")
                target = spaces[head].get(first)
                if target and target != head + "." + first:
                    break
            end = name.rfind(".", 0, end)
        else:
            return name
        name = target + "." + rest if rest else target
        if len(name) > NAME_MOST:
            return None
    return None


def app_of(name):
    """The app that a name stands for, or that a function of the app returns."""
    if name in apps:
        return apps[name]
    name = canonical(name)
    if name in functions and name not in apps:
        name = functions[name].returns
        name = name if name in apps else canonical(name)
    return apps.get(name)


def bind(target, name, scope, is_none=False):
    kind = type(target)
    if kind is Name:
        function = scope.function
        if function and target.id in function.globals:
            scope = scope.module
            is_none = is_none or name is None
        if not (is_none and target.id in scope.names):
            scope.names[target.id] = name
            if scope is scope.module and not scope.checking_depth:
                scope.checking.discard(target.id)
    elif kind is Attribute:
        space = spaces.get(name_of(target.value, scope))
        if space is not None and name:
            space.setdefault(target.attr, name)
    elif kind is Tuple or kind is List:
        for one in target.elts:
            bind(one, None, scope)
    elif kind is Starred:
        bind(target.value, None, scope)


def index_of(node):
    """What stands between the brackets; until 3.8 it had a node of its own around it."""
    return node.slice.value if type(node.slice).__name__ == "Index" else node.slice


def of_annotation(node, scope):
    """The class that an annotation names: of Optional[X] and X | None it is X."""
    if type(node) is Constant and type(node.value) is str:
        node = expression(node.value)
    if type(node) is Subscript and (name_of(node.value, scope) or "").endswith(".Optional"):
        node = index_of(node)
    elif type(node) is BinOp:
        node = node.left
    return name_of(node, scope) if type(node) in (Name, Attribute) else None


def expression(text):
    try:
        return compile(text, "", "eval", PyCF_ONLY_AST).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def import_names(node, scope, unit):
    """Binds what an import binds; unit: the package that relative ones begin at."""
    if type(node) is Import:
        for one in node.names:
            add_import(node, one.name, scope)
            if one.asname:
                scope.names[one.asname] = one.name
            else:
                scope.names[one.name.partition(".")[0]] = one.name.partition(".")[0]
        return
    base = node.module or ""
    if node.level:
        package = unit.split(".") if unit else []
        package = package[:max(len(package) - node.level + 1, 0)]
        base = ".".join(package + [base] if base else package)
    elif base.startswith("__app__"):
        base = base[8:]  # what the first Python model called the app's folder
    if base == "__future__":
        scope.module.future |= any(one.name == "annotations" for one in node.names)
    add_import(node, "." * node.level + (node.module or ""), scope)
    for one in node.names:
        if one.name == "*":
            scope.module.stars.append(base)
        else:
            full = base + "." + one.name if base else one.name
            scope.names[one.asname or one.name] = full
            if scope.function is None:
                scope.module.reached += full, base


def add_import(node, name, scope):
    module = scope.module
    if not module.checking_depth:
        module.imports.append((node, name, scope.function is not None))
        if scope.function is None:
            module.reached.append(name)
