/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/path_table.h"
#include "packaging/name.h"
#include "report/json_shipped.h"

static json_t *needed_array(struct thaw_values *values, const struct thaw_shipped_library *library)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < library->needed_count; i++) {
        const struct thaw_shipped_needed *needed = &library->needed[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "name", needed->name);
        thaw_values_set_name(values, object, "resolved", needed->resolved);
        thaw_values_set_name(values, object, "reason", needed->reason);
        thaw_values_set_name(values, object, "owner", needed->owner);
        thaw_values_set_name(values, object, "only_by", needed->only_by);
        thaw_values_set_name(values, object, "missing_by", needed->missing_by);
        thaw_values_append(values, array, object);
    }
    return array;
}

static json_t *section_array(struct thaw_values *values, const struct thaw_shipped_library *library)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < library->section_count; i++) {
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "name", library->sections[i].name);
        thaw_values_set_number(values, object, "bytes", library->sections[i].bytes);
        thaw_values_append(values, array, object);
    }
    return array;
}

static void set_costs(struct thaw_values *values, json_t *object,
                      const struct thaw_shipped_library *library)
{
    thaw_values_set_number(values, object, "bytes", library->bytes);
    thaw_values_set_number(values, object, "debug_bytes", library->debug_bytes);
    thaw_values_set_number(values, object, "symbol_bytes", library->symbol_bytes);
    thaw_values_set_number(values, object, "strip_bytes", library->strip_bytes);
    thaw_values_set_number(values, object, "relocations", library->relocations);
    thaw_values_set_number(values, object, "constructors", library->constructors);
    thaw_values_set_boolean(values, object, "writable_code", library->has_writable_code);
    thaw_values_set_boolean(values, object, "executable_stack", library->has_executable_stack);
}

/* Marks distributions whose folder holds another one of their name. NULL: memory is short. */
static bool *find_doubled(const struct thaw_shipped *shipped, struct thaw_arena *arena)
{
    bool *doubled = thaw_arena_allocate(arena, shipped->distribution_count + 1);
    struct thaw_path_table firsts = {0};
    bool failed = !doubled;

    for (size_t i = 0; !failed && i < shipped->distribution_count; i++) {
        const struct thaw_shipped_distribution *own = &shipped->distributions[i];
        const char *name = thaw_name_normalise(arena, own->name, strlen(own->name));
        const char *key = name ? thaw_arena_format(arena, "%s\n%s", own->location, name) : NULL;
        size_t first = key ? thaw_path_table_find(&firsts, key, strlen(key)) : THAW_PATH_NONE;

        if (first != THAW_PATH_NONE)
            doubled[first] = doubled[i] = true;
        else
            failed = !key || thaw_path_table_add(&firsts, arena, key, strlen(key), i) < 0;
    }
    thaw_path_table_clear(&firsts);
    return failed ? NULL : doubled;
}

static json_t *library_object(struct thaw_values *values, const struct thaw_shipped *shipped,
                              const struct thaw_shipped_library *library, const bool *doubled)
{
    json_t *object = thaw_values_object(values);
    uint32_t owner = library->file < shipped->file_count
                         ? shipped->files[library->file].distribution
                         : THAW_SHIPPED_NONE;

    thaw_values_set_text(values, object, "path", library->path);
    thaw_values_set_name(values, object, "distribution", thaw_json_owner(shipped, owner));
    /* of two versions nothing else tells which of them it is */
    if (owner != THAW_SHIPPED_NONE && doubled[owner])
        thaw_values_set_name(values, object, "distribution_version",
                             shipped->distributions[owner].version);
    thaw_values_set_text(values, object, "type", thaw_library_type_name(library->type));
    thaw_values_set_boolean(values, object, "outside", library->outside);
    thaw_values_set_name(values, object, "soname", library->soname);
    thaw_values_set_name(values, object, "build_id", library->build_id);
    thaw_values_set_name(values, object, "machine", library->machine);
    thaw_values_set_name(values, object, "rpath", library->rpath);
    thaw_values_set_name(values, object, "runpath", library->runpath);
    thaw_values_set(values, object, "needed", needed_array(values, library));
    set_costs(values, object, library);
    return object;
}

json_t *thaw_json_shipped_libraries(struct thaw_values *values, const struct thaw_shipped *shipped,
                                    bool sections)
{
    json_t *array = thaw_values_array(values);
    struct thaw_arena arena = {0};
    const bool *doubled = find_doubled(shipped, &arena);

    values->failed |= !doubled;
    for (size_t i = 0; doubled && i < shipped->library_count; i++) {
        json_t *object = library_object(values, shipped, &shipped->libraries[i], doubled);

        if (sections)
            thaw_values_set(values, object, "sections",
                            section_array(values, &shipped->libraries[i]));
        thaw_values_append(values, array, object);
    }
    thaw_arena_free(&arena);
    return array;
}

static void set_paths(struct thaw_values *values, json_t *object,
                      const struct thaw_shipped *shipped,
                      const struct thaw_shipped_duplicate *duplicate)
{
    const char **paths = calloc(duplicate->library_count + 1, sizeof(*paths));

    if (!paths) {
        values->failed = true;
        return;
    }
    for (size_t i = 0; i < duplicate->library_count; i++)
        paths[i] = shipped->libraries[duplicate->libraries[i]].path;
    thaw_values_set_texts(values, object, "paths", paths, duplicate->library_count);
    free(paths);
}

json_t *thaw_json_duplicates(struct thaw_values *values, const struct thaw_shipped *shipped)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < shipped->duplicate_count; i++) {
        const struct thaw_shipped_duplicate *duplicate = &shipped->duplicates[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "kind", thaw_duplicate_kind_name(duplicate->kind));
        thaw_values_set_text(values, object, "key", duplicate->key);
        set_paths(values, object, shipped, duplicate);
        thaw_values_set_number(values, object, "waste_bytes", duplicate->waste_bytes);
        thaw_values_set_name(values, object, "winner", duplicate->winner);
        thaw_values_append(values, array, object);
    }
    return array;
}
