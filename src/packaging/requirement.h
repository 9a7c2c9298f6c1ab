/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PACKAGING_REQUIREMENT_H
#define THAW_PACKAGING_REQUIREMENT_H

#include <stddef.h>

#include "base/arena.h"
#include "thaw/texts.h"

/* A requirement: "name[extra,…] >=1,<2 ; marker" or "name @ URL ; marker".
 * Source: PyPA, "Dependency specifiers" (PEP 508). */
struct thaw_dependency_specifier {
    const char *text; /* all of it, trimmed */
    const char *name; /* as written */
    struct thaw_texts extras;
    const char *specifiers; /* "" any version; brackets of the old form "name (>=1)" are gone */
    const char *url;        /* "" none */
    const char *marker;     /* "" it always holds */
};

/*
 * Parses length bytes (cut at 4096); texts go into the arena. 0; -EINVAL: it is none (also with a
 * marker that can't be parsed); -ENOMEM.
 */
int thaw_requirement_parse(const char *bytes, size_t length, struct thaw_arena *arena,
                           struct thaw_dependency_specifier *ret);

#endif
