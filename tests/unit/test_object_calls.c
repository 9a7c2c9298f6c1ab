/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "native/calls.h"
#include "listing.h"
#include "scratch.h"

/*
 * Calls of callee() and other() in many shapes. one() to five() hold the result in other registers,
 * last() and jumps() only jump, three() does at its end.
 */
#define SOURCE                                                                                     \
    "#define OWN __attribute__((noipa, visibility(\"default\")))\n"                                \
    "OWN void *callee(void *a) { return a; }\n"                                                    \
    "OWN void *other(void *a, int b) { return b ? a : 0; }\n"                                      \
    "OWN void *one(void *a) { void *b = callee(a); return b ? other(b, 1) : a; }\n"                \
    "OWN long two(void **a) { a[0] = callee(a[0]); a[1] = callee(a[1]); return 7; }\n"             \
    "OWN void *three(void *a, void *b, void *c) {\n"                                               \
    "    void *d = callee(a), *e = callee(b), *f = callee(c);\n"                                   \
    "    return d && other(d, 2) && e && other(e, 3) && f ? callee(f) : 0; }\n"                    \
    "OWN void four(void *a) { while ((a = callee(a))) other(a, 4); }\n"                            \
    "OWN int five(void *a) { return callee(a) == other(a, 5); }\n"                                 \
    "OWN void *last(void *a) { return callee(a); }\n"                                              \
    "OWN void *jumps(void *a, int b) { return b ? callee(a) : other(a, b); }\n"                    \
    "void _start(void) { void *a[2]; two(a); four(one(three(a, a, a))); five(a);\n"                \
    "    last(a); jumps(a, 1); for (;;) ; }\n"

#define NOT_HERE "not_in_this_object"

struct kind {
    const char *name;
    const char *options;
};

static const struct kind kinds[] = {
    {"static", "-O2 -static -nostdlib -no-pie -fno-pie"},
    {"static-slow", "-O0 -static -nostdlib -no-pie -fno-pie"},
    {"pie", "-O2 -nostdlib -pie -fPIE"},
    {"plt.so", "-O2 -shared -fPIC -nostdlib"},
    {"plt-now.so", "-O2 -shared -fPIC -nostdlib -Wl,-z,now"},
    {"plt-slow.so", "-O0 -shared -fPIC -nostdlib"},
    {"no-plt.so", "-O2 -shared -fPIC -nostdlib -fno-plt"},
    {"symbolic.so", "-O2 -shared -fPIC -nostdlib -fno-semantic-interposition -Wl,-Bsymbolic"},
    {"marked.so", "-O2 -shared -fPIC -nostdlib -fcf-protection=full -Wl,-z,ibtplt"},
    {"marked", "-O2 -nostdlib -pie -fPIE -fcf-protection=full"},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

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

/*
 * Each return address that objdump has is found, as itself or a few instructions on, and nothing
 * else is. Returns how many there are.
 */
static size_t compare_returns(const struct listing *listing, const struct listing_names *names,
                              const struct thaw_call_returns *found)
{
    size_t count = 0;

    for (size_t i = 0; i + 1 < listing->count; i++) {
        const struct thaw_call_return *item = &found->items[count];
        size_t line;

        if (!listing_calls(listing->lines[i], names))
            continue;
        if (count++ == found->count)
            fail_msg("%s: %zu found only", names->own, found->count);
        line = listing_line(listing, item->offset);
        if (line <= i || line > i + 6)
            fail_msg("%s: %#" PRIx64 " instead of %#" PRIx64, names->own, item->offset,
                     listing->offsets[i + 1]);
        for (size_t j = i + 1; j < line; j++)
            assert_null(strstr(listing->lines[j], "\tcall"));
        if (line > i + 1)
            assert_int_equal(item->instruction, THAW_INSTRUCTION_EMULATED);
    }
    assert_int_equal(found->count, count);
    return count;
}

static struct thaw_object *open_good(const char *path)
{
    struct thaw_object *object = NULL;
    struct thaw_error error = {0};

    if (thaw_object_open(path, &object, &error) < 0)
        fail_msg("%s", error.message);
    return object;
}

static void find(const char *path, const struct thaw_call_function *functions, size_t count,
                 struct thaw_arena *arena, struct thaw_call_returns *found)
{
    struct thaw_object *object = open_good(path);
    struct thaw_error error = {0};

    if (thaw_object_call_returns(object, functions, count, arena, found, &error) < 0)
        fail_msg("%s", error.message);
    thaw_object_close(object);
}

static const char *build(const struct kind *kind)
{
    if (!scratch_compile(&scratch, kind->name, SOURCE, kind->options))
        skip_for_want_of("a C compiler");
    return scratch_path(&scratch, kind->name);
}

static void all_calls_are_found_and_no_others(void **state)
{
    static const struct thaw_call_function functions[] = {{"callee", false},
                                                          {NOT_HERE, false},
                                                          {"other", false}};
    struct listing *listing = malloc(sizeof(*listing));

    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        const char *path = build(&kinds[i]);
        struct thaw_call_returns found[3];
        struct thaw_arena arena = {0};
        struct listing_names names;

        listing_make(path, listing);
        find(path, functions, 3, &arena, found);
        listing_name(path, "callee", &names);
        assert_true(compare_returns(listing, &names, &found[0]) >= 7);
        assert_int_equal(found[1].count, 0);
        listing_name(path, "other", &names);
        assert_true(compare_returns(listing, &names, &found[2]) >= 3);
        assert_int_equal(found[0].body, 0);
        thaw_arena_free(&arena);
        free(listing->text);
    }
    free(listing);
}

/* jumps() calls nothing: where it is called itself, callee() and other() are not. */
static void tail_calls_are_not_found(void **state)
{
    static const struct thaw_call_function functions[] = {{"callee", false},
                                                          {"other", false},
                                                          {"jumps", false}};
    const char *path = build(&kinds[0]);
    struct thaw_call_returns found[3];
    struct thaw_arena arena = {0};
    char *jumps = scratch_output("objdump -d '%s' | grep -c 'jmp .*<callee>'", path);

    (void)state;
    if (!jumps)
        skip_for_want_of("objdump (binutils)");
    assert_true(atoi(jumps) >= 3);
    free(jumps);
    find(path, functions, 3, &arena, found);
    assert_int_equal(found[0].count, 8); /* one 1, two 2, three 3, four 1, five 1 */
    assert_int_equal(found[1].count, 4); /* three 2, four 1, five 1 */
    assert_int_equal(found[2].count, 1);
    thaw_arena_free(&arena);
}

static void a_function_that_is_not_there_has_no_calls(void **state)
{
    static const struct thaw_call_function functions[] = {{NOT_HERE, false},
                                                          {"", false},
                                                          {"kinds", false}};
    const char *path = build(&kinds[3]);
    struct thaw_object *object = open_good(path);
    struct thaw_call_returns found[9];
    struct thaw_call_function nine[9];
    struct thaw_arena arena = {0};

    (void)state;
    memset(found, 0xff, sizeof(found));
    assert_int_equal(thaw_object_call_returns(object, functions, 3, &arena, found, NULL), 0);
    for (size_t i = 0; i < 3; i++)
        assert_true(!found[i].count && !found[i].body);
    for (size_t i = 0; i < 9; i++)
        nine[i] = (struct thaw_call_function){"callee", false};
    assert_int_equal(thaw_object_call_returns(object, nine, 9, &arena, found, NULL), 0);
    assert_int_equal(found[8].count, 0); /* more functions than can be asked for */
    thaw_object_close(object);
    thaw_arena_free(&arena);
}

/* three(), last() and jumps() end with a jump to callee(): it returns where they are called. */
static void calls_of_functions_that_end_with_a_jump_are_found(void **state)
{
    static const struct thaw_call_function functions[] = {{"callee", true}, {"other", false}};
    static const char *const jumping[] = {"three", "last", "jumps"};
    const char *path = build(&kinds[0]);
    struct listing *listing = malloc(sizeof(*listing));
    struct thaw_call_returns found[2];
    struct thaw_arena arena = {0};
    size_t expected = 8, seen = 0;

    (void)state;
    listing_make(path, listing);
    find(path, functions, 2, &arena, found);
    assert_int_equal(found[1].count, 4);
    for (size_t i = 0; i < 3; i++) {
        struct listing_names names;

        listing_name(path, jumping[i], &names);
        for (size_t j = 0; j + 1 < listing->count; j++) {
            if (!listing_calls(listing->lines[j], &names))
                continue;
            expected++;
            for (size_t k = 0; k < found[0].count; k++)
                seen += found[0].items[k].call == listing->offsets[j];
        }
    }
    assert_int_equal(expected, 11);
    assert_int_equal(seen, 3);
    assert_int_equal(found[0].count, expected);
    free(listing->text);
    free(listing);
    thaw_arena_free(&arena);
}

/* count calls in a row, the first of them `before` bytes into the text. */
static const char *build_row(const char *name, unsigned before, unsigned count, const char *options)
{
    char source[1024];

    snprintf(source, sizeof(source),
             "asm(\".text\\n .fill %u, 1, 0x90\\n .globl row, callee\\n row: .rept %u\\n"
             " call callee\\n .endr\\n ret\\n .type callee, @function\\n callee: ret\\n"
             " .size callee, 1\");",
             before, count);
    if (!scratch_compile(&scratch, name, source, options))
        skip_for_want_of("a C compiler");
    return scratch_path(&scratch, name);
}

/* Code is read in pieces of 1 MiB; the row of calls lies across the end of the first one. */
static void calls_between_two_pieces_are_found_once(void **state)
{
    static const struct thaw_call_function functions[] = {{"callee", false}};
    const unsigned count = THAW_CALL_RETURNS_MAX;

    (void)state;
    for (unsigned shift = 0; shift < 5; shift++) {
        const char *path = build_row("border", (1U << 20) - 600 + shift, count,
                                     "-static -nostdlib -no-pie -Wl,-e,row");
        struct thaw_call_returns found;
        struct thaw_arena arena = {0};
        uint64_t last = 0;

        find(path, functions, 1, &arena, &found);
        assert_int_equal(found.count, count);
        for (size_t i = 0; i < found.count; i++) {
            assert_true(!i || found.items[i].offset == last + 5);
            last = found.items[i].offset;
        }
        thaw_arena_free(&arena);
    }
}

static void more_calls_than_are_taken_are_left_out(void **state)
{
    static const struct thaw_call_function functions[] = {{"callee", false}};
    const char *path =
        build_row("many", 64, THAW_CALL_RETURNS_MAX + 50, "-static -nostdlib -no-pie -Wl,-e,row");
    struct thaw_call_returns found;
    struct thaw_arena arena = {0};

    (void)state;
    find(path, functions, 1, &arena, &found);
    assert_int_equal(found.count, THAW_CALL_RETURNS_MAX);
    thaw_arena_free(&arena);
}

/* What link-time optimisation makes of an exported function: callers inside go to its body. */
static void a_function_that_only_leads_on_is_followed(void **state)
{
    static const char source[] =
        "asm(\".text\\n .globl callee, user\\n .type callee, @function\\n .type body, @function\\n"
        " callee: endbr64\\n xor %edx, %edx\\n jmp body\\n .size callee, . - callee\\n"
        " .fill 64, 1, 0x90\\n body: endbr64\\n mov %rdi, %rax\\n ret\\n"
        " user: call body\\n test %rax, %rax\\n jne user\\n call callee\\n ret\");";
    static const struct thaw_call_function functions[] = {{"callee", false}};
    struct listing *listing = malloc(sizeof(*listing));
    struct thaw_call_returns found;
    struct thaw_arena arena = {0};
    const char *path;

    (void)state;
    if (!scratch_compile(&scratch, "thunk", source, "-static -nostdlib -no-pie -Wl,-e,user"))
        skip_for_want_of("a C compiler");
    path = scratch_path(&scratch, "thunk");
    listing_make(path, listing);
    find(path, functions, 1, &arena, &found);
    assert_int_equal(found.count, 2);
    assert_non_null(strstr(listing->lines[listing_line(listing, found.items[0].offset)], "jne"));
    assert_non_null(strstr(listing->lines[listing_line(listing, found.items[1].offset)], "ret"));
    assert_non_null(strstr(listing->lines[listing_line(listing, found.body)], "mov "));
    free(listing->text);
    free(listing);
    thaw_arena_free(&arena);
}

/* Older linkers put a bnd prefix into the entries. */
static void an_entry_may_have_a_prefix(void **state)
{
    static const char source[] =
        "asm(\".text\\n .globl callee, user\\n .type callee, @function\\n callee: ret\\n"
        " .size callee, . - callee\\n marked: endbr64\\n bnd jmp *callee@GOTPCREL(%rip)\\n"
        " plain: bnd jmp *callee@GOTPCREL(%rip)\\n"
        " user: call marked\\n nop\\n call plain\\n nop\\n call plain + 1\\n ret\");";
    static const struct thaw_call_function functions[] = {{"callee", false}};
    struct thaw_call_returns found;
    struct thaw_arena arena = {0};

    (void)state;
    if (!scratch_compile(&scratch, "prefix.so", source, "-shared -nostdlib"))
        skip_for_want_of("a C compiler");
    find(scratch_path(&scratch, "prefix.so"), functions, 1, &arena, &found);
    assert_int_equal(found.count, 2); /* the third goes into the middle of an entry */
    assert_int_equal(found.items[1].offset, found.items[0].offset + 6);
    thaw_arena_free(&arena);
}

/* The interpreter of the machine, where objdump needs seconds: only its own calls are counted. */
static void an_interpreter_has_calls_of_what_is_probed(void **state)
{
    static const struct thaw_call_function functions[] = {{"PyEval_EvalCode", false},
                                                          {"PyObject_CallMethodObjArgs", false},
                                                          {"PyModule_ExecDef", true}};
    struct thaw_call_returns found[3];
    struct thaw_arena arena = {0};
    struct thaw_object *object;
    char word[16];

    (void)state;
    if (thaw_object_open("/usr/bin/python3.11", &object, NULL) < 0)
        skip_for_want_of("/usr/bin/python3.11");
    assert_int_equal(thaw_object_call_returns(object, functions, 3, &arena, found, NULL), 0);
    for (size_t i = 0; i < 3; i++)
        assert_true(found[i].count > 0 && found[i].count < 100);
    for (size_t i = 0; i < found[1].count; i++) /* it is passed a str that is in the file */
        if (found[1].items[i].argument.value && !found[1].items[i].argument.relative)
            assert_true(
                thaw_object_at(object, found[1].items[i].argument.value, word, sizeof(word)));
    assert_false(thaw_object_at(object, UINT64_MAX - 4, word, sizeof(word)));
    thaw_object_close(object);
    thaw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_calls_are_found_and_no_others),
        cmocka_unit_test(tail_calls_are_not_found),
        cmocka_unit_test(a_function_that_is_not_there_has_no_calls),
        cmocka_unit_test(calls_of_functions_that_end_with_a_jump_are_found),
        cmocka_unit_test(calls_between_two_pieces_are_found_once),
        cmocka_unit_test(more_calls_than_are_taken_are_left_out),
        cmocka_unit_test(a_function_that_only_leads_on_is_followed),
        cmocka_unit_test(an_entry_may_have_a_prefix),
        cmocka_unit_test(an_interpreter_has_calls_of_what_is_probed),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
