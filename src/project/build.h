/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROJECT_BUILD_H
#define THAW_PROJECT_BUILD_H

#include "base/arena.h"
#include "base/array.h"
#include "thaw/project.h"

/*
 * How a project is filled: read.c finds files, a reader for each form of file adds what it says to
 * the arrays below. Each reader can be used alone, on bytes and an empty project.
 */

struct thaw_template_source;
struct thaw_template_module; /* template.h */

struct thaw_project_memory {
    struct thaw_arena arena;
    THAW_ARRAY(struct thaw_setting) settings;
    THAW_ARRAY(struct thaw_project_fact) facts;
    THAW_ARRAY(struct thaw_project_template) templates;
    THAW_ARRAY(struct thaw_app_function) functions;
    THAW_ARRAY(struct thaw_app_variable) apps;
    THAW_ARRAY(struct thaw_app_call) calls;
    THAW_ARRAY(struct thaw_app_literal) literals;
    THAW_ARRAY(struct thaw_project_import) imports;
    THAW_ARRAY(struct thaw_manifest) manifests;
    THAW_ARRAY(struct thaw_requirement) requirements;
    THAW_ARRAY(struct thaw_problem) problems;
    struct thaw_shipped *shipped;
    const char *file; /* the last one that thaw_project_file() was asked for */
    /* Set before templates are read; without include modules are not followed, but unread. */
    const struct thaw_template_source *template_source;
    struct thaw_template_module *template_modules; /* those that were followed */
};

/*
 * How a template gets at the modules that it names, which are files of the app, too (Bicep's): the
 * bytes of a path as places name it, to stay until the next one is asked for. 0, negative errno.
 */
struct thaw_template_source {
    int (*include)(void *context, const char *file, const char **bytes, size_t *length);
    void *context;
};

/* An empty project, its shipped NULL; NULL: memory is short. thaw_project_free() ends it. */
struct thaw_project *thaw_project_new(void);

/* Makes what was added to the arrays what the project shows (its own pointers and counts), each
 * list in its order: by file and line, but templates, manifests and requirements as they were
 * added. To be called when all readers are done. Until then calls tell their function by its place
 * among those added. 0 or -ENOMEM. */
int thaw_project_show(struct thaw_project *project);

/* Says which facts are of one resource, once they have their order. 0 or -ENOMEM. */
int thaw_project_link_facts(struct thaw_project_fact *facts, size_t count);

/* Bytes of a file, as places name it. They need not outlive the call. */
struct thaw_project_input {
    const char *file;
    const char *bytes;
    size_t length;
};

#define THAW_PROJECT_JSON_BYTES_MAX ((size_t)16 << 20)
#define THAW_PROJECT_PROBLEMS_MAX 1000 /* what is beyond is left out, but for one that says so */

/* --- readers: 0 or -ENOMEM, what is wrong with the file becomes a problem --- */

int thaw_read_host(struct thaw_project *project, const struct thaw_project_input *input);
int thaw_read_local_settings(struct thaw_project *project, const struct thaw_project_input *input);
int thaw_read_function_json(struct thaw_project *project, const struct thaw_project_input *input);
/* Of a file the user named, and of a template: also -EINVAL, it is of no form that is known. */
int thaw_read_exported_settings(struct thaw_project *project,
                                const struct thaw_project_input *input, struct thaw_error *error);
/* Modules that another one names are read with it, by what it gives them: what they say alone,
 * before or after that, does not count. */
int thaw_read_template(struct thaw_project *project, const struct thaw_project_input *input,
                       struct thaw_error *error);
/* Is it perhaps a template, by its name and first bytes? */
bool thaw_template_may_be(const char *file, const char *bytes, size_t length);

/* requirements.txt; it includes others by name: include gives the bytes of a path relative to the
 * app's folder (0, negative errno). Dependencies of other manifests are the source reader's. */
struct thaw_requirements_source {
    int (*include)(void *context, const char *file, const char **bytes, size_t *length);
    void *context;
    const char *python_version; /* for markers */
};
int thaw_read_requirements(struct thaw_project *project, const struct thaw_project_input *input,
                           const struct thaw_requirements_source *source);

/* --- the source: asked of an interpreter, which runs while the rest is read --- */

struct thaw_app_source;
/*
 * files: all *.py of the app (name, bytes), pyproject.toml, uv.lock, poetry.lock, Pipfile and
 * Pipfile.lock (TOML is read by the interpreter, too). Those beyond a bound
 * (project/source/app_source.h) become problems; their bytes are not looked at. entry:
 * "function_app.py", or what the host would index; handlers: NULL-terminated, or NULL: names of
 * Lambda's ("app.lambda_handler"), and "hello/__init__.py:main" (script and handler) for each
 * function that thaw_read_function_json() added, which gets its kind, is_async, is_generator,
 * parameters and calls of the source. The bytes need not outlive the start.
 */
struct thaw_app_source_question {
    const char *executable; /* NULL: python3 of PATH */
    const char *entry;
    const char *const *handlers;
    const struct thaw_project_input *files;
    size_t count;
};
int thaw_app_source_start(const struct thaw_app_source_question *question,
                          struct thaw_app_source **ret, struct thaw_error *error);
/*
 * The same in two steps, so that the interpreter starts while files are still being looked for:
 * executable of its own, that of the question isn't looked at. Where it can't be started that is
 * told by thaw_app_source_finish(), if there was anything to ask. What is not asked, or wasn't for
 * lack of memory, is given up.
 */
int thaw_app_source_wake(const char *executable, struct thaw_app_source **ret,
                         struct thaw_error *error);
int thaw_app_source_ask(struct thaw_app_source *source,
                        const struct thaw_app_source_question *question, struct thaw_error *error);
void thaw_app_source_give_up(struct thaw_app_source *source); /* NULL is allowed */
/* Waits, adds to the project what it said, frees: to be called for each that was started, when
 * functions of function.json have been read. No interpreter, an answer that is not whole: a
 * problem, and has_source is false. 0 or -ENOMEM. */
int thaw_app_source_finish(struct thaw_app_source *source, struct thaw_project *project,
                           struct thaw_error *error);
/* Reads an answer; for tests and fuzzing. */
int thaw_app_source_read(struct thaw_project *project, const char *bytes, size_t length);

/* --- for readers; NULL: memory is short, or (problems) a bound is hit: then nothing is amiss ---
 */

/* A file's name, for places; the project's own copy. */
const char *thaw_project_file(struct thaw_project *project, const char *file);

/* Its texts are "". */
struct thaw_setting *thaw_project_add_setting(struct thaw_project *project);
struct thaw_project_fact *thaw_project_add_fact(struct thaw_project *project,
                                                enum thaw_fact_kind kind, const char *value,
                                                const char *resource,
                                                const struct thaw_project_place *place);
/* 0 or -ENOMEM. The second one's fix is not copied. */
int thaw_project_complain(struct thaw_project *project, enum thaw_problem_kind kind,
                          const struct thaw_project_place *place, const char *what, ...)
    __attribute__((format(printf, 4, 5)));
int thaw_project_complain_to_do(struct thaw_project *project, enum thaw_problem_kind kind,
                                const struct thaw_project_place *place, const char *fix,
                                const char *what, ...) __attribute__((format(printf, 5, 6)));

/* A value of a setting, told by its shape: fills shape, value and detail of one whose name is set
 * (setting_shape.c). */
int thaw_setting_judge(struct thaw_project *project, struct thaw_setting *setting,
                       const char *value, size_t length);

#endif
