/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "project/build.h"

/* Any bytes as a setting: a name to the first line's end, and a value. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int holds)
{
    if (!holds)
        abort();
}

static void check(const struct thaw_setting *setting)
{
    demand((unsigned)setting->shape < THAW_SHAPES);
    demand(setting->shape != THAW_SHAPE_UNKNOWN);
    demand(setting->detail != NULL);
    demand((*setting->detail != 0) == (setting->shape == THAW_SHAPE_REFERENCE_INVALID));
    demand(*thaw_setting_shape_name(setting->shape) != 0);
    if (!setting->value)
        return;
    demand(thaw_setting_is_open(setting->name));
    demand(setting->shape == THAW_SHAPE_BOOLEAN || setting->shape == THAW_SHAPE_NUMBER ||
           setting->shape == THAW_SHAPE_WORD);
    demand(strlen(setting->value) <= 40);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_project *project = thaw_project_new();
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    size_t length = end ? (size_t)(end - data) : size;
    char *name = calloc(1, length + 1);
    struct thaw_setting setting, again;

    demand(project && name);
    if (length)
        memcpy(name, data, length);
    setting = again = (struct thaw_setting){.name = name};
    length += end != NULL;
    demand(thaw_setting_judge(project, &setting, (const char *)data + length, size - length) == 0);
    check(&setting);
    demand(thaw_setting_judge(project, &again, (const char *)data + length, size - length) == 0);
    demand(again.shape == setting.shape);
    free(name);
    thaw_project_free(project);
    return 0;
}
