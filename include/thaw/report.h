/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_H
#define THAW_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "thaw/analysis.h"
#include "thaw/error.h"
#include "thaw/shipped.h"
#include "thaw/use.h"

#define THAW_REPORT_SCHEMA "thaw-report/1"

/*
 * The JSON report is all that passes from analysis to the outside; every other output renders it.
 * json_t is jansson's; the caller owns *ret (json_decref).
 */
struct json_t;
int thaw_report_json(const struct thaw_analysis *analysis, struct json_t **ret,
                     struct thaw_error *error);

/* The same but for the modules, of which there are none: for formats that make them as they write
 * (struct thaw_report_format). */
int thaw_report_json_head(const struct thaw_analysis *analysis, struct json_t **ret,
                          struct thaw_error *error);

/* What a report of a target is made of. */
struct thaw_report_target {
    const struct thaw_shipped *shipped;
    const struct thaw_use *use;           /* of it by recordings, or NULL */
    const struct thaw_analysis *analysis; /* of the first of these, or NULL */
    bool sections; /* of shared objects: a third of all values, which few formats show */
};

/*
 * The report of what a target ships. With recordings it is the first one's report, too, of which
 * distributions and libraries are left out: those of the target are there, with what all recordings
 * say of them. Libraries that are not the target's, but were mapped in the first one, stand behind
 * them. *ret is the caller's (json_decref). Fails only for lack of memory.
 */
int thaw_report_target_json(const struct thaw_report_target *target, struct json_t **ret,
                            struct thaw_error *error);

/*
 * The JSON Schema (2020-12) of the report, as reports/schema/thaw-report-1.schema.json has it:
 * constant UTF-8 text ended by a newline, then a NUL. *length (may be NULL) is without the NUL.
 */
const char *thaw_report_schema(size_t *length);

/* What a view of a target shows; zeroed: as each view does by itself. */
struct thaw_view_options {
    size_t depth;     /* levels of a tree, 0: all */
    size_t top;       /* rows of a table, 0: as many as the view shows by itself */
    const char *sort; /* a word of thaw_report_sorts(), of thaw_report_import_sorts() where it is
                       * about imports; NULL: as each view does by itself */
    const char *name; /* the distribution or library it is about, NULL none */
};

struct thaw_module_lines;

/* How an output is written. */
struct thaw_report_options {
    bool color; /* terminal escapes allowed */
    int width;  /* columns, 80..200 */
    struct thaw_view_options view;
    /* What the report lacks (thaw_report_json_head()); NULL: they are in it. */
    const struct thaw_module_lines *modules;
};

enum thaw_report_flag {
    THAW_REPORT_SECTIONS = 1 << 0,      /* it shows the sections of a target's shared objects */
    THAW_REPORT_MAKES_MODULES = 1 << 1, /* it takes options->modules */
};

/* One output format: a row of the table in src/report/formats.c, one file each. */
struct thaw_report_format {
    const char *name;        /* "json", "summary" */
    const char *description; /* one line for `-f list` */
    int (*write)(const struct json_t *report, const struct thaw_report_options *options,
                 FILE *stream, struct thaw_error *error);
    unsigned flags; /* of enum thaw_report_flag */
};

/* The table, ended by a row whose name is NULL. */
const struct thaw_report_format *thaw_report_formats(void);

/* What `--view` shows on a terminal: a row of the table in src/report/views.c, one file each. */
const struct thaw_report_format *thaw_report_views(void);

/* The same for `thaw deps --view`: a row of the table in src/report/target_views.c. Those that ask
 * for a name (`--why`, `--reverse`) have names that begin so: "why", "reverse". */
const struct thaw_report_format *thaw_report_target_views(void);

/* What the packages of a target can be sorted by. */
struct thaw_report_sort {
    const char *word;        /* "disk", "exclusive" … */
    const char *key;         /* the number of a distribution, largest first; NULL: by its name */
    const char *description; /* a few words for `--sort list` */
};

/* The table, ended by a row whose word is NULL. */
const struct thaw_report_sort *thaw_report_sorts(void);

/* The same for imports: the numbers are those of modules. */
const struct thaw_report_sort *thaw_report_import_sorts(void);

#endif
