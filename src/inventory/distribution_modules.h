/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_DISTRIBUTION_MODULES_H
#define THAW_INVENTORY_DISTRIBUTION_MODULES_H

#include "base/arena.h"
#include "inventory/distributions.h"

/*
 * What a distribution can be imported as, by its RECORD: packages with an __init__ that lie in no
 * other such package, and modules outside of all of these: "azure.storage.blob", "six". Names that
 * no import statement can write are left out; none where there is no RECORD, or more than 64.
 * 0 or -ENOMEM; texts are the arena's.
 */
int thaw_distribution_modules(const struct thaw_distribution *distribution,
                              struct thaw_arena *arena, struct thaw_texts *ret);

/* The same of a RECORD's length bytes, which are changed. */
int thaw_modules_of_record(char *bytes, size_t length, struct thaw_arena *arena,
                           struct thaw_texts *ret);

/*
 * The groups of its entry points but for those that are commands: by these others find what they
 * import by no name of theirs. Source: PyPA, "Entry points specification". At most 16; 0 or
 * -ENOMEM.
 */
int thaw_distribution_groups(const struct thaw_distribution *distribution, struct thaw_arena *arena,
                             struct thaw_texts *ret);

/* The same of the text of entry_points.txt, which is changed. */
int thaw_groups_of_entry_points(char *text, struct thaw_arena *arena, struct thaw_texts *ret);

#endif
