/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TEXTS_H
#define THAW_TEXTS_H

#include <stdint.h>

/* A list of texts in an event. */
struct thaw_texts {
    const char **items;
    uint64_t count;
};

#endif
