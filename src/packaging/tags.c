/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "packaging/tags.h"
#include "packaging/tags_private.h"

struct thaw_tag_version thaw_tag_version_read(struct thaw_tag_part text)
{
    struct thaw_tag_version ret = {.major = -1, .minor = -1};
    size_t at = 0;

    if (!text.length || *text.bytes < '0' || *text.bytes > '9')
        return ret;
    ret.major = text.bytes[at++] - '0';
    for (; at < text.length && text.bytes[at] >= '0' && text.bytes[at] <= '9'; at++) {
        ret.minor = (ret.minor < 0 ? 0 : ret.minor) * 10 + text.bytes[at] - '0';
        if (ret.minor > 9999)
            ret.minor = 9999;
    }
    ret.flags = (struct thaw_tag_part){text.bytes + at, text.length - at};
    return ret;
}

/* "3.11" as the target says it; major -1: not known. */
struct thaw_tag_version thaw_tag_version_of(const char *python_version)
{
    struct thaw_tag_version ret = {.major = -1, .minor = -1};
    size_t length = strcspn(python_version, ".");
    const char *minor = python_version[length] ? python_version + length + 1 : "";

    if (length != 1 || *python_version < '0' || *python_version > '9')
        return ret;
    ret.major = *python_version - '0';
    ret.minor = 0;
    for (; *minor >= '0' && *minor <= '9' && ret.minor < 1000; minor++)
        ret.minor = ret.minor * 10 + *minor - '0';
    return ret;
}

bool thaw_tag_part_is(struct thaw_tag_part part, const char *text)
{
    return part.length == strlen(text) && memcmp(part.bytes, text, part.length) == 0;
}

bool thaw_tag_part_take(struct thaw_tag_part *part, const char *prefix)
{
    size_t length = strlen(prefix);

    if (part->length < length || memcmp(part->bytes, prefix, length) != 0)
        return false;
    part->bytes += length;
    part->length -= length;
    return true;
}

/* Takes what is before the next separator, and that. False: nothing is left. */
bool thaw_tag_part_next(struct thaw_tag_part *rest, char separator, struct thaw_tag_part *ret)
{
    const char *end = rest->bytes ? memchr(rest->bytes, separator, rest->length) : NULL;

    if (!rest->bytes)
        return false;
    ret->bytes = rest->bytes;
    ret->length = end ? (size_t)(end - rest->bytes) : rest->length;
    rest->length -= ret->length + (end != NULL);
    rest->bytes = end ? end + 1 : NULL;
    return true;
}

static const char *interpreter_misfit(struct thaw_tag_part python, struct thaw_arena *arena)
{
    static const struct {
        const char *prefix;
        const char *why;
    } rows[] = {{"pp", "for PyPy"},
                {"pypy", "for PyPy"},
                {"graalpy", "for GraalPy"},
                {"jy", "for Jython"},
                {"ip", "for IronPython"}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (thaw_tag_part_take(&python, rows[i].prefix))
            return rows[i].why;
    }
    return thaw_arena_format(arena, "for the interpreter %.*s",
                             (int)(python.length < 64 ? python.length : 64), python.bytes);
}

static const char *version_misfit(const char *of, struct thaw_tag_version version,
                                  struct thaw_arena *arena)
{
    return version.minor < 0
               ? thaw_arena_format(arena, "for %s %d", of, version.major)
               : thaw_arena_format(arena, "for %s %d.%d", of, version.major, version.minor);
}

/* Does a "py3" or "py311" run on it? */
static const char *python_misfit(struct thaw_tag_version version, struct thaw_tag_version target,
                                 struct thaw_arena *arena)
{
    if (target.major < 0 || (version.major == target.major && version.minor <= target.minor))
        return "";
    return version_misfit("Python", version, arena);
}

const char *thaw_tag_abi_misfit(struct thaw_tag_version abi, struct thaw_tag_version target,
                                struct thaw_arena *arena)
{
    /* "m" (with pymalloc) is of all usual builds up to 3.7, and of none behind it. */
    const char *usual = abi.major == 3 && abi.minor < 8 ? "m" : "";

    if (target.major < 0)
        return "";
    if (memchr(abi.flags.bytes ? abi.flags.bytes : "", 't', abi.flags.length))
        return thaw_arena_format(arena, "for free-threaded CPython %d.%d", abi.major, abi.minor);
    if (abi.major != target.major || abi.minor != target.minor)
        return version_misfit("CPython", abi, arena);
    if (memchr(abi.flags.bytes ? abi.flags.bytes : "", 'd', abi.flags.length))
        return thaw_arena_format(arena, "for a debug build of CPython %d.%d", abi.major, abi.minor);
    return thaw_tag_part_is(abi.flags, usual)
               ? ""
               : thaw_arena_format(arena, "for another build of CPython %d.%d", abi.major,
                                   abi.minor);
}

static const char *cpython_misfit(struct thaw_tag_version version, struct thaw_tag_part abi,
                                  struct thaw_tag_version target, struct thaw_arena *arena)
{
    bool is_known = target.major >= 0;

    if (thaw_tag_part_is(abi, "abi3") && version.major == 3 && version.minor >= 2) {
        if (!is_known || (target.major == 3 && version.minor <= target.minor))
            return "";
        return thaw_arena_format(arena, "for CPython %d.%d and later", version.major,
                                 version.minor);
    }
    if (is_known && (version.major != target.major || version.minor != target.minor))
        return version_misfit("CPython", version, arena);
    if (thaw_tag_part_is(abi, "none"))
        return "";
    if (thaw_tag_part_is(abi, "abi3t"))
        return is_known ? "for free-threaded CPython" : "";
    if (thaw_tag_part_take(&abi, "cp"))
        return thaw_tag_abi_misfit(thaw_tag_version_read(abi), target, arena);
    return thaw_arena_format(arena, "for the ABI %.*s", (int)(abi.length < 64 ? abi.length : 64),
                             abi.bytes);
}

static const char *pair_misfit(struct thaw_tag_part python, struct thaw_tag_part abi,
                               struct thaw_tag_version target, struct thaw_arena *arena)
{
    struct thaw_tag_part whole = python;
    struct thaw_tag_version version;

    if (thaw_tag_part_take(&python, "cp")) {
        version = thaw_tag_version_read(python);
        if (version.major >= 0 && !version.flags.length)
            return cpython_misfit(version, abi, target, arena);
    } else if (thaw_tag_part_take(&python, "py")) {
        version = thaw_tag_version_read(python);
        if (version.major >= 0 && !version.flags.length) {
            const char *why = python_misfit(version, target, arena);

            if (!why || *why || thaw_tag_part_is(abi, "none") || target.major < 0)
                return why;
            return thaw_arena_format(arena, "for the ABI %.*s",
                                     (int)(abi.length < 64 ? abi.length : 64), abi.bytes);
        }
    }
    return interpreter_misfit(whole, arena);
}

/* Of all pairs of a list of interpreters and one of ABIs: "" when one fits, else why the first
 * does not. */
static const char *pairs_misfit(struct thaw_tag_part pythons, struct thaw_tag_part abis,
                                struct thaw_tag_version target, struct thaw_arena *arena)
{
    const char *first = NULL, *why;
    struct thaw_tag_part python, abi;

    for (int i = 0; i < THAW_TAG_SET_MAX && thaw_tag_part_next(&pythons, '.', &python); i++) {
        struct thaw_tag_part rest = abis;

        for (int j = 0; j < THAW_TAG_SET_MAX && thaw_tag_part_next(&rest, '.', &abi); j++) {
            why = pair_misfit(python, abi, target, arena);
            if (!why || !*why)
                return why;
            first = first ? first : why;
        }
    }
    return first ? first : "";
}

static const char *platforms_misfit(struct thaw_tag_part platforms,
                                    const struct thaw_tags_target *target, struct thaw_arena *arena)
{
    const char *first = NULL, *why;
    struct thaw_tag_part platform;

    for (int i = 0; i < THAW_TAG_SET_MAX && thaw_tag_part_next(&platforms, '.', &platform); i++) {
        why = thaw_tag_platform_misfit(platform, target, arena);
        if (!why || !*why)
            return why;
        first = first ? first : why;
    }
    return first ? first : "";
}

const char *thaw_tags_misfit(const char *tag, const struct thaw_tags_target *target,
                             struct thaw_arena *arena)
{
    struct thaw_tag_part rest = {tag, strlen(tag)}, pythons, abis, platforms;
    const char *why;

    if (!thaw_tag_part_next(&rest, '-', &pythons) || !thaw_tag_part_next(&rest, '-', &abis) ||
        !thaw_tag_part_next(&rest, '-', &platforms) || rest.bytes || !pythons.length ||
        !abis.length || !platforms.length)
        return "";
    why = platforms_misfit(platforms, target, arena);
    if (!why || *why)
        return why;
    return pairs_misfit(pythons, abis, thaw_tag_version_of(target->python_version), arena);
}
