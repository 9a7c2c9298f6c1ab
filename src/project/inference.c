/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "project/inference.h"

#define WHAT_BYTES_MAX 200
#define CONTRADICTIONS_MAX 3 /* that are named in a reason */

int thaw_infer_say(struct thaw_project_reading *reading, struct thaw_statements *statements,
                   const char *value, const struct thaw_project_place *place, const char *what, ...)
{
    struct thaw_arena *arena = &reading->project->memory->arena;
    struct thaw_statement *statement;
    char text[WHAT_BYTES_MAX];
    va_list arguments;

    va_start(arguments, what);
    vsnprintf(text, sizeof(text), what, arguments);
    va_end(arguments);
    statement = thaw_array_add(&statements->list);
    if (!statement)
        return -ENOMEM;
    *statement = (struct thaw_statement){.value = thaw_arena_string(arena, value),
                                         .what = thaw_arena_string(arena, text)};
    statement->place.file = "";
    if (place)
        statement->place = *place;
    return statement->value && statement->what ? 0 : -ENOMEM;
}

static const char *reason_of(struct thaw_project_reading *reading,
                             const struct thaw_statement *statement)
{
    const char *place = thaw_reading_place(reading, &statement->place);

    if (!place || !*place)
        return place ? statement->what : NULL;
    return *statement->what ? thaw_arena_format(&reading->project->memory->arena, "%s: %s", place,
                                                statement->what)
                            : place;
}

/* "main.bicep:3 says flex, dev.bicep:3 says premium": those that differ from all before them. */
static const char *contradiction(struct thaw_project_reading *reading,
                                 const struct thaw_statements *statements)
{
    struct thaw_arena *arena = &reading->project->memory->arena;
    const char *text = "";
    size_t told = 0;

    for (size_t i = 0; text && i < statements->list.count && told < CONTRADICTIONS_MAX; i++) {
        const struct thaw_statement *statement = &statements->list.items[i];
        bool is_new = *statement->value != '\0';
        const char *place;

        for (size_t j = 0; is_new && j < i; j++)
            is_new = strcmp(statements->list.items[j].value, statement->value) != 0;
        if (!is_new)
            continue;
        place = thaw_reading_place(reading, &statement->place);
        text = place ? thaw_arena_format(arena, "%s%s%s says %s", text, told++ ? ", " : "",
                                         *place ? place : statement->what, statement->value)
                     : NULL;
    }
    return text;
}

/* 1 settled, be it by a contradiction; 0: all that is stated is an expression. */
static int settle(struct thaw_project_reading *reading, const struct thaw_statements *statements,
                  struct thaw_inferred *ret)
{
    const struct thaw_statement *first = NULL;
    bool differs = false;

    for (size_t i = 0; i < statements->list.count; i++) {
        const struct thaw_statement *statement = &statements->list.items[i];

        if (!*statement->value)
            continue;
        differs = differs || (first && strcmp(first->value, statement->value) != 0);
        first = first ? first : statement;
    }
    if (!first) {
        const char *place = thaw_reading_place(reading, &statements->list.items[0].place);

        ret->reason = place ? thaw_arena_format(&reading->project->memory->arena,
                                                "%s states it by an expression", place)
                            : NULL;
        ret->place = statements->list.items[0].place;
        return ret->reason ? 0 : -ENOMEM;
    }
    ret->value = differs ? "" : first->value;
    ret->reason = differs ? contradiction(reading, statements) : reason_of(reading, first);
    ret->place = first->place;
    return ret->reason ? 1 : -ENOMEM;
}

int thaw_infer(struct thaw_project_reading *reading, const thaw_evidence *kinds,
               const char *unknown, struct thaw_inferred *ret)
{
    int result = 0;

    *ret = (struct thaw_inferred){.value = "", .reason = unknown, .place.file = ""};
    for (; result == 0 && *kinds; kinds++) {
        struct thaw_statements statements = {0};

        result = (*kinds)(reading, &statements);
        if (result == 0 && statements.list.count)
            result = settle(reading, &statements, ret);
        thaw_array_free(&statements.list);
    }
    return result < 0 ? result : 0;
}

const struct thaw_project_fact *thaw_infer_fact(const struct thaw_project_reading *reading,
                                                enum thaw_fact_kind kind, size_t *at)
{
    const struct thaw_project_memory *memory = reading->project->memory;

    while (*at < memory->facts.count) {
        const struct thaw_project_fact *fact = &memory->facts.items[(*at)++];

        if (fact->kind == kind)
            return fact;
    }
    return NULL;
}

/* Names of the platforms' images, as their documentation has them (2026-11-29):
 * learn.microsoft.com/azure/azure-functions/functions-create-container-registry,
 * docs.aws.amazon.com/lambda/latest/dg/python-image.html. */
static const struct {
    const char *part; /* of its name */
    const char *platform;
} images[] = {
    {"azure-functions/", "azure_functions"},
    {"public.ecr.aws/lambda/", "aws_lambda"},
    {"amazon/aws-lambda-", "aws_lambda"},
    {"public.ecr.aws/sam/", "aws_lambda"},
};

const char *thaw_infer_image_platform(const char *image)
{
    for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
        if (strstr(image, images[i].part))
            return images[i].platform;
    }
    return "";
}

static bool is_dockerfile(const struct thaw_project_reading *reading, const char *file)
{
    const struct thaw_project_memory *memory = reading->project->memory;

    for (size_t i = 0; i < memory->templates.count; i++) {
        if (strcmp(memory->templates.items[i].file, file) == 0)
            return strcmp(memory->templates.items[i].form, "Dockerfile") == 0;
    }
    return false;
}

bool thaw_infer_is_of_dockerfile(const struct thaw_project_reading *reading,
                                 const struct thaw_project_fact *fact)
{
    return is_dockerfile(reading, fact->place.file);
}

bool thaw_infer_is_own_image(const struct thaw_project_reading *reading,
                             const struct thaw_project_fact *fact)
{
    const struct thaw_project_fact *image;

    if (!strchr(fact->place.file, '/') || !is_dockerfile(reading, fact->place.file))
        return true;
    for (size_t at = 0; (image = thaw_infer_fact(reading, THAW_FACT_BASE_IMAGE, &at));) {
        if (strcmp(image->place.file, fact->place.file) == 0 &&
            *thaw_infer_image_platform(image->value))
            return true;
    }
    return false;
}

const struct thaw_setting *thaw_infer_setting(const struct thaw_project_reading *reading,
                                              const char *name, size_t *at)
{
    const struct thaw_project_memory *memory = reading->project->memory;

    while (*at < memory->settings.count) {
        const struct thaw_setting *setting = &memory->settings.items[(*at)++];

        if (setting->origin != THAW_SETTING_LOCAL && strcasecmp(setting->name, name) == 0)
            return setting;
    }
    return NULL;
}

const struct thaw_requirement *thaw_infer_requirement(const struct thaw_project_reading *reading,
                                                      const char *name)
{
    const struct thaw_project_memory *memory = reading->project->memory;

    for (size_t i = 0; i < memory->requirements.count; i++) {
        if (strcmp(memory->requirements.items[i].name, name) == 0)
            return &memory->requirements.items[i];
    }
    return NULL;
}

bool thaw_infer_minor(const char *text, char out[16])
{
    for (const char *at = text; (at = strstr(at, "3.")); at += 2) {
        size_t digits = strspn(at + 2, "0123456789");
        bool begins = at == text || !(isdigit((unsigned char)at[-1]) || at[-1] == '.');

        if (begins && digits >= 1 && digits <= 2) {
            snprintf(out, 16, "%.*s", (int)(2 + digits), at);
            return true;
        }
    }
    return false;
}
