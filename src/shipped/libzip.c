/* SPDX-License-Identifier: Apache-2.0 */
#include "base/late_library.h"
#include "shipped/libzip.h"

struct thaw_libzip thaw_libzip;

int thaw_libzip_load(void)
{
#define NAME(name) #name,
    static const char *const names[] = {THAW_LIBZIP_FUNCTIONS(NAME)};
#undef NAME
    static struct thaw_late_library library = {
        .soname = THAW_SONAME_LIBZIP,
        .names = names,
        .functions = &thaw_libzip,
        .count = sizeof(names) / sizeof(names[0]),
    };

    return thaw_late_library_load(&library);
}

const char *thaw_libzip_soname(void)
{
    return THAW_SONAME_LIBZIP;
}
