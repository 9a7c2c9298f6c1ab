/* SPDX-License-Identifier: Apache-2.0 */
#include "report/target_view.h"

enum { level_columns = 2, least_words = 20 };

size_t thaw_view_room(const struct thaw_summary *summary, const struct thaw_view_tree *tree,
                      size_t level)
{
    size_t taken = tree->lead_columns + level_columns * level;

    return summary->width > taken ? summary->width - taken : 1;
}

bool thaw_view_goes_below(const struct thaw_summary *summary, const struct thaw_view_tree *tree,
                          size_t level)
{
    /* what is further below would be all branches and no words */
    size_t most = (summary->width - tree->lead_columns - least_words) / level_columns;

    most = most < THAW_VIEW_LEVELS ? most : THAW_VIEW_LEVELS;
    if (summary->view.depth && summary->view.depth < most)
        most = summary->view.depth;
    return level + 1 < most;
}

static void put_style(struct thaw_summary *summary, enum thaw_style style, const char *text)
{
    const char *begin = thaw_summary_style(summary, style);

    fprintf(summary->stream, "%s%s%s", begin, text, *begin ? "\033[0m" : "");
}

static void put_branches(struct thaw_summary *summary, const struct thaw_view_tree *tree,
                         size_t level, bool is_last)
{
    const char *line = summary->utf8 ? "\xE2\x94\x82 " : "| ";
    const char *fork = summary->utf8 ? "\xE2\x94\x9C\xE2\x94\x80" : "|-";
    const char *corner = summary->utf8 ? "\xE2\x94\x94\xE2\x94\x80" : "`-";

    for (size_t i = 1; i < level; i++)
        fputs(tree->last[i] ? "  " : line, summary->stream);
    if (level)
        fputs(is_last ? corner : fork, summary->stream);
}

void thaw_view_branch(struct thaw_summary *summary, struct thaw_view_tree *tree, size_t level,
                      bool is_last, enum thaw_style style, const char *text,
                      enum thaw_style note_style, const char *note)
{
    size_t room, wide;

    if (level >= THAW_VIEW_LEVELS)
        return;
    tree->last[level] = is_last;
    put_branches(summary, tree, level, is_last);
    room = thaw_view_room(summary, tree, level);
    text = thaw_summary_fit(summary, text, room);
    put_style(summary, style, text);
    wide = thaw_summary_columns(text);
    if (*note && wide + 4 < room) {
        fputs("  ", summary->stream);
        put_style(summary, note_style, thaw_summary_fit(summary, note, room - wide - 2));
    }
    fputc('\n', summary->stream);
}
