/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "native/closure_private.h"
#include "native/root.h"

/* Of one object's needs, those before that are looked at for one that has the name as SONAME. */
#define BEFORE_MAX 64

struct closure_text *closure_text(struct thaw_closure *closure, const char *text)
{
    struct closure_text *entry;

    HASH_FIND_STR(closure->texts, text, entry);
    if (entry)
        return entry;
    entry = thaw_arena_allocate(&closure->arena, sizeof(*entry));
    if (!entry)
        return NULL;
    entry->text = thaw_arena_string(&closure->arena, text);
    entry->id = HASH_COUNT(closure->texts) + 1;
    entry->loaded = entry->loaded_by = THAW_CLOSURE_NONE;
    if (!entry->text)
        return NULL;
    HASH_ADD_KEYPTR(hh, closure->texts, entry->text, strlen(entry->text), entry);
    return entry->hh.tbl ? entry : NULL;
}

uint32_t closure_triple(struct thaw_closure *closure, struct closure_triple **table, uint32_t first,
                        uint32_t second, uint32_t third)
{
    uint32_t key[3] = {first, second, third};
    struct closure_triple *entry;

    HASH_FIND(hh, *table, key, sizeof(key), entry);
    if (entry)
        return entry->id;
    entry = thaw_arena_allocate(&closure->arena, sizeof(*entry));
    if (!entry)
        return 0;
    memcpy(entry->key, key, sizeof(key));
    entry->id = HASH_COUNT(*table) + 1;
    HASH_ADD(hh, *table, key, sizeof(key), entry);
    return entry->hh.tbl ? entry->id : 0;
}

int thaw_closure_open(const struct thaw_closure_options *options, struct thaw_closure **ret,
                      struct thaw_error *error)
{
    struct thaw_closure *closure = calloc(1, sizeof(*closure));
    struct thaw_search_files files = {closure_fits, closure_has_folder, closure};
    int result;

    if (!closure)
        return thaw_error_memory(error);
    closure->options = *options;
    result = thaw_search_open(options->root, options->library_path, &closure->search, error);
    if (result == 0 && options->loader)
        result = thaw_search_set_loader(closure->search, options->loader, error);
    if (result < 0) {
        thaw_closure_close(closure);
        return result;
    }
    closure->is_musl = thaw_search_is_musl(closure->search);
    thaw_search_use(closure->search, &files);
    *ret = closure;
    return 0;
}

void thaw_closure_close(struct thaw_closure *closure)
{
    if (!closure)
        return;
    HASH_CLEAR(hh, closure->texts);
    HASH_CLEAR(hh, closure->links);
    HASH_CLEAR(hh, closure->scopes);
    HASH_CLEAR(hh, closure->memos);
    HASH_CLEAR(hh, closure->places);
    HASH_CLEAR(hh, closure->inodes);
    HASH_CLEAR(hh, closure->refused);
    thaw_array_free(&closure->nodes);
    thaw_array_free(&closure->refusals);
    thaw_search_close(closure->search);
    thaw_arena_free(&closure->arena);
    free(closure->loads);
    free(closure);
}

/* A search path with the folder it may be relative to; 0 with -ENOMEM in *result, or none. */
static uint32_t link_of(struct thaw_closure *closure, const char *list, const char *path,
                        int *result)
{
    const char *slash = strrchr(path, '/');
    const struct closure_text *text, *folder = NULL;
    uint32_t link;

    if (!*list)
        return 0;
    text = closure_text(closure, list);
    if (strchr(list, '$')) {
        const char *origin =
            thaw_arena_text(&closure->arena, path, slash ? (size_t)(slash - path) : 0);

        folder = origin ? closure_text(closure, origin) : NULL;
        if (!folder)
            text = NULL;
    }
    link =
        text ? closure_triple(closure, &closure->links, text->id, folder ? folder->id : 0, 0) : 0;
    if (!link)
        *result = -ENOMEM;
    return link;
}

int closure_links(struct thaw_closure *closure, const struct thaw_closure_object *object,
                  const char *path, struct closure_links *ret)
{
    int result = 0;

    *ret = (struct closure_links){0};
    if (closure->is_musl) {
        ret->rpath =
            link_of(closure, *object->runpath ? object->runpath : object->rpath, path, &result);
        return result;
    }
    ret->runpath = link_of(closure, object->runpath, path, &result);
    if (!*object->runpath)
        ret->rpath = link_of(closure, object->rpath, path, &result);
    return result;
}

int closure_node(struct thaw_closure *closure, const struct thaw_closure_object *object)
{
    struct closure_node *node = thaw_arena_allocate(&closure->arena, sizeof(*node));
    struct closure_node **slot;
    int result;

    if (!node)
        return -ENOMEM;
    node->object = *object;
    result = closure_links(closure, object, object->path, &node->links);
    node->names =
        thaw_arena_allocate(&closure->arena, (object->needed_count + 1) * sizeof(*node->names));
    if (*object->soname) {
        node->soname = closure_text(closure, object->soname);
        if (!node->soname)
            return -ENOMEM;
    }
    for (size_t i = 0; result == 0 && node->names && i < object->needed_count; i++) {
        node->names[i] = closure_text(closure, object->needed[i]);
        if (!node->names[i])
            return -ENOMEM;
    }
    slot = result == 0 && node->names ? thaw_array_add(&closure->nodes) : NULL;
    if (!slot)
        return -ENOMEM;
    *slot = node;
    return 0;
}

int thaw_closure_add(struct thaw_closure *closure, const struct thaw_closure_object *object,
                     struct thaw_error *error)
{
    struct closure_place *place = thaw_arena_allocate(&closure->arena, sizeof(*place));
    struct closure_place *known;

    if (!place || closure_node(closure, object) < 0)
        return thaw_error_memory(error);
    for (size_t i = 0; i < object->needed_count; i++)
        if (closure->nodes.items[closure->own]->names[i] !=
            closure->nodes.items[closure->own]->soname)
            closure->nodes.items[closure->own]->names[i]->is_needed = true;
    closure->own = closure->nodes.count;
    HASH_FIND_STR(closure->places, object->path, known);
    if (known)
        return 0;
    place->path = object->path;
    place->object = (uint32_t)closure->nodes.count - 1;
    HASH_ADD_KEYPTR(hh, closure->places, place->path, strlen(place->path), place);
    return place->hh.tbl ? 0 : thaw_error_memory(error);
}

int thaw_closure_execute(struct thaw_closure *closure, const char *path, struct thaw_error *error)
{
    int result = closure_find(closure, path, THAW_SEARCH_CACHE);

    if (result == 0 && closure->found == THAW_CLOSURE_NONE)
        return thaw_error_set(error, -ENOENT, "%s: cannot be read as an executable", path);
    if (result == 0)
        path = closure->nodes.items[closure->found]->object.path;
    if (result == 0)
        result = thaw_search_set_program(closure->search, path, NULL);
    if (result == 0)
        result = closure_load(closure, closure->found, path, NULL, &closure->executable);
    if (result == 0)
        result = closure_follow(closure, &closure->executable, CLOSURE_EXECUTABLE);
    closure->has_executable = result == 0;
    return result < 0 ? thaw_error_memory(error) : 0;
}

/* With glibc: has the object itself, or one that it needs and is loaded before, the name as SONAME?
 */
static bool is_loaded_by_itself(const struct thaw_closure *closure, uint32_t object, size_t index,
                                struct thaw_closure_need *ret)
{
    const struct closure_node *node = closure->nodes.items[object];
    uint32_t found = node->soname == node->names[index] ? object : THAW_CLOSURE_NONE;

    if (closure->is_musl)
        return false;
    for (size_t i = 0; found == THAW_CLOSURE_NONE && i < index && i < BEFORE_MAX; i++) {
        uint32_t before = node->needs[i].object;

        if (before != THAW_CLOSURE_NONE &&
            closure->nodes.items[before]->soname == node->names[index])
            found = before;
    }
    if (found == THAW_CLOSURE_NONE)
        return false;
    *ret = (struct thaw_closure_need){found,
                                      closure->nodes.items[found]->object.path,
                                      "already loaded",
                                      object,
                                      THAW_CLOSURE_NONE,
                                      THAW_CLOSURE_NONE};
    return true;
}

bool closure_is_foreign(const struct thaw_closure *closure, const struct closure_node *node)
{
    const struct thaw_object_abi *own = closure->options.own_abi;

    return own && !thaw_object_abi_equal(node->object.abi, *own);
}

static int resolve_need(struct thaw_closure *closure, const struct closure_load *load, size_t index)
{
    const struct closure_node *node = closure->nodes.items[load->object];
    const struct closure_text *name = node->names[index];
    struct thaw_closure_need *need = &node->needs[index];
    int result;

    if (name->loaded != THAW_CLOSURE_NONE &&
        thaw_object_abi_equal(closure->nodes.items[name->loaded]->object.abi, node->object.abi)) {
        *need = (struct thaw_closure_need){
            name->loaded,      closure->nodes.items[name->loaded]->object.path,
            "already loaded",  name->loaded_by,
            THAW_CLOSURE_NONE, THAW_CLOSURE_NONE};
        return 0;
    }
    if (is_loaded_by_itself(closure, load->object, index, need))
        return 0;
    result = closure_search(closure, load, node->names[index], need);
    closure->is_unsure |= need->object == THAW_CLOSURE_NONE && index > BEFORE_MAX;
    if (result == 0 && need->object == THAW_CLOSURE_NONE && closure_is_foreign(closure, node))
        need->reason = "other machine";
    return result;
}

int closure_resolve_alone(struct thaw_closure *closure)
{
    for (; closure->resolved < closure->nodes.count; closure->resolved++) {
        uint32_t index = (uint32_t)closure->resolved;
        struct closure_node *node = closure->nodes.items[index];
        const struct closure_load *by = closure->has_executable ? &closure->executable : NULL;
        struct closure_load load;
        int result = closure_load(closure, index, node->object.path, by, &load);

        if (result < 0)
            return result;
        node->needs = thaw_arena_allocate(&closure->arena,
                                          (node->object.needed_count + 1) * sizeof(*node->needs));
        node->is_decided = thaw_arena_allocate(&closure->arena, node->object.needed_count + 1);
        if (!node->needs || !node->is_decided)
            return -ENOMEM;
        for (size_t i = 0; i < node->object.needed_count; i++) {
            result = resolve_need(closure, &load, i);
            if (result < 0)
                return result;
        }
    }
    return 0;
}

/* Loads that an object begins can give it or others something else only over own libraries. */
static bool leads_to_own(const struct thaw_closure *closure, const struct closure_node *node)
{
    for (size_t i = 0; i < node->object.needed_count; i++)
        if (node->needs[i].object < closure->own || node->needs[i].object == THAW_CLOSURE_NONE)
            return true;
    return node->links.rpath != 0;
}

/* Is it loaded by others, by its name for itself or its file's? */
static bool is_named(const struct thaw_closure *closure, const struct closure_node *node)
{
    const char *slash = strrchr(node->object.path, '/');
    const struct closure_text *text;

    if (node->soname && node->soname->is_needed)
        return true;
    HASH_FIND_STR(closure->texts, slash ? slash + 1 : node->object.path, text);
    return text && text->is_needed;
}

/* Those that begin a load for themselves, then what none of these reaches. */
static int follow_all(struct thaw_closure *closure, enum closure_beginner beginner)
{
    const struct closure_load *by = closure->has_executable ? &closure->executable : NULL;
    int result = 0;

    for (size_t i = 0; result == 0 && i < closure->own; i++) {
        struct closure_node *node = closure->nodes.items[i];
        const struct closure_load load = {.object = (uint32_t)i,
                                          .path = node->object.path,
                                          .by = by};

        if (beginner == CLOSURE_BEGINNER)
            node->begins_load = node->object.begins_load || !is_named(closure, node);
        if (beginner == CLOSURE_BEGINNER ? !node->begins_load : node->is_reached)
            continue;
        node->is_reached = true;
        if (leads_to_own(closure, node))
            result = closure_follow(closure, &load, beginner);
    }
    return result;
}

/* What nobody finds is just missing. */
static void forget_missing(struct thaw_closure *closure)
{
    for (size_t i = 0; i < closure->nodes.count; i++)
        for (size_t j = 0; j < closure->nodes.items[i]->object.needed_count; j++)
            if (closure->nodes.items[i]->needs[j].object == THAW_CLOSURE_NONE)
                closure->nodes.items[i]->needs[j].missing_by = THAW_CLOSURE_NONE;
}

int thaw_closure_resolve(struct thaw_closure *closure, struct thaw_error *error)
{
    int result = closure_resolve_alone(closure);

    if (result == 0)
        result = follow_all(closure, CLOSURE_BEGINNER);
    if (result == 0)
        result = follow_all(closure, CLOSURE_LEFT_OVER);
    if (result == 0)
        result = closure_resolve_alone(closure);
    if (result < 0)
        return thaw_error_memory(error);
    forget_missing(closure);
    return 0;
}

size_t thaw_closure_count(const struct thaw_closure *closure)
{
    return closure->nodes.count;
}

const struct thaw_closure_object *thaw_closure_object(const struct thaw_closure *closure,
                                                      uint32_t index)
{
    return &closure->nodes.items[index]->object;
}

const struct thaw_closure_need *thaw_closure_needs(const struct thaw_closure *closure,
                                                   uint32_t index)
{
    return closure->nodes.items[index]->needs;
}

size_t thaw_closure_refusals(const struct thaw_closure *closure,
                             const struct thaw_closure_refusal **ret)
{
    *ret = closure->refusals.items;
    return closure->refusals.count;
}

bool thaw_closure_was_cut(const struct thaw_closure *closure)
{
    return closure->was_cut || closure->is_unsure;
}
