/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "project/git_index.h"
#include "scratch.h"

#define ROOM 16384

/* An index that is written entry by entry, after gitformat-index(5). What git itself writes is in
 * the fuzzing corpus and in tests/live/test_lint_kept.py. */
struct written {
    char bytes[ROOM];
    size_t length, hash_bytes;
    int version;
    uint32_t count;
    char former[8192];
};

static void put(struct written *index, const void *bytes, size_t length)
{
    assert_true(index->length + length <= ROOM);
    memcpy(index->bytes + index->length, bytes, length);
    index->length += length;
}

static void put_number(struct written *index, uint32_t number)
{
    unsigned char bytes[4] = {(unsigned char)(number >> 24), (unsigned char)(number >> 16),
                              (unsigned char)(number >> 8), (unsigned char)number};

    put(index, bytes, sizeof(bytes));
}

static void begin(struct written *index, int version, size_t hash_bytes)
{
    memset(index, 0, sizeof(*index));
    index->version = version;
    index->hash_bytes = hash_bytes;
    put(index, "DIRC", 4);
    put_number(index, (uint32_t)version);
    put_number(index, 0);
}

/* By version 4 what the former name ends in is cut, and what this one ends in follows. */
static void put_name(struct written *index, const char *name)
{
    size_t kept = 0, cut;
    unsigned char bytes[2];

    while (name[kept] && name[kept] == index->former[kept])
        kept++;
    cut = strlen(index->former) - kept;
    if (cut >= 128) {
        bytes[0] = (unsigned char)(0x80 | ((cut >> 7) - 1));
        bytes[1] = (unsigned char)(cut & 0x7f);
        put(index, bytes, 2);
    } else {
        bytes[0] = (unsigned char)cut;
        put(index, bytes, 1);
    }
    put(index, name + kept, strlen(name + kept) + 1);
}

static void add(struct written *index, const char *name, uint32_t mode, bool is_extended)
{
    static const char nothing[40] = {0};
    size_t start = index->length, length = strlen(name);
    uint32_t flags = (uint32_t)(length < 0xfff ? length : 0xfff) | (is_extended ? 0x4000 : 0);

    put(index, nothing, 24);
    put_number(index, mode);
    put(index, nothing, 12);
    put(index, nothing, index->hash_bytes > 40 ? 40 : index->hash_bytes);
    put_number(index, flags << 16); /* and the extended ones, which are taken back else */
    index->length -= is_extended ? 0 : 2;
    if (index->version == 4) {
        put_name(index, name);
    } else {
        put(index, name, length);
        do
            put(index, nothing, 1);
        while ((index->length - start) % 8);
    }
    snprintf(index->former, sizeof(index->former), "%s", name);
    index->bytes[11] = (char)++index->count;
}

static int has(struct written *index, const char *path)
{
    static const char checksum[32] = {0};
    size_t length = index->length;
    int found;

    put(index, checksum, index->hash_bytes);
    found = thaw_git_index_has(index->bytes, index->length, path);
    index->length = length;
    return found;
}

static void versions_are_read(void **state)
{
    static struct written index;

    (void)state;
    for (int version = 2; version <= 4; version++) {
        for (size_t hash_bytes = 20; hash_bytes <= 32; hash_bytes += 12) {
            begin(&index, version, hash_bytes);
            assert_int_equal(has(&index, "a"), 0);
            add(&index, "app/host.json", 0100644, false);
            add(&index, "app/local.settings.json", 0100755, version > 2);
            add(&index, "b", 0120000, false);
            add(&index, "c", 0160000, false);
            assert_int_equal(has(&index, "app/host.json"), 1);
            assert_int_equal(has(&index, "app/local.settings.json"), 1);
            assert_int_equal(has(&index, "b"), 1);
            assert_int_equal(has(&index, "c"), 1);
            assert_int_equal(has(&index, "local.settings.json"), 0);
            assert_int_equal(has(&index, "app"), 0);
            assert_int_equal(has(&index, ""), 0);
        }
    }
}

static void names_are_bounded(void **state)
{
    static struct written index;
    static char name[THAW_GIT_PATH_MAX + 2];

    (void)state;
    for (int version = 2; version <= 4; version += 2) {
        memset(name, 'x', THAW_GIT_PATH_MAX);
        name[THAW_GIT_PATH_MAX] = '\0';
        begin(&index, version, 20);
        add(&index, name, 0100644, false);
        add(&index, "y", 0100644, false); /* by version 4 two bytes say how much is cut */
        assert_int_equal(has(&index, name), 1);
        assert_int_equal(has(&index, "y"), 1);
        name[THAW_GIT_PATH_MAX] = 'x';
        begin(&index, version, 20);
        add(&index, name, 0100644, false);
        assert_int_equal(has(&index, "y"), -EBADMSG);
    }
}

/* A path that stands before the damage is not taken for one that git has. */
static void damage_is_told(void **state)
{
    static struct written index;

    (void)state;
    assert_int_equal(thaw_git_index_has("", 0, "a"), -EBADMSG);
    for (int version = 2; version <= 4; version++) {
        begin(&index, version, 20);
        add(&index, "a", 0100644, false);
        assert_int_equal(has(&index, "a"), 1);
        index.bytes[11] = 2; /* entries */
        assert_int_equal(has(&index, "a"), -EBADMSG);
        index.bytes[11] = 1;
        index.bytes[12 + 26] = 0x7f; /* of the mode */
        assert_int_equal(has(&index, "a"), -EBADMSG);
        index.bytes[12 + 26] = (char)0x81;
        index.bytes[12 + 61]++; /* the name's length */
        assert_int_equal(has(&index, "a"), -EBADMSG);
        index.bytes[12 + 61]--;
        index.bytes[0] = 'd';
        assert_int_equal(has(&index, "a"), -EBADMSG);
        index.bytes[0] = 'D';
        for (size_t length = 0; length < index.length; length++)
            assert_int_equal(thaw_git_index_has(index.bytes, length, "a"), -EBADMSG);
    }
    index.bytes[7] = 5;
    assert_int_equal(has(&index, "a"), -EBADMSG);
    begin(&index, 2, 20); /* extended flags are version 3's */
    add(&index, "a", 0100644, true);
    assert_int_equal(has(&index, "a"), -EBADMSG);
    begin(&index, 4, 20); /* more is cut than the former name had */
    add(&index, "a", 0100644, false);
    index.bytes[12 + 62] = 1;
    assert_int_equal(has(&index, "a"), -EBADMSG);
}

static void write_index(const struct scratch *scratch, const char *path, const char *name)
{
    static struct written index;
    static const char checksum[20] = {0};

    begin(&index, 2, 20);
    add(&index, name, 0100644, false);
    put(&index, checksum, sizeof(checksum));
    scratch_write(scratch, path, index.bytes, index.length);
}

static void repositories_are_found(void **state)
{
    struct scratch *scratch = *state;
    char deep[256] = "app", name[256];
    const char *path;

    scratch_folder(scratch, "app/api");
    path = scratch_path(scratch, "app/api");
    assert_int_equal(thaw_git_keeps(path, "x"), 0);
    write_index(scratch, ".git/index", "app/api/x");
    assert_int_equal(thaw_git_keeps(path, "x"), 1);
    assert_int_equal(thaw_git_keeps(path, "y"), 0);
    assert_int_equal(thaw_git_keeps(scratch->path, "app/api/x"), 1);
    assert_int_equal(thaw_git_keeps(scratch->path, "x"), 0);
    /* A nearer repository is the one, also if it names another folder. */
    scratch_write_text(scratch, "app/.git", "gitdir: ../modules/app\n");
    assert_int_equal(thaw_git_keeps(path, "x"), 0);
    write_index(scratch, "modules/app/index", "api/x");
    assert_int_equal(thaw_git_keeps(path, "x"), 1);
    scratch_write_text(scratch, "app/.git", "gitdir:\n");
    assert_int_equal(thaw_git_keeps(path, "x"), 0);
    scratch_write_text(scratch, "modules/app/index", "DIRC");
    scratch_write_text(scratch, "app/.git", "gitdir: ../modules/app\n");
    assert_int_equal(thaw_git_keeps(path, "x"), 0);
    assert_int_equal(thaw_git_keeps("/no/such/folder", "x"), 0);
    for (int i = 0; i < THAW_GIT_PARENTS_MAX; i++)
        strcat(deep, "/d");
    for (int further = 0; further < 2; further++) {
        scratch_folder(scratch, deep);
        snprintf(name, sizeof(name), "%s/x", deep + strlen("app/"));
        write_index(scratch, "modules/app/index", name);
        assert_int_equal(thaw_git_keeps(scratch_path(scratch, deep), "x"), !further);
        strcat(deep, "/d");
    }
}

static void fifos_do_not_hold_it_up(void **state)
{
    struct scratch *scratch = *state;

    scratch_folder(scratch, ".git");
    assert_int_equal(mkfifo(scratch_path(scratch, ".git/index"), 0600), 0);
    assert_int_equal(thaw_git_keeps(scratch->path, "x"), 0);
    scratch_folder(scratch, "app");
    assert_int_equal(mkfifo(scratch_path(scratch, "app/.git"), 0600), 0);
    assert_int_equal(thaw_git_keeps(scratch_path(scratch, "app"), "x"), 0);
}

static void memory_may_be_short(void **state)
{
    struct scratch *scratch = *state;

    if (!chaos_malloc_works())
        fail_msg("linked without --wrap");
    write_index(scratch, ".git/index", "x");
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        int result = thaw_git_keeps(scratch->path, "x");

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 1);
    }
}

static int make_folder(void **state)
{
    static struct scratch scratch;

    scratch_make(&scratch);
    *state = &scratch;
    return 0;
}

static int remove_folder(void **state)
{
    scratch_remove(*state);
    return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(versions_are_read),      TEST(names_are_bounded),       TEST(damage_is_told),
        TEST(repositories_are_found), TEST(fifos_do_not_hold_it_up), TEST(memory_may_be_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
