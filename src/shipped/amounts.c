/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "shipped/sites.h"
#include "shipped/tree.h"

/* A distribution that may own more than half of a folder's bytes, while that is found out. */
struct candidate {
    uint32_t distribution;
    uint64_t weight;
    uint64_t bytes; /* of the folder's bytes: the candidate's own */
};

static void add_file(struct thaw_amount *amount, const struct thaw_shipped_file *file)
{
    amount->files++;
    amount->bytes += file->bytes;
    amount->disk_bytes += file->disk_bytes;
}

static void add_amount(struct thaw_amount *amount, const struct thaw_amount *more)
{
    amount->files += more->files;
    amount->bytes += more->bytes;
    amount->disk_bytes += more->disk_bytes;
}

/* A vote for a distribution: what has the majority is what is left when unlike votes cancel each
 * other out (Boyer and Moore, 1981). */
static void vote(struct candidate *candidate, uint32_t distribution, uint64_t weight)
{
    if (candidate->distribution == distribution) {
        candidate->weight += weight;
    } else if (candidate->weight >= weight) {
        candidate->weight -= weight;
    } else {
        candidate->distribution = distribution;
        candidate->weight = weight - candidate->weight;
    }
}

static void sum_files(struct thaw_shipped *shipped, struct candidate *candidates)
{
    for (size_t i = 0; i < shipped->file_count; i++) {
        const struct thaw_shipped_file *file = &shipped->files[i];

        add_file(&shipped->total, file);
        add_file(&shipped->kinds[file->kind], file);
        add_file(&shipped->folders[file->folder].own, file);
        vote(&candidates[file->folder], file->distribution, file->bytes);
        if (file->distribution != THAW_SHIPPED_NONE) {
            add_file(&shipped->distributions[file->distribution].amount, file);
            add_file(&shipped->distributions[file->distribution].kinds[file->kind], file);
        } else if (thaw_sites_holds(shipped, file->folder)) {
            add_file(&shipped->unowned, file);
        } else {
            add_file(&shipped->app, file);
        }
    }
}

/* Children come after their parents: from the end on, each is whole when it is added. */
static void sum_folders(struct thaw_shipped *shipped, struct candidate *candidates)
{
    const struct thaw_content *content = shipped->memory->content;

    for (size_t i = shipped->folder_count; i-- > 0;) {
        struct thaw_shipped_folder *folder = &shipped->folders[i];
        uint64_t disk_bytes = content->folders.items[i].disk_bytes;

        add_amount(&folder->whole, &folder->own);
        folder->whole.disk_bytes += disk_bytes;
        shipped->total.disk_bytes += disk_bytes;
        if (folder->parent == THAW_SHIPPED_NONE)
            continue;
        add_amount(&shipped->folders[folder->parent].whole, &folder->whole);
        vote(&candidates[folder->parent], candidates[i].distribution, candidates[i].weight);
    }
}

/* The candidates that really own more than half. */
static void name_owners(struct thaw_shipped *shipped, struct candidate *candidates)
{
    for (size_t i = 0; i < shipped->file_count; i++) {
        const struct thaw_shipped_file *file = &shipped->files[i];

        for (uint32_t at = file->folder; at != THAW_SHIPPED_NONE; at = shipped->folders[at].parent)
            candidates[at].bytes +=
                candidates[at].distribution == file->distribution ? file->bytes : 0;
    }
    for (size_t i = 0; i < shipped->folder_count; i++) {
        if (candidates[i].bytes > shipped->folders[i].whole.bytes / 2)
            shipped->folders[i].distribution = candidates[i].distribution;
    }
}

int thaw_shipped_amounts(struct thaw_shipped *shipped, struct thaw_error *error)
{
    struct candidate *candidates = calloc(shipped->folder_count + 1, sizeof(*candidates));

    if (!candidates)
        return thaw_error_memory(error);
    for (size_t i = 0; i < shipped->folder_count; i++)
        candidates[i].distribution = THAW_SHIPPED_NONE;
    sum_files(shipped, candidates);
    sum_folders(shipped, candidates);
    name_owners(shipped, candidates);
    free(candidates);
    if (shipped->memory->content->archive) /* the zip itself is what lies on the disk */
        shipped->total.disk_bytes = shipped->memory->content->archive_disk_bytes;
    return 0;
}
