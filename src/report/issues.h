/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_ISSUES_H
#define THAW_REPORT_ISSUES_H

#include "base/array.h"
#include "report/summary.h"

/*
 * What a report complains of, for outputs that are lists of complaints: findings of a recording,
 * and what does not fit in a target. Texts live as long as the summary.
 */

enum thaw_issue_level {
    THAW_ISSUE_NOTE,
    THAW_ISSUE_WARNING,
    THAW_ISSUE_ERROR,
};

struct thaw_issue {
    const char *id;                       /* "lazy-import", "version-conflict" */
    const struct thaw_finding_kind *kind; /* NULL: not one that this version knows */
    enum thaw_issue_level level;
    const char *text;    /* one line of plain characters, no full stop */
    const char *more;    /* sentences beside it; NULL: those of the finding, where there is one */
    const char *subject; /* what it is about, for its fingerprint; NULL: the finding or the text */
    const char *path;    /* bytes; see below; "" nowhere */
    uint64_t line;       /* 0 unknown */
    uint64_t column;     /* in characters, from 1; 0 unknown */
    uint64_t end_line;   /* of what begins there; 0 unknown */
    bool elsewhere;      /* the path is not what the issue is about, but where it can be changed */
    uint64_t fingerprint;
    const json_t *finding;    /* of the report, NULL: of a target, or of a verdict */
    const json_t *check;      /* of a verdict (src/gate), else NULL */
    const json_t *lint;       /* finding of what `thaw lint` found (src/lint), else NULL */
    const json_t *suppressed; /* the entry of the report's list, NULL: it is not */
};

struct thaw_issues {
    THAW_ARRAY(struct thaw_issue) list;
    struct thaw_places *places;
};

/*
 * All issues: findings in the report's order, those of the target, the suppressed ones. Paths are
 * relative to where the recorded command or this program was started, as they are in a checkout
 * that was worked in; else to the app's folder; absolute where they are in neither. What has no
 * place of its own has the line of a requirements file that asks for its package, else the app's
 * first file.
 *
 * A fingerprint tells an issue from all others of the report, and is the same in another report of
 * the same code: it is made of the id, the path and what it is about, not of lines and times.
 *
 * false: memory is short. To be freed in any case.
 */
bool thaw_issues_find(struct thaw_summary *summary, struct thaw_issues *ret);
void thaw_issues_free(struct thaw_issues *issues);

/* Sets the fingerprints of a list that is whole. Sets summary->failed. */
void thaw_issues_set_fingerprints(struct thaw_summary *summary, struct thaw_issues *issues);

/* Those of the target alone, without fingerprints (issues_target.c). */
bool thaw_issues_of_target(struct thaw_summary *summary, struct thaw_issues *issues);

/* All kinds of the target's issues; thaw_finding_kinds() has the others. */
const struct thaw_finding_kind *thaw_issue_target_kinds(size_t *ret_count);

/* "note", "warning", "error" */
const char *thaw_issue_level_word(enum thaw_issue_level level);

/* All that is to be said of it, in sentences: with saving, proof and what to do. */
const char *thaw_issue_sentences(struct thaw_summary *summary, const struct thaw_issue *issue);

/* How many are of a level, without those that are suppressed. */
size_t thaw_issues_count(const struct thaw_issues *issues, enum thaw_issue_level level);

/* --- issues_place.c --- */

struct thaw_places;

/* NULL: memory is short (summary->failed is set). */
struct thaw_places *thaw_places_begin(struct thaw_summary *summary);
void thaw_places_free(struct thaw_places *places);

/* A path of the recording, or of the target, as issues have it. */
const char *thaw_places_path(struct thaw_places *places, const char *path);
const char *thaw_places_target_path(struct thaw_places *places, const char *path);

/* Sets path and line to those of the line that asks for a distribution, or for what requires it;
 * name is a key of thaw_key_name(). False: there is none. */
bool thaw_places_requirement(struct thaw_places *places, const char *name,
                             struct thaw_issue *issue);

/* Where something that has no place is shown. */
void thaw_places_anywhere(struct thaw_places *places, struct thaw_issue *issue);

/* A path as a reference (RFC 3986): bytes that may not stand there as %XX, "file://" before an
 * absolute one; "." of "". */
const char *thaw_places_uri(struct thaw_summary *summary, const char *path);

#endif
