/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "report/keys.h"
#include "report/target_view.h"

size_t thaw_view_rows(const struct thaw_summary *summary, size_t usual)
{
    return summary->view.top ? summary->view.top : usual;
}

void thaw_view_rest(struct thaw_summary *summary, size_t shown, size_t all, const char *what)
{
    if (all > shown)
        thaw_summary_bullet(summary, THAW_STYLE_FAINT,
                            thaw_summary_format(summary, "further %s: %s (--top NUMBER shows more)",
                                                what, thaw_summary_count(summary, all - shown)));
}

const char *thaw_view_many(struct thaw_summary *summary, uint64_t count, const char *one,
                           const char *many)
{
    return thaw_summary_format(summary, "%s %s", thaw_summary_count(summary, count),
                               count == 1 ? one : many);
}

const char *thaw_view_package(struct thaw_summary *summary, const json_t *distribution)
{
    const char *version = thaw_summary_text(summary, distribution, "version");

    return thaw_summary_format(summary, "%s%s%s", thaw_summary_text(summary, distribution, "name"),
                               *version ? " " : "", version);
}

bool thaw_view_is_unasked(const json_t *distribution)
{
    return !thaw_summary_is(distribution, "direct") &&
           json_array_size(json_object_get(distribution, "why")) < 2;
}

bool thaw_view_is_top(const json_t *distribution)
{
    return thaw_summary_is(distribution, "direct") &&
           json_array_size(json_object_get(distribution, "why")) < 2;
}

/* "requirements.txt:12": lines have their numbers, files of the app have none. */
static bool is_line(const char *text)
{
    const char *colon = strrchr(text, ':');

    return colon && colon[1] && !colon[1 + strspn(colon + 1, "0123456789")];
}

static bool is_source(const char *text)
{
    size_t length = strlen(text);

    return length > 3 && strcmp(text + length - 3, ".py") == 0;
}

const char *thaw_view_asker(struct thaw_summary *summary, const json_t *distribution, size_t index)
{
    const char *text = thaw_summary_item(summary, distribution, "required_by", index);

    if (!thaw_summary_is(distribution, "imported_by_app") || !is_source(text))
        return text;
    return thaw_summary_format(summary, "imported by %s", text);
}

size_t thaw_view_more_askers(struct thaw_summary *summary, const json_t *distribution)
{
    size_t links = json_array_size(json_object_get(distribution, "why"));
    size_t count = json_array_size(json_object_get(distribution, "required_by"));
    const char *told;

    if (links < 2)
        return thaw_view_is_top(distribution) ? count : 0;
    told = thaw_summary_item(summary, distribution, "why", links - 2);
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(thaw_summary_item(summary, distribution, "required_by", i), told))
            return count - 1;
    }
    return count;
}

const char *thaw_view_why(struct thaw_summary *summary, const json_t *distribution)
{
    size_t count = json_array_size(json_object_get(distribution, "why"));
    const char *text = "";

    if (thaw_view_is_unasked(distribution))
        return json_array_size(json_object_get(distribution, "required_by"))
                   ? "only a cycle asks for it"
                   : "nothing asks for it";
    if (count < 2)
        return "asked for directly";
    text = thaw_summary_item(summary, distribution, "why", 0);
    if (count == 2 && thaw_summary_is(distribution, "imported_by_app") && !is_line(text))
        return thaw_summary_format(summary, "imported by %s", text);
    for (size_t i = 1; i + 1 < count; i++)
        text = thaw_summary_format(summary, "%s > %s", text,
                                   thaw_summary_item(summary, distribution, "why", i));
    return *text ? text : "asked for directly";
}

const char *thaw_view_why_more(struct thaw_summary *summary, const json_t *distribution)
{
    size_t more = thaw_view_more_askers(summary, distribution);
    const char *text = thaw_view_why(summary, distribution);

    return more ? thaw_summary_format(summary, "%s +%zu", text, more) : text;
}

const char *thaw_view_path(struct thaw_summary *summary, const json_t *object, const char *key)
{
    const char *path = thaw_summary_text(summary, object, key);

    return *path ? path : ".";
}

const char *thaw_view_object(struct thaw_summary *summary, const json_t *object, const char *key)
{
    const json_t *target = json_object_get(summary->report, "target");
    bool is_one = json_array_size(json_object_get(target, "sites")) == 1;
    const char *site = is_one ? thaw_summary_item(summary, target, "sites", 0) : "";
    const char *path = thaw_summary_text(summary, object, key), *tag;
    size_t length = strlen(site);

    if (length && !strncmp(path, site, length) && path[length] == '/')
        path += length + 1;
    tag = strstr(path, ".cpython-");
    if (!tag || strchr(tag, '/') || strcmp(path + strlen(path) - 3, ".so") != 0)
        return path;
    return thaw_summary_format(summary, "%.*s.so", (int)(tag - path), path);
}

bool thaw_view_has_libraries(struct thaw_summary *summary)
{
    if (json_is_array(json_object_get(summary->report, "libraries")))
        return true;
    thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "",
                           "Shared objects were not looked at (--no-libraries).");
    return false;
}

const char *thaw_view_likeness(const json_t *duplicate)
{
    const char *kind = thaw_key_string(duplicate, "kind");

    if (!strcmp(kind, "content"))
        return "equal";
    return !strcmp(kind, "build-id") ? "one build, changed afterwards"
                                     : "same library, other builds";
}

struct ranked {
    const json_t *object;
    uint64_t number;
    size_t place;
};

static int compare(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;

    if (a->number != b->number)
        return a->number > b->number ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

const json_t **thaw_view_sorted(struct thaw_summary *summary, const json_t *list, const char *key)
{
    size_t count = json_array_size(list);
    struct ranked *ranks = thaw_arena_allocate(&summary->arena, (count + 1) * sizeof(*ranks));
    const json_t **sorted = thaw_arena_allocate(&summary->arena, (count + 1) * sizeof(*sorted));

    if (!ranks || !sorted) {
        summary->failed = true;
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *object = json_array_get(list, i);

        ranks[i] = (struct ranked){object, thaw_summary_number(object, key), i};
    }
    qsort(ranks, count, sizeof(*ranks), compare);
    for (size_t i = 0; i < count; i++)
        sorted[i] = ranks[i].object;
    return sorted;
}
