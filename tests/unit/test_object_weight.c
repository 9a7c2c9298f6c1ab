/* SPDX-License-Identifier: Apache-2.0 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <libelf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "native/object_weight.h"
#include "scratch.h"

static struct scratch scratch;
static struct thaw_arena arena;

#define SOURCE                                                                                     \
    "static int one, two;"                                                                         \
    "int *const pointers[200] = {[0 ... 98] = &one, [101 ... 199] = &two};"                        \
    "__attribute__((constructor)) static void first(void) { one = 1; }"                            \
    "__attribute__((constructor)) static void second(void) { two = 2; }"                           \
    "int puts(const char *); int say(void) { return puts(\"x\"); }"

static int make_folder(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    thaw_arena_free(&arena);
    return 0;
}

static void compile(const char *name, const char *options)
{
    assert_true(scratch_compile(&scratch, name, SOURCE, options));
}

/* The weight of a file of the scratch folder; returns what thaw_object_weigh() did. */
static int weigh(const char *name, struct thaw_object_weight *ret)
{
    struct thaw_object *object;
    int result;

    assert_int_equal(thaw_object_open(scratch_path(&scratch, name), &object, NULL), 0);
    result = thaw_object_weigh(object, &arena, ret, NULL);
    thaw_object_close(object);
    return result;
}

/* As `objcopy --compress-debug-sections` does with others: the table of the sections' names. */
static void compress_names(const char *name)
{
    int fd = open(scratch_path(&scratch, name), O_RDWR | O_CLOEXEC);
    Elf *elf;
    size_t index;

    assert_true(fd >= 0 && elf_version(EV_CURRENT) != EV_NONE);
    elf = elf_begin(fd, ELF_C_RDWR, NULL);
    assert_non_null(elf);
    assert_int_equal(elf_getshdrstrndx(elf, &index), 0);
    assert_true(elf_compress(elf_getscn(elf, index), ELFCOMPRESS_ZLIB, ELF_CHF_FORCE) > 0);
    assert_true(elf_update(elf, ELF_C_WRITE) > 0);
    assert_int_equal(elf_end(elf), 0);
    close(fd);
}

/* libelf would inflate them to whatever size they say. */
static void compressed_names_are_none(void **state)
{
    struct thaw_object_weight weight;

    (void)state;
    compile("x.so", "-shared -fPIC -g");
    compress_names("x.so");
    assert_int_equal(weigh("x.so", &weight), 0);
    assert_true(weight.section_count > 5);
    for (size_t i = 0; i < weight.section_count; i++)
        assert_string_equal(weight.sections[i].name, "");
}

static uint64_t number_printed(const char *format, const char *path)
{
    char command[1024], *text;
    uint64_t value;

    snprintf(command, sizeof(command), format, path);
    text = scratch_output("%s", command);
    assert_non_null(text);
    value = strtoull(text, NULL, 10);
    free(text);
    return value;
}

/* binutils themselves say what a file has and what strip leaves of it. */
static void assert_as_binutils_say(void)
{
    const char *path = scratch_path(&scratch, "x");
    struct thaw_object_weight weight;
    struct stat before, after;
    char *said;

    assert_int_equal(weigh("x", &weight), 0);
    assert_int_equal(weight.relocations,
                     number_printed("readelf -rW %s | awk '/ contains / && !/relr/ {n += $(NF-1)} "
                                    "/^ *[0-9]+ offsets$/ {n += $1} END {print n + 0}'",
                                    path));
    assert_true(weight.relocations >= 198); /* 2 of the pointers are none */
    assert_int_equal(weight.debug_bytes,
                     number_printed("size -A -d %s | awk '/^\\.debug/ {n += $2} END {print n + 0}'",
                                    path));
    said = scratch_output("strip --no-merge-notes -s -o '%s.stripped' '%s' && echo", path, path);
    assert_non_null(said);
    free(said);
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(stat(scratch_path(&scratch, "x.stripped"), &after), 0);
    assert_true(after.st_size < before.st_size);
    assert_int_equal(weight.strip_bytes, (uint64_t)(before.st_size - after.st_size));
}

static void sizes_and_relocations_are_those_of_binutils(void **state)
{
    static const char *const options[] = {
        "-shared -fPIC -g -O1",
        "-shared -fPIC -g -gz -O1 -Wl,-z,now",
        "-shared -fPIC -O1 -Wl,-z,pack-relative-relocs",
        "-shared -fPIC -O1 -Wl,--hash-style=sysv -Wl,-z,noseparate-code",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        compile("x", options[i]);
        assert_as_binutils_say();
    }
}

static void stripped_files_have_nothing_to_strip(void **state)
{
    struct thaw_object_weight weight;

    (void)state;
    compile("x", "-shared -fPIC -s");
    assert_int_equal(weigh("x", &weight), 0);
    assert_int_equal(weight.strip_bytes, 0);
    assert_int_equal(weight.debug_bytes + weight.symbol_bytes, 0);
}

static void sections_are_told_with_their_bytes_in_the_file(void **state)
{
    struct thaw_object_weight weight;
    size_t found = 0;

    (void)state;
    compile("x", "-shared -fPIC");
    assert_int_equal(weigh("x", &weight), 0);
    for (size_t i = 0; i < weight.section_count; i++) {
        found += strcmp(weight.sections[i].name, ".text") == 0 && weight.sections[i].bytes > 0;
        if (strcmp(weight.sections[i].name, ".bss") == 0)
            assert_int_equal(weight.sections[i].bytes, 0);
    }
    assert_int_equal(found, 1);
}

/* _init, the compiler's own frame_dummy, and two. */
static void constructors_are_counted(void **state)
{
    struct thaw_object_weight weight;

    (void)state;
    compile("x", "-shared -fPIC");
    assert_int_equal(weigh("x", &weight), 0);
    assert_int_equal(weight.constructors, 4);
    compile("x", "-shared -fPIC -nostartfiles");
    assert_int_equal(weigh("x", &weight), 0);
    assert_int_equal(weight.constructors, 2);
}

/* Calls change for each program header of a file. */
static void patch_segments(const char *name, void (*change)(Elf64_Phdr *))
{
    FILE *file = fopen(scratch_path(&scratch, name), "r+b");
    Elf64_Ehdr header;

    assert_non_null(file);
    assert_int_equal(fread(&header, sizeof(header), 1, file), 1);
    for (unsigned i = 0; i < header.e_phnum; i++) {
        long at = (long)(header.e_phoff + i * sizeof(Elf64_Phdr));
        Elf64_Phdr segment;

        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        assert_int_equal(fread(&segment, sizeof(segment), 1, file), 1);
        change(&segment);
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        assert_int_equal(fwrite(&segment, sizeof(segment), 1, file), 1);
    }
    assert_int_equal(fclose(file), 0);
}

static void drop_stack(Elf64_Phdr *segment)
{
    if (segment->p_type == PT_GNU_STACK)
        segment->p_type = PT_NULL;
}

static void make_code_writable(Elf64_Phdr *segment)
{
    if (segment->p_type == PT_LOAD && segment->p_flags & PF_X)
        segment->p_flags |= PF_W;
}

static void dangerous_segments_are_told(void **state)
{
    struct thaw_object_weight weight;

    (void)state;
    compile("x", "-shared -fPIC");
    assert_int_equal(weigh("x", &weight), 0);
    assert_false(weight.has_executable_stack);
    assert_false(weight.has_writable_code);
    patch_segments("x", make_code_writable);
    assert_int_equal(weigh("x", &weight), 0);
    assert_true(weight.has_writable_code);
    patch_segments("x", drop_stack);
    assert_int_equal(weigh("x", &weight), 0);
    assert_true(weight.has_executable_stack);
    compile("x", "-shared -fPIC -Wl,-z,execstack");
    assert_int_equal(weigh("x", &weight), 0);
    assert_true(weight.has_executable_stack);
}

static void cut_files_are_damaged(void **state)
{
    const char *path;
    struct stat status;
    struct thaw_object_weight weight;

    (void)state;
    compile("x", "-shared -fPIC");
    path = scratch_path(&scratch, "x");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(truncate(path, status.st_size - 64), 0);
    assert_int_equal(weigh("x", &weight), -EBADMSG);
    assert_int_equal(weight.constructors, 4);
    assert_false(weight.has_executable_stack);
}

static void programs_are_told_from_libraries(void **state)
{
    static const struct {
        const char *options;
        bool is_executable;
    } rows[] = {{"-shared -fPIC", false},
                {"-shared -fPIC -Wl,-soname,libx.so.1", false},
                {"-Dsay=main -pie -fPIE", true},
                {"-Dsay=main -no-pie", true}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_object *object;

        compile("x", rows[i].options);
        assert_int_equal(thaw_object_open(scratch_path(&scratch, "x"), &object, NULL), 0);
        assert_int_equal(thaw_object_is_executable(object), rows[i].is_executable);
        thaw_object_close(object);
    }
}

/* Seeds of another class and byte order, and damaged ones, are held to the same. */
static void seeds_of_any_kind_have_a_weight(void **state)
{
    static const char *const seeds[] = {"shared-32bit", "big-endian", "static", "pie"};

    (void)state;
    for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
        char from[256];
        struct thaw_object_weight weight;

        snprintf(from, sizeof(from), "tests/fuzz/corpus/object/%s", seeds[i]);
        scratch_copy(&scratch, "x", from);
        weigh("x", &weight);
        assert_true(weight.relocations < 10000);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sizes_and_relocations_are_those_of_binutils),
        TEST(stripped_files_have_nothing_to_strip),
        TEST(sections_are_told_with_their_bytes_in_the_file),
        TEST(constructors_are_counted),
        TEST(dangerous_segments_are_told),
        TEST(cut_files_are_damaged),
        TEST(programs_are_told_from_libraries),
        TEST(seeds_of_any_kind_have_a_weight),
        TEST(compressed_names_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
