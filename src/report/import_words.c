/* SPDX-License-Identifier: Apache-2.0 */
#include "report/import_words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/keys.h"

static const char *mark_of(const json_t *module)
{
    static const struct {
        const char *status, *mark;
    } marks[] = {{"failed", " (failed)"},
                 {"not-found", " (not found)"},
                 {"unfinished", " (unfinished)"}};
    const char *status = thaw_key_string(module, "status");

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (!strcmp(marks[i].status, status))
            return marks[i].mark;
    return "";
}

bool thaw_import_is_bad(const json_t *module)
{
    return *mark_of(module);
}

const char *thaw_import_name(struct thaw_summary *summary, const json_t *module, size_t columns)
{
    const char *name = thaw_summary_text(summary, module, "name"), *mark = mark_of(module);
    size_t taken = strlen(mark);

    name = thaw_summary_fit_end(summary, name, columns > taken + 1 ? columns - taken : 1);
    return *mark ? thaw_summary_format(summary, "%s%s", name, mark) : name;
}

const char *thaw_import_from(struct thaw_summary *summary, const json_t *module)
{
    const char *distribution = thaw_summary_text(summary, module, "distribution");

    return *distribution ? distribution : thaw_summary_text(summary, module, "owner");
}

const char *thaw_import_time(struct thaw_summary *summary, const json_t *module, const char *key)
{
    return json_is_integer(json_object_get(module, key))
               ? thaw_summary_duration(summary, thaw_summary_number(module, key))
               : "-";
}

const char *thaw_import_process(struct thaw_summary *summary, uint64_t id)
{
    const json_t *process = thaw_summary_process(summary, id);
    const char *role = thaw_summary_text(summary, process, "role");

    if (!process)
        return "a process that is not known";
    return thaw_summary_format(summary, "%s %" PRIu64, *role ? role : "process",
                               thaw_summary_number(process, "pid"));
}

#define BY_START "start_ns"

static const struct thaw_report_sort sorts[] = {
    {"total", "total_ns", "time with all that it imports"},
    {"self", "self_ns", "time of its own"},
    {"retained", "retained_ns", "time that would go if nothing imported it"},
    {"start", BY_START, "when it began, the first one first"},
    {"name", NULL, "name"},
    {0},
};

const struct thaw_report_sort *thaw_report_import_sorts(void)
{
    return sorts;
}

static int by_number(const void *left, const void *right)
{
    const struct thaw_import_rank *a = left, *b = right;

    if (a->number != b->number)
        return a->number > b->number ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

static int by_name(const void *left, const void *right)
{
    const struct thaw_import_rank *a = left, *b = right;
    int order = strcmp(thaw_key_string(a->object, "name"), thaw_key_string(b->object, "name"));

    return order ? order : a->place < b->place ? -1 : a->place > b->place;
}

void thaw_import_sort(const struct thaw_summary *summary, struct thaw_import_rank *items,
                      size_t count, const char *usual)
{
    const char *word = summary->view.sort ? summary->view.sort : usual;
    const struct thaw_report_sort *sort = sorts;

    while (sort->word && strcmp(sort->word, word) != 0)
        sort++;
    for (size_t i = 0; sort->key && i < count; i++) {
        items[i].number = thaw_summary_number(items[i].object, sort->key);
        if (!strcmp(sort->key, BY_START))
            items[i].number = UINT64_MAX - items[i].number;
    }
    qsort(items, count, sizeof(*items), sort->key ? by_number : by_name);
}
