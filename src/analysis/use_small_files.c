/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/use_parts.h"

/* A thread's last events about files. */
struct thread {
    const struct thaw_event *before; /* the one before the opening, NULL none */
    const struct thaw_event *last;
};

struct counting {
    struct thaw_use *use;
    const struct thaw_use_joined *joined;
    struct thaw_lookup by_tid; /* index of threads, + 1 */
    THAW_ARRAY(struct thread) threads;
    struct thaw_use_small sum;
};

/* When the calls that led to an opening were over, 0 not told: it was found, or another file was
 * closed, or could not be opened. */
static uint64_t done_ns(const struct thaw_event *before)
{
    if (!before)
        return 0;
    if (before->kind == THAW_EVENT_FILE_LOOKUPS)
        return before->file_lookups.last_ns;
    if (before->kind == THAW_EVENT_FILE_CLOSE ||
        (before->kind == THAW_EVENT_FILE_OPEN && before->file_open.result < 0))
        return before->time_ns;
    return 0;
}

static uint64_t less(uint64_t left, uint64_t right)
{
    return left > right ? left - right : 0;
}

/* What was opened last is closed after it was read, nothing else came between. */
static void take_pair(struct counting *counting, const struct thread *thread,
                      const struct thaw_event *close)
{
    const struct thaw_event *open = thread->last;
    uint64_t found_ns = done_ns(thread->before);
    uint64_t waited_ns = open->usage.io_ns;

    if (open->file_open.result < 0 || open->file_open.is_folder || open->file_open.for_writing ||
        open->file_open.bytes > THAW_USE_SMALL_BYTES ||
        thaw_use_file_of(counting->joined, open->file_open.path) == THAW_SHIPPED_NONE)
        return;
    counting->sum.files++;
    counting->sum.bytes += open->file_open.bytes;
    counting->sum.read_ns += less(close->time_ns, open->time_ns);
    if (found_ns) {
        counting->sum.open_ns += less(open->time_ns, found_ns);
        waited_ns = thread->before->usage.io_ns;
    }
    counting->sum.disk_wait_ns += less(close->usage.io_ns, waited_ns);
}

static bool is_about_files(uint16_t kind)
{
    return kind == THAW_EVENT_FILE_OPEN || kind == THAW_EVENT_FILE_CLOSE ||
           kind == THAW_EVENT_FILE_LOOKUPS;
}

static struct thread *thread_of(struct counting *counting, uint32_t tid)
{
    uint32_t index = thaw_lookup_number(&counting->by_tid, tid, 0);
    struct thread *thread;

    if (index)
        return &counting->threads.items[index - 1];
    thread = thaw_array_add(&counting->threads);
    if (!thread ||
        !thaw_lookup_set_number(&counting->by_tid, tid, (uint32_t)counting->threads.count))
        return NULL;
    return thread;
}

static bool take(struct counting *counting, const struct thaw_event *event)
{
    struct thread *thread;

    if (!event->tid || event->kind == THAW_EVENT_SAMPLE || event->kind == THAW_EVENT_STACK)
        return true;
    thread = thread_of(counting, event->tid);
    if (!thread)
        return false;
    if (event->kind == THAW_EVENT_FILE_CLOSE && thread->last &&
        thread->last->kind == THAW_EVENT_FILE_OPEN)
        take_pair(counting, thread, event);
    thread->before = thread->last;
    thread->last = is_about_files(event->kind) ? event : NULL;
    return true;
}

static bool saw(const struct thaw_timeline *timeline, bool *disk)
{
    bool lookups = false;

    *disk = false;
    for (size_t i = 0; i < timeline->process_count; i++) {
        lookups |= timeline->processes[i].saw_lookups;
        *disk |= timeline->processes[i].saw_lookups && timeline->processes[i].saw_waits;
    }
    return lookups;
}

bool thaw_use_small_files(struct thaw_use *use, const struct thaw_use_joined *joined)
{
    struct counting counting = {.use = use, .joined = joined};
    const struct thaw_recording *recording = joined->timeline->recording;
    bool enough = true;

    counting.sum.known = saw(joined->timeline, &counting.sum.disk_known);
    for (size_t i = 0; enough && i < recording->count; i++)
        if (recording->events[i].time_ns <= joined->end_ns)
            enough = take(&counting, &recording->events[i]);
    use->lookups_known |= counting.sum.known;
    if (counting.sum.known && (!use->small.known || counting.sum.open_ns + counting.sum.read_ns >
                                                        use->small.open_ns + use->small.read_ns))
        use->small = counting.sum;
    thaw_lookup_free(&counting.by_tid);
    thaw_array_free(&counting.threads);
    return enough;
}
