/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "thaw/shipped.h"

/*
 * Reads a target and prints what its shared objects are and need as JSON; "--time" prints
 * milliseconds with and without them. Built by test_shipped_libraries.py.
 */
static json_t *text(const char *bytes)
{
    json_t *value = json_string(bytes);

    return value ? value : json_string("(not UTF-8)");
}

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *needed(const struct thaw_shipped_library *library)
{
    json_t *array = json_array();

    for (size_t i = 0; i < library->needed_count; i++) {
        const struct thaw_shipped_needed *one = &library->needed[i];

        json_array_append_new(array,
                              json_pack("{so so ss so so so}", "name", text(one->name), "resolved",
                                        text(one->resolved), "reason", one->reason, "owner",
                                        text(one->owner), "only_by", text(one->only_by), "library",
                                        one->library == THAW_SHIPPED_NONE ? json_null()
                                                                          : number(one->library)));
    }
    return array;
}

static json_t *sections(const struct thaw_shipped_library *library)
{
    json_t *object = json_object();

    for (size_t i = 0; i < library->section_count; i++)
        json_object_set_new(object, library->sections[i].name, number(library->sections[i].bytes));
    return object;
}

static json_t *libraries(const struct thaw_shipped *shipped)
{
    json_t *array = json_array();

    for (size_t i = 0; i < shipped->library_count; i++) {
        const struct thaw_shipped_library *one = &shipped->libraries[i];

        json_array_append_new(
            array,
            json_pack("{so ss sb so so ss ss so so so so so so so so so sb sb}", "path",
                      text(one->path), "type", thaw_library_type_name(one->type), "outside",
                      one->outside, "soname", text(one->soname), "rpath", text(one->rpath),
                      "build_id", one->build_id, "machine", one->machine, "runpath",
                      text(one->runpath), "bytes", number(one->bytes), "needed", needed(one),
                      "sections", sections(one), "debug", number(one->debug_bytes), "symbols",
                      number(one->symbol_bytes), "strip", number(one->strip_bytes), "relocations",
                      number(one->relocations), "constructors", number(one->constructors),
                      "writable_code", one->has_writable_code, "executable_stack",
                      one->has_executable_stack));
    }
    return array;
}

static json_t *duplicates(const struct thaw_shipped *shipped)
{
    json_t *array = json_array();

    for (size_t i = 0; i < shipped->duplicate_count; i++) {
        const struct thaw_shipped_duplicate *one = &shipped->duplicates[i];
        json_t *paths = json_array();

        for (size_t j = 0; j < one->library_count; j++)
            json_array_append_new(paths, text(shipped->libraries[one->libraries[j]].path));
        json_array_append_new(
            array, json_pack("{ss so so so so}", "kind", thaw_duplicate_kind_name(one->kind), "key",
                             text(one->key), "paths", paths, "waste", number(one->waste_bytes),
                             "winner", text(one->winner)));
    }
    return array;
}

static json_t *faults(const struct thaw_shipped *shipped)
{
    json_t *array = json_array();

    for (size_t i = 0; i < shipped->fault_count; i++)
        json_array_append_new(array, json_pack("[oo]", text(shipped->faults[i].path),
                                               text(shipped->faults[i].what)));
    return array;
}

static double measure(struct thaw_shipped_options options, bool without)
{
    struct timespec begin, end;
    struct thaw_shipped *shipped;

    options.without_libraries = without;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    if (thaw_shipped_read(&options, &shipped, NULL) < 0)
        return -1;
    clock_gettime(CLOCK_MONOTONIC, &end);
    thaw_shipped_free(shipped);
    return (double)(end.tv_sec - begin.tv_sec) * 1e3 + (double)(end.tv_nsec - begin.tv_nsec) / 1e6;
}

int main(int argc, char **argv)
{
    struct thaw_shipped_options options = {.target = argc > 1 ? argv[argc - 1] : NULL, .root = ""};
    struct thaw_shipped *shipped;
    struct thaw_error error = {0};
    json_t *all;

    if (argc > 2 && strcmp(argv[1], "--time") == 0) {
        double with = measure(options, false), without = measure(options, true);

        printf("%.3f %.3f\n", with, without);
        return 0;
    }
    if (thaw_shipped_read(&options, &shipped, &error) < 0) {
        fprintf(stderr, "%d %s\n", error.code, error.message);
        return 1;
    }
    all = json_pack("{so so so ss}", "libraries", libraries(shipped), "duplicates",
                    duplicates(shipped), "faults", faults(shipped), "kind", shipped->kind);
    json_dumpf(all, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(all);
    thaw_shipped_free(shipped);
    return 0;
}
