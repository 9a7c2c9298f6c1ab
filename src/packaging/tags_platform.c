/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "packaging/tags_private.h"

#define NUMBER_MAX 9999

struct row {
    const char *prefix;
    const char *why; /* NULL: what follows is a machine */
    struct thaw_c_library c_library;
};

/* Longer ones before those they begin with. */
static const struct row rows[] = {
    {"manylinux1_", NULL, {THAW_C_LIBRARY_GLIBC, 2, 5}},     /* PEP 513 */
    {"manylinux2010_", NULL, {THAW_C_LIBRARY_GLIBC, 2, 12}}, /* PEP 571 */
    {"manylinux2014_", NULL, {THAW_C_LIBRARY_GLIBC, 2, 17}}, /* PEP 599 */
    {"linux_", NULL, {0}},
    {"win32", "for Windows", {0}},
    {"win_", "for Windows", {0}},
    {"cygwin_", "for Windows (Cygwin)", {0}},
    {"mingw_", "for Windows (MinGW)", {0}},
    {"macosx_", "for macOS", {0}},
    {"ios_", "for iOS", {0}},
    {"android_", "for Android", {0}},
    {"emscripten_", "for WebAssembly", {0}},
    {"pyodide_", "for WebAssembly", {0}},
    {"wasi_", "for WebAssembly", {0}},
    {"freebsd_", "for FreeBSD", {0}},
};

/* Takes the digits off; false: there are none. */
static bool take_number(struct thaw_tag_part *part, unsigned *ret)
{
    size_t length = 0;

    *ret = 0;
    for (; length < part->length && part->bytes[length] >= '0' && part->bytes[length] <= '9';
         length++)
        *ret = *ret < NUMBER_MAX ? *ret * 10 + (unsigned)(part->bytes[length] - '0') : NUMBER_MAX;
    part->bytes += length;
    part->length -= length;
    return length > 0;
}

/* Takes "manylinux_2_17_" off. */
static bool take_version(struct thaw_tag_part *platform, const char *prefix,
                         struct thaw_c_library *ret)
{
    struct thaw_tag_part rest = *platform;

    if (!thaw_tag_part_take(&rest, prefix) || !take_number(&rest, &ret->major) ||
        !thaw_tag_part_take(&rest, "_") || !take_number(&rest, &ret->minor) ||
        !thaw_tag_part_take(&rest, "_"))
        return false;
    *platform = rest;
    return true;
}

const char *thaw_tag_c_library_misfit(enum thaw_c_library_kind kind,
                                      const struct thaw_c_library *target)
{
    if (kind == THAW_C_LIBRARY_UNKNOWN || target->kind == THAW_C_LIBRARY_UNKNOWN ||
        kind == target->kind)
        return "";
    return kind == THAW_C_LIBRARY_MUSL ? "for musl (Alpine)" : "for glibc";
}

/* One of the target's C library that is for a version and later ones. */
static const char *version_misfit(const struct thaw_c_library *needed,
                                  const struct thaw_c_library *target, struct thaw_arena *arena)
{
    bool is_musl = needed->kind == THAW_C_LIBRARY_MUSL;

    if (target->kind != needed->kind || !(target->major || target->minor))
        return "";
    if (needed->major == target->major ? needed->minor <= target->minor
                                       : needed->major < target->major && !is_musl)
        return "";
    return thaw_arena_format(arena, "for %s %u.%u and later", is_musl ? "musl" : "glibc",
                             needed->major, needed->minor);
}

const char *thaw_tag_machine_misfit(struct thaw_tag_part machine, const char *target,
                                    struct thaw_arena *arena)
{
    if (!*target || thaw_tag_part_is(machine, target))
        return "";
    return thaw_arena_format(arena, "for %.*s", (int)(machine.length < 64 ? machine.length : 64),
                             machine.bytes);
}

/* What is left of the platform is a machine. */
static const char *linux_misfit(struct thaw_tag_part machine, const struct thaw_c_library *needed,
                                const struct thaw_tags_target *target, struct thaw_arena *arena)
{
    const char *why = thaw_tag_c_library_misfit(needed->kind, &target->c_library);

    if (!*why)
        why = thaw_tag_machine_misfit(machine, target->machine, arena);
    return why && !*why ? version_misfit(needed, &target->c_library, arena) : why;
}

const char *thaw_tag_platform_misfit(struct thaw_tag_part platform,
                                     const struct thaw_tags_target *target,
                                     struct thaw_arena *arena)
{
    struct thaw_c_library glibc = {.kind = THAW_C_LIBRARY_GLIBC};
    struct thaw_c_library musl = {.kind = THAW_C_LIBRARY_MUSL};
    struct thaw_tag_part rest = platform;

    if (thaw_tag_part_is(platform, "any"))
        return "";
    if (take_version(&rest, "manylinux_", &glibc))
        return linux_misfit(rest, &glibc, target, arena);
    if (take_version(&rest, "musllinux_", &musl))
        return linux_misfit(rest, &musl, target, arena);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (thaw_tag_part_take(&rest, rows[i].prefix))
            return rows[i].why ? rows[i].why
                               : linux_misfit(rest, &rows[i].c_library, target, arena);
    }
    return thaw_arena_format(arena, "for the platform %.*s",
                             (int)(platform.length < 64 ? platform.length : 64), platform.bytes);
}
