/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/keeping.h"
#include "base/clock.h"

/* A store is made, its folder is not: one that was mistyped would be watched into for months. */
static int check_folder(const char *path, struct thaw_error *error)
{
    const char *slash = strrchr(path, '/');
    struct stat status;
    char folder[4096];

    if (!slash || slash == path)
        return 0;
    if ((size_t)(slash - path) >= sizeof(folder))
        return thaw_error_set(error, -ENAMETOOLONG, "the path of --store is too long");
    memcpy(folder, path, (size_t)(slash - path));
    folder[slash - path] = '\0';
    if (stat(folder, &status))
        return thaw_error_system(error, -errno, "the folder of --store, %s", folder);
    return 0;
}

int thaw_keeping_open(struct thaw_keeping *keeping, const char *path,
                      const struct thaw_starts_bounds *bounds,
                      const struct thaw_keeping_calls *calls, struct thaw_error *error)
{
    int code;

    *keeping = (struct thaw_keeping){.bounds = *bounds, .calls = *calls};
    if (!path)
        return 0;
    code = check_folder(path, error);
    if (!code)
        code = thaw_database_open(path, true, &keeping->database, error);
    if (!code)
        code = thaw_database_hold(keeping->database, error);
    if (code) {
        thaw_database_close(keeping->database);
        keeping->database = NULL;
    }
    return code;
}

/* --- what waits --- */

static void drop_trees(struct thaw_keeping *keeping, size_t count)
{
    if (!count)
        return;
    for (size_t i = 0; i < count; i++) {
        keeping->counts.starts_dropped += keeping->trees.items[i].starts.count;
        thaw_reduction_free(&keeping->trees.items[i]);
    }
    keeping->trees.count -= count;
    memmove(keeping->trees.items, keeping->trees.items + count,
            keeping->trees.count * sizeof(*keeping->trees.items));
}

static void drop_arrivals(struct thaw_keeping *keeping, size_t count)
{
    if (!count)
        return;
    for (size_t i = 0; i < count; i++)
        free((char *)keeping->arrivals.items[i].app);
    keeping->counts.arrivals_dropped += count;
    keeping->arrivals.count -= count;
    memmove(keeping->arrivals.items, keeping->arrivals.items + count,
            keeping->arrivals.count * sizeof(*keeping->arrivals.items));
}

int thaw_keeping_starts(struct thaw_keeping *keeping, struct thaw_reduction *reduction)
{
    struct thaw_reduction *slot = NULL;

    if (keeping->database && reduction->starts.count) {
        if (keeping->trees.count >= THAW_KEEPING_TREES_MOST) /* some at once: they are moved */
            drop_trees(keeping, THAW_KEEPING_TREES_MOST / 10);
        slot = thaw_array_add(&keeping->trees);
        if (!slot) {
            keeping->counts.starts_dropped += reduction->starts.count;
            thaw_reduction_free(reduction);
            return -ENOMEM;
        }
        *slot = *reduction;
    } else {
        thaw_reduction_free(reduction);
    }
    *reduction = (struct thaw_reduction){0};
    return 0;
}

int thaw_keeping_arrivals(struct thaw_keeping *keeping, const struct thaw_arrivals *arrivals)
{
    struct thaw_arrivals *slot;
    char *app;

    if (!keeping->database)
        return 0;
    if (keeping->arrivals.count >= THAW_KEEPING_ARRIVALS_MOST)
        drop_arrivals(keeping, THAW_KEEPING_ARRIVALS_MOST / 10);
    app = strdup(arrivals->app);
    slot = app ? thaw_array_add(&keeping->arrivals) : NULL;
    if (!slot) {
        free(app);
        keeping->counts.arrivals_dropped++;
        return -ENOMEM;
    }
    *slot = *arrivals;
    slot->app = app;
    return 0;
}

void thaw_keeping_watched(struct thaw_keeping *keeping, int64_t from_unix_ns, int64_t until_unix_ns,
                          uint64_t lost)
{
    struct thaw_watched *watched = &keeping->watched;

    if (!watched->until_unix_ns || until_unix_ns < watched->from_unix_ns)
        watched->from_unix_ns = from_unix_ns;
    watched->until_unix_ns = until_unix_ns;
    watched->lost += lost;
}

/* --- the transaction --- */

static int add_start(struct thaw_keeping *keeping, const struct thaw_start *start,
                     struct thaw_error *error)
{
    int code = thaw_starts_add(keeping->database, start, error);

    if (!code && keeping->calls.also)
        code = keeping->calls.also(keeping->calls.context, start, error);
    return code;
}

static int add_all(struct thaw_keeping *keeping, struct thaw_error *error)
{
    int code = 0;

    for (size_t i = 0; !code && i < keeping->trees.count; i++) {
        const struct thaw_reduction *tree = &keeping->trees.items[i];

        for (size_t j = 0; !code && j < tree->starts.count; j++)
            code = add_start(keeping, &tree->starts.items[j], error);
    }
    for (size_t i = 0; !code && i < keeping->arrivals.count; i++)
        code = thaw_arrivals_add(keeping->database, &keeping->arrivals.items[i], error);
    if (!code && keeping->watched.until_unix_ns)
        code = thaw_watched_add(keeping->database, &keeping->watched, error);
    return code;
}

static void kept(struct thaw_keeping *keeping, size_t trees, size_t arrivals)
{
    uint64_t dropped = keeping->counts.starts_dropped;

    drop_trees(keeping, trees);
    keeping->counts.starts += keeping->counts.starts_dropped - dropped;
    keeping->counts.starts_dropped = dropped;
    keeping->counts.arrivals += arrivals;
    drop_arrivals(keeping, arrivals);
    keeping->counts.arrivals_dropped -= arrivals;
}

static int transact(struct thaw_keeping *keeping, struct thaw_error *error)
{
    int code = thaw_database_begin(keeping->database, error);

    if (code)
        return code;
    return thaw_database_end(keeping->database, add_all(keeping, error), error);
}

/* One of them is refused for what it is: each by itself, and those that are refused go. */
static void sort_out(struct thaw_keeping *keeping)
{
    struct thaw_keeping one = *keeping;
    struct thaw_error error;

    for (size_t i = keeping->trees.count + keeping->arrivals.count; i; i--) {
        bool is_tree = keeping->trees.count > 0;
        int code;

        one.trees.items = keeping->trees.items;
        one.trees.count = is_tree;
        one.arrivals.items = keeping->arrivals.items;
        one.arrivals.count = !is_tree;
        one.watched = (struct thaw_watched){0};
        code = transact(&one, &error);
        if (code && code != -EINVAL)
            return; /* tried again later, as all */
        if (!code)
            kept(keeping, is_tree, !is_tree);
        else if (is_tree)
            drop_trees(keeping, 1);
        else
            drop_arrivals(keeping, 1);
    }
}

static void failed(struct thaw_keeping *keeping, uint64_t now_ns, const struct thaw_error *error)
{
    uint64_t wait = keeping->wait_ns * 2;

    keeping->counts.failures++;
    keeping->wait_ns = wait < THAW_KEEPING_RETRY_LEAST_NS  ? THAW_KEEPING_RETRY_LEAST_NS
                       : wait > THAW_KEEPING_RETRY_MOST_NS ? THAW_KEEPING_RETRY_MOST_NS
                                                           : wait;
    keeping->retry_at_ns = now_ns + keeping->wait_ns;
    keeping->trouble = *error;
}

static int commit(struct thaw_keeping *keeping, uint64_t now_ns)
{
    struct thaw_error error = {0};
    int code = transact(keeping, &error);

    if (code == -EINVAL) {
        sort_out(keeping);
        code = transact(keeping, &error);
        if (code == -EINVAL) /* the time itself is refused: a clock that is far off */
            keeping->watched = (struct thaw_watched){0};
    }
    if (!code) {
        kept(keeping, keeping->trees.count, keeping->arrivals.count);
        keeping->watched = (struct thaw_watched){0};
        code = thaw_starts_trim(keeping->database, &keeping->bounds, &error);
    }
    if (code) {
        failed(keeping, now_ns, &error);
    } else {
        keeping->wait_ns = keeping->retry_at_ns = 0;
        keeping->trouble.message[0] = '\0';
    }
    return code == -ENOMEM ? code : 0;
}

/* Long enough to be worth a transaction of its own. */
static bool is_long(const struct thaw_watched *watched)
{
    return watched->until_unix_ns - watched->from_unix_ns >= (int64_t)THAW_KEEPING_WATCHED_NS;
}

int thaw_keeping_commit(struct thaw_keeping *keeping, uint64_t now_ns)
{
    if (!keeping->database || now_ns < keeping->retry_at_ns)
        return 0;
    if (!keeping->trees.count && !keeping->arrivals.count && !is_long(&keeping->watched))
        return 0;
    return commit(keeping, now_ns);
}

uint64_t thaw_keeping_waiting(const struct thaw_keeping *keeping)
{
    uint64_t starts = 0;

    for (size_t i = 0; i < keeping->trees.count; i++)
        starts += keeping->trees.items[i].starts.count;
    return starts;
}

void thaw_keeping_close(struct thaw_keeping *keeping)
{
    if (keeping->database)
        commit(keeping, thaw_clock_now_ns());
    drop_trees(keeping, keeping->trees.count);
    drop_arrivals(keeping, keeping->arrivals.count);
    thaw_array_free(&keeping->trees);
    thaw_array_free(&keeping->arrivals);
    thaw_database_close(keeping->database);
    keeping->database = NULL;
}
