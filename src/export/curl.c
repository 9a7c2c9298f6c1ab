/* SPDX-License-Identifier: Apache-2.0 */
#include "base/late_library.h"
#include "export/curl.h"

struct thaw_curl thaw_curl;

int thaw_curl_load(void)
{
#define NAME(name) #name,
    static const char *const names[] = {THAW_CURL_FUNCTIONS(NAME)};
#undef NAME
    static struct thaw_late_library library = {
        .soname = THAW_SONAME_LIBCURL,
        .names = names,
        .functions = &thaw_curl,
        .count = sizeof(names) / sizeof(names[0]),
    };

    return thaw_late_library_load(&library);
}

const char *thaw_curl_soname(void)
{
    return THAW_SONAME_LIBCURL;
}
