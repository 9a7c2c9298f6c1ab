/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/gate_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/gate_change.h"
#include "cli/output.h"
#include "cli/recording.h"
#include "gate/side.h"
#include "report/keys.h"

#define NAME THAW_GATE_COMMAND
#define USUAL_MODE 0666

/* As the file has it, or as one that is made. */
static mode_t mode_of(const char *path)
{
    struct stat status;
    mode_t mask;

    if (stat(path, &status) == 0)
        return status.st_mode & 0777;
    mask = umask(0);
    umask(mask);
    return USUAL_MODE & ~mask;
}

/* --- the baseline --- */

static int replace_baseline(const char *path, const json_t *baseline, struct thaw_error *error)
{
    mode_t mode = mode_of(path);
    struct thaw_output output;
    int code = thaw_output_open(path, &output, error), closed;

    if (code)
        return code;
    code = thaw_gate_baseline_write(baseline, output.stream, error);
    if (!code && output.temporary && fchmod(fileno(output.stream), mode))
        code = thaw_error_system(error, -errno, "%s can't be written", path);
    closed = thaw_output_close(&output, !code, code ? NULL : error);
    return code ? code : closed;
}

/* What is compared with for weeks is made of runs that went well. */
static int check_runs(const struct thaw_gate_input *input, struct thaw_error *error)
{
    struct thaw_gate_side side = {0};
    int code = thaw_gate_side_measured(input, &side, error);

    for (size_t i = 0; !code && i < input->run_count; i++)
        if (side.left_out[i])
            code = thaw_error_set(error, -ECHILD, "no baseline is made of this: %s: %s",
                                  input->runs[i].name, side.left_out[i]);
    thaw_gate_side_free(&side);
    return code;
}

int thaw_gate_update(struct thaw_gate_plan *plan, struct thaw_error *error)
{
    const char *path = plan->baseline_path;
    const struct thaw_report_options style =
        thaw_output_style(plan->values->color, plan->values->width, stdout);
    json_t *baseline = NULL;
    int code = check_runs(&plan->head.input, error);

    if (!code)
        code = thaw_gate_baseline_build(&plan->head.input, &plan->configuration.budgets,
                                        plan->baseline, &baseline, error);
    if (!code && plan->baseline && json_equal(plan->baseline, baseline)) {
        thaw_complain(NAME, "%s says the same already: it is left as it is", path);
    } else if (!code) {
        code = replace_baseline(path, baseline, error);
        if (!code)
            code = thaw_gate_change_tell(plan->baseline, baseline, &style, stdout, error);
        if (!code)
            thaw_complain(NAME, "%s is %s; commit it", path,
                          plan->baseline ? "brought up to date" : "written");
    }
    json_decref(baseline);
    return code;
}

/* --- thaw.json --- */

/* The target as thaw.json has to name it, which is read in its own folder. */
static const char *target_in(struct thaw_gate_plan *plan, const char *target)
{
    char *whole, *folder;
    const char *within, *named = target;

    if (!target || *target == '/' || !*plan->config_folder)
        return target;
    whole = realpath(target, NULL);
    folder = realpath(plan->config_folder, NULL);
    within = whole && folder ? thaw_key_within(whole, folder) : NULL;
    if (within)
        named = thaw_arena_string(&plan->arena, *within ? within : ".");
    else if (whole)
        named = thaw_arena_string(&plan->arena, whole);
    free(whole);
    free(folder);
    return named;
}

/* Lists have an entry a line: it is edited by hand. */
static int write_json(const json_t *object, FILE *stream)
{
    const char *separator = "{\n", *key;
    json_t *value, *item;
    size_t i;

    json_object_foreach((json_t *)object, key, value)
    {
        fprintf(stream, "%s  \"%s\": ", separator, key);
        separator = ",\n";
        if (json_is_array(value) && json_array_size(value)) {
            json_array_foreach(value, i, item)
            {
                fputs(i ? ",\n    " : "[\n    ", stream);
                json_dumpf(item, stream, JSON_ENCODE_ANY);
            }
            fputs("\n  ]", stream);
        } else if (json_is_object(value) && json_object_size(value)) {
            const char *inner = "{\n", *name;

            json_object_foreach(value, name, item)
            {
                fprintf(stream, "%s    \"%s\": ", inner, name);
                json_dumpf(item, stream, JSON_ENCODE_ANY);
                inner = ",\n";
            }
            fputs("\n  }", stream);
        } else {
            json_dumpf(value, stream, JSON_ENCODE_ANY);
        }
    }
    fputs("\n}\n", stream);
    return ferror(stream) ? -EIO : 0;
}

/* A file that is there is never written to. */
static int create(const char *path, const json_t *object, struct thaw_error *error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, USUAL_MODE);
    FILE *stream = fd < 0 ? NULL : fdopen(fd, "w");
    int code = 0;

    if (fd < 0)
        return thaw_error_system(error, -errno, "%s can't be made", path);
    if (!stream) {
        close(fd);
        unlink(path);
        return thaw_error_memory(error);
    }
    errno = 0;
    code = write_json(object, stream);
    if (fclose(stream) && !code)
        code = -errno;
    if (!code)
        return 0;
    unlink(path);
    return thaw_error_system(error, code, "%s can't be written", path);
}

/* As it was given; a plain number of seconds has no unit. */
static int set_until(struct thaw_gate_plan *plan, json_t *settings)
{
    const char *text = plan->values->until;
    struct thaw_record_options end = {0};

    if (!text || thaw_recording_until(NAME, text, &end))
        return 0;
    if (end.until == THAW_UNTIL_DURATION)
        text = thaw_arena_format(&plan->arena, "%llums",
                                 (unsigned long long)(end.duration_ns / 1000000));
    return text ? json_object_set_new(settings, "until", json_string(text)) : -1;
}

int thaw_gate_init(struct thaw_gate_plan *plan, struct thaw_error *error)
{
    struct thaw_gate_input input = plan->head.input;
    const char *target = target_in(plan, plan->head.target_name);
    json_t *object = NULL;
    int code;

    if (plan->head.target_name && !target)
        return thaw_error_memory(error);
    input.target_name = target ? target : "";
    code = thaw_gate_first_budgets(&input, plan->command, &object, error);
    if (!code && plan->command && set_until(plan, json_object_get(object, "gate")))
        code = thaw_error_memory(error);
    if (!code)
        code = create(plan->config, object, error);
    if (!code)
        thaw_complain(NAME, "%s is written: %zu budgets, just above what was measured; edit it",
                      plan->config, json_array_size(json_object_get(object, "budgets")));
    json_decref(object);
    if (code)
        return code;
    thaw_configuration_free(&plan->configuration);
    return thaw_configuration_read(plan->config, &plan->configuration, error);
}
