/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PYTHON_LAYOUTS_H
#define THAW_PYTHON_LAYOUTS_H

#include "thaw/python_layout.h"

/* The C functions that tell of imports: what each is for is said in bpf/python.h. */
enum thaw_python_function {
    THAW_PYTHON_FIND,   /* calls a method of importlib: (importlib, its name, module name, …) */
    THAW_PYTHON_BODY,   /* runs a code object: (code, globals, locals) */
    THAW_PYTHON_INIT,   /* runs an extension's or builtin's own code: (module, …) */
    THAW_PYTHON_CREATE, /* makes a module that is initialised in one phase: (definition, …) */
    THAW_PYTHON_MADE,   /* takes note of such a module when it is complete: (module, name, …) */
    THAW_PYTHON_LAZY,   /* makes a lazy import come true */
    THAW_PYTHON_FUNCTIONS,
};

/*
 * One row per CPython minor: one more version is one more row (and its run of
 * tests/live/test_layouts.py). Versions without a row are refused by name, never guessed.
 */
struct thaw_python_row {
    struct thaw_python_layout layout;
    const char *symbols[THAW_PYTHON_FUNCTIONS]; /* NULL: this version has none */
    const char *source;                         /* where the numbers come from, for people */
};

/* The row of a version, or NULL: not supported. */
const struct thaw_python_row *thaw_python_row(unsigned major, unsigned minor);

/* The supported range for messages: "3.8 to 3.15". */
const char *thaw_python_supported(void);

#endif
