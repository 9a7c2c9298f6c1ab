/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LISTING_H
#define TESTS_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LISTING_LINES 8192

/* What objdump says of an object's .text: the oracle of where instructions and calls are. */
struct listing {
    char *text;                 /* the caller's to free */
    char *lines[LISTING_LINES]; /* of instructions and of symbols, without their addresses */
    uint64_t offsets[LISTING_LINES];
    size_t count;
};

/* How objdump names what a call of a function goes to: it, its entry of the linkage table, its slot
 * of the global offset table. */
struct listing_names {
    char own[64], entry[64], slot[64];
};

/* Skips the test when there is no objdump. */
void listing_make(const char *path, struct listing *listing);

void listing_name(const char *path, const char *function, struct listing_names *names);

/* Is the line the begin of a function, and no instruction? Does it call the one that is named? */
bool listing_is_symbol(const char *line);
bool listing_calls(const char *line, const struct listing_names *names);

/* The instruction that begins at an offset in the file; the test fails when none does. */
size_t listing_line(const struct listing *listing, uint64_t offset);

/* Ends the test as skipped: what it needs is not installed. */
void skip_for_want_of(const char *what);

#endif
