/* SPDX-License-Identifier: Apache-2.0 */
#include "base/late_library.h"
#include "native/capstone.h"

struct thaw_capstone thaw_capstone;

int thaw_capstone_load(void)
{
#define NAME(name) #name,
    static const char *const names[] = {THAW_CAPSTONE_FUNCTIONS(NAME)};
#undef NAME
    static struct thaw_late_library library = {
        .soname = THAW_SONAME_CAPSTONE,
        .names = names,
        .functions = &thaw_capstone,
        .count = sizeof(names) / sizeof(names[0]),
    };

    return thaw_late_library_load(&library);
}
