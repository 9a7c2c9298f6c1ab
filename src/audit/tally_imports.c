/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "audit/tally_app.h"

/*
 * Which imports have a series: a list of those, and one of candidates, whose weights are kept as in
 * "Space-Saving" (Metwally, Agrawal, El Abbadi 2005): a new one takes the place of the lightest and
 * begins with its weight, so that none that is heavy is missed.
 */
#define CANDIDATES_PER_SERIES 4
/* By how much a candidate must be heavier: series are to stay. */
#define HEAVIER 2

static struct tally_import *find(struct tally_import *items, size_t count, uint64_t hash,
                                 const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].hash == hash && !strcmp(items[i].name, name))
            return &items[i];
    return NULL;
}

static struct tally_import *lightest(struct tally_import *items, size_t count)
{
    struct tally_import *found = count ? items : NULL;

    for (size_t i = 1; i < count; i++)
        if (items[i].weight < found->weight)
            found = &items[i];
    return found;
}

static bool set(struct tally_import *import, uint64_t hash, const char *name, uint64_t weight)
{
    char *copy = strdup(name);

    if (!copy)
        return false;
    free(import->name);
    *import = (struct tally_import){.hash = hash, .name = copy, .weight = weight};
    return true;
}

/* The candidate of that name with ns more to its weight; NULL: memory is short. */
static struct tally_import *weigh(struct tally_imports *imports, size_t most, uint64_t hash,
                                  const char *name, uint64_t ns)
{
    struct tally_import *import =
        find(imports->candidates.items, imports->candidates.count, hash, name);
    uint64_t weight = 0;

    if (import) {
        import->weight += ns;
        return import;
    }
    if (imports->candidates.count >= most * CANDIDATES_PER_SERIES) {
        import = lightest(imports->candidates.items, imports->candidates.count);
        weight = import ? import->weight : 0;
    } else {
        import = thaw_array_add(&imports->candidates);
    }
    return import && set(import, hash, name, weight + ns) ? import : NULL;
}

static void remove_candidate(struct tally_imports *imports, struct tally_import *import)
{
    free(import->name);
    *import = imports->candidates.items[--imports->candidates.count];
    imports->candidates.items[imports->candidates.count] = (struct tally_import){0};
}

/* A place in the list of series, NULL: there is none for it (or no memory). */
static struct tally_import *make_place(struct tally_imports *imports, size_t most, uint64_t weight)
{
    struct tally_import *import;

    if (imports->shown.count < most)
        return thaw_array_add(&imports->shown);
    import = lightest(imports->shown.items, imports->shown.count);
    return import && weight / HEAVIER > import->weight ? import : NULL;
}

int thaw_tally_imports_add(struct tally_imports *imports, size_t most, const char *name,
                           uint64_t ns)
{
    uint64_t hash = XXH3_64bits(name, strlen(name)), weight = ns;
    struct tally_import *import = find(imports->shown.items, imports->shown.count, hash, name);
    struct tally_import *candidate = NULL;
    uint64_t replaced_ns;

    if (!import && imports->shown.count >= most) {
        candidate = most ? weigh(imports, most, hash, name, ns) : NULL;
        weight = candidate ? candidate->weight : 0;
    }
    if (!import) {
        import = make_place(imports, most, weight);
        replaced_ns = import ? import->ns : 0;
        if (import && !set(import, hash, name, weight - ns)) {
            if (!import->name)
                imports->shown.count--;
            return -ENOMEM;
        }
        imports->other_ns += replaced_ns;
        if (import && candidate)
            remove_candidate(imports, candidate);
    }
    if (!import) {
        imports->other_ns += ns;
        return 0;
    }
    import->ns += ns;
    import->weight += ns;
    import->starts++;
    return 0;
}

void thaw_tally_imports_free(struct tally_imports *imports)
{
    for (size_t i = 0; i < imports->shown.count; i++)
        free(imports->shown.items[i].name);
    for (size_t i = 0; i < imports->candidates.count; i++)
        free(imports->candidates.items[i].name);
    thaw_array_free(&imports->shown);
    thaw_array_free(&imports->candidates);
}
