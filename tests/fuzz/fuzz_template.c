/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "project/build.h"

/*
 * Any bytes as a template: the first byte says what file they are of. Nothing worse comes of it
 * than a problem and parts that are unread; what is found has names and places of the file.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each module that is named has the same text: none is without end. */
static int include(void *context, const char *file, const char **bytes, size_t *length)
{
    const struct thaw_project_input *input = context;

    *bytes = input->bytes;
    *length = input->length;
    return strlen(file) % 2 ? 0 : -ENOENT;
}

static void demand(int holds)
{
    if (!holds)
        abort();
}

static const char *const files[] = {"main.bicep",    "azuredeploy.json", "main.tf.json",
                                    "template.yaml", "Dockerfile",       "main.tf"};

static void check(const struct thaw_project *project, const char *file)
{
    if (!project->template_count) /* it names itself as a module */
        return;
    demand(project->template_count == 1);
    demand(!strcmp(project->templates[0].file, file));
    for (size_t i = 0; i < project->setting_count; i++) {
        const struct thaw_setting *setting = &project->settings[i];

        demand(setting->origin == THAW_SETTING_TEMPLATE);
        demand(*setting->place.file);
        demand(!setting->value || thaw_setting_is_open(setting->name));
        demand(thaw_text_is_utf8(setting->name, strlen(setting->name)));
    }
    for (size_t i = 0; i < project->fact_count; i++) {
        const struct thaw_project_fact *fact = &project->facts[i];

        demand(fact->kind < THAW_FACT_KINDS);
        demand(*fact->place.file);
        demand(thaw_text_is_utf8(fact->value, strlen(fact->value)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *file = files[size ? data[0] % (sizeof(files) / sizeof(files[0])) : 0];
    struct thaw_project_input input = {.file = file};
    const struct thaw_template_source source = {include, &input};
    struct thaw_project *project = thaw_project_new();
    struct thaw_error error;
    int code;

    demand(project != NULL);
    if (size) {
        input.bytes = (const char *)data + 1;
        input.length = size - 1;
    } else {
        input.bytes = "";
    }
    project->memory->template_source = &source;
    code = thaw_read_template(project, &input, &error);
    demand(!code || (code == -EINVAL && !thaw_template_may_be(file, input.bytes, input.length)));
    if (!code) {
        thaw_project_show(project);
        check(project, file);
    }
    thaw_project_free(project);
    return 0;
}
