/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "python/layouts.h"

/*
 * Sources, by member (checked by tests/live/test_layouts.py: offsetof against the headers of every
 * interpreter that has them, and every interpreter reading its own objects by these numbers):
 * - code_*: PyCodeObject, Include/code.h (3.8: Include/code.h, 3.9 and later:
 *   Include/cpython/code.h).
 * - text_*: PyASCIIObject and PyCompactUnicodeObject, Include/cpython/unicodeobject.h; 3.12 lost
 *   wstr (PEP 623), hence data at 40 and 56.
 * - dict_keys: PyDictObject, Include/cpython/dictobject.h; keys_*, entry_*: PyDictKeysObject,
 *   Objects/dict-common.h up to 3.10 (not installed), Include/internal/pycore_dict.h from 3.11.
 * - identifier: _Py_Identifier, Include/cpython/object.h; 3.11 calls with an interned str.
 * - module_name: PyModuleObject, Include/internal/pycore_moduleobject.h (3.8, 3.9:
 *   Objects/moduleobject.c); type_name: PyTypeObject, Include/cpython/object.h.
 * - code_qualname: Include/cpython/code.h; thread_frame: PyThreadState, Include/cpython/pystate.h;
 *   frame_code: Include/internal/pycore_interpframe_structs.h (3.15).
 * - symbols: Python/import.c, Python/bltinmodule.c, Objects/moduleobject.c; all are exported.
 */
#define TEXT_WITH_WSTR                                                                             \
    .text_length = 16, .text_state = 32, .text_kind_shift = 2, .text_ascii_shift = 6,              \
    .text_ascii_data = 48, .text_compact_data = 72

#define TEXT_WITHOUT_WSTR                                                                          \
    .text_length = 16, .text_state = 32, .text_kind_shift = 2, .text_ascii_shift = 6,              \
    .text_ascii_data = 40, .text_compact_data = 56

#define KEYS_SLOTS                                                                                 \
    .dict_keys = 32, .dict_keys_format = THAW_PYTHON_KEYS_SLOTS, .keys_size = 8, .keys_kind = 0,   \
    .keys_indices = 40, .entry_key = 8, .entry_value = 16, .entry_plain_key = 8,                   \
    .entry_plain_value = 16

#define KEYS_LOG2                                                                                  \
    .dict_keys = 32, .dict_keys_format = THAW_PYTHON_KEYS_LOG2, .keys_size = 9, .keys_kind = 10,   \
    .keys_indices = 32, .entry_key = 8, .entry_value = 16, .entry_plain_key = 0,                   \
    .entry_plain_value = 8

#define MODULE_AND_TYPE .module_name = 48, .type_name = 24
#define MODULE_AND_TYPE_SLOTS .module_name = 40, .type_name = 24

#define SYMBOLS                                                                                    \
    [THAW_PYTHON_BODY] = "PyEval_EvalCode", [THAW_PYTHON_INIT] = "PyModule_ExecDef",               \
    [THAW_PYTHON_CREATE] = "PyModule_Create2"

/* Up to 3.12; later ones do not export it. */
#define MADE [THAW_PYTHON_MADE] = "_PyImport_FixupExtensionObject"

#define ROW_IDENTIFIER(version, name_kind)                                                         \
    {                                                                                              \
        .layout = {.minor = (version),                                                             \
                   .code_filename = 104,                                                           \
                   .code_name = 112,                                                               \
                   TEXT_WITH_WSTR,                                                                 \
                   KEYS_SLOTS,                                                                     \
                   .identifier = (name_kind),                                                      \
                   MODULE_AND_TYPE},                                                               \
        .symbols = {[THAW_PYTHON_FIND] = "_PyObject_CallMethodIdObjArgs", SYMBOLS, MADE},          \
        .source = "headers of CPython 3." #version                                                 \
    }

#define ROW_STR(version, text, made, from)                                                         \
    {                                                                                              \
        .layout = {.minor = (version),                                                             \
                   .code_filename = 112,                                                           \
                   .code_name = 120,                                                               \
                   text,                                                                           \
                   KEYS_LOG2,                                                                      \
                   .identifier = THAW_PYTHON_NAME_STR,                                             \
                   MODULE_AND_TYPE},                                                               \
        .symbols = {[THAW_PYTHON_FIND] = "PyObject_CallMethodObjArgs", SYMBOLS}, .source = (from)  \
    }

/* From 3.15 on imports may be lazy (PEP 810), and modules are executed by a new function. */
#define ROW_LAZY(version, from)                                                                    \
    {                                                                                              \
        .layout = {.minor = (version),                                                             \
                   .code_filename = 112,                                                           \
                   .code_name = 120,                                                               \
                   TEXT_WITHOUT_WSTR,                                                              \
                   KEYS_LOG2,                                                                      \
                   .identifier = THAW_PYTHON_NAME_STR,                                             \
                   .lazy_submodule = 1,                                                            \
                   .code_qualname = 128,                                                           \
                   .thread_frame = 72,                                                             \
                   .frame_code = 0,                                                                \
                   MODULE_AND_TYPE_SLOTS},                                                         \
        .symbols = {[THAW_PYTHON_FIND] = "PyObject_CallMethodObjArgs",                             \
                    [THAW_PYTHON_BODY] = "PyEval_EvalCode",                                        \
                    [THAW_PYTHON_INIT] = "PyModule_Exec",                                          \
                    [THAW_PYTHON_CREATE] = "PyModule_Create2",                                     \
                    [THAW_PYTHON_LAZY] = "_PyImport_LoadLazyImportTstate"},                        \
        .source = (from)                                                                           \
    }

static const struct thaw_python_row rows[] = {
    ROW_IDENTIFIER(8, THAW_PYTHON_NAME_IDENTIFIER_AT8),
    ROW_IDENTIFIER(9, THAW_PYTHON_NAME_IDENTIFIER_AT8),
    ROW_IDENTIFIER(10, THAW_PYTHON_NAME_IDENTIFIER),
    ROW_STR(11, TEXT_WITH_WSTR, MADE, "headers of CPython 3.11"),
    ROW_STR(12, TEXT_WITHOUT_WSTR, MADE, "headers of CPython 3.12"),
    ROW_STR(13, TEXT_WITHOUT_WSTR, , "headers and _Py_DebugOffsets of CPython 3.13"),
    ROW_STR(14, TEXT_WITHOUT_WSTR, , "headers and _Py_DebugOffsets of CPython 3.14"),
    ROW_LAZY(15, "headers and _Py_DebugOffsets of CPython 3.15"),
};

const struct thaw_python_row *thaw_python_row(unsigned major, unsigned minor)
{
    for (size_t i = 0; major == 3 && i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].layout.minor == minor)
            return &rows[i];
    }
    return NULL;
}

const char *thaw_python_supported(void)
{
    return "3.8 to 3.15";
}
