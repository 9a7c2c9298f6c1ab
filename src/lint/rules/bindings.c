/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over bindings: unknown types, and clients that do what a binding does. */
#include <string.h>

#include "base/closest.h"
#include "lint/code.h"
#include "lint/rules.h"
#include "platform/platform.h"

static bool has_source(const struct thaw_lint *lint)
{
    return lint->project->has_source;
}

/* --- client-for-a-binding --- */

/* The platform's row of the library that name is of, NULL none. */
static const struct thaw_platform_binding *row_of(const char *name)
{
    const struct thaw_platform *platform = thaw_platforms_find("azure_functions");

    for (size_t i = 0; platform && i < platform->binding_count; i++) {
        size_t length = strlen(platform->bindings[i].package);

        if (!strncmp(name, platform->bindings[i].package, length) && name[length] == '.')
            return &platform->bindings[i];
    }
    return NULL;
}

static bool is_one_of(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (!strcmp(*names, name))
            return true;
    return false;
}

/* What a function does with a library: the first call that a binding could do as well, and whether
 * there is one that it can't. */
struct acts {
    const struct thaw_app_call *act;
    bool is_beyond;
};

/* Of each function, by one look at all calls; NULL: memory is short. */
static const struct acts *acts_with(struct thaw_lint *lint, const struct thaw_platform_binding *row)
{
    struct acts *acts =
        thaw_arena_allocate(&lint->arena, (lint->project->function_count + 1) * sizeof(*acts));

    lint->failed |= !acts;
    for (size_t i = 0; acts && i < lint->project->call_count; i++) {
        const struct thaw_app_call *call = &lint->project->calls[i];
        const char *method = thaw_lint_method(call->name);
        struct acts *own = &acts[thaw_lint_function(lint, call) ? call->function : 0];

        if (!thaw_lint_function(lint, call) || row_of(call->name) != row)
            continue;
        own->is_beyond |= is_one_of(row->beyond, method);
        if (!own->act && is_one_of(row->acts, method))
            own->act = call;
    }
    return acts;
}

/* To Python case counts; and so there are not more names of clients than the facts have. */
static bool is_client(const struct thaw_lint *lint, const struct thaw_app_call *call)
{
    const json_t *entry = thaw_lint_fact(lint->facts, "python_code", "clients", call->name);

    return thaw_lint_function(lint, call) && *thaw_lint_fact_text(entry, "binding") &&
           !strcmp(thaw_lint_fact_text(entry, "id"), call->name) && row_of(call->name);
}

/* Those of functions that do with it what a binding does, and nothing that it can't. */
static const struct thaw_app_call **bindable(struct thaw_lint *lint, const struct acts *acts,
                                             const struct thaw_app_call *const *calls,
                                             size_t *count)
{
    const struct thaw_app_call **kept = thaw_arena_allocate(&lint->arena, *count * sizeof(*kept));
    size_t all = *count;

    *count = 0;
    lint->failed |= !kept;
    for (size_t i = 0; kept && i < all; i++)
        if (acts[calls[i]->function].act && !acts[calls[i]->function].is_beyond)
            kept[(*count)++] = calls[i];
    return kept;
}

static void tell_client(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                        const struct thaw_app_call *const *calls, size_t count)
{
    const json_t *entry = thaw_lint_fact(lint->facts, "python_code", "clients", calls[0]->name);
    const struct thaw_platform_binding *row = row_of(calls[0]->name);
    const struct acts *acts = acts_with(lint, row);
    const struct thaw_app_call **kept = acts ? bindable(lint, acts, calls, &count) : NULL;
    const struct thaw_app_call *act;
    struct thaw_lint_finding *finding;

    if (!kept || !count)
        return;
    act = acts[kept[0]->function].act;
    finding = thaw_lint_add(lint, rule, &kept[0]->place, kept[0]->name, "%s: %s may do the same",
                            kept[0]->name, row->binding);
    thaw_lint_evidence(lint, finding, "%s: all that is done with it is %s(), in %s",
                       thaw_lint_place_text(lint, &act->place), thaw_lint_method(act->name),
                       thaw_lint_where(lint, act));
    thaw_lint_evidence(lint, finding, "but: %s", row->limits);
    if (count > 1)
        thaw_lint_sites(lint, finding, kept, count);
    thaw_lint_source(lint, finding, entry);
    thaw_lint_fix(lint, finding,
                  "declare a binding of type %s (thaw explain "
                  "sdk-instead-of-binding: what the library costs at a start)",
                  thaw_lint_fact_text(entry, "binding"));
    if (finding)
        finding->confidence = "low"; /* which item it is may be known in the function only */
}

static void check_client(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    thaw_lint_each_name(lint, rule, is_client, tell_client);
}

/* --- binding-unknown --- */

/* The known type that was perhaps meant, NULL: none, or it is one itself. */
static const json_t *meant(const struct thaw_lint *lint, const char *type)
{
    const json_t *known = thaw_lint_facts_section(lint->facts, "azure_functions", "bindings");
    struct thaw_closest closest = {.typed = type};
    const json_t *entry;
    size_t i;

    if (thaw_lint_fact(lint->facts, "azure_functions", "bindings", type))
        return NULL;
    json_array_foreach(known, i, entry)
    {
        thaw_closest_offer(&closest, thaw_lint_fact_text(entry, "id"));
    }
    return closest.name ? thaw_lint_fact(lint->facts, "azure_functions", "bindings", closest.name)
                        : NULL;
}

static void check_types(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                        const struct thaw_app_function *function)
{
    for (size_t i = 0; i < function->binding_count; i++) {
        const struct thaw_app_binding *binding = &function->bindings[i];
        const json_t *entry = binding->type && *binding->type ? meant(lint, binding->type) : NULL;
        struct thaw_lint_finding *finding;

        if (!entry)
            continue;
        finding = thaw_lint_add(lint, rule, &binding->place, function->name,
                                "no extension has a binding of type %s", binding->type);
        thaw_lint_evidence(lint, finding, "%s is one", thaw_lint_fact_text(entry, "id"));
        thaw_lint_source(lint, finding, entry);
        thaw_lint_fix(lint, finding, "write %s, or suppress this for an extension of your own",
                      thaw_lint_fact_text(entry, "id"));
    }
}

static void check_unknown(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->function_count; i++)
        check_types(lint, rule, &lint->project->functions[i]);
}

const struct thaw_lint_rule thaw_rule_client_for_a_binding = {
    .kind =
        {
            .id = "client-for-a-binding",
            .severity = "note",
            .title = "a client library is used for what a binding does",
            .needs = "the source of the app's functions",
            .explanation =
                "The host reads and writes items for functions that declare it: blobs, queues, "
                "tables, Cosmos DB, Service Bus, Event Hubs. A function with such a binding needs "
                "no client, no credentials and no library of its own for it; the platform also "
                "scales by it.\n"
                "\n"
                "It is told where a function makes a client and calls only what a binding can do "
                "as well (one item read or written), nothing beyond (lists, deletions, leases).\n"
                "\n"
                "How to change it: @app.blob_input(arg_name=\"item\", path=\"in/{name}\", "
                "connection=\"Storage\") and a parameter item; @app.queue_output(…) with "
                "out.set(text). The finding sdk-instead-of-binding of a recording says how much "
                "of a start the library takes.\n"
                "\n"
                "What may go wrong: a binding gets its names before the function runs. What the "
                "function works out itself can't name the item. An output is written after the "
                "function has returned, so that it can't catch the error.",
        },
    .area = "sources",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_source,
    .check = check_client,
};

const struct thaw_lint_rule thaw_rule_binding_unknown = {
    .kind =
        {
            .id = "binding-unknown",
            .severity = "warning",
            .title = "a binding's type is none that an extension has",
            .needs = "the functions and their bindings",
            .explanation =
                "The host looks for an extension that has the type of each binding. Where there "
                "is none it does not load the function, and says so in its log only: the other "
                "functions work, and this one is missing.\n"
                "\n"
                "The known types are a table of dated facts. It is told only where the name is "
                "nearly that of a known one, since apps may bring extensions of their own.\n"
                "\n"
                "How to change it: correct the name in function.json, or in the decorator "
                "generic_trigger(type=…), generic_input_binding, generic_output_binding.",
        },
    .area = "sources",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_source,
    .check = check_unknown,
};
