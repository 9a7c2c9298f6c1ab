# SPDX-License-Identifier: Apache-2.0
# Reads the question, writes a JSON array a line. Nothing of the app is imported or executed.
try:
    from _json import encode_basestring_ascii
except ImportError:
    def encode_basestring_ascii(text):
        data = text.encode("utf-16-be")
        return '"' + "".join(["\\u%02x%02x" % (data[at], data[at + 1])
                              for at in range(0, len(data), 2)]) + '"'
TEXT_MOST = 1000
ANNOTATION_MOST = 120
CALLS_MOST = 40000
MANIFESTS = ("pyproject.toml", "uv.lock", "poetry.lock", "Pipfile", "Pipfile.lock")
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
rows = []


class Cells(dict):
    """Values as JSON: the same ones come again and again."""
    def __missing__(self, value):
        kind = type(value)
        if kind is str:
            text = value[:TEXT_MOST].replace("\0", "?")
            if not text.isascii():
                text = text.encode("utf-8", "replace").decode("utf-8")
            told = encode_basestring_ascii(text)
        elif kind is tuple:
            told = "[" + ",".join([self[one] for one in value]) + "]"
        else:
            told = "null" if value is None else repr(int(value))
        self[value] = told
        return told


cells = Cells()


def row(*values):
    rows.append("[" + ",".join(map(cells.__getitem__, values)) + "]\n")


def flush():
    data = memoryview("".join(rows).encode())
    rows.clear()
    while data:
        data = data[posix.write(1, data):]


def problem(index, kind, line, column, what):
    row("problem", index, kind, line, column, what)


def column_of(module, line, offset):
    """In characters, from 1; the tree has bytes of UTF-8."""
    if module.ascii:
        return offset + 1
    if module.lines is None:
        module.lines = module.bytes.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    text = module.lines[line - 1] if line <= len(module.lines) else b""
    return len(text[:offset].decode("utf-8", "replace")) + 1


def at(module, node):
    return node.lineno, column_of(module, node.lineno, node.col_offset)


def add_module(index, name, data):
    path = name[:-3]
    package, _, last = path.rpartition("/")
    if last == "__init__":
        path, unit = package, package
    else:
        unit = package
    module = Module(index, path.replace("/", ".") or ".", unit.replace("/", "."))
    module.path, module.bytes, module.lines, module.ascii = name, data, None, data.isascii()
    if data[:3] == b"\xef\xbb\xbf":
        module.bytes = data[3:]
    return module


def parse(index, name, data):
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        return problem(index, "malformed", line, 0, "a NUL byte: it is no Python source")
    try:
        tree = compile(data, "app", "exec", PyCF_ONLY_AST, True)
        module = add_module(index, name, data)
        modules[module.prefix] = module
        every.append(module)
        for node in tree.body:
            walk(node, module, 0)
        return None
    except (SyntaxError, ValueError) as error:
        try:
            data.decode()
        except UnicodeDecodeError as wrong:
            line = data.count(b"\n", 0, wrong.start) + 1
            return problem(index, "malformed", line, 0, "it is not UTF-8, and says no other "
                           "encoding")
        return problem(index, "syntax", getattr(error, "lineno", 0) or 0,
                       max(getattr(error, "offset", 0) or 0, 0),
                       f"it does not compile with Python {VERSION}: {getattr(error, 'msg', error)}")
    except (RecursionError, MemoryError):
        return problem(index, "cut", 0, 0, "nested too deeply, or too large, to be read")


def walk_bodies(wanted):
    """All bodies; declared functions are added to wanted on the way."""
    for function, owner in queue:  # grows
        try:
            if function.node.decorator_list:
                declared = declare(function)
                if declared:
                    wanted.append(declared)
            walk_function(function, owner)
        except RecursionError:
            problem(function.module.index, "cut", function.node.lineno, 0,
                    "nested too deeply to be read")


def text_bytes(node):
    most = 0
    for one in node.args + [each.value for each in node.keywords]:
        if type(one) is Constant and type(one.value) in (str, bytes):
            value = one.value
            size = len(value) if type(value) is bytes or value.isascii() else \
                len(value.encode("utf-8", "replace"))
            most = size if size > most else most
    return most


def seconds_of(node):
    one = node.args[0] if node.args else None
    if type(one) is Constant and type(one.value) in (int, float) and abs(one.value) < 1e15:
        return repr(float(one.value))
    return "null"


def following(waiting, handlers, seen):
    """Those that wait, which grow; behind them those of handlers that are not seen by then."""
    yield from waiting
    for one in handlers:
        if one[0] not in seen:
            seen.add(one[0])
            waiting[:] = [one]
            yield from waiting


told = [0]  # calls
cut = set()  # the files of those that are left out


def tell_calls(function, number):
    """Calls of a function, and of those of the app that it calls."""
    seen, waiting = {function}, [(function, "", 0)]
    handlers = []  # what only those call, when all is known that is called on the usual way
    for one, via, inherited in following(waiting, handlers, seen):
        module, via = one.module, cells[via]
        for node, name, flags in one.calls:
            flags |= inherited
            if name.partition(".")[0] in tops:
                name = canonical(name)
                if not name:
                    continue
                own = functions.get(name) or functions.get(name + ".__init__")
                if own:
                    if own not in seen:
                        after = own, own.via, flags & (HANDED_OFF | IN_LOOP | IN_HANDLER)
                        if flags & IN_HANDLER and not inherited & IN_HANDLER:
                            handlers.append(after)
                        else:
                            seen.add(own)
                            waiting.append(after)
                    continue
                head, _, rest = name.rpartition(".")
                if head in apps:
                    name = apps[head].name + "." + rest
            if name[:16] != "azure.functions.":
                if told[0] == CALLS_MOST:
                    cut.add(module.index)
                    continue
                told[0] += 1
                is_call = type(node) is Call
                rows.append('["call",%d,%d,%d,%s,%d,%s,%d,%s,%d]\n' % (
                    module.index, node.lineno, column_of(module, node.lineno, node.col_offset),
                    cells[name], number, via, flags, seconds_of(node) if is_call else "null",
                    text_bytes(node) if is_call else 0))


def tell_function(declared, number):
    node, module, function = declared.node, declared.module, declared.function
    script = getattr(declared, "script", module)
    line, column = at(module, node)
    is_async = type(node) is AsyncFunctionDef or \
        function is None and declared.of.kind == "AsgiFunctionApp"
    flags = is_async + 2 * bool(function and function.generator) + 4 * declared.registered
    retry = at(module, declared.retry) if declared.retry else (0, 0)
    row("function", module.index, line, column, declared.name, declared.model, declared.kind,
        declared.app, flags, declared.handler, script.index, declared.strategy, declared.most,
        *retry)
    for one in declared.bindings:
        row("binding", *at(module, one.node), one.node.end_lineno, one.type, one.flags,
            one.parameter, one.connection, one.route, tuple(one.methods), one.auth, one.schedule,
            one.path)
    try:
        parameters = list(parameters_of(declared)) if function else ()
    except RecursionError:
        parameters = ()
        problem(module.index, "cut", line, 0, "nested too deeply to be read")
    for node, name, annotation, why in parameters:
        row("parameter", *at(module, node), name, written(module, annotation), why)
    if function:
        tell_calls(function, number)


def written(module, node):
    if node is None:
        return ""
    if module.lines is None:
        module.lines = module.bytes.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    lines = module.lines[node.lineno - 1:node.end_lineno]
    if len(lines) == 1:
        text = lines[0][node.col_offset:node.end_col_offset]
    else:
        text = b" ".join([lines[0][node.col_offset:]] + [b"..."]) if lines else b""
    return text.decode("utf-8", "replace")[:ANNOTATION_MOST]


def tell_imported(roots):
    """What is called when the host imports them, and what they import."""
    seen = set()
    while roots:
        module = roots.pop()
        if module in seen:
            continue
        seen.add(module)
        tell_calls(module.main, -1)
        for name in module.reached:
            parts = name.split(".")
            roots += [modules[one] for one in (".".join(parts[:end]) for end in
                                               range(1, len(parts) + 1)) if one in modules]


def tell_modules():
    for module in every:
        for node, name, inside in module.imports:
            row("import", module.index, *at(module, node), name, inside)
        for node, shape, name in module.literals:
            row("literal", module.index, *at(module, node), shape, name)


def tell_apps(wanted):
    for own, app in apps.items():
        row("app", app.module.index, *at(app.module, app.node), app.variable, app.kind,
            app_level(app), app.registered)
        if app.kind in ("AsgiFunctionApp", "WsgiFunctionApp"):
            need("handlers")
            wanted.append(declare_web_app(app))
    for declared in wanted:
        if declared.model == V2:
            declared.registered = declared.of.registered


def read_question():
    try:
        posix.read(4, 1)  # ends when all of it is there
    except OSError:
        pass  # it is already
    size = posix.fstat(0).st_size - posix.lseek(0, 0, 1)
    data, offset = b"", 0
    while len(data) < size:
        part = posix.read(0, size - len(data))
        if not part:
            break
        data += part
    while offset < len(data):
        end = data.index(b"\n", offset)
        length = int(data[offset:end])
        yield data[end + 1:end + 1 + length]
        offset = end + 1 + length


def main():
    row("reader", VERSION)
    question = read_question()
    entry = next(question).decode("utf-8", "replace")
    handlers = [next(question).decode("utf-8", "replace") for _ in range(int(next(question)))]
    for index, name in enumerate(question):
        name = name.decode("utf-8", "replace")
        row("file", name)
        flush()  # should the parser crash, it is known where
        data = next(question)
        if name.rpartition("/")[2] in MANIFESTS:
            need("manifests")
            read_manifest(index, name, data)
        else:
            parse(index, name, data)
    wanted = []
    if handlers:
        need("handlers")
        wanted += handlers_of(handlers)
    walk_bodies(wanted)
    found = [module for module in every if module.path == entry]
    register(found[0] if found else None)
    tell_apps(wanted)
    if not wanted and not apps:
        need("handlers")
        wanted += lambda_handlers()
    for number, declared in enumerate(wanted):
        tell_function(declared, number)
    tell_imported(found + [one.module for one in wanted])
    tell_modules()
    for index in sorted(cut):
        problem(index, "cut", 0, 0, f"more than {CALLS_MOST} calls in the app: some of these are left out")
    row("end")
    flush()
    try:
        posix.close(3)  # says that this is all
    except OSError:
        pass
    posix._exit(0)


main()
