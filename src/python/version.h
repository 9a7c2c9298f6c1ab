/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PYTHON_VERSION_H
#define THAW_PYTHON_VERSION_H

#include <stdbool.h>
#include <stdint.h>

/* A version as far as it is known. */
struct thaw_python_version {
    unsigned major;
    unsigned minor;
    bool free_threaded; /* built without the GIL (ABI tag "t", PEP 703) */
    char text[32];      /* "3.11.2", "3.15.0rc1", or "3.11" where no more is known */
};

/*
 * From Py_Version, PY_VERSION_HEX of the build (CPython Include/patchlevel.h): 0x030b02f0 is
 * 3.11.2. False when it is no version of Python 3.
 */
bool thaw_python_version_from_hex(uint32_t hex, struct thaw_python_version *ret);

/* From the name of a shared library: "libpython3.11.so.1.0", "libpython3.7m.so", "…3.13t.so". */
bool thaw_python_version_from_library(const char *soname, struct thaw_python_version *ret);

/* From the base name of an executable: "python3.11", "python3.13t"; "python3" says too little. */
bool thaw_python_version_from_program(const char *name, struct thaw_python_version *ret);

/* True for the names interpreters go by: python, python3, python3.11, python3.13t. */
bool thaw_python_is_program_name(const char *name);

/* True for libpython3.X.so…, but not the stub libpython3.so of the stable ABI. */
bool thaw_python_is_library_name(const char *soname);

#endif
