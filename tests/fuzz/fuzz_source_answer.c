/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "python/source_inquiry.h"

/* An answer of any content: every event is of a file that was asked about, and has all its texts.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct thaw_source_file files[] = {{"/a.py", "/a.py", true},
                                                {"/b.py", "/b.py", false}};

static void check_text(const char *text)
{
    if (!text || strlen(text) > 4096)
        abort();
}

static void check_texts(const struct thaw_texts *texts)
{
    for (uint64_t i = 0; i < texts->count; i++)
        check_text(texts->items[i]);
}

static void check_file(const char *file)
{
    if (file != files[0].name && file != files[1].name)
        abort();
}

static int take(void *context, const struct thaw_event *event, struct thaw_error *error)
{
    (void)error;
    ++*(size_t *)context;
    switch (event->kind) {
    case THAW_EVENT_INVENTORY_IMPORT:
        check_file(event->inventory_import.file);
        check_text(event->inventory_import.module);
        check_texts(&event->inventory_import.names);
        return 0;
    case THAW_EVENT_INVENTORY_STATEMENT:
        check_file(event->inventory_statement.file);
        check_text(event->inventory_statement.bound);
        check_text(event->inventory_statement.use);
        check_texts(&event->inventory_statement.functions);
        check_texts(&event->inventory_statement.attributes);
        return 0;
    case THAW_EVENT_INVENTORY_DEFINITION:
        check_file(event->inventory_definition.file);
        check_text(event->inventory_definition.name);
        check_texts(&event->inventory_definition.references);
        check_texts(&event->inventory_definition.decorators);
        check_texts(&event->inventory_definition.bare);
        return 0;
    default:
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_source_summary summary;
    size_t events = 0;

    if (thaw_source_answer_read((const char *)data, size, files, 2, take, &events, &summary, NULL) <
        0)
        abort();
    if (summary.unanswered > 2 || strlen(summary.first) >= sizeof(summary.first) ||
        (summary.unanswered != 0) != (*summary.first != '\0'))
        abort();
    return 0;
}
