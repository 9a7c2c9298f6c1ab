"""The imports that executing a file causes, read from its bytecode: those of its module body and of
the class bodies in it, without what stands under `if TYPE_CHECKING` or `if __name__ == "__main__"`,
and without what stands in an error handler that no failed import led to. First part of the source
helper (source_helper.py says how it is run); bytecode as CPython 3.8 to 3.15 writes it."""
import _frozen_importlib_external as loading
import marshal
import opcode
import os
import stat
import sys

CODE_BYTES_MAX = 64 << 20
SOURCE_BYTES_MAX = 8 << 20
TESTS_MAX = 1 << 20  # of imports against handlers, in one body
OPTIMIZED = 1  # CO_OPTIMIZED: a function; module and class bodies are without it
CODE = type((lambda: 0).__code__)
BUILTIN = frozenset(sys.builtin_module_names)

NEW = sys.version_info
JUMP_UNIT = 2 if NEW >= (3, 10) else 1  # what a jump counts in, in bytes
ATTRIBUTE_SHIFT = 1 if NEW >= (3, 12) else 0  # LOAD_ATTR keeps a flag below the name
IMPORT_SHIFT = 2 if NEW >= (3, 15) else 0  # IMPORT_NAME keeps two, the lowest says `lazy`

EXTENDED_ARG = opcode.EXTENDED_ARG
IMPORT_NAME = opcode.opmap["IMPORT_NAME"]
LOAD_CONST = opcode.opmap["LOAD_CONST"]
LOAD_SMALL_INT = opcode.opmap.get("LOAD_SMALL_INT")  # from 3.14
LOAD_NAME = opcode.opmap["LOAD_NAME"]
LOAD_ATTR = opcode.opmap["LOAD_ATTR"]
COMPARE_OP = opcode.opmap["COMPARE_OP"]
COMPARE_SHIFT = 5 if NEW >= (3, 13) else 4 if NEW >= (3, 12) else 0
EQUAL = opcode.cmp_op.index("==")
TO_BOOL = opcode.opmap.get("TO_BOOL")  # from 3.13


def numbers(matches):
    return frozenset(number for name, number in opcode.opmap.items() if matches(name))


ABSOLUTE_JUMPS = frozenset(opcode.hasjabs)
RELATIVE_JUMPS = frozenset(opcode.hasjrel)
JUMPS = ABSOLUTE_JUMPS | RELATIVE_JUMPS
# Up to 3.10: until the block's end, what fails goes on at its target.
BLOCKS = numbers(lambda name: name in ("SETUP_FINALLY", "SETUP_WITH", "SETUP_ASYNC_WITH"))
BACKWARD = numbers(lambda name: "BACKWARD" in name)
IF_FALSE = numbers(lambda name: name.startswith("POP_JUMP") and name.endswith("IF_FALSE"))
IF_TRUE = numbers(lambda name: name.startswith("POP_JUMP") and name.endswith("IF_TRUE"))
# After these comes something else than the next instruction.
LEAVING = numbers(lambda name: name in (
    "JUMP_FORWARD", "JUMP_ABSOLUTE", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "RETURN_VALUE",
    "RETURN_CONST", "RAISE_VARARGS", "RERAISE"))


def cache_words():
    """How many words behind an instruction are its cache, by opcode; 3.11 brought them."""
    known = getattr(opcode, "_inline_cache_entries", {})
    pairs = known.items() if hasattr(known, "items") else zip(opcode.opname, known)
    return {opcode.opmap[name]: count for name, count in pairs if count and name in opcode.opmap}


CACHE_WORDS = cache_words()


def argument_at(code, at):
    """The argument of the instruction at that offset, and where the one before it stands."""
    value, shift = code[at + 1], 8
    at -= 2
    while at >= 0 and code[at] == EXTENDED_ARG:
        value |= code[at + 1] << shift
        shift += 8
        at -= 2
    return value, at


def constant_at(body, code, at):
    value, before = argument_at(code, at)
    if code[at] == LOAD_CONST:
        return body.co_consts[value], before
    return (value if code[at] == LOAD_SMALL_INT else None), before  # LOAD_COMMON_CONSTANT: None


def import_offsets(code):
    words = code[::2]
    at = words.find(IMPORT_NAME)
    while at >= 0:
        yield 2 * at
        at = words.find(IMPORT_NAME, at + 1)


def line_ends(body):
    """(end, line) of each stretch of the code, in order."""
    if NEW >= (3, 10):
        for _, end, line in body.co_lines():
            yield end, line
        return
    table, line, at = body.co_lnotab, body.co_firstlineno, 0
    for step, jump in zip(table[::2], table[1::2]):
        at += step
        if step:
            yield at, line
        line += jump - 256 if jump > 127 else jump
    yield len(body.co_code), line


def lines_at(body, offsets):
    """The line of each offset; offsets ascend."""
    lines = []
    for end, line in line_ends(body):
        while len(lines) < len(offsets) and offsets[len(lines)] < end:
            lines.append(line or body.co_firstlineno)
        if len(lines) == len(offsets):
            break
    return lines


def instructions(code):
    """{offset: (opcode, argument, offset of the next one)}, prefixes taken together."""
    found, at, start, argument = {}, 0, 0, 0
    while at < len(code):
        number = code[at]
        argument = argument << 8 | code[at + 1]
        at += 2
        if number != EXTENDED_ARG:
            at += 2 * CACHE_WORDS.get(number, 0)
            found[start] = (number, argument, at)
            start, argument = at, 0
    return found


def jump_target(number, argument, following):
    if number in ABSOLUTE_JUMPS:
        return argument * JUMP_UNIT
    return following + (-argument if number in BACKWARD else argument) * JUMP_UNIT


def exception_ranges(body, code):
    """[(start, end, handler)]: from 3.11 on in a table (CPython's notes on exception handling),
    before as blocks."""
    table, values, value = getattr(body, "co_exceptiontable", b""), [], 0
    for byte in table:
        value = value << 6 | byte & 63
        if not byte & 64:
            values.append(2 * value)
            value = 0
    ranges = [(start, start + length, target)
              for start, length, target in zip(values[::4], values[1::4], values[2::4])]
    for number, argument, following in code.values() if BLOCKS else ():
        if number in BLOCKS:
            target = jump_target(number, argument, following)
            ranges.append((following, target, target))
    return ranges


def is_false(body, last, number, argument):
    """Is the value that the instruction leaves known to be false? TYPE_CHECKING is; so is __name__
    == "__main__" in what is imported. last: the two before it."""
    if number == LOAD_NAME:
        return body.co_names[argument] == "TYPE_CHECKING"
    if number == LOAD_ATTR:
        return body.co_names[argument >> ATTRIBUTE_SHIFT] == "TYPE_CHECKING"
    if number != COMPARE_OP or argument >> COMPARE_SHIFT != EQUAL:
        return False
    return sorted(what for what in (
        body.co_names[value] if one == LOAD_NAME else
        body.co_consts[value] if one == LOAD_CONST else None for one, value in last)
        if isinstance(what, str)) == ["__main__", "__name__"]


def walk_from(body, code, start, reached):
    """Adds the offsets that come to be executed from start on, when nothing fails."""
    waiting = [start]
    while waiting:
        at, tested, last = waiting.pop(), False, ()
        while at in code and at not in reached:
            reached.add(at)
            number, argument, following = code[at]
            if number in JUMPS and number not in BLOCKS:
                target = jump_target(number, argument, following)
                if tested and number in IF_FALSE:
                    at, tested = target, False
                    continue
                if not (tested and number in IF_TRUE):
                    waiting.append(target)
            if number in LEAVING:
                break
            tested = number == TO_BOOL and tested or is_false(body, last, number, argument)
            last = (*last[-1:], (number, argument))
            at = following


def first_prefix(code, at):
    """An instruction is known by the offset of its first prefix."""
    while at >= 2 and code[at - 2] == EXTENDED_ARG:
        at -= 2
    return at


def reached_offsets(body, imports, is_loaded):
    """The offsets that come to be executed. imports: {offset: what it imports}. A handler does when
    an import that it guards may have failed; without is_loaded, in any case."""
    code, reached = instructions(body.co_code), set()
    ranges = exception_ranges(body, code)
    if len(ranges) * len(imports) > TESTS_MAX:
        is_loaded = None

    def fails(start, end):
        if not is_loaded:
            return any(at in reached for at in range(start, end, 2))
        return any(start <= at < end and first_prefix(body.co_code, at) in reached
                   and not is_loaded(*what) for at, what in imports.items())

    walk_from(body, code, 0, reached)
    before = -1
    while before != len(reached):
        before = len(reached)
        for start, end, handler in ranges:
            if handler not in reached and fails(start, end):
                walk_from(body, code, handler, reached)
    return reached


def import_at(body, code, at):
    """(level, module, names), None for a lazy one."""
    name, before = argument_at(code, at)
    if IMPORT_SHIFT and name & 1:
        return None
    names, before = constant_at(body, code, before)
    level, _ = constant_at(body, code, before)
    return level, body.co_names[name >> IMPORT_SHIFT], names or ()


def may_leave_out(body, is_loaded):
    """Walking through the code takes longer than all else: is there anything to find out by it?"""
    names = body.co_names
    return "TYPE_CHECKING" in names or ("__name__" in names and "__main__" in body.co_consts) or (
        is_loaded and (getattr(body, "co_exceptiontable", b"")
                       or any(number in BLOCKS for number in body.co_code[::2])))


def body_imports(body, is_loaded):
    """(line, level, module, names) of each import in one body."""
    code = body.co_code
    imports = {at: import_at(body, code, at) for at in import_offsets(code)}
    imports = {at: what for at, what in imports.items() if what}
    if imports and may_leave_out(body, is_loaded):
        reached = reached_offsets(body, imports, is_loaded)
        imports = {at: what for at, what in imports.items() if first_prefix(code, at) in reached}
    for line, what in zip(lines_at(body, list(imports)), imports.values()):
        yield (line, *what)


def code_imports(body, is_loaded=None):
    """The same for a body and those it executes, each import once, with its first line.
    is_loaded(level, module, names): did that import surely work?"""
    found, waiting = {}, [body]
    while waiting:
        body = waiting.pop()
        for line, *what in body_imports(body, is_loaded):
            what = tuple(what)
            found[what] = min(line, found.get(what, line))
        waiting += [inner for inner in body.co_consts if isinstance(inner, CODE) and (
            not inner.co_flags & OPTIMIZED or inner.co_name.startswith("<generic parameters of "))]
    return sorted((line, *what) for what, line in found.items())


class Executed:
    """The modules whose files were executed, known by where the files lie."""

    def __init__(self, paths):
        self.ends = {}
        for path in paths:
            stem = os.path.normpath(path).rpartition(".py")[0]
            if stem.endswith("/__init__"):
                stem = stem[:-len("/__init__")]
            self.ends.setdefault(stem.rpartition("/")[2], set()).add(stem)

    def places(self, name):
        """Where a module or package of that absolute name lies."""
        end = "/" + name.replace(".", "/")
        return [stem for stem in self.ends.get(end.rpartition("/")[2], ()) if stem.endswith(end)]

    def is_there(self, stem):
        return stem in self.ends.get(stem.rpartition("/")[2], ()) or any(
            os.path.exists(stem + suffix) for suffix in loading.EXTENSION_SUFFIXES)

    def is_loaded(self, path, level, name, names):
        """Did the import in the file at path surely work? A name may be missing from a public
        module of the standard library, where it came with another version."""
        standard = os.path.dirname(os.__file__)
        if level:
            folder = os.path.normpath(path)
            for _ in range(level):
                folder = os.path.dirname(folder)
            stems = [os.path.join(folder, name.replace(".", "/")).rstrip("/")]
        else:
            above, _, last = name.rpartition(".")
            stems = self.places(name) + [os.path.join(folder, last) for folder in (
                self.places(above) if above else [standard + "/lib-dynload"])]
        found = [stem for stem in stems if self.is_there(stem)]
        if names and names != ("*",) and name[:1] != "_":
            return any(not stem.startswith(standard + "/") or "-packages/" in stem
                       for stem in found)
        return bool(found) or not level and name in sys.modules or name in BUILTIN


def read_file(path, limit):
    """The bytes of a regular file; never waits for a pipe or a device."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            raise OSError("not a regular file, or too large")
        return file.read(limit)


def bytecode(path, source):
    """The code object in a .pyc, or None when there is none for this Python and this source."""
    try:
        data = read_file(path, CODE_BYTES_MAX)
    except OSError:
        return None
    if data[:4] != loading.MAGIC_NUMBER or len(data) < 16:
        return None
    by_time = not int.from_bytes(data[4:8], "little")
    if source and by_time and int.from_bytes(data[12:16], "little") != source.st_size & 0xFFFFFFFF:
        return None
    code = marshal.loads(memoryview(data)[16:])
    return code if isinstance(code, CODE) else None


def code_of(path):
    """What a file executes: from its bytecode, else compiled. An OSError when there is neither."""
    if path.endswith(".pyc"):
        code = bytecode(path, None)
        if code is None:
            raise OSError("not bytecode of this Python")
        return code
    try:
        source = os.stat(path)
    except OSError:
        source = None
    places = [loading.cache_from_source(path)] if source else [path + "c"]
    for place in places:
        code = bytecode(place, source)
        if code is not None:
            return code
    return compile(read_file(path, SOURCE_BYTES_MAX), path, "exec", dont_inherit=True)
