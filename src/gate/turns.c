/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "gate/gate_parts.h"
#include "report/keys.h"

/*
 * Were the runs of both sides made in turns, so that they met the same machine? Told from when they
 * began (RFC 3339 in UTC, which sorts as text), not from how they were given.
 */

enum { longest_stretch = 4 }; /* of one side: two follow one another, and one may have failed */

struct start {
    const char *started;
    int side;
};

struct starts {
    struct start *items;
    size_t count;
    size_t counts[2];
    bool known;
};

static void add(struct starts *starts, const struct thaw_gate_side *side, int number)
{
    for (size_t i = 0; i < side->input->run_count; i++) {
        const json_t *run = json_object_get(side->input->runs[i].report, "run");
        const char *started = thaw_key_string(run, "started");

        if (side->left_out[i] || thaw_summary_is(run, "counting"))
            continue;
        starts->known &= *started != '\0';
        starts->items[starts->count++] = (struct start){started, number};
        starts->counts[number]++;
    }
}

static int by_start(const void *left, const void *right)
{
    const struct start *a = left, *b = right;

    return strcmp(a->started, b->started);
}

static bool are_mixed(const struct starts *starts)
{
    size_t stretch = 0;

    for (size_t i = 0; i < starts->count; i++) {
        stretch = i && starts->items[i].side == starts->items[i - 1].side ? stretch + 1 : 1;
        if (stretch > longest_stretch)
            return false;
    }
    return starts->counts[0] && starts->counts[1];
}

/* Does each pair end before the next one begins? items: the first side's, then the other's. */
static bool are_pairs(const struct starts *starts)
{
    const struct start *first = starts->items, *second = starts->items + starts->counts[0];

    if (starts->counts[0] != starts->counts[1])
        return false;
    for (size_t i = 1; i < starts->counts[0]; i++) {
        if (strcmp(first[i - 1].started, second[i].started) > 0 ||
            strcmp(second[i - 1].started, first[i].started) > 0 ||
            strcmp(first[i - 1].started, first[i].started) > 0 ||
            strcmp(second[i - 1].started, second[i].started) > 0)
            return false;
    }
    return true;
}

void thaw_gate_find_turns(struct thaw_gate_judge *judge)
{
    struct starts starts = {.known = true};

    if (!judge->same_job)
        return;
    starts.items = calloc(judge->head.input->run_count + judge->before.input->run_count + 1,
                          sizeof(*starts.items));
    judge->words.failed |= !starts.items;
    if (!starts.items)
        return;
    add(&starts, &judge->before, 0);
    add(&starts, &judge->head, 1);
    judge->pairs = starts.known && are_pairs(&starts);
    qsort(starts.items, starts.count, sizeof(*starts.items), by_start);
    judge->in_turns = starts.known && are_mixed(&starts);
    judge->pairs &= judge->in_turns;
    free(starts.items);
}
