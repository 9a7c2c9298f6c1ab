/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "recording/importtime_log.h"
#include "report/summary_parts.h"

/* What was not seen, and the verdict. */

enum { most_of_a_kind = 4 };

/* The words for one item of a list, or NULL when it needs none. */
typedef const char *item_words(struct thaw_summary *summary, const json_t *item);

/* ": text", or nothing */
static const char *behind(struct thaw_summary *summary, const char *before, const char *text)
{
    return *text ? thaw_summary_format(summary, "%s%s", before, text) : "";
}

static const char *loss_words(struct thaw_summary *summary, const json_t *loss)
{
    uint64_t count = thaw_summary_number(loss, "count");
    const char *times = "";

    if (count > 1)
        times = thaw_summary_format(summary, ", %" PRIu64 " times", count);
    return thaw_summary_format(summary, "lost: %s%s%s", thaw_summary_text(summary, loss, "cause"),
                               times,
                               behind(summary, ": ", thaw_summary_text(summary, loss, "what")));
}

static const char *interpreter_words(struct thaw_summary *summary, const json_t *interpreter)
{
    const char *coverage = thaw_summary_text(summary, interpreter, "coverage");
    const char *version = thaw_summary_text(summary, interpreter, "version");
    const char *reason = thaw_summary_text(summary, interpreter, "reason");

    if (!*coverage || !strcmp(coverage, "from start"))
        return NULL;
    return thaw_summary_format(summary, "imports of Python%s in pid %" PRIu64 " %s%s",
                               behind(summary, " ", version),
                               thaw_summary_number(interpreter, "pid"),
                               strcmp(coverage, "refused") ? "were seen only from some point on"
                                                           : "were not observed",
                               behind(summary, ": ", reason));
}

static const char *not_visible_words(struct thaw_summary *summary, const json_t *item)
{
    uint64_t typical_ns = thaw_summary_number(item, "typical_ns");
    const char *typical = "";

    if (typical_ns)
        typical =
            thaw_summary_format(summary, " (typically %s%s)",
                                thaw_summary_duration(summary, typical_ns),
                                behind(summary, ", ", thaw_summary_text(summary, item, "source")));
    return thaw_summary_format(summary, "%s%s%s", thaw_summary_text(summary, item, "what"),
                               behind(summary, ": ", thaw_summary_text(summary, item, "why")),
                               typical);
}

static void write_items(struct thaw_summary *summary, const char *key, item_words *words,
                        enum thaw_style style)
{
    const json_t *item;
    size_t shown = 0, hidden = 0, i;

    json_array_foreach(json_object_get(summary->report, key), i, item)
    {
        const char *text = words(summary, item);

        if (!text)
            continue;
        if (shown == most_of_a_kind) {
            hidden++;
            continue;
        }
        thaw_summary_bullet(summary, style, text);
        shown++;
    }
    if (hidden)
        thaw_summary_bullet(summary, style,
                            thaw_summary_format(summary,
                                                "and %zu more under \"%s\" in the JSON report",
                                                hidden, key));
}

/* More than 1 %: less is the rounding of any track. */
static void write_unattributed(struct thaw_summary *summary)
{
    uint64_t total_ns = thaw_summary_number(summary->track, "total_ns");
    uint64_t rest_ns = thaw_summary_number(summary->track, "unattributed_ns");

    if (!total_ns || rest_ns <= total_ns / 100)
        return;
    thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                        thaw_summary_format(summary,
                                            "unattributed: %s (%s of the total) is in no phase",
                                            thaw_summary_duration(summary, rest_ns),
                                            thaw_summary_share(summary, rest_ns, total_ns)));
}

static void write_modules(struct thaw_summary *summary)
{
    const json_t *module;
    size_t unfinished = 0, inferred = 0, i;

    json_array_foreach(json_object_get(summary->report, "modules"), i, module)
    {
        const char *status = json_string_value(json_object_get(module, "status"));

        unfinished += status && !strcmp(status, "unfinished");
        inferred += thaw_summary_is(module, "end_inferred");
    }
    if (unfinished)
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            thaw_summary_format(summary,
                                                "the end of %zu import%s: took at least the time "
                                                "shown",
                                                unfinished, unfinished == 1 ? "" : "s"));
    if (inferred)
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            thaw_summary_format(summary,
                                                "the exact end of %zu import%s: took at most the "
                                                "time shown",
                                                inferred, inferred == 1 ? "" : "s"));
}

/* Of a log nothing was recorded: lines are there or not, and agree or don't. */
static const char *log_verdict(bool complete)
{
    return complete ? "Complete: the times of the log agree with each other."
                    : "INCOMPLETE: lines of the log are missing, or contradict each other; figures "
                      "may be wrong";
}

const char *thaw_summary_verdict(struct thaw_summary *summary, const char *where)
{
    const json_t *recording = json_object_get(summary->report, "recording");
    bool complete = thaw_summary_is(summary->report, "complete");
    const char *see = "";

    if (where)
        see = thaw_summary_format(summary, ", see %s", where);
    if (thaw_summary_has_backend(summary, THAW_IMPORTTIME_LOG_BACKEND))
        return complete ? log_verdict(true)
                        : thaw_summary_format(summary, "%s%s.", log_verdict(false), see);
    if (complete)
        return "Complete: the recording was closed properly and nothing was lost.";
    if (json_is_false(json_object_get(recording, "finished")))
        return "INCOMPLETE: the recording was cut off, figures reach only as far as it does.";
    if (json_array_size(json_object_get(summary->report, "losses")))
        return "INCOMPLETE: events were lost, figures may be too small.";
    return thaw_summary_format(summary, "INCOMPLETE: some of the run was not seen%s.", see);
}

void thaw_summary_incomplete(struct thaw_summary *summary, const char *where)
{
    if (thaw_summary_is(summary->report, "complete"))
        return;
    fputc('\n', summary->stream);
    thaw_summary_paragraph(summary, THAW_STYLE_BAD, "", thaw_summary_verdict(summary, where));
}

static void write_verdict(struct thaw_summary *summary)
{
    thaw_summary_incomplete(summary, "above");
    if (!thaw_summary_is(summary->report, "complete"))
        return;
    fputc('\n', summary->stream);
    thaw_summary_paragraph(summary, THAW_STYLE_GOOD, "", thaw_summary_verdict(summary, NULL));
}

void thaw_summary_not_seen(struct thaw_summary *summary, const json_t *unused)
{
    (void)unused;
    write_items(summary, "losses", loss_words, THAW_STYLE_BAD);
    thaw_summary_probes(summary);
    write_items(summary, "interpreters", interpreter_words, THAW_STYLE_PLAIN);
    write_modules(summary);
    write_unattributed(summary);
    write_items(summary, "not_visible", not_visible_words, THAW_STYLE_PLAIN);
}

/* Written to a buffer first: the title stands only above something. */
void thaw_summary_coverage(struct thaw_summary *summary)
{
    FILE *stream = summary->stream, *buffer;
    char *text = NULL;
    size_t length = 0;

    buffer = open_memstream(&text, &length);
    summary->failed |= !buffer;
    if (!buffer)
        return;
    summary->stream = buffer;
    thaw_summary_not_seen(summary, NULL);
    summary->stream = stream;
    summary->failed |= fclose(buffer) != 0;
    if (length) {
        thaw_summary_title(summary, "Not seen");
        fwrite(text, 1, length, stream);
    }
    free(text);
    write_verdict(summary);
}
