"""Scopes of a source file as far as imports need them: does a name at some place mean the module's?
Works on the syntax tree alone, without recursion, for the trees of CPython 3.8 to 3.15."""
import _ast

FUNCTIONS = (_ast.FunctionDef, _ast.AsyncFunctionDef)
COMPREHENSIONS = (_ast.ListComp, _ast.SetComp, _ast.DictComp, _ast.GeneratorExp)
IMPORTS = (_ast.Import, _ast.ImportFrom)

# Nodes that bind a name which is no Name node, and the field it stands in.
NAMING_FIELDS = {"ExceptHandler": "name", "MatchAs": "name", "MatchStar": "name",
                 "MatchMapping": "rest", "TypeVar": "name", "ParamSpec": "name",
                 "TypeVarTuple": "name"}


class Scope:
    """kind is "module", "class", "function" or "comprehension"."""
    __slots__ = ("kind", "parent", "bound", "declared")

    def __init__(self, kind, parent=None, bound=(), declared=()):
        self.kind, self.parent = kind, parent
        self.bound, self.declared = bound, declared  # declared: by a global statement

    def means_module(self, name):
        """True when the name, loaded here, is the module's. A class that binds it too may have
        loaded the module's before: that counts."""
        scope = self
        while scope.parent is not None:
            if name in scope.declared:
                return True
            if name in scope.bound:
                return False
            scope = scope.parent
        return True

    def stores_to_module(self, name):
        return self.kind == "module" or name in self.declared

    def of_walrus(self):
        """The scope in which := binds: never a comprehension's own."""
        scope = self
        while scope.kind == "comprehension":
            scope = scope.parent
        return scope


def children(node):
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, _ast.AST):
            yield value
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, _ast.AST):
                    yield item


def descendants(node):
    """The node itself and all below it, in no particular order."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(children(node))


def named_by(node):
    """The name such a node binds, None when it binds none."""
    return getattr(node, NAMING_FIELDS.get(type(node).__name__, ""), None)


def bound_by_import(node):
    for alias in node.names:
        yield alias.asname or alias.name.partition(".")[0]


def stored_names(nodes):
    return {name.id for node in nodes for name in descendants(node)
            if isinstance(name, _ast.Name) and not isinstance(name.ctx, _ast.Load)}


def own_names(statements):
    """(names bound, names declared global) by statements, not counting scopes within them."""
    bound, declared, outer = set(), set(), set()
    waiting = list(statements)
    while waiting:
        node = waiting.pop()
        if isinstance(node, _ast.Name):
            if not isinstance(node.ctx, _ast.Load):
                bound.add(node.id)
        elif isinstance(node, FUNCTIONS + (_ast.ClassDef,)):
            bound.add(node.name)
        elif isinstance(node, _ast.Global):
            declared.update(node.names)
        elif isinstance(node, _ast.Nonlocal):
            outer.update(node.names)
        elif isinstance(node, IMPORTS):
            bound.update(bound_by_import(node))
        elif isinstance(node, COMPREHENSIONS):
            waiting += [inner.target for inner in descendants(node)
                        if isinstance(inner, _ast.NamedExpr)]
        elif not isinstance(node, _ast.Lambda):
            bound.add(named_by(node))
            waiting.extend(children(node))
    return bound - declared - outer, declared


def parameters(arguments):
    """The arg nodes of a function."""
    single = [arguments.vararg, arguments.kwarg]
    return (getattr(arguments, "posonlyargs", []) + arguments.args + arguments.kwonlyargs
            + [argument for argument in single if argument])


def function_scope(node, parent):
    """The scope of a function or lambda."""
    names = {argument.arg for argument in parameters(node.args)}
    if isinstance(node, _ast.Lambda):
        return Scope("function", parent, names | own_names([node.body])[0])
    bound, declared = own_names(node.body)
    return Scope("function", parent, bound | names, declared)


def class_scope(node, parent):
    return Scope("class", parent, (), own_names(node.body)[1])


def comprehension_scope(node, parent):
    return Scope("comprehension", parent, stored_names([part.target for part in node.generators]))


def type_parameter_scope(node, parent):
    """The scope of `[T]` behind the name of a function, class or type (3.12)."""
    found = getattr(node, "type_params", None)
    return Scope("function", parent, {named_by(item) for item in found}) if found else parent


def dotted(node):
    """("a", "b", "c") for a.b.c, None for what is no such chain."""
    names = []
    while isinstance(node, _ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, _ast.Name):
        return None
    return (node.id, *reversed(names))
