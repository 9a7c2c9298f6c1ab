/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "packaging/machine.h"
#include "packaging/tags.h"
#include "shipped/app.h"
#include "shipped/build.h"
#include "shipped/sites.h"
#include "shipped/tree.h"

struct search {
    struct thaw_shipped *shipped;
    struct thaw_tags_target target;
    enum thaw_app_place *places;
    bool is_looked_into;  /* files that were not opened as libraries are, by their first bytes */
    const bool *left_out; /* of each file: it is not; NULL: none */
    uint64_t looked_into;
};

/* That are opened: a large tree is told by its names, too. */
#define FILES_MAX 4000
#define HEADER_BYTES 64

static int add_foreign(struct thaw_shipped *shipped, const char *path, uint32_t distribution,
                       const char *why)
{
    struct thaw_shipped_foreign *added = thaw_array_add(&shipped->memory->foreign);

    if (!added)
        return -ENOMEM;
    *added = (struct thaw_shipped_foreign){path, distribution, why};
    return 0;
}

/* A wheel fits when one of its tags does; else its first tag says why not. */
static int judge_wheels(struct search *search)
{
    struct thaw_shipped *shipped = search->shipped;

    for (uint32_t i = 0; i < shipped->distribution_count; i++) {
        struct thaw_shipped_distribution *wheel = &shipped->distributions[i];
        const char *first = "";

        for (uint64_t k = 0; k < wheel->tags.count; k++) {
            const char *why =
                thaw_tags_misfit(wheel->tags.items[k], &search->target, &shipped->memory->arena);

            if (!why)
                return -ENOMEM;
            if (k == 0 || !*why)
                first = why;
            if (!*why)
                break;
        }
        wheel->misfit = first;
        if (*first && add_foreign(shipped, wheel->info, i, first) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* "" it may be used; NULL: memory is short. */
static const char *misfit_of_library(const struct search *search,
                                     const struct thaw_shipped_library *library)
{
    const char *machine = search->target.machine;

    if (!*machine || !*library->machine || thaw_machine_is_same(machine, library->machine))
        return "";
    return thaw_arena_format(&search->shipped->memory->arena, "for %s", library->machine);
}

/*
 * Could it be bound to the interpreter its wheel was built for? An extension module, or what may be
 * one as far as its name tells; libraries and programs beside it are told by their machine.
 */
static bool is_bound_to_wheel(const struct search *search, const struct thaw_shipped_file *file)
{
    const char *name = thaw_tree_file_name(file);
    size_t length = strlen(name);

    if (file->distribution == THAW_SHIPPED_NONE)
        return false;
    if (file->library != THAW_SHIPPED_NONE)
        return search->shipped->libraries[file->library].type == THAW_LIBRARY_EXTENSION;
    return length > 3 && strcmp(name + length - 3, ".so") == 0;
}

/* What a file's first bytes say of where it can be loaded: ELF (gABI), PE (its DOS header), Mach-O
 * (mach-o/loader.h, mach-o/fat.h). */
static const char *misfit_of_bytes(const struct search *search, const unsigned char *bytes,
                                   size_t length)
{
    static const unsigned char mach[][4] = {{0xfe, 0xed, 0xfa, 0xce},
                                            {0xfe, 0xed, 0xfa, 0xcf},
                                            {0xce, 0xfa, 0xed, 0xfe},
                                            {0xcf, 0xfa, 0xed, 0xfe},
                                            {0xca, 0xfe, 0xba, 0xbe}};
    const char *machine = thaw_shipped_machine_of(bytes, length);

    if (*machine)
        return !*search->target.machine || thaw_machine_is_same(machine, search->target.machine)
                   ? ""
                   : thaw_arena_format(&search->shipped->memory->arena, "for %s", machine);
    if (length >= 2 && memcmp(bytes, "MZ", 2) == 0)
        return "for Windows";
    for (size_t i = 0; length >= 4 && i < sizeof(mach) / sizeof(mach[0]); i++) {
        if (memcmp(bytes, mach[i], 4) == 0)
            return "for macOS";
    }
    return "";
}

static const char *misfit_by_look(struct search *search, const struct thaw_shipped_file *file)
{
    struct thaw_arena arena = {0};
    uint32_t number = (uint32_t)(file - search->shipped->files);
    const char *why = "";
    size_t length;
    char *bytes;
    int result;

    if (search->looked_into >= FILES_MAX || (search->left_out && search->left_out[number]))
        return "";
    search->looked_into++;
    result = thaw_tree_read(search->shipped, number, HEADER_BYTES, &arena, &bytes, &length);
    if (result == 0)
        why = misfit_of_bytes(search, (const unsigned char *)bytes, length);
    thaw_arena_free(&arena);
    return result == -ENOMEM ? NULL : why;
}

/* By what the file itself is, then by its name, then by the wheel it came in. */
static const char *misfit_of_file(struct search *search, const struct thaw_shipped_file *file)
{
    struct thaw_shipped *shipped = search->shipped;
    const char *why = "";

    if (file->library != THAW_SHIPPED_NONE)
        why = misfit_of_library(search, &shipped->libraries[file->library]);
    else if (search->is_looked_into)
        why = misfit_by_look(search, file);
    if (why && !*why)
        why = thaw_tags_file_misfit(thaw_tree_file_name(file), &search->target,
                                    &shipped->memory->arena);
    if (why && !*why && is_bound_to_wheel(search, file))
        why = shipped->distributions[file->distribution].misfit;
    return why;
}

/* Python might load it: it is a distribution's, on the import path, or the app's. */
static bool is_for_python(const struct search *search, const struct thaw_shipped_file *file)
{
    return file->distribution != THAW_SHIPPED_NONE ||
           thaw_sites_holds(search->shipped, file->folder) ||
           search->places[file->folder] != THAW_APP_OUTSIDE;
}

static int judge_files(struct search *search)
{
    struct thaw_shipped *shipped = search->shipped;

    for (uint32_t i = 0; i < shipped->file_count; i++) {
        const struct thaw_shipped_file *file = &shipped->files[i];
        const char *why;

        if ((file->kind != THAW_FILE_NATIVE && file->library == THAW_SHIPPED_NONE) ||
            !is_for_python(search, file))
            continue;
        why = misfit_of_file(search, file);
        if (!why || (*why && add_foreign(shipped, file->path, file->distribution, why) < 0))
            return -ENOMEM;
    }
    return 0;
}

static int judge(struct search *search, struct thaw_error *error)
{
    struct thaw_shipped *shipped = search->shipped;
    int result;

    search->target = (struct thaw_tags_target){shipped->python.version, shipped->python.machine,
                                               shipped->python.c_library};
    search->places = thaw_app_places(shipped);
    result = search->places ? judge_wheels(search) : -ENOMEM;
    if (result == 0)
        result = judge_files(search);
    free(search->places);
    return result < 0 ? thaw_error_memory(error) : 0;
}

int thaw_shipped_foreign(struct thaw_shipped *shipped, struct thaw_error *error)
{
    return judge(&(struct search){.shipped = shipped}, error);
}

int thaw_shipped_judge_for(struct thaw_shipped *shipped, const char *python_version,
                           const char *machine, const bool *left_out, struct thaw_error *error)
{
    struct search search = {.shipped = shipped, .is_looked_into = true, .left_out = left_out};
    struct thaw_arena *arena = &shipped->memory->arena;
    int result;

    shipped->python.machine = thaw_arena_string(arena, machine);
    shipped->python.is_machine_assumed = false;
    if (*python_version)
        shipped->python.version = thaw_arena_string(arena, python_version);
    if (!shipped->python.machine || !shipped->python.version)
        return thaw_error_memory(error);
    shipped->memory->foreign.count = 0;
    result = judge(&search, error);
    shipped->foreign = shipped->memory->foreign.items;
    shipped->foreign_count = shipped->memory->foreign.count;
    return result;
}
