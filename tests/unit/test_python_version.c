/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/sysmacros.h>

#include <cmocka.h>

#include "native/maps.h"
#include "python/version.h"

static void hexadecimal_versions_are_read(void **state)
{
    static const struct {
        uint32_t hex;
        const char *text; /* NULL: no version */
    } rows[] = {{0x030b02f0, "3.11.2"},   {0x030800f0, "3.8.0"},
                {0x030d00f0, "3.13.0"},   {0x030f00c1, "3.15.0rc1"},
                {0x030e00a7, "3.14.0a7"}, {0x030e00b2, "3.14.0b2"},
                {0x020712f0, NULL},       {0, NULL},
                {0xffffffff, NULL},       {0x030b0200, NULL}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_python_version version;

        assert_int_equal(thaw_python_version_from_hex(rows[i].hex, &version), rows[i].text != NULL);
        if (rows[i].text)
            assert_string_equal(version.text, rows[i].text);
    }
}

static void names_of_libraries_are_read(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        bool free_threaded;
    } rows[] = {{"libpython3.11.so.1.0", "3.11", false},  {"libpython3.7m.so.1.0", "3.7", false},
                {"libpython3.9.so", "3.9", false},        {"libpython3.13t.so.1.0", "3.13", true},
                {"libpython3.12d.so.1.0", "3.12", false}, {"libpython3.so", NULL, false},
                {"libpython2.7.so.1.0", NULL, false},     {"libpython3.11.a", NULL, false},
                {"libpython3..so", NULL, false},          {"libpython3.1111.so", NULL, false},
                {"libpython3.11.so-old", NULL, false},    {"", NULL, false},
                {"xlibpython3.11.so", NULL, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_python_version version;

        assert_int_equal(thaw_python_version_from_library(rows[i].name, &version),
                         rows[i].text != NULL);
        assert_int_equal(thaw_python_is_library_name(rows[i].name), rows[i].text != NULL);
        if (!rows[i].text)
            continue;
        assert_string_equal(version.text, rows[i].text);
        assert_int_equal(version.free_threaded, rows[i].free_threaded);
    }
}

static void names_of_programs_are_read(void **state)
{
    struct thaw_python_version version;

    (void)state;
    assert_true(thaw_python_version_from_program("python3.11", &version));
    assert_int_equal(version.minor, 11);
    assert_int_equal(version.major, 3);
    assert_true(thaw_python_version_from_program("python3.13t", &version));
    assert_true(version.free_threaded);
    assert_false(thaw_python_version_from_program("python3", &version));
    assert_false(thaw_python_version_from_program("python", &version));
    assert_false(thaw_python_version_from_program("python3.11-config", &version));
    assert_true(thaw_python_is_program_name("python"));
    assert_true(thaw_python_is_program_name("python3"));
    assert_true(thaw_python_is_program_name("python3.8"));
    assert_false(thaw_python_is_program_name("python3-config"));
    assert_false(thaw_python_is_program_name("python2.7"));
    assert_false(thaw_python_is_program_name("pythonw"));
}

static void assert_mapping(const struct thaw_mapping *mapping, const char *path, uint64_t inode,
                           bool deleted)
{
    assert_int_equal(mapping->path_bytes, strlen(path));
    assert_memory_equal(mapping->path, path, mapping->path_bytes);
    assert_int_equal(mapping->inode, inode);
    assert_int_equal(mapping->deleted, deleted);
}

static void maps_are_read_line_by_line(void **state)
{
    static const char text[] =
        "55d0c0a00000-55d0c0a01000 r--p 00000000 fe:00 1234                /usr/bin/python3.11\n"
        "7f0000000000-7f0000001000 r-xp 00002000 08:01 77 /usr/lib/libpython3.11.so (deleted)\n"
        "7f0000002000-7f0000003000 rw-p 00000000 00:00 0 \n"
        "7f0000004000-7f0000005000 rw-p 00000000 00:00 0                  [heap]\n"
        "not a line\n"
        "7f0000008000-7f0000009000 r--p 00000000 fe:00 5 /tmp/two words";
    const char *cursor = text, *end = text + sizeof(text) - 1;
    struct thaw_mapping mapping;

    (void)state;
    assert_true(thaw_maps_next(&cursor, end, &mapping));
    assert_mapping(&mapping, "/usr/bin/python3.11", 1234, false);
    assert_false(mapping.executable);
    assert_true(thaw_maps_next(&cursor, end, &mapping));
    assert_mapping(&mapping, "/usr/lib/libpython3.11.so", 77, true);
    assert_true(mapping.executable);
    assert_int_equal(mapping.start, 0x7f0000000000);
    assert_int_equal(mapping.end, 0x7f0000001000);
    assert_int_equal(mapping.offset, 0x2000);
    assert_int_equal(mapping.device, makedev(8, 1));
    for (int i = 0; i < 3; i++) {
        assert_true(thaw_maps_next(&cursor, end, &mapping));
        assert_mapping(&mapping, "", 0, false);
    }
    assert_true(thaw_maps_next(&cursor, end, &mapping));
    assert_mapping(&mapping, "/tmp/two words", 5, false);
    assert_false(thaw_maps_next(&cursor, end, &mapping));
}

static void what_is_in_memory_stands_behind_a_mapping(void **state)
{
    static const char text[] =
        "7f0000000000-7f0000001000 r-xp 00000000 08:01 77                 /usr/lib/libz.so.1\n"
        "Size:                  4 kB\n"
        "Rss:                  12 kB\n"
        "7f0000001000-7f0000002000 rw-p 00000000 00:00 0 \n"
        "Rss:                   8 kB\n"
        "Rss: kB\n"
        "Rss: 99999999999999999999 kB\n"
        "Rss:                   4 kB";
    static const uint64_t resident[] = {0, 0, 12288, 0, 8192, 0, 0, 4096};
    const char *cursor = text, *end = text + sizeof(text) - 1;
    struct thaw_mapping mapping;

    (void)state;
    for (size_t i = 0; i < sizeof(resident) / sizeof(resident[0]); i++) {
        assert_true(thaw_maps_next(&cursor, end, &mapping));
        assert_int_equal(mapping.inode, i == 0 ? 77 : 0);
        assert_int_equal(mapping.anonymous, i == 3);
        assert_int_equal(mapping.resident_bytes, resident[i]);
    }
    assert_false(thaw_maps_next(&cursor, end, &mapping));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_in_memory_stands_behind_a_mapping),
        cmocka_unit_test(hexadecimal_versions_are_read),
        cmocka_unit_test(names_of_libraries_are_read),
        cmocka_unit_test(names_of_programs_are_read),
        cmocka_unit_test(maps_are_read_line_by_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
