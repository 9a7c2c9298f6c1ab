/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <stdio.h>

#include "packaging/version.h"
#include "project/inference.h"

/* The Python that the app is for. */

#define OLDEST_MINOR 6
#define NEWEST_MINOR 30 /* a bound: what is not out yet counts as allowed, too */

static int by_option(struct thaw_project_reading *reading, struct thaw_statements *statements)
{
    const struct thaw_project_options *options = reading->options;
    char minor[16];

    if (!options->python_version)
        return 0;
    return thaw_infer_say(reading, statements,
                          thaw_infer_minor(options->python_version, minor)
                              ? minor
                              : options->python_version,
                          NULL, "%s", options->python_from ? options->python_from : "--python");
}

/* What of templates names a version, and the words before it in the reason. */
static const struct {
    enum thaw_fact_kind kind;
    const char *what;
    bool is_image; /* the version is in its tag */
} facts[] = {
    {THAW_FACT_PYTHON, "Python", false},
    {THAW_FACT_STACK, "linuxFxVersion", false},
    {THAW_FACT_LAMBDA_RUNTIME, "runtime", false},
    {THAW_FACT_BASE_IMAGE, "image", true},
};

/* The version in the tag of an image's name, "…/python:4-python3.11@sha256:…". */
static bool minor_of_image(const char *image, char out[16])
{
    char name[256], *tag;

    snprintf(name, sizeof(name), "%.*s", (int)strcspn(image, "@"), image);
    tag = strrchr(name, ':');
    return tag && !strchr(tag, '/') && thaw_infer_minor(tag, out); /* else a port */
}

static int by_templates(struct thaw_project_reading *reading, struct thaw_statements *statements)
{
    int is_code = thaw_infer_runs_no_container(reading), result = is_code < 0 ? is_code : 0;

    for (size_t i = 0; result == 0 && i < sizeof(facts) / sizeof(facts[0]); i++) {
        const struct thaw_project_fact *fact;

        for (size_t at = 0; result == 0 && (fact = thaw_infer_fact(reading, facts[i].kind, &at));) {
            char minor[16];
            bool is_told = facts[i].is_image ? minor_of_image(fact->value, minor)
                                             : thaw_infer_minor(fact->value, minor);

            /* What runs no containers does not run the Dockerfile's Python. */
            if (!thaw_infer_is_own_image(reading, fact) ||
                (is_code > 0 && thaw_infer_is_of_dockerfile(reading, fact)))
                continue;
            if (!*fact->value && !facts[i].is_image)
                result = thaw_infer_say(reading, statements, "", &fact->place, "%s", "");
            else if (is_told)
                result = thaw_infer_say(reading, statements, minor, &fact->place, "%s %.100s",
                                        facts[i].what, fact->value);
        }
    }
    return result;
}

/* Of pyenv the first version counts; runtime.txt is Oryx' and others'. */
static int by_files(struct thaw_project_reading *reading, struct thaw_statements *statements)
{
    size_t count;
    struct thaw_project_file *files = thaw_reading_files(reading, THAW_ROLE_PYTHON_VERSION, &count);
    int result = 0;

    for (size_t i = 0; result >= 0 && i < count; i++) {
        uint32_t line = 1;

        result = thaw_reading_whole(reading, &files[i]);
        for (const char *at = files[i].bytes; result > 0 && at && *at; line++) {
            size_t length = strcspn(at, "\r\n");
            const char *text = thaw_arena_text(&reading->arena, at, length);
            const struct thaw_project_place place = {.file = files[i].name,
                                                     .line = line,
                                                     .column = 1};
            char minor[16];

            if (!text)
                return -ENOMEM;
            at += length;
            at += *at == '\r' && at[1] == '\n' ? 2 : *at != '\0';
            if (*text == '#' || strncmp(text, "pypy", 4) == 0 || !thaw_infer_minor(text, minor))
                continue;
            result = thaw_infer_say(reading, statements, minor, &place, "Python %s", minor);
            break;
        }
    }
    return result < 0 ? result : 0;
}

/* What is installed beside the app: by its virtual environment, or what its extensions are for. */
static int by_packages(struct thaw_project_reading *reading, struct thaw_statements *statements)
{
    const struct thaw_shipped_python *python = &reading->project->shipped->python;

    if (!*python->version || !reading->project->shipped->distribution_count ||
        strcmp(python->evidence, "assumed") == 0)
        return 0;
    return thaw_infer_say(reading, statements, python->version, NULL,
                          "the packages installed beside the app are for it (%s)",
                          python->evidence);
}

static const thaw_evidence kinds[] = {by_option, by_templates, by_files, by_packages, NULL};

int thaw_project_infer_python(struct thaw_project_reading *reading, struct thaw_error *error)
{
    return thaw_infer(reading, kinds, "nothing tells it", &reading->project->python) < 0
               ? thaw_error_memory(error)
               : 0;
}

/* The only minor of Python 3 that a range allows, 0: none, or several. */
static unsigned only_minor(const char *range)
{
    unsigned found = 0;

    for (unsigned minor = OLDEST_MINOR; minor <= NEWEST_MINOR; minor++) {
        char version[16];

        /* The last patch there may be: ">=3.11.4" allows 3.11. */
        snprintf(version, sizeof(version), "3.%u.99", minor);
        if (thaw_version_fits(version, range, strlen(range)) <= 0)
            continue;
        if (found)
            return 0;
        found = minor;
    }
    return found;
}

/* A range says what is allowed, not what it is: it is only told, unless nothing else is left. */
int thaw_project_bound_python(struct thaw_project_reading *reading, struct thaw_error *error)
{
    const struct thaw_project_memory *memory = reading->project->memory;
    struct thaw_inferred *python = &reading->project->python;

    for (size_t i = 0; !*python->value && !*python->place.file && i < memory->manifests.count;
         i++) {
        const struct thaw_manifest *manifest = &memory->manifests.items[i];
        struct thaw_arena *arena = &reading->project->memory->arena;
        unsigned minor = only_minor(manifest->requires_python);

        if (!*manifest->requires_python)
            continue;
        python->place.file = manifest->file;
        python->value = minor ? thaw_arena_format(arena, "3.%u", minor) : "";
        python->reason =
            thaw_arena_format(arena, "%s: %.80s%s", manifest->file, manifest->requires_python,
                              minor ? ""
                                    : " is a range: which one it is, it leaves "
                                      "open");
        if (!python->value || !python->reason)
            return thaw_error_memory(error);
    }
    return 0;
}
