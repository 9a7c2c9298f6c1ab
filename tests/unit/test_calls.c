/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "native/calls.h"

/* Code as an assembler makes it, with its length. */
#define CODE(text) (const uint8_t *)(text), sizeof(text) - 1

#define ADDRESS 0x401000

struct step_row {
    const uint8_t *code;
    size_t length;
    size_t bytes;
    enum thaw_register result;
};

static void compare_steps(const struct step_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct thaw_call_step step = thaw_call_step(rows[i].code, rows[i].length);

        if (step.bytes != rows[i].bytes || step.result != rows[i].result)
            fail_msg("row %zu: register %d at %zu", i, step.result, step.bytes);
    }
}

#define COMPARE_STEPS(rows) compare_steps(rows, sizeof(rows) / sizeof((rows)[0]))

static void the_first_emulated_instruction_is_taken(void **state)
{
    static const struct step_row rows[] = {
        {CODE("\xeb\x10"), 0, THAW_REGISTER_RAX},                     /* jmp */
        {CODE("\x48\x85\xc0\x74\x10"), 3, THAW_REGISTER_RAX},         /* test %rax,%rax; je */
        {CODE("\x48\x85\xc0\x0f\x84\0\0\0\0"), 3, THAW_REGISTER_RAX}, /* …; je near */
        {CODE("\x48\x85\xc0\x53"), 3, THAW_REGISTER_RAX},             /* …; push %rbx */
        {CODE("\x48\x89\xdf\xe8\0\0\0\0"), 3, THAW_REGISTER_RAX},     /* mov %rbx,%rdi; call */
        {CODE("\x48\x89\x45\xf8\xe9\0\0\0\0"), 4, THAW_REGISTER_RAX}, /* mov %rax,-8(%rbp); jmp */
        {CODE("\x0f\x1f\x44\0\0\xeb\x10"), 5, THAW_REGISTER_RAX},     /* nopl; jmp */
        {CODE("\x66\x0f\x1f\x44\0\0\xeb\x10"), 6, THAW_REGISTER_RAX}, /* nopw; jmp */
        {CODE("\x48\x85\xc0\x90"), 3, THAW_REGISTER_RAX},             /* …; nop */
    };

    (void)state;
    COMPARE_STEPS(rows);
}

static void the_result_is_followed_into_other_registers(void **state)
{
    static const struct step_row rows[] = {
        /* mov %rax,REGISTER; xor %eax,%eax; jmp */
        {CODE("\x48\x89\xc3\x31\xc0\xeb\x10"), 5, THAW_REGISTER_RBX},
        {CODE("\x48\x89\xc5\x31\xc0\xeb\x10"), 5, THAW_REGISTER_RBP},
        {CODE("\x49\x89\xc4\x31\xc0\xeb\x10"), 5, THAW_REGISTER_R12},
        {CODE("\x49\x89\xc5\x31\xc0\xeb\x10"), 5, THAW_REGISTER_R13},
        {CODE("\x49\x89\xc6\x31\xc0\xeb\x10"), 5, THAW_REGISTER_R14},
        {CODE("\x49\x89\xc7\x31\xc0\xeb\x10"), 5, THAW_REGISTER_R15},
        /* mov %rax,%rbx; test %rax,%rax; je: it is in both */
        {CODE("\x48\x89\xc3\x48\x85\xc0\x74\x10"), 6, THAW_REGISTER_RAX},
        /* mov %rax,%rbx; mov %rbx,%r12; xor %eax,%eax; xor %ebx,%ebx; jmp */
        {CODE("\x48\x89\xc3\x49\x89\xdc\x31\xc0\x31\xdb\xeb\x10"), 10, THAW_REGISTER_R12},
        /* mov %rax,%rbx; mov 8(%rsp),%rax; jmp */
        {CODE("\x48\x89\xc3\x48\x8b\x44\x24\x08\xeb\x10"), 8, THAW_REGISTER_RBX},
        /* mov %rax,%rbx; xor %eax,%eax; mov %rbx,%rax; jmp: back again */
        {CODE("\x48\x89\xc3\x31\xc0\x48\x89\xd8\xeb\x10"), 8, THAW_REGISTER_RAX},
    };

    (void)state;
    COMPARE_STEPS(rows);
}

/* The result is gone before an instruction comes that the kernel emulates: the very first is it. */
static void a_result_that_is_nowhere_ends_the_search(void **state)
{
    static const struct step_row rows[] = {
        {CODE("\x31\xc0\xeb\x10"), 0, THAW_REGISTER_RAX},             /* xor %eax,%eax; jmp */
        {CODE("\xb0\x01\xeb\x10"), 0, THAW_REGISTER_RAX},             /* mov $1,%al; jmp */
        {CODE("\xb4\x01\xeb\x10"), 0, THAW_REGISTER_RAX},             /* mov $1,%ah; jmp */
        {CODE("\x66\xb8\x01\0\xeb\x10"), 0, THAW_REGISTER_RAX},       /* mov $1,%ax; jmp */
        {CODE("\x89\xc3\x31\xc0\xeb\x10"), 0, THAW_REGISTER_RAX},     /* mov %eax,%ebx: half */
        {CODE("\x48\x89\xc1\x31\xc0\xeb\x10"), 0, THAW_REGISTER_RAX}, /* mov %rax,%rcx: lost */
        {CODE("\x48\x89\x03\x31\xc0\xeb\x10"), 0, THAW_REGISTER_RAX}, /* mov %rax,(%rbx) */
        {CODE("\x48\x89\xd3\x31\xc0\xeb\x10"), 0, THAW_REGISTER_RAX}, /* mov %rdx,%rbx */
        {CODE("\x48\x0f\x44\xc1\xeb\x10"), 0, THAW_REGISTER_RAX},     /* cmove %rcx,%rax */
        {CODE("\x48\x93\xeb\x10"), 0, THAW_REGISTER_RAX},             /* xchg %rax,%rbx */
        /* mov %rax,%r12; xor %eax,%eax; mov $1,%r12b; jmp */
        {CODE("\x49\x89\xc4\x31\xc0\x41\xb4\x01\xeb\x10"), 0, THAW_REGISTER_RAX},
        /* mov %rax,%rbp; xor %eax,%eax; mov $1,%ebp; jmp */
        {CODE("\x48\x89\xc5\x31\xc0\xbd\x01\0\0\0\xeb\x10"), 0, THAW_REGISTER_RAX},
    };

    (void)state;
    COMPARE_STEPS(rows);
}

/* mov %rax,%rbx, which may be stepped over, and then what may not. */
static void what_moves_the_stack_or_leaves_ends_the_search(void **state)
{
    static const struct step_row rows[] = {
        {CODE("\x48\x89\xc3\x5d\xeb\x10"), 0, THAW_REGISTER_RAX},             /* pop %rbp */
        {CODE("\x48\x89\xc3\x41\x5c\xeb\x10"), 0, THAW_REGISTER_RAX},         /* pop %r12 */
        {CODE("\x48\x89\xc3\x48\x83\xc4\x08\xeb\x10"), 0, THAW_REGISTER_RAX}, /* add $8,%rsp */
        {CODE("\x48\x89\xc3\x48\x8d\x65\xf0\xeb\x10"), 0, THAW_REGISTER_RAX}, /* lea -16(…),%rsp */
        {CODE("\x48\x89\xc3\xc9\xeb\x10"), 0, THAW_REGISTER_RAX},             /* leave */
        {CODE("\x48\x89\xc3\x6a\x01\xeb\x10"), 0, THAW_REGISTER_RAX},         /* push $1 */
        {CODE("\x48\x89\xc3\xc3\xeb\x10"), 0, THAW_REGISTER_RAX},             /* ret */
        {CODE("\x48\x89\xc3\x0f\x0b\xeb\x10"), 0, THAW_REGISTER_RAX},         /* ud2 */
        {CODE("\x48\x89\xc3\xff\xe0\xeb\x10"), 0, THAW_REGISTER_RAX},         /* jmp *%rax */
        {CODE("\x48\x89\xc3\xff\xd0\xeb\x10"), 0, THAW_REGISTER_RAX},         /* call *%rax */
        {CODE("\x48\x89\xc3\xff\x25\0\0\0\0\xeb\x10"), 0, THAW_REGISTER_RAX}, /* jmp *0(%rip) */
        {CODE("\x48\x89\xc3\xcc\xeb\x10"), 0, THAW_REGISTER_RAX},             /* int3 */
        {CODE("\x48\x89\xc3\xf4\xeb\x10"), 0, THAW_REGISTER_RAX},             /* hlt */
        {CODE("\x48\x89\xc3\x48\xcf\xeb\x10"), 0, THAW_REGISTER_RAX},         /* iretq */
    };

    (void)state;
    COMPARE_STEPS(rows);
}

static void code_that_ends_or_is_none_is_not_read(void **state)
{
    static const struct step_row rows[] = {
        {CODE(""), 0, THAW_REGISTER_RAX},
        {CODE("\x48"), 0, THAW_REGISTER_RAX},
        {CODE("\x48\x89"), 0, THAW_REGISTER_RAX},
        {CODE("\x48\x89\xc3"), 0, THAW_REGISTER_RAX},     /* nothing behind */
        {CODE("\x48\x89\xc3\x0f"), 0, THAW_REGISTER_RAX}, /* je near, cut */
        {CODE("\x06\xeb\x10"), 0, THAW_REGISTER_RAX},     /* no instruction in 64-bit code */
        {CODE("\x48\x89\xc3\x06\xeb\x10"), 0, THAW_REGISTER_RAX},
        {CODE("\x0f\xff\xff\xff\xff\xff\xff\xff"), 0, THAW_REGISTER_RAX},
        {CODE("\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66"), 0,
         THAW_REGISTER_RAX},
    };

    (void)state;
    COMPARE_STEPS(rows);
}

/* test %rax,%rax again and again, then jmp. */
static void the_search_is_bounded(void **state)
{
    uint8_t code[3 * 12 + 2];

    (void)state;
    for (size_t i = 0; i < 12; i++)
        memcpy(code + 3 * i, "\x48\x85\xc0", 3);
    memcpy(code + sizeof(code) - 2, "\xeb\x10", 2);
    assert_int_equal(thaw_call_step(code, sizeof(code)).bytes, 0);
    assert_int_equal(thaw_call_step(code + 3, sizeof(code) - 3).bytes, 3 * 11);
}

static void functions_that_lead_to_others_are_told(void **state)
{
    static const struct {
        const uint8_t *code;
        size_t length;
        uint64_t target;
    } rows[] = {
        /* endbr64; xor %edx,%edx; jmp out */
        {CODE("\xf3\x0f\x1e\xfa\x31\xd2\xe9\xf5\x0f\0\0"), ADDRESS + 0x1000},
        {CODE("\x31\xd2\xe9\xf9\x0f\0\0"), ADDRESS + 0x1000},
        {CODE("\xe9\xfb\xff\xff\xff"), 0},                /* to itself */
        {CODE("\x31\xd2\xeb\x7c"), ADDRESS + 0x80},       /* short */
        {CODE("\xe9\xfb\xef\xff\xff"), ADDRESS - 0x1000}, /* back */
        {CODE("\xe9\0\0\0\0"), ADDRESS + 5},              /* to what follows */
        {CODE("\x31\xd2"), ADDRESS + 2},                  /* falls into what follows */
        {CODE("\xf3\x0f\x1e\xfa\x31\xd2"), ADDRESS + 6},  /* the same with endbr64 */
        {CODE("\x31\xd2\xeb\x01\x90\x31\xc9"), 0},        /* jumps inside itself */
        {CODE("\x31\xd2\xeb\xfc"), 0},                    /* to its own begin */
        {CODE("\x55\x48\x89\xe5\x5d\xc3"), 0},            /* an ordinary function */
        {CODE("\x31\xc0\xc3"), 0},                        /* returns at once */
        {CODE("\xff\xe0"), 0},                            /* jmp *%rax */
        {CODE("\xff\x25\0\0\0\0"), 0},                    /* jmp *0(%rip) */
        {CODE("\x74\x7e"), 0},                            /* je: only perhaps */
        {CODE("\xe8\xfb\x0f\0\0"), 0},                    /* a call comes back */
        {CODE("\x0f\x0b"), 0},                            /* ud2 */
        {CODE("\x31\xd2\x06"), 0},                        /* no instruction */
        {CODE("\x31\xd2\xe9\xf9"), 0},                    /* cut */
        {CODE("\x31\xd2\x31\xc9\x31\xf6\xeb\x78"), ADDRESS + 0x80},
        {CODE("\x31\xd2\x31\xc9\x31\xf6\x31\xff\xeb\x76"), 0}, /* does more than lead there */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t target = thaw_call_thunk(rows[i].code, rows[i].length, ADDRESS);

        if (target != rows[i].target)
            fail_msg("row %zu leads to %#llx", i, (unsigned long long)target);
    }
}

struct function_row {
    const char *code;
    size_t length;
    bool same;
};

#define ROW(code, same)                                                                            \
    {                                                                                              \
        code, sizeof(code) - 1, same                                                               \
    }

static void a_function_ends_where_nothing_leads_on(void **state)
{
    static const struct function_row rows[] = {
        ROW("", true),
        ROW("\x53\x5b", true),                      /* push %rbx; pop %rbx */
        ROW("\x53\xe8\0\0\0\0\x5b", true),          /* with a call between */
        ROW("\x53\xc3\x53", false),                 /* behind ret stands another function */
        ROW("\x74\x01\xc3\x53", true),              /* je over the ret */
        ROW("\x74\x02\xc3\x90\x5b\xc3\x53", false), /* but not over the second */
        ROW("\x74\xfe\xc3\x53", false),             /* je backwards */
        ROW("\x0f\x84\0\0\0\xf0\xc3\x53", false),   /* je far back */
        ROW("\xeb\x01\x90\x53", true),              /* jmp forward */
        ROW("\xff\xe0\x53", false),                 /* jmp *%rax */
        ROW("\xf4\x53", false),                     /* hlt */
        ROW("\x48\xb8", false),                     /* cut */
        ROW("\x06", false),                         /* no instruction */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (thaw_call_same_function((const uint8_t *)rows[i].code, rows[i].length) != rows[i].same)
            fail_msg("row %zu", i);
}

struct argument_row {
    const char *code;
    size_t length;
    uint64_t argument;
    bool relative;
};

#define RELATIVE(code, argument)                                                                   \
    {                                                                                              \
        code, sizeof(code) - 1, argument, true                                                     \
    }
#define ARGUMENT(code, argument)                                                                   \
    {                                                                                              \
        code, sizeof(code) - 1, argument, false                                                    \
    }

static void the_second_argument_is_told(void **state)
{
    static const struct argument_row rows[] = {
        ARGUMENT("\xbe\x78\x56\x34\x12", 0x12345678),             /* mov $…,%esi */
        ARGUMENT("\xbe\x78\x56\x34\x12\x31\xc0", 0x12345678),     /* xor %eax,%eax behind it */
        ARGUMENT("\x90\x90\x48\x8d\x35\x10\0\0\0", ADDRESS + 25), /* lea 16(%rip),%rsi */
        ARGUMENT("\x48\xc7\xc6\x10\0\0\0", 16),                   /* mov $16,%rsi */
        ARGUMENT("\x41\xbe\x78\x56\x34\x12", 0),                  /* mov $…,%r14d */
        ARGUMENT("\xbe\x78\x56\x34\x12\x48\x89\xc6", 0),          /* mov %rax,%rsi */
        ARGUMENT("\xbe\x78\x56\x34\x12\x40\xb6\x01", 0),          /* mov $1,%sil */
        ARGUMENT("\xbe\x78\x56\x34\x12\xeb\0", 0),                /* jmp behind it */
        ARGUMENT("\xbe\x78\x56\x34\x12\xe8\0\0\0\0", 0),          /* a call behind it */
        RELATIVE("\x48\x8d\x70\x10\x90\x90", 16),                 /* lea 16(%rax),%rsi */
        RELATIVE("\x49\x8d\xb4\x24\x48\x81\0\0\x31\xc0", 0x8148), /* lea …(%r12),%rsi */
        ARGUMENT("\x48\x8d\x74\x88\x10", 0),                      /* lea 16(%rax,%rcx,4),%rsi */
        ARGUMENT("\xbe\x78\x56", 0),
        ARGUMENT("", 0),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_call_argument found =
            thaw_call_argument((const uint8_t *)rows[i].code, rows[i].length, ADDRESS);

        if (found.value != rows[i].argument || (found.value && found.relative != rows[i].relative))
            fail_msg("row %zu: %#llx", i, (unsigned long long)found.value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_emulated_instruction_is_taken),
        cmocka_unit_test(the_result_is_followed_into_other_registers),
        cmocka_unit_test(a_result_that_is_nowhere_ends_the_search),
        cmocka_unit_test(what_moves_the_stack_or_leaves_ends_the_search),
        cmocka_unit_test(code_that_ends_or_is_none_is_not_read),
        cmocka_unit_test(the_search_is_bounded),
        cmocka_unit_test(functions_that_lead_to_others_are_told),
        cmocka_unit_test(a_function_ends_where_nothing_leads_on),
        cmocka_unit_test(the_second_argument_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
