"""Which names of a user's file are taken from outside of it: by its __all__, by other files of the
user that import, read, or patch them. And the verdict on each import with all of that known."""
import os

# Strongest first: what decides about an import when several hold.
USES_AT_LOADING = ("module", "decorator", "base", "default", "class-body", "comprehension",
                   "annotation")
WHAT_COMPUTES = frozenset(("dir", "globals", "vars", "locals"))


def stem_of(path):
    """("app", "pkg", "helpers") for /app/pkg/helpers.py, and for /app/pkg/helpers/__init__.py."""
    parts = os.path.normpath(path).rpartition(".")[0].strip("/").split("/")
    return tuple(parts[:-1] if parts[-1] == "__init__" else parts)


def exported_by_all(tree):
    """({name: line}, line of an __all__ that is computed or 0)."""
    names, computed = {}, 0
    for statement in tree.body:
        if not concerns_all(statement):
            continue
        for node in descendants(statement):
            if isinstance(node, _ast.Constant) and isinstance(node.value, str):
                names.setdefault(node.value, node.lineno)
            elif isinstance(node, COMPREHENSIONS) or (isinstance(node, _ast.Name)
                                                      and node.id in WHAT_COMPUTES):
                computed = statement.lineno
    return names, computed


def concerns_all(statement):
    """An assignment to __all__, or a call of one of its methods."""
    if isinstance(statement, _ast.Expr) and isinstance(statement.value, _ast.Call):
        return (dotted(statement.value.func) or ("",))[0] == "__all__"
    targets = getattr(statement, "targets", [getattr(statement, "target", None)])
    return any(isinstance(target, _ast.Name) and target.id == "__all__" for target in targets)


def reaches_of(uses):
    """{(level, dotted module, name, how): line} of all looks into what may be another file."""
    found = dict(uses.reaches)

    def look(level, parts, line, how):
        for cut in range(1 if level == 0 else 0, len(parts)):
            first(found, (level, ".".join(parts[:cut]), parts[cut], how), line)

    for (base, *attributes), line in uses.chains.items():
        for level, module in uses.aliases.get(base, ()):
            look(level, [part for part in module.split(".") if part] + attributes, line, "used")
    for (chain, text), line in uses.named.items():
        for level, module in uses.aliases.get(chain[0], ()):
            parts = [part for part in module.split(".") if part] + list(chain[1:])
            first(found, (level, ".".join(parts), text, "named"), line)
    for text, line in uses.strings.items():
        look(0, text.split("."), line, "named")
    return found


class Exports:
    """Looks from all files, by the name looked for."""

    def __init__(self):
        self.missing = 0  # files that were not looked into
        self.looks = {}  # name -> [(level, parts of the module, path, line, how)]

    def add(self, path, uses):
        for (level, module, name, how), line in reaches_of(uses).items():
            parts = tuple(part for part in module.split(".") if part)
            self.looks.setdefault(name, []).append((level, parts, path, line, how))

    def looks_at(self, path, name):
        """(words, path, line, how) of each look of another file at that name of the one at path.
        Who imports it comes first, as it needs it at once; who reads or patches it, later."""
        stem, found = stem_of(path), []
        public = [("*", "imported with * ")] if not name.startswith("_") else []
        for rank, (wanted, words) in enumerate([(name, "")] + public):
            for level, parts, looker, line, how in self.looks.get(wanted, ()):
                if looker != path and names_file(level, parts, looker, stem):
                    found.append((how != "imported", rank, level, parts, looker, line,
                                  words or how + " ", how))
        for *_, looker, line, words, how in sorted(found):
            yield words, looker, line, how

    def find(self, path, name):
        """"imported in bp.py at line 3", or "" when no other file takes name from that at path."""
        for words, looker, line, _ in self.looks_at(path, name):
            return f"{words}in {os.path.basename(looker)} at line {line}"
        return f"{self.missing} files not looked into" if self.missing else ""


def names_file(level, parts, looker, stem):
    """Does `from (level dots) parts import …` in looker mean the file with that stem?"""
    if level:
        folder = tuple(os.path.dirname(os.path.normpath(looker)).strip("/").split("/"))
        return len(folder) >= level and folder[:len(folder) - level + 1] + parts == stem
    return bool(parts) and stem[-len(parts):] == parts


class Verdict:
    """What one import of a user's file comes to; see struct thaw_inventory_statement."""

    def __init__(self, statement, uses, outside):
        self.statement = statement
        found = uses.uses.get(statement.bound, {}) if statement.bound else {}
        self.functions = sorted({function for _, _, function in found if function})
        self.attributes = sorted(uses.attributes.get(statement.bound, ()))
        self.use, self.detail = (
            self.of_statement(uses) or self.at_loading(found) or self.of_file(uses, outside)
            or self.in_functions(found) or ("none", "not used in this file"))

    def of_statement(self, uses):
        statement = self.statement
        if statement.lazy:
            return "lazy", f"lazy import at line {statement.line}"
        if not statement.bound:
            return "star", f"import * at line {statement.line}"
        if statement.inside:
            word, what, line = statement.inside
            return word, f"{what} at line {line}"
        others = sorted(uses.bindings[statement.bound])
        others.remove((statement.line, "imported again"))
        if others:
            line, what = others[0]
            return "global", f"{what} at line {line}"
        return None

    @staticmethod
    def at_loading(found):
        for wanted in USES_AT_LOADING:
            lines = [(line, what) for (word, what, _), line in found.items() if word == wanted]
            if lines:
                line, what = min(lines)
                return wanted, f"{what} at line {line}"
        return None

    @staticmethod
    def of_file(uses, outside):
        if uses.dynamic:
            line, what = uses.dynamic
            return "dynamic", f"{what} at line {line}"
        return ("exported", outside) if outside else None

    @staticmethod
    def in_functions(found):
        lines = [line for (_, _, function), line in found.items() if function]
        return ("functions", f"first used at line {min(lines)}") if lines else None


def verdicts(path, tree, uses, exports):
    names, computed = exported_by_all(tree)
    for statement in sorted(uses.statements, key=lambda one: (one.line, one.column)):
        outside = ""
        if statement.bound in names:
            outside = f"in __all__ at line {names[statement.bound]}"
        elif computed and statement.bound:
            outside = f"__all__ is computed at line {computed}"
        elif statement.bound:
            outside = exports.find(path, statement.bound)
        yield Verdict(statement, uses, outside)
