/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "native/spaces.h"

static void map(struct thaw_spaces *spaces, uint32_t process, const char *path, uint64_t start,
                uint64_t bytes, uint64_t offset)
{
    struct thaw_code_mapping mapping = {
        .path = path, .start = start, .bytes = bytes, .offset = offset};

    assert_true(thaw_spaces_map(spaces, process, &mapping));
}

/* What lies at an address, and where in its file that is. */
static void assert_at(const struct thaw_spaces *spaces, uint32_t process, uint64_t address,
                      const char *path, uint64_t offset)
{
    const struct thaw_space_piece *piece = thaw_spaces_find(spaces, process, address);

    assert_non_null(piece);
    assert_string_equal(piece->path, path);
    assert_int_equal(address - piece->start + piece->offset, offset);
}

static void addresses_are_found_to_the_byte(void **state)
{
    struct thaw_spaces spaces = {0};

    (void)state;
    assert_null(thaw_spaces_find(&spaces, 1, 0));
    map(&spaces, 1, "b", 200, 100, 7);
    map(&spaces, 1, "a", 100, 50, 0);
    map(&spaces, 1, "none", 400, 0, 0);
    assert_null(thaw_spaces_find(&spaces, 1, 99));
    assert_at(&spaces, 1, 100, "a", 0);
    assert_at(&spaces, 1, 149, "a", 49);
    assert_null(thaw_spaces_find(&spaces, 1, 150));
    assert_at(&spaces, 1, 200, "b", 7);
    assert_at(&spaces, 1, 299, "b", 106);
    assert_null(thaw_spaces_find(&spaces, 1, 300));
    assert_null(thaw_spaces_find(&spaces, 1, 400));
    assert_null(thaw_spaces_find(&spaces, 2, 200));
    thaw_spaces_free(&spaces);
}

static void a_new_mapping_takes_the_place_of_old_ones(void **state)
{
    struct thaw_spaces spaces = {0};

    (void)state;
    map(&spaces, 1, "old", 100, 100, 1000);
    map(&spaces, 1, "older", 200, 100, 0);
    map(&spaces, 1, "new", 150, 100, 0);
    assert_at(&spaces, 1, 149, "old", 1049);
    assert_at(&spaces, 1, 150, "new", 0);
    assert_at(&spaces, 1, 249, "new", 99);
    assert_at(&spaces, 1, 250, "older", 50);
    map(&spaces, 1, "inside", 160, 10, 0);
    assert_at(&spaces, 1, 159, "new", 9);
    assert_at(&spaces, 1, 165, "inside", 5);
    assert_at(&spaces, 1, 170, "new", 20);
    map(&spaces, 1, "all", 0, 1000, 0);
    assert_at(&spaces, 1, 170, "all", 170);
    thaw_spaces_free(&spaces);
}

static void a_child_has_what_its_parent_had(void **state)
{
    struct thaw_spaces spaces = {0};
    struct thaw_code_mapping program = {.path = "exec", .start = 500, .bytes = 10, .first = 1};
    uint64_t version;

    (void)state;
    map(&spaces, 1, "a", 100, 100, 0);
    assert_true(thaw_spaces_fork(&spaces, 2, 1));
    assert_true(thaw_spaces_fork(&spaces, 3, 9)); /* of whom nothing is known */
    version = thaw_spaces_version(&spaces, 1);
    assert_int_equal(thaw_spaces_version(&spaces, 2), version);
    map(&spaces, 1, "parents", 100, 100, 0);
    assert_at(&spaces, 2, 150, "a", 50);
    assert_at(&spaces, 1, 150, "parents", 50);
    assert_int_not_equal(thaw_spaces_version(&spaces, 1), version);
    assert_int_equal(thaw_spaces_version(&spaces, 2), version);
    assert_null(thaw_spaces_find(&spaces, 3, 150));
    assert_true(thaw_spaces_map(&spaces, 2, &program));
    assert_null(thaw_spaces_find(&spaces, 2, 150));
    assert_at(&spaces, 2, 505, "exec", 5);
    assert_at(&spaces, 1, 150, "parents", 50);
    thaw_spaces_free(&spaces);
}

static size_t pieces_of(const struct thaw_spaces *spaces, uint32_t process)
{
    size_t count;

    thaw_spaces_pieces(spaces, process, &count);
    return count;
}

/* What is changed where it stands stays in order, of one process, and of its child alone. */
static void pieces_are_split_joined_and_kept_apart(void **state)
{
    struct thaw_spaces spaces = {0};

    (void)state;
    map(&spaces, 1, "whole", 1000, 1000, 0);
    for (uint64_t i = 10; i-- > 0;) /* from behind, so that others move */
        map(&spaces, 1, "hole", 1000 + i * 100 + 50, 10, 5);
    assert_int_equal(pieces_of(&spaces, 1), 21);
    assert_true(thaw_spaces_fork(&spaces, 2, 1));
    for (uint32_t process = 1; process <= 2; process++)
        for (uint64_t at = 1000; at < 2000; at++) {
            bool hole = at % 100 >= 50 && at % 100 < 60;

            assert_at(&spaces, process, at, hole ? "hole" : "whole",
                      hole ? at % 100 - 45 : at - 1000);
        }
    map(&spaces, 2, "childs", 1055, 890, 0);
    map(&spaces, 2, "childs", 900, 10, 0);
    assert_int_equal(pieces_of(&spaces, 2), 7);
    assert_int_equal(pieces_of(&spaces, 1), 21);
    assert_int_equal(spaces.held, 28);
    assert_at(&spaces, 2, 1054, "hole", 9);
    assert_at(&spaces, 2, 1944, "childs", 889);
    assert_at(&spaces, 2, 1945, "whole", 945);
    assert_null(thaw_spaces_find(&spaces, 2, 950));
    assert_at(&spaces, 1, 1944, "whole", 944);
    map(&spaces, 1, "exact", 1050, 10, 0);
    assert_int_equal(pieces_of(&spaces, 1), 21);
    assert_at(&spaces, 1, 1059, "exact", 9);
    assert_at(&spaces, 1, 1060, "whole", 60);
    map(&spaces, 1, "all", 1000, 1000, 0);
    assert_int_equal(pieces_of(&spaces, 1), 1);
    assert_int_equal(spaces.held, 8);
    thaw_spaces_free(&spaces);
    assert_int_equal(spaces.held, 0);
}

static void a_process_has_no_more_pieces_than_the_kernel_lets_it(void **state)
{
    struct thaw_spaces spaces = {0};
    struct thaw_code_mapping program = {.path = "exec", .start = 500, .bytes = 10, .first = 1};

    (void)state;
    for (uint64_t i = 0; i < THAW_SPACE_PIECES_MOST + 3; i++)
        map(&spaces, 1, "page", i * 100, 50, 0);
    assert_int_equal(pieces_of(&spaces, 1), THAW_SPACE_PIECES_MOST);
    assert_int_equal(spaces.beyond, 3);
    assert_null(thaw_spaces_find(&spaces, 1, THAW_SPACE_PIECES_MOST * 100 + 10));
    map(&spaces, 1, "inside", 110, 10, 0); /* of three parts one is left */
    assert_int_equal(pieces_of(&spaces, 1), THAW_SPACE_PIECES_MOST);
    assert_int_equal(spaces.beyond, 5);
    assert_at(&spaces, 1, 109, "page", 9);
    assert_null(thaw_spaces_find(&spaces, 1, 110)); /* what lay there is gone */
    map(&spaces, 1, "in place", 200, 50, 0);
    assert_at(&spaces, 1, 249, "in place", 49);
    assert_int_equal(spaces.beyond, 5);
    assert_true(thaw_spaces_map(&spaces, 1, &program));
    assert_int_equal(pieces_of(&spaces, 1), 1);
    assert_int_equal(spaces.held, 1);
    thaw_spaces_free(&spaces);
}

/* Children that change what they were given have as many pieces each. */
static void all_processes_together_have_a_limit(void **state)
{
    struct thaw_spaces spaces = {0};
    uint32_t children = THAW_SPACES_PIECES_MOST / THAW_SPACE_PIECES_MOST;

    (void)state;
    for (uint64_t i = 0; i < THAW_SPACE_PIECES_MOST; i++)
        map(&spaces, 1, "page", i * 100, 50, 0);
    for (uint32_t child = 2; child <= children + 1; child++) {
        assert_true(thaw_spaces_fork(&spaces, child, 1));
        map(&spaces, child, "childs", 0, 50, 0);
    }
    assert_int_equal(spaces.held, THAW_SPACES_PIECES_MOST);
    assert_at(&spaces, children, 49, "childs", 49);
    assert_at(&spaces, children, 149, "page", 49);
    assert_null(thaw_spaces_find(&spaces, children + 1, 49));
    assert_int_equal(spaces.beyond, THAW_SPACE_PIECES_MOST + 1);
    thaw_spaces_free(&spaces);
    assert_int_equal(spaces.held, 0);
}

static void what_is_no_place_is_not_mapped(void **state)
{
    struct thaw_spaces spaces = {0};

    (void)state;
    map(&spaces, 1, "around", UINT64_MAX - 5, 100, 0);
    map(&spaces, 1, "last", UINT64_MAX - 5, 5, 0);
    assert_at(&spaces, 1, UINT64_MAX - 1, "last", 4);
    assert_null(thaw_spaces_find(&spaces, 1, 3));
    thaw_spaces_free(&spaces);
}

static void memory_may_be_short(void **state)
{
    struct thaw_code_mapping mapping = {.path = "a", .start = 100, .bytes = 100};
    size_t failures = 0;

    (void)state;
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap=malloc, see chaos_malloc.h\n");
        skip();
    }
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_spaces spaces = {0};
        bool enough = thaw_spaces_map(&spaces, 1, &mapping) && thaw_spaces_fork(&spaces, 2, 1) &&
                      thaw_spaces_map(&spaces, 2, &mapping);

        chaos_malloc_pause();
        assert_int_equal(enough, !chaos_malloc_failed());
        failures += chaos_malloc_failed();
        thaw_spaces_free(&spaces);
    }
    assert_true(failures >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_found_to_the_byte),
        cmocka_unit_test(a_new_mapping_takes_the_place_of_old_ones),
        cmocka_unit_test(a_child_has_what_its_parent_had),
        cmocka_unit_test(pieces_are_split_joined_and_kept_apart),
        cmocka_unit_test(a_process_has_no_more_pieces_than_the_kernel_lets_it),
        cmocka_unit_test(all_processes_together_have_a_limit),
        cmocka_unit_test(what_is_no_place_is_not_mapped),
        cmocka_unit_test(memory_may_be_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
