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
};

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

/* By what the file itself is, then by its name, then by the wheel it came in. */
static const char *misfit_of_file(const struct search *search, const struct thaw_shipped_file *file)
{
    struct thaw_shipped *shipped = search->shipped;
    const char *why = "";

    if (file->library != THAW_SHIPPED_NONE)
        why = misfit_of_library(search, &shipped->libraries[file->library]);
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

int thaw_shipped_foreign(struct thaw_shipped *shipped, struct thaw_error *error)
{
    struct search search = {
        .shipped = shipped,
        .target = {shipped->python.version, shipped->python.machine, shipped->python.c_library},
        .places = thaw_app_places(shipped),
    };
    int result = search.places ? judge_wheels(&search) : -ENOMEM;

    if (result == 0)
        result = judge_files(&search);
    free(search.places);
    return result < 0 ? thaw_error_memory(error) : 0;
}
