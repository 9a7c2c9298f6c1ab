/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_PYTHON_LAYOUT_H
#define THAW_PYTHON_LAYOUT_H

/*
 * Where things lie inside CPython's objects, for one minor version: what a probe must know to read
 * a str, a code object's names and the first entry of a dict. Shared by the kernel side and the
 * rest, hence plain 32-bit members and no include. The rows are in src/python/layouts.c.
 *
 * All offsets are in bytes, for 64-bit builds with the GIL.
 */

/* How the keys of a dict are stored (layout.dict_keys_format). */
enum {
    /* Up to 3.10: keys_size is the offset of a 64-bit number of slots (a power of two); a slot of
     * the index table has 1 byte up to 255 slots, 2 up to 65535, then 4; entries are general. */
    THAW_PYTHON_KEYS_SLOTS = 0,
    /* From 3.11: keys_size is the offset of one byte, the log2 of the index table's bytes;
     * keys_kind that of one byte, 0 = general entries, anything else = entries without a hash. */
    THAW_PYTHON_KEYS_LOG2 = 1,
};

/* What the method-name argument of layout's find symbol is (layout.identifier). */
enum {
    THAW_PYTHON_NAME_STR = 0,           /* a str object */
    THAW_PYTHON_NAME_IDENTIFIER = 1,    /* a _Py_Identifier, its C string's address at 0 */
    THAW_PYTHON_NAME_IDENTIFIER_AT8 = 2 /* a _Py_Identifier, its C string's address at 8 */
};

/*
 * Members of CPython's objects, by their offset. What has stood side by side in all versions is
 * read at once by the offset of the first: co_filename and co_name; length, hash and state; key and
 * value; size and kind of keys (from 3.11 on).
 */
struct thaw_python_layout {
    unsigned int minor;         /* 11 for 3.11; 0: no row */
    unsigned int code_filename; /* PyCodeObject.co_filename */
    unsigned int code_name;     /* PyCodeObject.co_name */

    unsigned int text_length;       /* PyASCIIObject.length, 64-bit, in characters */
    unsigned int text_state;        /* PyASCIIObject.state, 32-bit */
    unsigned int text_kind_shift;   /* of the 3 bits in state: bytes per character, 1, 2 or 4 */
    unsigned int text_ascii_shift;  /* of the bit in state: ASCII only */
    unsigned int text_ascii_data;   /* characters, when that bit is set */
    unsigned int text_compact_data; /* characters otherwise (str objects made by C or the parser) */

    unsigned int dict_keys;         /* PyDictObject.ma_keys */
    unsigned int dict_keys_format;  /* THAW_PYTHON_KEYS_… */
    unsigned int keys_size;         /* in the keys object, see the format */
    unsigned int keys_kind;         /* in the keys object, see the format */
    unsigned int keys_indices;      /* in the keys object: the index table, entries follow it */
    unsigned int entry_key;         /* in a general entry (hash, key, value) */
    unsigned int entry_value;       /* in a general entry */
    unsigned int entry_plain_key;   /* in an entry without a hash (key, value) */
    unsigned int entry_plain_value; /* in an entry without a hash */
    unsigned int identifier;        /* THAW_PYTHON_NAME_… */
    unsigned int lazy_submodule;    /* 1: `_find_and_load_lazy_submodule` is called the same way */
    unsigned int module_name;       /* PyModuleObject.md_name */
    unsigned int type_name;         /* PyTypeObject.tp_name, a C string */
    /* Where lazy imports are (lazy_submodule is set), else 0: */
    unsigned int code_qualname; /* PyCodeObject.co_qualname */
    unsigned int thread_frame;  /* PyThreadState.current_frame */
    unsigned int frame_code;    /* _PyInterpreterFrame.f_executable, its low two bits are marks */
};

_Static_assert(sizeof(unsigned int) == 4, "layout members have 32 bits on every target");
_Static_assert(sizeof(struct thaw_python_layout) == 100, "kernel side and user side must agree");

#endif
