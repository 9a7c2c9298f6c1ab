/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "compare/diff_parts.h"
#include "compare/diff_view.h"
#include "report/target_view.h"

/* Where in the import tree the time changed: the branches that changed most, each below its own. */

enum { least_part = 100 }; /* of the larger total: a branch that changed less is left out */

struct branch {
    size_t parent, first, next; /* SIZE_MAX: none */
    int64_t change;
    bool shown;
    bool whole; /* it came or went: what is below it did with it */
};

struct branches {
    struct thaw_summary *summary;
    const json_t *tree;
    struct branch *items;
    size_t count;
    struct thaw_view_tree lines;
};

static int64_t number(const json_t *tree, const char *key, size_t place)
{
    return json_integer_value(json_array_get(json_object_get(tree, key), place));
}

static const char *word_of(const struct branches *branches, size_t place)
{
    const char *word =
        json_string_value(json_array_get(json_object_get(branches->tree, "change"), place));

    return word ? word : "";
}

/* Parents stand before their children: the last one first keeps the children's order. */
static bool read_tree(struct branches *branches)
{
    branches->count = json_array_size(json_object_get(branches->tree, "name"));
    branches->items = calloc(branches->count + 1, sizeof(*branches->items));
    for (size_t i = 0; branches->items && i < branches->count; i++) {
        struct branch *branch = &branches->items[i];
        int64_t parent = number(branches->tree, "parent", i);

        branch->parent = parent < 0 || (uint64_t)parent >= i ? SIZE_MAX : (size_t)parent;
        branch->first = branch->next = SIZE_MAX;
        branch->change = number(branches->tree, "after_total_ns", i) -
                         number(branches->tree, "before_total_ns", i);
        branch->whole = strcmp(word_of(branches, i), "same") != 0 &&
                        strcmp(word_of(branches, i), "changed") != 0;
    }
    for (size_t i = branches->count; branches->items && i-- > 0;) {
        size_t parent = branches->items[i].parent;

        if (parent == SIZE_MAX || branches->items[parent].whole)
            continue;
        branches->items[i].next = branches->items[parent].first;
        branches->items[parent].first = i;
    }
    return branches->items != NULL;
}

struct candidate {
    uint64_t size;
    size_t place;
};

static int by_size(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;

    if (a->size != b->size)
        return a->size < b->size ? 1 : -1;
    return a->place > b->place ? 1 : -1;
}

static bool is_within_whole(const struct branches *branches, size_t place)
{
    size_t parent = branches->items[place].parent;

    return parent != SIZE_MAX && branches->items[parent].whole;
}

/* The largest ones, and what is above them. Returns how many of what would be worth it. */
static size_t choose(struct branches *branches, size_t most, size_t *ret_worth)
{
    const json_t *total = json_object_get(thaw_diff_view_cold(branches->summary), "total_ns");
    uint64_t before = thaw_summary_number(total, "before_ns");
    uint64_t after = thaw_summary_number(total, "after_ns");
    uint64_t least = (before > after ? before : after) / least_part + 1;
    struct candidate *rows = calloc(branches->count + 1, sizeof(*rows));
    size_t count = 0, shown;

    branches->summary->failed |= !rows;
    for (size_t i = 0; rows && i < branches->count; i++) {
        struct branch *branch = &branches->items[i];

        if (is_within_whole(branches, i))
            branch->whole = true;
        else if (branch->parent != SIZE_MAX && thaw_differ_weight(branch->change) >= least)
            rows[count++] = (struct candidate){thaw_differ_weight(branch->change), i};
    }
    if (count)
        qsort(rows, count, sizeof(*rows), by_size);
    shown = count < most ? count : most;
    for (size_t i = 0; i < shown; i++)
        for (size_t at = rows[i].place; at != SIZE_MAX && !branches->items[at].shown;
             at = branches->items[at].parent)
            branches->items[at].shown = true;
    free(rows);
    *ret_worth = count;
    return shown;
}

static size_t next_shown(const struct branches *branches, size_t place)
{
    while (place != SIZE_MAX && !branches->items[place].shown)
        place = branches->items[place].next;
    return place;
}

static void write_branch(struct branches *branches, size_t place, size_t level)
{
    struct thaw_summary *summary = branches->summary;
    const struct branch *branch = &branches->items[place];
    const char *word = word_of(branches, place);
    bool is_last = next_shown(branches, branch->next) == SIZE_MAX;
    const char *note;

    if (!strcmp(word, "moved"))
        word = branch->change < 0 ? "moved away" : "moved here";
    if (branch->whole)
        note =
            thaw_summary_format(summary, "%s %s", word,
                                thaw_summary_duration(summary, thaw_differ_weight(branch->change)));
    else
        note = thaw_summary_format(
            summary, "%s%s (%s -> %s)", branch->change < 0 ? "-" : "+",
            thaw_summary_duration(summary, thaw_differ_weight(branch->change)),
            thaw_summary_duration(summary,
                                  (uint64_t)number(branches->tree, "before_total_ns", place)),
            thaw_summary_duration(summary,
                                  (uint64_t)number(branches->tree, "after_total_ns", place)));
    thaw_view_branch(summary, &branches->lines, level, is_last, THAW_STYLE_PLAIN,
                     thaw_summary_item(summary, branches->tree, "name", place),
                     branch->change > 0 ? THAW_STYLE_BAD : THAW_STYLE_GOOD, note);
}

/* Those that are shown, in preorder, without recursion. */
static void write_below(struct branches *branches, size_t root)
{
    size_t at = root, level = 0;

    while (at != SIZE_MAX) {
        size_t below = next_shown(branches, branches->items[at].first);

        write_branch(branches, at, level);
        if (below != SIZE_MAX && thaw_view_goes_below(branches->summary, &branches->lines, level)) {
            at = below;
            level++;
            continue;
        }
        while (at != root && next_shown(branches, branches->items[at].next) == SIZE_MAX) {
            at = branches->items[at].parent;
            level--;
        }
        at = at == root ? SIZE_MAX : next_shown(branches, branches->items[at].next);
    }
}

void thaw_diff_view_branches(const struct thaw_diff_view *view)
{
    struct branches branches = {
        .summary = view->summary,
        .tree = json_object_get(thaw_diff_view_cold(view->summary), "tree"),
    };
    size_t shown, worth;

    if (!read_tree(&branches)) {
        view->summary->failed = true;
        return;
    }
    shown = choose(&branches, view->top, &worth);
    if (shown)
        thaw_summary_title(view->summary, "Branches of the import tree that changed most");
    for (size_t i = 0; i < branches.count; i++)
        if (branches.items[i].parent == SIZE_MAX && branches.items[i].shown)
            write_below(&branches, i);
    if (shown)
        thaw_view_rest(view->summary, shown, worth, "branches");
    free(branches.items);
}
