/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture/mapped_files.h"

uint64_t thaw_mapped_files_since(const struct thaw_recording *recording)
{
    for (size_t i = 0; i < recording->count; i++)
        if (recording->events[i].kind == THAW_EVENT_SESSION_BEGIN)
            return recording->events[i].session_begin.realtime_ns;
    return 0;
}

static int compare_files(const void *left, const void *right)
{
    const struct thaw_mapped_file *a = left, *b = right;
    int order = strcmp(a->path, b->path);

    if (order)
        return order;
    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    return a->inode == b->inode ? 0 : a->inode < b->inode ? -1 : 1;
}

/* Each once; they are in order. */
static void remove_doubles(struct thaw_mapped_files *mapped)
{
    size_t count = 0;

    for (size_t i = 0; i < mapped->files.count; i++)
        if (!count || compare_files(&mapped->files.items[count - 1], &mapped->files.items[i]))
            mapped->files.items[count++] = mapped->files.items[i];
    mapped->files.count = count;
}

int thaw_mapped_files_find(const struct thaw_recording *recording,
                           const struct thaw_elsewhere *elsewhere, struct thaw_mapped_files *ret)
{
    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];
        struct thaw_mapped_file *file;

        if (event->kind != THAW_EVENT_MAPPING || !event->mapping.inode ||
            thaw_elsewhere_holds(elsewhere, event->pid))
            continue;
        file = thaw_array_add(&ret->files);
        if (!file)
            return -ENOMEM;
        *file = (struct thaw_mapped_file){event->mapping.path, event->mapping.device,
                                          event->mapping.inode};
    }
    if (ret->files.count)
        qsort(ret->files.items, ret->files.count, sizeof(*ret->files.items), compare_files);
    remove_doubles(ret);
    ret->since_ns = thaw_mapped_files_since(recording);
    return 0;
}

/* The first of a path, or where it would stand. */
static size_t first_of(const struct thaw_mapped_files *mapped, const char *path)
{
    size_t low = 0, high = mapped->files.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(mapped->files.items[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool thaw_mapped_files_replaced(const struct thaw_mapped_files *mapped, const char *path,
                                const struct thaw_object *object)
{
    for (size_t i = first_of(mapped, path); i < mapped->files.count; i++) {
        const struct thaw_mapped_file *file = &mapped->files.items[i];

        if (strcmp(file->path, path) != 0)
            return false;
        if (thaw_object_is_other(object, file->device, file->inode, mapped->since_ns))
            return true;
    }
    return false;
}

void thaw_mapped_files_free(struct thaw_mapped_files *mapped)
{
    thaw_array_free(&mapped->files);
}
