/* SPDX-License-Identifier: Apache-2.0 */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chaos_malloc.h"
#include "listing.h"
#include "native/object.h"
#include "python/methods.h"
#include "scratch.h"

/*
 * A table as that of CPython's marshal, before it one with the same names in another order and one
 * whose second name is another; "undumps" ends as a wanted name does.
 */
#define ENTRY                                                                                      \
    "struct method { const char *name; void *(*call)(void *); int flags; const char *doc; };\n"
#define FUNCTIONS                                                                                  \
    "#define OWN __attribute__((noipa, used)) static\n"                                            \
    "OWN void *one(void *a) { return a; }\n"                                                       \
    "OWN void *two(void *a) { return (char *)a + 2; }\n"                                           \
    "OWN void *three(void *a) { return (char *)a + 3; }\n"                                         \
    "OWN void *four(void *a) { return (char *)a + 4; }\n"
#define TABLE                                                                                      \
    "struct method table[] = {{\"dump\", one, 1, \"d\"}, {\"load\", two, 1, \"d\"},\n"             \
    "    {\"dumps\", three, 1, \"d\"}, {\"loads\", four, 1, \"d\"}, {0}};\n"
#define DECOYS                                                                                     \
    "struct method turned[] = {{\"load\", one}, {\"dump\", two}, {\"dumps\", two},\n"              \
    "    {\"loads\", one}, {0}};\n"                                                                \
    "struct method others[] = {{\"dump\", one}, {\"unload\", one}, {\"dumps\", one},\n"            \
    "    {\"loads\", one}, {0}};\n"                                                                \
    "const char *tails[] = {\"undumps\", \"payloads\", \"upload\", \"trash dump\"};\n"
#define START "void _start(void) { for (;;) ; }\n"
#define SOURCE ENTRY FUNCTIONS DECOYS TABLE START

static const char *const marshal[] = {"dump", "load", "dumps", "loads"};
static const struct thaw_object_table table = {marshal, 4, 32};
static const size_t wanted[] = {2, 3};

struct kind {
    const char *name;
    const char *options;
};

static const struct kind kinds[] = {
    {"static", "-O2 -static -nostdlib -no-pie -fno-pie"},
    {"pie", "-O2 -nostdlib -pie -fPIE"},
    {"shared.so", "-O2 -shared -fPIC -nostdlib"},
    {"now.so", "-O2 -shared -fPIC -nostdlib -Wl,-z,now -Wl,-z,relro"},
    {"slow.so", "-O0 -shared -fPIC -nostdlib"},
    {"marked.so", "-O2 -shared -fPIC -nostdlib -fcf-protection=full"},
    {"one-segment.so", "-O2 -shared -fPIC -nostdlib -Wl,-z,noseparate-code"},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))
#define PACKED "-O2 -shared -fPIC -nostdlib -Wl,-z,pack-relative-relocs"

static struct scratch scratch;

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
    return 0;
}

static const char *build(const char *name, const char *source, const char *options)
{
    if (!scratch_compile(&scratch, name, source, options))
        skip_for_want_of("a C compiler");
    return scratch_path(&scratch, name);
}

static struct thaw_object *open_good(const char *path)
{
    struct thaw_object *object = NULL;
    struct thaw_error error = {0};

    if (thaw_object_open(path, &object, &error) < 0)
        fail_msg("%s", error.message);
    return object;
}

/* The line that objdump has at a function's begin, past its landing mark. */
static void assert_function(const char *path, uint64_t offset, const char *name)
{
    struct listing *listing = malloc(sizeof(*listing));
    char symbol[32];
    size_t line;

    listing_make(path, listing);
    line = listing_line(listing, offset);
    if (line && strstr(listing->lines[line - 1], "endbr64"))
        line--;
    snprintf(symbol, sizeof(symbol), "<%s>:", name);
    assert_true(line > 0);
    assert_non_null(strstr(listing->lines[line - 1], symbol));
    free(listing->text);
    free(listing);
}

static int find(const char *path, uint64_t offsets[2])
{
    struct thaw_object *object = open_good(path);
    struct thaw_error error = {0};
    int code = thaw_object_methods(object, &table, wanted, 2, offsets, &error);

    thaw_object_close(object);
    return code;
}

static void assert_found(const char *path)
{
    uint64_t offsets[2] = {0};

    if (find(path, offsets))
        fail_msg("%s: no table", path);
    assert_function(path, offsets[0], "three");
    assert_function(path, offsets[1], "four");
}

static void functions_are_found_by_their_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++)
        assert_found(build(kinds[i].name, SOURCE, kinds[i].options));
}

static void so_they_are_where_relocations_are_packed(void **state)
{
    const char *path;
    char *packed;

    (void)state;
    if (!scratch_compile(&scratch, "packed.so", SOURCE, PACKED))
        skip_for_want_of("a linker that packs relocations");
    path = scratch_path(&scratch, "packed.so");
    packed = scratch_output("LC_ALL=C readelf -dW '%s' 2>/dev/null | grep RELRSZ", path);
    if (!packed)
        skip_for_want_of("a linker that packs relocations");
    free(packed);
    assert_found(path);
}

static void names_may_be_the_tails_of_others(void **state)
{
    static const char source[] = ENTRY FUNCTIONS
        "asm(\".section .rodata\\nl1: .ascii \\\"un\\\"\\nn1: .asciz \\\"dump\\\"\\n\"\n"
        "    \"n2: .asciz \\\"load\\\"\\n .ascii \\\"un\\\"\\nn3: .asciz \\\"dumps\\\"\\n\"\n"
        "    \" .ascii \\\"pay\\\"\\nn4: .asciz \\\"loads\\\"\\n .text\");\n"
        "extern const char n1[] __attribute__((visibility(\"hidden\")));\n"
        "extern const char n2[] __attribute__((visibility(\"hidden\")));\n"
        "extern const char n3[] __attribute__((visibility(\"hidden\")));\n"
        "extern const char n4[] __attribute__((visibility(\"hidden\")));\n"
        "struct method table[] = {{n1, one}, {n2, two}, {n3, three}, {n4, four}};\n" START;

    (void)state;
    assert_found(build("tails.so", source, kinds[2].options));
    assert_found(build("tails", source, kinds[0].options));
}

static void assert_no_table(const char *path)
{
    uint64_t offsets[2] = {1, 1};

    assert_int_equal(find(path, offsets), -ENOENT);
    assert_int_equal(offsets[0], 0);
    assert_int_equal(offsets[1], 0);
}

static void other_tables_are_none(void **state)
{
    (void)state;
    assert_no_table(build("decoys.so", ENTRY FUNCTIONS DECOYS START, kinds[2].options));
    assert_no_table(build("decoys", ENTRY FUNCTIONS DECOYS START, kinds[0].options));
    assert_no_table(build("nothing", START, kinds[0].options));
}

static void a_function_that_is_no_code_is_not_found(void **state)
{
    static const char source[] =
        ENTRY FUNCTIONS "static char data[64] = \"no code\";\n"
                        "struct method table[] = {{\"dump\", one}, {\"load\", two},\n"
                        "    {\"dumps\", (void *)data}, {\"loads\", four}};\n" START;
    uint64_t offsets[2];

    (void)state;
    assert_int_equal(find(build("data.so", source, kinds[2].options), offsets), 0);
    assert_int_equal(offsets[0], 0);
    assert_true(offsets[1] > 0);
}

static uint8_t *read_file(const char *path, size_t *length)
{
    FILE *stream = fopen(path, "rb");
    uint8_t *bytes;

    assert_non_null(stream);
    fseek(stream, 0, SEEK_END);
    *length = (size_t)ftell(stream);
    rewind(stream);
    bytes = malloc(*length);
    assert_int_equal(fread(bytes, 1, *length, stream), *length);
    fclose(stream);
    return bytes;
}

/* Wherever the file is cut: all is found, or nothing that lies outside of it. */
static void a_file_that_is_cut_does_no_harm(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        size_t length, found = 0;
        uint8_t *bytes = read_file(build(kinds[i].name, SOURCE, kinds[i].options), &length);

        for (size_t cut = 64; cut <= length; cut += cut + 97 < length ? 97 : 1) {
            const char *path = scratch_write(&scratch, "cut", bytes, cut);
            struct thaw_object *object = NULL;
            uint64_t offsets[2] = {0};

            if (thaw_object_open(path, &object, NULL))
                continue;
            if (!thaw_object_methods(object, &table, wanted, 2, offsets, NULL))
                found++;
            assert_true(offsets[0] < cut && offsets[1] < cut);
            thaw_object_close(object);
        }
        assert_true(found > 0);
        free(bytes);
    }
}

#define MIB (1U << 20) /* data are read in such pieces */

/* The object with its writable segment begun four bytes later. */
static const char *shift_data(const char *path, const char *name)
{
    size_t length, shifted = 0;
    uint8_t *bytes = read_file(path, &length);
    const char *result;
    Elf64_Ehdr header;

    memcpy(&header, bytes, sizeof(header));
    for (size_t i = 0; i < header.e_phnum; i++) {
        uint8_t *at = bytes + header.e_phoff + i * sizeof(Elf64_Phdr);
        Elf64_Phdr segment;

        memcpy(&segment, at, sizeof(segment));
        if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_W))
            continue;
        assert_int_equal(segment.p_vaddr % 8, 0);
        segment.p_offset += 4;
        segment.p_vaddr += 4;
        segment.p_filesz -= 4;
        memcpy(at, &segment, sizeof(segment));
        shifted++;
    }
    assert_int_equal(shifted, 1);
    result = scratch_write(&scratch, name, bytes, length);
    free(bytes);
    return result;
}

/* The pointer to the last name lies across the pieces where the segment is not aligned. */
static void a_pointer_between_two_pieces_is_found(void **state)
{
    char source[4096];
    const char *path;
    uint64_t there[2], shifted[2];

    (void)state;
    snprintf(source, sizeof(source),
             "%s__attribute__((section(\".data.a\"), aligned(32))) char before[%u] = {1};\n"
             "__attribute__((section(\".data.b\"), aligned(32)))\n%s",
             ENTRY FUNCTIONS, MIB - 96, TABLE START);
    path = build("border", source, "-fno-toplevel-reorder -O2 -static -nostdlib -no-pie -fno-pie");
    assert_found(path);
    assert_int_equal(find(path, there), 0);
    assert_int_equal(find(shift_data(path, "border-shifted"), shifted), 0);
    assert_memory_equal(shifted, there, sizeof(there));
}

static void a_name_between_two_pieces_is_found(void **state)
{
    char source[4096];

    (void)state;
    for (unsigned before = MIB - 40; before < MIB + 4; before += 4) {
        snprintf(source, sizeof(source),
                 "%s__attribute__((aligned(32)))\n"
                 "static const struct { char before[%u], name[6]; } texts = {{1}, \"loads\"};\n"
                 "struct method table[] = {{\"dump\", one}, {\"load\", two}, {\"dumps\", three},\n"
                 "    {texts.name, four}};\n%s",
                 ENTRY FUNCTIONS, before, START);
        assert_found(build("name", source, kinds[0].options));
    }
}

/* Each section of an object claims to be relocations that fill the whole file. */
static void relocations_that_lead_nowhere_are_bounded(void **state)
{
    size_t length;
    uint8_t *bytes = read_file(build("shared.so", SOURCE, kinds[2].options), &length);
    Elf64_Ehdr header;
    uint64_t offsets[2];

    (void)state;
    memcpy(&header, bytes, sizeof(header));
    for (size_t i = 1; i < header.e_shnum; i++) {
        Elf64_Shdr section;
        uint8_t *at = bytes + header.e_shoff + i * sizeof(section);

        memcpy(&section, at, sizeof(section));
        section.sh_type = SHT_RELA;
        section.sh_offset = 0;
        section.sh_size = i % 2 ? length : UINT64_MAX;
        section.sh_entsize = i % 3 ? sizeof(Elf64_Rela) : 0;
        memcpy(at, &section, sizeof(section));
    }
    find(scratch_write(&scratch, "hostile", bytes, length), offsets);
    assert_true(offsets[0] < length && offsets[1] < length);
    free(bytes);
}

static void every_allocation_may_fail(void **state)
{
    struct thaw_object *object;

    (void)state;
    if (!chaos_malloc_works())
        skip_for_want_of("--wrap");
    object = open_good(build("shared.so", SOURCE, kinds[2].options));
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        uint64_t offsets[2] = {1, 1};
        struct thaw_error error = {0};
        int code = thaw_object_methods(object, &table, wanted, 2, offsets, &error);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        assert_true(!code == (offsets[0] && offsets[1]));
    }
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        uint64_t offsets[THAW_PYTHON_METHODS];
        int code = thaw_python_methods_find(object, offsets, NULL);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
    }
    thaw_object_close(object);
}

/* No such table: nothing is found, which is no error. */
static void an_object_that_is_no_python_has_no_methods(void **state)
{
    uint64_t offsets[THAW_PYTHON_METHODS] = {1, 1};
    struct thaw_object *object = open_good(build("nothing", START, kinds[0].options));

    (void)state;
    assert_int_equal(thaw_python_methods_find(object, offsets, NULL), 0);
    for (size_t i = 0; i < THAW_PYTHON_METHODS; i++)
        assert_int_equal(offsets[i], 0);
    thaw_object_close(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_are_found_by_their_names),
        cmocka_unit_test(so_they_are_where_relocations_are_packed),
        cmocka_unit_test(names_may_be_the_tails_of_others),
        cmocka_unit_test(other_tables_are_none),
        cmocka_unit_test(a_function_that_is_no_code_is_not_found),
        cmocka_unit_test(a_file_that_is_cut_does_no_harm),
        cmocka_unit_test(a_pointer_between_two_pieces_is_found),
        cmocka_unit_test(a_name_between_two_pieces_is_found),
        cmocka_unit_test(relocations_that_lead_nowhere_are_bounded),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(an_object_that_is_no_python_has_no_methods),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
