/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trial/probe.h"

/* What an app's run reported, of any content: it is refused with a line, or all of it is bounded
 * and what is looked up in it is sorted. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    if (!text || strlen(text) > THAW_PROBE_TEXT_MAX)
        abort();
}

static void check_texts(const struct thaw_texts *texts)
{
    if (texts->count > THAW_PROBE_LIST_MAX)
        abort();
    for (uint64_t i = 0; i < texts->count; i++)
        check_text(texts->items[i]);
}

static void check_sorted(const struct thaw_texts *texts)
{
    check_texts(texts);
    for (uint64_t i = 0; i < texts->count; i++) {
        if (!thaw_probe_has(texts, texts->items[i]) ||
            (i && strcmp(texts->items[i - 1], texts->items[i]) > 0))
            abort();
    }
    if (thaw_probe_has(texts, "\xff"))
        abort(); /* is no JSON */
}

static void check_report(const struct thaw_probe_report *report)
{
    check_sorted(&report->modules);
    check_sorted(&report->files);
    check_sorted(&report->call_modules);
    check_texts(&report->missing);
    check_text(report->described);
    check_text(report->failed);
    if (!report->cpu_ns || !report->wall_ns || report->function_count > THAW_PROBE_LIST_MAX)
        abort();
    for (size_t i = 0; i < report->function_count; i++) {
        check_text(report->functions[i].name);
        check_text(report->functions[i].hints);
        check_texts(&report->functions[i].bindings);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_arena arena = {0};
    struct thaw_probe_report report;
    struct thaw_error error = {0};
    int code = thaw_probe_report_read((const char *)data, size, &arena, &report, &error);

    if (code == 0)
        check_report(&report);
    else if (code != -EPROTO || error.code != code || !*error.message)
        abort();
    thaw_arena_free(&arena);
    return 0;
}
