/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PACKAGING_TAGS_H
#define THAW_PACKAGING_TAGS_H

#include "base/arena.h"
#include "thaw/c_library.h"

/*
 * Platform compatibility tags of wheels ("cp311-cp311-manylinux_2_17_x86_64", also with several
 * joined by dots: "py2.py3-none-any") and of extension modules' names
 * ("_x.cpython-311-x86_64-linux-gnu.so", "_x.abi3.so", "_x.cp311-win_amd64.pyd").
 * Source: PyPA, "Platform compatibility tags" (PEP 425, 600, 656); PEP 3149.
 */

/*
 * What may run: CPython of a version on Linux. What is not known is fitted by anything. As pip
 * takes them, manylinux is for the glibc of its version and later ones, musllinux for the musl of
 * its version and later ones with the same first number.
 */
struct thaw_tags_target {
    const char *python_version; /* "3.11", "" not known */
    const char *machine;        /* "x86_64" as in tags, "" not known */
    struct thaw_c_library c_library;
};

/* "" when the tag fits, or is none; else why not, in words for a user: "for aarch64", "for CPython
 * 3.10", "for Windows", "for musl (Alpine)", "for glibc 2.38 and later", "for PyPy". The text is
 * constant or the arena's; NULL: memory is short. */
const char *thaw_tags_misfit(const char *tag, const struct thaw_tags_target *target,
                             struct thaw_arena *arena);

/* The same by the name of an extension module's file. */
const char *thaw_tags_file_misfit(const char *name, const struct thaw_tags_target *target,
                                  struct thaw_arena *arena);

#endif
