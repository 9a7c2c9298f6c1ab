/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "compare/diff_parts.h"
#include "report/keys.h"
#include "report/summary.h"

/*
 * The chain behind a distribution ("requirements.txt:2", "pandas", "numpy") is followed from its
 * beginning: what brought it is the first link that the other report has not, or in another
 * version. Of what went it is what went with it, likewise.
 */

static const char *text(struct thaw_differ *differ, const json_t *item, const char *key)
{
    return thaw_differ_keep(differ, thaw_key_text(&differ->arena, item, key));
}

static void index_requests(struct thaw_differ *differ, struct thaw_diff_causes *causes, int side)
{
    const json_t *list = thaw_differ_list(differ, side, "requirements"), *request;
    size_t i;

    causes->places[side] = thaw_values_object(&differ->values);
    if (!list)
        return;
    causes->texts[side] = thaw_values_object(&differ->values);
    json_array_foreach(list, i, request)
    {
        const char *place = thaw_differ_keep(
            differ, thaw_arena_format(&differ->arena, "%s:%llu", text(differ, request, "file"),
                                      (unsigned long long)thaw_summary_number(request, "line")));

        if (differ->values.failed)
            return;
        if (thaw_summary_is(request, "constraint"))
            continue; /* asks for nothing */
        thaw_values_set(&differ->values, causes->texts[side], text(differ, request, "text"),
                        json_true());
        thaw_values_set(&differ->values, causes->places[side], place, json_integer((json_int_t)i));
    }
}

void thaw_diff_causes_begin(struct thaw_differ *differ, struct thaw_diff_causes *causes,
                            const struct thaw_diff_matching *matching)
{
    *causes = (struct thaw_diff_causes){.matching = matching};
    for (int side = 0; side < 2 && !differ->values.failed; side++) {
        const json_t *list = thaw_differ_list(differ, side, "distributions");

        index_requests(differ, causes, side);
        causes->names[side] = thaw_values_object(&differ->values);
        for (size_t i = json_array_size(list); i-- > 0 && !differ->values.failed;)
            thaw_values_set(&differ->values, causes->names[side],
                            thaw_differ_keep(differ,
                                             thaw_key_name(&differ->arena, json_array_get(list, i),
                                                           "name")),
                            json_integer((json_int_t)i));
    }
}

void thaw_diff_causes_end(struct thaw_diff_causes *causes)
{
    for (int side = 0; side < 2; side++) {
        json_decref(causes->texts[side]);
        json_decref(causes->places[side]);
        json_decref(causes->names[side]);
    }
}

static json_t *requirement_cause(struct thaw_differ *differ, const json_t *request)
{
    static const char *const keys[] = {"text", "file", "line"};
    json_t *object = thaw_values_object(&differ->values);

    thaw_values_set_text(&differ->values, object, "kind", "requirement");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        thaw_differ_copy(differ, object, request, keys[i]);
    return object;
}

/* A link of the chain behind a distribution. */
struct chain_link {
    const char *text;
    size_t index;  /* in the chain */
    size_t number; /* of the distribution */
};

static void set_version(struct thaw_differ *differ, json_t *object, const char *key,
                        const json_t *distribution)
{
    json_t *version = json_object_get(distribution, "version");

    thaw_values_set(&differ->values, object, key, version ? json_incref(version) : json_null());
}

/* Does the distribution ask for the one of that name (its normal form)? */
static bool requires(struct thaw_differ *differ, const json_t *distribution, const char *name)
{
    size_t count = json_array_size(json_object_get(distribution, "requires"));

    for (size_t i = 0; i < count && !differ->values.failed; i++) {
        const char *key = thaw_differ_keep(differ, thaw_key_item_name(&differ->arena, distribution,
                                                                      "requires", i));

        if (!differ->values.failed && !strcmp(key, name))
            return true;
    }
    return false;
}

/*
 * Of one that came or went, an other version of what asks for it is the cause only if the next link
 * is asked for by one of the two alone: else something else put it there, or took it away.
 */
static bool asks_on_both_sides(struct thaw_differ *differ, const struct thaw_diff_causes *causes,
                               int side, const struct chain_link *link, const json_t *other)
{
    const json_t *distribution =
        json_array_get(thaw_differ_list(differ, side, "distributions"), link->number);
    const char *next;

    if (causes->matching->partner[side][link->number] != THAW_DIFF_NO_PARTNER || !other)
        return false;
    next = thaw_differ_keep(differ, thaw_key_item_name(&differ->arena, distribution, "why",
                                                       link->index + 1));
    /* what a chain leaves out is not known */
    return differ->values.failed || !strcmp(next, "…") || requires(differ, other, next);
}

/* NULL: it is in the other report in the same version, or asks for the next link there, too. */
static json_t *distribution_cause(struct thaw_differ *differ, const struct thaw_diff_causes *causes,
                                  int side, size_t number, const struct chain_link *link)
{
    size_t partner = causes->matching->partner[side][number];
    const json_t *own = json_array_get(thaw_differ_list(differ, side, "distributions"), number);
    const json_t *other =
        partner == THAW_DIFF_NO_PARTNER
            ? NULL
            : json_array_get(thaw_differ_list(differ, !side, "distributions"), partner);
    json_t *object;

    if (other && !strcmp(text(differ, own, "version"), text(differ, other, "version")))
        return NULL;
    if (asks_on_both_sides(differ, causes, side, link, other))
        return NULL;
    object = thaw_values_object(&differ->values);
    thaw_values_set_text(&differ->values, object, "kind", "distribution");
    thaw_differ_copy(differ, object, own, "name");
    set_version(differ, object, "version_before", side ? other : own);
    set_version(differ, object, "version_after", side ? own : other);
    return object;
}

/* One link of the chain. */
static json_t *link_cause(struct thaw_differ *differ, const struct thaw_diff_causes *causes,
                          int side, const struct chain_link *link)
{
    const json_t *place = json_object_get(causes->places[side], link->text), *found;
    const char *name;

    if (place) {
        const json_t *request = json_array_get(thaw_differ_list(differ, side, "requirements"),
                                               (size_t)json_integer_value(place));

        if (!causes->texts[!side] ||
            json_object_get(causes->texts[!side], text(differ, request, "text")))
            return NULL;
        return requirement_cause(differ, request);
    }
    name = thaw_differ_keep(differ, thaw_key_normalised(&differ->arena, link->text));
    found = json_object_get(causes->names[side], name);
    if (!found || (size_t)json_integer_value(found) == link->number)
        return NULL;
    return distribution_cause(differ, causes, side, (size_t)json_integer_value(found), link);
}

json_t *thaw_diff_cause(struct thaw_differ *differ, const struct thaw_diff_causes *causes, int side,
                        size_t number)
{
    const json_t *distribution =
        json_array_get(thaw_differ_list(differ, side, "distributions"), number);
    size_t links = json_array_size(json_object_get(distribution, "why"));
    json_t *cause = NULL;

    for (size_t i = 0; i < links && !cause && !differ->values.failed; i++) {
        const struct chain_link link = {
            .text = thaw_differ_keep(differ, thaw_key_item(&differ->arena, distribution, "why", i)),
            .index = i,
            .number = number,
        };

        cause = link_cause(differ, causes, side, &link);
    }
    return cause ? cause : json_null();
}
