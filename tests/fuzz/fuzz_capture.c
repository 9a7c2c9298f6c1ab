/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "capture/kernel_record.h"
#include "python/importtime_line.h"

/*
 * What capture reads from outside: records of the ring buffer (first byte even; kept in memory of
 * their exact size, so that a read beyond the end is seen) and lines of the import report (odd).
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The texts of an event are not longer than UTF-8 can make those of its record. */
static size_t longest_text(const struct thaw_event *event)
{
    switch (event->kind) {
    case THAW_EVENT_IMPORT_BEGIN:
        return strlen(event->import_begin.name);
    case THAW_EVENT_MODULE_INIT:
        return strlen(event->module_init.name);
    case THAW_EVENT_MODULE_MADE:
        return strlen(event->module_made.name);
    case THAW_EVENT_BODY_BEGIN:
        return strlen(event->body_begin.name) + strlen(event->body_begin.file);
    case THAW_EVENT_LAZY_BEGIN:
        return strlen(event->lazy_begin.function) + strlen(event->lazy_begin.file);
    case THAW_EVENT_FILE_OPEN:
        return strlen(event->file_open.path);
    case THAW_EVENT_FILE_LOOKUP:
        return strlen(event->file_lookup.path);
    case THAW_EVENT_FILE_FOLDER:
        return strlen(event->file_folder.path);
    case THAW_EVENT_EFFECT: /* with words of thaw's own around it */
        return strlen(event->effect.detail) / 2;
    default:
        return 0;
    }
}

static void try_record(const uint8_t *data, size_t size)
{
    const union thaw_kernel_record *record;
    struct thaw_arena arena = {0};
    struct thaw_event event;
    void *copy = malloc(size ? size : 1);

    if (!copy)
        return;
    memcpy(copy, data, size);
    record = thaw_kernel_record_check(copy, size);
    if (record && thaw_kernel_record_event(record, &arena, &event) == 1 &&
        longest_text(&event) > 4 * size)
        abort();
    thaw_arena_free(&arena);
    free(copy);
}

static void try_line(const uint8_t *data, size_t size)
{
    struct thaw_importtime_line line;
    const char *text = (const char *)data;

    if (thaw_importtime_parse(text, size, &line) == THAW_IMPORTTIME_IMPORT &&
        (line.name < text || line.name + line.name_bytes > text + size || !line.name_bytes))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    if (data[0] & 1)
        try_line(data + 1, size - 1);
    else
        try_record(data + 1, size - 1);
    return 0;
}
