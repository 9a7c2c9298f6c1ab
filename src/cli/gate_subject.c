/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/gate_subject.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/diff_trials.h"
#include "gate/owners.h"
#include "report/report_schema.h"
#include "shipped/sites.h"
#include "trial/repeat.h"

/* reports[]: the operand that is a target, and the one that is runs. */
enum { AS_TARGET, AS_RUNS };

static bool has_target(const json_t *report)
{
    return json_is_object(json_object_get(report, "target"));
}

static int refuse(const char *one, const char *other, const char *what, struct thaw_error *error)
{
    return thaw_error_set(error, -EINVAL, "%s and %s are both %s: a gate takes one", one, other,
                          what);
}

/* A report of a target may be one of a recording, too: then it is both. */
static int take(struct thaw_gate_subject *subject, const char *word,
                struct thaw_diff_operand *operand, struct thaw_error *error)
{
    const json_t *report = operand->target.report;
    bool runs =
        operand->is_recording || operand->runs.count || (report && thaw_diff_is_recording(report));
    bool target = report ? has_target(report) : !runs;

    if (target && subject->target_name)
        return refuse(subject->target_name, word, "what is shipped", error);
    if (runs && subject->runs)
        return refuse(subject->runs, word, "recordings", error);
    if (runs)
        subject->runs = word;
    if (target)
        subject->target_name = word;
    if (target && !report)
        subject->target = word;
    if (target && report)
        subject->target_report = report;
    subject->reports[runs ? AS_RUNS : AS_TARGET] = *operand;
    *operand = (struct thaw_diff_operand){0};
    return 0;
}

int thaw_gate_subject_look(struct thaw_gate_subject *subject, const char *const *words,
                           size_t count, struct thaw_error *error)
{
    int code = 0;

    for (size_t i = 0; i < count && !code; i++) {
        struct thaw_diff_operand operand = {0};

        code = thaw_diff_operand_look(subject->command, words[i], false, &operand, error);
        if (!code && operand.target.report)
            code = thaw_report_check_schema(words[i], operand.target.report, error);
        if (!code)
            code = take(subject, words[i], &operand, error);
        thaw_diff_operand_free(&operand);
    }
    return code;
}

static int add_run(struct thaw_gate_subject *subject, const char *name, const json_t *report,
                   struct thaw_error *error)
{
    struct thaw_gate_run *run = thaw_array_add(&subject->measured);

    if (!run)
        return thaw_error_memory(error);
    *run = (struct thaw_gate_run){name, report};
    return 0;
}

/* One more, hidden from those who look for trials as its times are void: if it is there. */
static int read_counting(struct thaw_gate_subject *subject, struct thaw_error *error)
{
    const char *path =
        thaw_arena_format(&subject->arena, "%s/" THAW_REPEAT_COUNTING, subject->runs);
    int code;

    if (!path)
        return thaw_error_memory(error);
    if (!thaw_deps_is_recording(path))
        return 0;
    code = thaw_diff_recording(path, &subject->counting, error);
    return code ? code : add_run(subject, path, subject->counting, error);
}

int thaw_gate_subject_read_runs(struct thaw_gate_subject *subject, struct thaw_error *error)
{
    struct thaw_diff_operand *operand = &subject->reports[AS_RUNS];
    int code = 0;

    if (!subject->runs)
        return 0;
    if (subject->trials) {
        code = thaw_diff_trials(subject->command, subject->runs, true, operand, error);
        code = code < 0 ? code : 0;
    } else if (operand->is_recording && !operand->target.report) {
        code = thaw_diff_recording(subject->runs, &operand->target.report, error);
    }
    if (!code && operand->target.report)
        code = add_run(subject, subject->runs, operand->target.report, error);
    for (size_t i = 0; i < operand->runs.count && !code; i++)
        code = add_run(subject, operand->runs.items[i].name, operand->runs.items[i].report, error);
    return code || !operand->runs.count ? code : read_counting(subject, error);
}

int thaw_gate_subject_read_target(struct thaw_gate_subject *subject, struct thaw_error *error)
{
    int code;

    if (!subject->target)
        return 0;
    subject->shipped.target.options = (struct thaw_shipped_options){.root = "", .library_path = ""};
    code = thaw_target_report_load(subject->command, subject->target, 0, NULL, &subject->shipped,
                                   error);
    subject->target_report = subject->shipped.report;
    return code;
}

static const char *owner_of(void *context, const char *module)
{
    const struct thaw_shipped *shipped = context;
    char package[2048];
    uint32_t owner = THAW_SHIPPED_NONE;

    if (snprintf(package, sizeof(package), "%s.__init__", module) < (int)sizeof(package))
        owner = thaw_sites_of_module(shipped, package);
    if (owner == THAW_SHIPPED_NONE)
        owner = thaw_sites_of_module(shipped, module);
    return owner == THAW_SHIPPED_NONE ? NULL : shipped->distributions[owner].name;
}

int thaw_gate_subject_name_owners(struct thaw_gate_subject *subject, struct thaw_error *error)
{
    int code = 0;

    for (size_t i = 0; subject->shipped.shipped && i < subject->measured.count && !code; i++)
        code = thaw_gate_name_owners((json_t *)subject->measured.items[i].report,
                                     subject->target_report, owner_of, subject->shipped.shipped);
    return code ? thaw_error_memory(error) : 0;
}

void thaw_gate_subject_free(struct thaw_gate_subject *subject)
{
    thaw_array_free(&subject->measured);
    thaw_array_free(&subject->instructions);
    for (int i = 0; i < 2; i++)
        thaw_diff_operand_free(&subject->reports[i]);
    json_decref(subject->counting);
    thaw_target_report_free(&subject->shipped);
    thaw_arena_free(&subject->arena);
}
