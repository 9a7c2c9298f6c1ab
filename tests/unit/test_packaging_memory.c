/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "chaos_malloc.h"
#include "inventory/requires.h"
#include "packaging/metadata.h"
#include "packaging/name.h"
#include "packaging/requirement.h"
#include "packaging/requirements_file.h"
#include "packaging/tags.h"

/*
 * Every allocation of src/packaging fails in turn: an error, no crash, no leak. A block of an arena
 * is 64 KiB: texts are long here, so that they need several.
 */
#define LONG_BYTES 20000

static char long_text[LONG_BYTES + 1];

static int prepare(void **state)
{
    (void)state;
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap\n");
        return -1;
    }
    memset(long_text, 'x', LONG_BYTES);
    return 0;
}

/* Whether the arena is full, so that what is asked for next needs a block of its own. */
static bool fill(struct thaw_arena *arena)
{
    return thaw_arena_allocate(arena, 65536) != NULL;
}

static void names(void **state)
{
    (void)state;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_arena arena = {0};
        const char *name = thaw_name_normalise(&arena, "A_b", 3);

        chaos_malloc_pause();
        assert_true((name == NULL) == chaos_malloc_failed());
        thaw_arena_free(&arena);
    }
}

static void requirements(void **state)
{
    static const char text[] = "name[one,two] >=1 ; extra == 'x'", url[] = "name @ https://h/x ; ";
    int rounds = 0;

    (void)state;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more(); rounds++) {
        struct thaw_arena arena = {0};
        struct thaw_dependency_specifier requirement;
        int result = 0;

        /* Some text of it is the first that needs a new block. */
        for (size_t left = 0; left < 400; left += 8) {
            struct thaw_arena almost = {0};

            result = -ENOMEM;
            if (thaw_arena_allocate(&almost, 65536 - left))
                result = thaw_requirement_parse(text, sizeof(text) - 1, &almost, &requirement);
            thaw_arena_free(&almost);
            if (result < 0)
                break;
        }
        if (result == 0)
            result = fill(&arena)
                         ? thaw_requirement_parse(url, sizeof(url) - 4, &arena, &requirement)
                         : -ENOMEM;
        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_arena_free(&arena);
    }
    assert_true(rounds > 50);
}

/* More lines than one block has room for, and lists that grow. */
static void metadata(void **state)
{
    static char text[200000];
    char *end = text + sprintf(text,
                               "Name: a\nVersion: 1\nLicense: %.70s\nRequires-Python: >=3\n"
                               "License-Expression: MIT\n",
                               long_text);

    (void)state;
    for (int i = 0; i < 30; i++)
        end +=
            sprintf(end, "Requires-Dist: %.4000s\nProvides-Extra: %.400s\n", long_text, long_text);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_arena arena = {0};
        struct thaw_metadata parsed;
        struct thaw_error error = {0};
        int result = thaw_metadata_parse(text, (size_t)(end - text), &arena, &parsed, &error);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        assert_int_equal(error.code, result);
        thaw_arena_free(&arena);
    }
}

static void requires_of_eggs(void **state)
{
    static const char text[] = "a\n[x]\nb\nc@u\n[:os_name == 'a']\nd\n[y:os_name == 'b']\ne\n";

    (void)state;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_arena arena = {0};
        struct thaw_metadata parsed = {0};
        int result = thaw_metadata_parse_requires(text, sizeof(text) - 1, &arena, &parsed, NULL);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_arena_free(&arena);
    }
}

static void requirements_files(void **state)
{
    static const char text[] = "a==1 \\\n --hash=x\n-r 'b c'\n--pre\n./d\n";

    (void)state;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_arena arena = {0};
        struct thaw_requirements_reader reader;
        struct thaw_requirements_line line;
        int result = 1, lines = 0;

        thaw_requirements_begin(&reader, text, sizeof(text) - 1);
        while (result == 1) {
            result = fill(&arena) ? thaw_requirements_next(&reader, &arena, &line) : -ENOMEM;
            lines += result == 1;
        }
        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        assert_true(chaos_malloc_failed() || lines == 4);
        thaw_arena_free(&arena);
    }
}

static void tags(void **state)
{
    static const struct thaw_tags_target target = {"3.11", "x86_64", {THAW_C_LIBRARY_GLIBC, 2, 12}};
    static const char *const all[] = {
        "cp310-cp310-linux_x86_64",
        "py4-none-any",
        "cp312-abi3-linux_x86_64",
        "cp311-cp311t-linux_x86_64",
        "cp311-cp311d-linux_x86_64",
        "cp311-cp311m-linux_x86_64",
        "cp311-odd-linux_x86_64",
        "py3-odd-linux_x86_64",
        "odd-none-any",
        "py3-none-odd",
        "py3-none-linux_aarch64",
        "cp31.cp32-none-any",
        "py3-none-linux_odd.linux_other",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
            struct thaw_arena arena = {0};
            const char *why = thaw_tags_misfit(all[i], &target, &arena);

            chaos_malloc_pause();
            assert_true((why == NULL) == chaos_malloc_failed());
            assert_true(!why || *why);
            thaw_arena_free(&arena);
        }
    }
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_arena arena = {0};
        const char *why =
            thaw_tags_file_misfit("x.cpython-310-x86_64-linux-gnu.so", &target, &arena);

        chaos_malloc_pause();
        assert_true(!why == chaos_malloc_failed());
        thaw_arena_free(&arena);
    }
}

static void names_required(void **state)
{
    const char *items[] = {"a; python_version >= '3'",
                           "b; extra == 'x'",
                           ">=1",
                           "c>dev",
                           "d",
                           "e",
                           "f",
                           "g",
                           "h",
                           "i",
                           "j",
                           "k",
                           "l",
                           "m",
                           "n",
                           "o",
                           "p",
                           "q",
                           "r",
                           "s"};
    const struct thaw_texts texts = {items, sizeof(items) / sizeof(items[0])};

    (void)state;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_arena arena = {0};
        struct thaw_texts names;
        int result = thaw_requires_names(&texts, "3.11", &arena, &names, NULL);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        if (result == 0)
            assert_int_equal(names.count, 18);
        thaw_arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(requirements),
        cmocka_unit_test(metadata),
        cmocka_unit_test(requires_of_eggs),
        cmocka_unit_test(requirements_files),
        cmocka_unit_test(tags),
        cmocka_unit_test(names_required),
    };

    return cmocka_run_group_tests(tests, prepare, NULL);
}
