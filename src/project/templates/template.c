/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "project/templates/template.h"

/* Which form a template has, and the reading of it. */

#define LOOKED_AT_MAX ((size_t)1 << 20) /* for the words that tell a form */

static bool has(const char *bytes, size_t length, const char *word)
{
    return memmem(bytes, length < LOOKED_AT_MAX ? length : LOOKED_AT_MAX, word, strlen(word));
}

/* Dockerfile, Dockerfile.prod, api.Dockerfile, Containerfile */
static bool is_dockerfile(const char *file, const char *bytes, size_t length)
{
    const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;

    (void)bytes;
    (void)length;
    if (thaw_text_ends_with_any_case(name, ".dockerfile"))
        return true;
    return !strcasecmp(name, "Containerfile") ||
           (!strncasecmp(name, "Dockerfile", 10) && (!name[10] || name[10] == '.') &&
            !thaw_text_ends_with_any_case(name, ".dockerignore"));
}

static bool is_bicep(const char *file, const char *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    return thaw_text_ends_with_any_case(file, ".bicep");
}

static bool is_terraform_text(const char *file, const char *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    return thaw_text_ends_with_any_case(file, ".tf");
}

static bool is_terraform(const char *file, const char *bytes, size_t length)
{
    if (thaw_text_ends_with_any_case(file, ".tf.json"))
        return true;
    return thaw_text_ends_with_any_case(file, ".json") &&
           has(bytes, length, "\"format_version\"") && has(bytes, length, "\"root_module\"");
}

static bool is_arm(const char *file, const char *bytes, size_t length)
{
    /* All schemas of templates end so: of a subscription's "subscriptionDeploymentTemplate". */
    return (thaw_text_ends_with_any_case(file, ".json") ||
            thaw_text_ends_with_any_case(file, ".jsonc")) &&
           (has(bytes, length, "eploymentTemplate.json"));
}

static bool is_sam(const char *file, const char *bytes, size_t length)
{
    static const char *const ends_of[] = {".yaml", ".yml", ".json", ".template"};
    static const char *const words[] = {"AWSTemplateFormatVersion", "AWS::Serverless",
                                        "AWS::Lambda::Function"};
    bool fits = false;

    for (size_t i = 0; i < sizeof(ends_of) / sizeof(ends_of[0]); i++)
        fits |= thaw_text_ends_with_any_case(file, ends_of[i]);
    for (size_t i = 0; fits && i < sizeof(words) / sizeof(words[0]); i++)
        if (has(bytes, length, words[i]))
            return true;
    return false;
}

/* The first that fits. */
static const struct thaw_template_form forms[] = {
    {"Dockerfile", is_dockerfile, thaw_template_dockerfile},
    {"Bicep", is_bicep, thaw_template_bicep},
    {"Terraform", is_terraform, thaw_template_terraform},
    {"Terraform", is_terraform_text, thaw_template_terraform_text},
    {"ARM", is_arm, thaw_template_arm},
    {"SAM", is_sam, thaw_template_sam},
};

static const struct thaw_template_form *form_of(const char *file, const char *bytes, size_t length)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (forms[i].is(file, bytes, length))
            return &forms[i];
    return NULL;
}

bool thaw_template_may_be(const char *file, const char *bytes, size_t length)
{
    return form_of(file, bytes, length) != NULL;
}

static int complain(struct thaw_template *template, enum thaw_problem_kind kind, const char *fix,
                    const char *what)
{
    struct thaw_project_place place = {.file = template->file};

    template->unread++;
    return thaw_project_complain_to_do(template->project, kind, &place, fix, "%s", what);
}

/* JSON's reader says so by itself, and where. */
static bool is_text(const struct thaw_project_input *input)
{
    return thaw_text_ends_with_any_case(input->file, ".json") ||
           thaw_text_ends_with_any_case(input->file, ".jsonc") ||
           thaw_text_is_utf8(input->bytes, input->length);
}

static void read_form(struct thaw_template *template, const struct thaw_template_form *form)
{
    if (template->input->length > THAW_PROJECT_JSON_BYTES_MAX)
        thaw_template_fail(template, complain(template, THAW_PROBLEM_TOO_LARGE, "",
                                              "larger than 16 MB, and not read: templates have "
                                              "a few KB"));
    else if (!is_text(template->input))
        thaw_template_fail(template,
                           complain(template, THAW_PROBLEM_MALFORMED, "save the file as UTF-8",
                                    "no UTF-8, and not read: save it as UTF-8"));
    else
        form->read(template);
    if (template->tree.code == -E2BIG)
        thaw_template_fail(template,
                           complain(template, THAW_PROBLEM_CUT, "",
                                    "too deep or too large to follow: not all of it was read"));
    else
        thaw_template_fail(template, template->tree.code);
}

int thaw_read_template(struct thaw_project *project, const struct thaw_project_input *input,
                       struct thaw_error *error)
{
    const struct thaw_template_form *form = form_of(input->file, input->bytes, input->length);
    struct thaw_template template = {.project = project, .input = input};
    struct thaw_project_template *row;

    if (!form)
        return thaw_error_set(error, -EINVAL,
                              "%s: no template: expected Bicep, ARM, Terraform, CloudFormation or "
                              "a Dockerfile, by its name's end and first lines",
                              input->file);
    template.file = thaw_project_file(project, input->file);
    if (!template.file)
        return thaw_error_memory(error);
    if (thaw_template_is_followed(project, template.file))
        return 0;
    read_form(&template, form);
    row = template.code ? NULL : thaw_array_add(&project->memory->templates);
    if (row)
        *row = (struct thaw_project_template){.file = template.file,
                                              .form = form->name,
                                              .unread = template.unread,
                                              .has_app = template.has_app};
    thaw_array_free(&template.resources);
    thaw_tree_free(&template.tree);
    return row ? 0 : thaw_error_memory(error);
}
