/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "native/closure_private.h"

/* More objects that load one another, with an RPATH each, than any program has. */
#define CHAIN_MAX 64

static uint32_t abi_number(struct thaw_object_abi abi)
{
    return (uint32_t)abi.machine << 2 | (uint32_t)abi.is_64bit << 1 | (uint32_t)abi.is_big_endian;
}

static bool is_same_folder(const char *path, const char *other)
{
    size_t length = (size_t)(strrchr(other, '/') - other);

    return strncmp(path, other, length + 1) == 0 && !strchr(path + length + 1, '/');
}

/* Found over a link into another folder, it has its $ORIGIN where the link is. */
static int place_load(struct thaw_closure *closure, const char *path, struct closure_load *load)
{
    const struct closure_node *node = closure->nodes.items[load->object];
    char plain[PATH_MAX];

    if ((!node->links.rpath && !node->links.runpath) || !closure_plain_path(path, plain) ||
        is_same_folder(plain, node->object.path))
        return 0;
    load->path = thaw_arena_string(&closure->arena, plain);
    return load->path ? closure_links(closure, &node->object, load->path, &load->links) : -ENOMEM;
}

int closure_load(struct thaw_closure *closure, uint32_t object, const char *path,
                 const struct closure_load *by, struct closure_load *ret)
{
    const struct closure_node *node = closure->nodes.items[object];
    int result;

    *ret = (struct closure_load){object, node->object.path, node->links, by, by ? by->scope : 0};
    result = place_load(closure, path, ret);
    if (result < 0 || !ret->links.rpath)
        return result;
    ret->scope = closure_triple(closure, &closure->scopes, ret->links.rpath, ret->scope, 0);
    return ret->scope ? 0 : -ENOMEM;
}

/* The object of the chain whose search path it was. */
static uint32_t owner_of(const struct closure_load *load, uint32_t link)
{
    if (!link)
        return THAW_CLOSURE_NONE;
    if (load->links.runpath == link)
        return load->object;
    for (; load; load = load->by)
        if (load->links.rpath == link)
            return load->object;
    return THAW_CLOSURE_NONE;
}

/* The object and those of the chain above it that have an RPATH, as the search wants them; true:
 * it is longer than that. */
static bool build_chain(const struct thaw_closure *closure, const struct closure_load *load,
                        struct thaw_search_loader *ret, uint32_t *links)
{
    size_t count = 0;

    for (const struct closure_load *at = load; at; at = at->by) {
        const struct closure_node *node = closure->nodes.items[at->object];

        if (at != load && !at->links.rpath)
            continue;
        if (count == CHAIN_MAX)
            return true;
        ret[count] = (struct thaw_search_loader){NULL, at->path, node->object.rpath,
                                                 node->object.runpath, node->object.abi};
        links[count] = at->links.runpath ? at->links.runpath : at->links.rpath;
        if (count)
            ret[count - 1].parent = &ret[count];
        count++;
    }
    return false;
}

static int search_anew(struct thaw_closure *closure, const struct closure_load *load,
                       const char *name, struct closure_memo *ret)
{
    struct thaw_search_loader chain[CHAIN_MAX];
    struct thaw_search_result result;
    uint32_t links[CHAIN_MAX];
    bool is_cut;
    int code;

    ret->object = THAW_CLOSURE_NONE;
    ret->path = ret->reason = "";
    ret->link = 0;
    if (closure->searches >= CLOSURE_SEARCHES_MAX)
        closure->was_cut = true;
    if (closure->was_cut)
        return 0;
    closure->searches++;
    closure->asking = load->object;
    is_cut = build_chain(closure, load, chain, links);
    code = thaw_search_library(closure->search, chain, name, &closure->arena, &result, NULL);
    if (code == -ENOENT) {
        closure->is_unsure |= is_cut;
        return 0;
    }
    if (code < 0)
        return code;
    ret->object = closure->found;
    ret->path = result.path;
    ret->reason = thaw_search_reason_name(result.reason);
    if (result.by)
        ret->link = links[result.by - chain];
    return 0;
}

static int remembered(struct thaw_closure *closure, const struct closure_load *load,
                      struct closure_text *name, struct closure_memo **ret)
{
    const struct closure_node *node = closure->nodes.items[load->object];
    struct closure_memo *memo, key;
    int result;

    memset(&key, 0, sizeof(key));
    key.key.name = name->id;
    key.key.abi = abi_number(node->object.abi);
    key.key.scope = load->scope;
    if (load->links.runpath)
        key.key.scope = closure_triple(closure, &closure->scopes, load->links.runpath, 0, 1);
    if (load->links.runpath && !key.key.scope)
        return -ENOMEM;
    HASH_FIND(hh, closure->memos, &key.key, sizeof(key.key), memo);
    *ret = memo;
    if (memo)
        return 0;
    memo = thaw_arena_allocate(&closure->arena, sizeof(*memo));
    if (!memo)
        return -ENOMEM;
    memo->key = key.key;
    result = search_anew(closure, load, name->text, memo);
    if (result < 0)
        return result;
    *ret = memo;
    /* A path may be relative to the object itself. */
    if (strchr(name->text, '/'))
        return 0;
    HASH_ADD(hh, closure->memos, key, sizeof(memo->key), memo);
    return memo->hh.tbl ? 0 : -ENOMEM;
}

int closure_search(struct thaw_closure *closure, const struct closure_load *load,
                   struct closure_text *name, struct thaw_closure_need *ret)
{
    struct closure_memo *memo;
    int result = remembered(closure, load, name, &memo);

    if (result < 0)
        return result;
    *ret = (struct thaw_closure_need){memo->object,      memo->path,
                                      memo->reason,      owner_of(load, memo->link),
                                      THAW_CLOSURE_NONE, THAW_CLOSURE_NONE};
    return 0;
}

/* The loads that one begins, in the loader's order: breadth first. */
struct follow {
    struct thaw_closure *closure;
    struct closure_load *items; /* never moved: they point to one another */
    size_t count;
    size_t capacity;
    enum closure_beginner beginner;
};

static void mark(const struct follow *follow, struct closure_text *name, uint32_t object,
                 uint32_t by)
{
    if (!name)
        return;
    if (follow->beginner == CLOSURE_EXECUTABLE && name->loaded == THAW_CLOSURE_NONE) {
        name->loaded = object;
        name->loaded_by = by;
    }
    if (name->stamp == follow->closure->stamp)
        return;
    name->stamp = follow->closure->stamp;
    name->object = object;
    name->object_by = by;
}

static int append(struct follow *follow, uint32_t object, const char *path,
                  const struct closure_load *by)
{
    struct closure_node *node = follow->closure->nodes.items[object];

    if (node->stamp == follow->closure->stamp || follow->count >= follow->capacity)
        return 0;
    node->stamp = follow->closure->stamp;
    return closure_load(follow->closure, object, path, by, &follow->items[follow->count++]);
}

static bool is_loaded_before(const struct thaw_closure *closure, const struct closure_text *name,
                             const struct closure_node *node)
{
    return name->loaded != THAW_CLOSURE_NONE &&
           thaw_object_abi_equal(closure->nodes.items[name->loaded]->object.abi, node->object.abi);
}

/* Was it a search path of the load that led there, or what it has loaded before? */
static uint32_t only_by(const struct follow *follow, const struct thaw_closure_need *need)
{
    bool is_inherited =
        need->owner != THAW_CLOSURE_NONE && strcmp(need->reason, "already loaded") != 0;

    return is_inherited ? need->owner : follow->items[0].object;
}

/*
 * What this load gives an object, against what it gets alone and what others gave it. Alone it
 * finds no more than with any load: what it finds so is missing for nobody.
 */
static void decide(const struct follow *follow, struct closure_node *node, size_t index,
                   const struct thaw_closure_need *found)
{
    struct thaw_closure_need *need = &node->needs[index];
    bool is_first = !node->is_decided[index] && !node->begins_load;
    uint32_t missing_by = need->missing_by;

    if (found->object == THAW_CLOSURE_NONE) {
        if (missing_by == THAW_CLOSURE_NONE && follow->beginner == CLOSURE_BEGINNER &&
            !follow->closure->was_cut && !closure_is_foreign(follow->closure, node))
            need->missing_by = follow->items[0].object;
        return;
    }
    if (need->object == THAW_CLOSURE_NONE || (is_first && need->object != found->object)) {
        *need = *found;
        need->only_by = only_by(follow, found);
        need->missing_by = missing_by;
    }
    node->is_decided[index] = true;
}

/* One name that an object needs. */
static int follow_need(struct follow *follow, const struct closure_load *load, size_t index)
{
    struct thaw_closure *closure = follow->closure;
    struct closure_node *node = closure->nodes.items[load->object];
    struct closure_text *name = node->names[index];
    struct thaw_closure_need need;
    int result = 0;

    if (is_loaded_before(closure, name, node))
        return 0;
    if (name->stamp == closure->stamp)
        need = (struct thaw_closure_need){
            name->object,      closure->nodes.items[name->object]->object.path,
            "already loaded",  name->object_by,
            THAW_CLOSURE_NONE, THAW_CLOSURE_NONE};
    else
        result = closure_search(closure, load, name, &need);
    if (result == 0 && follow->beginner != CLOSURE_EXECUTABLE)
        decide(follow, node, index, &need);
    if (result < 0 || need.object == THAW_CLOSURE_NONE)
        return result;
    mark(follow, name, need.object, load->object);
    if (!closure->is_musl)
        mark(follow, closure->nodes.items[need.object]->soname, need.object, load->object);
    return append(follow, need.object, need.path, load);
}

static int follow_load(struct follow *follow, const struct closure_load *load)
{
    struct thaw_closure *closure = follow->closure;
    struct closure_node *node = closure->nodes.items[load->object];
    int result = 0;

    node->is_reached = true;
    /* One that was found just now. */
    if (!node->needs && follow->beginner != CLOSURE_EXECUTABLE)
        result = closure_resolve_alone(closure);
    for (size_t i = 0; result == 0 && i < node->object.needed_count; i++) {
        if (++closure->steps > CLOSURE_STEPS_MAX) {
            closure->was_cut = true;
            break;
        }
        result = follow_need(follow, load, i);
    }
    return result;
}

/* One buffer for all: most have few objects, any may have all. */
static int make_room(struct thaw_closure *closure)
{
    size_t capacity = closure->nodes.count + CLOSURE_OUTSIDE_MAX;

    if (closure->load_capacity >= capacity)
        return 0;
    free(closure->loads);
    closure->load_capacity = 0;
    closure->loads = calloc(capacity, sizeof(*closure->loads));
    if (!closure->loads)
        return -ENOMEM;
    closure->load_capacity = capacity;
    return 0;
}

int closure_follow(struct thaw_closure *closure, const struct closure_load *first,
                   enum closure_beginner beginner)
{
    struct follow follow = {.closure = closure, .beginner = beginner};
    int result = make_room(closure);

    if (result < 0)
        return result;
    follow.items = closure->loads;
    follow.capacity = closure->load_capacity;
    closure->stamp++;
    result = append(&follow, first->object, first->path, first->by);
    if (!closure->is_musl)
        mark(&follow, closure->nodes.items[first->object]->soname, first->object,
             THAW_CLOSURE_NONE);
    for (size_t i = 0; result == 0 && i < follow.count; i++)
        result = follow_load(&follow, &follow.items[i]);
    return result;
}
