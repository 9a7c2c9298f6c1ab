/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shipped_tree.h"

#define PATH_BYTES 512
#define FILE_BYTES 100

static void end(const char *what)
{
    fprintf(stderr, "shipped_tree: %s\n", what);
    exit(99);
}

static void write_files(const struct scratch *scratch, const struct shipped_wheel *wheel,
                        FILE *record)
{
    char *list = strdup(wheel->files), *rest, bytes[FILE_BYTES + 1], path[PATH_BYTES];

    if (!list)
        end("memory is short");
    memset(bytes, '#', FILE_BYTES);
    for (char *name = strtok_r(list, "\n", &rest); name; name = strtok_r(NULL, "\n", &rest)) {
        snprintf(path, sizeof(path), "%s%s", wheel->site, name);
        scratch_write(scratch, path, bytes, FILE_BYTES);
        fprintf(record, "%s,,\n", name);
    }
    free(list);
}

void shipped_write(const struct scratch *scratch, const struct shipped_wheel *wheel)
{
    const char *tags = wheel->tags ? wheel->tags : "Tag: py3-none-any\n";
    char info[PATH_BYTES / 2], path[PATH_BYTES], *text = NULL;
    size_t length;
    FILE *record = open_memstream(&text, &length);

    if (!record)
        end("memory is short");
    snprintf(info, sizeof(info), "%s-%s.dist-info", wheel->name, wheel->version);
    write_files(scratch, wheel, record);
    fprintf(record, "%s/METADATA,,\n%s/RECORD,,\n", info, info);
    fclose(record);
    snprintf(path, sizeof(path), "%s%s/RECORD", wheel->site, info);
    scratch_write(scratch, path, text, length);
    free(text);
    snprintf(path, sizeof(path), "%s%s/WHEEL", wheel->site, info);
    scratch_write_text(scratch, path, tags);
    snprintf(path, sizeof(path), "%s%s/REQUESTED", wheel->site, info);
    if (wheel->is_requested)
        scratch_write_text(scratch, path, "");
    if (asprintf(&text, "Metadata-Version: 2.1\nName: %s\nVersion: %s\n%s", wheel->name,
                 wheel->version, wheel->requires) < 0)
        end("memory is short");
    snprintf(path, sizeof(path), "%s%s/METADATA", wheel->site, info);
    scratch_write_text(scratch, path, text);
    free(text);
}

struct thaw_shipped *shipped_read(const struct scratch *scratch)
{
    const struct thaw_shipped_options options = {
        .target = scratch->path, .root = "", .python_version = "3.11", .machine = "x86_64"};
    struct thaw_shipped *shipped = NULL;
    struct thaw_error error = {0};

    if (thaw_shipped_read(&options, &shipped, &error) < 0)
        end(error.message);
    return shipped;
}

const struct thaw_shipped_distribution *shipped_find(const struct thaw_shipped *shipped,
                                                     const char *name)
{
    for (size_t i = 0; i < shipped->distribution_count; i++) {
        if (strcmp(shipped->distributions[i].name, name) == 0)
            return &shipped->distributions[i];
    }
    end(name);
    return NULL;
}

const char *shipped_joined(const struct thaw_texts *texts)
{
    static char joined[16384];
    size_t length = 0;

    joined[0] = '\0';
    for (uint64_t i = 0; i < texts->count && length < sizeof(joined); i++)
        length += (size_t)snprintf(joined + length, sizeof(joined) - length, "%s%s", i ? "|" : "",
                                   texts->items[i]);
    return joined;
}

const char *shipped_fault_of(const struct thaw_shipped *shipped, const char *path)
{
    for (size_t i = 0; i < shipped->fault_count; i++) {
        if (strcmp(shipped->faults[i].path, path) == 0)
            return shipped->faults[i].what;
    }
    return NULL;
}
