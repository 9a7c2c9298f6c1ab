/* SPDX-License-Identifier: Apache-2.0 */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "native/object_weight.h"
#include "packaging/machine.h"
#include "shipped/library_object.h"

#define NAME_BYTES_MAX 256
/* Sections of less than this part of the file are not told. */
#define SECTION_PART 100

const char *thaw_library_type_name(enum thaw_library_type type)
{
    static const char *const names[] = {[THAW_LIBRARY_EXTENSION] = "extension",
                                        [THAW_LIBRARY_SHARED] = "shared",
                                        [THAW_LIBRARY_EXECUTABLE] = "executable"};

    return (size_t)type < sizeof(names) / sizeof(names[0]) ? names[type] : "";
}

bool thaw_library_is_name(const char *name)
{
    for (const char *at = name; (at = strstr(at, ".so")); at++)
        if (at != name && (at[3] == '\0' || at[3] == '.'))
            return true;
    return false;
}

static const struct {
    struct thaw_object_abi abi;
    const char *name;
} machines[] = {
    {{EM_X86_64, true, false}, "x86_64"},   {{EM_X86_64, false, false}, "x32"},
    {{EM_AARCH64, true, false}, "aarch64"}, {{EM_386, false, false}, "i686"},
    {{EM_ARM, false, false}, "armv7l"},     {{EM_PPC64, true, false}, "ppc64le"},
    {{EM_PPC64, true, true}, "ppc64"},      {{EM_S390, true, true}, "s390x"},
    {{EM_RISCV, true, false}, "riscv64"},
};

const char *thaw_library_machine(struct thaw_arena *arena, struct thaw_object_abi abi)
{
    for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
        if (thaw_object_abi_equal(machines[i].abi, abi))
            return machines[i].name;
    return thaw_arena_format(arena, "EM %u", abi.machine);
}

bool thaw_library_abi(const char *machine, struct thaw_object_abi *ret)
{
    for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
        if (thaw_machine_is_same(machines[i].name, machine)) {
            *ret = machines[i].abi;
            return true;
        }
    return false;
}

/* "x.cpython-311-x86_64-linux-gnu.so", "x.abi3.so", or "x.so" that has the function for it. */
static bool is_extension(const struct thaw_object *object, const char *name)
{
    size_t length = strlen(name), stem = strcspn(name, ".");
    char function[NAME_BYTES_MAX];

    if (length < 3 || strcmp(name + length - 3, ".so") != 0)
        return false;
    if (strstr(name, ".cpython-") || strstr(name, ".abi3.") || strstr(name, ".pypy"))
        return true;
    return name[stem + 3] == '\0' &&
           (size_t)snprintf(function, sizeof(function), "PyInit_%.*s", (int)stem, name) <
               sizeof(function) &&
           thaw_object_exports(object, function);
}

static enum thaw_library_type type_of(const struct thaw_object *object, const char *name)
{
    if (is_extension(object, name))
        return THAW_LIBRARY_EXTENSION;
    return thaw_object_is_executable(object) ? THAW_LIBRARY_EXECUTABLE : THAW_LIBRARY_SHARED;
}

static int compare_sections(const void *left, const void *right)
{
    const struct thaw_object_section *one = left, *other = right;

    if (one->bytes != other->bytes)
        return one->bytes < other->bytes ? 1 : -1;
    return strcmp(one->name, other->name);
}

static int copy_sections(const struct thaw_object_weight *weight, struct thaw_arena *arena,
                         struct thaw_shipped_library *ret)
{
    size_t count = 0;

    for (size_t i = 0; i < weight->section_count; i++)
        if (weight->sections[i].bytes && weight->sections[i].bytes >= ret->bytes / SECTION_PART)
            weight->sections[count++] = weight->sections[i];
    if (count)
        qsort(weight->sections, count, sizeof(*weight->sections), compare_sections);
    count = count < SECTION_PART ? count : SECTION_PART;
    ret->sections = thaw_arena_allocate(arena, (count + 1) * sizeof(*ret->sections));
    if (!ret->sections)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        ret->sections[i].name = thaw_arena_string(arena, weight->sections[i].name);
        ret->sections[i].bytes = weight->sections[i].bytes;
        if (!ret->sections[i].name)
            return -ENOMEM;
    }
    ret->section_count = count;
    return 0;
}

static int describe_weight(const struct thaw_object *object, struct thaw_arena *arena,
                           struct thaw_shipped_library *ret, struct thaw_error *error)
{
    struct thaw_arena scratch = {0};
    struct thaw_object_weight weight;
    int result = thaw_object_weigh(object, &scratch, &weight, error);

    ret->debug_bytes = weight.debug_bytes;
    ret->symbol_bytes = weight.symbol_bytes;
    ret->strip_bytes = weight.strip_bytes;
    ret->relocations = weight.relocations;
    ret->constructors = weight.constructors;
    ret->has_writable_code = weight.has_writable_code;
    ret->has_executable_stack = weight.has_executable_stack;
    if (result != -ENOMEM && copy_sections(&weight, arena, ret) < 0)
        result = thaw_error_memory(error);
    thaw_arena_free(&scratch);
    return result;
}

int thaw_library_describe(const struct thaw_object *object, const char *name,
                          struct thaw_arena *arena, struct thaw_shipped_library *ret,
                          struct thaw_error *error)
{
    ret->type = type_of(object, name);
    ret->bytes = thaw_object_bytes(object);
    ret->soname = thaw_arena_string(arena, thaw_object_soname(object));
    ret->build_id = thaw_arena_string(arena, thaw_object_build_id(object));
    ret->rpath = thaw_arena_string(arena, thaw_object_rpath(object));
    ret->runpath = thaw_arena_string(arena, thaw_object_runpath(object));
    ret->machine = thaw_library_machine(arena, thaw_object_abi(object));
    if (!ret->soname || !ret->build_id || !ret->rpath || !ret->runpath || !ret->machine)
        return thaw_error_memory(error);
    return describe_weight(object, arena, ret, error);
}
