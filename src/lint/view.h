/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_LINT_VIEW_H
#define THAW_LINT_VIEW_H

#include "report/issues.h"

/*
 * What a document (thaw-lint/1) says, in the words of all its forms; the summary's report is the
 * document. Texts are safe for a terminal, live as long as the summary, and "" is nothing to say.
 */

/* "app: 2 errors, 1 warning", "app: nothing to complain of" */
const char *thaw_lint_view_headline(struct thaw_summary *summary);
enum thaw_style thaw_lint_view_headline_style(struct thaw_summary *summary);

/* What was inferred, and from what, in one line. */
const char *thaw_lint_view_context(struct thaw_summary *summary);

/* "INCOMPLETE: …" */
const char *thaw_lint_view_incomplete(struct thaw_summary *summary);

/* What is to be known of the check, sentences ended by NULL: the recording, what is suppressed,
 * less severe or switched off, how old the facts are. */
const char *const *thaw_lint_view_notes(struct thaw_summary *summary);

/* "infra/main.bicep:12:5", as seen from where the program was started; "" nowhere. */
const char *thaw_lint_view_place(struct thaw_summary *summary, const json_t *finding);

/* A line of a finding's evidence, with places as they are seen from there. */
const char *thaw_lint_view_evidence(struct thaw_summary *summary, const json_t *finding,
                                    size_t index);

/* A file of the app as it is seen from where the program was started; bytes stay as they are. */
const char *thaw_lint_view_join(struct thaw_summary *summary, const char *folder, const char *file);

/* "https://… (read on 2026-11-29; DOUBT)" of a source; "" it has no address. */
const char *thaw_lint_view_source(struct thaw_summary *summary, const json_t *source);

/*
 * What could not be checked, by what it needs: lines "NEEDS: id, id", ended by NULL.
 */
const char *const *thaw_lint_view_unchecked(struct thaw_summary *summary);

enum thaw_issue_level thaw_lint_view_level(const json_t *finding);
/* Likewise, a style that stands out as much. */
enum thaw_style thaw_lint_view_style(const json_t *finding);

/*
 * The findings as issues, then those that are suppressed (issues.c). Those that have no place stand
 * at the app's folder. false: memory is short. To be freed in any case.
 */
bool thaw_lint_issues(struct thaw_summary *summary, struct thaw_issues *ret);

#endif
