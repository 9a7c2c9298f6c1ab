/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "thaw/use.h"

/* Recordings in either form, joined with a small target: no stage holds what the one before lacks,
 * and no file more than it has. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct thaw_shipped_file files[] = {
    {.path = "main.py",
     .distribution = THAW_SHIPPED_NONE,
     .library = THAW_SHIPPED_NONE,
     .bytes = 100},
    {.path = "site-packages/pk/__init__.py", .library = THAW_SHIPPED_NONE, .bytes = 200},
    {.path = "site-packages/pk/__pycache__/__init__.cpython-311.pyc",
     .library = THAW_SHIPPED_NONE,
     .bytes = 300},
    {.path = "site-packages/pk/_ext.so", .kind = THAW_FILE_NATIVE, .bytes = 1000},
    {.path = "site-packages/pk.pth", .library = THAW_SHIPPED_NONE, .bytes = 20},
    {.path = "lib.zip", .library = THAW_SHIPPED_NONE, .bytes = 50},
};
static struct thaw_shipped_distribution distributions[] = {{.name = "pk"}};
static struct thaw_shipped_library libraries[] = {
    {.file = 3, .path = "site-packages/pk/_ext.so", .build_id = "e"},
    {.file = THAW_SHIPPED_NONE, .outside = true, .path = "/lib/libz.so.1", .build_id = "abcd"},
};
static const struct thaw_shipped shipped = {
    .files = files,
    .file_count = sizeof(files) / sizeof(files[0]),
    .distributions = distributions,
    .distribution_count = 1,
    .libraries = libraries,
    .library_count = 2,
};

static void demand(bool holds, const char *rule)
{
    if (holds)
        return;
    fprintf(stderr, "does not hold: %s\n", rule);
    abort();
}

static void check(const struct thaw_use *use)
{
    for (size_t i = 0; i < shipped.file_count; i++) {
        const struct thaw_use_file *file = &use->files[i];

        demand(!file->stages[THAW_USE_MAPPED] || file->stages[THAW_USE_OPENED], "mapped, opened");
        demand(!file->stages[THAW_USE_RESIDENT] || file->stages[THAW_USE_MAPPED],
               "resident, mapped");
        demand(!file->stages[THAW_USE_USED] || file->stages[THAW_USE_OPENED], "used, opened");
        demand(file->resident_bytes <= files[i].bytes, "resident bytes");
    }
    demand(use->distributions[0].touched_in <= use->recording_count, "touched in");
    for (size_t i = 0; i < shipped.library_count; i++)
        demand(use->libraries[i].loaded_in <= use->recording_count, "loaded in");
    demand(use->small.read_ns == 0 || use->small.files, "small files");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct thaw_use_place place = {.directory = "/srv/app"};
    struct thaw_recording *recording = NULL;
    struct thaw_timeline *timeline = NULL;
    struct thaw_analysis *analysis = NULL;
    struct thaw_use *use = NULL;

    if (thaw_recording_parse(data, size, &recording, NULL) < 0)
        return 0;
    if (thaw_timeline_build(recording, &timeline, NULL) < 0 ||
        thaw_analysis_build(timeline, &analysis, NULL) < 0)
        abort();
    struct thaw_use_source sources[] = {{"one", analysis}, {"two", analysis}};
    if (thaw_use_build(&shipped, &place, sources, 2, &use, NULL) < 0)
        abort();
    check(use);
    thaw_use_free(use);
    thaw_analysis_free(analysis);
    thaw_timeline_free(timeline);
    thaw_recording_free(recording);
    return 0;
}
