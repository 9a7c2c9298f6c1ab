/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "gate/formats.h"
#include "gate/issues.h"
#include "gate/view.h"
#include "report/summary_parts.h"

/*
 * Workflow commands: "::error file=function_app.py,line=9,title=…::…". GitHub shows ten of each
 * level of a step and drops the others without a word, so that the tenth tells of them.
 */

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

static void write_issue(struct thaw_summary *summary, const struct thaw_issue *issue)
{
    const char *path = thaw_text_for_terminal(&summary->arena, issue->path);

    summary->failed |= !path;
    fprintf(summary->stream, "::%s ", command(issue->level));
    if (path && *path) {
        fputs("file=", summary->stream);
        put_escaped(summary->stream, path, true);
        if (issue->line)
            fprintf(summary->stream, ",line=%" PRIu64, issue->line);
        fputc(',', summary->stream);
    }
    fputs("title=", summary->stream);
    put_escaped(summary->stream,
                thaw_summary_format(summary, "%s: %s", thaw_gate_view_word(issue->check),
                                    thaw_gate_view_title(summary, issue->check)),
                true);
    fputs("::", summary->stream);
    put_escaped(summary->stream, thaw_issue_sentences(summary, issue), false);
    fputc('\n', summary->stream);
}

static void write_level(struct thaw_summary *summary, const struct thaw_issues *issues,
                        enum thaw_issue_level level)
{
    size_t all = thaw_issues_count(issues, level), shown = 0;

    for (size_t i = 0; i < issues->list.count; i++) {
        const struct thaw_issue *issue = &issues->list.items[i];

        if (issue->level != level || issue->suppressed)
            continue;
        if (all > most_of_level && ++shown == most_of_level) {
            fprintf(summary->stream, "::%s title=thaw gate::and %zu more\n", command(level),
                    all - most_of_level + 1);
            return;
        }
        write_issue(summary, issue);
    }
}

int thaw_gate_write_github(const json_t *gate, const struct thaw_report_options *options,
                           FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;
    struct thaw_issues issues;

    (void)options;
    thaw_summary_begin_texts(&summary, gate, stream);
    if (thaw_gate_issues(&summary, &issues)) {
        write_level(&summary, &issues, THAW_ISSUE_ERROR);
        write_level(&summary, &issues, THAW_ISSUE_WARNING);
    }
    thaw_issues_free(&issues);
    return thaw_summary_end(&summary, error);
}
