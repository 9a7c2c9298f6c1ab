/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_C_LIBRARY_H
#define THAW_C_LIBRARY_H

/* The C library that programs of a target are linked with. */
enum thaw_c_library_kind {
    THAW_C_LIBRARY_UNKNOWN,
    THAW_C_LIBRARY_GLIBC,
    THAW_C_LIBRARY_MUSL,
};

struct thaw_c_library {
    enum thaw_c_library_kind kind;
    unsigned major, minor; /* 0, 0 not known */
};

#endif
