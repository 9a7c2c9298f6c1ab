/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "shipped/content.h"
#include "shipped/library_reading.h"
#include "shipped/tree.h"

/* Of all that is read ahead: what is beyond is read when its turn comes, if it does. */
#define TEXT_BYTES_MAX ((size_t)64 << 20)

/*
 * The thread takes what was added first, and who waits what was added last, until they meet. The
 * readings themselves do not move; all else is the lock's.
 */
struct thaw_library_readers {
    pthread_mutex_t lock;
    pthread_cond_t added;
    THAW_ARRAY(struct thaw_library_reading *) readings;
    size_t next; /* the first that nobody has taken */
    size_t end;  /* behind the last that nobody has taken, once nothing is added any more */
    size_t text_bytes;
    bool is_ending;
    bool has_thread;
    pthread_t thread;
    struct thaw_arena arena; /* the thread's */
    struct thaw_arena ahead; /* of the readings, and of who waits */
};

static size_t bytes_of(const struct thaw_library_reading *reading)
{
    size_t sum =
        sizeof(*reading) + reading->library.section_count * sizeof(*reading->library.sections);

    for (size_t i = 0; i < reading->needed_count; i++)
        sum += strlen(reading->needed[i]) + sizeof(*reading->needed);
    return sum;
}

static void read_one(struct thaw_library_readers *readers, struct thaw_library_reading *reading,
                     struct thaw_arena *arena)
{
    int fd = thaw_content_open_below(reading->root, reading->path);
    size_t bytes;

    if (fd < 0) {
        reading->code = fd;
        reading->message = "";
        reading->is_done = true;
        return;
    }
    thaw_library_reading_do(reading, fd, thaw_tree_name(reading->path), arena);
    bytes = bytes_of(reading);
    pthread_mutex_lock(&readers->lock);
    readers->text_bytes += bytes;
    pthread_mutex_unlock(&readers->lock);
}

/* The next reading for the thread; NULL: there will be none. */
static struct thaw_library_reading *take_first(struct thaw_library_readers *readers)
{
    struct thaw_library_reading *reading = NULL;

    pthread_mutex_lock(&readers->lock);
    while (!readers->is_ending && readers->next == readers->readings.count)
        pthread_cond_wait(&readers->added, &readers->lock);
    if (readers->text_bytes < TEXT_BYTES_MAX &&
        readers->next < (readers->is_ending ? readers->end : readers->readings.count))
        reading = readers->readings.items[readers->next++];
    pthread_mutex_unlock(&readers->lock);
    return reading;
}

static void *read_ahead(void *context)
{
    struct thaw_library_readers *readers = context;
    struct thaw_library_reading *reading;

    while ((reading = take_first(readers)))
        read_one(readers, reading, &readers->arena);
    return NULL;
}

static bool has_several_cpus(void)
{
    cpu_set_t cpus;

    return sched_getaffinity(0, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) > 1;
}

/* Without signals: they are the caller's. */
static bool start_thread(struct thaw_library_readers *readers)
{
    sigset_t all, before;
    bool started;

    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before))
        return false;
    started = !pthread_create(&readers->thread, NULL, read_ahead, readers);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

struct thaw_library_readers *thaw_library_readers_start(void)
{
    struct thaw_library_readers *readers = calloc(1, sizeof(*readers));

    if (!readers)
        return NULL;
    pthread_mutex_init(&readers->lock, NULL);
    pthread_cond_init(&readers->added, NULL);
    readers->has_thread = has_several_cpus() && start_thread(readers);
    return readers;
}

int thaw_library_readers_add(struct thaw_library_readers *readers, uint32_t file, int root,
                             const char *path)
{
    struct thaw_library_reading *reading = thaw_arena_allocate(&readers->ahead, sizeof(*reading));
    struct thaw_library_reading **slot;

    if (!reading)
        return -ENOMEM;
    *reading = (struct thaw_library_reading){.file = file, .root = root, .path = path};
    pthread_mutex_lock(&readers->lock);
    slot = thaw_array_add(&readers->readings);
    if (slot)
        *slot = reading;
    pthread_cond_signal(&readers->added);
    pthread_mutex_unlock(&readers->lock);
    return slot ? 0 : -ENOMEM;
}

static struct thaw_library_reading *take_last(struct thaw_library_readers *readers)
{
    struct thaw_library_reading *reading = NULL;

    pthread_mutex_lock(&readers->lock);
    if (!readers->is_ending) {
        readers->is_ending = true;
        readers->end = readers->readings.count;
        pthread_cond_signal(&readers->added);
    }
    if (readers->text_bytes < TEXT_BYTES_MAX && readers->next < readers->end)
        reading = readers->readings.items[--readers->end];
    pthread_mutex_unlock(&readers->lock);
    return reading;
}

void thaw_library_readers_wait(struct thaw_library_readers *readers)
{
    struct thaw_library_reading *reading;

    while ((reading = take_last(readers)))
        read_one(readers, reading, &readers->ahead);
    if (readers->has_thread)
        pthread_join(readers->thread, NULL);
    readers->has_thread = false;
}

static int compare_files(const void *key, const void *item)
{
    uint32_t file = *(const uint32_t *)key;
    const struct thaw_library_reading *reading = *(struct thaw_library_reading *const *)item;

    return file < reading->file ? -1 : file > reading->file;
}

struct thaw_library_reading *thaw_library_readers_find(struct thaw_library_readers *readers,
                                                       uint32_t file)
{
    struct thaw_library_reading **found = NULL;

    if (readers && readers->readings.count)
        found = bsearch(&file, readers->readings.items, readers->readings.count, sizeof(*found),
                        compare_files);
    return found && (*found)->is_done ? *found : NULL;
}

void thaw_library_readers_end(struct thaw_library_readers *readers, struct thaw_arena *arena)
{
    if (!readers)
        return;
    thaw_library_readers_wait(readers);
    thaw_arena_take_over(arena, &readers->arena);
    thaw_arena_take_over(arena, &readers->ahead);
    thaw_array_free(&readers->readings);
    pthread_cond_destroy(&readers->added);
    pthread_mutex_destroy(&readers->lock);
    free(readers);
}
