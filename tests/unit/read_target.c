/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "read_target.h"

struct thaw_shipped *read_target(const char *target)
{
    struct thaw_shipped_options options = {.target = target, .root = ""};
    struct thaw_shipped *shipped = NULL;
    struct thaw_error error = {0};

    if (thaw_shipped_read(&options, &shipped, &error) != 0)
        fail_msg("%s: %s", target, error.message);
    return shipped;
}

static const struct thaw_shipped_file *find_file(const struct thaw_shipped *shipped,
                                                 const char *path)
{
    for (size_t i = 0; i < shipped->file_count; i++) {
        if (strcmp(shipped->files[i].path, path) == 0)
            return &shipped->files[i];
    }
    return NULL;
}

void put_in_target(const struct scratch *scratch, const char *name, const char *text)
{
    char path[1024];

    snprintf(path, sizeof(path), "t/%s", name);
    scratch_write_text(scratch, path, text);
}

struct thaw_shipped *read_scratch_target(const struct scratch *scratch)
{
    return read_target(scratch_path(scratch, "t"));
}

const struct thaw_shipped_file *target_file(const struct thaw_shipped *shipped, const char *path)
{
    const struct thaw_shipped_file *file = find_file(shipped, path);

    if (!file)
        fail_msg("no file %s", path);
    return file;
}

bool target_has_file(const struct thaw_shipped *shipped, const char *path)
{
    return find_file(shipped, path) != NULL;
}

const struct thaw_shipped_folder *target_folder(const struct thaw_shipped *shipped,
                                                const char *path)
{
    for (size_t i = 0; i < shipped->folder_count; i++) {
        if (strcmp(shipped->folders[i].path, path) == 0)
            return &shipped->folders[i];
    }
    fail_msg("no folder %s", path);
    return NULL;
}

const struct thaw_shipped_distribution *target_distribution(const struct thaw_shipped *shipped,
                                                            const char *name)
{
    for (size_t i = 0; i < shipped->distribution_count; i++) {
        if (strcmp(shipped->distributions[i].name, name) == 0)
            return &shipped->distributions[i];
    }
    fail_msg("no distribution %s", name);
    return NULL;
}

const char *target_owner(const struct thaw_shipped *shipped, const char *path)
{
    uint32_t owner = target_file(shipped, path)->distribution;

    return owner == THAW_SHIPPED_NONE ? "" : shipped->distributions[owner].name;
}

bool target_has_fault(const struct thaw_shipped *shipped, const char *path, const char *part)
{
    for (size_t i = 0; i < shipped->fault_count; i++) {
        if (strcmp(shipped->faults[i].path, path) == 0 && strstr(shipped->faults[i].what, part))
            return true;
    }
    return false;
}

uint64_t target_du(const char *path)
{
    char *text = scratch_output("du -s -B1 '%s' | cut -f1", path);
    uint64_t bytes = text ? strtoull(text, NULL, 10) : 0;

    free(text);
    assert_int_not_equal(bytes, 0);
    return bytes;
}
