/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_SYMBOLS_H
#define THAW_NATIVE_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

#include "native/object.h"

/* The functions of one object, by where they lie in its file. */
struct thaw_symbols;

struct thaw_symbol {
    uint64_t offset; /* of its first instruction in the file */
    uint64_t bytes;
    const char *name; /* "": the file has none; the symbols' */
};

/* Reads an object's symbols; object must outlive them. -ENOMEM. */
int thaw_symbols_open(const struct thaw_object *object, struct thaw_symbols **ret,
                      struct thaw_error *error);

/*
 * The function that an offset in the file lies in. It is that of a symbol only if that reaches so
 * far: what lies behind a symbol's end is not its. Where there is none, the unwinders' table still
 * tells where the function begins and ends. False: not even that.
 */
bool thaw_symbols_find(const struct thaw_symbols *symbols, uint64_t offset,
                       struct thaw_symbol *ret);

void thaw_symbols_close(struct thaw_symbols *symbols); /* NULL is fine */

#endif
