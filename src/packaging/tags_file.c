/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "packaging/tags.h"
#include "packaging/tags_private.h"

/* The system in names of extension modules: "x86_64-linux-gnu", "darwin". Sources: CPython's
 * configure.ac, PLATFORM_TRIPLET; PEP 3149. */
static const struct {
    const char *suffix;
    const char *why; /* NULL: what precedes it is a machine */
    enum thaw_c_library_kind c_library;
} systems[] = {
    {"-linux-gnu", NULL, THAW_C_LIBRARY_GLIBC},
    {"-linux-gnueabihf", NULL, THAW_C_LIBRARY_GLIBC},
    {"-linux-gnueabi", NULL, THAW_C_LIBRARY_GLIBC},
    {"-linux-gnux32", NULL, THAW_C_LIBRARY_GLIBC},
    {"-linux", NULL, THAW_C_LIBRARY_UNKNOWN},
    {"-linux-musl", NULL, THAW_C_LIBRARY_MUSL},
    {"-linux-musleabihf", NULL, THAW_C_LIBRARY_MUSL},
    {"-linux-musleabi", NULL, THAW_C_LIBRARY_MUSL},
    {"-linux-android", "for Android", THAW_C_LIBRARY_UNKNOWN},
    {"-linux-androideabi", "for Android", THAW_C_LIBRARY_UNKNOWN},
    {"darwin", "for macOS", THAW_C_LIBRARY_UNKNOWN},
    {"-cygwin", "for Windows (Cygwin)", THAW_C_LIBRARY_UNKNOWN},
    {"-emscripten", "for WebAssembly", THAW_C_LIBRARY_UNKNOWN},
    {"-wasi", "for WebAssembly", THAW_C_LIBRARY_UNKNOWN},
    {"-iphoneos", "for iOS", THAW_C_LIBRARY_UNKNOWN},
    {"-iphonesimulator", "for iOS", THAW_C_LIBRARY_UNKNOWN},
};

/* Since CPython 3.13 every build knows musl and says so; before, with musl some call their modules
 * "-linux-gnu", some don't (python/cpython#87278, #95855). */
#define MUSL_IS_NAMED 13

/* Debian's names of machines, and those of the kernel that tags have. */
static const struct {
    const char *triplet;
    const char *tag;
} machines[] = {
    {"i386", "i686"}, {"arm", "armv7l"}, {"powerpc64le", "ppc64le"}, {"powerpc64", "ppc64"}};

/* What stands between the module's name and the extension: "cpython-311-x86_64-linux-gnu"; empty:
 * nothing. *extension: ".so", NULL: it is no name of an extension module. */
static struct thaw_tag_part file_tag(const char *name, const char **extension)
{
    struct thaw_tag_part tag = {"", 0};
    const char *end = strrchr(name, '.'), *begin = end;

    *extension = end && end != name ? end : NULL;
    if (!*extension)
        return tag;
    while (begin > name && begin[-1] != '.')
        begin--;
    if (begin > name + 1)
        tag = (struct thaw_tag_part){begin, (size_t)(end - begin)};
    return tag;
}

static bool ends_with(struct thaw_tag_part *part, const char *suffix)
{
    size_t length = strlen(suffix);

    if (part->length < length || memcmp(part->bytes + part->length - length, suffix, length) != 0)
        return false;
    part->length -= length;
    return true;
}

static const char *system_misfit(enum thaw_c_library_kind kind,
                                 const struct thaw_tags_target *target)
{
    struct thaw_tag_version version = thaw_tag_version_of(target->python_version);

    if (kind == THAW_C_LIBRARY_GLIBC && version.minor < MUSL_IS_NAMED)
        return "";
    return thaw_tag_c_library_misfit(kind, &target->c_library);
}

/* "x86_64-linux-gnu" */
static const char *triplet_misfit(struct thaw_tag_part triplet,
                                  const struct thaw_tags_target *target, struct thaw_arena *arena)
{
    for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++) {
        const char *why = systems[i].why;

        if (!ends_with(&triplet, systems[i].suffix))
            continue;
        if (!why)
            why = system_misfit(systems[i].c_library, target);
        if (*why)
            return why;
        if (strcmp(systems[i].suffix, "-linux-gnux32") == 0)
            return *target->machine ? "for x32" : "";
        for (size_t j = 0; j < sizeof(machines) / sizeof(machines[0]); j++) {
            if (thaw_tag_part_is(triplet, machines[j].triplet))
                triplet = (struct thaw_tag_part){machines[j].tag, strlen(machines[j].tag)};
        }
        return thaw_tag_machine_misfit(triplet, target->machine, arena);
    }
    return "";
}

static const char *cpython_misfit(struct thaw_tag_part tag, const struct thaw_tags_target *target,
                                  struct thaw_arena *arena)
{
    struct thaw_tag_part version = tag;
    struct thaw_tag_version abi;
    const char *why = "";

    if (!thaw_tag_part_next(&tag, '-', &version))
        return "";
    abi = thaw_tag_version_read(version);
    if (abi.major < 0 || abi.minor < 0)
        return "";
    if (tag.bytes)
        why = triplet_misfit(tag, target, arena);
    return why && !*why
               ? thaw_tag_abi_misfit(abi, thaw_tag_version_of(target->python_version), arena)
               : why;
}

const char *thaw_tags_file_misfit(const char *name, const struct thaw_tags_target *target,
                                  struct thaw_arena *arena)
{
    const char *extension;
    struct thaw_tag_part tag = file_tag(name, &extension);

    if (!extension)
        return "";
    if (strcasecmp(extension, ".pyd") == 0 || strcasecmp(extension, ".dll") == 0)
        return "for Windows";
    if (strcmp(extension, ".dylib") == 0)
        return "for macOS";
    if (strcmp(extension, ".so") != 0)
        return "";
    if (thaw_tag_part_take(&tag, "cpython-"))
        return cpython_misfit(tag, target, arena);
    if (thaw_tag_part_take(&tag, "pypy"))
        return "for PyPy";
    if (thaw_tag_part_take(&tag, "graalpy"))
        return "for GraalPy";
    if (thaw_tag_part_is(tag, "abi3t"))
        return *target->python_version ? "for free-threaded CPython" : "";
    return "";
}
