/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "use_fixture.h"

static struct thaw_shipped_file files[] = {
    [MAIN] = {.path = "main.py",
              .distribution = THAW_SHIPPED_NONE,
              .library = THAW_SHIPPED_NONE,
              .bytes = 100},
    [PK] = {.path = SITE "pk/__init__.py", .library = THAW_SHIPPED_NONE, .bytes = 200},
    [PK_BYTECODE] = {.path = SITE "pk/__pycache__/__init__.cpython-311.pyc",
                     .library = THAW_SHIPPED_NONE,
                     .kind = THAW_FILE_BYTECODE,
                     .bytes = 300},
    [EXTENSION] = {.path = SITE "pk/_ext.so",
                   .kind = THAW_FILE_NATIVE,
                   .library = 0,
                   .bytes = 1000},
    [LIBRARY] = {.path = SITE "pk.libs/liba.so",
                 .kind = THAW_FILE_NATIVE,
                 .library = 1,
                 .bytes = 2000},
    [DATA] = {.path = SITE "pk/data.json",
              .kind = THAW_FILE_DATA,
              .library = THAW_SHIPPED_NONE,
              .bytes = 50},
    [OTHER] = {.path = SITE "other/__init__.py",
               .distribution = IS_OTHER,
               .library = THAW_SHIPPED_NONE,
               .bytes = 60},
    [OTHER_INFO] = {.path = SITE "other-1.dist-info/METADATA",
                    .distribution = IS_OTHER,
                    .kind = THAW_FILE_METADATA,
                    .library = THAW_SHIPPED_NONE,
                    .bytes = 70},
    [OTHER_PTH] = {.path = SITE "other.pth",
                   .distribution = IS_OTHER,
                   .kind = THAW_FILE_DATA,
                   .library = THAW_SHIPPED_NONE,
                   .bytes = 20},
    [COMPILED] = {.path = SITE "compiled/__init__.py",
                  .distribution = IS_COMPILED,
                  .library = THAW_SHIPPED_NONE,
                  .bytes = 80},
};

static struct thaw_shipped_distribution distributions[] = {{.name = "pk"},
                                                           {.name = "other"},
                                                           {.name = "compiled"}};

static struct thaw_shipped_library libraries[] = {
    {.file = EXTENSION, .path = SITE "pk/_ext.so", .build_id = "e"},
    {.file = LIBRARY, .path = SITE "pk.libs/liba.so", .build_id = "a"},
    {.file = THAW_SHIPPED_NONE, .outside = true, .path = "/lib/libz.so.1", .build_id = "abcd"},
    {.file = THAW_SHIPPED_NONE, .outside = true, .path = "/lib/libnone.so", .build_id = "0123"},
};

struct thaw_shipped use_shipped = {
    .files = files,
    .file_count = sizeof(files) / sizeof(files[0]),
    .distributions = distributions,
    .distribution_count = sizeof(distributions) / sizeof(distributions[0]),
    .libraries = libraries,
    .library_count = sizeof(libraries) / sizeof(libraries[0]),
};

struct use_joined joined;

void use_record(const char *lines)
{
    struct thaw_error error = {0};
    size_t n = joined.count++;

    timeline_fixture_build(&joined.fixtures[n], lines);
    assert_int_equal(thaw_analysis_build(joined.fixtures[n].timeline, &joined.analyses[n], &error),
                     0);
    joined.sources[n] = (struct thaw_use_source){"r.thaw", joined.analyses[n]};
}

const struct thaw_use *use_join(const char *directory)
{
    const struct thaw_use_place place = {.directory = directory, .follow = joined.follow};
    struct thaw_error error = {0};

    assert_int_equal(
        thaw_use_build(&use_shipped, &place, joined.sources, joined.count, &joined.use, &error), 0);
    return joined.use;
}

int use_end(void **state)
{
    (void)state;
    thaw_use_free(joined.use);
    for (size_t i = 0; i < joined.count; i++) {
        thaw_analysis_free(joined.analyses[i]);
        timeline_fixture_free(&joined.fixtures[i]);
    }
    memset(&joined, 0, sizeof(joined));
    memset(&use_shipped.folders_read, 0, sizeof(use_shipped.folders_read));
    return 0;
}

void use_assert_stage(enum thaw_use_stage stage, const char *expected)
{
    const struct thaw_use_amount *amount = &joined.use->stages[stage];
    char text[128] = "unknown";

    if (amount->known)
        snprintf(text, sizeof(text), "%llu %llu %llu %llu", (unsigned long long)amount->files,
                 (unsigned long long)amount->bytes, (unsigned long long)amount->library_files,
                 (unsigned long long)amount->library_bytes);
    if (strcmp(text, expected))
        fail_msg("%s: expected %s, is %s", thaw_use_stage_name(stage), expected, text);
}

void use_assert_subsets(void)
{
    for (size_t i = 0; i < use_shipped.file_count; i++) {
        const struct thaw_use_file *file = &joined.use->files[i];

        assert_true(!file->stages[THAW_USE_MAPPED] || file->stages[THAW_USE_OPENED]);
        assert_true(!file->stages[THAW_USE_RESIDENT] || file->stages[THAW_USE_MAPPED]);
        assert_true(!file->stages[THAW_USE_USED] || file->stages[THAW_USE_OPENED]);
        assert_true(!file->stages[THAW_USE_USED] || use_shipped.files[i].kind != THAW_FILE_NATIVE ||
                    file->stages[THAW_USE_MAPPED]);
        assert_true(file->resident_bytes <= use_shipped.files[i].bytes);
    }
}
