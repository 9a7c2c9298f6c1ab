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

const char *thaw_view_why(struct thaw_summary *summary, const json_t *distribution)
{
    size_t count = json_array_size(json_object_get(distribution, "why"));
    const char *text = "";

    if (thaw_view_is_unasked(distribution))
        return "nothing asks for it";
    if (count < 2)
        return "top level";
    for (size_t i = 0; i + 1 < count; i++)
        text = thaw_summary_format(summary, "%s%s%s", text, i ? " > " : "",
                                   thaw_summary_item(summary, distribution, "why", i));
    return *text ? text : "top level";
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
    return !strcmp(kind, "build-id") ? "one build, changed afterwards" : "one name";
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
