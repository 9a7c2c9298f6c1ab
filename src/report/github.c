/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "report/github.h"

enum { most_of_level = 10 };

/* As the runner's own toolkit escapes: of a message only what would end it. */
static void put_escaped(FILE *stream, const char *text, bool is_property)
{
    for (; *text; text++) {
        if (*text == '%' || *text == '\r' || *text == '\n' ||
            (is_property && (*text == ':' || *text == ',')))
            fprintf(stream, "%%%02X", (unsigned char)*text);
        else
            fputc(*text, stream);
    }
}

static const char *command(enum thaw_issue_level level)
{
    static const char *const words[] = {
        [THAW_ISSUE_NOTE] = "notice",
        [THAW_ISSUE_WARNING] = "warning",
        [THAW_ISSUE_ERROR] = "error",
    };

    return words[level];
}

static void write_place(struct thaw_summary *summary, const struct thaw_issue *issue)
{
    const char *path = thaw_text_for_terminal(&summary->arena, issue->path);

    summary->failed |= !path;
    if (!path || !*path)
        return;
    fputs("file=", summary->stream);
    put_escaped(summary->stream, path, true);
    if (issue->line)
        fprintf(summary->stream, ",line=%" PRIu64, issue->line);
    if (issue->line && issue->column)
        fprintf(summary->stream, ",col=%" PRIu64, issue->column);
    fputc(',', summary->stream);
}

void thaw_github_write(struct thaw_summary *summary, const struct thaw_issues *issues,
                       const char *tool,
                       const char *(*title)(struct thaw_summary *summary,
                                            const struct thaw_issue *issue),
                       enum thaw_issue_level level)
{
    size_t all = thaw_issues_count(issues, level), shown = 0;

    for (size_t i = 0; i < issues->list.count; i++) {
        const struct thaw_issue *issue = &issues->list.items[i];

        if (issue->level != level || issue->suppressed)
            continue;
        if (all > most_of_level && ++shown == most_of_level) {
            fprintf(summary->stream, "::%s title=%s::and %zu more\n", command(level), tool,
                    all - most_of_level + 1);
            return;
        }
        fprintf(summary->stream, "::%s ", command(level));
        write_place(summary, issue);
        fputs("title=", summary->stream);
        put_escaped(summary->stream, title(summary, issue), true);
        fputs("::", summary->stream);
        put_escaped(summary->stream, thaw_issue_sentences(summary, issue), false);
        fputc('\n', summary->stream);
    }
}
