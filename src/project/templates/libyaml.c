/* SPDX-License-Identifier: Apache-2.0 */
#include "base/late_library.h"
#include "project/templates/libyaml.h"

struct thaw_libyaml thaw_libyaml;

int thaw_libyaml_load(void)
{
#define NAME(name) #name,
    static const char *const names[] = {THAW_LIBYAML_FUNCTIONS(NAME)};
#undef NAME
    static struct thaw_late_library library = {
        .soname = THAW_SONAME_YAML_0_1,
        .names = names,
        .functions = &thaw_libyaml,
        .count = sizeof(names) / sizeof(names[0]),
    };

    return thaw_late_library_load(&library);
}

const char *thaw_libyaml_soname(void)
{
    return THAW_SONAME_YAML_0_1;
}
