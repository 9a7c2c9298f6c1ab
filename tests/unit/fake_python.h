/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAKE_PYTHON_H
#define TESTS_FAKE_PYTHON_H

#include "scratch.h"

/*
 * A program with the symbols of a Python and nothing else: it writes one byte and waits. Compiled
 * with -DVERSION=… it has Py_Version, with -DOFFSETS=… a _PyRuntime with the block of 3.13 and
 * these offsets of co_filename and co_name, -DFREE_THREADED=1 in it; with -DFIND the function of
 * the find probe.
 */
#define FAKE_PROGRAM "-nostdlib -static-pie -fPIE -Wl,--export-dynamic "
#define FAKE_LIBRARY "-nostdlib -shared -fPIC -DLIBRARY "
#define FAKE_FIND_STR "-DFIND=PyObject_CallMethodObjArgs "
#define FAKE_FIND_IDENTIFIER "-DFIND=_PyObject_CallMethodIdObjArgs "

/* Builds one; returns its path. Skips the running test when there is no compiler that can. */
const char *fake_python(const struct scratch *scratch, const char *name, const char *options);

#endif
