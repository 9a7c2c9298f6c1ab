/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inventory/inventory.h"

/*
 * Collects the inventory for an interpreter of a version and the files named on standard input, one
 * a line, and prints each event as a line of JSON. Built by test_inventory.py.
 */
static json_t *texts(const struct thaw_texts *list)
{
    json_t *array = json_array();

    for (uint64_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_string(list->items[i]));
    return array;
}

static json_t *event_json(const struct thaw_event *event)
{
    const struct thaw_inventory_distribution *distribution = &event->inventory_distribution;
    const struct thaw_inventory_interpreter *interpreter = &event->inventory_interpreter;
    const struct thaw_inventory_file *file = &event->inventory_file;

    if (event->kind == THAW_EVENT_INVENTORY_DISTRIBUTION)
        return json_pack("{ss ss ss ss sI sI sI so}", "name", distribution->name, "version",
                         distribution->version, "location", distribution->location, "installer",
                         distribution->installer, "bytes", (json_int_t)distribution->bytes,
                         "disk_bytes", (json_int_t)distribution->disk_bytes, "files",
                         (json_int_t)distribution->files, "requires",
                         texts(&distribution->requires));
    if (event->kind == THAW_EVENT_INVENTORY_INTERPRETER)
        return json_pack("{ss ss so so so}", "executable", interpreter->executable, "version",
                         interpreter->version, "builtins", texts(&interpreter->builtins), "stdlib",
                         texts(&interpreter->stdlib), "sites", texts(&interpreter->sites));
    return json_pack("{ss ss sI sI ss}", "path", file->path, "distribution", file->distribution,
                     "bytes", (json_int_t)file->bytes, "mtime_ns", (json_int_t)file->mtime_ns,
                     "build_id", file->build_id);
}

static int print_event(void *context, const struct thaw_event *event, struct thaw_error *error)
{
    json_t *value = event_json(event);

    (void)context;
    if (!value)
        return thaw_error_set(error, -1, "event %d is not UTF-8", event->kind);
    printf("%d ", event->kind);
    json_dumpf(value, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(value);
    return 0;
}

int main(int argc, char **argv)
{
    const struct thaw_inventory_subject subject = {argv[1], argc > 2 ? argv[2] : "", getuid(),
                                                   getgid()};
    struct thaw_inventory_request request = {.interpreters = &subject, .interpreter_count = 1};
    struct thaw_error error = {0};
    char **files = NULL, *line = NULL;
    size_t capacity = 0;
    int result;

    if (argc != 3)
        return 2;
    while (getline(&line, &capacity, stdin) > 0) {
        files = reallocarray(files, request.file_count + 1, sizeof(*files));
        line[strcspn(line, "\n")] = '\0';
        if (!files || !(files[request.file_count++] = strdup(line)))
            return 1;
    }
    request.files = (const char *const *)files;
    result = thaw_inventory_collect(&request, print_event, NULL, &error);
    if (result < 0)
        fprintf(stderr, "%s\n", error.message);
    for (size_t i = 0; i < request.file_count; i++)
        free(files[i]);
    free(files);
    free(line);
    return result < 0;
}
