/* SPDX-License-Identifier: Apache-2.0 */
/* What rules use: findings with their texts in the lint's arena, and what is asked again and again.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lint/lint.h"

static const char *format_text(struct thaw_lint *lint, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static const char *format_text(struct thaw_lint *lint, const char *format, va_list arguments)
{
    const char *text = thaw_arena_format_list(&lint->arena, format, arguments);

    lint->failed |= !text;
    return text ? text : "";
}

const char *thaw_lint_text(struct thaw_lint *lint, const char *format, ...)
{
    va_list arguments;
    const char *text;

    va_start(arguments, format);
    text = format_text(lint, format, arguments);
    va_end(arguments);
    return text;
}

struct thaw_lint_finding *thaw_lint_add(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                                        const struct thaw_project_place *place, const char *subject,
                                        const char *title, ...)
{
    struct thaw_lint_finding *finding = thaw_array_add(&lint->findings);
    va_list arguments;

    if (!finding) {
        lint->failed = true;
        return NULL;
    }
    *finding = (struct thaw_lint_finding){.rule = rule,
                                          .severity = rule->kind.severity,
                                          .confidence = "high",
                                          .place = {.file = ""},
                                          .fix = ""};
    if (place) {
        finding->place = *place;
        finding->place.file = thaw_lint_text(lint, "%s", place->file ? place->file : "");
    }
    finding->subject = thaw_lint_text(lint, "%s", subject ? subject : "");
    va_start(arguments, title);
    finding->title = format_text(lint, title, arguments);
    va_end(arguments);
    return finding;
}

void thaw_lint_evidence(struct thaw_lint *lint, struct thaw_lint_finding *finding,
                        const char *format, ...)
{
    va_list arguments;

    if (!finding || finding->evidence_count == THAW_LINT_EVIDENCE_MAX)
        return;
    va_start(arguments, format);
    finding->evidence[finding->evidence_count++] = format_text(lint, format, arguments);
    va_end(arguments);
}

void thaw_lint_fix(struct thaw_lint *lint, struct thaw_lint_finding *finding, const char *format,
                   ...)
{
    va_list arguments;

    if (!finding)
        return;
    va_start(arguments, format);
    finding->fix = format_text(lint, format, arguments);
    va_end(arguments);
}

void thaw_lint_source(struct thaw_lint *lint, struct thaw_lint_finding *finding,
                      const json_t *entry)
{
    (void)lint;
    if (!finding || !entry)
        return;
    if (json_is_false(json_object_get(entry, "verified")) && !strcmp(finding->confidence, "high"))
        finding->confidence = "medium";
    for (size_t i = 0; i < finding->source_count; i++)
        if (finding->sources[i] == entry)
            return;
    if (finding->source_count < THAW_LINT_SOURCES_MAX)
        finding->sources[finding->source_count++] = entry;
}

/* --- what is asked again and again --- */

const json_t *thaw_lint_plan(const struct thaw_lint *lint)
{
    const char *plan = lint->project->plan.value;

    return plan && *plan ? thaw_lint_fact(lint->facts, "azure_functions", "plans", plan) : NULL;
}

bool thaw_lint_plan_is(const struct thaw_lint *lint, const char *plan)
{
    return lint->project->plan.value && !strcmp(lint->project->plan.value, plan);
}

const struct thaw_setting *thaw_lint_deployed(const struct thaw_lint *lint, const char *name)
{
    const struct thaw_setting *setting = NULL;

    while ((setting = thaw_project_setting(lint->project, name, setting)))
        if (setting->origin != THAW_SETTING_LOCAL)
            return setting;
    return NULL;
}

const char *thaw_lint_place_text(struct thaw_lint *lint, const struct thaw_project_place *place)
{
    if (!place->file || !*place->file)
        return "";
    return place->line ? thaw_lint_text(lint, "%s:%u", place->file, place->line)
                       : thaw_lint_text(lint, "%s", place->file);
}

/* The digits at *text, at most ten of them, as a number; *text is behind them. */
static bool take_number(const char **text, double *ret)
{
    const char *start = *text;

    for (*ret = 0; **text >= '0' && **text <= '9' && *text - start < 10; (*text)++)
        *ret = *ret * 10 + (**text - '0');
    return *text > start;
}

/* ".5" of a second; what is left of text must be that or nothing. */
static bool take_fraction(const char *text, double *ret)
{
    double scale = 0.1;

    if (*text == '.' && text[1])
        for (text++; *text >= '0' && *text <= '9'; text++, scale /= 10)
            *ret += (*text - '0') * scale;
    return !*text;
}

/* What .NET's TimeSpan.Parse() takes: [d.]hh:mm[:ss[.f]], d:hh:mm:ss, days alone; and where the
 * first of three parts is no hour of a day, it counts days: "24:00:00" are 24 of them. */
double thaw_lint_seconds(const char *timespan)
{
    double part[4] = {0}, days = 0, seconds;
    size_t count = 0;
    bool has_days = false;

    if (!strcmp(timespan, "-1"))
        return 0;
    for (const char *text = timespan;; text++) {
        if (count == 4 || !take_number(&text, &part[count++]))
            return -1;
        if (*text == '.' && count == 1 && !has_days && strchr(text, ':')) {
            days = part[--count];
            has_days = true;
        } else if (*text != ':') {
            if (!take_fraction(text, &part[count - 1]) || (strchr(text, '.') && count < 3))
                return -1;
            break;
        }
    }
    if (count == 1)
        return has_days ? -1 : part[0] * 86400;
    if (count == 4 || (count == 3 && !has_days && part[0] >= 24)) {
        if (has_days)
            return -1;
        days = part[0];
        memmove(part, part + 1, sizeof(part) - sizeof(part[0]));
        part[3] = 0;
    }
    if (part[0] >= 24 || part[1] >= 60 || part[2] >= 60)
        return -1;
    seconds = part[0] * 3600 + part[1] * 60 + part[2];
    return days * 86400 + seconds;
}
