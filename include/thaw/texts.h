/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TEXTS_H
#define THAW_TEXTS_H

#include <stdbool.h>
#include <stdint.h>

/* A list of texts in an event. */
struct thaw_texts {
    const char **items;
    uint64_t count;
};

/* Is the text one of them? */
bool thaw_texts_hold(const struct thaw_texts *texts, const char *text);

#endif
