/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PACKAGING_MARKER_H
#define THAW_PACKAGING_MARKER_H

#include "thaw/texts.h"

/* What environment markers are asked about; texts are the caller's. PyPA, "Dependency
 * specifiers", "Environment markers". */
struct thaw_marker_environment {
    const char *python_version;      /* "3.11" */
    const char *python_full_version; /* "3.11.7"; "" not known: taken as python_version + ".0" */
    const char *os_name;             /* "posix" */
    const char *sys_platform;        /* "linux" */
    const char *platform_machine;    /* "x86_64" */
    const char *platform_system;     /* "Linux" */
    const char *platform_release;    /* "" not known */
    const char *platform_version;    /* "" not known */
    const char *platform_python_implementation; /* "CPython" */
    const char *implementation_name;            /* "cpython" */
    const char *implementation_version;         /* as python_full_version */
};

/* Linux and CPython of a version ("3.11.7") on a machine. Texts must outlive the result. */
struct thaw_marker_environment thaw_marker_environment_of(const char *python_version,
                                                          const char *python_full_version,
                                                          const char *machine);

/*
 * Does the marker hold, with these extras asked for (names in any form; none: `extra` is "")? They
 * are asked one by one, as pip does. 1, 0, or -EINVAL: it is no marker, or compares what has no
 * order ("os_name ~= 'x'"). "" holds. Comparisons are those of pip's library `packaging` (26.4);
 * escapes by number or name in quoted texts are not understood. Nesting is bounded to 64, the text
 * to 4096 bytes.
 */
int thaw_marker_holds(const char *marker, const struct thaw_marker_environment *environment,
                      const struct thaw_texts *extras);

/*
 * 1: it holds with some extra but not without any; 0; -EINVAL. buffer gets, cut at its size, the
 * first extra of the marker that makes it hold; when there is none, the first that the marker
 * compares `extra` with, "" when it compares it with nothing.
 */
int thaw_marker_needs_extra(const char *marker, const struct thaw_marker_environment *environment,
                            char *buffer, unsigned size);

#endif
