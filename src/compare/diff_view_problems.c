/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "compare/diff_view.h"

/* Lists of words: a bullet for each change. what: what they are called, several of them. */
static void write_list(const struct thaw_diff_view *view, const char *key, const char *what,
                       const char *title,
                       const char *(*text)(struct thaw_summary *summary, const json_t *change),
                       bool bad)
{
    const json_t *changes = thaw_summary_list(view->summary->report, key), *change;
    size_t i;

    if (!json_array_size(changes))
        return;
    thaw_summary_title(view->summary, title);
    json_array_foreach(changes, i, change)
    {
        if (i == view->top)
            break;
        thaw_summary_bullet(view->summary,
                            bad ? thaw_diff_view_word_style(change) : THAW_STYLE_PLAIN,
                            thaw_summary_format(view->summary, "%s: %s",
                                                thaw_summary_text(view->summary, change, "change"),
                                                text(view->summary, change)));
    }
    thaw_diff_view_rest(view, changes, what);
}

static const char *requirement_text(struct thaw_summary *summary, const json_t *change)
{
    return thaw_summary_format(summary, "%s in %s:%llu%s",
                               thaw_summary_text(summary, change, "text"),
                               thaw_summary_text(summary, change, "file"),
                               (unsigned long long)thaw_summary_number(change, "line"),
                               thaw_summary_is(change, "constraint") ? " (a constraint)" : "");
}

static const char *conflict_text(struct thaw_summary *summary, const json_t *change)
{
    const char *kind = json_string_value(json_object_get(change, "kind"));
    const char *who = thaw_summary_text(summary, change, "distribution");
    const char *what = thaw_summary_text(summary, change, "what");
    const char *other = thaw_summary_text(summary, change, "other");

    if (!*who)
        who = thaw_summary_text(summary, change, "where");
    if (kind && !strcmp(kind, "missing"))
        return thaw_summary_format(summary, "%s wants %s, which is not installed", who, what);
    if (kind && !strcmp(kind, "version"))
        return thaw_summary_format(summary, "%s wants %s, %s is installed in another version", who,
                                   what, other);
    if (kind && !strcmp(kind, "twice"))
        return thaw_summary_format(summary, "%s is installed twice", what);
    return thaw_summary_format(summary, "%s and %s both own %s", who, other, what);
}

static const char *foreign_text(struct thaw_summary *summary, const json_t *change)
{
    return thaw_summary_format(summary, "%s is %s", thaw_summary_text(summary, change, "path"),
                               thaw_summary_text(summary, change, "why"));
}

void thaw_diff_view_requirements(const struct thaw_diff_view *view)
{
    write_list(view, "requirements", "requirements", "Requirements", requirement_text, false);
}

void thaw_diff_view_conflicts(const struct thaw_diff_view *view)
{
    write_list(view, "conflicts", "conflicts", "Conflicts", conflict_text, true);
}

void thaw_diff_view_foreign(const struct thaw_diff_view *view)
{
    write_list(view, "foreign", "files", "Files for another interpreter or machine", foreign_text,
               true);
}
