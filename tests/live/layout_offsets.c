/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints "member value" for whatever the headers of one CPython tell about the members of struct
 * thaw_python_layout. Compiled by test_layouts.py once for each version that has its headers.
 */
#define Py_BUILD_CORE_MODULE 1
#include <Python.h>
#include <frameobject.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#if PY_VERSION_HEX >= 0x030b0000
#include <internal/pycore_dict.h>
#include <internal/pycore_moduleobject.h>
#endif

#define SHOW(name, value) printf(#name " %zu\n", (size_t)(value))

/* Where in the state word the bits lie that a bit-field assignment sets. */
static size_t lowest_bit(const PyASCIIObject *text)
{
    unsigned int state;

    memcpy(&state, &text->state, sizeof(state));
    return (size_t)__builtin_ctz(state);
}

static void show_text(void)
{
    PyASCIIObject kind = {0}, ascii = {0};

    kind.state.kind = 1;
    ascii.state.ascii = 1;
    SHOW(text_length, offsetof(PyASCIIObject, length));
    SHOW(text_state, offsetof(PyASCIIObject, state));
    SHOW(text_kind_shift, lowest_bit(&kind));
    SHOW(text_ascii_shift, lowest_bit(&ascii));
    SHOW(text_ascii_data, sizeof(PyASCIIObject));
    SHOW(text_compact_data, sizeof(PyCompactUnicodeObject));
}

static void show_keys(void)
{
#if PY_VERSION_HEX >= 0x030b0000
    SHOW(dict_keys_format, 1);
    SHOW(keys_size, offsetof(struct _dictkeysobject, dk_log2_index_bytes));
    SHOW(keys_kind, offsetof(struct _dictkeysobject, dk_kind));
    SHOW(keys_indices, offsetof(struct _dictkeysobject, dk_indices));
    SHOW(entry_key, offsetof(PyDictKeyEntry, me_key));
    SHOW(entry_value, offsetof(PyDictKeyEntry, me_value));
    SHOW(entry_plain_key, offsetof(PyDictUnicodeEntry, me_key));
    SHOW(entry_plain_value, offsetof(PyDictUnicodeEntry, me_value));
    SHOW(identifier, 0);
    SHOW(module_name, offsetof(PyModuleObject, md_name));
#else
    SHOW(dict_keys_format, 0);
    SHOW(identifier, offsetof(_Py_Identifier, string) == 8 ? 2 : 1);
#endif
}

int main(void)
{
    SHOW(code_filename, offsetof(PyCodeObject, co_filename));
    SHOW(code_name, offsetof(PyCodeObject, co_name));
    SHOW(type_name, offsetof(PyTypeObject, tp_name));
    SHOW(dict_keys, offsetof(PyDictObject, ma_keys));
    show_text();
    show_keys();
    return 0;
}
