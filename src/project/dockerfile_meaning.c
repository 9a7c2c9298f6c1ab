/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "project/dockerfile.h"

/* What a Dockerfile says of an app: its last stage's image, variables and command. */

/* Images whose tag has Python's version, behind a word of it. */
static const struct {
    const char *image, *before;
    bool is_lambda;
} images[] = {
    {"azure-functions/python", "-python", false},
    {"lambda/python", ":", true},
    {"amazon/aws-lambda-python", ":", true},
    {"sam/build-python", "build-python", true},
    {"python", ":", false},
};

/* Does the image's name, without its registry's, tag's and digest's parts, end in it? */
static bool is_image(const char *image, const char *name)
{
    size_t length = strcspn(image, "@"), own = strlen(name);
    const char *slash = strrchr(image, '/');
    const char *tag = strchr(slash ? slash : image, ':');

    if (tag && (size_t)(tag - image) < length)
        length = (size_t)(tag - image);
    return length >= own && !strncmp(image + length - own, name, own) &&
           (length == own || image[length - own - 1] == '/');
}

static void python(struct thaw_dockerfile *file, const char *image, const char *before,
                   const struct thaw_tree_node *at)
{
    const char *slash = strrchr(image, '/'), *version = strstr(slash ? slash : image, before);
    size_t length;

    if (!version)
        return;
    version += strlen(before);
    length = strspn(version, "0123456789.");
    if (!memchr(version, '.', length)) /* "3", "latest" */
        return;
    version = thaw_arena_text(file->arena, version, length);
    if (!version)
        thaw_template_fail(file->template, -ENOMEM);
    else
        thaw_template_fact(file->template, THAW_FACT_PYTHON, version, "", at);
}

/* ["app.handler"] → app.handler */
static void handler(struct thaw_dockerfile *file, const struct thaw_dockerfile_stage *stage)
{
    struct thaw_tree_node at = {.line = stage->command_line, .last_line = stage->command_line};
    const char *begin = strchr(stage->command, '"');
    const char *text =
        begin ? thaw_arena_text(file->arena, begin + 1, strcspn(begin + 1, "\"")) : "";

    thaw_template_fact(file->template, THAW_FACT_PACKAGE_TYPE, "Image", "", &at);
    if (!text)
        thaw_template_fail(file->template, -ENOMEM);
    else if (*text)
        thaw_template_fact(file->template, THAW_FACT_HANDLER, text, "", &at);
}

static void say_image(struct thaw_dockerfile *file, const struct thaw_dockerfile_stage *last,
                      const struct thaw_dockerfile_stage *base)
{
    struct thaw_tree_node at = {.line = base->line, .column = 1, .last_line = base->line};
    const char *machine = strchr(base->platform, '/');
    bool is_lambda = false;

    thaw_template_fact(file->template, THAW_FACT_BASE_IMAGE, base->image, "", &at);
    if (machine && !strchr(base->platform, '$'))
        thaw_template_fact(file->template, THAW_FACT_ARCHITECTURE,
                           strcmp(machine + 1, "amd64") ? machine + 1 : "x86_64", "", &at);
    for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
        if (!is_image(base->image, images[i].image))
            continue;
        python(file, base->image, images[i].before, &at);
        is_lambda = images[i].is_lambda;
        break;
    }
    if (is_lambda)
        handler(file, last);
}

/* Later ones win: of the stage itself over those of the stages it is made from. */
static bool is_set_later(const struct thaw_dockerfile *file, const bool *counts, size_t index)
{
    for (size_t i = index + 1; i < file->variables.count; i++) {
        const struct thaw_dockerfile_variable *later = &file->variables.items[i];

        if (later->stage != UINT32_MAX && counts[later->stage] &&
            !strcmp(later->name, file->variables.items[index].name))
            return true;
    }
    return false;
}

static void say_variables(struct thaw_dockerfile *file, const bool *counts)
{
    for (size_t i = 0; i < file->variables.count; i++) {
        const struct thaw_dockerfile_variable *one = &file->variables.items[i];
        struct thaw_tree_node value = {.kind = THAW_TREE_TEXT, .key = "", .text = one->value};
        struct thaw_tree_node at = {.line = one->line, .column = 1, .last_line = one->line};

        if (one->stage == UINT32_MAX || !counts[one->stage] || is_set_later(file, counts, i))
            continue;
        if (strchr(one->value, '$'))
            value.kind = THAW_TREE_UNKNOWN;
        thaw_template_setting(file->template, one->name, &value, &at, "");
    }
}

void thaw_dockerfile_say(struct thaw_dockerfile *file)
{
    bool counts[THAW_DOCKERFILE_STAGES_MAX] = {false};
    uint32_t last = (uint32_t)file->stages.count - 1, base = last;

    counts[base] = true;
    while (file->stages.items[base].from != UINT32_MAX) { /* always an earlier one */
        base = file->stages.items[base].from;
        counts[base] = true;
    }
    for (uint32_t at = last; !*file->stages.items[last].command && at != base;) {
        at = file->stages.items[at].from;
        file->stages.items[last].command = file->stages.items[at].command;
        file->stages.items[last].command_line = file->stages.items[at].command_line;
    }
    say_image(file, &file->stages.items[last], &file->stages.items[base]);
    say_variables(file, counts);
}
