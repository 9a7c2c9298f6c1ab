/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CHAOS_MALLOC_H
#define TESTS_CHAOS_MALLOC_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Fails each allocation of a piece of code in turn:
 *
 *     for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
 *         int result = the_code(&error);
 *
 *         chaos_malloc_pause();
 *         assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
 *         … free what the_code made …
 *     }
 *
 * The first round fails the first allocation, the second the second, and so on; the last round is
 * the one in which nothing was left to fail. Leaks are AddressSanitizer's to find.
 *
 * It works by the linker: the test program is linked with -Wl,--wrap=NAME for each NAME of malloc,
 * calloc, realloc, reallocarray, strdup, strndup, vasprintf. Calls from within shared libraries
 * are not caught. Single-threaded.
 */
enum chaos_malloc_mode {
    CHAOS_ONE, /* only the n-th allocation fails */
    CHAOS_ALL, /* the n-th and all after it */
};

/* False when the program was linked without --wrap: then nothing ever fails. */
bool chaos_malloc_works(void);

void chaos_malloc_begin(enum chaos_malloc_mode mode);

/* True while there is another round to do; a new round begins with the call. */
bool chaos_malloc_more(void);

/* From here to the next round nothing fails. */
void chaos_malloc_pause(void);

/* True when an allocation was failed in this round. */
bool chaos_malloc_failed(void);

#endif
