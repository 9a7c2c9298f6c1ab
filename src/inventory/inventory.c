/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "inventory/app_requirements.h"
#include "inventory/distributions.h"
#include "inventory/files.h"
#include "inventory/interpreter_facts.h"
#include "inventory/inventory.h"
#include "inventory/sites.h"
#include "inventory/sources.h"

#define NS_PER_SECOND ((uint64_t)1000000000)

struct collection {
    const struct thaw_inventory_request *request;
    thaw_inventory_emit emit;
    void *context;
    struct thaw_arena arena;
    struct thaw_inquiry *inquiries;       /* one per interpreter, pid 0: not asked */
    struct thaw_interpreter_facts *facts; /* likewise, empty texts when not known */
    struct thaw_texts *stdlibs;           /* likewise */
    struct thaw_sites sites;
    struct thaw_distributions *distributions;
    struct thaw_sources sources;
};

static int collection_emit(const struct collection *collection, struct thaw_event *event,
                           struct thaw_error *error)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    event->time_ns = (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
    return collection->emit(collection->context, event, error);
}

static bool is_same_subject(const struct thaw_inventory_subject *one,
                            const struct thaw_inventory_subject *other)
{
    return one->user == other->user && strcmp(one->executable, other->executable) == 0;
}

/* True when the interpreter stands earlier in the request too. */
static bool is_repeated(const struct thaw_inventory_request *request, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (is_same_subject(&request->interpreters[i], &request->interpreters[index]))
            return true;
    }
    return false;
}

/* All start before anything else is done: they answer while folders are read. */
static void collection_ask(struct collection *collection)
{
    for (size_t i = 0; i < collection->request->interpreter_count; i++) {
        const struct thaw_inventory_subject *subject = &collection->request->interpreters[i];

        if (*subject->executable == '/' && !is_repeated(collection->request, i) &&
            thaw_interpreter_inquiry_start(subject->executable, subject->user, subject->group,
                                           &collection->inquiries[i], NULL) < 0)
            collection->inquiries[i].pid = 0;
    }
}

/* Always finishes every inquiry. */
static int collection_hear(struct collection *collection, struct thaw_error *error)
{
    int result = 0;

    for (size_t i = 0; i < collection->request->interpreter_count; i++) {
        struct thaw_interpreter_facts *facts = &collection->facts[i];
        int heard = 0;

        *facts =
            (struct thaw_interpreter_facts){.version = collection->request->interpreters[i].version,
                                            .implementation = ""};
        if (collection->inquiries[i].pid)
            heard = thaw_interpreter_inquiry_finish(&collection->inquiries[i], &collection->arena,
                                                    facts, NULL);
        collection->inquiries[i].pid = 0;
        collection->stdlibs[i] = facts->stdlib;
        if (heard == -ENOMEM)
            result = thaw_error_memory(error);
    }
    return result;
}

/* The number behind the first dot of "3.11.7"; -1 there is none. */
static int minor_of(const char *version)
{
    return strncmp(version, "3.", 2) == 0 && version[2] >= '0' && version[2] <= '9'
               ? atoi(version + 2)
               : -1;
}

/*
 * The version of the interpreter that imports from a site: by the site's own name
 * (".../python3.11/site-packages"), in full if an interpreter of that minor is known; without such
 * a name the one that all interpreters have. "" not known.
 */
static const char *site_version(struct collection *collection, const char *site)
{
    const char *named = strstr(site, "/python3.");
    int minor = named ? minor_of(named + strlen("/python")) : -1;
    const char *version = NULL;

    for (size_t i = 0; i < collection->request->interpreter_count; i++) {
        const char *known = collection->facts[i].version && *collection->facts[i].version
                                ? collection->facts[i].version
                                : collection->request->interpreters[i].version;

        if (minor >= 0 && minor_of(known) != minor)
            continue;
        if (version && minor_of(known) != minor_of(version))
            return "";
        version = version && strlen(version) > strlen(known) ? version : known;
    }
    if (version && minor_of(version) >= 0)
        return version;
    return minor >= 0 ? thaw_arena_format(&collection->arena, "3.%d", minor) : "";
}

static int collection_add_sites(struct collection *collection, struct thaw_error *error)
{
    int result = 0;

    for (size_t i = 0; result == 0 && i < collection->sites.items.count; i++) {
        const char *site = collection->sites.items.items[i];
        const char *version = site_version(collection, site);

        result = version
                     ? thaw_distributions_add_site(collection->distributions, site, version, error)
                     : thaw_error_memory(error);
    }
    return result;
}

/* Sites told by their name come first: they need no answer, and reading them takes longest. */
static int collection_named_sites(struct collection *collection, struct thaw_error *error)
{
    const struct thaw_inventory_request *request = collection->request;
    int result = 0;

    for (size_t i = 0; result == 0 && i < request->file_count; i++) {
        if (strstr(request->files[i], "-packages/"))
            result = thaw_sites_add_for_file(&collection->sites, request->files[i], NULL, 0);
    }
    if (result == 0)
        result = collection_add_sites(collection, error);
    return result == -ENOMEM ? thaw_error_memory(error) : result;
}

static int collection_other_sites(struct collection *collection, struct thaw_error *error)
{
    const struct thaw_inventory_request *request = collection->request;
    int result = 0;

    for (size_t i = 0; result == 0 && i < request->file_count; i++)
        result = thaw_sites_add_for_file(&collection->sites, request->files[i], collection->stdlibs,
                                         request->interpreter_count);
    for (size_t i = 0; result == 0 && i < request->interpreter_count; i++) {
        for (uint64_t j = 0; result == 0 && j < collection->facts[i].sites.count; j++)
            result = thaw_sites_add(&collection->sites, collection->facts[i].sites.items[j]);
    }
    if (result == 0)
        result = collection_add_sites(collection, error);
    return result == -ENOMEM ? thaw_error_memory(error) : result;
}

static int collection_interpreters(const struct collection *collection, struct thaw_error *error)
{
    int result = 0;

    for (size_t i = 0; result == 0 && i < collection->request->interpreter_count; i++) {
        const struct thaw_interpreter_facts *facts = &collection->facts[i];
        struct thaw_event event = {
            .kind = THAW_EVENT_INVENTORY_INTERPRETER,
            .inventory_interpreter = {
                .executable = collection->request->interpreters[i].executable,
                .version = facts->version,
                .implementation = facts->implementation,
                .builtins = facts->builtins,
                .stdlib = facts->stdlib,
                .sites = {collection->sites.items.items, collection->sites.items.count},
            }};

        if (!is_repeated(collection->request, i))
            result = collection_emit(collection, &event, error);
    }
    return result;
}

static int collection_distributions(const struct collection *collection, struct thaw_error *error)
{
    int result = 0;

    for (size_t i = 0; result == 0 && i < thaw_distributions_count(collection->distributions);
         i++) {
        const struct thaw_distribution *distribution =
            thaw_distributions_get(collection->distributions, i);
        struct thaw_event event = {.kind = THAW_EVENT_INVENTORY_DISTRIBUTION,
                                   .inventory_distribution = {
                                       .name = distribution->name,
                                       .version = distribution->version,
                                       .location = distribution->location,
                                       .bytes = distribution->bytes,
                                       .disk_bytes = distribution->disk_bytes,
                                       .files = distribution->files,
                                       .installer = distribution->installer,
                                       .requires = distribution->requires,
                                       .optional = distribution->optional,
                                   }};

        result = collection_emit(collection, &event, error);
    }
    return result;
}

static int compare_texts(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

static int collection_file(struct collection *collection, const char *path,
                           struct thaw_error *error)
{
    struct thaw_event event = {.kind = THAW_EVENT_INVENTORY_FILE};
    int result = thaw_files_describe(collection->distributions, path, &collection->arena,
                                     &event.inventory_file);

    if (result == -ENOMEM)
        return thaw_error_memory(error);
    return result < 0 ? 0 : collection_emit(collection, &event, error);
}

static int collection_files(struct collection *collection, struct thaw_error *error)
{
    const struct thaw_inventory_request *request = collection->request;
    const char **sorted;
    int result = 0;

    if (!request->file_count)
        return 0;
    sorted = reallocarray(NULL, request->file_count, sizeof(*sorted));
    if (!sorted)
        return thaw_error_memory(error);
    memcpy(sorted, request->files, request->file_count * sizeof(*sorted));
    qsort(sorted, request->file_count, sizeof(*sorted), compare_texts);
    for (size_t i = 0; result == 0 && i < request->file_count; i++) {
        if (i == 0 || strcmp(sorted[i], sorted[i - 1]) != 0)
            result = collection_file(collection, sorted[i], error);
    }
    free(sorted);
    return result;
}

static int collection_prepare(struct collection *collection, struct thaw_error *error)
{
    size_t count = collection->request->interpreter_count + 1;
    struct thaw_arena *arena = &collection->arena;

    collection->sites.arena = arena;
    collection->inquiries = thaw_arena_allocate(arena, count * sizeof(*collection->inquiries));
    collection->facts = thaw_arena_allocate(arena, count * sizeof(*collection->facts));
    collection->stdlibs = thaw_arena_allocate(arena, count * sizeof(*collection->stdlibs));
    if (!collection->inquiries || !collection->facts || !collection->stdlibs)
        return thaw_error_memory(error);
    return thaw_distributions_open(&collection->distributions, error);
}

static int emit_now(void *context, const struct thaw_event *event, struct thaw_error *error)
{
    struct thaw_event stamped = *event;

    return collection_emit(context, &stamped, error);
}

static int collection_learn(struct collection *collection, struct thaw_error *error)
{
    int result = collection_prepare(collection, error), heard;

    if (result < 0)
        return result;
    collection_ask(collection);
    result = collection_named_sites(collection, error);
    heard = collection_hear(collection, error);
    if (result == 0)
        result = heard;
    return result == 0 ? collection_other_sites(collection, error) : result;
}

/* The sources' interpreters answer while the rest is told. */
static int collection_tell(struct collection *collection, struct thaw_error *error)
{
    int result = thaw_sources_ask(collection->request, collection->distributions,
                                  &collection->arena, &collection->sources, error);
    int heard;

    if (result < 0)
        return result;
    result = collection_interpreters(collection, error);
    if (result == 0)
        result = collection_distributions(collection, error);
    if (result == 0)
        result = collection_files(collection, error);
    if (result == 0)
        result = thaw_app_requirements(collection->request, collection->distributions, emit_now,
                                       collection, error);
    heard = thaw_sources_hear(&collection->sources, result == 0 ? emit_now : NULL, collection,
                              result == 0 ? error : NULL);
    return result == 0 ? heard : result;
}

int thaw_inventory_collect(const struct thaw_inventory_request *request, thaw_inventory_emit emit,
                           void *context, struct thaw_error *error)
{
    struct collection collection = {.request = request, .emit = emit, .context = context};
    int result = collection_learn(&collection, error);

    if (result == 0)
        result = collection_tell(&collection, error);
    thaw_distributions_close(collection.distributions);
    thaw_sites_free(&collection.sites);
    thaw_arena_free(&collection.arena);
    return result;
}
