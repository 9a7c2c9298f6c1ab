/* SPDX-License-Identifier: Apache-2.0 */
#include "packaging/machine.h"

#include <stddef.h>
#include <string.h>

/* A row each: Debian's, Docker's and AWS's names beside those of tags. elf: the tag that stands for
 * all machines with its number. */
static const struct machine {
    const char *name, *tag, *elf;
} machines[] = {
    {"x86_64", "x86_64", "x86_64"},    {"amd64", "x86_64", "x86_64"},
    {"x86-64", "x86_64", "x86_64"},    {"aarch64", "aarch64", "aarch64"},
    {"arm64", "aarch64", "aarch64"},   {"i686", "i686", "i686"},
    {"i386", "i686", "i686"},          {"i486", "i686", "i686"},
    {"i586", "i686", "i686"},          {"armv7l", "armv7l", "armv7l"},
    {"armhf", "armv7l", "armv7l"},     {"armv6l", "armv6l", "armv7l"},
    {"ppc64le", "ppc64le", "ppc64le"}, {"ppc64el", "ppc64le", "ppc64le"},
    {"ppc64", "ppc64", "ppc64"},       {"s390x", "s390x", "s390x"},
    {"riscv64", "riscv64", "riscv64"},
};

static const struct machine *find(const char *name)
{
    for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
        if (!strcmp(machines[i].name, name))
            return &machines[i];
    }
    return NULL;
}

const char *thaw_machine_tag(const char *name)
{
    const struct machine *machine = find(name);

    return machine ? machine->tag : NULL;
}

bool thaw_machine_is_same(const char *one, const char *other)
{
    const struct machine *left = find(one), *right = find(other);

    return !strcmp(left ? left->elf : one, right ? right->elf : other);
}

const char *thaw_machine_at(size_t index)
{
    for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
        if (!strcmp(machines[i].name, machines[i].tag) && !index--)
            return machines[i].tag;
    }
    return NULL;
}

const char *thaw_machine_words(void)
{
    return "x86_64, aarch64, i686, armv7l, armv6l, ppc64le, ppc64, s390x, riscv64";
}
