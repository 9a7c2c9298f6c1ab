/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "packaging/version.h"
#include "shipped/build.h"
#include "shipped/evaluation.h"
#include "shipped/sites.h"

static const char *const kind_names[] = {
    [THAW_CONFLICT_MISSING] = "missing",
    [THAW_CONFLICT_VERSION] = "version",
    [THAW_CONFLICT_TWICE] = "twice",
    [THAW_CONFLICT_FILE] = "file",
};

const char *thaw_conflict_kind_name(enum thaw_conflict_kind kind)
{
    return kind_names[kind];
}

static int add_conflict(struct thaw_shipped *shipped, const struct thaw_shipped_conflict *conflict)
{
    struct thaw_shipped_conflict *added = thaw_array_add(&shipped->memory->conflicts);

    if (!added)
        return -ENOMEM;
    *added = *conflict;
    return 0;
}

static int add_unsatisfied(struct thaw_shipped *shipped, const struct thaw_evaluation *evaluation,
                           uint32_t distribution, const char *where,
                           const struct thaw_shipped_requirement *requirement)
{
    struct thaw_shipped_conflict conflict = {
        .kind = requirement->distribution == THAW_SHIPPED_NONE ? THAW_CONFLICT_MISSING
                                                               : THAW_CONFLICT_VERSION,
        .distribution = distribution,
        .other = requirement->distribution,
        .what = requirement->text,
        .where = where,
    };

    if (requirement->unreadable || !requirement->applies || requirement->satisfied ||
        (conflict.kind == THAW_CONFLICT_MISSING &&
         thaw_evaluation_is_unsure(evaluation, distribution)))
        return 0;
    return add_conflict(shipped, &conflict);
}

static int add_of_requests(struct thaw_shipped *shipped, const struct thaw_evaluation *evaluation)
{
    for (size_t i = 0; i < shipped->request_count; i++) {
        const struct thaw_shipped_request *request = &shipped->requests[i];
        const struct thaw_shipped_requirement *requirement = &request->requirement;
        const char *where;

        if (requirement->unreadable || !requirement->applies || requirement->satisfied)
            continue;
        where = thaw_arena_format(&shipped->memory->arena, "%s:%lu", request->file, request->line);
        if (!where ||
            add_unsatisfied(shipped, evaluation, THAW_SHIPPED_NONE, where, requirement) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* As `pip check` does; a distribution that another one of its name hides says nothing. */
static int add_of_distributions(struct thaw_shipped *shipped,
                                const struct thaw_evaluation *evaluation)
{
    int result = 0;

    for (uint32_t i = 0; result == 0 && i < shipped->distribution_count; i++) {
        const struct thaw_shipped_distribution *own = &shipped->distributions[i];
        struct thaw_shipped_conflict twice = {.kind = THAW_CONFLICT_TWICE,
                                              .distribution = evaluation->first[i],
                                              .other = i,
                                              .what = own->name,
                                              .where = ""};

        if (thaw_evaluation_is_shadowed(evaluation, i)) {
            if (thaw_version_compare(shipped->distributions[evaluation->first[i]].version,
                                     own->version) != 0)
                result = add_conflict(shipped, &twice);
            continue;
        }
        for (size_t k = 0; result == 0 && k < own->require_count; k++)
            result = add_unsatisfied(shipped, evaluation, i, "", &own->requires[k]);
    }
    return result;
}

/* Files of two distributions: those of two versions of one name are told by "twice". */
static int add_of_files(struct thaw_shipped *shipped, const struct thaw_evaluation *evaluation)
{
    size_t count;
    const struct thaw_shared_file *shared = thaw_sites_shared(shipped, &count);
    int result = 0;

    for (size_t i = 0; result == 0 && i < count; i++) {
        const struct thaw_shipped_file *file = &shipped->files[shared[i].file];
        const struct thaw_shipped_conflict conflict = {.kind = THAW_CONFLICT_FILE,
                                                       .distribution = file->distribution,
                                                       .other = shared[i].distribution,
                                                       .what = file->path,
                                                       .where = ""};

        if (evaluation->first[file->distribution] != evaluation->first[shared[i].distribution])
            result = add_conflict(shipped, &conflict);
    }
    return result;
}

int thaw_shipped_conflicts(struct thaw_shipped *shipped, struct thaw_error *error)
{
    struct thaw_evaluation evaluation;
    int result = thaw_evaluation_begin(&evaluation, shipped);

    if (result == 0)
        result = add_of_requests(shipped, &evaluation);
    if (result == 0)
        result = add_of_distributions(shipped, &evaluation);
    if (result == 0)
        result = add_of_files(shipped, &evaluation);
    thaw_evaluation_end(&evaluation);
    return result < 0 ? thaw_error_memory(error) : 0;
}
