/* SPDX-License-Identifier: Apache-2.0 */
#include "thaw/shipped.h"

const char *thaw_library_type_name(enum thaw_library_type type)
{
    static const char *const names[] = {"extension", "shared", "executable"};

    return names[type];
}

const char *thaw_duplicate_kind_name(enum thaw_duplicate_kind kind)
{
    static const char *const names[] = {"content", "build-id", "soname"};

    return names[kind];
}

const char *thaw_bytecode_state_name(enum thaw_bytecode_state state)
{
    static const char *const names[] = {"fresh", "stale", "missing", "foreign", "damaged"};

    return names[state];
}
