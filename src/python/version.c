/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "python/version.h"

/* "3.MINOR" and the ABI letters behind it (m, d, u, t); NULL when text begins differently. */
static const char *version_parse(const char *text, struct thaw_python_version *ret)
{
    unsigned minor = 0, digits = 0;

    *ret = (struct thaw_python_version){.major = 3};
    if (strncmp(text, "3.", 2) != 0)
        return NULL;
    for (text += 2; *text >= '0' && *text <= '9' && digits < 3; text++, digits++)
        minor = minor * 10 + (unsigned)(*text - '0');
    if (!digits || digits > 2)
        return NULL;
    for (; *text && strchr("dmtu", *text); text++) {
        if (*text == 't')
            ret->free_threaded = true;
    }
    ret->minor = minor;
    snprintf(ret->text, sizeof(ret->text), "3.%u", minor);
    return text;
}

bool thaw_python_version_from_hex(uint32_t hex, struct thaw_python_version *ret)
{
    unsigned micro = (hex >> 8) & 0xff, level = (hex >> 4) & 0xf, serial = hex & 0xf;
    const char *suffix = level == 0xa ? "a" : level == 0xb ? "b" : level == 0xc ? "rc" : NULL;

    *ret = (struct thaw_python_version){.major = hex >> 24, .minor = (hex >> 16) & 0xff};
    if (ret->major != 3 || (!suffix && level != 0xf))
        return false;
    if (suffix)
        snprintf(ret->text, sizeof(ret->text), "3.%u.%u%s%u", ret->minor, micro, suffix, serial);
    else
        snprintf(ret->text, sizeof(ret->text), "3.%u.%u", ret->minor, micro);
    return true;
}

bool thaw_python_version_from_library(const char *soname, struct thaw_python_version *ret)
{
    const char *rest;

    if (strncmp(soname, "libpython", 9) != 0)
        return false;
    rest = version_parse(soname + 9, ret);
    return rest && strncmp(rest, ".so", 3) == 0 && (rest[3] == '\0' || rest[3] == '.');
}

bool thaw_python_version_from_program(const char *name, struct thaw_python_version *ret)
{
    const char *rest;

    if (strncmp(name, "python", 6) != 0)
        return false;
    rest = version_parse(name + 6, ret);
    return rest && *rest == '\0';
}

bool thaw_python_is_program_name(const char *name)
{
    struct thaw_python_version version;

    return strcmp(name, "python") == 0 || strcmp(name, "python3") == 0 ||
           thaw_python_version_from_program(name, &version);
}

bool thaw_python_is_library_name(const char *soname)
{
    struct thaw_python_version version;

    return thaw_python_version_from_library(soname, &version);
}
