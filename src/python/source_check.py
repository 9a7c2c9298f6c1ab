"""Holds a changed file against the one it was: the same but for the imports that moved, and no
scope still takes a moved name from the module. With CPython's own symbol tables and syntax trees,
not with what decided about the change. Part of the rewriter, see source_rewrite.py."""
import symtable


def parsed(data):
    return compile(data, "source", "exec", _ast.PyCF_ONLY_AST, True)


def drop_moved(tree, moves):
    """Takes out of the old tree what was moved."""
    moved = {}
    for move in moves:
        moved.setdefault((move.node.lineno, move.node.col_offset), set()).add(move.index)
    kept = []
    for statement in tree.body:
        gone = moved.get((statement.lineno, statement.col_offset), ())
        if gone:
            statement.names = [alias for index, alias in enumerate(statement.names)
                               if index not in gone]
        if not gone or statement.names:
            kept.append(statement)
    tree.body = kept


def drop_new(tree, rows):
    """Takes out of the new tree what stands on new rows."""
    for node in descendants(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [one for one in body if first_row(one) not in rows]


def differ(old, new):
    """Are two trees not the same, but for positions?"""
    waiting = [(old, new)]
    while waiting:
        one, other = waiting.pop()
        if type(one) is not type(other):
            return True
        if isinstance(one, _ast.AST):
            waiting += [(getattr(one, field, None), getattr(other, field, None))
                        for field in one._fields]
        elif isinstance(one, list):
            if len(one) != len(other):
                return True
            waiting += zip(one, other)
        elif repr(one) != repr(other):
            return True
    return False


def scopes(table):
    waiting = [table]
    while waiting:
        table = waiting.pop()
        yield table
        waiting += table.get_children()


def still_global(data, names):
    """(line, name) of a scope that takes one of the names from the module, or None."""
    for table in scopes(symtable.symtable(data, "source", "exec")):
        for symbol in table.get_symbols():
            if symbol.get_name() not in names or not symbol.is_referenced():
                continue
            from_module = symbol.is_global() or table.get_type() == "module"
            # A class that binds a name looks for it in itself and the module, in no function.
            if from_module or (table.get_type() == "class" and symbol.is_local()):
                return table.get_lineno(), symbol.get_name()
    return None


def check(before, after, rows, moves):
    """Refuses what is not the same. rows: those of after that are new."""
    compile(after, "source", "exec", 0, True)
    old, new = parsed(before), parsed(after)
    if moves[0].form != "lazy-modules":
        drop_moved(old, moves)
    drop_new(new, rows)
    if differ(old, new):
        raise Refused("check", "something else than imports would change")
    if moves[0].form in ("function", "getattr"):
        found = still_global(after, {move.name for move in moves})
        if found:
            raise Refused("check", f"{found[1]} would still be taken from the module, by what "
                                   f"begins at line {found[0]}")
