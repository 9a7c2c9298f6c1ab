/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So many names say what is meant; more make no line. */
#define NAMES_SHOWN 6

/* And so many places show it. */
#define SITES_SHOWN 4

struct calls {
    THAW_ARRAY(const struct thaw_app_call *) picked;
};

const struct thaw_app_function *thaw_lint_function(const struct thaw_lint *lint,
                                                   const struct thaw_app_call *call)
{
    return call->function < lint->project->function_count
               ? &lint->project->functions[call->function]
               : NULL;
}

enum thaw_app_function_kind thaw_lint_function_kind(const struct thaw_lint *lint,
                                                    const struct thaw_app_call *call)
{
    const struct thaw_app_function *function = thaw_lint_function(lint, call);

    return function ? function->kind : THAW_FUNCTION_PLAIN;
}

const char *thaw_lint_where(struct thaw_lint *lint, const struct thaw_app_call *call)
{
    const struct thaw_app_function *function = thaw_lint_function(lint, call);

    if (!function)
        return thaw_lint_text(lint, "the import of %s", call->place.file);
    if (*call->via)
        return thaw_lint_text(lint, "%s(), which %s() calls", call->via, function->name);
    return thaw_lint_text(lint, "%s()", function->name);
}

const char *thaw_lint_call_subject(struct thaw_lint *lint, const struct thaw_app_call *call)
{
    const struct thaw_app_function *function = thaw_lint_function(lint, call);

    return thaw_lint_text(lint, "%s: %s", function ? function->name : "import", call->name);
}

const char *thaw_lint_method(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot ? dot + 1 : name;
}

/* get_blob_client(), get_queue_sender(): hand out another object and ask nobody. */
static bool hands_out(const char *method)
{
    static const char *const ends[] = {"_client", "_sender", "_receiver"};
    size_t length = strlen(method);

    if (strncmp(method, "get_", 4) != 0)
        return false;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (length > strlen(ends[i]) && !strcmp(method + length - strlen(ends[i]), ends[i]))
            return true;
    return false;
}

const json_t *thaw_lint_blocking(const struct thaw_lint *lint, const struct thaw_app_call *call)
{
    const json_t *entry;
    const char *id;

    if (call->flags & (THAW_CALL_AWAITED | THAW_CALL_HANDED_OFF))
        return NULL;
    entry = thaw_lint_fact(lint->facts, "python_code", "blocking", call->name);
    if (!entry || json_is_false(json_object_get(entry, "waits")))
        return NULL;
    /* "redis.Redis.*" are methods of a client; one that only hands out another client, or makes
     * one, asks nobody. */
    id = thaw_lint_fact_text(entry, "id");
    if (id[strlen(id) - 1] == '*' &&
        (hands_out(thaw_lint_method(call->name)) ||
         thaw_lint_fact(lint->facts, "python_code", "clients", call->name)))
        return NULL;
    return entry;
}

static int compare_place(const struct thaw_app_call *left, const struct thaw_app_call *right)
{
    int order = strcmp(left->place.file, right->place.file);

    if (order)
        return order;
    if (left->place.line != right->place.line)
        return left->place.line < right->place.line ? -1 : 1;
    if (left->place.column != right->place.column)
        return left->place.column < right->place.column ? -1 : 1;
    return strcmp(left->name, right->name);
}

static int by_place(const void *one, const void *other)
{
    const struct thaw_app_call *left = *(const struct thaw_app_call *const *)one;
    const struct thaw_app_call *right = *(const struct thaw_app_call *const *)other;
    int order = compare_place(left, right);

    if (order)
        return order;
    return left->function < right->function ? -1 : left->function > right->function;
}

static int by_name(const void *one, const void *other)
{
    const struct thaw_app_call *left = *(const struct thaw_app_call *const *)one;
    const struct thaw_app_call *right = *(const struct thaw_app_call *const *)other;
    int order = strcmp(left->name, right->name);

    return order ? order : by_place(one, other);
}

static bool is_same_name(const struct thaw_app_call *left, const struct thaw_app_call *right)
{
    return !strcmp(left->name, right->name);
}

static bool is_same_place(const struct thaw_app_call *left, const struct thaw_app_call *right)
{
    return !compare_place(left, right);
}

typedef bool (*pick_call)(const struct thaw_lint *lint, const struct thaw_app_call *call);
typedef void (*tell_calls)(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                           const struct thaw_app_call *const *calls, size_t count);

static void pick_all(struct thaw_lint *lint, struct calls *calls, pick_call pick)
{
    for (size_t i = 0; i < lint->project->call_count && !lint->failed; i++) {
        const struct thaw_app_call **added;

        if (!pick(lint, &lint->project->calls[i]))
            continue;
        added = thaw_array_add(&calls->picked);
        if (added)
            *added = &lint->project->calls[i];
        else
            lint->failed = true;
    }
}

static void each_group(struct thaw_lint *lint, const struct thaw_lint_rule *rule, pick_call pick,
                       tell_calls tell, int (*order)(const void *one, const void *other),
                       bool (*is_same)(const struct thaw_app_call *left,
                                       const struct thaw_app_call *right))
{
    struct calls calls = {0};

    pick_all(lint, &calls, pick);
    if (calls.picked.count)
        qsort(calls.picked.items, calls.picked.count, sizeof(*calls.picked.items), order);
    for (size_t i = 0, end; i < calls.picked.count && !lint->failed; i = end) {
        for (end = i + 1; end < calls.picked.count; end++)
            if (!is_same(calls.picked.items[i], calls.picked.items[end]))
                break;
        tell(lint, rule, calls.picked.items + i, end - i);
    }
    thaw_array_free(&calls.picked);
}

void thaw_lint_each_site(struct thaw_lint *lint, const struct thaw_lint_rule *rule, pick_call pick,
                         tell_calls tell)
{
    each_group(lint, rule, pick, tell, by_place, is_same_place);
}

void thaw_lint_each_name(struct thaw_lint *lint, const struct thaw_lint_rule *rule, pick_call pick,
                         tell_calls tell)
{
    each_group(lint, rule, pick, tell, by_name, is_same_name);
}

/* "in a loop", "closed at the end of its with block" */
static const char *circumstance(const struct thaw_app_call *call)
{
    return call->flags & THAW_CALL_IN_LOOP   ? ", in a loop"
           : call->flags & THAW_CALL_IN_WITH ? ", closed at the end of its with block"
                                             : "";
}

void thaw_lint_sites(struct thaw_lint *lint, struct thaw_lint_finding *finding,
                     const struct thaw_app_call *const *calls, size_t count)
{
    size_t places = 0;

    for (size_t i = 0; i < count; i++) {
        if (i && is_same_place(calls[i - 1], calls[i]))
            continue;
        if (places++ < SITES_SHOWN)
            thaw_lint_evidence(lint, finding, "%s: in %s%s",
                               thaw_lint_place_text(lint, &calls[i]->place),
                               thaw_lint_where(lint, calls[i]), circumstance(calls[i]));
    }
    if (places > SITES_SHOWN)
        thaw_lint_evidence(lint, finding, "and at %zu more places", places - SITES_SHOWN);
    else if (places == 1)
        thaw_lint_callers(lint, finding, calls, count);
}

void thaw_lint_callers(struct thaw_lint *lint, struct thaw_lint_finding *finding,
                       const struct thaw_app_call *const *calls, size_t count)
{
    struct thaw_lint_names names = {0};

    for (size_t i = 1; i < count; i++) {
        const struct thaw_app_function *function = thaw_lint_function(lint, calls[i]);

        if (function && calls[i]->function != calls[i - 1]->function)
            thaw_lint_names_add(lint, &names, function->name);
    }
    if (names.count)
        thaw_lint_evidence(lint, finding, "also reached from %s",
                           thaw_lint_names_text(lint, &names));
}

void thaw_lint_names_add(struct thaw_lint *lint, struct thaw_lint_names *names, const char *name)
{
    if (names->count < NAMES_SHOWN)
        names->text = names->count ? thaw_lint_text(lint, "%s, %s", names->text, name) : name;
    names->count++;
}

const char *thaw_lint_names_text(struct thaw_lint *lint, const struct thaw_lint_names *names)
{
    if (!names->count)
        return "";
    return names->count > NAMES_SHOWN
               ? thaw_lint_text(lint, "%s and %zu more", names->text, names->count - NAMES_SHOWN)
               : names->text;
}

const char *thaw_lint_package_class(const struct thaw_lint *lint, const char *name)
{
    return thaw_lint_fact_text(thaw_lint_fact(lint->facts, "python_code", "packages", name),
                               "class");
}

const json_t *thaw_lint_behaviour(const struct thaw_lint *lint, const char *id)
{
    return thaw_lint_fact(lint->facts, "azure_functions", "behaviours", id);
}
