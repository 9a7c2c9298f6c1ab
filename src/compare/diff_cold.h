/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_COMPARE_DIFF_COLD_H
#define THAW_COMPARE_DIFF_COLD_H

#include "base/path_table.h"
#include "base/statistics.h"
#include "compare/diff_parts.h"
#include "report/import_tree.h"
#include "report/summary.h"

/*
 * Two cold starts being compared, each of one or more recordings. What a key of the result means
 * stands in reports/schema/thaw-diff-1.schema.json.
 */

#define THAW_COLD_NONE SIZE_MAX
#define THAW_COLD_ABSENT UINT64_MAX /* a run has no such time */
#define THAW_COLD_LEVEL 0.05

/* Where a process's modules go. */
enum thaw_cold_role {
    THAW_COLD_WORKER, /* the headline's track */
    THAW_COLD_FURTHER,
    THAW_COLD_HOST,
    THAW_COLD_MONITOR,
    THAW_COLD_PROCESS,
    THAW_COLD_ROLES,
};
extern const char *const thaw_cold_roles[THAW_COLD_ROLES];

/* One recording of a side. */
struct thaw_cold_run {
    const char *name;
    const json_t *report;
    struct thaw_summary summary; /* for questions about the report: nothing is written */
    struct thaw_import_tree tree;
    size_t *nodes;      /* of the tree's: the node of both, THAW_COLD_NONE: left out */
    bool used;          /* its times are compared */
    bool outlier;       /* its total is */
    const char *reason; /* why not, NULL */
    uint64_t total_ns;  /* THAW_COLD_ABSENT: it has no track */
};

/* What one side's runs say of a module or a node: an item of each array is a run's. */
struct thaw_cold_times {
    uint64_t *total_ns, *self_ns;
    uint64_t *times; /* how often it is there, 0: not in that run */
};

/* A node of the import trees laid upon each other: a path of names. */
struct thaw_cold_node {
    size_t parent; /* THAW_COLD_NONE: a role's root */
    size_t name;   /* number of cold->names */
    size_t module; /* number of cold->modules, THAW_COLD_NONE of a role's root */
    enum thaw_cold_role role;
    struct thaw_cold_times sides[2];
    size_t runs[2]; /* that have it */
};

/* All nodes of one name and role. */
struct thaw_cold_module {
    size_t name;
    enum thaw_cold_role role;
    const json_t
        *reports[2]; /* the first of each side; one that was loaded before one that failed */
    size_t nodes[2]; /* where that is */
    struct thaw_cold_times sides[2];
    size_t runs[2];
    const char *change; /* NULL: none but in time */
    size_t below;       /* that came or went with it */
    bool top;
    size_t package;
};

struct thaw_cold {
    struct thaw_differ *differ;
    struct thaw_cold_run *runs[2];
    size_t counts[2];
    size_t used[2];
    bool has_track; /* a run of a side does */
    struct thaw_path_table names_table;
    THAW_ARRAY(const char *) names; /* as they were: not all are UTF-8 */
    struct cold_entry *node_table, *module_table;
    THAW_ARRAY(struct thaw_cold_node) nodes; /* parents before their children */
    THAW_ARRAY(struct thaw_cold_module) modules;
    size_t tested[3]; /* phases, modules, packages */
};
enum { THAW_COLD_PHASES, THAW_COLD_MODULES, THAW_COLD_PACKAGES };

/* --- diff_cold.c --- */

static inline struct thaw_arena *thaw_cold_arena(const struct thaw_cold *cold)
{
    return &cold->differ->arena;
}
static inline struct thaw_values *thaw_cold_values(const struct thaw_cold *cold)
{
    return &cold->differ->values;
}
static inline bool thaw_cold_failed(const struct thaw_cold *cold)
{
    return cold->differ->values.failed;
}

/* Zeroed memory for count items of a size; NULL: memory is short, which is noted. */
void *thaw_cold_allocate(struct thaw_cold *cold, size_t count, size_t size);

/* A number for each text, the same for the same one; THAW_COLD_NONE: memory is short. */
size_t thaw_cold_name(struct thaw_cold *cold, const char *key);

/* Is it of the worker that the headline is about? Where no run has a track, all are. */
bool thaw_cold_is_headline(const struct thaw_cold *cold, enum thaw_cold_role role);

/* --- diff_cold_runs.c --- */

/* Of both sides; false: memory is short. */
bool thaw_cold_open_runs(struct thaw_cold *cold);
void thaw_cold_close_runs(struct thaw_cold *cold);
json_t *thaw_cold_runs_list(const struct thaw_cold *cold, int side);

/* --- diff_unlike.c --- */

json_t *thaw_cold_unlike(struct thaw_cold *cold);

/* The headline's process, else the first one that has a Python; NULL: none. */
const json_t *thaw_cold_python(const struct thaw_summary *summary);

/* --- diff_merge.c: nodes and modules of both sides --- */

void thaw_cold_merge(struct thaw_cold *cold);
void thaw_cold_merge_end(struct thaw_cold *cold);

/* The median of what the used runs have that have it (where none of these does, of all that do);
 * false: none. */
bool thaw_cold_median(struct thaw_cold *cold, int side, const struct thaw_cold_times *times,
                      const uint64_t *values, uint64_t *ret);

/* --- diff_measure.c: a time of both sides --- */

struct thaw_cold_measure {
    size_t counts[2];    /* of values */
    uint64_t *values[2]; /* of the used runs, in their order, THAW_COLD_ABSENT: none */
    bool present[2];
    double medians[2];
    bool tested;
    double probability, adjusted;
};

/* values: of all runs of each side, in their order. */
void thaw_cold_measure_begin(struct thaw_cold *cold, struct thaw_cold_measure *measure,
                             const uint64_t *before, const uint64_t *after);

/* The larger median of both sides, by which it is chosen what is tested. */
double thaw_cold_measure_size(const struct thaw_cold_measure *measure);

/* Tests those that can be, together; returns how many. */
size_t thaw_cold_measure_test(struct thaw_cold *cold, struct thaw_cold_measure *const *measures,
                              size_t count);

enum thaw_cold_verdict { THAW_COLD_UNKNOWN, THAW_COLD_SAME, THAW_COLD_SLOWER, THAW_COLD_FASTER };
enum thaw_cold_verdict thaw_cold_measure_verdict(const struct thaw_cold_measure *measure);

/* after less before, where nothing counts as 0. */
int64_t thaw_cold_measure_change(const struct thaw_cold_measure *measure);
json_t *thaw_cold_measure_object(struct thaw_cold *cold, const struct thaw_cold_measure *measure);

/* --- members of the result --- */

void thaw_cold_phases(struct thaw_cold *cold, json_t *object);   /* diff_phases.c */
void thaw_cold_tracks(struct thaw_cold *cold, json_t *object);   /* diff_phases.c */
void thaw_cold_counts(struct thaw_cold *cold, json_t *object);   /* diff_counts.c */
void thaw_cold_modules(struct thaw_cold *cold, json_t *object);  /* diff_modules.c */
void thaw_cold_packages(struct thaw_cold *cold, json_t *object); /* diff_import_packages.c */
json_t *thaw_cold_tree(struct thaw_cold *cold);                  /* diff_tree.c */

/* diff_chain.c: sets "chain" and "importer", of the module's node of a side. */
void thaw_cold_chain(struct thaw_cold *cold, json_t *object, const struct thaw_cold_module *module);

#endif
