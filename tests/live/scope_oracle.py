"""Who uses imported names according to CPython's own symbol tables: an oracle for source_uses.py.
Not a test by itself: executed behind the helper's library by every Python from 3.9 on, given paths
on stdin; prints [files, names compared, differences] as JSON.

Annotations are taken out first: the helper counts them whether they are evaluated or not, CPython's
tables differ about them from version to version. Names that a class binds as well are left out: the
helper counts their use in the class, which may be the class's own."""
import ast
import json
import symtable

EXPRESSIONS = {"lambda", "genexpr", "listcomp", "setcomp", "dictcomp"}
INLINED = sys.version_info >= (3, 12)  # comprehensions have no table, at module level not at all


class WithoutAnnotations(ast.NodeTransformer):
    def visit_arg(self, node):
        node.annotation = None
        return node

    def visit_FunctionDef(self, node):
        node.returns = None
        return self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_AnnAssign(self, node):
        node = self.generic_visit(node)
        value = node.value or ast.Constant(None)
        return ast.copy_location(ast.Assign(targets=[node.target], value=value, type_comment=None),
                                 node)


def plain_source(source):
    tree = WithoutAnnotations().visit(ast.parse(source))
    return ast.unparse(ast.fix_missing_locations(tree)).encode("utf-8", "surrogatepass")


def bound_by_classes(tree):
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            found |= own_names(node.body)[0]
    return found


def by_tables(table, found, function="", prefix=""):
    """Adds {name: {outermost function that loads the module's, "" for the module itself}}."""
    kind, name = str(table.get_type()).rpartition(".")[2].lower(), table.get_name()
    if kind == "function" and name not in EXPRESSIONS and not function:
        function = prefix + name
    if kind == "class":
        prefix += name + "."
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (symbol.is_global() or kind == "module"):
            found.setdefault(symbol.get_name(), set()).add(function)
    for child in table.get_children():
        by_tables(child, found, function, prefix)


def compare(path):
    with open(path, "rb") as file:
        try:
            source = plain_source(file.read())
        except (SyntaxError, ValueError):
            return None
    uses, wanted = Uses(ast.parse(source)), {}
    by_tables(symtable.symtable(source, path, "exec"), wanted)
    names = {one.bound for one in uses.statements} - bound_by_classes(ast.parse(source)) - {""}
    wrong = []
    for name in sorted(names):
        told = {function for _, _, function in uses.uses.get(name, ())}
        differing = told ^ wanted.get(name, set())
        if differing - ({""} if INLINED else set()):
            wrong.append("%s: %s in %r" % (path, name, sorted(differing)))
    return len(names), wrong


results = list(filter(None, (compare(os.fsdecode(path))
                             for path in sys.stdin.buffer.read().split(b"\0")[:-1])))
print(json.dumps([len(results), sum(count for count, _ in results),
                  [line for _, wrong in results for line in wrong]]))
