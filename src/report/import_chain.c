/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "report/import_chain.h"
#include "report/keys.h"
#include "report/shown_text.h"
#include "report/summary.h"

enum { most_levels = 1000 }; /* Python itself goes no deeper */

const json_t *thaw_import_place(const json_t *module, const json_t *above, uint64_t *ret_line)
{
    const json_t *statement = json_object_get(module, "statement");
    const json_t *place = statement ? statement : above;

    if (!statement && strcmp(thaw_key_string(above, "owner"), "app") != 0)
        return NULL;
    if (!json_is_string(json_object_get(place, "file")))
        return NULL;
    if (ret_line)
        *ret_line = thaw_summary_number(statement, "line");
    return place;
}

static const json_t *above(const struct thaw_import_tree *tree, size_t node)
{
    size_t parent = tree->nodes[node].parent;

    return parent == THAW_IMPORT_NONE ? NULL : tree->nodes[parent].module;
}

/* Is one name in a row that is too long, neither of its beginning nor of its end? */
static bool is_left_out(size_t link, size_t count)
{
    return count > THAW_IMPORT_CHAIN_LINKS && link >= THAW_IMPORT_CHAIN_LINKS / 2 &&
           link < count - THAW_IMPORT_CHAIN_LINKS / 2;
}

static const char *joined(struct thaw_arena *arena, const struct thaw_import_tree *tree,
                          const size_t *links, size_t count)
{
    const char *text = "";

    for (size_t link = 0; text && link < count; link++) {
        const char *name;

        if (is_left_out(link, count)) {
            if (!is_left_out(link - 1, count))
                text = thaw_arena_format(arena, "%s > \xE2\x80\xA6", text);
            continue;
        }
        name = thaw_shown_text(arena, tree->nodes[links[count - 1 - link]].module, "name");
        text = name ? thaw_arena_format(arena, "%s%s%s", text, *text ? " > " : "", name) : NULL;
    }
    return text;
}

int thaw_import_chain(struct thaw_arena *arena, const struct thaw_import_tree *tree, size_t node,
                      struct thaw_import_chain *ret)
{
    size_t links[most_levels], count = 0, used = 0;

    *ret = (struct thaw_import_chain){0};
    for (size_t at = node; at != THAW_IMPORT_NONE && count < most_levels;
         at = tree->nodes[at].parent) {
        struct thaw_import_from from = {.module = above(tree, at)};

        links[count++] = at;
        from.place = thaw_import_place(tree->nodes[at].module, from.module, &from.line);
        if (!from.place)
            continue;
        used = count + 1; /* with the one that is the user's */
        ret->first = from;
        if (!ret->nearest.place)
            ret->nearest = from;
    }
    ret->names = joined(arena, tree, links, used && used < count ? used : count);
    return ret->names ? 0 : -ENOMEM;
}
