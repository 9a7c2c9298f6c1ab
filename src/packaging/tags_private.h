/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PACKAGING_TAGS_PRIVATE_H
#define THAW_PACKAGING_TAGS_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "packaging/tags.h"

/* Shared by tags.c, tags_platform.c and tags_file.c only. */

#define THAW_TAG_SET_MAX 32 /* of one list in a tag */

/* Part of a tag; NULL bytes: there is none. */
struct thaw_tag_part {
    const char *bytes;
    size_t length;
};

/* "311t": -1 what is not said. */
struct thaw_tag_version {
    int major;
    int minor;
    struct thaw_tag_part flags; /* "t" free-threaded, "m", "d" */
};

struct thaw_tag_version thaw_tag_version_read(struct thaw_tag_part text);
struct thaw_tag_version thaw_tag_version_of(const char *python_version);

bool thaw_tag_part_is(struct thaw_tag_part part, const char *text);
bool thaw_tag_part_take(struct thaw_tag_part *part, const char *prefix);
bool thaw_tag_part_next(struct thaw_tag_part *rest, char separator, struct thaw_tag_part *ret);

/* Why not, as thaw_tags_misfit(): "cp311t" without its "cp"; "manylinux_2_17_x86_64"; "x86_64". */
const char *thaw_tag_abi_misfit(struct thaw_tag_version abi, struct thaw_tag_version target,
                                struct thaw_arena *arena);
const char *thaw_tag_platform_misfit(struct thaw_tag_part platform,
                                     const struct thaw_tags_target *target,
                                     struct thaw_arena *arena);
const char *thaw_tag_machine_misfit(struct thaw_tag_part machine, const char *target,
                                    struct thaw_arena *arena);

/* Why a file for that C library does not fit, "" it does, or one of both is not known. */
const char *thaw_tag_c_library_misfit(enum thaw_c_library_kind kind,
                                      const struct thaw_c_library *target);

#endif
