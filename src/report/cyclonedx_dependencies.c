/* SPDX-License-Identifier: Apache-2.0 */
#include "report/cyclonedx.h"
#include "report/keys.h"
#include "report/summary.h"

/*
 * Who needs whom. Only what was found in the target is an edge: a requirement that is not installed
 * has no component. Of two versions of one name the first of the import path is what is meant.
 */

/* What one component depends on; seen holds the references that are in it. */
struct edges {
    json_t *list;
    json_t *seen;
};

static void add_edge(struct thaw_bom *bom, struct edges *edges, const char *reference)
{
    if (!reference || json_object_get(edges->seen, reference))
        return;
    thaw_values_set(&bom->values, edges->seen, reference, json_true());
    thaw_values_append(&bom->values, edges->list, json_string(reference));
}

static struct edges no_edges(struct thaw_bom *bom)
{
    return (struct edges){thaw_values_array(&bom->values), thaw_values_object(&bom->values)};
}

/* A component without any is told, too: it depends on nothing. */
static void put(struct thaw_bom *bom, json_t *dependencies, const char *reference,
                struct edges *edges)
{
    json_t *object = thaw_values_object(&bom->values);

    thaw_values_set_text(&bom->values, object, "ref", reference);
    thaw_values_set(&bom->values, object, "dependsOn", edges->list);
    thaw_values_append(&bom->values, dependencies, object);
    json_decref(edges->seen);
}

static const char *reference_to(struct thaw_bom *bom, const char *name)
{
    const json_t *numbers = name ? thaw_bom_named(bom, name) : NULL;

    bom->values.failed |= !name;
    return numbers ? bom->distribution_refs[json_integer_value(json_array_get(numbers, 0))] : NULL;
}

static void add_distribution(struct thaw_bom *bom, json_t *dependencies, size_t number)
{
    const json_t *distribution = json_array_get(bom->distributions, number);
    struct edges edges = no_edges(bom);

    for (size_t i = 0; i < json_array_size(json_object_get(distribution, "requires")); i++) {
        const char *name = thaw_key_item_name(&bom->arena, distribution, "requires", i);
        const char *reference = reference_to(bom, name);

        if (reference != bom->distribution_refs[number])
            add_edge(bom, &edges, reference);
    }
    put(bom, dependencies, bom->distribution_refs[number], &edges);
}

static void add_library(struct thaw_bom *bom, json_t *dependencies, size_t number)
{
    const json_t *library = json_array_get(bom->libraries, number), *needed;
    struct edges edges = no_edges(bom);
    size_t i;

    json_array_foreach(json_object_get(library, "needed"), i, needed)
    {
        const char *path = thaw_key_text(&bom->arena, needed, "resolved");
        const json_t *found = path ? json_object_get(bom->by_path, path) : NULL;

        bom->values.failed |= !path;
        if (found && (size_t)json_integer_value(found) != number)
            add_edge(bom, &edges, bom->library_refs[json_integer_value(found)]);
    }
    put(bom, dependencies, bom->library_refs[number], &edges);
}

/* What lines of requirements files and the app's imports ask for; unknown without a target. */
static void add_target(struct thaw_bom *bom, json_t *dependencies)
{
    const json_t *distribution;
    struct edges edges = no_edges(bom);
    size_t i;

    json_array_foreach(bom->distributions, i,
                       distribution) if (thaw_summary_is(distribution, "direct"))
        add_edge(bom, &edges, bom->distribution_refs[i]);
    put(bom, dependencies, thaw_bom_target_ref, &edges);
}

json_t *thaw_bom_dependencies(struct thaw_bom *bom)
{
    json_t *dependencies = thaw_values_array(&bom->values);

    if (bom->distributions && json_is_object(json_object_get(bom->report, "target")))
        add_target(bom, dependencies);
    for (size_t i = 0; i < json_array_size(bom->distributions) && !bom->values.failed; i++)
        add_distribution(bom, dependencies, i);
    for (size_t i = 0; i < json_array_size(bom->libraries) && !bom->values.failed; i++)
        if (bom->library_refs[i])
            add_library(bom, dependencies, i);
    return dependencies;
}
