/* SPDX-License-Identifier: Apache-2.0 */
#include <cpuid.h>
#include <stdbool.h>

#include "native/cpu_level.h"

/* What the compilers' __builtin_cpu_supports() has no names for; bits of cpuid. */
#define LEAF1_ECX_CX16 (1u << 13)
#define LEAF1_ECX_MOVBE (1u << 22)
#define LEAF1_ECX_F16C (1u << 29)
#define EXTENDED_ECX_LAHF (1u << 0)
#define EXTENDED_ECX_LZCNT (1u << 5)

static bool has_second(unsigned leaf1, unsigned extended)
{
    return (leaf1 & LEAF1_ECX_CX16) && (extended & EXTENDED_ECX_LAHF) &&
           __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("sse3") &&
           __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("sse4.2") &&
           __builtin_cpu_supports("ssse3");
}

/* The builtins also ask the kernel for the registers (xgetbv). */
static bool has_third(unsigned leaf1, unsigned extended)
{
    return (leaf1 & LEAF1_ECX_MOVBE) && (leaf1 & LEAF1_ECX_F16C) &&
           (extended & EXTENDED_ECX_LZCNT) && __builtin_cpu_supports("avx") &&
           __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma");
}

static bool has_fourth(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}

unsigned thaw_cpu_level(void)
{
    unsigned eax, ebx, leaf1 = 0, extended = 0, edx;

    __builtin_cpu_init();
    if (!__get_cpuid(1, &eax, &ebx, &leaf1, &edx) ||
        !__get_cpuid(0x80000001, &eax, &ebx, &extended, &edx) || !has_second(leaf1, extended))
        return 1;
    if (!has_third(leaf1, extended))
        return 2;
    return has_fourth() ? 4 : 3;
}
