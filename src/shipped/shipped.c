/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "shipped/build.h"
#include "shipped/library_reading.h"
#include "shipped/tree.h"

#define FAULTS_MAX 1000
#define FAULT_BYTES_MAX 512

/* What is made of what: each step reads what those before it made. */
static const struct {
    thaw_shipped_step take;
    bool is_reason; /* left out by the option without_reasons */
} steps[] = {
    {thaw_shipped_target, false},      /* the folders or the zip are open */
    {thaw_shipped_walk, false},        /* folders and files */
    {thaw_shipped_sites, false},       /* distributions, and who owns what */
    {thaw_shipped_python, false},      /* the interpreter it is for */
    {thaw_shipped_libraries, false},   /* shared objects, and what they need */
    {thaw_shipped_duplicates, false},  /* the same library several times */
    {thaw_shipped_amounts, false},     /* sums of sizes, by kind: of ELF, too */
    {thaw_shipped_requests, true},     /* lines of requirements files */
    {thaw_shipped_app_imports, true},  /* what the app's own files import */
    {thaw_shipped_requirements, true}, /* why each distribution is there */
    {thaw_shipped_conflicts, true},    /* what does not go together */
    {thaw_shipped_foreign, false},     /* built for another platform, interpreter, architecture */
    {thaw_shipped_bytecode, true},     /* is it usable */
    {thaw_shipped_path_files, true},   /* .pth */
    {thaw_shipped_limits, false},      /* of the platforms */
};

/* The model's own pointers to what is there by now. */
static void shipped_show(struct thaw_shipped *shipped)
{
    struct thaw_shipped_memory *memory = shipped->memory;

#define SHOW(array, counter)                                                                       \
    do {                                                                                           \
        shipped->array = memory->array.items;                                                      \
        shipped->counter = memory->array.count;                                                    \
    } while (0)
    SHOW(folders, folder_count);
    SHOW(files, file_count);
    SHOW(distributions, distribution_count);
    SHOW(requests, request_count);
    SHOW(conflicts, conflict_count);
    SHOW(foreign, foreign_count);
    SHOW(libraries, library_count);
    SHOW(duplicates, duplicate_count);
    SHOW(path_files, path_file_count);
    SHOW(faults, fault_count);
    SHOW(limits, limit_count);
#undef SHOW
}

int thaw_shipped_read(const struct thaw_shipped_options *options, struct thaw_shipped **ret,
                      struct thaw_error *error)
{
    struct thaw_shipped *shipped = calloc(1, sizeof(*shipped));
    int result = 0;

    if (!shipped)
        return thaw_error_memory(error);
    shipped->memory = calloc(1, sizeof(*shipped->memory));
    if (!shipped->memory) {
        free(shipped);
        return thaw_error_memory(error);
    }
    shipped->memory->options = options;
    for (size_t i = 0; result == 0 && i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (steps[i].is_reason && options->without_reasons)
            continue;
        result = steps[i].take(shipped, error);
        shipped_show(shipped);
    }
    shipped->memory->options = NULL; /* the caller's: gone when this returns */
    if (result < 0) {
        thaw_shipped_free(shipped);
        return result;
    }
    *ret = shipped;
    return 0;
}

void thaw_shipped_free(struct thaw_shipped *shipped)
{
    struct thaw_shipped_memory *memory;

    if (!shipped)
        return;
    memory = shipped->memory;
    thaw_library_readers_end(memory->readers, &memory->arena);
    thaw_site_table_free(memory->sites);
    thaw_content_free(memory->content);
    thaw_array_free(&memory->folders);
    thaw_array_free(&memory->files);
    thaw_array_free(&memory->distributions);
    thaw_array_free(&memory->requests);
    thaw_array_free(&memory->conflicts);
    thaw_array_free(&memory->foreign);
    thaw_array_free(&memory->libraries);
    thaw_array_free(&memory->duplicates);
    thaw_array_free(&memory->path_files);
    thaw_array_free(&memory->faults);
    thaw_array_free(&memory->limits);
    thaw_arena_free(&memory->arena);
    free(memory);
    free(shipped);
}

static int tell(struct thaw_shipped *shipped, const char *path, const char *what, bool is_unread,
                bool is_folder)
{
    struct thaw_shipped_memory *memory = shipped->memory;
    struct thaw_shipped_fault *fault;

    if (memory->faults.count >= FAULTS_MAX) {
        shipped->faults_more++;
        return 0;
    }
    fault = thaw_array_add(&memory->faults);
    if (!fault)
        return -ENOMEM;
    *fault = (struct thaw_shipped_fault){.path = thaw_arena_string(&memory->arena, path),
                                         .what = thaw_arena_string(&memory->arena, what),
                                         .is_unread = is_unread,
                                         .is_folder = is_folder};
    return fault->path && fault->what ? 0 : -ENOMEM;
}

int thaw_shipped_fault(struct thaw_shipped *shipped, const char *path, const char *format, ...)
{
    char text[FAULT_BYTES_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return tell(shipped, path, text, true, false);
}

int thaw_shipped_remark(struct thaw_shipped *shipped, const char *path, const char *format, ...)
{
    char text[FAULT_BYTES_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return tell(shipped, path, text, false, false);
}

int thaw_shipped_folder_fault(struct thaw_shipped *shipped, const char *path, const char *what)
{
    return tell(shipped, path, what, true, true);
}
