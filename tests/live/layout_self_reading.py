"""Reads this interpreter's own objects by one layout row, as the probes do, and fails where what
lies there is not what the interpreter says. Run by test_layouts.py: SCRIPT ROW_AS_JSON."""

import ctypes
import json
import sys
import types

GENERAL_ENTRY_BYTES, PLAIN_ENTRY_BYTES = 24, 16


def u8(address):
    return ctypes.c_uint8.from_address(address).value


def u32(address):
    return ctypes.c_uint32.from_address(address).value


def u64(address):
    return ctypes.c_uint64.from_address(address).value


def read_text(row, address):
    length = u64(address + row["text_length"])
    state = u32(address + row["text_state"])
    width = state >> row["text_kind_shift"] & 7
    is_ascii = state >> row["text_ascii_shift"] & 1
    data = address + row["text_ascii_data" if is_ascii else "text_compact_data"]
    encoding = {1: "latin-1", 2: "utf-16-le", 4: "utf-32-le"}[width]
    return ctypes.string_at(data, length * width).decode(encoding)


def first_entry(row, dictionary):
    """Addresses of the key and the value of a dict's first entry."""
    keys = u64(id(dictionary) + row["dict_keys"])
    if row["dict_keys_format"] == 0:
        slots = u64(keys + row["keys_size"])
        width = 1 if slots <= 0xff else 2 if slots <= 0xffff else 4
        entry, general = keys + row["keys_indices"] + slots * width, True
    else:
        entry = keys + row["keys_indices"] + (1 << u8(keys + row["keys_size"]))
        general = u8(keys + row["keys_kind"]) == 0
    prefix = "entry_" if general else "entry_plain_"
    return u64(entry + row[prefix + "key"]), u64(entry + row[prefix + "value"])


def check(what, found, expected):
    if found != expected:
        sys.exit("%s: %r instead of %r" % (what, found, expected))


def check_texts(row):
    for text in ("plain", "", "x" * 5000, "caf\xe9", "\u0394elta", "snake \U0001f40d"):
        check("str", read_text(row, id(text)), text)


class Nested:
    def method(self):
        pass


def check_code(row):
    code = compile("0", "/a/file \xe9.py", "exec")
    check("co_filename", u64(id(code) + row["code_filename"]), id(code.co_filename))
    check("co_name of a method", read_text(row, u64(id(Nested.method.__code__) + row["code_name"])),
          "method")  # whose co_qualname is another
    check("co_name of a module", read_text(row, u64(id(code) + row["code_name"])), "<module>")


def check_dicts(row):
    for count in (0, 3, 4, 100, 300, 70000):  # index tables of 1, 2 and 4 bytes
        module = types.ModuleType("package.module%d" % count)
        for number in range(count):
            setattr(module, "name%d" % number, number)
        key, value = first_entry(row, vars(module))
        check("first key of %d" % count, read_text(row, key), "__name__")
        check("first value of %d" % count, read_text(row, value), module.__name__)
    mixed = {"__name__": "general", 1: 2}  # a key that is no str: entries with a hash
    key, value = first_entry(row, mixed)
    check("general key", read_text(row, key), "__name__")
    check("general value", read_text(row, value), "general")


def check_module(row):
    check("md_name", read_text(row, u64(id(types) + row["module_name"])), "types")
    check("tp_name", ctypes.string_at(u64(id(type(None)) + row["type_name"])), b"NoneType")


row = json.loads(sys.argv[1])
check_texts(row)
check_code(row)
check_dicts(row)
check_module(row)
