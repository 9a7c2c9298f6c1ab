/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "analysis/first_reply.h"
#include "base/array.h"

/* What helpers call the code of a module itself. */
#define MODULE_CODE "<module>"

struct definition {
    const struct thaw_inventory_definition *row;
    bool reached;
    bool followed; /* what it names is reached as well */
};

struct thaw_first_reply {
    const struct thaw_recording *recording;
    THAW_ARRAY(struct definition) definitions;
    bool unknown; /* everything may have been needed */
};

static const char *last_part(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot ? dot + 1 : name;
}

static int compare_definitions(const void *left, const void *right)
{
    const struct definition *a = left, *b = right;

    return strcmp(last_part(a->row->name), last_part(b->row->name));
}

static bool collect(struct thaw_first_reply *first_reply, const struct thaw_recording *recording)
{
    for (size_t i = 0; i < recording->count; i++) {
        struct definition *definition;

        if (recording->events[i].kind != THAW_EVENT_INVENTORY_DEFINITION)
            continue;
        definition = thaw_array_add(&first_reply->definitions);
        if (!definition)
            return false;
        definition->row = &recording->events[i].inventory_definition;
        /* Module code ran, and so did what it names: decorators, factories, bases. */
        definition->reached = strcmp(definition->row->name, MODULE_CODE) == 0;
    }
    if (first_reply->definitions.count)
        qsort(first_reply->definitions.items, first_reply->definitions.count,
              sizeof(*first_reply->definitions.items), compare_definitions);
    return true;
}

/* The first definition, in order of their last names, that isn't before name. */
static size_t lower_bound(const struct thaw_first_reply *first_reply, const char *name)
{
    size_t low = 0, high = first_reply->definitions.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(last_part(first_reply->definitions.items[middle].row->name), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whatever may be meant by the name: a function, or any class's method so called. */
static bool reach_by_name(struct thaw_first_reply *first_reply, const char *name)
{
    size_t i = lower_bound(first_reply, name);
    bool found = false;

    for (; i < first_reply->definitions.count; i++) {
        struct definition *definition = &first_reply->definitions.items[i];

        if (strcmp(last_part(definition->row->name), name))
            break;
        definition->reached = found = true;
    }
    return found;
}

static void reach_invoked(struct thaw_first_reply *first_reply,
                          const struct thaw_timeline *timeline, const struct thaw_track *track)
{
    for (size_t i = 0; i < timeline->invocation_count; i++) {
        const struct thaw_invocation *invocation = &timeline->invocations[i];

        if (invocation->track != track->id || invocation->start_ns > track->end_ns)
            continue;
        if (!reach_by_name(first_reply, invocation->function))
            first_reply->unknown = true;
    }
}

/* The one import that binds the name in the file; NULL: there is none, or more may do so. */
static const struct thaw_inventory_statement *import_of(const struct thaw_first_reply *first_reply,
                                                        const char *file, const char *name)
{
    const struct thaw_recording *recording = first_reply->recording;
    const struct thaw_inventory_statement *found = NULL;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_inventory_statement *row = &recording->events[i].inventory_statement;

        if (recording->events[i].kind != THAW_EVENT_INVENTORY_STATEMENT ||
            strcmp(row->bound, name) || strcmp(row->file, file))
            continue;
        if (found || !strcmp(row->use, "global"))
            return NULL;
        found = row;
    }
    return found;
}

/*
 * A name of a module's own that its import binds means what is imported: `from stock import bp as
 * stock` is not the function stock(), and a module is reached by its attributes, which are names of
 * their own. All others may mean anything.
 */
static void follow(struct thaw_first_reply *first_reply,
                   const struct thaw_inventory_definition *row, const char *reference)
{
    const char *name = last_part(reference);
    const struct thaw_inventory_statement *import = NULL;
    size_t at = lower_bound(first_reply, name);

    if (at == first_reply->definitions.count ||
        strcmp(last_part(first_reply->definitions.items[at].row->name), name))
        return;
    if (thaw_texts_hold(&row->bare, reference))
        import = import_of(first_reply, row->file, reference);
    if (!import)
        reach_by_name(first_reply, name);
    else if (*import->name)
        reach_by_name(first_reply, last_part(import->name));
}

/* What is reached reaches what it names, until nothing is new. */
static void spread(struct thaw_first_reply *first_reply)
{
    bool changed = true;

    while (changed) {
        changed = false;
        for (size_t i = 0; i < first_reply->definitions.count; i++) {
            struct definition *definition = &first_reply->definitions.items[i];

            if (!definition->reached || definition->followed)
                continue;
            definition->followed = changed = true;
            first_reply->unknown |= definition->row->dynamic != 0;
            for (uint64_t n = 0; n < definition->row->references.count; n++)
                follow(first_reply, definition->row, definition->row->references.items[n]);
        }
    }
}

struct thaw_first_reply *thaw_first_reply_open(const struct thaw_timeline *timeline,
                                               const struct thaw_track *track)
{
    struct thaw_first_reply *first_reply = calloc(1, sizeof(*first_reply));

    if (first_reply)
        first_reply->recording = timeline->recording;
    if (!first_reply || !collect(first_reply, timeline->recording)) {
        thaw_first_reply_close(first_reply);
        return NULL;
    }
    first_reply->unknown = !track->answered || !first_reply->definitions.count;
    reach_invoked(first_reply, timeline, track);
    spread(first_reply);
    return first_reply;
}

bool thaw_first_reply_needs(const struct thaw_first_reply *first_reply, const char *file,
                            const struct thaw_texts *functions)
{
    if (first_reply->unknown)
        return true;
    for (size_t i = 0; i < first_reply->definitions.count; i++) {
        const struct definition *definition = &first_reply->definitions.items[i];

        if (definition->reached && strcmp(definition->row->file, file) == 0 &&
            thaw_texts_hold(functions, definition->row->name))
            return true;
    }
    return false;
}

void thaw_first_reply_close(struct thaw_first_reply *first_reply)
{
    if (!first_reply)
        return;
    thaw_array_free(&first_reply->definitions);
    free(first_reply);
}
