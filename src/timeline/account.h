/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_ACCOUNT_H
#define THAW_TIMELINE_ACCOUNT_H

#include "timeline/import_stack.h"

/* Sums of what frames have spent. */

void thaw_spent_add(struct thaw_spent *sum, const struct thaw_spent *more);

/* Adds what a thread has used between two instants at which it told. */
void thaw_spent_use(struct thaw_spent *sum, const struct thaw_usage *before,
                    const struct thaw_usage *now);

/* All parts, and what is below. */
struct thaw_spent thaw_account_total(const struct thaw_account *account);

void thaw_account_add(struct thaw_account *sum, const struct thaw_account *more);

/* Takes out what was there before. */
void thaw_account_take_out(struct thaw_account *account, const struct thaw_account *before);

/* What was spent on one part turns out to be another's. */
void thaw_account_move(struct thaw_account *account, enum thaw_part from, enum thaw_part to);

/* A library is open: what came behind the last relocation, if one was seen, were constructors. */
void thaw_account_close_library(struct thaw_account *account);

#endif
