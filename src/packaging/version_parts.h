/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PACKAGING_VERSION_PARTS_H
#define THAW_PACKAGING_VERSION_PARTS_H

#include <stdbool.h>
#include <stddef.h>

/* Shared by version.c, specifiers.c and the readers of requirements and markers only. */

#define THAW_VERSION_BYTES_MAX 512

/* Part of a text that is the caller's. */
struct thaw_span {
    const char *bytes;
    size_t length;
};

enum thaw_pre_release { THAW_PRE_ALPHA, THAW_PRE_BETA, THAW_PRE_CANDIDATE, THAW_PRE_NONE };

/* Numbers are their digits without leading zeros: "" is 0. */
struct thaw_version_parts {
    struct thaw_span epoch;
    struct thaw_span release; /* "1.02.3", as written */
    enum thaw_pre_release pre;
    struct thaw_span pre_number;
    bool has_post;
    struct thaw_span post_number;
    bool has_dev;
    struct thaw_span dev_number;
    bool has_local;
    struct thaw_span local; /* without the "+" */
};

/* What Python's str.isspace() and \s take for that, of ASCII. */
bool thaw_span_is_space(char byte);
struct thaw_span thaw_span_trim(struct thaw_span text);

/*
 * The longest version without a local part at the start of text, an optional "v" before it; returns
 * its length, 0 there is none.
 */
size_t thaw_version_read_public(struct thaw_span text, struct thaw_version_parts *ret);

/* "+local" at the start of text: its length, 0 there is none. */
size_t thaw_version_read_local(struct thaw_span text, struct thaw_version_parts *ret);

/* All of text, but for white space around it. */
bool thaw_version_read(struct thaw_span text, struct thaw_version_parts *ret);

/* Order of two versions, with or without their local parts. */
int thaw_version_order(const struct thaw_version_parts *one, const struct thaw_version_parts *other,
                       bool with_local);

/* Are version's first numbers those of the release (its first count ones), in one epoch? What
 * version does not have is 0. */
bool thaw_version_has_prefix(const struct thaw_version_parts *version,
                             const struct thaw_version_parts *prefix, size_t count);

/* How many numbers the release has. */
size_t thaw_version_release_count(const struct thaw_version_parts *version);

/*
 * One specifier (">=1.0", "==1.*", "===any"), white space around it is allowed. 1 the version fits,
 * 0 it does not, -EINVAL: it is none. A version that is none fits "===" only.
 */
int thaw_specifier_fits(struct thaw_span version, struct thaw_span specifier);

#endif
