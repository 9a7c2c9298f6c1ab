"""May an import wait, and where does it go? What the rules say of one import of a file, and of the
functions that use it. Part of the rewriter, see source_rewrite.py."""
import re

# What these decorators make of a function is compiled by somebody else, who takes no import in it.
COMPILING = frozenset(("jit", "njit", "vectorize", "guvectorize", "stencil", "cfunc", "script",
                       "generated_jit", "kernel"))
LOOK_AT_LOCALS = frozenset(("locals", "vars", "dir"))
WORDS = {
    "star": "it binds names that are not written in it",
    "none": "unused, or there for its side effect",
    "conditional": "it stands under a condition",
    "type-checking": "it is not executed",
    "lazy": "it is lazy already",
}


class Move:
    """One name on its way: form is "function", "getattr", "lazy" or "lazy-modules"."""

    def __init__(self, statement, node, index, form):
        self.name, self.node, self.index, self.form = statement.bound, node, index, form
        self.functions = {}  # node of the function: its qualified name
        self.note = ""


class Exported(Exports):
    """Looks from other files, and which of them happen as a file is loaded."""

    def __init__(self):
        super().__init__()
        self.loading = {}  # path -> lines of its imports at module level

    def add(self, path, uses):
        self.loading[path] = {statement.line for statement in uses.statements}
        super().add(path, uses)


def is_docstring(statement):
    return isinstance(statement, _ast.Expr) and isinstance(statement.value, _ast.Constant) and \
        isinstance(statement.value.value, str)


def first_row(statement):
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno] + [decorator.lineno for decorator in decorators])


def body_place(text, function):
    """(rows before the first statement of a function's body that is no docstring, indentation)."""
    body, name = function.body, function.name
    row = first_row(body[0])
    indentation = text.row(row)[:len(text.row(row)) - len(text.row(row).lstrip(" \t"))]
    prefix = text.row(row).encode("utf-8")[:body[0].col_offset]
    if row == function.lineno or (row == body[0].lineno and prefix.strip()):
        raise Refused("one-line", f"{name}() has its body behind the colon", row)
    if is_docstring(body[0]):
        row = body[0].end_lineno
        behind = text.row(row).encode("utf-8")[body[0].end_col_offset:].strip()
        if behind and not behind.startswith(b"#"):
            raise Refused("one-line", f"another statement stands at line {row}", row)
        return row, indentation
    above = text.row(row - 1).strip()
    while row - 1 > function.lineno and (not above or above.startswith("#")) \
            and not re.match(r"#\s*type:", above):
        row -= 1
        above = text.row(row - 1).strip()
    if above.endswith("\\"):
        raise Refused("layout", f"line {row} continues the one before", row)
    return row - 1, indentation


def annotations_in(function):
    """The annotations of what is nested in a function."""
    for node in descendants(function):
        if isinstance(node, FUNCTIONS) and node is not function:
            yield from [one.annotation for one in parameters(node.args) if one.annotation]
            if node.returns:
                yield node.returns
        elif isinstance(node, _ast.ClassDef):
            yield from [one.annotation for one in node.body if isinstance(one, _ast.AnnAssign)]


def has_text(annotation, name, are_texts):
    """Is name read from that annotation as a text, when someone asks for the types?"""
    for node in descendants(annotation):
        if isinstance(node, _ast.Name) and node.id == name and are_texts:
            return True
        if isinstance(node, _ast.Constant) and isinstance(node.value, str) and \
                re.search(rf"\b{re.escape(name)}\b", node.value):
            return True
    return False


def check_function(text, function, name, are_texts):
    """Refuses a function in which a local name can't take the module's place."""
    body_place(text, function)
    for decorator in function.decorator_list:
        if (dotted(getattr(decorator, "func", decorator)) or ("",))[-1] in COMPILING:
            raise Refused("compiled", f"{function.name}() is compiled by its decorator",
                          decorator.lineno)
    for node in descendants(function):
        if isinstance(node, _ast.Call) and isinstance(node.func, _ast.Name) and \
                node.func.id in LOOK_AT_LOCALS and not node.args:
            raise Refused("dynamic", f"{node.func.id}() at line {node.lineno} would see it",
                          node.lineno)
        if isinstance(node, _ast.ClassDef) and name in own_names(node.body)[0]:
            raise Refused("global", f"the class at line {node.lineno} binds it, too", node.lineno)
    for annotation in annotations_in(function):
        if has_text(annotation, name, are_texts):
            raise Refused("annotation", f"annotation at line {annotation.lineno}",
                          annotation.lineno)


class Rules:
    """Decides about the imports of one file."""

    def __init__(self, path, source, text, exports, form):
        self.path, self.source, self.text = path, source, text
        self.exports, self.form = exports, form
        self.names, self.computed = exported_by_all(source.tree)
        self.are_texts = any(isinstance(node, _ast.ImportFrom) and node.module == "__future__" and
                             any(alias.name == "annotations" for alias in node.names)
                             for node in source.tree.body)

    def decide(self, verdict, node, index, wanted, moved):
        """The move of one name, or Refused. wanted: {(line, name)} asked for; moved: {(path, line,
        name)} of all files, that go as far as is known."""
        statement = verdict.statement
        if verdict.use == "global":
            verdict = self.of_group(verdict, wanted)
        if verdict.use not in ("functions", "exported"):
            self.refuse(verdict)
        form = self.form
        if verdict.use == "exported":
            self.check_outside(statement, moved)
            form = "getattr" if form == "function" else form
        if form == "getattr" and "__getattr__" in self.source.uses.bindings:
            raise Refused("exported", verdict.detail + ", and the module has a __getattr__ already")
        move = Move(statement, node, index, form)
        move.functions = self.source.uses.users.get(move.name, {})
        if form in ("function", "getattr"):
            self.check_functions(move)
        elif form == "lazy-modules":
            self.check_lazy_modules(statement)
        return move

    @staticmethod
    def refuse(verdict):
        found = re.search(r"at line (\d+)", verdict.detail)
        detail = verdict.detail
        if verdict.use in WORDS:
            detail = f"{WORDS[verdict.use]}: {detail}"
        elif detail.startswith("lambda"):
            detail += "; a def in its place could import it itself"
        raise Refused("unused" if verdict.use == "none" else verdict.use, detail,
                      int(found.group(1)) if found else 0)

    def of_group(self, verdict, wanted):
        """`import a.b` and `import a.c` bind one name: they go together, or not at all."""
        name, uses = verdict.statement.bound, self.source.uses
        lines = [node.lineno for node in self.source.tree.body if isinstance(node, _ast.Import)
                 for alias in node.names
                 if not alias.asname and alias.name.partition(".")[0] == name]
        bindings = uses.bindings[name]
        if len(lines) < 2 or sorted(bindings) != [(line, "imported again")
                                                  for line in sorted(lines)]:
            return verdict
        other = [line for line in lines if (line, name) not in wanted]
        if other:
            raise Refused("global", f"line {other[0]} binds the same name and was not chosen",
                          other[0])
        outside = self.exports.find(self.path, name)
        found = uses.uses.get(name, {})
        if name in self.names:
            outside = f"in __all__ at line {self.names[name]}"
        verdict.use, verdict.detail = (
            verdict.at_loading(found) or verdict.of_file(uses, outside)
            or verdict.in_functions(found) or ("none", "not used in this file"))
        return verdict

    def check_outside(self, statement, moved):
        name = statement.bound
        if name in self.names or self.computed:
            raise Refused("exported", "in __all__ at line "
                          f"{self.names.get(name) or self.computed}",
                          self.names.get(name) or self.computed)
        if self.exports.missing:
            raise Refused("exported", f"{self.exports.missing} files of the app could not be "
                                      "looked into")
        for words, looker, line, how in self.exports.looks_at(self.path, name):
            at_loading = line in self.exports.loading.get(looker, ())
            if words.startswith("imported with") or (
                    how == "imported" and at_loading and (looker, line, name) not in moved):
                raise Refused("exported", f"{words}in {os.path.basename(looker)} at line {line}, "
                                          "which would load it at once: move that first")

    def check_functions(self, move):
        if move.name.startswith("__"):
            raise Refused("layout", "such a name means another one in a class")
        for function, qualified in move.functions.items():
            check_function(self.text, function, move.name, self.are_texts)
            if isinstance(function, _ast.AsyncFunctionDef) and not move.note:
                move.note = f"{qualified}() is async: its first call holds the event loop up " \
                            "while the import lasts"

    def check_lazy_modules(self, statement):
        if statement.level:
            raise Refused("relative", "__lazy_modules__ takes full names only", statement.line)
        if "__lazy_modules__" in self.source.uses.bindings:
            raise Refused("lazy", "the file has __lazy_modules__ already: add it there by hand")
