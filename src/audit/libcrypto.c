/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/libcrypto.h"
#include "base/late_library.h"

/* OpenSSL's headers say themselves which library they are of. */
#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)
#define SONAME "libcrypto.so." TEXT(OPENSSL_SHLIB_VERSION)

struct thaw_libcrypto thaw_libcrypto;

int thaw_libcrypto_load(void)
{
#define NAME(name) #name,
    static const char *const names[] = {THAW_LIBCRYPTO_FUNCTIONS(NAME)};
#undef NAME
    static struct thaw_late_library library = {
        .soname = SONAME,
        .names = names,
        .functions = &thaw_libcrypto,
        .count = sizeof(names) / sizeof(names[0]),
    };

    return thaw_late_library_load(&library);
}

const char *thaw_libcrypto_soname(void)
{
    return SONAME;
}
