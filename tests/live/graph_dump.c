/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>

#include "thaw/shipped.h"

/*
 * Prints what the model of a target says about its distributions and what asks for them, as JSON.
 * Built by live tests: dump TARGET.
 */
static json_t *texts(const struct thaw_texts *list)
{
    json_t *array = json_array();

    for (uint64_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_string(list->items[i]));
    return array;
}

static json_t *name_of(const struct thaw_shipped *shipped, uint32_t distribution)
{
    return distribution == THAW_SHIPPED_NONE
               ? json_null()
               : json_string(shipped->distributions[distribution].name);
}

static json_t *requirement(const struct thaw_shipped *shipped,
                           const struct thaw_shipped_requirement *one)
{
    return json_pack("{ss ss ss sb sb so sb}", "text", one->text, "name", one->name, "extra",
                     one->extra, "applies", one->applies, "unreadable", one->unreadable,
                     "distribution", name_of(shipped, one->distribution), "satisfied",
                     one->satisfied);
}

static json_t *distribution(const struct thaw_shipped *shipped,
                            const struct thaw_shipped_distribution *one)
{
    json_t *requires = json_array();

    for (size_t i = 0; i < one->require_count; i++)
        json_array_append_new(requires, requirement(shipped, &one->requires[i]));
    return json_pack("{ss ss ss sb sb so so so sI sI sI sI ss}", "name", one->name, "version",
                     one->version, "info", one->info, "direct", one->is_direct, "imported",
                     one->is_imported_by_app, "why", texts(&one->why), "required_by",
                     texts(&one->required_by), "requires", requires, "bytes",
                     (json_int_t)one->amount.bytes, "files", (json_int_t)one->amount.files,
                     "exclusive_bytes", (json_int_t)one->exclusive.bytes, "exclusive_files",
                     (json_int_t)one->exclusive.files, "misfit", one->misfit);
}

static json_t *distributions(const struct thaw_shipped *shipped)
{
    json_t *array = json_array();

    for (size_t i = 0; i < shipped->distribution_count; i++)
        json_array_append_new(array, distribution(shipped, &shipped->distributions[i]));
    return array;
}

static json_t *requests(const struct thaw_shipped *shipped)
{
    json_t *array = json_array();

    for (size_t i = 0; i < shipped->request_count; i++) {
        const struct thaw_shipped_request *one = &shipped->requests[i];

        json_array_append_new(array, json_pack("{ss sI so sb sb sb}", "file", one->file, "line",
                                               (json_int_t)one->line, "requirement",
                                               requirement(shipped, &one->requirement),
                                               "constraint", one->is_constraint, "pinned",
                                               one->is_pinned, "hashed", one->is_hashed));
    }
    return array;
}

static json_t *conflicts(const struct thaw_shipped *shipped)
{
    json_t *array = json_array();

    for (size_t i = 0; i < shipped->conflict_count; i++) {
        const struct thaw_shipped_conflict *one = &shipped->conflicts[i];

        json_array_append_new(
            array, json_pack("{ss so so ss ss}", "kind", thaw_conflict_kind_name(one->kind),
                             "distribution", name_of(shipped, one->distribution), "other",
                             name_of(shipped, one->other), "what", one->what, "where", one->where));
    }
    return array;
}

static json_t *foreign(const struct thaw_shipped *shipped)
{
    json_t *array = json_array();

    for (size_t i = 0; i < shipped->foreign_count; i++) {
        const struct thaw_shipped_foreign *one = &shipped->foreign[i];

        json_array_append_new(array,
                              json_pack("{ss so ss}", "path", one->path, "distribution",
                                        name_of(shipped, one->distribution), "why", one->why));
    }
    return array;
}

static json_t *faults(const struct thaw_shipped *shipped)
{
    json_t *array = json_array();

    for (size_t i = 0; i < shipped->fault_count; i++)
        json_array_append_new(array, json_pack("{ss ss}", "path", shipped->faults[i].path, "what",
                                               shipped->faults[i].what));
    return array;
}

int main(int argc, char **argv)
{
    const struct thaw_shipped_options options = {.target = argv[argc - 1], .root = ""};
    struct thaw_shipped *shipped;
    struct thaw_error error = {0};
    json_t *all;

    if (thaw_shipped_read(&options, &shipped, &error) < 0) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    all = json_pack("{ss ss so so so so so}", "kind", shipped->kind, "python",
                    shipped->python.version, "distributions", distributions(shipped), "requests",
                    requests(shipped), "conflicts", conflicts(shipped), "foreign", foreign(shipped),
                    "faults", faults(shipped));
    if (!all || json_dumpf(all, stdout, JSON_INDENT(1)) < 0)
        fprintf(stderr, "something is not UTF-8\n");
    json_decref(all);
    thaw_shipped_free(shipped);
    return all == NULL;
}
