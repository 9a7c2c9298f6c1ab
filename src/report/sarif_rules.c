/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/sarif.h"

/* Words that begin a paragraph of an explanation, as a title of it. */
static size_t title_length(const char *paragraph)
{
    static const char *const titles[] = {"Saving:", "How to change it:", "Risk:"};

    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
        if (!strncmp(paragraph, titles[i], strlen(titles[i])))
            return strlen(titles[i]);
    return 0;
}

/* Only what stands between backticks is marked in an explanation: the rest is text. */
static size_t escape(char *out, const char *text, size_t length)
{
    bool code = false;
    size_t used = 0;

    for (size_t i = 0; i < length; i++) {
        code ^= text[i] == '`';
        if (!code && strchr("\\*_[]<>&~#|$", text[i])) {
            if (out)
                out[used] = '\\';
            used++;
        }
        if (out)
            out[used] = text[i];
        used++;
    }
    return used;
}

static const char *escaped(struct thaw_summary *summary, const char *text, size_t length)
{
    char *out = thaw_arena_allocate(&summary->arena, escape(NULL, text, length) + 1);

    summary->failed |= !out;
    if (out)
        escape(out, text, length);
    return out ? out : "";
}

/* An explanation as Markdown; what stands out at a terminal by its place is strong. */
static const char *markdown(struct thaw_summary *summary, const struct thaw_finding_kind *kind)
{
    const char *text = "";

    for (const char *paragraph = kind->explanation; *paragraph;) {
        const char *end = strstr(paragraph, "\n\n");
        size_t length = end ? (size_t)(end - paragraph) : strlen(paragraph);
        size_t title = title_length(paragraph);

        text = thaw_summary_format(summary, "%s%s%.*s%s%s\n\n", text, title ? "**" : "", (int)title,
                                   paragraph, title ? "**" : "",
                                   escaped(summary, paragraph + title, length - title));
        paragraph += length + (end ? 2 : 0);
    }
    return thaw_summary_format(summary, "%s**Looked for when there is:** %s.\n", text,
                               escaped(summary, kind->needs, strlen(kind->needs)));
}

static json_t *text_of(struct thaw_sarif *sarif, const char *text, size_t length)
{
    json_t *object = thaw_values_object(&sarif->values);

    thaw_values_set_text(&sarif->values, object, "text",
                         thaw_summary_format(&sarif->summary, "%.*s", (int)length, text));
    return object;
}

static json_t *help(struct thaw_sarif *sarif, const struct thaw_finding_kind *kind)
{
    struct thaw_summary *summary = &sarif->summary;
    const char *text = thaw_summary_format(summary, "%s\n\nLooked for when there is: %s.",
                                           kind->explanation, kind->needs);
    json_t *object = text_of(sarif, text, strlen(text));

    thaw_values_set_text(&sarif->values, object, "markdown", markdown(summary, kind));
    return object;
}

/* The words of GitHub, by which it sorts. */
static const char *problem_severity(const char *severity)
{
    return !strcmp(severity, "note") ? "recommendation" : severity;
}

static json_t *properties(struct thaw_sarif *sarif, const char *severity)
{
    json_t *object = thaw_values_object(&sarif->values), *tags = thaw_values_array(&sarif->values);

    thaw_values_append(&sarif->values, tags, json_string("cold-start"));
    thaw_values_append(&sarif->values, tags, json_string("performance"));
    thaw_values_append(&sarif->values, tags, json_string("python"));
    thaw_values_set(&sarif->values, object, "tags", tags);
    thaw_values_set_text(&sarif->values, object, "problem.severity", problem_severity(severity));
    return object;
}

/* title: "an import that can wait for …"; a rule's begins with a capital. */
static json_t *short_description(struct thaw_sarif *sarif, const char *title)
{
    char first = title[0] >= 'a' && title[0] <= 'z' ? (char)(title[0] - 'a' + 'A') : title[0];
    const char *text = thaw_summary_format(&sarif->summary, "%c%s.", first, title + (first != 0));

    return text_of(sarif, text, strlen(text));
}

void thaw_sarif_rule(struct thaw_sarif *sarif, const char *id, const struct thaw_finding_kind *kind)
{
    json_t *object, *configuration;
    const char *end = kind ? strstr(kind->explanation, "\n\n") : NULL;
    json_int_t number = (json_int_t)json_array_size(sarif->rules);

    if (json_object_get(sarif->numbers, id))
        return;
    object = thaw_values_object(&sarif->values);
    thaw_values_set_text(&sarif->values, object, "id", id);
    if (kind) {
        configuration = thaw_values_object(&sarif->values);
        thaw_values_set(&sarif->values, object, "shortDescription",
                        short_description(sarif, kind->title));
        thaw_values_set(&sarif->values, object, "fullDescription",
                        text_of(sarif, kind->explanation,
                                end ? (size_t)(end - kind->explanation)
                                    : strlen(kind->explanation)));
        thaw_values_set(&sarif->values, object, "help", help(sarif, kind));
        thaw_values_set_text(&sarif->values, configuration, "level", kind->severity);
        thaw_values_set(&sarif->values, object, "defaultConfiguration", configuration);
        thaw_values_set(&sarif->values, object, "properties", properties(sarif, kind->severity));
    }
    thaw_values_set(&sarif->values, sarif->numbers, id, json_integer(number));
    thaw_values_append(&sarif->values, sarif->rules, object);
}
