/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/account.h"

void thaw_spent_add(struct thaw_spent *sum, const struct thaw_spent *more)
{
    sum->ns += more->ns;
    sum->io_ns += more->io_ns;
    sum->runqueue_ns += more->runqueue_ns;
    sum->sleep_ns += more->sleep_ns;
    sum->minor_faults += more->minor_faults;
    sum->major_faults += more->major_faults;
    sum->disk_bytes += more->disk_bytes;
    sum->read_bytes += more->read_bytes;
    sum->memory_bytes = (int64_t)((uint64_t)sum->memory_bytes + (uint64_t)more->memory_bytes);
}

void thaw_spent_use(struct thaw_spent *sum, const struct thaw_usage *before,
                    const struct thaw_usage *now)
{
    const struct thaw_spent used = {
        .io_ns = thaw_build_less(now->io_ns, before->io_ns),
        .runqueue_ns = thaw_build_less(now->runqueue_ns, before->runqueue_ns),
        .sleep_ns = thaw_build_less(now->sleep_ns, before->sleep_ns),
        .minor_faults = thaw_build_less(now->minor_faults, before->minor_faults),
        .major_faults = thaw_build_less(now->major_faults, before->major_faults),
        .disk_bytes = thaw_build_less(now->disk_bytes, before->disk_bytes),
        .read_bytes = thaw_build_less(now->read_bytes, before->read_bytes),
        .memory_bytes = (int64_t)(now->memory_bytes - before->memory_bytes),
    };

    thaw_spent_add(sum, &used);
}

struct thaw_spent thaw_account_total(const struct thaw_account *account)
{
    struct thaw_spent total = account->below;

    for (size_t i = 0; i < THAW_PARTS; i++)
        thaw_spent_add(&total, &account->parts[i]);
    return total;
}

void thaw_account_add(struct thaw_account *sum, const struct thaw_account *more)
{
    for (size_t i = 0; i < THAW_PARTS; i++)
        thaw_spent_add(&sum->parts[i], &more->parts[i]);
    thaw_spent_add(&sum->below, &more->below);
}

static void take_out(struct thaw_spent *spent, const struct thaw_spent *before)
{
    spent->ns = thaw_build_less(spent->ns, before->ns);
    spent->io_ns = thaw_build_less(spent->io_ns, before->io_ns);
    spent->runqueue_ns = thaw_build_less(spent->runqueue_ns, before->runqueue_ns);
    spent->sleep_ns = thaw_build_less(spent->sleep_ns, before->sleep_ns);
    spent->minor_faults = thaw_build_less(spent->minor_faults, before->minor_faults);
    spent->major_faults = thaw_build_less(spent->major_faults, before->major_faults);
    spent->disk_bytes = thaw_build_less(spent->disk_bytes, before->disk_bytes);
    spent->read_bytes = thaw_build_less(spent->read_bytes, before->read_bytes);
    spent->memory_bytes = (int64_t)((uint64_t)spent->memory_bytes - (uint64_t)before->memory_bytes);
}

void thaw_account_take_out(struct thaw_account *account, const struct thaw_account *before)
{
    for (size_t i = 0; i < THAW_PARTS; i++)
        take_out(&account->parts[i], &before->parts[i]);
    take_out(&account->below, &before->below);
}

void thaw_account_move(struct thaw_account *account, enum thaw_part from, enum thaw_part to)
{
    thaw_spent_add(&account->parts[to], &account->parts[from]);
    memset(&account->parts[from], 0, sizeof(account->parts[from]));
}

void thaw_account_close_library(struct thaw_account *account)
{
    if (account->parts[THAW_PART_MAP].ns)
        thaw_account_move(account, THAW_PART_DLOPEN, THAW_PART_CONSTRUCTORS);
}
