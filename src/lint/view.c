/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "lint/platforms.h"
#include "lint/view.h"
#include "report/keys.h"
#include "report/summary_parts.h"

enum thaw_issue_level thaw_lint_view_level(const json_t *finding)
{
    const char *severity = thaw_key_string(finding, "severity");

    return !strcmp(severity, "error")     ? THAW_ISSUE_ERROR
           : !strcmp(severity, "warning") ? THAW_ISSUE_WARNING
                                          : THAW_ISSUE_NOTE;
}

enum thaw_style thaw_lint_view_style(const json_t *finding)
{
    return thaw_lint_view_level(finding) == THAW_ISSUE_ERROR ? THAW_STYLE_BAD : THAW_STYLE_STRONG;
}

/* "a, b": a part behind those before it. */
static void join(struct thaw_summary *summary, const char **text, const char *part)
{
    if (*part)
        *text = thaw_summary_format(summary, "%s%s%s", *text, **text ? ", " : "", part);
}

static const char *counted(struct thaw_summary *summary, uint64_t count, const char *word)
{
    return count ? thaw_summary_format(summary, "%" PRIu64 " %s%s", count, word,
                                       count == 1 ? "" : "s")
                 : "";
}

/* --- the head --- */

const char *thaw_lint_view_headline(struct thaw_summary *summary)
{
    const json_t *counts = json_object_get(summary->report, "counts"),
                 *app = json_object_get(summary->report, "app");
    const char *text = "";

    join(summary, &text, counted(summary, thaw_summary_number(counts, "errors"), "error"));
    join(summary, &text, counted(summary, thaw_summary_number(counts, "warnings"), "warning"));
    join(summary, &text, counted(summary, thaw_summary_number(counts, "notes"), "note"));
    return thaw_summary_format(summary, "%s: %s", thaw_summary_text(summary, app, "path"),
                               *text ? text : "nothing to complain of");
}

enum thaw_style thaw_lint_view_headline_style(struct thaw_summary *summary)
{
    const json_t *counts = json_object_get(summary->report, "counts");

    if (thaw_summary_number(counts, "errors") || !thaw_summary_is(summary->report, "complete"))
        return THAW_STYLE_BAD;
    return thaw_summary_number(counts, "warnings") ? THAW_STYLE_STRONG : THAW_STYLE_GOOD;
}

/* --- places in texts --- */

static int compare_name(const char *name, const char *text, size_t length)
{
    int order = strncmp(name, text, length);

    return order ? order : name[length] != '\0';
}

/* Is it a file of the app that was read? Their list is sorted. */
static bool is_of_app(struct thaw_summary *summary, const char *text, size_t length)
{
    const json_t *read = json_object_get(summary->report, "read"), *name;
    size_t begin = 0, end = json_array_size(read), i;

    json_array_foreach(json_object_get(summary->report, "named"), i, name)
    {
        if (json_is_string(name) && !compare_name(json_string_value(name), text, length))
            return false;
    }
    while (begin < end) {
        const char *middle = json_string_value(json_array_get(read, begin + (end - begin) / 2));
        int order = middle ? compare_name(middle, text, length) : -1;

        if (!order)
            return true;
        if (order < 0)
            begin += (end - begin) / 2 + 1;
        else
            end = begin + (end - begin) / 2;
    }
    return false;
}

/* Length of FILE in a word "FILE:LINE…"; 0: it is none. */
static size_t file_length(const char *word, size_t length)
{
    for (size_t i = 1; i + 1 < length; i++)
        if (word[i] == ':' && word[i + 1] >= '0' && word[i + 1] <= '9')
            return i;
    return 0;
}

/* A text with each "FILE:LINE" of the app as it is seen from where the program was started. */
static const char *located(struct thaw_summary *summary, const char *text)
{
    const char *folder =
        thaw_summary_text(summary, json_object_get(summary->report, "app"), "path");
    const char *done = "";

    for (const char *at = text; *at;) {
        size_t gap = strspn(at, " ("), length = strcspn(at + gap, " ");
        size_t file = file_length(at + gap, length);

        if (file && is_of_app(summary, at + gap, file)) {
            const char *name = thaw_summary_format(summary, "%.*s", (int)file, at + gap);

            done = thaw_summary_format(summary, "%s%.*s%s", done, (int)(at + gap - text), text,
                                       thaw_lint_view_join(summary, folder, name));
            text = at + gap + file;
        }
        at += gap + length;
    }
    return *done ? thaw_summary_format(summary, "%s%s", done, text) : text;
}

const char *thaw_lint_view_evidence(struct thaw_summary *summary, const json_t *finding,
                                    size_t index)
{
    return located(summary, thaw_summary_item(summary, finding, "evidence", index));
}

/* "plan flex (main.bicep:12: SKU FC1)", "plan not known (nothing tells it)" */
static const char *inferred(struct thaw_summary *summary, const char *key, const char *lead)
{
    const json_t *object = json_object_get(json_object_get(summary->report, "app"), key);
    const char *value = thaw_summary_text(summary, object, "value"),
               *reason = located(summary, thaw_summary_text(summary, object, "reason"));

    return thaw_summary_format(summary, "%s%s%s%s%s", lead, *value ? value : "not known",
                               *reason ? " (" : "", reason, *reason ? ")" : "");
}

static const struct thaw_lint_platform_row *platform_row(struct thaw_summary *summary)
{
    const json_t *app = json_object_get(summary->report, "app");

    return thaw_lint_platform_row(thaw_key_string(json_object_get(app, "platform"), "value"));
}

static const char *platform(struct thaw_summary *summary)
{
    const json_t *object = json_object_get(json_object_get(summary->report, "app"), "platform");
    const char *title = platform_row(summary)->title,
               *reason = located(summary, thaw_summary_text(summary, object, "reason"));

    return *title ? thaw_summary_format(summary, "%s%s%s%s", title, *reason ? " (" : "", reason,
                                        *reason ? ")" : "")
                  : inferred(summary, "platform", "platform ");
}

const char *thaw_lint_view_context(struct thaw_summary *summary)
{
    const json_t *app = json_object_get(summary->report, "app");
    const char *text = platform(summary);

    if (platform_row(summary)->has_plans)
        join(summary, &text, inferred(summary, "plan", "plan "));
    join(summary, &text, inferred(summary, "python", "Python "));
    join(summary, &text, inferred(summary, "packaging", "packaging "));
    if (*platform_row(summary)->title) /* those of several apps are none's */
        join(summary, &text, counted(summary, thaw_summary_number(app, "functions"), "function"));
    return text;
}

const char *thaw_lint_view_incomplete(struct thaw_summary *summary)
{
    return thaw_summary_is(summary->report, "complete")
               ? ""
               : "INCOMPLETE: not all of the app could be read, so that there may be more to say";
}

/* --- notes --- */

static const char *recording_note(struct thaw_summary *summary)
{
    const json_t *recording = json_object_get(summary->report, "recording");
    uint64_t total = thaw_summary_number(recording, "cold_start_ns");

    if (!json_is_object(recording))
        return "";
    return thaw_summary_format(
        summary, "Joined with %s%s%s%s.", thaw_summary_text(summary, recording, "name"),
        total ? ", a cold start of " : "", total ? thaw_summary_duration(summary, total) : "",
        thaw_summary_is(recording, "complete") ? "" : "; the recording is incomplete");
}

static const char *suppressed_note(struct thaw_summary *summary)
{
    const char *text =
        counted(summary, json_array_size(json_object_get(summary->report, "suppressed")),
                "finding");

    return *text ? thaw_summary_format(summary, "Suppressed by thaw.json: %s.", text) : "";
}

static const char *below_note(struct thaw_summary *summary)
{
    const json_t *profile = json_object_get(summary->report, "profile");
    const char *text = counted(summary, thaw_summary_number(profile, "below"), "finding");

    return *text ? thaw_summary_format(
                       summary, "Left out by the profile %s, as less than %s %s: %s.",
                       thaw_summary_text(summary, profile, "name"),
                       strcmp(thaw_key_string(profile, "severity"), "error") != 0 ? "a" : "an",
                       thaw_summary_text(summary, profile, "severity"), text)
                 : "";
}

static const char *disabled_note(struct thaw_summary *summary)
{
    enum { most = 20 };
    const char *text = thaw_summary_joined(summary, summary->report, "disabled", most);

    return *text ? thaw_summary_format(summary, "Switched off: %s.", text) : "";
}

static const char *facts_note(struct thaw_summary *summary)
{
    const json_t *facts = json_object_get(summary->report, "facts");

    return thaw_summary_format(summary, "Rules rest on facts of %s, good until %s%s.",
                               thaw_summary_text(summary, facts, "dated"),
                               thaw_summary_text(summary, facts, "expires"),
                               thaw_summary_is(facts, "expired") ? " (OVER)" : "");
}

#define UNREAD_SHOWN 5 /* files of templates; the JSON has all */

/* Where something may be that was not found. */
static const char *unread_note(struct thaw_summary *summary)
{
    const json_t *template;
    const char *files = "";
    size_t i, count = 0;

    json_array_foreach(json_object_get(summary->report, "templates"), i, template)
    {
        const char *parts = counted(summary, thaw_summary_number(template, "unread"), "part");

        if (*parts && count++ < UNREAD_SHOWN)
            join(summary, &files,
                 thaw_summary_format(summary, "%s (%s)",
                                     thaw_summary_text(summary, template, "file"), parts));
    }
    if (count > UNREAD_SHOWN)
        join(summary, &files, thaw_summary_format(summary, "%zu more", count - UNREAD_SHOWN));
    return *files ? thaw_summary_format(summary,
                                        "Not followed: %s; what may stand there is not called "
                                        "missing.",
                                        files)
                  : "";
}

/* Is it known how the app is deployed? A Dockerfile does not say it. */
static bool has_template(struct thaw_summary *summary)
{
    const json_t *template;
    size_t i;

    json_array_foreach(json_object_get(summary->report, "templates"), i, template)
    {
        if (strcmp(thaw_key_string(template, "form"), "Dockerfile") != 0)
            return true;
    }
    return false;
}

/* What was not given, of what most of the unchecked rules need. Plans and exported settings are
 * Azure's. */
static const char *more_to_give(struct thaw_summary *summary)
{
    const json_t *app = json_object_get(summary->report, "app");
    const struct thaw_lint_platform_row *row = platform_row(summary);
    const char *options = "";

    if (row->has_plans && !*thaw_key_string(json_object_get(app, "plan"), "value"))
        join(summary, &options, "--plan PLAN");
    if (row->has_plans && strcmp(thaw_key_string(app, "settings"), "all") != 0)
        join(summary, &options, "--settings FILE");
    if (*row->name && !has_template(summary))
        join(summary, &options, "--template FILE (infra/ may be beside the app)");
    if (!json_is_object(json_object_get(summary->report, "recording")))
        join(summary, &options, "--recording FILE");
    return options;
}

static const char *unchecked_note(struct thaw_summary *summary)
{
    size_t unchecked = json_array_size(json_object_get(summary->report, "unchecked")),
           checked = json_array_size(json_object_get(summary->report, "checked"));
    const char *options;

    if (!unchecked)
        return "";
    options = more_to_give(summary);
    return thaw_summary_format(summary, "%zu of %zu rules lack what they need%s%s%s.", unchecked,
                               unchecked + checked, *options ? "; more can be told by " : "",
                               options, summary->lists_all ? "" : ": -f markdown lists them");
}

const char *const *thaw_lint_view_notes(struct thaw_summary *summary)
{
    static const char *const none[] = {NULL};
    const char *(*const notes[])(
        struct thaw_summary *) = {recording_note, unread_note,   unchecked_note, suppressed_note,
                                  below_note,     disabled_note, facts_note};
    enum { count = sizeof(notes) / sizeof(notes[0]) };
    const char **list = thaw_arena_allocate(&summary->arena, (count + 1) * sizeof(*list));
    size_t used = 0;

    summary->failed |= !list;
    for (size_t i = 0; list && i < count; i++) {
        list[used] = notes[i](summary);
        used += *list[used] != '\0';
    }
    if (list)
        list[used] = NULL;
    return list ? list : none;
}

/* --- findings --- */

const char *thaw_lint_view_place(struct thaw_summary *summary, const json_t *finding)
{
    const json_t *app = json_object_get(summary->report, "app"),
                 *location = json_object_get(finding, "location");
    uint64_t line = thaw_summary_number(location, "line"),
             column = thaw_summary_number(location, "column");
    const char *text = thaw_summary_text(summary, location, "file");
    const char *folder = thaw_summary_text(summary, app, "path");

    if (!*text)
        return "";
    if (!thaw_summary_is(location, "named"))
        text = thaw_lint_view_join(summary, folder, text);
    if (line)
        text = thaw_summary_format(summary, "%s:%" PRIu64, text, line);
    return line && column ? thaw_summary_format(summary, "%s:%" PRIu64, text, column) : text;
}

const char *thaw_lint_view_join(struct thaw_summary *summary, const char *folder, const char *file)
{
    size_t length;

    while (!strncmp(folder, "./", 2))
        folder += 2 + strspn(folder + 2, "/");
    for (length = strlen(folder); length > 1 && folder[length - 1] == '/';)
        length--;
    if (!length || !strcmp(folder, ".") || *file == '/')
        return file;
    return thaw_summary_format(summary, "%.*s%s%s", (int)length, folder,
                               length == 1 && *folder == '/' ? "" : "/", file);
}

const char *thaw_lint_view_source(struct thaw_summary *summary, const json_t *source)
{
    const char *url = thaw_summary_text(summary, source, "url"),
               *doubt = thaw_summary_text(summary, source, "doubt");

    return *url ? thaw_summary_format(summary, "%s (read on %s%s%s)", url,
                                      thaw_summary_text(summary, source, "dated"),
                                      *doubt ? "; " : "", doubt)
                : "";
}

/* What an unchecked rule needs. What it needs a recording to have doesn't matter to who has none:
 * these are one line. */
static const char *needs_of(struct thaw_summary *summary, size_t index)
{
    const json_t *list = json_object_get(summary->report, "unchecked");
    const char *needs = thaw_summary_text(summary, json_array_get(list, index), "needs");

    return json_is_object(json_object_get(summary->report, "recording")) ||
                   strncmp(needs, "a recording", 11) != 0
               ? needs
               : "a recording of this app (--recording)";
}

/* Is the need of entry number index told with one before it? */
static bool is_told(struct thaw_summary *summary, size_t index)
{
    const char *needs = needs_of(summary, index);

    for (size_t i = 0; i < index; i++)
        if (!strcmp(needs_of(summary, i), needs))
            return true;
    return false;
}

const char *const *thaw_lint_view_unchecked(struct thaw_summary *summary)
{
    static const char *const none[] = {NULL};
    const json_t *list = json_object_get(summary->report, "unchecked");
    size_t count = json_array_size(list), used = 0;
    const char **lines = thaw_arena_allocate(&summary->arena, (count + 1) * sizeof(*lines));

    summary->failed |= !lines;
    if (!lines)
        return none;
    for (size_t i = 0; i < count; i++) {
        const char *ids = "", *needs = needs_of(summary, i);

        if (is_told(summary, i))
            continue;
        for (size_t k = i; k < count; k++)
            if (!strcmp(needs_of(summary, k), needs))
                join(summary, &ids, thaw_summary_text(summary, json_array_get(list, k), "id"));
        lines[used++] = thaw_summary_format(summary, "%s: %s", needs, ids);
    }
    return lines;
}
