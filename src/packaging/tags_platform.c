/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "packaging/tags_private.h"

struct row {
    const char *prefix;
    const char *why; /* NULL: what follows is a machine */
};

/* Longer ones before those they begin with. */
static const struct row rows[] = {
    {"manylinux1_", NULL},
    {"manylinux2010_", NULL},
    {"manylinux2014_", NULL},
    {"linux_", NULL},
    {"musllinux_", "for musl (Alpine)"},
    {"win32", "for Windows"},
    {"win_", "for Windows"},
    {"cygwin_", "for Windows (Cygwin)"},
    {"mingw_", "for Windows (MinGW)"},
    {"macosx_", "for macOS"},
    {"ios_", "for iOS"},
    {"android_", "for Android"},
    {"emscripten_", "for WebAssembly"},
    {"pyodide_", "for WebAssembly"},
    {"wasi_", "for WebAssembly"},
    {"freebsd_", "for FreeBSD"},
};

/* Takes "_2_17_" off. */
static bool take_glibc(struct thaw_tag_part *platform)
{
    struct thaw_tag_part rest = *platform;

    for (int i = 0; i < 2; i++) {
        size_t length = 0;

        if (!thaw_tag_part_take(&rest, "_"))
            return false;
        while (length < rest.length && rest.bytes[length] >= '0' && rest.bytes[length] <= '9')
            length++;
        if (!length)
            return false;
        rest.bytes += length;
        rest.length -= length;
    }
    *platform = rest;
    return thaw_tag_part_take(platform, "_");
}

const char *thaw_tag_machine_misfit(struct thaw_tag_part machine, const char *target,
                                    struct thaw_arena *arena)
{
    if (!*target || thaw_tag_part_is(machine, target))
        return "";
    return thaw_arena_format(arena, "for %.*s", (int)(machine.length < 64 ? machine.length : 64),
                             machine.bytes);
}

const char *thaw_tag_platform_misfit(struct thaw_tag_part platform, const char *machine,
                                     struct thaw_arena *arena)
{
    struct thaw_tag_part rest = platform;

    if (thaw_tag_part_is(platform, "any"))
        return "";
    if (thaw_tag_part_take(&rest, "manylinux") && take_glibc(&rest))
        return thaw_tag_machine_misfit(rest, machine, arena);
    rest = platform;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (thaw_tag_part_take(&rest, rows[i].prefix))
            return rows[i].why ? rows[i].why : thaw_tag_machine_misfit(rest, machine, arena);
    }
    return thaw_arena_format(arena, "for the platform %.*s",
                             (int)(platform.length < 64 ? platform.length : 64), platform.bytes);
}
