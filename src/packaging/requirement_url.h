/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PACKAGING_REQUIREMENT_URL_H
#define THAW_PACKAGING_REQUIREMENT_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* Requirements that are a URL, a path or an archive, and the paths of files that include others. */

/* "…@<40 hex digits>", as pip writes commits of git, or "#sha256=…": the URL's content is known. */
bool thaw_requirement_url_is_fixed(const char *url);

/* A path, an archive or a URL: "#egg=NAME", or the name in a wheel's file name. "" unknown, NULL:
 * memory is short. */
const char *thaw_requirement_url_name(struct thaw_arena *arena, const char *text);

/*
 * The path of another file that `file` includes: relative to the folder of file, "." and ".."
 * resolved. False: it leads out of the folder that paths are relative to, or is too long.
 */
bool thaw_requirements_resolve(const char *file, const char *other, char *out, size_t size);

#endif
