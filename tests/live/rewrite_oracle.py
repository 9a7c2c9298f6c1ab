"""Holds a changed file against the original, by what CPython's own ast, symtable and tokenize say:
rewrite_oracle.py '[[ORIGINAL, CHANGED, [NAME...]]...]'  (the names that moved). Prints the faults of
each pair as JSON."""
import ast
import collections
import io
import json
import symtable
import sys
import tokenize

ADDED = ("__getattr__", "__lazy_modules__")


class WithoutImports(ast.NodeTransformer):
    """Takes out imports, and what is written for those of PEP 562."""

    def __init__(self, names):
        self.names = names

    def visit_Import(self, node):
        return None

    visit_ImportFrom = visit_Import

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        return None if node.name in ADDED else node

    def visit_Assign(self, node):
        self.generic_visit(node)
        target = getattr(node.targets[0], "id", "")
        is_taken = target in self.names and isinstance(node.value, ast.IfExp)
        return None if target in ADDED or is_taken else node


def top_names(tree):
    return collections.Counter(
        (getattr(node, "module", None), alias.name, alias.asname) for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom)) for alias in node.names)


def bound(entry):
    module, name, alias = entry
    return alias or (name if module is not None else name.partition(".")[0])


def comments(data):
    return collections.Counter(token.string for token in tokenize.tokenize(io.BytesIO(data).readline)
                               if token.type == tokenize.COMMENT)


def tables(table):
    yield table
    for child in table.get_children():
        yield from tables(child)


def faults(old, new, names):
    before, after = ast.parse(old), ast.parse(new)
    gone = top_names(before) - top_names(after)
    if {bound(entry) for entry in gone} != set(names):
        yield f"imports that left: {gone}"
    if top_names(after) - top_names(before):
        yield "imports that came"
    if ast.dump(WithoutImports(names).visit(before)) != ast.dump(WithoutImports(names).visit(after)):
        yield "another statement differs"
    if comments(old) - comments(new):
        yield f"comments lost: {comments(old) - comments(new)}"
    if old.count(b"\r\n") and new.count(b"\n") != new.count(b"\r\n"):
        yield "line ends are mixed"
    for table in tables(symtable.symtable(new, "new", "exec")):
        for symbol in table.get_symbols():
            if symbol.get_name() in names and symbol.is_referenced() and \
                    (symbol.is_global() or table.get_type() == "module"):
                yield f"{symbol.get_name()} is the module's in {table.get_name()}"


def faults_of(original, changed, names):
    with open(original, "rb") as old, open(changed, "rb") as new:
        return list(faults(old.read(), new.read(), names))


print(json.dumps([faults_of(*pair) for pair in json.loads(sys.argv[1])]))
