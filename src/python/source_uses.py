"""What the imports of one source file bind, and where each of those names is used: at module level,
in decorators, annotations, functions … Also its functions and classes with the names they load, and
what may be a look into another file (source_exports.py). Nothing is imported or executed."""

ANNOTATION_CHARACTERS_MAX = 10000
TEXT_MAX = 1000  # characters of a name
LIST_TEXT_MAX = 100000  # characters of all names of a list

# Whoever loads one of these may reach what no name in its source tells.
REACHING_ATTRIBUTES = frozenset(("import_module", "__import__", "attrgetter", "methodcaller"))
REACHING_NAMES = REACHING_ATTRIBUTES | {"getattr", "globals", "eval", "exec", "vars", "importlib"}
COMPOUND = frozenset(("For", "AsyncFor", "While", "Try", "TryStar", "With", "AsyncWith", "Match"))


class Place:
    """Where a node stands. word says what a use there is, what is the same for people."""
    __slots__ = ("scope", "word", "what", "line", "function", "node", "prefix", "owners",
                 "inside")

    def __init__(self, scope):
        self.scope, self.word, self.what = scope, "module", "module level"
        self.line = 0  # of the string that holds the node, else the node's own counts
        self.function = ""  # outermost function, qualified by its classes
        self.node = None  # its node in the tree
        self.prefix = ""  # of qualified names
        self.owners = ()  # definitions whose references these are, "<module>" first while it loads
        self.inside = None  # (word, what, line) of the branch a statement stands in

    def but(self, **changes):
        copy = Place.__new__(Place)
        for name in Place.__slots__:
            setattr(copy, name, changes[name] if name in changes else getattr(self, name))
        return copy

    def at(self, word, what=None):
        """In a function nothing of that matters: it is executed when the function is called."""
        return self if self.function else self.but(word=word, what=what or word)

    def within(self, word, what):
        return self.at(word, what) if self.word == "module" else self


class Definition:
    def __init__(self, name, line, kind):
        self.name, self.line, self.kind = name, line, kind
        self.references, self.decorators, self.dynamic = set(), [], 0
        self.qualified = set()  # names among the references that are more than the module's own
        self.room = LIST_TEXT_MAX

    def refer(self, name):
        if name in self.references:
            return
        self.room -= len(name)
        if len(name) > TEXT_MAX or self.room < 0:
            self.dynamic = 1  # what is cut off may be anything
        else:
            self.references.add(name)


class Statement:
    """One name that an import at module level binds."""

    def __init__(self, node, level, module, alias):
        self.line, self.end_line, self.column = node.lineno, node.end_lineno, node.col_offset
        self.level, self.module = level, module
        self.name = alias.name if isinstance(node, _ast.ImportFrom) else ""
        self.bound = "" if alias.name == "*" else alias.asname or alias.name.partition(".")[0]
        self.inside, self.lazy = None, getattr(node, "is_lazy", 0)


class Uses:
    """Everything about one file; uses and bindings are of the module's own names only."""

    def __init__(self, tree):
        self.statements, self.definitions = [], []
        self.bindings = {}  # name -> [(line, what)]
        self.uses = {}  # name -> {(word, what, function): first line}
        self.users = {}  # name -> {node of an outermost function that uses it: its qualified name}
        self.attributes = {}  # name -> {"path.join", …}
        self.dynamic = None  # (line, what)
        self.aliases = {}  # name -> {(level, dotted module)}, of imports at any place
        self.reaches = {}  # (level, dotted module, name, how) -> first line
        self.chains = {}  # (name, *attributes) -> first line
        self.named = {}  # (chain, "attribute" as a string) -> first line
        self.strings = {}  # "some.dotted.text" -> first line
        self.waiting = []
        self.definitions.append(Definition("<module>", 1, "module"))
        self.push(tree.body, Place(Scope("module")).but(owners=tuple(self.definitions)))
        while self.waiting:
            node, place = self.waiting.pop()
            getattr(self, "visit_" + type(node).__name__, self.visit_children)(node, place)

    def push(self, nodes, place):
        for node in nodes if isinstance(nodes, list) else [nodes]:
            if node is not None:
                self.waiting.append((node, place))

    def visit_children(self, node, place):
        name = named_by(node)
        if name:
            self.bind(name, place.scope, node.lineno, "assigned")
        if place.scope.kind == "module" and type(node).__name__ in COMPOUND:
            what = type(node).__name__.replace("Async", "").replace("Star", "").lower()
            place = place.but(inside=place.inside or ("conditional", "inside " + what, node.lineno))
        self.push(list(children(node)), place)

    # --- names ---

    def bind(self, name, scope, line, what):
        if scope.stores_to_module(name):
            self.bindings.setdefault(name, []).append((line, what))

    def load(self, name, attributes, place, line):
        if attributes and name not in ("self", "cls"):
            first(self.chains, (name, *attributes), line)
        if not place.scope.means_module(name):
            return
        for owner in place.owners:
            owner.refer(name)
            owner.dynamic |= name in REACHING_NAMES
        word = ("functions", "", place.function) if place.function else (place.word, place.what, "")
        first(self.uses.setdefault(name, {}), word, line)
        if place.function:
            self.users.setdefault(name, {})[place.node] = place.function
        if attributes:
            self.attributes.setdefault(name, set()).add(".".join(attributes))
        if name in ("globals", "eval", "exec"):
            self.be_dynamic(line, name)

    def be_dynamic(self, line, what):
        self.dynamic = min(self.dynamic or (line, what), (line, what))

    def visit_Name(self, node, place):
        line = place.line or node.lineno
        if isinstance(node.ctx, _ast.Load):
            self.load(node.id, (), place, line)
        else:
            deleted = isinstance(node.ctx, _ast.Del)
            self.bind(node.id, place.scope, line, "deleted" if deleted else "assigned")

    def visit_Attribute(self, node, place):
        attributes, line = [], place.line or node.lineno
        while isinstance(node, _ast.Attribute):
            attributes.append(node.attr)
            node = node.value
        for owner in place.owners:
            for attribute in attributes:
                owner.refer(attribute)
                owner.qualified.add(attribute)
                owner.dynamic |= attribute in REACHING_ATTRIBUTES
        if isinstance(node, _ast.Name):
            self.load(node.id, tuple(reversed(attributes)), place, line)
        else:
            self.push(node, place)

    def visit_NamedExpr(self, node, place):
        self.bind(node.target.id, place.scope.of_walrus(), node.lineno, "assigned")
        self.push(node.value, place)

    def visit_Global(self, node, place):
        for name in node.names:
            self.bindings.setdefault(name, []).append((node.lineno, "global statement"))

    # --- scopes ---

    def define(self, node, place, kind):
        """The place of what a definition's header evaluates for its own sake."""
        self.bind(node.name, place.scope, node.lineno, "defined")
        if not place.function:
            definition = Definition(place.prefix + node.name, node.lineno, kind)
            definition.decorators = [".".join(dotted(getattr(item, "func", item)) or ("",))
                                     for item in node.decorator_list]
            self.definitions.append(definition)
            place = place.but(owners=place.owners + (definition,))
        self.push(node.decorator_list, place.at("decorator"))
        place = place.but(scope=type_parameter_scope(node, place.scope))
        self.push(getattr(node, "type_params", None), place.at("annotation"))
        return place

    def visit_FunctionDef(self, node, place, kind="function"):
        place = self.define(node, place, kind)
        self.visit_arguments(node.args, place)
        self.push(node.returns, place.at("annotation"))
        if not place.function:
            place = place.but(function=place.prefix + node.name, node=node,
                              owners=place.owners[1:])
        self.push(node.body, place.but(scope=function_scope(node, place.scope)))

    def visit_AsyncFunctionDef(self, node, place):
        self.visit_FunctionDef(node, place, "async function")

    def visit_arguments(self, node, place):
        self.push(node.defaults + node.kw_defaults, place.at("default"))
        self.push([argument.annotation for argument in parameters(node)], place.at("annotation"))

    def visit_Lambda(self, node, place):
        place = place.within("module", "lambda")
        self.push(node.args.defaults + node.args.kw_defaults, place)
        self.push(node.body, place.but(scope=function_scope(node, place.scope)))

    def visit_ClassDef(self, node, place):
        place = self.define(node, place, "class")
        self.push(node.bases + node.keywords, place.at("base"))
        self.push(node.body, place.at("class-body", "class body").but(
            scope=class_scope(node, place.scope), prefix=place.prefix + node.name + "."))

    def visit_comprehension_of(self, node, place):
        self.push(node.generators[0].iter, place)
        inner = place.within("comprehension", "comprehension").but(
            scope=comprehension_scope(node, place.scope))
        for generator in node.generators:
            self.push([generator.target] + generator.ifs, inner)
        self.push([generator.iter for generator in node.generators[1:]], inner)
        self.push([getattr(node, part, None) for part in ("elt", "key", "value")], inner)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_comprehension_of

    # --- annotations ---

    def visit_AnnAssign(self, node, place):
        self.push([node.target, node.value], place)
        if place.scope.kind in ("module", "class"):  # those of local variables are not evaluated
            self.push(node.annotation, place.at("annotation"))

    def visit_TypeAlias(self, node, place):
        self.push(node.name, place)
        place = place.but(scope=type_parameter_scope(node, place.scope))
        self.push(node.type_params + [node.value], place.at("annotation"))

    def visit_Constant(self, node, place):
        text, line = node.value, place.line or node.lineno
        if not isinstance(text, str) or len(text) > ANNOTATION_CHARACTERS_MAX:
            return
        if place.what == "annotation" and not place.function:
            try:
                tree = compile(text.strip(), "annotation", "eval", _ast.PyCF_ONLY_AST, True)
            except Exception:
                return
            self.push(tree.body, place.but(line=line))
        elif "." in text and all(part.isidentifier() for part in text.split(".")):
            first(self.strings, text, line)

    def visit_Subscript(self, node, place):
        inside = node.slice if type(node.slice).__name__ != "Index" else node.slice.value
        if isinstance(inside, _ast.Name) and inside.id == "__name__" and \
                (dotted(node.value) or ("",))[-1] == "modules":
            self.be_dynamic(node.lineno, "sys.modules[__name__]")
        kind = (dotted(node.value) or ("",))[-1] if place.what == "annotation" else ""
        self.push(node.value, place)
        if kind == "Annotated" and isinstance(inside, _ast.Tuple):
            self.push(inside.elts[:1], place)
            self.push(inside.elts[1:], place.at("annotation", kind))
        else:
            self.push(inside, place.at("annotation", kind) if kind == "Literal" else place)

    # --- statements ---

    def visit_If(self, node, place):
        self.push(node.test, place)
        body = other = place
        if place.scope.kind == "module":
            branch = place.inside or ("conditional", "inside if", node.lineno)
            body = other = place.but(inside=branch)
            if is_type_checking_test(node.test):
                body = place.but(inside=("type-checking", "inside if TYPE_CHECKING", node.lineno))
        self.push(node.body, body)
        self.push(node.orelse, other)

    def visit_Call(self, node, place):
        name = node.func.id if isinstance(node.func, _ast.Name) else ""
        if name in ("vars", "locals") and not node.args and not place.function:
            self.be_dynamic(node.lineno, name)
        if len(node.args) > 1 and isinstance(node.args[1], _ast.Constant):
            chain, text = dotted(node.args[0]), node.args[1].value
            if chain and isinstance(text, str) and text.isidentifier():
                first(self.named, (chain, text), node.lineno)
        self.visit_children(node, place)

    def visit_Import(self, node, place):
        for alias in node.names:
            self.import_name(node, place, 0, alias.name, alias)
            whole = alias.name if alias.asname else alias.name.partition(".")[0]
            self.alias(alias.asname or whole, 0, whole, place)

    def visit_ImportFrom(self, node, place):
        level, module = node.level or 0, node.module or ""
        for alias in node.names:
            self.import_name(node, place, level, module, alias)
            first(self.reaches, (level, module, alias.name, "imported"), node.lineno)
            self.alias(alias.asname or alias.name, level, (module + "." + alias.name).strip("."),
                       place)

    def alias(self, name, level, module, place):
        self.aliases.setdefault(name, set()).add((level, module))
        for owner in place.owners if place.function else ():
            for part in module.split("."):
                owner.refer(part)
                owner.qualified.add(part)

    def import_name(self, node, place, level, module, alias):
        if module == "__future__":
            return
        statement = Statement(node, level, module, alias)
        if statement.bound:
            self.bind(statement.bound, place.scope, node.lineno, "imported again")
        if place.scope.kind == "module":
            statement.inside = place.inside
            self.statements.append(statement)


def first(lines, key, line):
    """Keeps the smallest line of each key."""
    lines[key] = min(line, lines.get(key, line))


def is_type_checking_test(test):
    """`TYPE_CHECKING`, `typing.TYPE_CHECKING`, or one of them and something else."""
    if isinstance(test, _ast.BoolOp) and isinstance(test.op, _ast.And):
        return any(map(is_type_checking_test, test.values))
    return (dotted(test) or ("",))[-1] == "TYPE_CHECKING"
