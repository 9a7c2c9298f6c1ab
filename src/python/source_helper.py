"""The source helper: told the files that a program executed, it says what they import, and for the
user's own files what each import binds and where that is used. Nothing of the user's is imported or
executed. thaw runs it as `python -I -S -B -c SCRIPT` on CPython 3.8 to 3.15; SCRIPT is this file
behind import_scan.py, source_scopes.py, source_uses.py and source_exports.py, all in one namespace,
and source_main.py, which begins it.

Input: for each file a letter, its path, and a NUL. The letter is "m" for a module's file, "o" for
one that may be the user's own as well.

Output: lines of JSON, each a list, files by their index in the input:
    ["import", file, line, level, module, [names]]
    ["statement", file, line, end_line, level, module, name, bound, use, [functions], detail,
     [attributes]]
    ["definition", file, line, name, kind, [references], [decorators], dynamic, [bare]]
    ["scanned", file]   all its imports came
    ["read", file]      all its statements and definitions came, for the letter "o"
    ["failed", file, why]   instead of one of them
    ["end"]
Lines are written file by file: whatever ends this program early, those before stay good."""
import _thread
import gc
import time

SECONDS_MAX = 15  # then no further file is begun
STACK_BYTES = 512 << 20  # up to 3.10 a deep expression would end the process on the usual 8 MiB
OWN_BYTES_MAX = 2 << 20
OTHER_BYTES_READ_MAX = 32 << 20  # of the user's files that were not executed
OTHER_BYTES_PARSED_MAX = 1 << 20  # about 2 s
ENTRIES_MAX = 20000  # of the folders they are in
PASSED_OVER = frozenset(("node_modules", "site-packages", "dist-packages", "__pycache__"))

try:
    from _json import encode_basestring_ascii as quoted
except ImportError:
    from json import dumps as quoted


def encoded(value):
    """JSON of texts, numbers and lists; the json module takes longer to load than this to run."""
    if isinstance(value, str):
        if not value.isascii():
            value = value.encode("utf-8", "replace").decode("utf-8")
        return quoted(value)
    if isinstance(value, int):
        return str(int(value))
    return "[" + ",".join(map(encoded, value)) + "]"


class Answer:
    """Writes the rows of one file at a time."""

    def __init__(self, stream):
        self.stream, self.begun = stream, time.monotonic()

    def is_late(self):
        return time.monotonic() - self.begun > SECONDS_MAX

    def write(self, rows):
        self.stream.write("".join([encoded(row) + "\n" for row in rows]).encode("ascii"))
        self.stream.flush()

    def attempt(self, file, work, done=None):
        """Writes what work returns, or why it could not be had; never any of the file's text."""
        try:
            if self.is_late():
                raise TimeoutError
            rows = [*work(), [done, file]] if done else work()
        except Exception as error:
            line = getattr(error, "lineno", None)
            why = type(error).__name__ + (f" at line {line}" if line else "")
            rows = [["failed", file, why]]
        self.write(rows)


def bounded(names):
    """As many of the names as one line may hold, none of them cut."""
    kept, room = [], LIST_TEXT_MAX
    for name in names:
        room -= len(name)
        if len(name) <= TEXT_MAX and room >= 0:
            kept.append(name)
    return kept


def import_rows(file, path, executed):
    def is_loaded(level, module, names):
        return executed.is_loaded(path, level, module, names)

    for line, level, module, names in code_imports(code_of(path), is_loaded):
        if len(module) <= TEXT_MAX:
            yield ["import", file, line, level, module, bounded(names)]


class Source:
    """A file of the user's, parsed."""

    def __init__(self, path, data):
        self.path = os.path.normpath(path)
        self.tree = compile(data, "source", "exec", _ast.PyCF_ONLY_AST, True)
        self.uses = Uses(self.tree)


def statement_rows(file, source, exports):
    for verdict in verdicts(source.path, source.tree, source.uses, exports):
        one, functions = verdict.statement, bounded(verdict.functions)
        if len(functions) < len(verdict.functions):
            verdict.use, verdict.detail = "dynamic", "too many functions to list"
        if max(len(one.module), len(one.name), len(one.bound)) <= TEXT_MAX:
            yield ["statement", file, one.line, one.end_line, one.level, one.module, one.name,
                   one.bound, verdict.use, functions, verdict.detail, bounded(verdict.attributes)]


def definition_rows(file, source):
    for one in sorted(source.uses.definitions, key=lambda one: one.line):
        if len(one.name) <= TEXT_MAX:
            yield ["definition", file, one.line, one.name, one.kind, sorted(one.references),
                   bounded(one.decorators), one.dynamic,
                   sorted(one.references - one.qualified)]


def top_folders(paths):
    """The folders the paths lie in, without those that lie in another one."""
    folders = []
    for folder in sorted({os.path.dirname(path) for path in paths}):
        if not any(folder.startswith(top.rstrip("/") + "/") for top in folders):
            folders.append(folder)
    return folders


def python_files(tops):
    """Python files below the folders, without what is installed there and other file systems; None
    for each folder that is too much."""
    waiting, entries = [(top, os.stat(top).st_dev) for top in tops], 0
    while waiting:
        folder, device = waiting.pop(0)
        try:
            found = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        entries += len(found)
        if entries > ENTRIES_MAX:
            yield None
            continue
        if folder not in tops and any(entry.name == "pyvenv.cfg" for entry in found):
            continue
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                if entry.name[0] != "." and entry.name not in PASSED_OVER and \
                        entry.stat(follow_symlinks=False).st_dev == device:
                    waiting.append((entry.path, device))
            elif entry.name.endswith(".py") and entry.is_file():
                yield entry.path


def look_from_others(own, tops, exports, answer):
    """Tests and other files in the folders that were not executed: what they take from the files
    at the paths of own."""
    stems = {stem_of(path)[-1].encode("utf-8", "surrogateescape") for path in own}
    to_read, to_parse = OTHER_BYTES_READ_MAX, OTHER_BYTES_PARSED_MAX
    for path in python_files(tops):
        if path in own:
            continue
        if path is None or to_read < 0 or to_parse < 0 or answer.is_late():
            exports.missing += 1
            continue
        try:
            data = read_file(path, OWN_BYTES_MAX)
            to_read -= len(data)
            if any(stem in data for stem in stems):
                to_parse -= len(data)
                exports.add(path, Source(path, data).uses)
        except Exception:  # what can't be read or parsed can't be executed either
            continue


def is_standard(path):
    return path.startswith(os.path.dirname(os.__file__) + "/")


def answer_own(answer, own):
    sources, exports = [], Exports()

    def parse(file, path):
        source = Source(path, read_file(path, OWN_BYTES_MAX))
        sources.append((file, source))
        exports.add(source.path, source.uses)
        return []

    for file, path in own:
        answer.attempt(file, lambda: parse(file, path))
    paths = {source.path for _, source in sources}
    look_from_others(paths, top_folders(paths), exports, answer)
    for file, source in sources:
        answer.attempt(file, lambda: [*statement_rows(file, source, exports),
                                      *definition_rows(file, source)], "read")


def answer_all(items, stream):
    answer, own = Answer(stream), []
    executed = Executed([os.fsdecode(item[1:]) for item in items])
    for file, item in enumerate(items):
        path = os.fsdecode(item[1:])
        answer.attempt(file, lambda: import_rows(file, path, executed), "scanned")
        if item[:1] == b"o" and not is_standard(path):
            own.append((file, path))
        elif item[:1] == b"o":
            answer.write([["read", file]])
    if own:
        answer_own(answer, own)
    answer.write([["end"]])


def on_large_stack(work):
    """Runs work where a deep expression is no end of the process."""
    done = _thread.allocate_lock()

    def run():
        try:
            work()
        finally:
            done.release()

    gc.disable()
    done.acquire()
    try:
        _thread.stack_size(STACK_BYTES)
        _thread.start_new_thread(run, ())
    except (RuntimeError, ValueError):  # no memory for such a stack
        run()
    done.acquire()


def main():
    items = sys.stdin.buffer.read().split(b"\0")[:-1]
    on_large_stack(lambda: answer_all(items, sys.stdout.buffer))
