/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/closest.h"
#include "cli/gate_facts.h"
#include "cli/lint_inputs.h"
#include "lint/lint.h"

/* --- thaw.json --- */

/* In the app's folder, else where the program was started: that is the root of most checkouts. */
static int find_configuration(struct thaw_lint_inputs *inputs, const char *app,
                              struct thaw_error *error)
{
    const char *const paths[] = {thaw_arena_format(&inputs->arena, "%s/" THAW_CONFIGURATION_NAME,
                                                   app),
                                 THAW_CONFIGURATION_NAME};

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const char *path = paths[i] && !strncmp(paths[i], "./", 2) ? paths[i] + 2 : paths[i];
        int code;

        if (!path)
            return thaw_error_memory(error);
        code = thaw_configuration_read(path, &inputs->configuration, error);
        if (!code)
            inputs->configuration_path = path;
        if (code != -ENOENT)
            return code;
        thaw_configuration_free(&inputs->configuration);
    }
    return 0;
}

static int read_configuration(struct thaw_lint_inputs *inputs,
                              const struct thaw_lint_values *values, const char *app,
                              struct thaw_error *error)
{
    inputs->configuration_path = "";
    if (!values->config)
        return find_configuration(inputs, app, error);
    inputs->configuration_path = values->config;
    return thaw_configuration_read(values->config, &inputs->configuration, error);
}

/* A file that thaw.json names is beside it, unless its path is whole. */
static const char *beside(struct thaw_lint_inputs *inputs, const char *file)
{
    const char *slash = strrchr(inputs->configuration_path, '/');

    if (!slash || *file == '/')
        return file;
    return thaw_arena_format(&inputs->arena, "%.*s/%s", (int)(slash - inputs->configuration_path),
                             inputs->configuration_path, file);
}

/* --- lists of the command line and of thaw.json --- */

static size_t length_of(const char *const *list)
{
    size_t count = 0;

    while (list && list[count])
        count++;
    return count;
}

/* Both, in this order; of thaw.json as files where are_files. NULL: memory is short. */
static const char *const *merged(struct thaw_lint_inputs *inputs,
                                 const struct thaw_option_texts *given, const char *const *written,
                                 bool are_files)
{
    size_t count = length_of(written);
    const char **list =
        thaw_arena_allocate(&inputs->arena, (given->count + count + 1) * sizeof(*list));

    if (!list)
        return NULL;
    memcpy(list, given->items, given->count * sizeof(*list));
    for (size_t i = 0; i < count; i++) {
        list[given->count + i] = are_files ? beside(inputs, written[i]) : written[i];
        if (!list[given->count + i])
            return NULL;
    }
    return list;
}

static int check_ids(const struct thaw_option_texts *ids, struct thaw_error *error)
{
    for (size_t i = 0; i < ids->count; i++) {
        struct thaw_closest closest = {.typed = ids->items[i]};
        size_t count;
        const struct thaw_lint_rule *const *rules = thaw_lint_rules(&count);

        if (thaw_lint_rule_find(ids->items[i]))
            continue;
        for (size_t k = 0; k < count; k++)
            thaw_closest_offer(&closest, rules[k]->kind.id);
        if (closest.name)
            return thaw_error_set(error, -EINVAL, "there is no rule '%s' (did you mean '%s'?)",
                                  ids->items[i], closest.name);
        return thaw_error_set(error, -EINVAL,
                              "there is no rule '%s'; `thaw explain list` names them",
                              ids->items[i]);
    }
    return 0;
}

static int check_python(const char *version, struct thaw_error *error)
{
    if (!version || thaw_lint_is_python_version(version))
        return 0;
    return thaw_error_set(error, -EINVAL, "'%.60s' is no version of Python such as 3.12", version);
}

/* --- what is checked --- */

static int choose_project(struct thaw_lint_inputs *inputs, const struct thaw_lint_values *values,
                          const char *app, struct thaw_error *error)
{
    const struct thaw_lint_settings *written = &inputs->configuration.lint;
    struct thaw_project_options *options = &inputs->options;
    /* As it was given; of one that was found the name is enough. */
    const char *file = values->config ? values->config : THAW_CONFIGURATION_NAME;

    *options = (struct thaw_project_options){
        .path = app,
        .settings = merged(inputs, &values->settings, written->settings, true),
        .templates = merged(inputs, &values->templates, written->templates, true),
        .settings_typed = values->settings.count,
        .templates_typed = values->templates.count,
        .plan = values->plan >= 0 ? thaw_lint_plan_names[values->plan] : written->plan,
        .python_version = values->python ? values->python : written->python,
        .plan_from = values->plan >= 0 ? NULL : file,
        .python_from = values->python ? NULL : file,
        .executable = values->interpreter,
    };

    return options->settings && options->templates ? 0 : thaw_error_memory(error);
}

/* The facts while an interpreter looks at the app's source: both take their time. */
static int read_project(struct thaw_lint_inputs *inputs, struct thaw_error *error)
{
    struct thaw_project_reading *reading;
    int code = thaw_project_begin(&inputs->options, &reading, error);

    if (code)
        return code;
    code = thaw_lint_facts_read(&inputs->facts, error);
    if (!code)
        return thaw_project_end(reading, &inputs->project, error);
    thaw_project_give_up(reading);
    return code;
}

static int read_recording(struct thaw_lint_inputs *inputs, const char *path,
                          struct thaw_error *error)
{
    int code = thaw_report_input_open(path, THAW_FROM_CONTENT, &inputs->input, error);

    if (code)
        return code;
    inputs->rendering.name = THAW_LINT_COMMAND;
    if (*inputs->configuration_path)
        inputs->rendering.configuration_path = inputs->configuration_path;
    code = thaw_report_input_load(&inputs->input, NULL, &inputs->rendering, error);
    if (!code && !json_is_object(json_object_get(inputs->rendering.report, "run")))
        return thaw_error_set(error, -EINVAL,
                              "%s is the report of a target, not of a recording: nothing was seen "
                              "to run",
                              path);
    return code;
}

static int ask(struct thaw_lint_inputs *inputs, const struct thaw_lint_values *values,
               struct thaw_error *error)
{
    const struct thaw_lint_settings *written = &inputs->configuration.lint;
    const char *profile = values->profile ? values->profile : written->profile;
    const char *fail_on =
        values->fail_on >= 0 ? thaw_lint_fail_levels[values->fail_on] : written->fail_on;

    inputs->fail_on = fail_on ? fail_on : thaw_lint_fail_levels[0];
    inputs->question = (struct thaw_lint_question){
        .project = inputs->project,
        .facts = inputs->facts,
        .recording = inputs->rendering.report,
        .recording_name = values->recording ? values->recording : "",
        .today = thaw_gate_today(&inputs->arena),
        .profile = profile ? thaw_lint_profile_find(profile) : thaw_lint_profiles(),
        .disabled = merged(inputs, &values->disable, written->disable, false),
        .suppressions = inputs->configuration.suppressions,
        .suppression_count = inputs->configuration.count,
        .suppressions_name = inputs->configuration_path,
        .settings = inputs->options.settings,
        .templates = inputs->options.templates,
    };
    return inputs->question.today && inputs->question.disabled ? 0 : thaw_error_memory(error);
}

int thaw_lint_inputs_read(const struct thaw_lint_values *values, const char *app,
                          struct thaw_lint_inputs *ret, struct thaw_error *error)
{
    int code = check_ids(&values->disable, error);

    if (!code)
        code = check_python(values->python, error);
    if (!code)
        code = read_configuration(ret, values, app, error);
    if (!code)
        code = choose_project(ret, values, app, error);
    if (!code)
        code = read_project(ret, error);
    if (!code && values->recording)
        code = read_recording(ret, values->recording, error);
    return code ? code : ask(ret, values, error);
}

void thaw_lint_inputs_free(struct thaw_lint_inputs *inputs)
{
    thaw_rendering_free(&inputs->rendering);
    thaw_report_input_free(&inputs->input);
    thaw_lint_facts_free(inputs->facts);
    thaw_project_free(inputs->project);
    thaw_configuration_free(&inputs->configuration);
    thaw_arena_free(&inputs->arena);
}
