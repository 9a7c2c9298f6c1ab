/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "thaw/shipped.h"

/*
 * Reads a target and prints what the walk, the sites and the sums say as one line of JSON: texts as
 * latin-1 bytes, so that any name can be shown. "--time" prints milliseconds only. Built by
 * test_shipped.py.
 */
static json_t *text(const char *bytes)
{
    size_t length = strlen(bytes);
    char *wide = malloc(2 * length + 1), *at = wide;
    json_t *value;

    if (!wide)
        return NULL;
    for (; *bytes; bytes++) {
        unsigned char byte = (unsigned char)*bytes;

        if (byte >= 0x80) {
            *at++ = (char)(0xc0 | byte >> 6);
            byte = 0x80 | (byte & 0x3f);
        }
        *at++ = (char)byte;
    }
    value = json_stringn(wide, (size_t)(at - wide));
    free(wide);
    return value;
}

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *texts(const struct thaw_texts *list)
{
    json_t *array = json_array();

    for (uint64_t i = 0; i < list->count; i++)
        json_array_append_new(array, text(list->items[i]));
    return array;
}

static json_t *amount(const struct thaw_amount *amount)
{
    return json_pack("[ooo]", number(amount->files), number(amount->bytes),
                     number(amount->disk_bytes));
}

static json_t *kinds(const struct thaw_amount *amounts)
{
    json_t *object = json_object();

    for (int i = 0; i < THAW_FILE_KINDS; i++) {
        if (amounts[i].files)
            json_object_set_new(object, thaw_file_kind_name(i), amount(&amounts[i]));
    }
    return object;
}

static json_t *files(const struct thaw_shipped *shipped)
{
    json_t *array = json_array();

    for (size_t i = 0; i < shipped->file_count; i++) {
        const struct thaw_shipped_file *file = &shipped->files[i];
        json_t *owner = file->distribution == THAW_SHIPPED_NONE ? json_null()
                                                                : json_integer(file->distribution);

        json_array_append_new(array, json_pack("[oosoob]", text(file->path), owner,
                                               thaw_file_kind_name(file->kind), number(file->bytes),
                                               number(file->disk_bytes), file->again));
    }
    return array;
}

static json_t *distributions(const struct thaw_shipped *shipped)
{
    json_t *array = json_array();

    for (size_t i = 0; i < shipped->distribution_count; i++) {
        const struct thaw_shipped_distribution *one = &shipped->distributions[i];

        json_array_append_new(
            array, json_pack("{so so so so so so so so si so so so so so so}", "name",
                             text(one->name), "version", text(one->version), "location",
                             text(one->location), "info", text(one->info), "installer",
                             text(one->installer), "license", text(one->license), "editable",
                             text(one->editable), "tags", texts(&one->tags), "record", one->record,
                             "listed", number(one->listed), "absent", number(one->absent),
                             "changed", number(one->changed), "outside", number(one->outside),
                             "amount", amount(&one->amount), "kinds", kinds(one->kinds)));
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

static json_t *folders(const struct thaw_shipped *shipped)
{
    json_t *array = json_array();

    for (size_t i = 0; i < shipped->folder_count; i++) {
        const struct thaw_shipped_folder *folder = &shipped->folders[i];

        json_array_append_new(array, json_pack("[ooo]", text(folder->path), amount(&folder->own),
                                               amount(&folder->whole)));
    }
    return array;
}

static json_t *python(const struct thaw_shipped_python *python)
{
    return json_pack("{so so so so so}", "version", text(python->version), "full_version",
                     text(python->full_version), "machine", text(python->machine), "executable",
                     text(python->executable), "evidence", text(python->evidence));
}

static json_t *bytecode(const struct thaw_shipped_bytecode *bytecode)
{
    json_t *states = json_object();

    for (int i = 0; i < THAW_BYTECODE_STATES; i++)
        json_object_set_new(states, thaw_bytecode_state_name(i), number(bytecode->states[i]));
    return json_pack("{so so so so so so}", "states", states, "checked", number(bytecode->checked),
                     "by_time", number(bytecode->by_time), "by_hash", number(bytecode->by_hash),
                     "unwritable", number(bytecode->unwritable), "examples",
                     texts(&bytecode->examples));
}

static json_t *path_files(const struct thaw_shipped *shipped)
{
    json_t *array = json_array();

    for (size_t i = 0; i < shipped->path_file_count; i++)
        json_array_append_new(array, json_pack("[ooo]", text(shipped->path_files[i].path),
                                               number(shipped->path_files[i].folders),
                                               number(shipped->path_files[i].code)));
    return array;
}

static json_t *limits(const struct thaw_shipped *shipped)
{
    json_t *array = json_array();

    for (size_t i = 0; i < shipped->limit_count; i++)
        json_array_append_new(array, json_pack("[soob]", shipped->limits[i].id,
                                               number(shipped->limits[i].limit_bytes),
                                               number(shipped->limits[i].bytes),
                                               shipped->limits[i].is_exceeded));
    return array;
}

static json_t *target(const struct thaw_shipped *shipped)
{
    return json_pack("{so so so so so so so so so so so so so}", "kind", text(shipped->kind),
                     "signs", texts(&shipped->signs), "sites", texts(&shipped->sites), "read",
                     texts(&shipped->folders_read), "total", amount(&shipped->total), "kinds",
                     kinds(shipped->kinds), "unowned", amount(&shipped->unowned), "app",
                     amount(&shipped->app), "directories", number(shipped->directory_count),
                     "links", number(shipped->link_count), "special",
                     number(shipped->special_count), "python", python(&shipped->python),
                     "faults_more", number(shipped->faults_more));
}

static int print_time(const struct thaw_shipped_options *options)
{
    struct timespec begin, end;
    struct thaw_shipped *shipped;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    if (thaw_shipped_read(options, &shipped, NULL) < 0)
        return 1;
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.3f\n",
           (double)(end.tv_sec - begin.tv_sec) * 1e3 + (double)(end.tv_nsec - begin.tv_nsec) / 1e6);
    thaw_shipped_free(shipped);
    return 0;
}

int main(int argc, char **argv)
{
    bool is_timed = argc > 2 && strcmp(argv[1], "--time") == 0;
    struct thaw_shipped_options options = {.target = argc > 2 ? NULL : argv[1], .root = ""};
    struct thaw_shipped *shipped;
    struct thaw_error error = {0};
    json_t *all;

    if (is_timed)
        options.target = argv[2];
    else if (argc > 2) {
        options.folders = (const char *const *)argv + 1;
        options.kind = "process";
    }
    if (is_timed)
        return print_time(&options);
    if (thaw_shipped_read(&options, &shipped, &error) < 0) {
        fprintf(stderr, "%d %s\n", error.code, error.message);
        return 1;
    }
    all = json_pack("{so so so so so so so so}", "bytecode", bytecode(&shipped->bytecode),
                    "path_files", path_files(shipped), "limits", limits(shipped), "target",
                    target(shipped), "files", files(shipped), "folders", folders(shipped),
                    "distributions", distributions(shipped), "faults", faults(shipped));
    json_dumpf(all, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(all);
    thaw_shipped_free(shipped);
    return 0;
}
