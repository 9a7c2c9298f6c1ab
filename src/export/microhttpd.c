/* SPDX-License-Identifier: Apache-2.0 */
#include "base/late_library.h"
#include "export/microhttpd.h"

struct thaw_microhttpd thaw_microhttpd;

int thaw_microhttpd_load(void)
{
#define NAME(name) #name,
    static const char *const names[] = {THAW_MICROHTTPD_FUNCTIONS(NAME)};
#undef NAME
    static struct thaw_late_library library = {
        .soname = THAW_SONAME_LIBMICROHTTPD,
        .names = names,
        .functions = &thaw_microhttpd,
        .count = sizeof(names) / sizeof(names[0]),
    };

    return thaw_late_library_load(&library);
}

const char *thaw_microhttpd_soname(void)
{
    return THAW_SONAME_LIBMICROHTTPD;
}
