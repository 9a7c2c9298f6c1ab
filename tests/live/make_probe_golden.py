"""Writes a golden file for tests/unit/test_python_probes.c: objects of this interpreter as they lie
in memory, and what the interpreter itself says of them.

    python3.X -I - <tests/live/make_probe_golden.py >tests/golden/python/3.X.txt

Nothing here knows the layout rows of src/python/layouts.c: what an object points to is found by
looking for the other object's address, so that a wrong row can't agree with itself.
"""

import ctypes
import os
import struct
import sys
import types
from importlib import util  # so that _handle_fromlist was called

BYTES_A_LINE = 40
TEXT_BEYOND = 8  # the allocator's; names are compared eight characters at once
KEYS_HEADER = 32
OBJECT_MOST = 144  # code objects have more, none of which is read
KEYS_SEARCHED = 1 << 14
FILE = "/app/package/module.py"
MINOR = sys.version_info[1]


class Range(ctypes.Structure):
    _fields_ = [("address", ctypes.c_size_t), ("length", ctypes.c_size_t)]


def read(address, length):
    """The bytes at an address of this process; fewer where memory ends."""
    found = b""
    buffer = ctypes.create_string_buffer(64)
    while len(found) < length:
        local = Range(ctypes.addressof(buffer), min(64, length - len(found)))
        remote = Range(address + len(found), local.length)
        if read_process(os.getpid(), ctypes.byref(local), 1, ctypes.byref(remote), 1, 0) <= 0:
            break
        found += buffer.raw[:local.length]
    return found


read_process = ctypes.CDLL(None).process_vm_readv
read_process.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p,
                         ctypes.c_ulong, ctypes.c_ulong]
read_process.restype = ctypes.c_ssize_t


def words(data):
    return struct.unpack(f"<{len(data) // 8}Q", data[:len(data) // 8 * 8])


class Image:
    """Memory that probes read, and what they are called with."""

    def __init__(self):
        self.memory, self.lines, self.kept = {}, [], []

    def add(self, address, length):
        data = read(address, length)
        assert len(data) == length, hex(address)
        if len(self.memory.get(address, b"")) < length:
            self.memory[address] = data
        return data

    def object(self, thing):
        self.kept.append(thing)
        return self.add(id(thing), min(type(thing).__basicsize__, OBJECT_MOST))

    def text(self, text):
        self.kept.append(text)
        self.add(id(text), (sys.getsizeof(text) + TEXT_BEYOND + 7) & ~7)
        return id(text)

    def string(self, data, text):
        """Takes over the C string that one of the words in the data points to."""
        wanted = text.encode() + b"\0"
        found = [word for word in words(data) if read(word, len(wanted)) == wanted]
        self.add(found[0], max(len(wanted), 8))

    def call(self, probe, **values):
        shown = " ".join(f"{name}={value:x}" if isinstance(value, int) else f'{name}="{value}"'
                         for name, value in values.items())
        self.lines.append(f"{probe} {shown}")

    def write(self):
        print(f"# Written by tests/live/make_probe_golden.py in CPython "
              f"{sys.version.split()[0]}, {sys.implementation.cache_tag}")
        print(f"version {MINOR}")
        for address, data in sorted(self.memory.items()):
            for at in range(0, len(data), BYTES_A_LINE):
                print(f"at {address + at:x} {data[at:at + BYTES_A_LINE].hex()}")
        print("\n".join(self.lines))


def find_identifier(image, name):
    """The _Py_Identifier of that name: {string, …}, or with a pointer before the string."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        mapped = [line.split() for line in maps]
    regions = [(*(int(end, 16) for end in row[0].split("-")), row[1]) for row in mapped
               if "r" in row[1] and os.path.basename(row[-1]).startswith(("python3", "libpython3"))]
    text = name.encode() + b"\0"
    strings = [begin + at for begin, end, _ in regions for at in places(begin, end, text)]
    for begin, end, rights in regions:
        for string in strings if "w" in rights else ():
            for at in places(begin, end, struct.pack("<Q", string)):
                behind, = words(read(begin + at + 8, 8))
                identifier = begin + at - (8 if behind == id(sys.intern(name)) else 0)
                if behind == id(sys.intern(name)) or behind < 1 << 16:
                    image.add(identifier, 24)
                    image.add(string, 16)
                    return identifier
    raise LookupError(name)


def places(begin, end, wanted):
    data, at = ctypes.string_at(begin, end - begin), -1
    while (at := data.find(wanted, at + 1)) >= 0:
        yield at


def method(image, name):
    return image.text(sys.intern(name)) if MINOR >= 11 else find_identifier(image, name)


def add_finds(image, name):
    find = method(image, "_find_and_load")
    for each in (name, "caf\xe9.latin", "\u0394elta.greek", "snake.\U0001f40d"):
        image.call("find", si=find, dx=image.text(each), name=each)
    image.call("other", si=method(image, "_handle_fromlist"), dx=image.text(name))
    if MINOR >= 15:
        lazy = image.text(sys.intern("_find_and_load_lazy_submodule"))
        image.call("lazy_submodule", si=lazy, dx=image.text(name), name=name)


def add_code(image, file=FILE, function=False):
    code = compile("def function(): pass", file, "exec")
    code = code.co_consts[0] if function else code
    if MINOR >= 11:  # which of the two names is read?
        code = code.replace(co_qualname="<qualified>")
    image.object(code)
    image.text(code.co_name)
    image.text(code.co_filename)
    return id(code)


def add_globals(image, dictionary):
    """The dict, and of its keys the head and the first entry: tables may be long."""
    key, value = next(iter(dictionary.items()))
    for keys in words(image.object(dictionary)):
        at = read(keys, KEYS_SEARCHED).find(struct.pack("<QQ", id(key), id(value)))
        if at >= 0:
            image.add(keys, KEYS_HEADER)
            image.add(keys + at - 8, 24)
            break
    else:
        raise LookupError("keys")
    image.text(key)
    image.text(value)
    return id(dictionary)


def add_bodies(image, name):
    code = add_code(image)
    for count in (0, 300) if MINOR >= 11 else (0, 100, 300):  # with one and two bytes an index
        module = types.ModuleType(name)
        for number in range(count):
            setattr(module, f"name{number}", number)
        image.kept.append(module)
        image.call("body", di=code, si=add_globals(image, vars(module)), name=name, file=FILE)
    general = {"__name__": "caf\xe9", 1: 2}  # a key that is no str: entries of another form
    image.call("body", di=add_code(image, "/app/\u0394.py"), si=add_globals(image, general),
               name="caf\xe9", file="/app/\u0394.py")
    unnamed = {"first": "no name"}
    image.call("body", di=code, si=add_globals(image, unnamed), name="", file=FILE)
    image.call("program", di=add_code(image, "<string>"), si=add_globals(image, general),
               name="caf\xe9", file="<string>")
    image.call("no_body", di=add_code(image, function=True), si=add_globals(image, general))


def add_modules(image, name):
    module = types.ModuleType(name)
    image.object(module)
    image.call("init", di=id(module), name=name)
    if MINOR <= 12:
        image.call("made", di=id(module), si=image.text(name), name=name)
    definition = ctypes.pythonapi.PyModule_GetDef
    definition.argtypes, definition.restype = [ctypes.py_object], ctypes.c_void_p
    address = definition(sys.modules["_ctypes"])
    image.string(image.add(address, 64), "_ctypes")
    image.call("create", di=address, name="_ctypes")


def add_types(image):
    for probe, thing in (("none", None), ("not_none", NotImplemented)):
        image.add(id(thing), 16)
        image.string(image.add(id(type(thing)), 48), type(thing).__name__)
        image.call(probe, ax=id(thing))


class LazyUser:
    """Uses a lazy import: what the thread executes then is this method."""

    def method(self, image):
        get_thread = ctypes.pythonapi.PyThreadState_Get
        get_thread.restype = ctypes.c_void_p
        thread = get_thread()
        state = bytes((ctypes.c_uint64 * 10).from_address(thread))  # here, in no other function
        code = LazyUser.method.__code__
        for frame in words(state):
            if any(word & ~3 == id(code) for word in words(read(frame, 32))):
                break
        image.memory[thread] = state
        image.add(frame, 32)
        image.object(code)
        image.text(code.co_qualname)
        image.text(code.co_filename)
        image.call("lazy", di=thread, name=code.co_qualname, file=code.co_filename)


def main():
    image = Image()
    name = "package.module"
    add_finds(image, name)
    add_bodies(image, name)
    add_modules(image, name)
    add_types(image)
    if MINOR >= 15:
        LazyUser().method(image)
    image.write()


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    main()
