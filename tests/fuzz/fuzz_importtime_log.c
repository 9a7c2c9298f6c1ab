/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "recording/importtime_log.h"
#include "thaw/analysis.h"
#include "thaw/report.h"
#include "thaw/timeline.h"
#include "timeline_rules.h"

/*
 * Logs of any content: what is read has a sound timeline, in which all is told that does not add
 * up, and a report that is whole; written as text, it is the same recording.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

/* Where nothing is told to be missing, each total is the sum of what is in it, but for rounding. */
static void check_sums(const struct thaw_timeline *timeline)
{
    uint64_t *below_ns = calloc(timeline->module_count + 1, sizeof(*below_ns));

    for (size_t i = 0; below_ns && i < timeline->module_count; i++)
        below_ns[timeline->modules[i].parent] += timeline->modules[i].total_ns;
    for (size_t i = 0; below_ns && i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];

        require(module->self_ns <= module->total_ns, "a part is no more than the whole");
        require(!timeline->complete || module->self_ns + below_ns[module->id] >= module->total_ns,
                "what is nobody's own is told");
    }
    free(below_ns);
}

static void check_text(const struct thaw_recording *recording)
{
    struct thaw_recording *again = NULL;
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    require(stream && thaw_recording_write_text(recording, stream, NULL) == 0, "text is written");
    fclose(stream);
    require(thaw_recording_parse(text, length, &again, NULL) == 0, "text is read");
    require(again->count == recording->count, "text has all events");
    thaw_recording_free(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_recording *recording = NULL;
    struct thaw_timeline *timeline = NULL;
    struct thaw_analysis *analysis = NULL;
    json_t *report = NULL;

    if (thaw_importtime_log_parse("log", (const char *)data, size, &recording, NULL) != 0)
        return 0;
    require(thaw_timeline_build(recording, &timeline, NULL) == 0, "there is a timeline");
    require(!timeline_broken_rule(timeline), "the timeline is sound");
    check_sums(timeline);
    check_text(recording);
    require(thaw_analysis_build(timeline, &analysis, NULL) == 0, "there is an analysis");
    require(thaw_report_json(analysis, &report, NULL) == 0, "there is a report");
    json_decref(report);
    thaw_analysis_free(analysis);
    thaw_timeline_free(timeline);
    thaw_recording_free(recording);
    return 0;
}
