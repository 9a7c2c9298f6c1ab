/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "report/target_view.h"
#include "report/writers.h"

/* `--view files`: the target's folders as a tree, largest first, by what they take on the disk. */

enum { usual_depth = 3, usual_rows = 8, nearly_all = 50, size_columns = 9 };

struct node {
    const json_t *folder;
    const char *path; /* as the report has it: parents are found by it */
    const struct node *parent;
    uint64_t bytes;
};

struct folders {
    struct thaw_summary *summary;
    struct node *nodes;           /* by path */
    const struct node **children; /* by parent (first those that have none), largest first */
    size_t count;
    uint64_t whole;
    struct thaw_view_tree tree;
};

static int compare_paths(const void *left, const void *right)
{
    return strcmp(((const struct node *)left)->path, ((const struct node *)right)->path);
}

static int compare_children(const void *left, const void *right)
{
    const struct node *a = *(const struct node *const *)left;
    const struct node *b = *(const struct node *const *)right;

    if (a->parent != b->parent)
        return a->parent < b->parent ? -1 : 1;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    return strcmp(a->path, b->path);
}

static const struct node *find(const struct folders *it, const char *path)
{
    const struct node key = {.path = path};

    return bsearch(&key, it->nodes, it->count, sizeof(key), compare_paths);
}

/* The nearest folder above one that is in the report, NULL none. */
static const struct node *parent_of(struct folders *it, const struct node *node)
{
    char *path = thaw_arena_allocate(&it->summary->arena, strlen(node->path) + 1);
    const struct node *parent = NULL;

    it->summary->failed |= !path;
    if (!path)
        return NULL;
    strcpy(path, node->path);
    while (!parent && *path) {
        char *slash = strrchr(path, '/');

        *(slash ? slash : path) = '\0';
        parent = find(it, path);
    }
    return parent;
}

static bool prepare(struct folders *it, const json_t *list)
{
    struct thaw_arena *arena = &it->summary->arena;

    it->count = json_array_size(list);
    it->nodes = thaw_arena_allocate(arena, (it->count + 1) * sizeof(*it->nodes));
    it->children = thaw_arena_allocate(arena, (it->count + 1) * sizeof(*it->children));
    it->summary->failed |= !it->nodes || !it->children;
    if (it->summary->failed)
        return false;
    for (size_t i = 0; i < it->count; i++) {
        const json_t *folder = json_array_get(list, i);
        const char *path = json_string_value(json_object_get(folder, "path"));

        it->nodes[i] = (struct node){.folder = folder,
                                     .path = path ? path : "",
                                     .bytes = thaw_summary_number(folder, "disk_bytes")};
    }
    qsort(it->nodes, it->count, sizeof(*it->nodes), compare_paths);
    for (size_t i = 0; i < it->count; i++) {
        it->nodes[i].parent = parent_of(it, &it->nodes[i]);
        it->children[i] = &it->nodes[i];
    }
    qsort(it->children, it->count, sizeof(*it->children), compare_children);
    return !it->summary->failed;
}

/* Where the children of a node (NULL: the roots) begin. */
static size_t first_child(const struct folders *it, const struct node *parent)
{
    size_t low = 0, high = it->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (it->children[middle]->parent < parent)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Its path without that of the folder shown above. */
static const char *own_name(struct thaw_summary *summary, const struct node *node,
                            const struct node *parent)
{
    const char *path = thaw_view_path(summary, node->folder, "path");
    const char *above = parent ? thaw_summary_text(summary, parent->folder, "path") : "";
    size_t length = strlen(above);

    return length && !strncmp(path, above, length) && path[length] == '/' ? path + length + 1
                                                                          : path;
}

static void write_node(struct folders *it, const struct node *node, const struct node *parent,
                       size_t level, bool is_last)
{
    struct thaw_summary *summary = it->summary;
    const char *owner = thaw_summary_text(summary, node->folder, "distribution");
    bool is_told =
        parent && !strcmp(owner, thaw_summary_text(summary, parent->folder, "distribution"));

    fprintf(summary->stream, "%*s  ", size_columns, thaw_summary_size(summary, node->bytes));
    thaw_view_branch(
        summary, &it->tree, level, is_last, level ? THAW_STYLE_PLAIN : THAW_STYLE_STRONG,
        thaw_summary_fit_end(summary, own_name(summary, node, parent), summary->width / 2),
        THAW_STYLE_FAINT,
        thaw_summary_format(
            summary, "%s, %s%s%s", thaw_summary_share(summary, node->bytes, it->whole),
            thaw_view_many(summary, thaw_summary_number(node->folder, "files"), "file", "files"),
            *owner && !is_told ? ", " : "", is_told ? "" : owner));
}

/* Where the children of a node end. */
static size_t last_child(const struct folders *it, const struct node *parent, size_t begin)
{
    while (begin < it->count && it->children[begin]->parent == parent)
        begin++;
    return begin;
}

/* The innermost folder that holds all that one holds: what lies between says nothing. */
static const struct node *innermost(const struct folders *it, const struct node *node)
{
    for (;;) {
        size_t begin = first_child(it, node);

        if (last_child(it, node, begin) != begin + 1 ||
            it->children[begin]->bytes < node->bytes / nearly_all * (nearly_all - 1))
            return node;
        node = it->children[begin];
    }
}

static void write_children(struct folders *it, const struct node *parent, size_t level, size_t most)
{
    size_t begin = first_child(it, parent), end = last_child(it, parent, begin);

    for (size_t i = begin; i < end; i++) {
        const struct node *node;

        if (i == begin + most)
            break;
        node = innermost(it, it->children[i]);
        write_node(it, node, it->children[i]->parent, level, i + 1 == end);
        if (thaw_view_goes_below(it->summary, &it->tree, level))
            write_children(it, node, level + 1, most);
    }
    if (end - begin <= most)
        return;
    fprintf(it->summary->stream, "%*s  ", size_columns, "");
    thaw_view_branch(it->summary, &it->tree, level, true, THAW_STYLE_FAINT,
                     thaw_summary_format(it->summary, "%zu more", end - begin - most),
                     THAW_STYLE_PLAIN, "");
}

int thaw_write_folders(const json_t *report, const struct thaw_report_options *options,
                       FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;
    struct folders it = {.summary = &summary, .tree.lead_columns = size_columns + 2};

    thaw_summary_begin(&summary, report, options, stream);
    if (!summary.view.depth)
        summary.view.depth = usual_depth;
    it.whole = thaw_summary_number(json_object_get(report, "totals"), "disk_bytes");
    if (prepare(&it, json_object_get(report, "folders")))
        write_children(&it, NULL, 0, thaw_view_rows(&summary, usual_rows));
    thaw_target_kinds(&summary);
    return thaw_summary_end(&summary, error);
}
