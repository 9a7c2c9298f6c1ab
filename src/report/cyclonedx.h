/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_CYCLONEDX_H
#define THAW_REPORT_CYCLONEDX_H

#include "base/arena.h"
#include "report/values.h"

/* A CycloneDX document being made. */
struct thaw_bom {
    struct thaw_values values;
    struct thaw_arena arena;
    const json_t *report;
    const json_t *distributions; /* arrays of the report, NULL none */
    const json_t *libraries;
    const char **distribution_refs; /* bom-refs, in the arrays' order; NULL: not in the document */
    const char **library_refs;
    json_t *taken;   /* bom-ref -> how many more have asked for it */
    json_t *by_name; /* normalised name -> list of numbers of distributions, in their order */
    json_t *by_path; /* path -> number of the library */
};

/* What the reported target or run is referred to by. */
extern const char thaw_bom_target_ref[];

/* Gives every component its reference; false (with values.failed): memory is short. */
bool thaw_bom_refer(struct thaw_bom *bom);

/* Numbers of the distributions of a name as thaw_key_name() has it, NULL none. */
const json_t *thaw_bom_named(const struct thaw_bom *bom, const char *name);

/* The number of a library's distribution, or SIZE_MAX. */
size_t thaw_bom_owner(struct thaw_bom *bom, const json_t *library);

/* cyclonedx_components.c, cyclonedx_dependencies.c: new values. */
json_t *thaw_bom_components(struct thaw_bom *bom);
json_t *thaw_bom_dependencies(struct thaw_bom *bom);

/* Properties "thaw:KEY" of those of keys (ended by NULL) that object has; NULL when it has none. */
json_t *thaw_bom_properties(struct thaw_bom *bom, const json_t *object, const char *const *keys);

#endif
