/* SPDX-License-Identifier: Apache-2.0 */
#include <execinfo.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>
#include <cmocka.h>

#include "native/maps.h"
#include "native/unwind.h"

#define STACK_MOST 65528
#define DEPTH 12
#define PATHS_MOST 64

/* This program's own stack at one instant, and what glibc's backtrace() says of it. */
static struct {
    struct thaw_unwind_input input;
    unsigned char stack[STACK_MOST];
    void *expected[256];
    int expected_count;
} taken;

static struct thaw_spaces spaces;
static struct thaw_unwinder *unwinder;
static char *paths[PATHS_MOST];
static size_t path_count;
static uint64_t frames[THAW_UNWIND_FRAMES_MOST];

static void take_registers(const ucontext_t *context)
{
    static const int order[THAW_UNWIND_REGISTERS] = {
        REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8,
        REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP,
    };

    for (int i = 0; i < THAW_UNWIND_REGISTERS; i++)
        taken.input.registers[i] = (uint64_t)context->uc_mcontext.gregs[order[i]];
}

/* Where this process's stack around an address ends. */
static uint64_t stack_end(uint64_t address)
{
    pthread_attr_t attributes;
    void *base;
    size_t size;

    assert_int_equal(pthread_getattr_np(pthread_self(), &attributes), 0);
    assert_int_equal(pthread_attr_getstack(&attributes, &base, &size), 0);
    pthread_attr_destroy(&attributes);
    assert_true(address > (uintptr_t)base && address < (uintptr_t)base + size);
    return (uintptr_t)base + size;
}

/* Word by word: AddressSanitizer would take it for an overflow. */
static __attribute__((no_sanitize_address, noinline)) void copy_stack(uint64_t from, size_t bytes)
{
    const volatile uint64_t *words = (const volatile uint64_t *)(uintptr_t)from;

    for (size_t i = 0; i < bytes / sizeof(*words); i++) {
        uint64_t word = words[i];

        for (size_t byte = 0; byte < sizeof(word); byte++)
            taken.stack[i * sizeof(word) + byte] = (unsigned char)(word >> 8 * byte);
    }
}

static __attribute__((noinline)) void take_stack(void)
{
    ucontext_t context;
    uint64_t pointer, bytes;

    assert_int_equal(getcontext(&context), 0);
    take_registers(&context);
    taken.expected_count = backtrace(taken.expected, 256);
    pointer = taken.input.registers[THAW_UNWIND_STACK_POINTER];
    bytes = stack_end(pointer) - pointer;
    taken.input.stack_bytes = bytes < STACK_MOST ? (size_t)bytes : STACK_MOST;
    taken.input.stack = taken.stack;
    copy_stack(pointer, taken.input.stack_bytes);
}

/* Frames to be found, which the compiler must not merge. */
static __attribute__((noinline)) int descend(int depth)
{
    volatile char room[64] = {(char)depth};

    if (!depth)
        take_stack();
    else
        room[1] = (char)descend(depth - 1);
    return room[0] + room[1];
}

static void map_self(void)
{
    size_t length;
    char *maps = thaw_maps_read(getpid(), &length);
    const char *cursor = maps;
    struct thaw_mapping mapping;

    assert_non_null(maps);
    while (thaw_maps_next(&cursor, maps + length, &mapping)) {
        struct thaw_code_mapping piece = {.start = mapping.start,
                                          .bytes = mapping.end - mapping.start,
                                          .offset = mapping.offset};

        if (!mapping.executable || !mapping.path_bytes || path_count == PATHS_MOST)
            continue;
        piece.path = paths[path_count++] = strndup(mapping.path, mapping.path_bytes);
        assert_true(thaw_spaces_map(&spaces, 1, &piece));
    }
    free(maps);
}

static int open_all(void **state)
{
    (void)state;
    map_self();
    return thaw_unwinder_open(&unwinder, 0, NULL);
}

static int close_all(void **state)
{
    (void)state;
    thaw_unwinder_close(unwinder);
    thaw_spaces_free(&spaces);
    while (path_count)
        free(paths[--path_count]);
    return 0;
}

/* The first is inside take_stack(), of which backtrace() tells another place, and a sanitizer's
 * own functions before it. Returns how many frames there are to be. */
static size_t assert_as_expected(size_t count)
{
    size_t all = (size_t)taken.expected_count, first = 0;

    assert_true(count > 1);
    while (first < all && (uintptr_t)taken.expected[first] != frames[1])
        first++;
    assert_true(first < all && count - 1 <= all - first);
    for (size_t i = 1; i < count; i++)
        assert_int_equal(frames[i], (uintptr_t)taken.expected[first + i - 1]);
    return all - first + 1;
}

static void whole_stacks_agree_with_backtrace(void **state)
{
    enum thaw_unwind_end end;
    size_t count;

    (void)state;
    descend(DEPTH);
    count = thaw_unwind(unwinder, &spaces, 1, &taken.input, frames, &end);
    assert_int_equal(end, THAW_UNWIND_COMPLETE);
    assert_int_equal(assert_as_expected(count), count);
    assert_true(count > DEPTH);
    /* and the same once more, from what libunwind keeps */
    assert_int_equal(thaw_unwind(unwinder, &spaces, 1, &taken.input, frames, &end), count);
    assert_int_equal(end, THAW_UNWIND_COMPLETE);
}

static void *in_thread(void *context)
{
    descend(DEPTH);
    return context;
}

static void threads_end_at_their_start(void **state)
{
    enum thaw_unwind_end end;
    pthread_t thread;
    size_t count;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, in_thread, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    count = thaw_unwind(unwinder, &spaces, 1, &taken.input, frames, &end);
    assert_int_equal(end, THAW_UNWIND_COMPLETE);
    assert_int_equal(assert_as_expected(count), count);
}

static void what_is_not_copied_is_truncated(void **state)
{
    enum thaw_unwind_end end;
    size_t whole, count;

    (void)state;
    descend(DEPTH);
    whole = thaw_unwind(unwinder, &spaces, 1, &taken.input, frames, &end);
    taken.input.stack_bytes = sizeof(ucontext_t) + 768; /* its own frame, and some */
    count = thaw_unwind(unwinder, &spaces, 1, &taken.input, frames, &end);
    assert_int_equal(end, THAW_UNWIND_TRUNCATED);
    assert_int_equal(assert_as_expected(count), whole);
    assert_true(count < whole);
    taken.input.stack_bytes = 0;
    assert_int_equal(thaw_unwind(unwinder, &spaces, 1, &taken.input, frames, &end), 1);
    assert_int_equal(end, THAW_UNWIND_TRUNCATED);
}

/* Nothing is guessed where no file tells how a function keeps its caller. */
static void code_that_is_not_known_breaks_the_chain(void **state)
{
    struct thaw_code_mapping anonymous = {.path = "//anon"};
    struct thaw_spaces others = {0};
    enum thaw_unwind_end end;

    (void)state;
    descend(DEPTH);
    assert_int_equal(thaw_unwind(unwinder, &others, 1, &taken.input, frames, &end), 1);
    assert_int_equal(end, THAW_UNWIND_BROKEN);
    anonymous.start = frames[0] & ~0xfffULL;
    anonymous.bytes = 0x1000;
    assert_true(thaw_spaces_fork(&others, 1, 1));
    assert_true(thaw_spaces_map(&others, 1, &anonymous));
    assert_int_equal(thaw_unwind(unwinder, &others, 1, &taken.input, frames, &end), 1);
    assert_int_equal(end, THAW_UNWIND_BROKEN);
    thaw_spaces_free(&others);
}

/* A stack of any content: whatever comes out, it ends. */
static void a_stack_of_nonsense_ends(void **state)
{
    enum thaw_unwind_end end;

    (void)state;
    descend(DEPTH);
    for (unsigned seed = 0; seed < 200; seed++) {
        size_t count;

        srand(seed);
        for (size_t i = 64; i + 8 < taken.input.stack_bytes; i += 8) {
            uint64_t word = frames[(size_t)rand() % 8] + (seed & 1 ? (uint64_t)rand() : 0);

            memcpy(taken.stack + i, &word, sizeof(word));
        }
        count = thaw_unwind(unwinder, &spaces, 1, &taken.input, frames, &end);
        assert_true(count >= 1 && count <= THAW_UNWIND_FRAMES_MOST);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_stacks_agree_with_backtrace),
        cmocka_unit_test(threads_end_at_their_start),
        cmocka_unit_test(what_is_not_copied_is_truncated),
        cmocka_unit_test(code_that_is_not_known_breaks_the_chain),
        cmocka_unit_test(a_stack_of_nonsense_ends),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
