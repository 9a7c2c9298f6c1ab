/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "packaging/library_name.h"

#define HASH_DIGITS 8 /* auditwheel puts so many of the file's SHA-256 behind a library's name */

static bool is_hash(const char *text)
{
    return strspn(text, "0123456789abcdef") >= HASH_DIGITS;
}

const char *thaw_library_plain_name(struct thaw_arena *arena, const char *name)
{
    const char *dot = strchr(name, '.'), *version;
    size_t stem = dot ? (size_t)(dot - name) : strlen(name), rest;

    while (stem > HASH_DIGITS + 1 && name[stem - HASH_DIGITS - 1] == '-' &&
           is_hash(name + stem - HASH_DIGITS))
        stem -= HASH_DIGITS + 1;
    if (!dot)
        dot = "";
    rest = strlen(dot);
    version = strstr(dot, ".so.");
    if (version) {
        version += strlen(".so.");
        rest = (size_t)(version - dot) + strcspn(version, ".");
    }
    return thaw_arena_format(arena, "%.*s%.*s", (int)stem, name, (int)rest, dot);
}
