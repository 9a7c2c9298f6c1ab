/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "packaging/tags.h"
#include "packaging/tags_private.h"

/* The system in names of extension modules: "x86_64-linux-gnu", "darwin". Sources: CPython's
 * configure.ac, PLATFORM_TRIPLET; PEP 3149. */
static const struct {
    const char *suffix;
    const char *why; /* NULL: what precedes it is a machine, with glibc */
} systems[] = {
    {"-linux-gnu", NULL},
    {"-linux-gnueabihf", NULL},
    {"-linux-gnueabi", NULL},
    {"-linux-gnux32", NULL},
    {"-linux", NULL},
    {"-linux-musl", "for musl (Alpine)"},
    {"-linux-musleabihf", "for musl (Alpine)"},
    {"-linux-android", "for Android"},
    {"-linux-androideabi", "for Android"},
    {"darwin", "for macOS"},
    {"-cygwin", "for Windows (Cygwin)"},
    {"-emscripten", "for WebAssembly"},
    {"-wasi", "for WebAssembly"},
    {"-iphoneos", "for iOS"},
    {"-iphonesimulator", "for iOS"},
};

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

/* "x86_64-linux-gnu" */
static const char *triplet_misfit(struct thaw_tag_part triplet, const char *machine,
                                  struct thaw_arena *arena)
{
    for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++) {
        if (!ends_with(&triplet, systems[i].suffix))
            continue;
        if (systems[i].why)
            return systems[i].why;
        if (strcmp(systems[i].suffix, "-linux-gnux32") == 0)
            return *machine ? "for x32" : "";
        for (size_t j = 0; j < sizeof(machines) / sizeof(machines[0]); j++) {
            if (thaw_tag_part_is(triplet, machines[j].triplet))
                triplet = (struct thaw_tag_part){machines[j].tag, strlen(machines[j].tag)};
        }
        return thaw_tag_machine_misfit(triplet, machine, arena);
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
        why = triplet_misfit(tag, target->machine, arena);
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
