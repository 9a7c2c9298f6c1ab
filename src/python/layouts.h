/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PYTHON_LAYOUTS_H
#define THAW_PYTHON_LAYOUTS_H

#include "thaw/python_layout.h"

/*
 * One row per CPython minor: one more version is one more row (and its run of
 * tests/live/test_layouts.py). Versions without a row are refused by name, never guessed.
 */
struct thaw_python_row {
    struct thaw_python_layout layout;
    /* The C function through which importlib's `_find_and_load` is called on a real load:
     * (importlib, name of the method, absolute module name, …). */
    const char *find_symbol;
    const char *body_symbol; /* runs a code object: (code, globals, locals) */
    const char *source;      /* where the numbers come from, for people */
};

/* The row of a version, or NULL: not supported. */
const struct thaw_python_row *thaw_python_row(unsigned major, unsigned minor);

/* The supported range for messages: "3.8 to 3.15". */
const char *thaw_python_supported(void);

#endif
