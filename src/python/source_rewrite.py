"""The rewriter: told imports at the top of a user's files, it writes the files so that they are
executed when they are needed first. Nothing of the user's is imported or executed. thaw runs it as
`python -I -S -B -c SCRIPT` on CPython 3.8 to 3.15; SCRIPT is this file behind the source helper's
(source_helper.py), source_text.py, source_moves.py, source_edits.py and source_check.py, all in one
namespace.

Input: texts, each ended by a NUL, but for the bytes of files:
    FORM ROOT    form "auto", "function", "lazy" or "lazy-modules"; the app's folder
    f PATH LENGTH BYTES    a file below the root
    n LINE MODULE NAME     of the file before: the import at that line of that module, as that name

Output: lines of JSON, each a list, files by their index in the input:
    ["moved", file, line, name, form, [functions], note]   form "function", "getattr", "lazy" or
                                                           "lazy-modules"
    ["refused", file, line, name, kind, detail, line of the reason or 0]
    ["getter", file, line, name, text]   what could be written by hand instead, in no file
    ["changed", file, bytes, difference]   its new content and a unified diff, both as latin-1
    ["end"]
A file whose new content doesn't stand the check (source_check.py) is not changed at all."""
import difflib

SUPPORTED_LAZY = (3, 15)


class Wanted:
    def __init__(self, line, module, name):
        self.line, self.module, self.name = line, module, name
        self.move = self.refusal = None


class Subject:
    """A file that is to be changed."""

    def __init__(self, path, data):
        self.path, self.data, self.wanted = os.path.normpath(path), data, []
        self.source = self.text = self.rules = None
        self.failure = None

    def open(self, exports, form):
        try:
            self.text = Text(self.data)
            self.source = Source(self.path, self.data)
            self.rules = Rules(self.path, self.source, self.text, exports, form)
            exports.add(self.path, self.source.uses)
        except Refused as refusal:
            self.failure = refusal
        except Exception as error:
            self.failure = Refused("unreadable", type(error).__name__,
                                   getattr(error, "lineno", None) or 0)


def statements_of(subject, exports):
    """{(line, name): [(verdict, node, index)]} of the imports at module level."""
    nodes = {(node.lineno, node.col_offset): node for node in subject.source.tree.body
             if isinstance(node, IMPORTS)}
    found, counts = {}, {}
    for verdict in verdicts(subject.path, subject.source.tree, subject.source.uses, exports):
        one = verdict.statement
        place = (one.line, one.column)
        index = counts.get(place, 0)
        counts[place] = index + 1
        found.setdefault((one.line, one.bound), []).append((verdict, nodes.get(place), index))
    return found


def decide_one(subject, wanted, found, chosen, moved):
    if subject.failure:
        raise subject.failure
    rows = [row for row in found.get((wanted.line, wanted.name), ())
            if row[0].statement.module == wanted.module]
    if not rows:
        raise Refused("changed", f"line {wanted.line} imports no {wanted.name or '*'} of "
                                 f"{wanted.module or 'that package'} any more", wanted.line)
    if len(rows) > 1:
        raise Refused("global", f"bound twice at line {wanted.line}", wanted.line)
    verdict, node, index = rows[0]
    if node is None:
        subject.rules.refuse(verdict)
    wanted.getter = verdict.use == "module" and getter_of(subject.source, subject.data, wanted.name)
    return subject.rules.decide(verdict, node, index, chosen, moved)


def decide_all(subjects, exports):
    """What waits for another file's import to go first may go in the next round."""
    moved, before = set(), None
    while moved != before:
        before = set(moved)
        for subject in subjects:
            found = {} if subject.failure else statements_of(subject, exports)
            chosen = {(wanted.line, wanted.name) for wanted in subject.wanted}
            for wanted in subject.wanted:
                wanted.move = wanted.refusal = wanted.getter = None
                try:
                    wanted.move = decide_one(subject, wanted, found, chosen, moved)
                    moved.add((subject.path, wanted.line, wanted.name))
                except Refused as refusal:
                    wanted.refusal = refusal
                except Exception as error:
                    wanted.refusal = Refused("unreadable", type(error).__name__)
            settle(subject)


def settle(subject):
    """What can't go alone: names of one dotted import, modules of __lazy_modules__."""
    groups = {}
    for wanted in subject.wanted:
        groups.setdefault(group_of(wanted), []).append(wanted)
    for group in groups.values():
        refused = [wanted for wanted in group if wanted.refusal]
        for wanted in group:
            if refused and wanted.move:
                first_one = refused[0]
                wanted.move, wanted.refusal = None, Refused(
                    "global", f"{first_one.name} at line {first_one.line} can't go with it",
                    first_one.line)
    modules = {}
    for wanted in subject.wanted:
        if wanted.move and wanted.move.form == "lazy-modules":
            modules.setdefault(module_of(wanted.move), []).append(wanted)
    for module, group in modules.items():
        lines = [statement for statement in subject.source.uses.statements
                 if full_module(statement) == module and not statement.inside]
        if len(lines) > len(group):
            for wanted in group:
                wanted.move, wanted.refusal = None, Refused(
                    "lazy", f"{module} is imported for something else, too: __lazy_modules__ is "
                            "for all of it")


def group_of(wanted):
    """Plain imports that bind one name make a group; any other name is its own."""
    return wanted.name


def module_of(move):
    node = move.node
    return node.module if isinstance(node, _ast.ImportFrom) else node.names[move.index].name


def full_module(statement):
    return "" if statement.level else statement.module


def quoted_path(path):
    """As git writes it in a diff's head."""
    data = os.fsencode(path)
    if all(32 <= byte < 127 and byte not in b'"\\' for byte in data):
        return data.decode("ascii") + ("\t" if b" " in data else "")
    names = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}
    return '"' + "".join("\\" + names[byte] if byte in names else
                         chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"
                         for byte in data) + '"'


def difference(name, old, new):
    """A unified diff of two contents, as latin-1."""
    def rows(data):
        parts = data.decode("latin-1").split("\n")
        return [part + "\n" for part in parts[:-1]] + [parts[-1]] * bool(parts[-1])

    lines = difflib.unified_diff(rows(old), rows(new), quoted_path("a/" + name),
                                 quoted_path("b/" + name))
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"
                   for line in lines)


def change(subject):
    """The new bytes of a file, checked."""
    moves = [wanted.move for wanted in subject.wanted if wanted.move]
    edit(subject.text, subject.source.tree, moves)
    data = subject.text.encoded()
    check(subject.data, data, subject.text.new_rows(), moves)
    return data


def rows_of(file, subject, root):
    changed = []
    try:
        if any(wanted.move for wanted in subject.wanted):
            data = change(subject)
            name = os.path.relpath(subject.path, root)
            changed = [["changed", file, data.decode("latin-1"),
                        difference(name, subject.data, data)]]
    except Refused as refusal:
        fail(subject, refusal)
    except Exception as error:
        fail(subject, Refused("check", type(error).__name__))
    for wanted in subject.wanted:
        line, name = wanted.line, wanted.name
        if wanted.refusal:
            why = wanted.refusal
            yield ["refused", file, line, name, why.kind, why.detail, why.line]
            if wanted.getter:
                yield ["getter", file, line, name, wanted.getter]
        else:
            move = wanted.move
            yield ["moved", file, line, name, move.form,
                   bounded(sorted(set(move.functions.values()))), move.note]
    yield from changed


def fail(subject, refusal):
    for wanted in subject.wanted:
        wanted.move, wanted.refusal = None, wanted.refusal or refusal


def read_question(data):
    """(form, root, subjects)"""
    at = 0

    def text():
        nonlocal at
        end = data.index(b"\0", at)
        found, at = data[at:end], end + 1
        return os.fsdecode(found)

    form, root, subjects = text(), text(), []
    while at < len(data):
        letter = text()
        if letter == "f":
            path, length = text(), int(text())
            subjects.append(Subject(path, data[at:at + length]))
            at += length
        else:
            line, module, name = int(text()), text(), text()
            subjects[-1].wanted.append(Wanted(line, module, name))
    return form, root, subjects


def rewrite(data, stream):
    answer, exports = Answer(stream), Exported()
    form, root, subjects = read_question(data)
    if form == "auto":
        form = "lazy" if sys.version_info >= SUPPORTED_LAZY else "function"
    for subject in subjects:
        if form == "lazy" and sys.version_info < SUPPORTED_LAZY:
            subject.failure = Refused("version", "`lazy import` needs Python 3.15, this is %d.%d"
                                      % sys.version_info[:2])
        else:
            subject.open(exports, form)
    look_from_others({subject.path for subject in subjects}, [root], exports, answer)
    decide_all(subjects, exports)
    for file, subject in enumerate(subjects):
        answer.write(rows_of(file, subject, root))
    answer.write([["end"]])


def rewrite_main():
    data = sys.stdin.buffer.read()
    on_large_stack(lambda: rewrite(data, sys.stdout.buffer))


rewrite_main()
