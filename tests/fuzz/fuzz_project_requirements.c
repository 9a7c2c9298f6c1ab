/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "project/build.h"

/* Requirements files that include each other: parts of the bytes between record separators, the
 * first one is requirements.txt, any name means one of the others. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SEPARATOR '\x1e'
#define PARTS_MAX 16

struct parts {
    struct thaw_project_input part[PARTS_MAX];
    size_t count;
};

static void demand(int holds)
{
    if (!holds)
        abort();
}

static int include(void *context, const char *file, const char **bytes, size_t *length)
{
    const struct parts *parts = context;
    size_t sum = 0;

    for (; *file; file++)
        sum += (unsigned char)*file;
    if (sum % (parts->count + 1) == parts->count)
        return sum % 2 ? -ENOENT : -EACCES;
    *bytes = parts->part[sum % parts->count].bytes;
    *length = parts->part[sum % parts->count].length;
    return 0;
}

static void split(const uint8_t *data, size_t size, struct parts *ret)
{
    const char *at = (const char *)data, *end = at + size;

    while (ret->count < PARTS_MAX) {
        const char *next = at < end ? memchr(at, SEPARATOR, (size_t)(end - at)) : NULL;

        ret->part[ret->count++] =
            (struct thaw_project_input){"requirements.txt", at, (size_t)((next ? next : end) - at)};
        if (!next)
            break;
        at = next + 1;
    }
}

static void check(const struct thaw_project *project)
{
    demand(project->requirement_count <= 20000);
    for (size_t i = 0; i < project->requirement_count; i++) {
        const struct thaw_requirement *row = &project->requirements[i];
        const char *host = strstr(row->text, "://");

        demand(row->place.line > 0 && row->name && row->version);
        demand(thaw_text_is_utf8(row->text, strlen(row->text)));
        demand(!host || !strpbrk(host + 3, "@/?# "));
        demand(row->is_pinned || !*row->version);
    }
    for (size_t i = 0; i < project->problem_count; i++)
        demand(!strchr(project->problems[i].what, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_project *project = thaw_project_new();
    struct parts parts = {.count = 0};
    struct thaw_requirements_source source = {include, &parts, size % 2 ? "3.11" : NULL};

    split(data, size, &parts);
    demand(project != NULL);
    demand(thaw_read_requirements(project, &parts.part[0], &source) == 0);
    demand(thaw_project_show(project) == 0);
    check(project);
    thaw_project_free(project);
    return 0;
}
