/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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
    /* Of each file what its first bytes say, NULL: it was not looked into, as others than these
     * are; of each folder, whether one that lies there fits. */
    const char **looks;
    bool *has_fitting;
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

/* NULL: memory is short. */
static const char *look_into(struct search *search, uint32_t file)
{
    struct thaw_arena arena = {0};
    const char *why = "";
    size_t length;
    char *bytes;
    int result = thaw_tree_read(search->shipped, file, HEADER_BYTES, &arena, &bytes, &length);

    if (result == 0) {
        why = misfit_of_bytes(search, (const unsigned char *)bytes, length);
        search->has_fitting[search->shipped->files[file].folder] |= length >= 4 && why && !*why;
    }
    thaw_arena_free(&arena);
    return result == -ENOMEM ? NULL : why;
}

/* Programs for Windows beside an installer's modules are copied to where they run. */
static bool may_be_loaded(const struct thaw_shipped_file *file)
{
    const char *name = thaw_tree_file_name(file);
    size_t length = strlen(name);

    return file->kind == THAW_FILE_NATIVE && file->library == THAW_SHIPPED_NONE &&
           (length < 4 || strcasecmp(name + length - 4, ".exe") != 0);
}

static int look_at_files(struct search *search, const bool *left_out)
{
    const struct thaw_shipped *shipped = search->shipped;
    uint32_t looked = 0;

    search->looks = calloc(shipped->file_count + 1, sizeof(*search->looks));
    search->has_fitting = calloc(shipped->folder_count + 1, sizeof(*search->has_fitting));
    if (!search->looks || !search->has_fitting)
        return -ENOMEM;
    for (uint32_t i = 0; i < shipped->file_count && looked < FILES_MAX; i++) {
        if ((left_out && left_out[i]) || !may_be_loaded(&shipped->files[i]))
            continue;
        search->looks[i] = look_into(search, i);
        if (!search->looks[i])
            return -ENOMEM;
        looked++;
    }
    return 0;
}

/* Of libraries for several machines side by side, of which one fits, that one is loaded. */
static const char *misfit_by_look(const struct search *search, const struct thaw_shipped_file *file)
{
    const char *look = search->looks ? search->looks[file - search->shipped->files] : NULL;

    return look && !search->has_fitting[file->folder] ? look : "";
}

/* By what the file itself is, then by its name, then by the wheel it came in. */
static const char *misfit_of_file(const struct search *search, const struct thaw_shipped_file *file)
{
    struct thaw_shipped *shipped = search->shipped;
    const char *why = "";

    if (file->library != THAW_SHIPPED_NONE)
        why = misfit_of_library(search, &shipped->libraries[file->library]);
    else
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

static void begin(struct search *search, struct thaw_shipped *shipped)
{
    *search = (struct search){
        .shipped = shipped,
        .target = {shipped->python.version, shipped->python.machine, shipped->python.c_library},
        .places = thaw_app_places(shipped),
    };
}

/* What begin() and a look made ends here. */
static int judge(struct search *search, struct thaw_error *error)
{
    int result = search->places ? judge_wheels(search) : -ENOMEM;

    if (result == 0)
        result = judge_files(search);
    free(search->places);
    free(search->looks);
    free(search->has_fitting);
    return result < 0 ? thaw_error_memory(error) : 0;
}

int thaw_shipped_foreign(struct thaw_shipped *shipped, struct thaw_error *error)
{
    struct search search;

    begin(&search, shipped);
    return judge(&search, error);
}

int thaw_shipped_judge_for(struct thaw_shipped *shipped, const char *python_version,
                           const char *machine, const bool *left_out, struct thaw_error *error)
{
    struct thaw_arena *arena = &shipped->memory->arena;
    struct search search;
    int result;

    shipped->python.machine = thaw_arena_string(arena, machine);
    shipped->python.is_machine_assumed = false;
    if (*python_version)
        shipped->python.version = thaw_arena_string(arena, python_version);
    if (!shipped->python.machine || !shipped->python.version) {
        shipped->python.machine = shipped->python.machine ? shipped->python.machine : "";
        shipped->python.version = shipped->python.version ? shipped->python.version : "";
        return thaw_error_memory(error);
    }
    shipped->memory->foreign.count = 0;
    begin(&search, shipped);
    result = look_at_files(&search, left_out);
    if (result < 0) {
        free(search.places);
        search.places = NULL; /* so that it says what is amiss */
    }
    result = judge(&search, error);
    shipped->foreign = shipped->memory->foreign.items;
    shipped->foreign_count = shipped->memory->foreign.count;
    return result;
}
