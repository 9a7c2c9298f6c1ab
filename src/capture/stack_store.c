/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "capture/stack_store.h"

/* A stack has 12 to 19 KB, so this is for a minute of one busy CPU and more. */
#define BYTES_MOST ((uint64_t)2 << 30)

/* What stands before a stack in the file. */
struct head {
    uint32_t pid;
    uint32_t tid;
    uint64_t time_ns;
    uint64_t stack_bytes;
    uint64_t registers[THAW_PERF_REGISTER_COUNT];
};

struct entry {
    uint64_t time_ns;
    uint64_t offset;
};

struct thaw_stack_store {
    int file;
    uint64_t bytes;
    uint64_t refused;
    THAW_ARRAY(struct entry) entries;
    struct {
        struct head head;
        unsigned char stack[THAW_PERF_RECORD_MOST];
    } buffer;
};

/* A file without a name; where a file system has none such, one whose name is taken away at once.
 */
static int open_nameless(void)
{
    const char *wanted = getenv("TMPDIR");
    const char *folder = wanted && *wanted ? wanted : "/tmp";
    int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    char name[4096];

    if (file >= 0)
        return file;
    if (snprintf(name, sizeof(name), "%s/thaw-XXXXXX", folder) >= (int)sizeof(name))
        return -ENAMETOOLONG;
    file = mkostemp(name, O_CLOEXEC);
    if (file < 0)
        return -errno;
    unlink(name);
    return file;
}

int thaw_stack_store_open(struct thaw_stack_store **ret, struct thaw_error *error)
{
    struct thaw_stack_store *store = calloc(1, sizeof(*store));

    if (!store)
        return thaw_error_memory(error);
    store->file = open_nameless();
    if (store->file < 0) {
        int code = store->file;

        free(store);
        return thaw_error_system(error, code, "making a file for stacks (TMPDIR, else /tmp)");
    }
    *ret = store;
    return 0;
}

static bool write_all(struct thaw_stack_store *store, size_t length)
{
    const char *bytes = (const char *)&store->buffer;

    for (size_t done = 0; done < length;) {
        ssize_t written =
            pwrite(store->file, bytes + done, length - done, (off_t)(store->bytes + done));

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        done += (size_t)written;
    }
    return true;
}

int thaw_stack_store_add(struct thaw_stack_store *store, const struct thaw_perf_record *record)
{
    size_t length = sizeof(struct head) + record->stack_bytes;
    struct head *head = &store->buffer.head;
    struct entry *entry;

    *head = (struct head){record->pid, record->tid, record->time_ns, record->stack_bytes, {0}};
    memcpy(head->registers, record->registers, sizeof(head->registers));
    memcpy(store->buffer.stack, record->stack ? record->stack : (const unsigned char *)"",
           record->stack_bytes);
    if (length > BYTES_MOST - store->bytes || !write_all(store, length)) {
        store->refused++;
        return 0;
    }
    entry = thaw_array_add(&store->entries);
    if (!entry)
        return -ENOMEM;
    *entry = (struct entry){record->time_ns, store->bytes};
    store->bytes += length;
    return 0;
}

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;

    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns ? -1 : 1;
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

size_t thaw_stack_store_sort(struct thaw_stack_store *store)
{
    if (store->entries.count)
        qsort(store->entries.items, store->entries.count, sizeof(*store->entries.items),
              compare_entries);
    return store->entries.count;
}

uint64_t thaw_stack_store_time(const struct thaw_stack_store *store, size_t number)
{
    return store->entries.items[number].time_ns;
}

bool thaw_stack_store_read(struct thaw_stack_store *store, size_t number,
                           struct thaw_stored_stack *ret)
{
    uint64_t offset = store->entries.items[number].offset;
    struct head *head = &store->buffer.head;
    size_t length;

    if (pread(store->file, head, sizeof(*head), (off_t)offset) != (ssize_t)sizeof(*head) ||
        head->stack_bytes > sizeof(store->buffer.stack))
        return false;
    length = (size_t)head->stack_bytes;
    if (pread(store->file, store->buffer.stack, length, (off_t)(offset + sizeof(*head))) !=
        (ssize_t)length)
        return false;
    ret->pid = head->pid;
    ret->tid = head->tid;
    ret->time_ns = head->time_ns;
    memcpy(ret->registers, head->registers, sizeof(ret->registers));
    ret->stack = store->buffer.stack;
    ret->stack_bytes = length;
    return true;
}

uint64_t thaw_stack_store_refused(const struct thaw_stack_store *store)
{
    return store->refused;
}

void thaw_stack_store_close(struct thaw_stack_store *store)
{
    if (!store)
        return;
    close(store->file);
    thaw_array_free(&store->entries);
    free(store);
}
