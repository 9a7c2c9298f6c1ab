/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over what a function of AWS Lambda, or an image, is made of. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "lint/deployed.h"
#include "lint/lambda.h"
#include "lint/rules.h"

/* --- lambda-layers --- */

static void tell_too_many(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                          const struct thaw_project_fact *function)
{
    const struct thaw_project_fact *layer = NULL, *beyond = NULL;
    struct thaw_lint_finding *finding;
    const json_t *entry;
    double most, count = 0;

    if (!thaw_lambda_limit(lint, "layers-most", &entry, &most))
        return;
    while ((layer = thaw_lambda_fact(lint, function, THAW_FACT_LAYER, layer)))
        if (++count > most && !beyond)
            beyond = layer;
    if (!beyond)
        return;
    finding =
        thaw_lint_add(lint, rule, &beyond->place, thaw_lambda_name(function),
                      "%s has %g layers, %g are the most", thaw_lambda_name(function), count, most);
    thaw_lint_evidence(lint, finding, "%s: the first one beyond: %s",
                       thaw_lint_place_text(lint, &beyond->place), beyond->value);
    thaw_lint_source(lint, finding, entry);
    thaw_lint_fix(lint, finding, "join layers, or deploy an image");
}

/* Layers elsewhere aren't here to be weighed: what is here may be too large by itself. */
static void tell_too_large(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                           const struct thaw_project_fact *function)
{
    const struct thaw_project_fact *type =
        thaw_lambda_fact(lint, function, THAW_FACT_PACKAGE_TYPE, NULL);
    const struct thaw_project_fact *layer = thaw_lambda_fact(lint, function, THAW_FACT_LAYER, NULL);
    uint64_t bytes = lint->project->deployed.bytes;
    struct thaw_lint_finding *finding;
    const json_t *entry;
    double most;

    if ((type && strcmp(type->value, "Zip") != 0) || !layer || !lint->project->shipped ||
        !thaw_lambda_limit(lint, "unzipped-bytes", &entry, &most) || (double)bytes <= most)
        return;
    finding = thaw_lint_add(lint, rule, &layer->place, thaw_lambda_name(function),
                            "%s and its layers may have %s unzipped, and here alone are %s",
                            thaw_lambda_name(function), thaw_lint_size_text(lint, (uint64_t)most),
                            thaw_lint_size_text(lint, bytes));
    thaw_lint_evidence(lint, finding, "what is in this folder, without what is left out");
    thaw_lint_source(lint, finding, entry);
    thaw_lint_fix(lint, finding, "thaw deps shows what is largest; else deploy an image");
    /* A folder of several functions is not the package of one. */
    if (finding)
        finding->confidence = "medium";
}

static void check_layers(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project_fact *function = NULL;

    while ((function = thaw_project_fact(lint->project, THAW_FACT_FUNCTION, function))) {
        tell_too_many(lint, rule, function);
        tell_too_large(lint, rule, function);
    }
}

/* --- lambda-architecture --- */

static const json_t *architectures(const struct thaw_lint *lint)
{
    return thaw_lint_facts_section(lint->facts, "aws_lambda", "architectures");
}

/* What wheels call the template's architecture, or the default one where nothing can hide another;
 * "" not known. */
static const char *machine_of(const struct thaw_lint *lint,
                              const struct thaw_project_fact *architecture)
{
    const json_t *entry;
    size_t i;

    if (!architecture && thaw_project_unread(lint->project))
        return "";
    json_array_foreach(architectures(lint), i, entry)
    {
        if (architecture ? !strcmp(architecture->value, thaw_lint_fact_text(entry, "id"))
                         : thaw_lint_fact_is(entry, "default"))
            return thaw_lint_fact_text(entry, "machine");
    }
    return "";
}

static bool is_of_some_machine(const struct thaw_lint *lint, const char *tag)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(architectures(lint), i, entry)
    {
        if (strstr(tag, "linux") && thaw_text_ends_with(tag, thaw_lint_fact_text(entry, "machine")))
            return true;
    }
    return false;
}

/* Every tag that is of a machine is of another one; a tag for any machine fits. */
static bool is_for_other(const struct thaw_lint *lint,
                         const struct thaw_shipped_distribution *distribution, const char *machine)
{
    bool other = false;

    for (uint64_t i = 0; i < distribution->tags.count; i++) {
        const char *tag = distribution->tags.items[i];

        if (thaw_text_ends_with(tag, machine) || thaw_text_ends_with(tag, "-any"))
            return false;
        other |= is_of_some_machine(lint, tag);
    }
    return other;
}

static void tell_architecture(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                              const struct thaw_project_fact *function, const uint64_t *bytes)
{
    const struct thaw_shipped *shipped = lint->project->shipped;
    const struct thaw_project_fact *architecture =
        thaw_lambda_fact(lint, function, THAW_FACT_ARCHITECTURE, NULL);
    const char *machine = machine_of(lint, architecture);
    struct thaw_lint_finding *finding = NULL;
    size_t count = 0;

    for (size_t i = 0; *machine && i < shipped->distribution_count; i++) {
        const struct thaw_shipped_distribution *distribution = &shipped->distributions[i];

        if (!bytes[i] || !is_for_other(lint, distribution, machine))
            continue;
        if (!count++)
            finding =
                thaw_lint_add(lint, rule, architecture ? &architecture->place : &function->place,
                              thaw_lambda_name(function),
                              "%s runs on %s, and %s is for another machine",
                              thaw_lambda_name(function), machine, distribution->name);
        thaw_lint_evidence(lint, finding, "%s: its wheel is %s", distribution->name,
                           distribution->tags.items[0]);
    }
    thaw_lint_fix(lint, finding,
                  "install for it: pip install --platform manylinux2014_%s "
                  "--only-binary=:all: --target …, or set the other architecture",
                  machine);
}

static bool has_packages(const struct thaw_lint *lint)
{
    return thaw_lambda_has_functions(lint) && lint->project->shipped;
}

static void check_architecture(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project_fact *function = NULL;
    uint64_t *bytes = thaw_lint_deployed_bytes(lint);

    while (bytes && (function = thaw_project_fact(lint->project, THAW_FACT_FUNCTION, function)))
        tell_architecture(lint, rule, function, bytes);
    free(bytes);
}

/* --- image-size --- */

static bool has_image(const struct thaw_lint *lint)
{
    return thaw_project_fact(lint->project, THAW_FACT_BASE_IMAGE, NULL) != NULL;
}

/* "python:3.11" of "docker.io/library/python:3.11@sha256:…" is what the facts know. */
static const json_t *base_entry(struct thaw_lint *lint, const char *image)
{
    const char *digest = strchr(image, '@');
    size_t length = digest ? (size_t)(digest - image) : strlen(image);
    const char *name = thaw_lint_text(lint, "%.*s", (int)(length < 512 ? length : 512), image);

    if (!strncmp(name, "docker.io/", 10))
        name += 10;
    if (!strncmp(name, "library/", 8))
        name += 8;
    return thaw_lint_fact(lint->facts, "aws_lambda", "base_images", name);
}

/* A template's own placeholder, "python:<VERSION>-slim", is no name that an image can have. */
static bool is_image_name(const char *image)
{
    return !image[strspn(image, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "._-/:@+")];
}

/* Small by its tag, of whichever version: "python:3.13.1-slim". */
static bool is_small(const char *image)
{
    const char *slash = strrchr(image, '/'), *tag = strchr(slash ? slash : image, ':');

    return tag && (strstr(tag, "-slim") || strstr(tag, "-alpine"));
}

static void tell_heavy(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                       const struct thaw_project_fact *image)
{
    const json_t *entry = base_entry(lint, image->value);
    struct thaw_lint_finding *finding;
    double megabytes;

    if (!thaw_lint_fact_is(entry, "heavy") || !is_image_name(image->value) ||
        is_small(image->value))
        return;
    finding = thaw_lint_add(lint, rule, &image->place, image->value,
                            "the image is built from %s, which is large", image->value);
    if (thaw_lint_fact_number(entry, "mb", &megabytes))
        thaw_lint_evidence(lint, finding, "about %g MB before anything of the app", megabytes);
    thaw_lint_evidence(lint, finding, "%s: FROM of the last stage",
                       thaw_lint_place_text(lint, &image->place));
    thaw_lint_source(lint, finding, entry);
    thaw_lint_fix(lint, finding, "build from %s", thaw_lint_fact_text(entry, "instead"));
}

static bool has_top_file(const struct thaw_lint *lint, const char *name)
{
    const struct thaw_shipped *shipped = lint->project->shipped;

    for (size_t i = 0; i < shipped->file_count; i++)
        if (!strcmp(shipped->files[i].path, name))
            return true;
    return false;
}

/* What COPY . . would take along: what the tools know is no part of an app. */
static uint64_t left_out_bytes(const struct thaw_lint *lint)
{
    const struct thaw_project *project = lint->project;
    uint64_t bytes = 0;

    for (size_t i = 0; project->is_left_out && i < project->shipped->file_count; i++)
        if (project->is_left_out[i])
            bytes += project->shipped->files[i].bytes;
    return bytes;
}

#define LEAST_BYTES 100000u

static void tell_no_ignore(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                           const struct thaw_project_fact *image)
{
    struct thaw_lint_finding *finding;
    uint64_t bytes;

    if (!lint->project->shipped || has_top_file(lint, ".dockerignore"))
        return;
    bytes = left_out_bytes(lint);
    /* A few small files cost nothing; the settings of this machine may have secrets. */
    if (!bytes || (bytes < LEAST_BYTES && !has_top_file(lint, "local.settings.json")))
        return;
    finding = thaw_lint_add(lint, rule, &image->place, ".dockerignore",
                            "there is no .dockerignore, and %s here are no part of the app",
                            thaw_lint_size_text(lint, bytes));
    thaw_lint_evidence(lint, finding,
                       "virtual environments, .git, settings of this machine and "
                       "what .funcignore names: COPY . takes them along");
    thaw_lint_fix(lint, finding,
                  "write a .dockerignore with .git, .venv, tests, "
                  "local.settings.json, one on a line");
    if (finding)
        finding->confidence = "medium"; /* COPY may name single files */
}

static void check_image(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project_fact *image = NULL;
    const struct thaw_project_fact *first =
        thaw_project_fact(lint->project, THAW_FACT_BASE_IMAGE, NULL);

    while ((image = thaw_project_fact(lint->project, THAW_FACT_BASE_IMAGE, image)))
        tell_heavy(lint, rule, image);
    if (first)
        tell_no_ignore(lint, rule, first);
}

/* --- rows --- */

const struct thaw_lint_rule thaw_rule_lambda_layers = {
    .kind =
        {
            .id = "lambda-layers",
            .severity = "error",
            .title = "a function has more layers than Lambda takes, or too large ones",
            .needs = "a template that names a function",
            .explanation =
                "A function may have five layers. Their files and the function's own, unzipped, "
                "may have 250 MB together; a deployment beyond either is refused.\n"
                "\n"
                "Layers elsewhere are named by the template only and aren't here to be weighed, "
                "so that only what lies in this folder is held against the limit.\n"
                "\n"
                "How to change it: join layers that always go together; leave out what is never "
                "used (thaw deps shows it); or deploy a container image, which may have 10 GB "
                "and no layers of this kind.\n"
                "\n"
                "What may go wrong: layers that bring the same package shadow each other, the "
                "last one wins.",
        },
    .area = "lambda",
    .platforms = THAW_LINT_LAMBDA,
    .can_check = thaw_lambda_has_functions,
    .check = check_layers,
};

const struct thaw_lint_rule thaw_rule_lambda_architecture = {
    .kind =
        {
            .id = "lambda-architecture",
            .severity = "error",
            .title = "packages are for another machine than the function",
            .needs = "a template that names a function, and what the app ships",
            .explanation =
                "A function runs on x86_64 or, if its template says so, on arm64. Packages with "
                "compiled code are for one of the two, as the tag of their wheel says; on the "
                "other one their import fails.\n"
                "\n"
                "It happens when packages are installed on a developer's machine (a Mac with an "
                "ARM processor, say) and deployed as they are, or when only the template was "
                "changed.\n"
                "\n"
                "How to change it: sam build --use-container, or pip install --platform "
                "manylinux2014_aarch64 (or _x86_64) --only-binary=:all: --target the package's "
                "folder. Or set the architecture that the packages are for.\n"
                "\n"
                "It isn't told where templates have parts that could not be read and no "
                "architecture is named.",
        },
    .area = "lambda",
    .platforms = THAW_LINT_LAMBDA,
    .can_check = has_packages,
    .check = check_architecture,
};

const struct thaw_lint_rule thaw_rule_image_size = {
    .kind =
        {
            .id = "image-size",
            .severity = "note",
            .title = "an image is larger than it need be",
            .needs = "a Dockerfile",
            .explanation =
                "A new instance fetches the image's layers that its machine doesn't have yet, "
                "and unpacks them. Platforms cache and load in pieces, so that not every byte "
                "costs; a base image of 1 GB with compilers and headers still costs at the first "
                "start on each machine, and at each build.\n"
                "\n"
                "Told are base images with the whole of a build environment (dated facts), and a "
                "folder with files that are no part of the app (virtual environments, .git, "
                "settings of this machine) of 100 kB and more, or local.settings.json, without a "
                ".dockerignore.\n"
                "\n"
                "How to change it: build in one stage, and copy what was installed into a small "
                "one: FROM python:3.12-slim, or the platform's own image. A .dockerignore with "
                ".git, .venv, tests, local.settings.json.\n"
                "\n"
                "What may go wrong: a slim image lacks system libraries that packages without "
                "wheels need. Install these by name.",
        },
    .area = "deployment",
    .platforms = THAW_LINT_ANY,
    .can_check = has_image,
    .check = check_image,
};
