"""Reads imports from syntax trees, as an oracle for those read from bytecode. Not a test by itself:
it is executed behind src/python/import_scan.py by every Python of the machine, given paths on
stdin, and prints [files compared, differences] as JSON. All that is known about conditions is what
the compiler knows too: constants, and that TYPE_CHECKING and __name__ == "__main__" are false."""
import ast
import json


def truth(test):
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.Name):
        return {"TYPE_CHECKING": False, "__debug__": True}.get(test.id)
    if isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING":
        return False
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        value = truth(test.operand)
        return None if value is None else not value
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Eq):
        sides = [getattr(side, "id", getattr(side, "value", None))
                 for side in (test.left, *test.comparators)]
        return False if sorted(map(str, sides)) == ["__main__", "__name__"] else None
    if isinstance(test, ast.BoolOp):
        values, decides = list(map(truth, test.values)), isinstance(test.op, ast.Or)
        if decides in values:
            return decides
        return None if None in values else not decides
    return None


def statements_within(statement):
    if isinstance(statement, ast.If):
        value = truth(statement.test)
        return ([] if value is False else [statement.body]) + \
            ([] if value is True else [statement.orelse])
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return []
    bodies = [getattr(statement, field, []) for field in ("body", "orelse", "finalbody")]
    return bodies + [part.body for field in ("handlers", "cases")
                     for part in getattr(statement, field, [])]


def imports_in(statements):
    for statement in statements:
        if getattr(statement, "is_lazy", 0):
            continue
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                yield statement.lineno, 0, alias.name, ()
        elif isinstance(statement, ast.ImportFrom):
            yield (statement.lineno, statement.level, statement.module or "",
                   tuple(alias.name for alias in statement.names))
        for body in statements_within(statement):
            yield from imports_in(body)
        if isinstance(statement, ast.Raise):
            return  # the compiler leaves out what can't be reached


def by_tree(source):
    found = {}
    for line, *what in imports_in(ast.parse(source).body):
        found[tuple(what)] = min(line, found.get(tuple(what), line))
    return found


def by_code(code):
    return {tuple(what): line for line, *what in code_imports(code)}


def compare(path):
    """A difference as text, "" for none; None when the source does not compile here."""
    with open(path, "rb") as file:
        source = file.read()
    try:
        wanted = by_tree(source)
        compiled = by_code(compile(source, path, "exec", dont_inherit=True))
    except (SyntaxError, ValueError):
        return None
    stored = by_code(code_of(path))
    if compiled == stored == wanted:
        return ""
    return "%s: %r" % (path, sorted((set(wanted.items()) ^ set(compiled.items()))
                                    | (set(wanted.items()) ^ set(stored.items())))[:6])


results = [compare(os.fsdecode(path)) for path in sys.stdin.buffer.read().split(b"\0")[:-1]]
print(json.dumps([sum(result is not None for result in results), list(filter(None, results))]))
