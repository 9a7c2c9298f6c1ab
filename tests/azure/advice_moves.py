# SPDX-License-Identifier: Apache-2.0
"""Moves import statements of an app by hand: into the functions that a person named, whether that
is right or not. Nothing here decides anything, so that what comes of it can be held against thaw.
"""
import ast
import os
import shutil
import types

PLAIN = "plain"          # the statement itself, first thing in the functions
ATTRIBUTE = "attribute"  # PEP 562: the name stays the module's attribute, loaded when asked for

GETATTR = """

def __getattr__(name):
    if name not in {names}:
        raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
{imports}
    globals().update({{one: value for one, value in locals().items() if one in {names}}})
    return globals()[name]
"""


class NotThere(Exception):
    """The table names a statement or function that the source lacks."""


def statements(source):
    """Every import that is executed while the module loads, or would be in another branch."""
    found = []

    def look(body):
        for node in body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                found.append(node)
            elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for field in ("body", "orelse", "handlers", "finalbody"):
                    look(getattr(node, field, []))

    look(ast.parse(source).body)
    return found


def find_statement(source, text):
    """The one statement that reads so, comments and line breaks left aside."""
    found = [node for node in statements(source) if ast.unparse(node) == text]
    if len(found) != 1:
        raise NotThere(f"{text}: {len(found)} times")
    return found[0]


def find_function(tree, qualified):
    node = tree
    for name in qualified.split("."):
        node = next((inner for inner in node.body if getattr(inner, "name", None) == name), None)
        if node is None:
            raise NotThere(qualified)
    return node


def bound_names(node):
    return [alias.asname or alias.name.partition(".")[0] for alias in node.names]


def move(source, imports):
    """The source with these imports moved; each has statement, into (functions) and way."""
    tree, lines = ast.parse(source), source.splitlines(keepends=True)
    inserted, lazy = {}, []
    for one in imports:
        node = find_statement(source, one.statement)
        words = [one.statement]
        if one.way == ATTRIBUTE:
            lazy.append(node)
            words = [f"{name} = __import__('sys').modules[__name__].{name}"
                     for name in bound_names(node)]
        for name in one.into:
            body = find_function(tree, name).body
            documented = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
            after = body[0].end_lineno if documented else body[0].lineno - 1
            inserted.setdefault(after, []).extend(
                " " * body[0].col_offset + word + "\n" for word in words)
        for number in range(node.lineno - 1, node.end_lineno):
            lines[number] = "" if number >= node.lineno else node.col_offset * " " + "pass\n"
    for after in sorted(inserted, reverse=True):
        lines[after:after] = inserted[after]
    return "".join(lines) + (getattr_text(lazy) if lazy else "")


def getattr_text(nodes):
    names = tuple(name for node in nodes for name in bound_names(node))
    return GETATTR.format(names=names, imports="\n".join(f"    {ast.unparse(node)}"
                                                         for node in nodes))


def copy_app(app, folder, imports=()):
    """A copy of the app's folder with these imports moved."""
    shutil.copytree(app, folder, ignore=shutil.ignore_patterns("__pycache__", ".python_packages"))
    for name in {one.file for one in imports}:
        path = os.path.join(folder, name)
        with open(path, encoding="utf-8") as file:
            source = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(move(source, [one for one in imports if one.file == name]))
    return folder


def global_reads(source, names):
    """Those of the names that compiled code still looks for in the module, and where."""
    reads = set()

    def look(code):
        loaded = set(code.co_names)
        reads.update((name, code.co_name) for name in names if name in loaded
                     and any(op[0] in ("LOAD_GLOBAL", "LOAD_NAME") and op[1] == name
                             for op in operations(code)))
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                look(constant)

    look(compile(source, "moved", "exec"))
    return sorted(reads)


def operations(code):
    import dis
    return [(one.opname, one.argval) for one in dis.get_instructions(code)]
