/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "audit/tally_app.h"

#define OTHER "other"
#define UNATTRIBUTED "unattributed"
#define PLATFORMS_MOST 8
#define PHASES_MOST 16
#define DEPLOYMENTS_KEPT 8

const struct thaw_tally_limits thaw_tally_usual_limits = {.apps = 200, .imports = 20};

int thaw_tally_open(const struct thaw_tally_limits *limits, int64_t begin_unix_ns,
                    struct thaw_tally **ret, struct thaw_error *error)
{
    struct thaw_tally *tally = calloc(1, sizeof(*tally));

    if (!tally)
        return thaw_error_memory(error);
    tally->limits = *limits;
    tally->begin_unix_ns = begin_unix_ns;
    *ret = tally;
    return 0;
}

static void free_app(struct tally_app *app)
{
    for (size_t i = 0; i < app->platforms.count; i++)
        free(app->platforms.items[i].name);
    for (size_t i = 0; i < app->phases.count; i++)
        free(app->phases.items[i].name);
    thaw_array_free(&app->platforms);
    thaw_array_free(&app->phases);
    thaw_array_free(&app->deployments);
    thaw_tally_imports_free(&app->imports);
    free(app->name);
    free(app);
}

static struct tally_app *find_app(const struct thaw_tally *tally, const char *name)
{
    struct tally_app *app;

    HASH_FIND(hh, tally->apps, name, strlen(name), app);
    return app;
}

/* NULL: memory is short. */
static struct tally_app *app_of(struct thaw_tally *tally, const char *name)
{
    struct tally_app *app = find_app(tally, name);

    if (!app && HASH_COUNT(tally->apps) >= tally->limits.apps) {
        name = OTHER;
        app = find_app(tally, name);
    }
    if (app)
        return app;
    app = calloc(1, sizeof(*app));
    if (!app)
        return NULL;
    app->name = strdup(name);
    if (app->name)
        HASH_ADD_KEYPTR(hh, tally->apps, app->name, strlen(app->name), app);
    if (app->name && app->hh.tbl)
        return app;
    free_app(app);
    return NULL;
}

static struct tally_platform *platform_of(struct tally_app *app, const char *name)
{
    struct tally_platform *platform;

    if (app->platforms.count >= PLATFORMS_MOST)
        name = app->platforms.items[PLATFORMS_MOST - 1].name;
    for (size_t i = 0; i < app->platforms.count; i++)
        if (!strcmp(app->platforms.items[i].name, name))
            return &app->platforms.items[i];
    platform = thaw_array_add(&app->platforms);
    if (!platform)
        return NULL;
    platform->name = strdup(name);
    if (platform->name)
        return platform;
    app->platforms.count--;
    return NULL;
}

static struct tally_phase *phase_of(struct tally_app *app, const char *name)
{
    struct tally_phase *phase;

    for (size_t i = 0; i < app->phases.count; i++)
        if (!strcmp(app->phases.items[i].name, name))
            return &app->phases.items[i];
    if (app->phases.count >= PHASES_MOST) /* phases are few: these are not ours */
        return &app->phases.items[PHASES_MOST - 1];
    phase = thaw_array_add(&app->phases);
    if (!phase)
        return NULL;
    phase->name = strdup(name);
    if (phase->name)
        return phase;
    app->phases.count--;
    return NULL;
}

/* Returns which bucket it was. */
static size_t count(struct tally_counts *counts, const double *bounds, size_t bound_count,
                    uint64_t ns)
{
    double seconds = (double)ns / 1e9;
    size_t bucket = 0;

    while (bucket < bound_count && seconds > bounds[bucket])
        bucket++;
    counts->counts[bucket]++;
    counts->sum += seconds;
    counts->count++;
    return bucket;
}

static int count_phase(struct tally_app *app, const char *name, uint64_t ns)
{
    struct tally_phase *phase = phase_of(app, name);

    if (!phase)
        return -ENOMEM;
    count(&phase->counts, thaw_tally_phase_bounds, THAW_TALLY_PHASE_BOUNDS, ns);
    return 0;
}

static bool is_first_of_name(const struct thaw_start *start, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (start->phases[i].counted && !strcmp(start->phases[i].name, start->phases[index].name))
            return false;
    return true;
}

/* A start may have several of one name. */
static uint64_t sum_of_name(const struct thaw_start *start, size_t index)
{
    uint64_t ns = 0;

    for (size_t i = index; i < start->phase_count; i++)
        if (start->phases[i].counted && !strcmp(start->phases[i].name, start->phases[index].name))
            ns += start->phases[i].ns;
    return ns;
}

static int count_durations(struct tally_app *app, const struct thaw_start *start)
{
    size_t bucket = count(&app->durations, thaw_tally_duration_bounds, THAW_TALLY_DURATION_BOUNDS,
                          start->total_ns);
    struct thaw_exemplar *exemplar = &app->exemplars[bucket];
    int code = count_phase(app, UNATTRIBUTED, start->unattributed_ns);

    if (*start->trace) {
        exemplar->value = (double)start->total_ns / 1e9;
        exemplar->unix_ns = start->end_unix_ns;
        memcpy(exemplar->trace, start->trace, sizeof(exemplar->trace));
        memcpy(exemplar->span, start->span, sizeof(exemplar->span));
    }
    for (size_t i = 0; !code && i < start->phase_count; i++)
        if (start->phases[i].counted && is_first_of_name(start, i))
            code = count_phase(app, start->phases[i].name, sum_of_name(start, i));
    return code;
}

/* Two may come and go for a while: the one that was seen last for the first time counts. */
static int count_deployment(struct tally_app *app, const struct thaw_start *start)
{
    const char *text = start->identity.deployment;
    uint64_t hash = XXH3_64bits(text, strlen(text));
    struct tally_deployment *deployment = NULL;

    if (!*text)
        return 0;
    for (size_t i = 0; i < app->deployments.count; i++)
        if (app->deployments.items[i].hash == hash)
            return 0;
    if (app->deployments.count == DEPLOYMENTS_KEPT) {
        memmove(app->deployments.items, app->deployments.items + 1,
                (DEPLOYMENTS_KEPT - 1) * sizeof(*app->deployments.items));
        deployment = &app->deployments.items[DEPLOYMENTS_KEPT - 1];
    } else {
        deployment = thaw_array_add(&app->deployments);
    }
    if (!deployment)
        return -ENOMEM;
    *deployment = (struct tally_deployment){.hash = hash, .first_unix_ns = start->begin_unix_ns};
    return 0;
}

static int count_imports(struct thaw_tally *tally, struct tally_app *app,
                         const struct thaw_start *start)
{
    int code = 0;

    app->modules += start->modules;
    app->modules_failed += start->modules_failed;
    app->imports_ns += start->imports_ns;
    for (size_t i = 0; !code && i < start->import_count; i++)
        code = thaw_tally_imports_add(&app->imports, tally->limits.imports, start->imports[i].name,
                                      start->imports[i].total_ns);
    return code;
}

int thaw_tally_start(struct thaw_tally *tally, const struct thaw_start *start,
                     struct thaw_error *error)
{
    struct tally_app *app = app_of(tally, start->identity.app);
    struct tally_platform *platform = app ? platform_of(app, start->identity.platform) : NULL;
    int code;

    if (!platform)
        return thaw_error_memory(error);
    app->starts++;
    ++*(start->answered ? &platform->answered : &platform->unanswered);
    app->further += start->further;
    app->incomplete += !start->complete;
    code = count_imports(tally, app, start);
    if (!code && start->answered)
        code = count_durations(app, start);
    if (!code)
        code = count_deployment(app, start);
    return code ? thaw_error_memory(error) : 0;
}

int thaw_tally_arrivals(struct thaw_tally *tally, const struct thaw_arrivals *arrivals,
                        struct thaw_error *error)
{
    struct tally_app *app = app_of(tally, arrivals->app);

    if (!app)
        return thaw_error_memory(error);
    app->arrived = true;
    app->requests += arrivals->requests;
    app->cold += arrivals->cold;
    app->busy_ns += arrivals->busy_ns;
    app->not_measured_ns += arrivals->measured ? 0 : THAW_ARRIVALS_NS;
    app->at_limit += arrivals->at_limit;
    app->limit_looks += arrivals->limit_looks;
    app->most_all = arrivals->most_all;
    app->processes = arrivals->processes;
    return 0;
}

void thaw_tally_free(struct thaw_tally *tally)
{
    struct tally_app *app, *next;

    if (!tally)
        return;
    HASH_ITER(hh, tally->apps, app, next)
    {
        HASH_DEL(tally->apps, app);
        free_app(app);
    }
    free(tally);
}
