/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROJECT_IGNORE_MATCH_H
#define THAW_PROJECT_IGNORE_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Patterns of gitignore(5), and of Core Tools. No pattern makes it slow: it takes the product of
 * both lengths at most, squared where both kinds of stars are mixed. left is how many steps it may
 * take, of which those that it takes are taken off: with none left nothing matches any more.
 */

/* A file's name against a pattern without "/": *, ?, [a-z], [!a-z], [[:digit:]], \. */
bool thaw_ignore_matches_name(const char *pattern, size_t pattern_length, const char *name,
                              size_t name_length, uint64_t *left);

/* A whole path against a pattern whose parts may be "**". */
bool thaw_ignore_matches_path(const char *pattern, size_t pattern_length, const char *path,
                              size_t path_length, uint64_t *left);

/* A path's beginning up to where a word begins or ends, as Core Tools' regular expressions: "*" is
 * one character or more but "/", "**" is one or more of any, all else is itself. */
bool thaw_ignore_matches_beginning(const char *pattern, size_t pattern_length, const char *path,
                                   size_t path_length, uint64_t *left);

#endif
