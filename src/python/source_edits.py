"""Changes the text of a file: takes names out of its imports and writes them where they go. Part of
the rewriter, see source_rewrite.py."""

GETATTR_HEAD = ['def __getattr__(name):',
                '    """Imports what other files take from this module, when they first do."""']
GETATTR_END = '    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")'
GETTER_CHARACTERS_MAX = 1000


class Edits:
    def __init__(self, text, tree, moves):
        self.text, self.tree, self.moves, self.rows = text, tree, moves, []
        self.parts = {move.node: Parts(text, move.node) for move in moves}

    def of_node(self, node):
        return sorted((move for move in self.moves if move.node is node),
                      key=lambda move: move.index)

    def nodes(self):
        return sorted(self.parts, key=lambda node: node.lineno)

    def is_whole(self, node):
        return len(self.of_node(node)) == len(node.names)

    def lines_for(self, node, moves, keyword=""):
        return self.parts[node].written([move.index for move in moves], self.is_whole(node),
                                        keyword)

    def take_out(self, node, instead=()):
        """The statement without what goes; the lines `instead` behind it."""
        kept = self.parts[node].remainder([move.index for move in self.of_node(node)])
        self.rows.append((node.lineno - 1, node.end_lineno, kept + list(instead)))

    # --- into functions ---

    def into_functions(self):
        functions = {}
        for node in self.nodes():
            self.take_out(node)
            for move in self.of_node(node):
                for function in move.functions:
                    functions.setdefault(function, {}).setdefault(node, []).append(move)
        for function, needed in functions.items():
            place, indentation = body_place(self.text, function)
            lines = []
            for node, moves in needed.items():
                plain = [move for move in moves if move.form == "function"]
                if plain:
                    lines += self.lines_for(node, plain)
                lines += [f'{move.name} = globals()["{move.name}"] if "{move.name}" in globals() '
                          f'else __getattr__("{move.name}")'
                          for move in moves if move.form == "getattr"]
            lines = list(dict.fromkeys(lines))
            self.rows.append((place, place, new_lines(lines, indentation,
                                                      self.text.end_at(first_row(function)))))
        self.add_getattr([move for move in self.moves if move.form == "getattr"])

    def add_getattr(self, moves):
        if not moves:
            return
        lines, place = list(GETATTR_HEAD), self.behind_imports(moves[0].node)
        for name in dict.fromkeys(move.name for move in moves):
            lines.append(f'    if name == "{name}":')
            for node in self.nodes():
                here = [move for move in moves if move.node is node and move.name == name]
                if here:
                    lines += ["        " + line for line in self.lines_for(node, here)]
            lines += [f'        globals()["{name}"] = {name}', f"        return {name}"]
        lines.append(GETATTR_END)
        rest = self.text.lines[place:]
        behind = ["", ""] if rest and rest[0].strip() else []
        self.rows.append((place, place, new_lines(["", ""] + lines + behind, "",
                                                  self.text.end_at(max(place, 1)))))

    def behind_imports(self, node):
        """Rows before the end of the imports at the top of the file, node's at least."""
        place = node.end_lineno
        for statement in self.tree.body:
            if not isinstance(statement, IMPORTS) and not is_docstring(statement):
                break
            place = max(place, statement.end_lineno)
        return place

    # --- lazy where they stand ---

    def make_lazy(self):
        for node in self.nodes():
            if self.is_whole(node):
                first_line = Line("lazy " + self.text.row(node.lineno))
                first_line.new = True
                self.rows.append((node.lineno - 1, node.lineno, [first_line]))
            else:
                lines = self.lines_for(node, self.of_node(node), "lazy ")
                self.take_out(node, new_lines(lines, "", self.text.end_at(node.lineno)))

    def list_lazy_modules(self):
        names = dict.fromkeys(module_of(move) for node in self.nodes()
                              for move in self.of_node(node))
        place = self.nodes()[0].lineno - 1
        line = "__lazy_modules__ = [" + ", ".join(f'"{name}"' for name in names) + "]"
        self.rows.append((place, place, new_lines([line], "", self.text.end_at(place + 1))))


def edit(text, tree, moves):
    edits = Edits(text, tree, moves)
    if moves[0].form == "lazy":
        edits.make_lazy()
    elif moves[0].form == "lazy-modules":
        edits.list_lazy_modules()
    else:
        edits.into_functions()
    text.apply(edits.rows)


def import_lines(source, name):
    """How the file imports a name; [] when not just once."""
    for node in source.tree.body:
        if isinstance(node, IMPORTS):
            for alias in node.names:
                if (alias.asname or alias.name.partition(".")[0]) == name:
                    head = "import " if isinstance(node, _ast.Import) else \
                        f"from {'.' * (node.level or 0)}{node.module or ''} import "
                    return [head + alias.name + (f" as {alias.asname}" if alias.asname else "")]
    return []


def getter_of(source, data, name):
    """A function that makes what a module makes of an import as it is loaded, once: for a client
    like `session = requests.Session()`. "" when that is not what the module does with it."""
    uses = [(line, word) for (word, _, _), line in source.uses.uses.get(name, {}).items()
            if word != "functions"]
    for node in source.tree.body:
        if not (isinstance(node, _ast.Assign) and len(uses) == 1 and uses[0][1] == "module" and
                len(node.targets) == 1 and isinstance(node.targets[0], _ast.Name) and
                isinstance(node.value, _ast.Call) and
                (dotted(node.value.func) or ("",))[0] == name and
                node.lineno <= uses[0][0] <= node.end_lineno):
            continue
        rows = data.split(b"\n")[node.value.lineno - 1:node.value.end_lineno]
        rows[-1] = rows[-1][:node.value.end_col_offset]
        rows[0] = rows[0][node.value.col_offset:]
        made = b"\n".join(rows).decode("utf-8", "replace").replace("\r", "")
        target = node.targets[0].id
        if len(made) > GETTER_CHARACTERS_MAX:
            return ""
        return "\n".join([
            "@functools.lru_cache(maxsize=None)", f"def get_{target}():",
            *("    " + line for line in import_lines(source, name)), f"    return {made}",
            f"# and get_{target}() for each {target}; a setting that is missing then fails at the "
            "first call"])
    return ""
