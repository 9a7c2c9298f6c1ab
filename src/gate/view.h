/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_GATE_VIEW_H
#define THAW_GATE_VIEW_H

#include "report/summary.h"

/*
 * What a verdict says (summary->report), in words that are the same in all outputs. Texts live as
 * long as the summary, are one line, and safe for a terminal; "" where there is nothing to say.
 */

/* "FAIL: 2 of 6 budgets are broken" */
const char *thaw_gate_view_headline(struct thaw_summary *summary);

/* The head's or the base's: ". at abc1234, 15 runs, CPython 3.11, x86_64, importtime" */
const char *thaw_gate_view_side(struct thaw_summary *summary, const char *key);

/* Is there anything to compare with? */
bool thaw_gate_view_has_base(const struct thaw_summary *summary);

/* "modules loaded (pandas)" */
const char *thaw_gate_view_title(struct thaw_summary *summary, const json_t *check);

/* The median under "before" or "value" in the check's unit; "?" where a value could not be told. */
const char *thaw_gate_view_value(struct thaw_summary *summary, const json_t *check,
                                 const char *key);

/* "+580", "-1.2 MB" */
const char *thaw_gate_view_change(struct thaw_summary *summary, const json_t *check);

/* What is allowed, by the limit that decided, else by the narrowest one: "900", "none". */
const char *thaw_gate_view_limit(struct thaw_summary *summary, const json_t *check);

/* "FAIL", "pass", and how it looks. */
const char *thaw_gate_view_word(const json_t *check);
enum thaw_style thaw_gate_view_style(const json_t *check);

/* The checks of which more is to be said than a row of a table, the worst first, ended by NULL. */
const json_t *const *thaw_gate_view_told(struct thaw_summary *summary);

/* How many of them, from the first on, could not be measured for one reason (1: no other one): one
 * paragraph tells of all. And their titles. */
size_t thaw_gate_view_alike(struct thaw_summary *summary, const json_t *const *told);
const char *thaw_gate_view_titles(struct thaw_summary *summary, const json_t *const *told,
                                  size_t count);

/* Why it came out so, without a full stop. */
const char *thaw_gate_view_reason(struct thaw_summary *summary, const json_t *check);

/* "pandas 3.1.1 came: +433 modules, by function_app.py:9" */
const char *thaw_gate_view_offender(struct thaw_summary *summary, const json_t *check,
                                    const json_t *offender);

/* The whole chain, where an offender came by way of others. */
const char *thaw_gate_view_chain(struct thaw_summary *summary, const json_t *offender);

/* Offenders that are left out when so many are shown. */
size_t thaw_gate_view_rest(const json_t *check, size_t shown);

/* Sentences: what a test of times found; what became of an exception; what can be done. */
const char *thaw_gate_view_test(struct thaw_summary *summary, const json_t *check);
const char *thaw_gate_view_exception(struct thaw_summary *summary, const json_t *check);
const char *thaw_gate_view_advice(struct thaw_summary *summary, const json_t *check);

/* What can be done about one of a list that is read from its beginning: what one import brought is
 * told once. */
const char *thaw_gate_view_next_advice(struct thaw_summary *summary, const json_t *const *told,
                                       size_t number);

/* Notes on the measurement, without full stops, ended by NULL; worst first. */
const char *const *thaw_gate_view_notes(struct thaw_summary *summary);

/* "thaw.json:12", a place of the report ("file", "line"). */
const char *thaw_gate_view_place(struct thaw_summary *summary, const json_t *place);

#endif
